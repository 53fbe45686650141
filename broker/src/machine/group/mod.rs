//! Consumer groups: the classic protocol (members, generations, assignments) and committed offsets.
//!
//! The coordinator's machine feeds events in and does the actions that come out. Time is monotonic milliseconds for sessions
//! and rebalances, wall-clock milliseconds for offset expiry, both given as values.

pub mod classic;
#[cfg(test)]
mod classic_test;
pub mod in_flight;
mod join;
pub mod offsets;
mod sync;

pub use classic::{Action, Group, GroupState, JoinAnswer, JoinRequest, MemberView, Persist, SyncAnswer};
pub use offsets::{CommittedOffset, Offsets};

use bytes::Bytes;
use protocol::ErrorCode;

/// Monotonic and wall-clock milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub mono_ms: i64,
    pub wall_ms: i64,
}

/// Limits and times of groups, from the broker's configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    pub min_session_timeout_ms: i32,
    pub max_session_timeout_ms: i32,
    pub initial_rebalance_delay_ms: i32,
    pub max_size: usize,
    pub offsets_retention_ms: i64,
}

impl Default for GroupConfig {
    fn default() -> Self {
        GroupConfig {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            initial_rebalance_delay_ms: 0,
            max_size: 1_000,
            offsets_retention_ms: 7 * 24 * 3600 * 1000,
        }
    }
}

/// Bytes of a member beside its own texts.
const MEMBER_OVERHEAD: usize = 512;

fn bytes_of(protocols: &[(String, Bytes)]) -> usize {
    protocols.iter().map(|(n, m)| n.len() + m.len() + 64).sum()
}

impl JoinRequest {
    /// About what a group will hold of this member in memory.
    pub fn bytes(&self) -> usize {
        let instance = self.instance_id.as_ref().map_or(0, String::len);
        MEMBER_OVERHEAD + 2 * instance + self.client_id.len() + bytes_of(&self.protocols)
    }
}

impl<T> Group<T> {
    /// About what the members hold in memory.
    pub fn bytes(&self) -> usize {
        let awaited: usize = self.awaited.keys().map(|id| id.len() + 64).sum();
        let members = self.members.iter().map(|(id, m)| {
            let instance = m.instance_id.as_ref().map_or(0, String::len);
            let texts = 2 * id.len() + 2 * instance + m.client_id.len() + m.assignment.len();
            MEMBER_OVERHEAD + texts + bytes_of(&m.protocols)
        });
        awaited + members.sum::<usize>()
    }
}

pub type GroupResult<T> = Result<T, ErrorCode>;
