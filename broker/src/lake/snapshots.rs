//! From a table's snapshots to offsets and back: `lipno lake offsets`, `snapshot` and `seek`.
//!
//! Invariant: offsets are those that the snapshot's own summary names. Called by the HTTP listener.

use super::{Lake, read};
use crate::broker::Broker;
use crate::coordinator::{Call, CommitItem, CommitRequest};
use crate::handler::k02_list_offsets;
use crate::replicas::TopicEntry;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tiering::iceberg::metadata::{OFFSETS, STARTS, Snapshot, TableMetadata, parse_offsets};

/// Why there is no answer, and whether another question would have one.
#[derive(Debug)]
pub enum NoAnswer {
    NotFound(String),
    Refused(String),
    Unavailable(String),
}

/// A snapshot, and where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotEnd {
    pub snapshot_id: i64,
    pub sequence_number: i64,
    pub timestamp_ms: i64,
    /// Next offset of each partition: all rows of the snapshot are below.
    pub offsets: BTreeMap<i32, i64>,
}

fn end_of(s: &Snapshot) -> Option<SnapshotEnd> {
    Some(SnapshotEnd {
        snapshot_id: s.snapshot_id,
        sequence_number: s.sequence_number,
        timestamp_ms: s.timestamp_ms,
        offsets: parse_offsets(s.summary.get(OFFSETS)?)?,
    })
}

/// The table's metadata as it is now.
pub async fn metadata(broker: &Broker, lake: &Lake, topic: &TopicEntry) -> Result<TableMetadata, NoAnswer> {
    let image = broker.metadata.image();
    let table = image.lake.get(&topic.id).filter(|t| !t.metadata.is_empty());
    let table =
        table.ok_or_else(|| NoAnswer::NotFound(format!("topic {} has no snapshot yet", topic.name)))?;
    let store = lake.store().map_err(NoAnswer::Unavailable)?;
    read::metadata(&store, table).await.map_err(NoAnswer::Unavailable)
}

/// Where a snapshot ends. Without one: the current one.
pub fn offsets(m: &TableMetadata, snapshot: Option<i64>) -> Result<SnapshotEnd, NoAnswer> {
    let found = match snapshot {
        Some(id) => m.snapshots.iter().find(|s| s.snapshot_id == id),
        None => m.current(),
    };
    let found = found.ok_or_else(|| match snapshot {
        Some(id) => NoAnswer::NotFound(format!("the table has no snapshot {id}; it may have expired")),
        None => NoAnswer::NotFound("the table has no snapshot yet".into()),
    })?;
    end_of(found)
        .ok_or_else(|| NoAnswer::NotFound(format!("snapshot {} names no offsets", found.snapshot_id)))
}

/// The first snapshot that there still is and that reaches over an offset, of a partition with these gaps.
pub fn containing(
    m: &TableMetadata,
    gaps: &[(i64, i64)],
    partition: i32,
    offset: i64,
) -> Result<SnapshotEnd, NoAnswer> {
    if let Some((from, to)) = gaps.iter().find(|(from, to)| (*from..*to).contains(&offset)) {
        return Err(NoAnswer::NotFound(format!(
            "no snapshot has offset {offset} of partition {partition}: the log had lost {from} to {} before they were converted",
            to - 1
        )));
    }
    // Rows that lake.retention.ms took out are still in older snapshots, as long as there are some.
    let start = |s: &Snapshot| parse_offsets(s.summary.get(STARTS)?)?.get(&partition).copied();
    let has = |s: &&Snapshot| {
        let next = end_of(s).and_then(|e| e.offsets.get(&partition).copied());
        next.is_some_and(|next| next > offset) && start(s).is_none_or(|start| start <= offset)
    };
    m.snapshots.iter().find(has).and_then(end_of).ok_or_else(|| {
        let why = match m.current().and_then(start) {
            Some(start) if offset < start => {
                format!(
                    "lake.retention.ms took rows below {start} out, and the snapshots that had them are gone"
                )
            }
            _ => "it is not committed yet".into(),
        };
        NoAnswer::NotFound(format!("no snapshot has offset {offset} of partition {partition}: {why}"))
    })
}

/// The offset of the first record at or after a time.
pub async fn offset_of_time(topic: &TopicEntry, partition: i32, time_ms: i64) -> Result<i64, NoAnswer> {
    let replica = topic.partition(partition).ok_or_else(|| no_partition(topic, partition))?;
    match k02_list_offsets::offset_of_time(replica, time_ms).await {
        Ok(Some(offset)) => Ok(offset),
        Ok(None) => {
            Err(NoAnswer::NotFound(format!("partition {partition} has no record at or after {time_ms}")))
        }
        Err(e) => Err(NoAnswer::Unavailable(format!("looking the time up: error code {}", e.0))),
    }
}

pub fn no_partition(topic: &TopicEntry, partition: i32) -> NoAnswer {
    NoAnswer::NotFound(format!("topic {} has no partition {partition}", topic.name))
}

/// Sets a group to a snapshot's end. As with Kafka's own reset, nobody may be in the group.
pub async fn seek(
    broker: &Arc<Broker>,
    topic: &TopicEntry,
    end: &SnapshotEnd,
    group: String,
) -> Result<(), NoAnswer> {
    let item = |(partition, offset): (&i32, &i64)| CommitItem {
        topic: topic.name.to_string(),
        partition: *partition,
        offset: *offset,
        leader_epoch: -1,
        metadata: String::new(),
    };
    let request = CommitRequest {
        generation: -1,
        retention_ms: -1,
        items: end.offsets.iter().map(item).collect(),
        ..CommitRequest::default()
    };
    let name = group.clone();
    let code = broker.groups.ask(|reply| Call::Commit { group, request, reply }).await.unwrap_or_else(|e| e);
    if code.is_ok() {
        return Ok(());
    }
    Err(NoAnswer::Refused(format!(
        "group {name} was not set (error code {}): stop its consumers first, or wait for the coordinator",
        code.0
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiering::iceberg::expire::Retention;
    use tiering::iceberg::metadata::{Append, Removed};
    use tiering::typed::Columns;

    fn append(n: i64, starts: BTreeMap<i32, i64>) -> Append {
        Append {
            snapshot_id: n,
            now_ms: n * 10,
            manifest_list: String::new(),
            files: 0,
            rows: 0,
            bytes: 0,
            offsets: [(0, n * 100), (1, n)].into(),
            columns: Columns::default(),
            removed: Removed::default(),
            starts,
        }
    }

    #[test]
    fn snapshots_know_their_offsets() {
        let mut m =
            TableMetadata::new("0a1b2c3d-0000-4000-8000-000000000001", "file:///lake/t", 1, "t", "id");
        assert!(matches!(offsets(&m, None), Err(NoAnswer::NotFound(_))));
        let contains = |m: &TableMetadata, partition, offset| containing(m, &[], partition, offset);
        for n in 1..=3 {
            m = m.append(&append(n, BTreeMap::new()), None, &Retention::default());
        }
        assert_eq!(offsets(&m, Some(2)).unwrap().offsets, [(0, 200), (1, 2)].into());
        assert_eq!(offsets(&m, None).unwrap().snapshot_id, 3);
        assert_eq!(contains(&m, 0, 99).unwrap().snapshot_id, 1);
        assert_eq!(contains(&m, 0, 100).unwrap().snapshot_id, 2);
        assert!(
            contains(&m, 0, 300).is_err() && contains(&m, 7, 0).is_err() && offsets(&m, Some(9)).is_err()
        );
        let gap = containing(&m, &[(90, 110)], 0, 99).unwrap_err();
        assert!(matches!(gap, NoAnswer::NotFound(why) if why.contains("lost 90 to 109")));
        // Two commits on, rows below 150 are taken out, and the first snapshots are forgotten.
        m = m.append(&append(4, [(0, 150)].into()), None, &Retention::default());
        m = m.append(&append(5, BTreeMap::new()), None, &Retention::default());
        assert_eq!(contains(&m, 0, 120).unwrap().snapshot_id, 2, "an older one still has it");
        assert_eq!(contains(&m, 0, 399).unwrap().snapshot_id, 4);
        m.snapshots.retain(|s| s.snapshot_id > 3);
        assert_eq!(contains(&m, 0, 150).unwrap().snapshot_id, 4);
        let gone = contains(&m, 0, 149).unwrap_err();
        assert!(matches!(gone, NoAnswer::NotFound(why) if why.contains("below 150")));
    }
}
