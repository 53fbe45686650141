//! The group coordinator: one task owns all groups; others hold a handle.
//!
//! Invariants: a change is answered and visible only once its record is below the high watermark of the offsets
//! topic; records of one group lie in one partition in the order in which they were decided; a failed append
//! changes nothing. `records` is the log's form, `load` reads it back, `task` is the loop.

pub mod load;
pub mod records;
mod task;

use crate::machine::group::{CommittedOffset, JoinAnswer, JoinRequest, MemberView, SyncAnswer};
use bytes::Bytes;
use protocol::ErrorCode;
use tokio::sync::{mpsc, oneshot};

pub use task::run;

/// Calls that wait for the task; more callers wait at the door.
const CALLS_MAX: usize = 4096;

#[derive(Debug, Default)]
pub struct SyncRequest {
    pub generation: i32,
    pub member_id: String,
    pub instance_id: Option<String>,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub assignments: Vec<(String, Bytes)>,
}

#[derive(Debug)]
pub struct CommitItem {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub leader_epoch: i32,
    pub metadata: String,
}

#[derive(Debug, Default)]
pub struct CommitRequest {
    pub generation: i32,
    pub member_id: String,
    pub instance_id: Option<String>,
    /// Only clients before version 5 ask for one; -1 otherwise.
    pub retention_ms: i64,
    pub items: Vec<CommitItem>,
}

/// A group for DescribeGroups and ListGroups.
#[derive(Debug, Clone)]
pub struct GroupView {
    pub group: String,
    pub state: &'static str,
    pub protocol_type: String,
    pub protocol: String,
    pub members: Vec<MemberView>,
}

/// (topic, partition, offset) of a group.
pub type OffsetList = Vec<(String, i32, CommittedOffset)>;

pub enum Call {
    Join {
        group: String,
        request: Box<JoinRequest>,
        reply: oneshot::Sender<JoinAnswer>,
    },
    Sync {
        group: String,
        request: SyncRequest,
        reply: oneshot::Sender<SyncAnswer>,
    },
    Heartbeat {
        group: String,
        member: String,
        instance: Option<String>,
        generation: i32,
        reply: oneshot::Sender<ErrorCode>,
    },
    /// Member id and instance id of each leaver; one code each.
    Leave {
        group: String,
        members: Vec<(String, Option<String>)>,
        reply: oneshot::Sender<Vec<ErrorCode>>,
    },
    Commit {
        group: String,
        request: CommitRequest,
        reply: oneshot::Sender<ErrorCode>,
    },
    Offsets {
        group: String,
        reply: oneshot::Sender<OffsetList>,
    },
    Describe {
        group: String,
        reply: oneshot::Sender<Option<GroupView>>,
    },
    List {
        reply: oneshot::Sender<Vec<GroupView>>,
    },
    Delete {
        group: String,
        reply: oneshot::Sender<ErrorCode>,
    },
    /// All committed offsets by group, for the lag metric.
    AllOffsets {
        reply: oneshot::Sender<Vec<(String, OffsetList)>>,
    },
    TopicDeleted {
        topic: String,
    },
}

impl Call {
    /// The group that the call is about.
    pub fn group(&self) -> Option<&str> {
        match self {
            Call::Join { group, .. }
            | Call::Sync { group, .. }
            | Call::Heartbeat { group, .. }
            | Call::Leave { group, .. }
            | Call::Commit { group, .. }
            | Call::Offsets { group, .. }
            | Call::Describe { group, .. }
            | Call::Delete { group, .. } => Some(group),
            Call::List { .. } | Call::AllOffsets { .. } | Call::TopicDeleted { .. } => None,
        }
    }
}

/// A cheap handle on the coordinator's task.
#[derive(Clone)]
pub struct Groups {
    calls: mpsc::Sender<Call>,
}

impl Groups {
    pub fn channel() -> (Groups, mpsc::Receiver<Call>) {
        let (calls, rx) = mpsc::channel(CALLS_MAX);
        (Groups { calls }, rx)
    }

    /// Sends a call and waits; 15 if the coordinator is gone or still loading.
    pub async fn ask<T>(&self, make: impl FnOnce(oneshot::Sender<T>) -> Call) -> Result<T, ErrorCode> {
        let (tx, rx) = oneshot::channel();
        let gone = |_| ErrorCode::COORDINATOR_NOT_AVAILABLE;
        self.calls.send(make(tx)).await.map_err(|_| gone(()))?;
        rx.await.map_err(|_| gone(()))
    }

    /// Tells without waiting; dropped if the coordinator is overloaded (the next expiry check catches up).
    pub fn tell(&self, call: Call) {
        drop(self.calls.try_send(call));
    }
}
