//! The metadata image: what all brokers agree on, immutable once published.
//!
//! Invariants: ids are never reused; a topic's partitions are numbered without gaps; leader epochs only grow.
//! Topics and tables are `Arc`s, so that a new image shares what did not change. Read by every handler.

use protocol::ids::{BrokerId, LeaderEpoch, TopicId, Uuid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    pub cluster_id: String,
    pub brokers: BTreeMap<BrokerId, Broker>,
    #[serde(with = "pairs")]
    pub topics: BTreeMap<TopicId, Arc<Topic>>,
    pub names: BTreeMap<String, TopicId>,
    #[serde(with = "pairs")]
    pub configs: BTreeMap<Resource, Arc<BTreeMap<String, String>>>,
    pub next_producer_id: i64,
    #[serde(with = "pairs")]
    pub lake: BTreeMap<TopicId, Arc<LakeTable>>,
    /// The topics that were deleted last, oldest first. A log of a topic that is neither here nor above proves that
    /// metadata was lost.
    #[serde(default)]
    pub deleted: Vec<TopicId>,
    /// Number of applied commands: grows with every change.
    pub version: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broker {
    /// One for each start of the process.
    pub incarnation: Uuid,
    /// Grows with each registration.
    pub epoch: i64,
    pub listeners: Vec<Listener>,
    pub rack: Option<String>,
    pub log_dirs: Vec<Uuid>,
    /// The Raft node that runs in this broker.
    pub raft_node: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    pub name: String,
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub id: TopicId,
    pub name: String,
    pub partitions: Vec<Partition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    pub replicas: Vec<BrokerId>,
    pub isr: Vec<BrokerId>,
    pub elr: Vec<BrokerId>,
    pub leader: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub partition_epoch: i32,
}

/// What a config belongs to. An empty broker name is the default for all brokers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Resource {
    Topic(String),
    Broker(String),
}

/// A topic's table in the lake. A partition without an entry has no committed rows yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeTable {
    pub table: String,
    /// Its topic was deleted with `lake.on.topic.delete=drop`: its files are being removed.
    #[serde(default)]
    pub dropped: bool,
    /// Path below the lake's root.
    pub location: String,
    /// Next offset of each partition.
    pub offsets: BTreeMap<i32, i64>,
    /// Where the current metadata file is, below the lake's root; empty before the first.
    #[serde(default)]
    pub metadata: String,
    /// Number of commits.
    #[serde(default)]
    pub version: u64,
    /// Typed columns, in the order of their ids.
    #[serde(default)]
    pub columns: Vec<LakeColumn>,
    /// Offsets [start, end) of each partition that the log had lost before they could be committed.
    #[serde(default)]
    pub gaps: BTreeMap<i32, Vec<(i64, i64)>>,
    /// Moves together with the table.
    #[serde(default)]
    pub dead_letters: Option<DeadLetters>,
    /// A rebuild that was begun and has not taken the table's place yet.
    #[serde(default)]
    pub rebuild: Option<LakeRebuild>,
}

/// New files for rows that a table has, as far as they are: a table of their own that nobody sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeRebuild {
    /// Where its metadata is, below the lake's root: its name, too.
    pub location: String,
    /// What the rows are rebuilt as; another format begins another rebuild.
    pub format: String,
    /// Where its current metadata file is; empty before the first.
    pub metadata: String,
    /// Number of commits.
    pub version: u64,
    /// Next offset of each partition.
    pub offsets: BTreeMap<i32, i64>,
    /// From these offsets on, rows were made from the log, those before from older files.
    pub log_from: BTreeMap<i32, i64>,
}

/// The table of a topic's records that did not parse, `<table>_dlq`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetters {
    pub table: String,
    /// Path below the lake's root.
    pub location: String,
    pub metadata: String,
}

/// A typed column of a table. Never changed or removed; its id is never used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeColumn {
    pub id: i32,
    pub name: String,
    /// Keys on the way to the value, from the outermost object.
    pub path: Vec<String>,
    /// Iceberg's name of the type.
    pub kind: String,
}

impl Image {
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topics.get(self.names.get(name)?)
    }

    /// Config values set for a topic.
    pub fn topic_configs(&self, name: &str) -> Option<&Arc<BTreeMap<String, String>>> {
        self.configs.get(&Resource::Topic(name.to_string()))
    }
}

/// Maps with keys that JSON does not allow as names are written as lists of pairs.
mod pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        s.collect_seq(map.iter())
    }

    pub fn deserialize<'de, K, V, D>(d: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(d)?.into_iter().collect())
    }
}
