//! OffsetFetch (9), versions 1-10. A group's committed positions; several groups at once from version 8.
//!
//! Like Kafka: no commit is offset -1 without an error; null topics mean all. No transaction can hold an offset
//! back in this version, so "require stable" changes nothing.

use crate::broker::Broker;
use crate::coordinator::{Call, OffsetList};
use crate::dispatch::Head;
use crate::machine::group::CommittedOffset;
use protocol::ids::TopicId;
use protocol::message::k09_offset_fetch::request::OffsetFetchRequestGroup;
use protocol::message::k09_offset_fetch::response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use protocol::message::k09_offset_fetch::{OffsetFetchRequest, OffsetFetchResponse};
use protocol::{ErrorCode, Str, Uuid};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is asked for: the answer grows with it.
pub fn items(q: &OffsetFetchRequest) -> usize {
    let of_groups = q
        .groups
        .iter()
        .map(|g| 1 + g.topics.iter().flatten().map(|t| 1 + t.partition_indexes.len()).sum::<usize>());
    let of_one = q.topics.iter().flatten().map(|t| 1 + t.partition_indexes.len());
    of_groups.chain(of_one).sum()
}

/// Offsets of a group by topic and partition.
type Known<'a> = BTreeMap<(&'a str, i32), &'a CommittedOffset>;

fn partition(known: &Known<'_>, topic: &str, index: i32) -> OffsetFetchResponsePartitions {
    let found = known.get(&(topic, index));
    OffsetFetchResponsePartitions {
        partition_index: index,
        committed_offset: found.map_or(-1, |o| o.offset),
        committed_leader_epoch: found.map_or(-1, |o| o.leader_epoch),
        metadata: Some(found.map(|o| Str::from(&o.metadata)).unwrap_or_default()),
        error_code: 0,
    }
}

/// Topics of a list, each once, with their partitions.
fn all(broker: &Broker, list: &OffsetList) -> Vec<(String, Uuid, Vec<i32>)> {
    let mut out: Vec<(String, Uuid, Vec<i32>)> = Vec::new();
    for (t, p, _) in list {
        match out.last_mut() {
            Some((name, _, ps)) if name == t => ps.push(*p),
            _ => {
                let id = broker.replicas.by_name(t).map_or(Uuid::ZERO, |e| e.id.0);
                out.push((t.clone(), id, vec![*p]));
            }
        }
    }
    out
}

async fn group(broker: &Broker, version: i16, g: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
    let name = g.group_id.to_string();
    let mut a = OffsetFetchResponseGroup { group_id: g.group_id.clone(), ..Default::default() };
    let list = match broker.groups.ask(|reply| Call::Offsets { group: name, reply }).await {
        Ok(l) => l,
        Err(e) => {
            a.error_code = e.0;
            return a;
        }
    };
    let mut seen: BTreeSet<(Uuid, Str, i32)> = BTreeSet::new();
    let known: Known<'_> = list.iter().map(|(t, p, o)| ((t.as_str(), *p), o)).collect();
    a.topics = match &g.topics {
        None => all(broker, &list)
            .into_iter()
            // Version 10 names topics by id: one that is gone has none.
            .filter(|(_, id, _)| version < 10 || !id.is_zero())
            .map(|(name, id, ps)| OffsetFetchResponseTopics {
                partitions: ps.iter().map(|p| partition(&known, &name, *p)).collect(),
                name: Str::from(name),
                topic_id: id,
            })
            .collect(),
        Some(topics) => topics
            .iter()
            .map(|t| {
                let entry = if version >= 10 { broker.replicas.by_id(TopicId(t.topic_id)) } else { None };
                let name = entry.as_ref().map_or_else(|| t.name.to_string(), |e| e.name.to_string());
                // Each partition once: its metadata may be long, its number is not.
                let fresh =
                    t.partition_indexes.iter().filter(|p| seen.insert((t.topic_id, t.name.clone(), **p)));
                let partitions = fresh.map(|p| {
                    let mut x = partition(&known, &name, *p);
                    if version >= 10 && entry.is_none() {
                        x.error_code = ErrorCode::UNKNOWN_TOPIC_ID.0;
                    }
                    x
                });
                OffsetFetchResponseTopics {
                    name: t.name.clone(),
                    topic_id: t.topic_id,
                    partitions: partitions.collect(),
                }
            })
            .collect(),
    };
    a
}

/// The form of versions 1-7: one group, its topics at the top.
fn single(g: OffsetFetchResponseGroup) -> OffsetFetchResponse {
    let topics = g
        .topics
        .into_iter()
        .map(|t| OffsetFetchResponseTopic {
            name: t.name,
            partitions: t
                .partitions
                .into_iter()
                .map(|p| OffsetFetchResponsePartition {
                    partition_index: p.partition_index,
                    committed_offset: p.committed_offset,
                    committed_leader_epoch: p.committed_leader_epoch,
                    metadata: p.metadata,
                    error_code: p.error_code,
                })
                .collect(),
        })
        .collect();
    OffsetFetchResponse { topics, error_code: g.error_code, ..Default::default() }
}

pub async fn handle(broker: Arc<Broker>, head: Head, q: OffsetFetchRequest) -> OffsetFetchResponse {
    if head.version >= 8 {
        let mut groups = Vec::with_capacity(q.groups.len());
        let mut seen = BTreeSet::new();
        for g in q.groups.iter().filter(|g| seen.insert(&g.group_id)) {
            groups.push(group(&broker, head.version, g).await);
        }
        return OffsetFetchResponse { groups, ..Default::default() };
    }
    use protocol::message::k09_offset_fetch::request::OffsetFetchRequestTopics;
    let topics = q.topics.map(|ts| {
        ts.into_iter()
            .map(|t| OffsetFetchRequestTopics {
                name: t.name,
                partition_indexes: t.partition_indexes,
                ..Default::default()
            })
            .collect()
    });
    let g = OffsetFetchRequestGroup { group_id: q.group_id, topics, ..Default::default() };
    single(group(&broker, head.version, &g).await)
}
