//! Proofs that a topic's table equals its log: `lipno lake verify`, and samples in the background.
//!
//! Invariants: a proof is of one version of the table and of the log below that version's offsets; it runs on a thread of
//! low priority and holds nothing back; what retention takes meanwhile is no fault. Called by the HTTP listener and the
//! upkeep.

use super::{Lake, columns, read};
use crate::broker::Broker;
use crate::replicas::{Replica, TopicEntry};
use raft::{DeadLetters, LakeTable};
use serde::Serialize;
use std::sync::Arc;
use storage::LogError;
use storage::read::Chunk;
use tiering::convert::CHUNK_BYTES;
use tiering::iceberg::manifest::DataFile;
use tiering::layout::FileName;
use tiering::store::Store;
use tiering::verify::{Partition, Report, Source, verify};

/// The verdict on a table.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    pub ok: bool,
    pub topic: String,
    pub table: String,
    pub version: u64,
    pub partitions: Vec<Report>,
}

/// How far a proof is.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Progress {
    pub partition: usize,
    pub partitions: usize,
    pub rows: u64,
}

/// Proves a topic's table, partition after partition. An error says that nobody can tell.
pub async fn prove(
    broker: &Broker,
    lake: &Lake,
    topic: &TopicEntry,
    is_stopped: impl Fn() -> bool,
    mut progress: impl FnMut(Progress),
) -> Result<Verdict, String> {
    let image = broker.metadata.image();
    let table = image.lake.get(&topic.id).ok_or_else(|| format!("topic {} has no table", topic.name))?;
    let store = lake.store()?;
    let mut starts = std::collections::BTreeMap::new();
    let files = match table.metadata.is_empty() {
        true => Vec::new(),
        false => {
            let metadata = read::metadata(&store, table).await?;
            starts = metadata.starts();
            match metadata.current() {
                Some(s) => read::live_files(&store, s).await?,
                None => Vec::new(),
            }
        }
    };
    let mut by_partition = by_partition(&store, files)?;
    let mut dead = match &table.dead_letters {
        Some(d) => dead_files(&store, d).await?,
        None => ByPartition::new(),
    };
    let mut reports = Vec::new();
    let mut rows = 0;
    for (n, replica) in topic.partitions.iter().enumerate() {
        let files = by_partition.remove(&replica.id.partition.0).unwrap_or_default();
        let dead = dead.remove(&replica.id.partition.0).unwrap_or_default();
        let expired = starts.get(&replica.id.partition.0).copied().unwrap_or(0);
        let at = |rows| Progress { partition: n + 1, partitions: topic.partitions.len(), rows };
        progress(at(rows));
        let report =
            prove_partition(&store, topic, table, replica, (&files, &dead, expired), &is_stopped, |n| {
                progress(at(rows + n))
            })
            .await?;
        rows += report.rows;
        reports.push(report);
    }
    if let Some(other) = by_partition.keys().next() {
        return Err(format!("the table has files of partition {other}, which the topic does not have"));
    }
    Ok(Verdict {
        ok: reports.iter().all(Report::is_ok),
        topic: topic.name.to_string(),
        table: table.table.clone(),
        version: table.version,
        partitions: reports,
    })
}

type ByPartition = std::collections::BTreeMap<i32, Vec<DataFile>>;

fn by_partition(store: &Store, files: Vec<DataFile>) -> Result<ByPartition, String> {
    let mut out = ByPartition::new();
    for f in files {
        let name = store.path_of(&f.path).and_then(|path| FileName::parse(&path));
        let name = name.ok_or_else(|| format!("{} is not the name of a file of this lake", f.path))?;
        out.entry(name.partition).or_default().push(f);
    }
    Ok(out)
}

async fn dead_files(store: &Store, d: &DeadLetters) -> Result<ByPartition, String> {
    let metadata = read::metadata(store, &read::as_table(d)).await?;
    match metadata.current() {
        Some(s) => by_partition(store, read::live_files(store, s).await?),
        None => Ok(ByPartition::new()),
    }
}

async fn prove_partition(
    store: &Store,
    topic: &TopicEntry,
    table: &LakeTable,
    replica: &Arc<Replica>,
    (files, dead, expired): (&[DataFile], &[DataFile], i64),
    is_stopped: impl Fn() -> bool,
    mut progress: impl FnMut(u64),
) -> Result<Report, String> {
    let partition = replica.id.partition.0;
    let (columns, format) = (columns::of_table(table), topic.config.load().lake_format.clone());
    let gaps = table.gaps.get(&partition).map_or(&[][..], Vec::as_slice);
    // What lake.retention.ms took out is not looked for.
    let start = replica.ends().log_start.max(expired);
    // Nothing committed, nothing to prove; and rows of a log that is gone are all there is.
    let end = table.offsets.get(&partition).copied().unwrap_or(start).max(start);
    let of = Partition { partition, start, end, gaps, files, dead, columns: &columns, format: &format };
    let source = Committed { replica, end };
    let report = verify(store, &of, source, is_stopped, &mut progress).await;
    report.map_err(|e| format!("partition {partition}: {e}"))
}

/// What of a log is in its table, too.
struct Committed<'a> {
    replica: &'a Replica,
    end: i64,
}

impl Source for Committed<'_> {
    fn start(&self) -> i64 {
        self.replica.ends().log_start
    }

    fn read(&mut self, from: i64) -> Result<Option<Chunk>, LogError> {
        self.replica.reader().chunk_at(from, self.end, CHUNK_BYTES)
    }
}
