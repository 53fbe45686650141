//! Every change of cluster metadata that can be proposed, and what comes of it.
//!
//! Invariant: a command carries all that is random or read from a clock (ids, times), so that applying it gives
//! the same state everywhere. Stored in the Raft log as JSON: fields may be added with a default, never renamed.

use crate::image::{Broker, DeadLetters, Resource};
use protocol::ids::{BrokerId, TopicId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Once, by the node that formats the cluster. Later ones change nothing.
    FormatCluster { cluster_id: String },
    /// A broker started: its address, its log dirs, a fresh incarnation.
    RegisterBroker { id: BrokerId, broker: Broker },
    CreateTopic {
        name: String,
        id: TopicId,
        /// Replicas of each partition, the preferred leader first.
        assignment: Vec<Vec<BrokerId>>,
        configs: Vec<(String, String)>,
    },
    DeleteTopic {
        id: TopicId,
        /// The topic's table goes, too (`lake.on.topic.delete=drop`).
        #[serde(default)]
        drop_table: bool,
    },
    /// Adds partitions behind the existing ones, if there are still as many as the proposer saw.
    CreatePartitions {
        id: TopicId,
        added: Vec<Vec<BrokerId>>,
        #[serde(default)]
        have: Option<usize>,
    },
    /// Sets (`Some`) or removes (`None`) config values of one resource. A topic's only while it is the one that the
    /// proposer saw: another of its name may have come meanwhile.
    AlterConfigs {
        resource: Resource,
        #[serde(default)]
        topic: Option<TopicId>,
        changes: Vec<(String, Option<String>)>,
    },
    /// A block of producer ids for a broker.
    AllocateProducerIds { count: i64 },
    /// The lake's table of a topic: where it lives. Changes nothing if the topic has one.
    CreateLakeTable { topic: TopicId, table: String, location: String },
    /// Rows of a partition up to `to` are in the lake, in files that no metadata names: what logs of before the first
    /// Iceberg tables hold. Accepted only from the offset that was committed last (CAS).
    CommitLake { topic: TopicId, partition: i32, from: Option<i64>, to: i64 },
    /// A new state of a topic's table. Accepted only on top of the version that the proposer saw (CAS); all of it or
    /// nothing.
    CommitLakeTable {
        topic: TopicId,
        /// The table's version before.
        base: u64,
        /// Where the new metadata file is, below the lake's root.
        metadata: String,
        #[serde(default)]
        moves: Vec<LakeMove>,
        /// The new state of the table of dead letters, if this commit changes it.
        #[serde(default)]
        dead_letters: Option<DeadLetters>,
        /// Location of the rebuild whose files this commit takes in: it ends with it.
        #[serde(default)]
        rebuild: Option<String>,
    },
    /// Begins a rebuild of a table, unless one of this format is there already. One of another format is given up.
    StartLakeRebuild { topic: TopicId, location: String, format: String },
    /// A new state of a rebuild, by compare-and-set on its version.
    CommitLakeRebuild {
        topic: TopicId,
        location: String,
        base: u64,
        metadata: String,
        partition: i32,
        to: i64,
        /// The rows were made from the log.
        from_log: Option<i64>,
    },
    /// Gives a rebuild up; its files are swept.
    EndLakeRebuild { topic: TopicId, location: String },
    /// A dropped table has no files any more.
    ForgetLakeTable { topic: TopicId },
    /// Typed columns of a table, if it still has as many as the proposer saw.
    AddLakeColumns { topic: TopicId, have: usize, columns: Vec<NewLakeColumn> },
}

/// One partition's rows of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeMove {
    pub partition: i32,
    /// The offset that was committed last.
    pub from: Option<i64>,
    /// First offset of these rows: above `from` if the log had lost what is between.
    pub start: i64,
    pub to: i64,
}

/// A typed column before it has an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLakeColumn {
    pub name: String,
    /// Keys on the way to the value, from the outermost object.
    pub path: Vec<String>,
    /// Iceberg's name of the type.
    pub kind: String,
}

/// Why a command changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("topic '{0}' already exists")]
    TopicExists(String),
    #[error("topic name '{0}' collides with '{1}': '.' and '_' must not be the only difference")]
    NameCollides(String, String),
    #[error("this topic does not exist")]
    UnknownTopic,
    #[error("the topic has {0} partitions already")]
    PartitionCount(usize),
    #[error("broker {0} is not registered")]
    UnknownBroker(i32),
    #[error("the lake's committed offset is {committed:?}, not {expected:?}")]
    LakeConflict { committed: Option<i64>, expected: Option<i64> },
    #[error("the lake's table is at version {version}, not {expected}")]
    LakeVersion { version: u64, expected: u64 },
    #[error("the lake's table has {have} typed columns, not {expected}")]
    LakeColumns { have: usize, expected: usize },
    #[error("the lake's table is in use")]
    LakeTableInUse,
    #[error("this rebuild of the lake's table is not under way any more")]
    LakeRebuildGone,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    #[default]
    Done,
    /// First id of the block.
    ProducerIds {
        first: i64,
        count: i64,
    },
    Refused(Refusal),
}
