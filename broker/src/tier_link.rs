//! Carries the lake's decisions out: observes partitions, runs conversions, drives the commits of their tables.
//!
//! Invariants: a file is in the store before its offset is proposed, and counts through the Raft record alone; nothing
//! here runs on, or is waited for by, the path of produce and fetch: partitions are looked at by a timer, ranges are
//! converted by the pool. No failure of the lake stops the broker. `run::start` runs it, `Running::stop` stops it.

use crate::broker::Broker;
use crate::lake::columns::TableColumns;
use crate::lake::commit::{Stored, TableCommits};
use crate::lake::{self, Lake, TABLE, ready_table, wants};
use crate::replicas::{Replica, TopicEntry};
use protocol::ids::{PartitionIndex, TopicId, TopicPartition};
use raft::Image;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tiering::convert::{Attempts, CHUNK_BYTES, ConvertError, Converted, Range, convert};
use tiering::iceberg::manifest::DataFile;
use tiering::layout::table_name;
use tiering::machine::commit::{self, Piece};
use tiering::machine::upload::{Action, Event, UploadMachine, Uploaded, View};
use tiering::pool::Slot;
use tiering::steps;
use tiering::typed::Shaper;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How often partitions are looked at: a tenth of the shortest `lake.commit.interval.ms`, within these.
const POLL_MS_MIN: i64 = 50;
const POLL_MS_MAX: i64 = 1_000;
/// Wait before a table that could not be made or cleaned is tried again.
const TABLE_RETRY_MS: i64 = 2_000;
/// Empty tables that are made at once: each takes a few writes that must reach the disk.
const TABLES_AT_ONCE: usize = 16;
/// A table's state is kept in memory for so long, and two commit intervals more, after its last commit.
const KNOWN_MS: i64 = 5_000;
/// Finished work that waits for the task.
const REPORTS_MAX: usize = 1_024;

/// Records between what the lake has and the high watermark; `None` if the partition is not in the lake.
pub fn lag(image: &Image, t: &TopicEntry, p: &Replica) -> Option<i64> {
    let committed = image.lake.get(&t.id).and_then(|l| l.offsets.get(&p.id.partition.0).copied());
    if committed.is_none() && !wants(t) {
        return None;
    }
    let ends = p.ends();
    Some((ends.high_watermark - committed.unwrap_or(ends.log_start).max(ends.log_start)).max(0))
}

/// What came back from outside the task.
enum Report {
    Event(TopicPartition, Event),
    /// A conversion ended: how far append times are.
    Converted(TopicPartition, Converted),
    Table(TopicId, Result<(), String>),
    /// A version of a table was stored, or not.
    Written(TopicId, Result<Box<Stored>, String>),
    Commit(TopicId, commit::Event),
}

struct Part {
    machine: UploadMachine,
    replica: Arc<Replica>,
    /// Append time of the last row, once one was converted.
    append_floor_ms: Option<i64>,
    began: Instant,
    /// Where the converted range starts, its files, and those of its dead letters.
    converted: (i64, Vec<DataFile>, Vec<DataFile>),
}

enum TableState {
    Asked,
    Ready,
    RetryAt(i64),
}

struct Link {
    broker: Arc<Broker>,
    lake: Arc<Lake>,
    /// Partitions with something to do.
    parts: BTreeMap<TopicPartition, Part>,
    /// Ranges [start, to) that wait for a slot of the pool.
    waiting: VecDeque<(TopicPartition, i64, i64)>,
    /// The lake's folder is full, and somebody was told.
    is_paused: bool,
    tables: BTreeMap<TopicId, TableState>,
    /// Tables that had a commit since the start.
    commits: BTreeMap<TopicId, TableCommits>,
    reports: mpsc::Sender<Report>,
    /// Proposals and removals that are under way; ended with the link.
    effects: JoinSet<()>,
}

pub async fn run(broker: Arc<Broker>, lake: Arc<Lake>) {
    let _running = lake.running.lock().await;
    let (reports, mut arrived) = mpsc::channel(REPORTS_MAX);
    let mut link = Link {
        broker,
        lake: lake.clone(),
        parts: BTreeMap::new(),
        waiting: VecDeque::new(),
        is_paused: false,
        tables: BTreeMap::new(),
        commits: BTreeMap::new(),
        reports,
        effects: JoinSet::new(),
    };
    'running: loop {
        let wait = Duration::from_millis(link.observe_all() as u64);
        link.start_conversions();
        let timer = tokio::time::sleep(wait);
        tokio::pin!(timer);
        loop {
            tokio::select! {
                () = lake.stopping.notified() => break 'running,
                () = &mut timer => break,
                Some(_) = link.effects.join_next(), if !link.effects.is_empty() => {}
                Some(report) = arrived.recv() => {
                    link.take(report);
                    link.start_conversions();
                }
            }
        }
    }
    link.effects.shutdown().await;
}

impl Link {
    /// Looks at every partition; returns when to look again, in milliseconds.
    fn observe_all(&mut self) -> i64 {
        let image = self.broker.metadata.image();
        let mut shortest = POLL_MS_MAX * 10;
        let (mut seen, mut missing) = (BTreeSet::new(), Vec::new());
        for t in self.broker.replicas.all() {
            let is_enabled = wants(&t);
            if !is_enabled && self.parts.is_empty() {
                continue;
            }
            if is_enabled {
                shortest = shortest.min(t.config.load().lake_commit_interval_ms);
            }
            let table = image.lake.get(&t.id);
            if is_enabled && table.is_none_or(|l| l.metadata.is_empty()) {
                missing.push((t.clone(), table.is_some()));
            }
            let offsets = table.map(|l| &l.offsets);
            for p in &t.partitions {
                let committed = offsets.and_then(|o| o.get(&p.id.partition.0).copied());
                if self.is_wanted(p, is_enabled, committed) {
                    seen.insert(p.id);
                    self.on(p.id, Event::Observe(view(&t, p, is_enabled, committed)));
                }
            }
        }
        self.make_tables(missing);
        let tables: Vec<TopicId> =
            self.commits.iter().filter(|(_, t)| !t.machine.is_idle()).map(|(id, _)| *id).collect();
        for topic in tables {
            self.on_commit(topic, commit::Event::Tick);
        }
        // Partitions of topics that are gone finish what is on its way, then they are forgotten.
        let gone: Vec<TopicPartition> = self.parts.keys().filter(|id| !seen.contains(id)).copied().collect();
        for id in gone {
            self.on(id, Event::Observe(View::default()));
        }
        self.parts.retain(|id, part| {
            let stays = seen.contains(id) || !part.machine.is_idle();
            if !stays {
                self.lake.release(*id);
            }
            stays
        });
        // The state of a table that is not committed to all the time is read again when it is.
        let busy: BTreeSet<TopicId> = self.parts.keys().map(|id| id.topic).collect();
        let now_ms = self.broker.clock.now().mono_ms;
        self.commits.retain(|topic, table| {
            let is_busy = busy.contains(topic) || !table.machine.is_idle();
            if is_busy {
                table.busy_ms = now_ms;
            } else {
                self.lake.release(TopicPartition { topic: *topic, partition: TABLE });
            }
            // A table that was only made waits for its first rows.
            is_busy || (table.had_rows && now_ms - table.busy_ms < KNOWN_MS + 2 * shortest)
        });
        (shortest / 10).clamp(POLL_MS_MIN, POLL_MS_MAX)
    }

    /// Tables that nobody has written to yet get their first version, which is empty; `is_known`: Raft has a record.
    fn make_tables(&mut self, mut missing: Vec<(Arc<TopicEntry>, bool)>) {
        self.tables.retain(|id, _| self.broker.replicas.by_id(*id).is_some());
        if missing.is_empty() || self.lake.must_pause() {
            return;
        }
        let asked = self.tables.values().filter(|s| matches!(s, TableState::Asked)).count();
        let written = self.commits.values().filter(|t| !t.machine.is_idle()).count();
        let mut room = TABLES_AT_ONCE.saturating_sub(asked + written);
        // Of topics that would have the same table the one with that very name is first, and the others wait for it.
        let is_other = |t: &TopicEntry| table_name(&t.name) != *t.name;
        missing.sort_by_key(|(t, _)| (is_other(t), t.name.clone()));
        let mut names = BTreeSet::new();
        for (t, is_known) in missing {
            if room == 0 {
                return;
            }
            if !is_known && !names.insert(table_name(&t.name)) {
                continue;
            }
            let is_started = match self.tables.get(&t.id) {
                Some(TableState::Ready) if is_known => {
                    let table = self.commits.entry(t.id).or_insert_with(|| TableCommits::new(t.name.clone()));
                    let was_idle = table.machine.is_idle();
                    self.on_commit(t.id, commit::Event::Create);
                    was_idle
                }
                _ => self.ask_for_table(t.id),
            };
            room -= usize::from(is_started);
        }
    }

    /// True if the partition has a machine, or needs one now.
    fn is_wanted(&mut self, p: &Arc<Replica>, is_enabled: bool, committed: Option<i64>) -> bool {
        let ends = p.ends();
        let machine = UploadMachine::new(committed);
        let has_new = machine.next(ends.log_start) < ends.high_watermark.min(ends.last_stable);
        if let Some(part) = self.parts.get(&p.id) {
            // One that has nothing to do is dropped by not being seen.
            return (is_enabled && has_new) || !part.machine.is_idle();
        }
        if is_enabled && has_new {
            let began = self.broker.clock.instant_now();
            self.parts.insert(
                p.id,
                Part {
                    machine,
                    replica: p.clone(),
                    append_floor_ms: None,
                    began,
                    converted: (0, vec![], vec![]),
                },
            );
        }
        is_enabled && has_new
    }

    fn on(&mut self, id: TopicPartition, event: Event) {
        let now_ms = self.broker.clock.now().mono_ms;
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let Some(part) = self.parts.get_mut(&id) else { return };
            let mut actions = Vec::new();
            part.machine.on(now_ms, event, &mut actions);
            for action in actions {
                events.extend(self.act(id, action));
            }
        }
    }

    /// Carries out one action; an event if its answer is at hand.
    fn act(&mut self, id: TopicPartition, action: Action) -> Option<Event> {
        let part = self.parts.get_mut(&id)?;
        match action {
            Action::Sync => part.replica.request_sync(),
            Action::Convert { start, to } => {
                steps::reached(steps::CUT);
                part.began = self.broker.clock.instant_now();
                self.waiting.push_back((id, start, to));
            }
            Action::Propose { from, to } => self.propose(id, from, to),
            Action::ReadRecord => {
                let image = self.broker.metadata.image();
                let record = image.lake.get(&id.topic).and_then(|l| l.offsets.get(&id.partition.0).copied());
                return Some(Event::Record(record));
            }
            Action::Discard(files) => self.discard(id, files),
            Action::Committed { rows, files } => {
                let took = self.broker.clock.instant_now() - part.began;
                self.broker.metrics.lake.committed(&part.replica.topic, rows, files as u64, took);
            }
        }
        None
    }

    /// Hands a converted range to its table's commits.
    fn propose(&mut self, id: TopicPartition, from: Option<i64>, to: i64) {
        let Some(part) = self.parts.get_mut(&id) else { return };
        let (start, files, dead) = part.converted.clone();
        let (partition, name) = (id.partition.0, part.replica.topic.clone());
        let table = self.commits.entry(id.topic).or_insert_with(|| TableCommits::new(name));
        table.hold(partition, files, dead);
        self.on_commit(id.topic, commit::Event::Add(Piece { partition, from, start, to }));
    }

    fn on_commit(&mut self, topic: TopicId, event: commit::Event) {
        let now_ms = self.broker.clock.now().mono_ms;
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let Some(table) = self.commits.get_mut(&topic) else { return };
            let mut actions = Vec::new();
            table.machine.on(now_ms, event, &mut actions);
            // Before the next version is built: it builds on this one.
            self.publish(topic);
            for action in actions {
                events.extend(self.act_commit(topic, action));
            }
        }
    }

    /// Carries out one action of a table's commits; an event if its answer is at hand.
    fn act_commit(&mut self, topic: TopicId, action: commit::Action) -> Option<commit::Event> {
        let table = self.commits.get_mut(&topic)?;
        let (broker, reports) = (self.broker.clone(), self.reports.clone());
        match action {
            commit::Action::Write(pieces) => {
                let attempts = self.lake.attempts(TopicPartition { topic, partition: TABLE });
                let write = match self.lake.store() {
                    Ok(store) => Ok(table.write(&broker, store, attempts, topic, pieces)),
                    Err(e) => Err(e),
                };
                self.effects.spawn(async move {
                    let result = match write {
                        Ok(w) => lake::commit::write(w).await.map(Box::new),
                        Err(e) => Err(e),
                    };
                    send(&reports, Report::Written(topic, result)).await;
                });
            }
            commit::Action::Propose { base, metadata, pieces } => {
                let dead = table.dead_letters(&metadata);
                self.effects.spawn(async move {
                    let answer =
                        lake::commit::propose(&broker, topic, base, metadata, pieces, dead, None).await;
                    send(&reports, Report::Commit(topic, commit::Event::Proposed(answer))).await;
                });
            }
            commit::Action::ReadRecord => {
                return Some(commit::Event::Record(lake::commit::record(&broker.metadata.image(), topic)));
            }
            commit::Action::Answer { piece, outcome } => {
                table.release(piece.partition);
                let id = TopicPartition { topic, partition: PartitionIndex(piece.partition) };
                self.lake.release(id);
                self.on(id, Event::Proposed(outcome));
            }
        }
        None
    }

    /// Copies a version that has become the current one.
    fn publish(&mut self, topic: TopicId) {
        let image = self.broker.metadata.image();
        let (Some(record), Some(table)) = (image.lake.get(&topic), self.commits.get_mut(&topic)) else {
            return;
        };
        let (Some((bytes, dead)), Ok(store)) = (table.committed(&record.metadata), self.lake.store()) else {
            return;
        };
        let (broker, lake, record) = (self.broker.clone(), self.lake.clone(), record.clone());
        self.effects.spawn(async move {
            let copied = match dead {
                Some((d, bytes)) => lake.copies.copy(&store, &d.location, record.version, bytes).await,
                None => Ok(()),
            };
            let main = lake.copies.copy(&store, &record.location, record.version, bytes).await;
            if let Err(e) = copied.and(main) {
                broker.metrics.lake.failed(&format!("table {}: copying its metadata: {e}", record.table));
            }
        });
    }

    fn discard(&mut self, id: TopicPartition, files: Vec<String>) {
        let (broker, lake, reports) = (self.broker.clone(), self.lake.clone(), self.reports.clone());
        self.effects.spawn(async move {
            let mut gone = true;
            for file in &files {
                let result = match lake.store() {
                    // The sweep has it later.
                    Ok(store) if !store.is_folder() => Ok(()),
                    Ok(store) => store.delete(file).await.map_err(|e| e.to_string()),
                    Err(e) => Err(e),
                };
                if let Err(e) = result {
                    broker.metrics.lake.failed(&format!("removing {file}: {e}"));
                    gone = false;
                }
            }
            send(&reports, Report::Event(id, Event::Discarded(gone))).await;
        });
    }

    fn take(&mut self, report: Report) {
        match report {
            Report::Event(id, event) => self.on(id, event),
            Report::Converted(id, c) => {
                if let Some(part) = self.parts.get_mut(&id) {
                    part.append_floor_ms = Some(c.append_floor_ms);
                    part.converted = (c.start, c.data, c.dead);
                }
                let range = Uploaded { start: c.start, end: c.end, files: c.files, rows: c.rows };
                self.on(id, Event::Converted(range));
            }
            Report::Written(topic, Ok(stored)) => {
                let (base, metadata) = (stored.base, stored.metadata.clone());
                if let Some(table) = self.commits.get_mut(&topic) {
                    table.stored(*stored);
                }
                self.on_commit(topic, commit::Event::Written { base, metadata });
            }
            Report::Written(topic, Err(e)) => {
                self.broker.metrics.lake.failed(&format!("table of topic {topic}: {e}"));
                self.on_commit(topic, commit::Event::WriteFailed);
            }
            Report::Commit(topic, event) => self.on_commit(topic, event),
            Report::Table(topic, Ok(())) => {
                self.tables.insert(topic, TableState::Ready);
            }
            Report::Table(topic, Err(e)) => {
                self.broker.metrics.lake.failed(&format!("table of topic {topic}: {e}"));
                let again = self.broker.clock.now().mono_ms + TABLE_RETRY_MS;
                self.tables.insert(topic, TableState::RetryAt(again));
            }
        }
    }

    /// Gives waiting ranges to the pool, in turn, as far as it has room and their tables are ready.
    fn start_conversions(&mut self) {
        let is_full = !self.waiting.is_empty() && self.lake.must_pause();
        if is_full && !self.is_paused {
            self.broker
                .metrics
                .lake
                .failed("the disk of its folder is nearly full: nothing more is written to it");
        }
        self.is_paused = is_full;
        if is_full {
            return;
        }
        for _ in 0..self.waiting.len() {
            let Some(slot) = self.lake.pool.slot() else { return };
            let Some((id, start, to)) = self.waiting.pop_front() else { return };
            let image = self.broker.metadata.image();
            match image.lake.get(&id.topic) {
                Some(table) if matches!(self.tables.get(&id.topic), Some(TableState::Ready)) => {
                    self.convert(slot, id, start, to, table.location.clone());
                }
                _ if self.broker.replicas.by_id(id.topic).is_none() => {
                    self.tables.remove(&id.topic);
                    self.on(id, Event::ConvertFailed { leftovers: vec![] });
                }
                _ => {
                    self.ask_for_table(id.topic);
                    self.waiting.push_back((id, start, to));
                }
            }
        }
    }

    /// True if it is asked for now.
    fn ask_for_table(&mut self, topic: TopicId) -> bool {
        let now_ms = self.broker.clock.now().mono_ms;
        match self.tables.get(&topic) {
            Some(TableState::Asked | TableState::Ready) => return false,
            Some(TableState::RetryAt(t)) if now_ms < *t => return false,
            _ => {}
        }
        self.tables.insert(topic, TableState::Asked);
        let (broker, lake, reports) = (self.broker.clone(), self.lake.clone(), self.reports.clone());
        self.effects.spawn(async move {
            let result = ready_table(&broker, &lake, topic).await;
            send(&reports, Report::Table(topic, result)).await;
        });
        true
    }

    fn convert(&mut self, slot: Slot, id: TopicPartition, start: i64, to: i64, location: String) {
        let Some(part) = self.parts.get(&id) else { return };
        let (replica, floor) = (part.replica.clone(), part.append_floor_ms);
        let random = u32::from_be_bytes(*self.broker.fresh_uuid().0.first_chunk().unwrap_or(&[0; 4]));
        let report = ConversionReport {
            id,
            broker: self.broker.clone(),
            attempts: self.lake.attempts(id),
            reports: self.reports.clone(),
            is_sent: false,
        };
        let (lake, stop) = (self.lake.clone(), self.lake.pool.stop_flag());
        let format = self.broker.replicas.by_id(id.topic).map(|t| t.config.load().lake_format.clone());
        let source = TableColumns { broker: self.broker.clone(), topic: id.topic };
        let job = move || async move {
            // Rows follow on the one before them, also across a restart.
            let floor = floor.unwrap_or_else(|| append_ms_before(&replica, start));
            let range = Range { location, id, start, to, append_floor_ms: floor, random };
            let result = match lake.store() {
                Ok(store) => {
                    let shaper = Shaper::new(format.unwrap_or_default(), source);
                    let read = |from| replica.reader().chunk_at(from, to, CHUNK_BYTES);
                    convert(&range, shaper, read, &store, &report.attempts, &stop).await.map_err(
                        |e| match e {
                            ConvertError::Stopped => None,
                            e => Some(e.to_string()),
                        },
                    )
                }
                Err(e) => Err(Some(e)),
            };
            report.send(result).await;
        };
        // If no thread can be started the job is dropped, and with it its report tells.
        if let Err(e) = self.lake.pool.run(slot, job) {
            self.broker.metrics.lake.failed(&format!("no thread for the lake: {e}"));
        }
    }
}

/// Append time of the row before `start`, if the log still has it.
pub(crate) fn append_ms_before(replica: &Replica, start: i64) -> i64 {
    match replica.reader().batch_at(start - 1, start) {
        Ok(Some(b)) if start > replica.ends().log_start => b.append_ms,
        _ => 0,
    }
}

/// Where a partition stands for its machine.
fn view(t: &TopicEntry, p: &Replica, is_enabled: bool, committed: Option<i64>) -> View {
    let (ends, c) = (p.ends(), t.config.load());
    let readable_end = ends.high_watermark.min(ends.last_stable);
    let from = committed.unwrap_or(ends.log_start).max(ends.log_start);
    let commit_bytes = c.lake_commit_bytes.max(0) as u64;
    let sealed_end = p.reader().active_base().unwrap_or(0);
    // Sealed segments are due whatever they hold; the active one's index is in memory. A log that cannot be read
    // shows when it is converted.
    let pending_bytes = match sealed_end <= from {
        true => p.reader().available(from, readable_end, commit_bytes).unwrap_or(0),
        false => 0,
    };
    View {
        is_enabled,
        log_start: ends.log_start,
        readable_end,
        durable_end: ends.durable_end,
        sealed_end,
        pending_bytes,
        interval_ms: c.lake_commit_interval_ms,
        commit_bytes,
    }
}

async fn send(to: &mpsc::Sender<Report>, report: Report) {
    // Fails only when the broker stops; the next start cleans up.
    if to.send(report).await.is_err() {
        tracing::debug!("a report of the lake came after its end");
    }
}

/// Tells how a conversion ended, also when its thread dies.
struct ConversionReport {
    id: TopicPartition,
    broker: Arc<Broker>,
    attempts: Attempts,
    reports: mpsc::Sender<Report>,
    is_sent: bool,
}

impl ConversionReport {
    fn failed(&self) -> Report {
        Report::Event(self.id, Event::ConvertFailed { leftovers: self.attempts.lock().clone() })
    }

    /// An error of `None` says that the broker stops.
    async fn send(mut self, result: Result<Converted, Option<String>>) {
        self.is_sent = true;
        let report = match result {
            Ok(c) => Report::Converted(self.id, c),
            Err(why) => {
                if let Some(why) = why {
                    self.broker.metrics.lake.failed(&format!("{}: {why}", self.id));
                }
                self.failed()
            }
        };
        send(&self.reports, report).await;
    }
}

impl Drop for ConversionReport {
    fn drop(&mut self) {
        if !self.is_sent {
            self.broker.metrics.lake.failed(&format!("{}: its conversion was cut short", self.id));
            if self.reports.try_send(self.failed()).is_err() {
                tracing::error!("{}: its lake conversion ended without a report", self.id);
            }
        }
    }
}
