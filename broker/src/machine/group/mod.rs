//! Consumer groups: the classic protocol (members, generations, assignments) and committed offsets.
//!
//! A group's task feeds events in and does the actions that come out. Time is monotonic milliseconds for sessions
//! and rebalances, wall-clock milliseconds for offset expiry, both given as values.

pub mod classic;
#[cfg(test)]
mod classic_test;
mod join;
pub mod offsets;
mod sync;

pub use classic::{Action, Group, GroupState, JoinAnswer, JoinRequest, MemberView, Persist, SyncAnswer};
pub use offsets::{CommittedOffset, Offsets};

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

pub type GroupResult<T> = Result<T, ErrorCode>;
