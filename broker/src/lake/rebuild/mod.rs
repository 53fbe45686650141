//! Rebuilds a table in the topic's present format: `lipno lake rebuild`.
//!
//! Invariants: the table is untouched until one commit takes the new files in and the old ones out; what is done is kept in
//! Raft range by range, so that a rebuild that was stopped, by whatever, goes on where it was; rows come from the log as far
//! as it goes back, those before from the files that have them; a file without the values stays as it is. Appends and
//! merges go on meanwhile. Called by the HTTP listener, on a thread of low priority.

mod next;

use super::commit::{self, Stored, Write};
use super::tidy::named;
use super::{Lake, REBUILD, columns, read};
use crate::broker::Broker;
use crate::lake::columns::TableColumns;
use crate::lake::verify::Progress;
use crate::replicas::{Replica, TopicEntry};
use crate::tier_link::append_ms_before;
use next::{Known, Next, Unfit};
use protocol::ids::TopicPartition;
use raft::{Command, LakeRebuild, LakeTable, Outcome};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tiering::convert::{Attempts, CHUNK_BYTES, Converted, Range, convert};
use tiering::iceberg::commit::{Addition, Base, to_merge};
use tiering::iceberg::expire::Retention;
use tiering::iceberg::manifest::DataFile;
use tiering::iceberg::schema::id_by_name;
use tiering::layout::FileName;
use tiering::machine::commit::Answer;
use tiering::pool::StopFlag;
use tiering::retype::{RetypeError, retype};
use tiering::store::Store;
use tiering::typed::{Format, Shaper};

/// Times that the table changed just when it was to be replaced, or that a file was merged just when it was to be read.
const TRIES: usize = 20;

/// What a rebuild came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rebuilt {
    pub topic: String,
    pub table: String,
    /// The table's version with the new files.
    pub version: u64,
    /// Rows that were written anew, by this run.
    pub rows: u64,
    /// New files, and old ones that they replace.
    pub files: usize,
    pub replaced: usize,
    /// Old files that could not be read in another way: they have no values.
    pub kept: usize,
}

/// Why a rebuild did not come to its end.
enum Stop {
    Failed(String),
    /// A merge has replaced a file that was to be read.
    Merged,
    /// Something is no more as it was when the rebuild began: it must begin anew.
    Anew(&'static str),
}

impl<T: Into<String>> From<T> for Stop {
    fn from(why: T) -> Stop {
        Stop::Failed(why.into())
    }
}

const LOST: &str = "retention took rows that were to be rebuilt from the log";
const MERGED: &str = "files that the rebuild had begun with were merged meanwhile";

struct Job<'a, P> {
    broker: &'a Arc<Broker>,
    lake: &'a Lake,
    store: Arc<Store>,
    topic: &'a Arc<TopicEntry>,
    format: Arc<Format>,
    attempts: Attempts,
    stop: &'a StopFlag,
    shadow: LakeRebuild,
    base: Option<Arc<Base>>,
    /// Append times of each partition's rows so far.
    floors: BTreeMap<i32, i64>,
    rows: u64,
    progress: P,
}

/// Rebuilds a topic's table, or goes on with that. `is_stopped` is asked between two ranges.
pub async fn rebuild(
    broker: &Arc<Broker>,
    lake: &Lake,
    topic: &Arc<TopicEntry>,
    stop: &StopFlag,
    is_stopped: impl Fn() -> bool,
    progress: impl FnMut(Progress),
) -> Result<Rebuilt, String> {
    let id = TopicPartition { topic: topic.id, partition: REBUILD };
    // Held until the end: what is stored is protected by name first, and by the record later.
    let attempts = lake.attempts(id);
    let result = match begin(broker, lake, topic, stop, attempts, progress).await {
        Ok(mut job) => job.run(is_stopped).await,
        Err(e) => Err(Stop::Failed(e)),
    };
    let result = match result {
        Ok(done) => Ok(done),
        Err(Stop::Failed(why)) => Err(why),
        Err(Stop::Merged) => Err("files are merged all the time; run it again, it goes on".into()),
        Err(Stop::Anew(why)) => match cancel(broker, topic).await {
            Ok(_) => Err(format!("{why}; run it again, it begins anew")),
            Err(e) => Err(format!("{why}; and giving it up failed: {e}")),
        },
    };
    lake.release(id);
    result
}

/// Gives up what was rebuilt so far. False: there was nothing.
pub async fn cancel(broker: &Broker, topic: &TopicEntry) -> Result<bool, String> {
    let image = broker.metadata.image();
    let Some(r) = image.lake.get(&topic.id).and_then(|t| t.rebuild.as_ref()) else { return Ok(false) };
    let end = Command::EndLakeRebuild { topic: topic.id, location: r.location.clone() };
    accepted(broker.metadata.propose(end).await).map(|()| true)
}

fn accepted(answer: Result<Outcome, raft::MetadataError>) -> Result<(), String> {
    match answer {
        Ok(Outcome::Refused(e)) => Err(e.to_string()),
        Ok(_) => Ok(()),
        Err(e) => Err(e.to_string()),
    }
}

async fn begin<'a, P: FnMut(Progress)>(
    broker: &'a Arc<Broker>,
    lake: &'a Lake,
    topic: &'a Arc<TopicEntry>,
    stop: &'a StopFlag,
    attempts: Attempts,
    progress: P,
) -> Result<Job<'a, P>, String> {
    let image = broker.metadata.image();
    let table = image.lake.get(&topic.id).filter(|t| !t.metadata.is_empty());
    let table = table.ok_or_else(|| format!("topic {} has no table yet", topic.name))?;
    let store = lake.store_of(&image, tiering::layout::namespace(&table.location)).await?;
    let format = topic.config.load().lake_format.clone();
    let random = u32::from_be_bytes(*broker.fresh_uuid().0.first_chunk().unwrap_or(&[0; 4]));
    let start = Command::StartLakeRebuild {
        topic: topic.id,
        location: format!("{}/rebuild/{random:08x}", table.location),
        format: format!("{format:?}"),
    };
    accepted(broker.metadata.propose(start).await)?;
    let image = broker.metadata.image();
    let shadow = image.lake.get(&topic.id).and_then(|t| t.rebuild.clone());
    let shadow = shadow.ok_or("the rebuild was given up")?;
    let (floors, base) = (BTreeMap::new(), None);
    Ok(Job { broker, lake, store, topic, format, attempts, stop, shadow, base, floors, rows: 0, progress })
}

/// A version of the table, and what is known of each partition.
struct View {
    table: Arc<LakeTable>,
    partitions: BTreeMap<i32, Known>,
}

impl<P: FnMut(Progress)> Job<'_, P> {
    async fn run(&mut self, is_stopped: impl Fn() -> bool) -> Result<Rebuilt, Stop> {
        for _ in 0..TRIES {
            let mut seen = self.view().await?;
            let mut tries = 0;
            for (n, replica) in self.topic.partitions.iter().enumerate() {
                loop {
                    if self.stop.is_set() || is_stopped() {
                        return Err("it was stopped; run again, it goes on where it was".into());
                    }
                    let (partitions, rows) = (self.topic.partitions.len(), self.rows);
                    (self.progress)(Progress { partition: n + 1, partitions, rows });
                    match self.step(&seen, replica).await {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(Stop::Merged) if tries < TRIES => {
                            tries += 1;
                            seen = self.view().await?;
                        }
                        Err(e) => return Err(e),
                    }
                }
            }
            if let Some(done) = self.swap().await? {
                return Ok(done);
            }
        }
        Err("the table changed each time that it was to be replaced; run it again, it goes on".into())
    }

    fn record(&self) -> Result<Arc<LakeTable>, Stop> {
        let image = self.broker.metadata.image();
        let table = image.lake.get(&self.topic.id).filter(|t| !t.dropped);
        Ok(table.ok_or_else(|| format!("the table of {} is gone", self.topic.name))?.clone())
    }

    async fn view(&self) -> Result<View, Stop> {
        let table = self.record()?;
        let files = named(&self.store, &table).await?;
        let starts = read::metadata(&self.store, &table).await?.starts();
        let dead = match &table.dead_letters {
            Some(d) => named(&self.store, &read::as_table(d)).await?,
            None => Vec::new(),
        };
        let mut partitions = BTreeMap::new();
        for replica in &self.topic.partitions {
            let p = replica.id.partition.0;
            let of = |all: &[(FileName, DataFile)]| {
                let mut mine: Vec<_> = all.iter().filter(|(n, _)| n.partition == p).cloned().collect();
                mine.sort_by_key(|(n, _)| (n.base, n.end));
                mine
            };
            let known = Known {
                files: of(&files),
                dead: of(&dead),
                committed: table.offsets.get(&p).copied().unwrap_or(0),
                log_start: replica.ends().log_start,
                expired: starts.get(&p).copied().unwrap_or(0),
            };
            partitions.insert(p, known);
        }
        Ok(View { table, partitions })
    }

    /// Rebuilds one range of a partition and makes it last; false if there is none left.
    async fn step(&mut self, seen: &View, replica: &Replica) -> Result<bool, Stop> {
        let p = replica.id.partition.0;
        let Some(known) = seen.partitions.get(&p) else { return Ok(false) };
        let at = self.shadow.offsets.get(&p).copied();
        match next::next(known, at, self.shadow.log_from.contains_key(&p)) {
            Next::Done => return Ok(false),
            Next::Lost => return Err(Stop::Anew(LOST)),
            Next::Nothing { to } => self.keep(p, to, None, Vec::new()).await?,
            Next::Log { start, to } => {
                let done = self.read_log(&seen.table, replica, start, to).await?;
                self.floors.insert(p, done.append_floor_ms);
                self.rows += done.rows;
                let files = done.data.into_iter().chain(done.dead).collect();
                self.keep(p, done.end, Some(start), files).await?;
            }
            Next::File { index, start, to } => {
                let Some((name, file)) = known.files.get(index) else { return Ok(false) };
                let files = match self.read_file(&seen.table, replica, file, (start, to)).await? {
                    Some(done) => {
                        self.rows += done.rows;
                        done.data.into_iter().chain(done.dead).collect()
                    }
                    None if start > name.base => return Err(Stop::Anew(MERGED)),
                    None => vec![file.clone()],
                };
                let youngest = file.upper.get(&id_by_name(tiering::schema::APPEND_TIME));
                if let Some(us) = youngest.and_then(|b| b.first_chunk()).map(|b| i64::from_le_bytes(*b)) {
                    self.floors.insert(p, us.div_euclid(1000));
                }
                self.keep(p, to, None, files).await?;
            }
        }
        Ok(true)
    }

    fn range(&self, table: &LakeTable, replica: &Replica, start: i64, to: i64) -> Range {
        let random = u32::from_be_bytes(*self.broker.fresh_uuid().0.first_chunk().unwrap_or(&[0; 4]));
        let floor = self.floors.get(&replica.id.partition.0).copied().unwrap_or(0);
        Range { location: table.location.clone(), id: replica.id, start, to, append_floor_ms: floor, random }
    }

    fn shaper(&self) -> Shaper<TableColumns> {
        let source = TableColumns { broker: self.broker.clone(), topic: self.topic.id };
        Shaper::new(self.format.clone(), source)
    }

    async fn read_log(
        &self,
        table: &LakeTable,
        replica: &Replica,
        start: i64,
        to: i64,
    ) -> Result<Converted, Stop> {
        let mut range = self.range(table, replica, start, to);
        range.append_floor_ms = range.append_floor_ms.max(append_ms_before(replica, start));
        let read = |from| replica.reader().chunk_at(from, to, CHUNK_BYTES);
        let done = convert(&range, self.shaper(), read, &self.store, &self.attempts, self.stop).await;
        done.map_err(|e| match replica.ends().log_start > start {
            true => Stop::Anew(LOST),
            false => e.to_string().into(),
        })
    }

    /// `None`: the file has no values, and stays as it is.
    async fn read_file(
        &self,
        table: &LakeTable,
        replica: &Replica,
        file: &DataFile,
        (start, to): (i64, i64),
    ) -> Result<Option<Converted>, Stop> {
        let path = self.store.path_of(&file.path).ok_or_else(|| format!("{} is elsewhere", file.path))?;
        let range = self.range(table, replica, start, to);
        let (columns, shaper) = (columns::of_table(table), self.shaper());
        match retype(&range, &path, &columns, shaper, &self.store, &self.attempts, self.stop).await {
            Ok(done) => Ok(done),
            Err(RetypeError::Gone(_)) => Err(Stop::Merged),
            Err(e) => Err(e.to_string().into()),
        }
    }

    /// Makes a range last: it need not be rebuilt again.
    async fn keep(
        &mut self,
        partition: i32,
        to: i64,
        from_log: Option<i64>,
        files: Vec<DataFile>,
    ) -> Result<(), Stop> {
        let table = self.record()?;
        let base = match self.base.take() {
            Some(base) => base,
            None => {
                let (store, broker, topic) = (&self.store, self.broker, self.topic);
                let t = as_table(&self.shadow);
                Arc::new(commit::load(store, broker, topic.id, &topic.name, &t).await?)
            }
        };
        let merged = read::entries(&self.store, to_merge(&base.manifests)).await?;
        let id = self.broker.fresh_uuid().0;
        let snapshot_id = i64::from_be_bytes(*id.first_chunk().unwrap_or(&[0; 8])) & i64::MAX;
        let mut offsets = self.shadow.offsets.clone();
        offsets.insert(partition, to);
        let addition = Addition {
            location: self.shadow.location.clone(),
            location_uri: self.store.uri(&self.shadow.location),
            version: self.shadow.version + 1,
            uuid: commit::uuid_text(self.broker),
            snapshot_id: snapshot_id.max(1),
            now_ms: self.broker.clock.now().wall_ms,
            files,
            offsets,
            columns: columns::of_table(&table),
            // Nobody travels in it.
            keep: Retention { all_ms: 0, min: 1, hourly_ms: 0 },
            merged,
            ..Addition::default()
        };
        let (metadata, next) = commit::store_all(&self.store, &self.attempts, base, addition).await?;
        let step = Command::CommitLakeRebuild {
            topic: self.topic.id,
            location: self.shadow.location.clone(),
            base: self.shadow.version,
            metadata: metadata.path.clone(),
            partition,
            to,
            from_log,
        };
        let answer = accepted(self.broker.metadata.propose(step).await);
        let now = self.record()?.rebuild.clone().ok_or("the rebuild was given up")?;
        if now.metadata != metadata.path {
            return Err(answer.err().unwrap_or_else(|| "somebody else rebuilds it, too".into()).into());
        }
        (self.shadow, self.base) = (now, Some(Arc::new(next)));
        Ok(())
    }

    /// Puts the new files in the old ones' place. `None`: the table has moved on, and there is more to rebuild.
    async fn swap(&mut self) -> Result<Option<Rebuilt>, Stop> {
        let seen = self.view().await?;
        let shadow = as_table(&self.shadow);
        let ours = match shadow.metadata.is_empty() {
            true => Vec::new(),
            false => named(&self.store, &shadow).await?,
        };
        let paths: BTreeSet<String> = ours.iter().map(|(_, f)| f.path.clone()).collect();
        let (mut removed, mut dead_removed, mut kept) = (BTreeSet::new(), BTreeSet::new(), 0);
        for (p, known) in &seen.partitions {
            let to = self.shadow.offsets.get(p).copied().unwrap_or(0);
            let log_from = self.shadow.log_from.get(p).copied();
            let e = match next::exchange(known, to, log_from, &paths) {
                Ok(e) => e,
                Err(Unfit::Short) => return Ok(None),
                Err(Unfit::Merged) => return Err(Stop::Anew(MERGED)),
            };
            removed.extend(e.removed);
            dead_removed.extend(e.dead_removed);
            kept += e.kept;
        }
        let there: BTreeSet<&str> =
            seen.partitions.values().flat_map(|k| &k.files).map(|(_, f)| f.path.as_str()).collect();
        let dead_at = tiering::layout::dead_letters(&seen.table.location, &self.topic.id.to_string());
        let dead_at = self.store.uri(&tiering::layout::data_prefix(&dead_at));
        let expired = |n: &FileName| seen.partitions.get(&n.partition).map_or(0, |k| k.expired);
        let new = ours.into_iter().filter(|(n, f)| n.end > expired(n) && !there.contains(f.path.as_str()));
        let (dead, files): (Vec<_>, Vec<_>) = new.map(|(_, f)| f).partition(|f| f.path.starts_with(&dead_at));
        let mut done = Rebuilt {
            topic: self.topic.name.to_string(),
            table: seen.table.table.clone(),
            version: seen.table.version,
            rows: self.rows,
            files: files.len(),
            replaced: removed.len(),
            kept,
        };
        if files.is_empty() && removed.is_empty() && dead.is_empty() && dead_removed.is_empty() {
            cancel(self.broker, self.topic).await?;
            return Ok(Some(done));
        }
        let write = Write {
            broker: self.broker.clone(),
            store: self.store.clone(),
            attempts: self.attempts.clone(),
            topic: self.topic.id,
            name: self.topic.name.clone(),
            known: None,
            pieces: Vec::new(),
            files,
            dead,
            removed,
            dead_removed,
            starts: BTreeMap::new(),
        };
        let stored = match commit::write(write).await {
            Ok(stored) => stored,
            // A merge was faster.
            Err(_) if self.record()?.version != seen.table.version => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        done.version = stored.base + 1;
        Ok(self.take_place(stored).await?.then_some(done))
    }

    /// Proposes the version with the new files; false if another one was faster.
    async fn take_place(&self, stored: Stored) -> Result<bool, Stop> {
        let Stored { base, metadata, bytes, dead_letters, .. } = stored;
        let (letters, letter_bytes) = dead_letters.unzip();
        let ends = Some(self.shadow.location.clone());
        let topic = self.topic.id;
        let answer =
            commit::propose(self.broker, topic, base, metadata.clone(), Vec::new(), letters.clone(), ends)
                .await;
        let record = self.record()?;
        match answer {
            Answer::Conflict => return Ok(false),
            Answer::Refused => return Err("the rebuilt table was refused".into()),
            Answer::Unknown if record.metadata != metadata && record.rebuild.is_some() => {
                return Err("the outcome is unknown; run it again, it goes on".into());
            }
            Answer::Unknown | Answer::Done => {}
        }
        let mut copied = Ok(());
        if record.metadata == metadata {
            copied = self.lake.copies.copy(&self.store, &record.location, record.version, bytes).await;
            if let (Some(d), Some(bytes)) = (letters, letter_bytes) {
                let more = self.lake.copies.copy(&self.store, &d.location, record.version, bytes).await;
                copied = copied.and(more);
            }
        }
        let removed =
            self.store.remove_all(&self.shadow.location).await.map(|_| ()).map_err(|e| e.to_string());
        if let Err(e) = copied.and(removed) {
            self.broker.metrics.lake.failed(&format!("after the rebuild of table {}: {e}", record.table));
        }
        Ok(true)
    }
}

/// A rebuild as a table of its own.
fn as_table(r: &LakeRebuild) -> LakeTable {
    LakeTable { location: r.location.clone(), metadata: r.metadata.clone(), ..LakeTable::default() }
}

/// Paths of everything that a rebuild will need: no sweep of the table may take them.
pub async fn needed(store: &Store, table: &LakeTable) -> Result<BTreeSet<String>, String> {
    let Some(r) = &table.rebuild else { return Ok(BTreeSet::new()) };
    let own = store.list_all(&r.location).await.map_err(|e| e.to_string())?;
    let mut out: BTreeSet<String> = own.into_iter().map(|f| f.path).collect();
    if !r.metadata.is_empty() {
        let files = named(store, &as_table(r)).await?;
        out.extend(files.into_iter().filter_map(|(_, f)| store.path_of(&f.path)));
    }
    Ok(out)
}
