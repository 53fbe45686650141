//! Keeps a table's files few and young: merges small ones, takes out what is older than `lake.retention.ms`.
//!
//! Invariants: a new version names exactly the rows of the old one but for those that are too old; it is proposed by the
//! same compare-and-set as every commit, so that an append in between makes it begin again; files that are replaced stay
//! until no snapshot needs them, then the sweep has them. Called by the upkeep, on a thread of the pool.

use super::commit::{self, Stored, Write};
use super::{Lake, UPKEEP, columns, read};
use crate::broker::Broker;
use crate::replicas::TopicEntry;
use protocol::ids::{TopicId, TopicPartition};
use raft::LakeTable;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tiering::compact::{CompactError, merge, plan};
use tiering::convert::Attempts;
use tiering::iceberg::manifest::DataFile;
use tiering::iceberg::schema::id_by_name;
use tiering::layout::{Day, FileName};
use tiering::machine::commit::Answer;
use tiering::pool::StopFlag;
use tiering::store::Store;

/// Times that a version is built again because an append was faster.
const TRIES: usize = 5;

/// What was done to a table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tidied {
    pub merged: u64,
    pub expired: u64,
}

/// What is to be done to a table's files.
#[derive(Default)]
struct Change {
    add: Vec<DataFile>,
    remove: BTreeSet<String>,
    starts: BTreeMap<i32, i64>,
}

struct Tidying<'a> {
    broker: &'a Arc<Broker>,
    lake: &'a Lake,
    store: Arc<Store>,
    topic: TopicId,
    attempts: Attempts,
    stop: &'a StopFlag,
}

/// Merges and expires until nothing is left to do. `None`: the broker stops.
pub async fn tidy(
    broker: &Arc<Broker>,
    lake: &Lake,
    topic: TopicId,
    stop: &StopFlag,
) -> Result<Tidied, Option<String>> {
    let id = TopicPartition { topic, partition: UPKEEP };
    let store = lake.store().map_err(Some)?;
    let t = Tidying { broker, lake, store, topic, attempts: lake.attempts(id), stop };
    let result = t.run().await;
    lake.release(id);
    result
}

/// The data files of a table with what their names say. One with another name is never touched.
pub(super) async fn named(store: &Store, table: &LakeTable) -> Result<Vec<(FileName, DataFile)>, String> {
    let metadata = read::metadata(store, table).await?;
    let Some(current) = metadata.current() else { return Ok(Vec::new()) };
    let files = read::live_files(store, current).await?;
    let name = |f: DataFile| Some((FileName::parse(&store.path_of(&f.path)?)?, f));
    Ok(files.into_iter().filter_map(name).collect())
}

/// Files whose youngest row is older than the retention: the oldest ones of each partition.
fn too_old(files: &[(FileName, DataFile)], before_us: i64) -> Change {
    let append_time = id_by_name(tiering::schema::APPEND_TIME);
    let youngest = |f: &DataFile| f.upper.get(&append_time)?.first_chunk().map(|b| i64::from_le_bytes(*b));
    let mut sorted: Vec<&(FileName, DataFile)> = files.iter().collect();
    sorted.sort_by_key(|(n, _)| (n.partition, n.base));
    let mut change = Change::default();
    for partition in sorted.chunk_by(|a, b| a.0.partition == b.0.partition) {
        for (name, file) in partition.iter().take_while(|(_, f)| youngest(f).is_some_and(|us| us < before_us))
        {
            change.remove.insert(file.path.clone());
            change.starts.insert(name.partition, name.end);
        }
    }
    change
}

impl Tidying<'_> {
    async fn run(&self) -> Result<Tidied, Option<String>> {
        let mut done = Tidied::default();
        // Files that cannot be merged with their neighbours.
        let mut apart = BTreeSet::new();
        loop {
            let image = self.broker.metadata.image();
            let Some(table) = image.lake.get(&self.topic).filter(|t| !t.metadata.is_empty()) else {
                return Ok(done);
            };
            let now_ms = self.broker.clock.now().wall_ms;
            let files = named(&self.store, table).await.map_err(Some)?;
            let expired = match self.retention_ms() {
                Some(ms) => too_old(&files, now_ms.saturating_sub(ms).saturating_mul(1000)),
                None => Change::default(),
            };
            if !expired.remove.is_empty() {
                let files = expired.remove.len() as u64;
                if !self.commit(expired).await? {
                    return Ok(done);
                }
                done.expired += files;
                continue;
            }
            // What is merged needs room for both, until the old ones may go.
            if self.lake.must_pause() {
                return Ok(done);
            }
            let Some(inputs) = plan(&files, Day::of_ms(now_ms), &apart) else { return Ok(done) };
            let random = u32::from_be_bytes(*self.broker.fresh_uuid().0.first_chunk().unwrap_or(&[0; 4]));
            let columns = columns::of_table(table);
            let (store, location) = (&self.store, table.location.as_str());
            let merged =
                merge(store, self.topic, location, &inputs, &columns, random, &self.attempts, self.stop)
                    .await;
            match merged {
                Ok(file) => {
                    let remove: BTreeSet<String> = inputs.iter().map(|(_, f)| f.path.clone()).collect();
                    let files = remove.len() as u64;
                    if !self.commit(Change { add: vec![file], remove, ..Change::default() }).await? {
                        return Ok(done);
                    }
                    done.merged += files;
                }
                Err(CompactError::Stopped) => return Err(None),
                Err(e) => match e.input().map(|path| self.store.uri(path)) {
                    // It stays as it is; the others are merged around it.
                    Some(uri) if inputs.iter().any(|(_, f)| f.path == uri) => {
                        self.said_of_input(&table.table, &e);
                        apart.insert(uri);
                    }
                    _ => return Err(Some(e.to_string())),
                },
            }
        }
    }

    fn retention_ms(&self) -> Option<i64> {
        let entry: Arc<TopicEntry> = self.broker.replicas.by_id(self.topic)?;
        Some(entry.config.load().lake_retention_ms).filter(|ms| *ms >= 0)
    }

    fn said_of_input(&self, table: &str, e: &CompactError) {
        match e {
            CompactError::Mixed(_) => tracing::debug!("lake: table {table}: {e}"),
            e => {
                self.broker.metrics.lake.failed(&format!("table {table}: a file that cannot be merged: {e}"))
            }
        }
    }

    /// Makes the change the next version of the table. False: appends were faster each time, the next look tries again.
    async fn commit(&self, change: Change) -> Result<bool, Option<String>> {
        for _ in 0..TRIES {
            if self.stop.is_set() {
                return Err(None);
            }
            let stored = commit::write(Write {
                broker: self.broker.clone(),
                store: self.store.clone(),
                attempts: self.attempts.clone(),
                topic: self.topic,
                name: "".into(),
                known: None,
                pieces: Vec::new(),
                files: change.add.clone(),
                dead: Vec::new(),
                removed: change.remove.clone(),
                dead_removed: BTreeSet::new(),
                starts: change.starts.clone(),
            });
            let Stored { base, metadata, bytes, .. } = stored.await.map_err(Some)?;
            let answer =
                commit::propose(self.broker, self.topic, base, metadata.clone(), Vec::new(), None, None)
                    .await;
            let image = self.broker.metadata.image();
            let record = image.lake.get(&self.topic);
            match answer {
                Answer::Conflict => continue,
                Answer::Refused => return Err(Some("the new version was refused".into())),
                Answer::Done => {}
                // The record tells; if it has moved on already nobody can say, and the next look begins anew.
                Answer::Unknown if record.is_none_or(|r| r.metadata != metadata) => {
                    return Err(Some("the outcome of the new version is unknown".into()));
                }
                Answer::Unknown => {}
            }
            if let Some(record) = record.filter(|r| r.metadata == metadata)
                && let Err(e) =
                    self.lake.copies.copy(&self.store, &record.location, record.version, bytes).await
            {
                self.broker
                    .metrics
                    .lake
                    .failed(&format!("table {}: copying its metadata: {e}", record.table));
            }
            return Ok(true);
        }
        tracing::debug!("lake: {} was committed to all the time, {:?}", self.topic, self.lake.namespace);
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_as_a_whole_goes_and_only_from_the_start() {
        let append_time = id_by_name(tiering::schema::APPEND_TIME);
        let file = |partition, base: i64, youngest: i64| {
            let name = FileName { day: Day(0), partition, base, end: base + 10, leader_epoch: 0, random: 0 };
            let upper = [(append_time, youngest.to_le_bytes().to_vec())].into();
            (name, DataFile { path: name.path("ns/t"), upper, ..DataFile::default() })
        };
        let files = [file(0, 0, 100), file(0, 10, 200), file(0, 20, 150), file(1, 0, 300), file(2, 5, 10)];
        let change = too_old(&files, 180);
        assert_eq!(change.starts, [(0, 10), (2, 15)].into(), "not behind one that stays");
        assert_eq!(change.remove.len(), 2);
        assert!(too_old(&files, 0).remove.is_empty());
    }
}
