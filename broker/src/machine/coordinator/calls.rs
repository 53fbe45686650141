//! What goes into the coordinator's machine and what comes out: requests, replies, records, appends.
//!
//! Plain values. The coordinator's task and the simulator make and take them.

use crate::machine::group::{CommittedOffset, JoinAnswer, JoinRequest, MemberView, Persist, SyncAnswer};
use bytes::Bytes;
use protocol::ErrorCode;

#[derive(Debug, Default)]
pub struct SyncRequest {
    pub generation: i32,
    pub member_id: String,
    pub instance_id: Option<String>,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub assignments: Vec<(String, Bytes)>,
}

#[derive(Clone, Debug)]
pub struct CommitItem {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub leader_epoch: i32,
    pub metadata: String,
}

#[derive(Clone, Debug, Default)]
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

#[derive(Debug)]
pub enum Request {
    Join {
        group: String,
        request: Box<JoinRequest>,
    },
    Sync {
        group: String,
        request: SyncRequest,
    },
    Heartbeat {
        group: String,
        member: String,
        instance: Option<String>,
        generation: i32,
    },
    /// Member id and instance id of each leaver; one code each.
    Leave {
        group: String,
        members: Vec<(String, Option<String>)>,
    },
    Commit {
        group: String,
        request: CommitRequest,
    },
    Offsets {
        group: String,
    },
    Describe {
        group: String,
    },
    List,
    Delete {
        group: String,
    },
    /// All committed offsets by group, for the lag metric.
    AllOffsets,
}

#[derive(Debug)]
pub enum Reply {
    Join(JoinAnswer),
    Sync(SyncAnswer),
    Code(ErrorCode),
    Codes(Vec<ErrorCode>),
    Offsets(OffsetList),
    Described(Option<GroupView>),
    Listed(Vec<GroupView>),
    AllOffsets(Vec<(String, OffsetList)>),
    /// The group's records cannot be read or written: 15 in every answer.
    Unavailable,
}

/// A record of the offsets topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// No offset: a tombstone.
    Offset {
        group: String,
        topic: String,
        partition: i32,
        offset: Option<CommittedOffset>,
    },
    Group {
        group: String,
        state: Option<Persist>,
    },
    /// A key of another kind (a newer group type): not ours to touch.
    Other,
}

#[derive(Debug)]
pub enum Effect<T> {
    Reply(T, Reply),
    /// To be appended as one batch to the group's partition; then `finish` must be told.
    Append {
        number: u64,
        group: String,
        entries: Vec<Entry>,
    },
}

/// How an append ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Below the high watermark.
    Stored,
    /// Nothing was written.
    Refused(ErrorCode),
    /// Written, but whether it lasts is unknown.
    Unknown,
}
