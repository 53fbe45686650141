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
use tiering::compact::{CompactError, Named, merge, plan, plan_dead};
use tiering::convert::Attempts;
use tiering::iceberg::manifest::DataFile;
use tiering::iceberg::schema::id_by_name;
use tiering::layout::{Day, FileName};
use tiering::machine::commit::Answer;
use tiering::pool::StopFlag;
use tiering::store::Store;
use tiering::typed::Columns;

/// Times that a version is built again because an append was faster.
const TRIES: usize = 5;

/// What was done to a table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tidied {
    pub merged: u64,
    pub expired: u64,
}

/// A table's files that one merge or the end of a retention takes, and what comes for them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Change {
    add: Vec<DataFile>,
    remove: BTreeSet<String>,
    dead_add: Vec<DataFile>,
    dead_remove: BTreeSet<String>,
    starts: BTreeMap<i32, i64>,
}

/// All files of a version of the table, and of its dead letters.
struct Files {
    table: Vec<Named>,
    dead: Vec<Named>,
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
pub(super) async fn named(store: &Store, table: &LakeTable) -> Result<Vec<Named>, String> {
    let metadata = read::metadata(store, table).await?;
    let Some(current) = metadata.current() else { return Ok(Vec::new()) };
    let files = read::live_files(store, current).await?;
    let name = |f: DataFile| Some((FileName::parse(&store.path_of(&f.path)?)?, f));
    Ok(files.into_iter().filter_map(name).collect())
}

/// Files whose youngest row is older than the retention: the oldest ones of each partition, up to an offset that no file
/// reaches across.
fn too_old(files: &Files, before_us: i64) -> Change {
    let append_time = id_by_name(tiering::schema::APPEND_TIME);
    let youngest = |f: &DataFile| f.upper.get(&append_time)?.first_chunk().map(|b| i64::from_le_bytes(*b));
    let is_old = |f: &DataFile| youngest(f).is_some_and(|us| us < before_us);
    let all = files.table.iter().map(|f| (f, false)).chain(files.dead.iter().map(|f| (f, true)));
    let mut sorted: Vec<(&Named, bool)> = all.collect();
    sorted.sort_by_key(|((n, _), _)| (n.partition, n.base));
    let mut change = Change::default();
    for partition in sorted.chunk_by(|((a, _), _), ((b, _), _)| a.partition == b.partition) {
        let old = partition.iter().take_while(|((_, f), _)| is_old(f)).count();
        let (mut goes, stays) = partition.split_at(old);
        let mut start = stays.first().map_or(i64::MAX, |((n, _), _)| n.base);
        // One that reaches further than what stays begins at stays, too.
        while let Some(at) = goes.iter().position(|((n, _), _)| n.end > start) {
            let (before, after) = goes.split_at(at);
            start = after.first().map_or(start, |((n, _), _)| n.base);
            goes = before;
        }
        for ((name, file), is_dead) in goes {
            let remove = if *is_dead { &mut change.dead_remove } else { &mut change.remove };
            remove.insert(file.path.clone());
            let start = change.starts.entry(name.partition).or_default();
            *start = (*start).max(name.end);
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
            let files = self.files(table).await.map_err(Some)?;
            let expired = match self.retention_ms() {
                Some(ms) => too_old(&files, now_ms.saturating_sub(ms).saturating_mul(1000)),
                None => Change::default(),
            };
            let gone = (expired.remove.len() + expired.dead_remove.len()) as u64;
            if gone > 0 {
                if !self.commit(expired).await? {
                    return Ok(done);
                }
                done.expired += gone;
                continue;
            }
            // What is merged needs room for both, until the old ones may go.
            if self.lake.must_pause() {
                return Ok(done);
            }
            let today = Day::of_ms(now_ms);
            // A rebuild counts on where the files of dead letters end.
            let dead = || match table.rebuild {
                None => plan_dead(&files.dead, &files.table, today, &apart),
                Some(_) => None,
            };
            let (inputs, is_dead) = match plan(&files.table, today, &apart) {
                Some(inputs) => (inputs, false),
                None => match dead() {
                    Some(inputs) => (inputs, true),
                    None => return Ok(done),
                },
            };
            match self.merge(table, &inputs, is_dead).await {
                Ok(change) => {
                    if !self.commit(change).await? {
                        return Ok(done);
                    }
                    done.merged += inputs.len() as u64;
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

    async fn files(&self, table: &LakeTable) -> Result<Files, String> {
        let dead = match &table.dead_letters {
            Some(d) => named(&self.store, &read::as_table(d)).await?,
            None => Vec::new(),
        };
        Ok(Files { table: named(&self.store, table).await?, dead })
    }

    /// Stores one file for many.
    async fn merge(
        &self,
        table: &LakeTable,
        inputs: &[Named],
        is_dead: bool,
    ) -> Result<Change, CompactError> {
        let random = u32::from_be_bytes(*self.broker.fresh_uuid().0.first_chunk().unwrap_or(&[0; 4]));
        let (columns, location) = match table.dead_letters.as_ref().filter(|_| is_dead) {
            Some(d) => (Columns::default(), d.location.as_str()),
            None => (columns::of_table(table), table.location.as_str()),
        };
        let store = &self.store;
        let merged = merge(store, self.topic, location, inputs, &columns, random, &self.attempts, self.stop);
        let add = vec![merged.await?];
        let remove = inputs.iter().map(|(_, f)| f.path.clone()).collect();
        Ok(match is_dead {
            true => Change { dead_add: add, dead_remove: remove, ..Change::default() },
            false => Change { add, remove, ..Change::default() },
        })
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
                dead: change.dead_add.clone(),
                removed: change.remove.clone(),
                dead_removed: change.dead_remove.clone(),
                starts: change.starts.clone(),
            });
            let Stored { base, metadata, bytes, dead_letters, .. } = stored.await.map_err(Some)?;
            let (letters, letter_bytes) = dead_letters.unzip();
            let (at, of) = (metadata.clone(), letters.clone());
            let answer = commit::propose(self.broker, self.topic, base, at, Vec::new(), of, None).await;
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
            if let Some(record) = record.filter(|r| r.metadata == metadata) {
                let (copies, mut of) = (&self.lake.copies, vec![(record.location.clone(), bytes)]);
                of.extend(letters.map(|d| d.location).zip(letter_bytes));
                for (location, bytes) in of {
                    if let Err(e) = copies.copy(&self.store, &location, record.version, bytes).await {
                        let failed = format!("table {}: copying its metadata: {e}", record.table);
                        self.broker.metrics.lake.failed(&failed);
                    }
                }
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
        let table =
            vec![file(0, 0, 100), file(0, 10, 200), file(0, 20, 150), file(1, 0, 300), file(2, 5, 10)];
        let files = Files { table, dead: Vec::new() };
        let change = too_old(&files, 180);
        assert_eq!(change.starts, [(0, 10), (2, 15)].into(), "not behind one that stays");
        assert_eq!(change.remove.len(), 2);
        assert_eq!(too_old(&files, 0), Change::default());
    }

    #[test]
    fn dead_letters_go_with_the_rows_around_them() {
        let append_time = id_by_name(tiering::schema::APPEND_TIME);
        let file = |base: i64, end: i64, youngest: i64| {
            let name = FileName { day: Day(0), partition: 0, base, end, leader_epoch: 0, random: 0 };
            let upper = [(append_time, youngest.to_le_bytes().to_vec())].into();
            (name, DataFile { path: format!("{base}-{end}"), upper, ..DataFile::default() })
        };
        let gone = |table: &[Named], dead: &[Named]| {
            let change = too_old(&Files { table: table.to_vec(), dead: dead.to_vec() }, 100);
            let start = change.starts.get(&0).copied();
            (change.remove.len(), change.dead_remove.len(), start)
        };
        let table = [file(0, 40, 50), file(40, 80, 60), file(80, 100, 200)];
        assert_eq!(gone(&table, &[file(3, 9, 50), file(50, 60, 60), file(85, 90, 200)]), (2, 2, Some(80)));
        assert_eq!(
            gone(&table, &[file(50, 60, 200)]),
            (1, 0, Some(40)),
            "a letter that stays keeps its range"
        );
        assert_eq!(gone(&table, &[file(30, 90, 60)]), (0, 0, None), "one reaches into what stays");
        assert_eq!(gone(&[], &[file(3, 9, 50), file(50, 60, 60)]), (0, 2, Some(60)), "nothing but letters");
    }
}
