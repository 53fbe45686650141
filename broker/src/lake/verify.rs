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
use std::collections::BTreeMap;
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

/// One version of a table, as far as a proof needs it.
struct View {
    table: Arc<LakeTable>,
    files: ByPartition,
    dead: ByPartition,
    /// First offsets of partitions that lost older rows to `lake.retention.ms`.
    starts: BTreeMap<i32, i64>,
}

async fn view(broker: &Broker, store: &Store, topic: &TopicEntry) -> Result<View, String> {
    let image = broker.metadata.image();
    let table = image.lake.get(&topic.id).ok_or_else(|| format!("topic {} has no table", topic.name))?;
    let (mut starts, mut files) = (BTreeMap::new(), Vec::new());
    if !table.metadata.is_empty() {
        let metadata = read::metadata(store, table).await?;
        starts = metadata.starts();
        if let Some(s) = metadata.current() {
            files = read::live_files(store, s).await?;
        }
    }
    let dead = match &table.dead_letters {
        Some(d) => dead_files(store, d).await?,
        None => ByPartition::new(),
    };
    Ok(View { table: table.clone(), files: by_partition(store, files)?, dead, starts })
}

/// Proofs of one partition that are made while others replace its files.
const TRIES: usize = 5;

/// What a proof finds in a version that is still the table's when it ends: files of an older one may be gone by then,
/// and are no fault. Renews `seen` as often as it has to.
async fn settled<V, R>(
    seen: &mut V,
    load: impl AsyncFn() -> Result<V, String>,
    is_current: impl Fn(&V) -> bool,
    is_ok: impl Fn(&R) -> bool,
    mut prove: impl AsyncFnMut(&V) -> Result<R, String>,
) -> Result<R, String> {
    for _ in 0..TRIES {
        let found = prove(seen).await;
        if found.as_ref().is_ok_and(&is_ok) || is_current(seen) {
            return found;
        }
        *seen = load().await?;
    }
    Err(format!("the table changed during each of {TRIES} proofs; try again when less is merged"))
}

fn is_current(broker: &Broker, topic: &TopicEntry, seen: &View) -> bool {
    broker.metadata.image().lake.get(&topic.id).is_some_and(|t| t.version == seen.table.version)
}

/// Proves a topic's table, partition after partition. An error says that nobody can tell.
pub async fn prove(
    broker: &Broker,
    lake: &Lake,
    topic: &TopicEntry,
    is_stopped: impl Fn() -> bool,
    mut progress: impl FnMut(Progress),
) -> Result<Verdict, String> {
    let store = lake.store()?;
    let mut seen = view(broker, &store, topic).await?;
    let mut reports = Vec::new();
    let mut rows = 0;
    for (n, replica) in topic.partitions.iter().enumerate() {
        let at = |rows| Progress { partition: n + 1, partitions: topic.partitions.len(), rows };
        progress(at(rows));
        let one = async |v: &View| {
            let partition = replica.id.partition.0;
            let range = Offsets { first: v.starts.get(&partition).copied().unwrap_or(0), to: None };
            let files = v.files.get(&partition).map_or(&[][..], Vec::as_slice);
            prove_partition(&store, topic, v, replica, files, range, &is_stopped, |n| progress(at(rows + n)))
                .await
        };
        let load = async || view(broker, &store, topic).await;
        let report = settled(&mut seen, load, |v| is_current(broker, topic, v), Report::is_ok, one).await?;
        rows += report.rows;
        reports.push(report);
    }
    let known = |p: &&i32| topic.partitions.iter().any(|r| r.id.partition.0 == **p);
    if let Some(other) = seen.files.keys().find(|p| !known(p)) {
        return Err(format!("the table has files of partition {other}, which the topic does not have"));
    }
    Ok(Verdict {
        ok: reports.iter().all(Report::is_ok),
        topic: topic.name.to_string(),
        table: seen.table.table.clone(),
        version: seen.table.version,
        partitions: reports,
    })
}

/// Files of more bytes are left to `lipno lake verify`: a sample must not fetch much.
const SAMPLED_BYTES_MAX: i64 = 64 << 20;

/// Proves up to `rows` offsets of one file, all chosen by `random`. `None`: there is nothing to look at.
pub async fn sample(
    broker: &Broker,
    lake: &Lake,
    topic: &TopicEntry,
    rows: u64,
    random: u64,
    is_stopped: impl Fn() -> bool,
) -> Result<Option<Report>, String> {
    let store = lake.store()?;
    let mut seen = view(broker, &store, topic).await?;
    let one = async |v: &View| {
        let Some((replica, file, first, to)) = choose(&store, topic, v, rows, random) else {
            return Ok(None);
        };
        let range = Offsets { first, to: Some(to) };
        let files = std::slice::from_ref(file);
        prove_partition(&store, topic, v, replica, files, range, &is_stopped, |_| {}).await.map(Some)
    };
    let load = async || view(broker, &store, topic).await;
    let is_ok = |r: &Option<Report>| r.as_ref().is_none_or(Report::is_ok);
    settled(&mut seen, load, |v| is_current(broker, topic, v), is_ok, one).await
}

/// A file whose log is still there, and offsets of it.
fn choose<'a>(
    store: &Store,
    topic: &'a TopicEntry,
    seen: &'a View,
    rows: u64,
    random: u64,
) -> Option<(&'a Arc<Replica>, &'a DataFile, i64, i64)> {
    let mut candidates = Vec::new();
    for replica in &topic.partitions {
        let log_start = replica.ends().log_start;
        let files = seen.files.get(&replica.id.partition.0).map_or(&[][..], Vec::as_slice);
        for file in files.iter().filter(|f| f.bytes <= SAMPLED_BYTES_MAX) {
            let name = FileName::parse(&store.path_of(&file.path)?)?;
            let first = name.base.max(log_start);
            if first < name.end {
                candidates.push((replica, file, first, name.end));
            }
        }
    }
    let at = random.checked_rem(candidates.len() as u64)?;
    let (replica, file, first, end) = candidates.get(at as usize).copied()?;
    let room = u64::try_from(end - first).unwrap_or(0).saturating_sub(rows);
    let first = first + ((random >> 32) % (room + 1)) as i64;
    Some((replica, file, first, end.min(first.saturating_add(rows as i64))))
}

type ByPartition = BTreeMap<i32, Vec<DataFile>>;

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

/// Offsets to prove: from `first`, as far as the log has it, to `to`, or all that is committed.
struct Offsets {
    first: i64,
    to: Option<i64>,
}

#[expect(clippy::too_many_arguments, reason = "what is proved, by what, and who is told")]
async fn prove_partition(
    store: &Store,
    topic: &TopicEntry,
    seen: &View,
    replica: &Arc<Replica>,
    files: &[DataFile],
    range: Offsets,
    is_stopped: impl Fn() -> bool,
    mut progress: impl FnMut(u64),
) -> Result<Report, String> {
    let partition = replica.id.partition.0;
    let (columns, format) = (columns::of_table(&seen.table), topic.config.load().lake_format.clone());
    let gaps = seen.table.gaps.get(&partition).map_or(&[][..], Vec::as_slice);
    let dead = seen.dead.get(&partition).map_or(&[][..], Vec::as_slice);
    // What lake.retention.ms took out is not looked for.
    let start = replica.ends().log_start.max(range.first);
    // Nothing committed, nothing to prove; and rows of a log that is gone are all there is.
    let committed = seen.table.offsets.get(&partition).copied().unwrap_or(start);
    let end = range.to.map_or(committed, |to| to.min(committed)).max(start);
    let is_part = range.to.is_some();
    let of =
        Partition { partition, start, end, gaps, files, dead, is_part, columns: &columns, format: &format };
    let source = Committed { replica, end: committed };
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn a_fault_in_a_version_that_has_been_replaced_is_looked_at_again() {
        let current = Cell::new(1);
        let load = async || Ok(current.get());
        let is_current = |seen: &u64| *seen == current.get();
        // Version 1 is replaced during its proof, which finds a file gone; version 2 is whole.
        let mut seen = 1;
        let prove = async |v: &u64| {
            current.set(2);
            Ok(*v == 2)
        };
        assert_eq!(settled(&mut seen, load, is_current, |ok| *ok, prove).await, Ok(true));
        assert_eq!(seen, 2);
        // What is found in the current version stands, good or bad.
        let stands = settled(&mut seen, load, is_current, |ok| *ok, async |_: &u64| Ok(false)).await;
        assert_eq!(stands, Ok(false));
        let prove = async |_: &u64| Err("the store is away".to_string());
        assert_eq!(
            settled(&mut seen, load, is_current, |ok: &bool| *ok, prove).await,
            Err("the store is away".into())
        );
        // A table that never stands still gets no verdict.
        let prove = async |v: &u64| {
            current.set(v + 1);
            Ok(false)
        };
        assert!(
            settled(&mut seen, load, is_current, |ok| *ok, prove)
                .await
                .unwrap_err()
                .contains("changed during")
        );
    }
}
