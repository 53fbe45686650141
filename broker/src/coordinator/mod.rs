//! The group coordinator: one task owns all groups; others hold a handle.
//!
//! What it decides is in `machine::coordinator`. Invariant: records of one group lie in one partition in the order
//! in which they were decided. `records` is the log's form, `load` reads it back, `task` is the loop.

pub mod load;
pub mod records;
mod task;

pub use crate::machine::coordinator::{CommitItem, CommitRequest, GroupView, OffsetList, SyncRequest};
use crate::machine::group::{JoinAnswer, JoinRequest, SyncAnswer};
use protocol::ErrorCode;
use tokio::sync::{mpsc, oneshot};

pub use task::run;

/// Calls that wait for the task; more callers wait at the door.
const CALLS_MAX: usize = 4096;

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
    /// The broker stops: who waits for a rebalance is sent away.
    Drain,
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
            Call::List { .. } | Call::AllOffsets { .. } | Call::TopicDeleted { .. } | Call::Drain => None,
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

    /// Sends a call and waits, also while the coordinator is still loading; 15 if it is gone.
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
