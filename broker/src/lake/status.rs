//! How far each table is behind its topic, and how large it is: `lipno lake status`.
//!
//! Invariant: what is told is of one moment of the record; a lag is never negative. Called by the HTTP listener.

use super::{Lake, read};
use crate::broker::Broker;
use crate::config::topic::LakeMode;
use crate::replicas::Replica;
use protocol::ids::TopicId;
use raft::LakeTable;
use serde::Serialize;
use std::sync::Arc;
use tiering::iceberg::metadata::TableMetadata;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// None for a table whose topic is gone.
    pub topic: Option<String>,
    pub topic_id: String,
    pub table: String,
    pub location: String,
    pub metadata: Option<String>,
    pub mode: &'static str,
    pub version: u64,
    pub partitions: usize,
    /// Records that could be in the table and are not, over all partitions.
    pub lag_offsets: i64,
    /// Age of the oldest of these.
    pub lag_ms: i64,
    pub lag_bytes: u64,
    pub rows: i64,
    pub files: i64,
    pub bytes: i64,
    pub columns: usize,
    pub snapshots: usize,
    pub last_commit_ms: Option<i64>,
    pub dead_letters: i64,
    /// Ranges of offsets that the log had lost before they were converted.
    pub gaps: usize,
    /// Why the table's metadata could not be read.
    pub error: Option<String>,
}

/// What one partition has and its table does not.
fn lag(p: &Replica, committed: Option<i64>, now_ms: i64) -> (i64, i64, u64) {
    let ends = p.ends();
    let end = ends.high_watermark.min(ends.last_stable);
    let from = committed.unwrap_or(ends.log_start).max(ends.log_start);
    if from >= end {
        return (0, 0, 0);
    }
    let age_ms = match p.reader().batch_at(from, end) {
        Ok(Some(b)) => now_ms.saturating_sub(b.append_ms).max(0),
        // The log moves on beneath us; the next look tells.
        Ok(None) | Err(_) => 0,
    };
    (end - from, age_ms, p.reader().available(from, end, u64::MAX).unwrap_or(0))
}

fn of_topic(broker: &Broker, id: TopicId, table: Option<&LakeTable>) -> Status {
    let mut s = Status { topic_id: id.to_string(), mode: "off", ..Status::default() };
    if let Some(t) = table {
        s.table.clone_from(&t.table);
        s.location.clone_from(&t.location);
        (s.version, s.columns) = (t.version, t.columns.len());
        s.gaps = t.gaps.values().map(Vec::len).sum();
    }
    let Some(entry) = broker.replicas.by_id(id) else { return s };
    s.topic = Some(entry.name.to_string());
    s.partitions = entry.partitions.len();
    if entry.config.load().lake_mode == LakeMode::Copy {
        s.mode = "copy";
    }
    let now_ms = broker.clock.now().wall_ms;
    for p in &entry.partitions {
        let committed = table.and_then(|t| t.offsets.get(&p.id.partition.0).copied());
        let (offsets, age_ms, bytes) = lag(p, committed, now_ms);
        s.lag_offsets += offsets;
        s.lag_ms = s.lag_ms.max(age_ms);
        s.lag_bytes += bytes;
    }
    s
}

fn total(m: &TableMetadata, key: &str) -> i64 {
    m.current().and_then(|s| s.summary.get(key)?.parse().ok()).unwrap_or(0)
}

fn add_metadata(s: &mut Status, m: &TableMetadata) {
    s.rows = total(m, "total-records");
    (s.files, s.bytes) = (total(m, "total-data-files"), total(m, "total-files-size"));
    s.snapshots = m.snapshots.len();
    s.last_commit_ms = m.current().map(|s| s.timestamp_ms);
}

/// The tables of these topics, or of all that have one or want one.
pub async fn status(broker: &Arc<Broker>, lake: &Lake, only: Option<TopicId>) -> Result<Vec<Status>, String> {
    let image = broker.metadata.image();
    let (b, i) = (broker.clone(), image.clone());
    // Looks into logs, which may have to be read from disk.
    let found = tokio::task::spawn_blocking(move || {
        let is_wanted = |id: &TopicId| match only {
            Some(only) => *id == only,
            None => i.lake.contains_key(id) || b.replicas.by_id(*id).is_some_and(|t| super::wants(&t)),
        };
        let topics = i.topics.values().map(|t| t.id).chain(i.lake.keys().copied());
        let ids: std::collections::BTreeSet<TopicId> = topics.filter(is_wanted).collect();
        ids.into_iter().map(|id| (id, of_topic(&b, id, i.lake.get(&id).map(|t| &**t)))).collect::<Vec<_>>()
    });
    let found = found.await.map_err(|e| e.to_string())?;
    let mut out = Vec::with_capacity(found.len());
    for (id, mut s) in found {
        if let Some(t) = image.lake.get(&id).filter(|t| !t.metadata.is_empty()) {
            let store = lake.store()?;
            s.metadata = Some(store.uri(&t.metadata));
            match read::metadata(&store, t).await {
                Ok(m) => add_metadata(&mut s, &m),
                Err(e) => s.error = Some(e),
            }
            if let Some(d) = &t.dead_letters {
                match read::metadata(&store, &read::as_table(d)).await {
                    Ok(m) => s.dead_letters = total(&m, "total-records"),
                    Err(e) => s.error = Some(e),
                }
            }
        }
        out.push(s);
    }
    out.sort_by(|a, b| (&a.topic, &a.table).cmp(&(&b.topic, &b.table)));
    Ok(out)
}
