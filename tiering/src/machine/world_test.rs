//! The lake's machines together, in a world where everything fails: uploads, commits, merges, sweeps, kills, a topic made
//! anew. The decisions are the product's own; store, record and log are models that do each step at a chosen moment.
//!
//! A seed is a schedule. Whatever happens in it, in the end the table has each committed offset once, nothing that was
//! aborted or lost, and every object that it names. Rules that are wrong on purpose must each break that.

use super::commit::{self, Answer, CommitMachine, Piece, Record};
use super::upload::{self, UploadMachine, Uploaded, View};
use crate::iceberg::commit::{Addition, Base, append, to_merge};
use crate::iceberg::expire::Retention;
use crate::iceberg::manifest::{self, DataFile, Entry, Status};
use crate::iceberg::metadata::{TableMetadata, parse_offsets};
use crate::layout::{Day, FileName};
use crate::store::Found;
use crate::sweep::{Ages, may_go};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

const PARTITIONS: usize = 2;
const ORPHAN_MS: i64 = 10_000;
const ROOT: &str = "file:///lake/";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// An unknown outcome is a refusal, and a version is all that the record compares.
    RetryBlindly,
    /// An unknown outcome is success.
    TrustBlindly,
    /// Files of an unknown outcome are removed.
    DeleteOnUnknown,
    PastLastStable,
    PastDurable,
    /// After a start the committed offsets are those of the newest metadata file that lies in the store.
    OffsetsFromStore,
    /// A table is found by the topic's name.
    OtherTopic,
    /// Age is not asked.
    SweepYoung,
    /// Nobody is asked who holds objects.
    SweepHeld,
    /// The version is read before objects are listed.
    SweepStale,
    /// A merge does not look whether its base is still the current version.
    MergeBlindly,
}

const WRONG: [Wrong; 11] = [
    Wrong::RetryBlindly,
    Wrong::TrustBlindly,
    Wrong::DeleteOnUnknown,
    Wrong::PastLastStable,
    Wrong::PastDurable,
    Wrong::OffsetsFromStore,
    Wrong::OtherTopic,
    Wrong::SweepYoung,
    Wrong::SweepHeld,
    Wrong::SweepStale,
    Wrong::MergeBlindly,
];

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

#[derive(Clone, Default)]
struct Log {
    start: i64,
    end: i64,
    durable: i64,
    /// Last stable offset: a transaction is open above.
    stable: i64,
}

/// Who stores objects: a partition, the table, a merge.
type Holder = (u64, i32);
const TABLE: i32 = -1;
const UPKEEP: i32 = -2;

#[derive(Clone)]
struct Proposed {
    topic: u64,
    base: u64,
    metadata: String,
    pieces: Vec<Piece>,
    is_merge: bool,
}

/// What is under way outside the machines.
enum Effect {
    Sync(usize),
    Convert(usize, i64, i64),
    Write(Vec<Piece>),
    Propose(Proposed),
    Discard(usize, Vec<String>),
}

/// How far a sweep is.
enum Sweep {
    Listed(Vec<(String, i64)>),
    Asked(Vec<(String, i64)>, BTreeSet<String>),
    /// The wrong order.
    Read(u64, BTreeSet<String>),
}

struct World {
    rng: Rng,
    wrong: Option<Wrong>,
    faults: bool,
    now_ms: i64,
    topic: u64,
    logs: Vec<Log>,
    uploads: Vec<UploadMachine>,
    /// What was converted for each partition.
    converted: BTreeMap<i32, (i64, Vec<DataFile>)>,
    files: BTreeMap<i32, Vec<DataFile>>,
    commits: CommitMachine,
    effects: Vec<Effect>,
    late: Vec<Proposed>,
    records: BTreeMap<u64, Record>,
    /// Each version by its metadata file.
    versions: BTreeMap<String, Base>,
    objects: BTreeMap<String, (i64, Bytes)>,
    held: BTreeMap<Holder, BTreeSet<String>>,
    sweep: Option<Sweep>,
    names: u64,
    violation: Option<String>,
}

fn location(topic: u64) -> String {
    format!("ns/t{topic}")
}

fn uri(path: &str) -> String {
    format!("{ROOT}{path}")
}

impl World {
    fn new(seed: u64, wrong: Option<Wrong>) -> World {
        let mut w = World {
            rng: Rng(seed),
            wrong,
            faults: true,
            now_ms: 1_000_000,
            topic: 1,
            logs: vec![Log::default(); PARTITIONS],
            uploads: Vec::new(),
            converted: BTreeMap::new(),
            files: BTreeMap::new(),
            commits: CommitMachine::default(),
            effects: Vec::new(),
            late: Vec::new(),
            records: BTreeMap::new(),
            versions: BTreeMap::new(),
            objects: BTreeMap::new(),
            held: BTreeMap::new(),
            sweep: None,
            names: 0,
            violation: None,
        };
        w.records.insert(1, Record::default());
        w.start();
        w
    }

    fn is_wrong(&self, wrong: Wrong) -> bool {
        self.wrong == Some(wrong)
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.faults && self.rng.below(one_in) == 0
    }

    fn break_promise(&mut self, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(what());
        }
    }

    fn name(&mut self) -> u64 {
        self.names += 1;
        self.names
    }

    /// The machines of a process that has just started.
    fn start(&mut self) {
        let mut offsets = self.records[&self.topic].offsets.clone();
        if self.is_wrong(Wrong::OffsetsFromStore) {
            let newest = self.versions.iter().filter(|(path, _)| path.starts_with(&location(self.topic)));
            let newest = newest.max_by_key(|(_, b)| b.table.last_sequence_number);
            offsets = newest.and_then(|(_, b)| b.table.offsets()).unwrap_or_default();
        }
        self.uploads = (0..PARTITIONS as i32).map(|p| UploadMachine::new(offsets.get(&p).copied())).collect();
        (self.commits, self.effects) = (CommitMachine::default(), Vec::new());
        (self.converted, self.files, self.sweep) = (BTreeMap::new(), BTreeMap::new(), None);
        self.held.clear();
    }

    fn view(&self, p: usize) -> View {
        let log = &self.logs[p];
        let past_stable = self.is_wrong(Wrong::PastLastStable);
        let readable_end = if past_stable { log.durable } else { log.durable.min(log.stable) };
        let past_durable = self.is_wrong(Wrong::PastDurable);
        View {
            is_enabled: true,
            log_start: log.start,
            readable_end: if past_durable { log.end.min(log.stable) } else { readable_end },
            durable_end: if past_durable { log.end } else { log.durable },
            sealed_end: 0,
            pending_bytes: 0,
            interval_ms: 1_000,
            commit_bytes: 1_000,
        }
    }

    fn upload(&mut self, p: usize, event: upload::Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let mut out = Vec::new();
            self.uploads[p].on(self.now_ms, event, &mut out);
            for action in out {
                match action {
                    upload::Action::Sync => self.effects.push(Effect::Sync(p)),
                    upload::Action::Convert { start, to } => self.effects.push(Effect::Convert(p, start, to)),
                    upload::Action::Propose { from, to } => {
                        let (start, files) = self.converted[&(p as i32)].clone();
                        self.files.insert(p as i32, files);
                        self.commit(commit::Event::Add(Piece { partition: p as i32, from, start, to }));
                    }
                    upload::Action::ReadRecord => {
                        let at = self.records[&self.topic].offsets.get(&(p as i32)).copied();
                        events.push(upload::Event::Record(at));
                    }
                    upload::Action::Discard(files) => self.effects.push(Effect::Discard(p, files)),
                    upload::Action::Committed { .. } => {}
                }
            }
        }
    }

    fn commit(&mut self, event: commit::Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let mut out = Vec::new();
            self.commits.on(self.now_ms, event, &mut out);
            for action in out {
                match action {
                    commit::Action::Write(pieces) => self.effects.push(Effect::Write(pieces)),
                    commit::Action::Propose { base, metadata, pieces } => {
                        let topic = self.topic;
                        let p = Proposed { topic, base, metadata, pieces, is_merge: false };
                        self.effects.push(Effect::Propose(p));
                    }
                    commit::Action::ReadRecord => {
                        events.push(commit::Event::Record(Some(self.records[&self.topic].clone())));
                    }
                    commit::Action::Answer { piece, outcome } => {
                        self.held.remove(&(self.topic, piece.partition));
                        self.upload(piece.partition as usize, upload::Event::Proposed(outcome));
                    }
                }
            }
        }
    }

    fn put(&mut self, holder: Holder, path: String, bytes: Bytes) {
        self.held.entry(holder).or_default().insert(path.clone());
        self.objects.insert(path, (self.now_ms, bytes));
    }

    /// A data file whose name says what is in it.
    fn data_file(&mut self, p: i32, base: i64, end: i64) -> (String, DataFile) {
        let random = self.name() as u32;
        let name = FileName { day: Day(1), partition: p, base, end, leader_epoch: 0, random };
        let path = name.path(&location(self.topic));
        let file = DataFile { path: uri(&path), rows: end - base, bytes: 1, ..DataFile::default() };
        (path, file)
    }

    fn base_of(&self, topic: u64) -> (u64, Base) {
        let record = &self.records[&topic];
        let new = || Base {
            table: TableMetadata::new("uuid", &uri(&location(topic)), 1, "t", &topic.to_string()),
            at: None,
            manifests: Vec::new(),
        };
        (record.version, self.versions.get(&record.metadata).cloned().unwrap_or_else(new))
    }

    /// Builds a version and stores its objects; its metadata file.
    fn write(
        &mut self,
        holder: Holder,
        files: Vec<DataFile>,
        removed: BTreeSet<String>,
        pieces: &[Piece],
    ) -> (u64, String) {
        let (version, base) = self.base_of(self.topic);
        let mut offsets = self.records[&self.topic].offsets.clone();
        offsets.extend(pieces.iter().map(|p| (p.partition, p.to)));
        let names = |m: &manifest::ManifestFile| {
            let entries = self.entries(&m.path)?;
            let has = entries.iter().any(|e| removed.contains(&e.file.path));
            (has || to_merge(&base.manifests).contains(&m.path)).then_some((m.path.clone(), entries))
        };
        let merged = base.manifests.iter().filter_map(names).collect();
        let id = self.name();
        let addition = Addition {
            location: location(self.topic),
            location_uri: uri(&location(self.topic)),
            version: version + 1,
            uuid: format!("{id:08x}-0000-4000-8000-000000000000"),
            snapshot_id: id as i64,
            now_ms: self.now_ms,
            files,
            removed,
            offsets,
            keep: Retention { all_ms: 0, min: 2, hourly_ms: 0 },
            merged,
            ..Addition::default()
        };
        let built = append(&base, &addition).unwrap();
        for o in built.objects.iter().chain([&built.metadata]) {
            self.put(holder, o.path.clone(), o.bytes.clone());
        }
        self.versions.insert(built.metadata.path.clone(), built.next);
        (version, built.metadata.path)
    }

    fn entries(&self, manifest: &str) -> Option<Vec<Entry>> {
        let (_, bytes) = self.objects.get(manifest.strip_prefix(ROOT)?)?;
        manifest::read(bytes).ok()
    }

    fn apply(&mut self, p: &Proposed) -> Answer {
        let is_other = self.is_wrong(Wrong::OtherTopic);
        let topic = if is_other { *self.records.keys().next().unwrap() } else { p.topic };
        let checks = !self.is_wrong(Wrong::RetryBlindly);
        let ignores_base = (p.is_merge && self.is_wrong(Wrong::MergeBlindly)) || is_other;
        let record = self.records.get_mut(&topic).unwrap();
        let moved = |piece: &Piece| record.offsets.get(&piece.partition).copied() != piece.from;
        if (record.version != p.base && !ignores_base) || (checks && !is_other && p.pieces.iter().any(moved))
        {
            return Answer::Conflict;
        }
        record.version += 1;
        record.metadata.clone_from(&p.metadata);
        for piece in &p.pieces {
            record.offsets.insert(piece.partition, piece.to);
        }
        Answer::Done
    }

    fn run(&mut self, effect: Effect) {
        match effect {
            Effect::Sync(p) => self.logs[p].durable = self.logs[p].end,
            Effect::Convert(p, start, to) => self.convert(p, start, to),
            Effect::Write(pieces) => {
                if self.chance(6) {
                    return self.commit(commit::Event::WriteFailed);
                }
                // One attempt of a table at a time: the names of the last are let go.
                self.held.remove(&(self.topic, TABLE));
                let files = pieces.iter().flat_map(|p| self.files[&p.partition].clone()).collect();
                let (base, metadata) = self.write((self.topic, TABLE), files, BTreeSet::new(), &pieces);
                self.commit(commit::Event::Written { base, metadata });
            }
            Effect::Propose(p) => {
                let is_merge = p.is_merge;
                let answer = self.propose(p.clone());
                if is_merge {
                    // Whatever came of it, the next look begins anew.
                    self.held.remove(&(self.topic, UPKEEP));
                    return;
                }
                let told = match (answer, self.wrong) {
                    (Answer::Unknown, Some(Wrong::RetryBlindly)) => Answer::Conflict,
                    (Answer::Unknown, Some(Wrong::TrustBlindly)) => Answer::Done,
                    (Answer::Unknown, Some(Wrong::DeleteOnUnknown)) => {
                        for f in p.pieces.iter().flat_map(|p| self.files[&p.partition].clone()) {
                            self.objects.remove(f.path.strip_prefix(ROOT).unwrap_or_default());
                        }
                        Answer::Unknown
                    }
                    (answer, _) => answer,
                };
                self.commit(commit::Event::Proposed(told));
            }
            Effect::Discard(p, files) => {
                let fails = self.chance(4);
                if !fails || self.chance(2) {
                    files.iter().for_each(|f| drop(self.objects.remove(f)));
                }
                self.upload(p, upload::Event::Discarded(!fails));
            }
        }
    }

    fn propose(&mut self, p: Proposed) -> Answer {
        if self.chance(5) {
            if self.chance(2) {
                self.apply(&p);
            } else if self.chance(2) {
                self.late.push(p);
            }
            return Answer::Unknown;
        }
        self.apply(&p)
    }

    fn convert(&mut self, p: usize, start: i64, to: i64) {
        let log = &self.logs[p];
        if to > log.durable.min(log.stable) {
            let text =
                format!("{start}..{to} of {p} is converted; durable {} stable {}", log.durable, log.stable);
            self.break_promise(|| text);
        }
        let end = if self.chance(4) && to - start > 1 { start + (to - start) / 2 } else { to };
        let (path, file) = self.data_file(p as i32, start, end);
        let holder = (self.topic, p as i32);
        self.held.insert(holder, BTreeSet::from([path.clone()]));
        let fails = self.chance(5);
        if !fails || self.chance(2) {
            self.put(holder, path.clone(), Bytes::new());
        }
        if fails {
            return self.upload(p, upload::Event::ConvertFailed { leftovers: vec![path] });
        }
        self.converted.insert(p as i32, (start, vec![file]));
        let files = vec![path];
        self.upload(p, upload::Event::Converted(Uploaded { start, end, files, rows: (end - start) as u64 }));
    }

    /// Merges two neighbours, if there are some; its proposal is under way then.
    fn merge(&mut self) {
        if self.held.contains_key(&(self.topic, UPKEEP)) {
            return;
        }
        let mut files = self.live(self.topic);
        files.sort_by_key(|(n, _)| (n.partition, n.base));
        let Some(pair) =
            files.windows(2).find(|w| w[0].0.partition == w[1].0.partition && w[0].0.end == w[1].0.base)
        else {
            return;
        };
        let (p, base, end) = (pair[0].0.partition, pair[0].0.base, pair[1].0.end);
        let removed = pair.iter().map(|(_, f)| f.path.clone()).collect();
        let (path, file) = self.data_file(p, base, end);
        let holder = (self.topic, UPKEEP);
        self.put(holder, path, Bytes::new());
        let (base, metadata) = self.write(holder, vec![file], removed, &[]);
        let topic = self.topic;
        self.effects.push(Effect::Propose(Proposed {
            topic,
            base,
            metadata,
            pieces: vec![],
            is_merge: true,
        }));
    }

    /// The data files that the record's version names.
    fn live(&self, topic: u64) -> Vec<(FileName, DataFile)> {
        let Some(base) = self.versions.get(&self.records[&topic].metadata) else { return Vec::new() };
        let entries = base.manifests.iter().filter_map(|m| self.entries(&m.path)).flatten();
        let live = entries.filter(|e| e.status != Status::Deleted).map(|e| e.file);
        live.filter_map(|f| Some((FileName::parse(&f.path)?, f))).collect()
    }

    /// Everything that the record's version and its snapshots name.
    fn referenced(&self, topic: u64) -> BTreeSet<String> {
        let record = &self.records[&topic];
        let mut out = BTreeSet::from([uri(&record.metadata)]);
        let Some(base) = self.versions.get(&record.metadata) else { return out };
        out.extend(base.table.metadata_log.iter().map(|m| m.metadata_file.clone()));
        for s in &base.table.snapshots {
            out.insert(s.manifest_list.clone());
            let list = s.manifest_list.strip_prefix(ROOT).and_then(|p| self.objects.get(p));
            for m in list.and_then(|(_, b)| manifest::read_list(b).ok()).into_iter().flatten() {
                let entries = self.entries(&m.path).into_iter().flatten();
                out.extend(entries.filter(|e| e.status != Status::Deleted).map(|e| e.file.path));
                out.insert(m.path);
            }
        }
        out
    }

    fn all(&self) -> Vec<(String, i64)> {
        let here = location(self.topic) + "/";
        let mine = self.objects.iter().filter(|(path, _)| path.starts_with(&here));
        mine.map(|(path, (at, _))| (path.clone(), *at)).collect()
    }

    /// One step of a sweep.
    fn sweep_on(&mut self) {
        let held = || self.held.values().flatten().cloned().collect::<BTreeSet<String>>();
        self.sweep = match self.sweep.take() {
            None if self.is_wrong(Wrong::SweepStale) => {
                Some(Sweep::Read(self.records[&self.topic].version, self.referenced(self.topic)))
            }
            None => Some(Sweep::Listed(self.all())),
            Some(Sweep::Listed(found)) => {
                let held = if self.is_wrong(Wrong::SweepHeld) { BTreeSet::new() } else { held() };
                Some(Sweep::Asked(found, held))
            }
            Some(Sweep::Asked(found, held)) => {
                let (version, live) = (self.records[&self.topic].version, self.referenced(self.topic));
                self.remove(found, &held, version, &live);
                None
            }
            Some(Sweep::Read(version, live)) => {
                let (found, held) = (self.all(), held());
                self.remove(found, &held, version, &live);
                None
            }
        };
    }

    fn remove(
        &mut self,
        found: Vec<(String, i64)>,
        held: &BTreeSet<String>,
        version: u64,
        live: &BTreeSet<String>,
    ) {
        let orphan_ms = if self.is_wrong(Wrong::SweepYoung) { 0 } else { ORPHAN_MS };
        let ages = Ages { orphan_ms, former_ms: orphan_ms };
        for (path, modified_ms) in found {
            let object = Found { path: path.clone(), bytes: 0, modified_ms };
            if may_go(&object, self.now_ms, &ages, version)
                && !live.contains(&uri(&path))
                && !held.contains(&path)
            {
                self.objects.remove(&path);
            }
        }
    }

    /// kill -9, and a start.
    fn kill(&mut self) {
        // What is under way has happened, or has not.
        for effect in std::mem::take(&mut self.effects) {
            if self.rng.below(2) == 0 {
                continue;
            }
            match effect {
                Effect::Convert(p, start, to) => {
                    let (path, _) = self.data_file(p as i32, start, to);
                    self.objects.insert(path, (self.now_ms, Bytes::new()));
                }
                Effect::Write(pieces) => {
                    let files = pieces.iter().flat_map(|p| self.files[&p.partition].clone()).collect();
                    self.write((self.topic, TABLE), files, BTreeSet::new(), &pieces);
                }
                Effect::Propose(p) => drop(self.apply(&p)),
                Effect::Sync(_) | Effect::Discard(..) => {}
            }
        }
        self.resolve_late();
        for p in 0..PARTITIONS {
            let log = &mut self.logs[p];
            log.end = log.durable;
            log.stable = log.stable.min(log.end);
            let (end, committed) = (log.end, self.records[&self.topic].offsets.get(&(p as i32)).copied());
            if committed.is_some_and(|c| c > end) {
                self.break_promise(|| format!("{committed:?} of {p} is committed, the log ends at {end}"));
            }
        }
        self.start();
        // As in a folder: what was never committed goes before anything is written.
        let offsets = self.records[&self.topic].offsets.clone();
        let here = location(self.topic) + "/";
        self.objects.retain(|path, _| match FileName::parse(path) {
            Some(n) if path.starts_with(&here) => offsets.get(&n.partition).is_some_and(|c| n.end <= *c),
            _ => true,
        });
    }

    /// Proposals that are late are in the record's log by now, or never will be.
    fn resolve_late(&mut self) {
        for p in std::mem::take(&mut self.late) {
            if self.rng.below(2) == 0 {
                self.apply(&p);
            }
        }
    }

    /// The topic is deleted, and made again under its name.
    fn recreate(&mut self) {
        self.effects.clear();
        self.late.clear();
        self.topic += 1;
        self.records.insert(self.topic, Record::default());
        self.logs = vec![Log::default(); PARTITIONS];
        self.start();
    }

    fn step(&mut self) {
        self.now_ms += self.rng.below(700) as i64;
        let p = self.rng.below(PARTITIONS as u64) as usize;
        match self.rng.below(20) {
            0..3 => {
                let n = 1 + self.rng.below(9) as i64;
                let opens = self.rng.below(3) == 0;
                let log = &mut self.logs[p];
                let is_open = log.stable < log.end || opens;
                log.end += n;
                log.stable = if is_open { log.stable } else { log.end };
            }
            3 => self.logs[p].durable = self.logs[p].end,
            // The transaction ends.
            4 => self.logs[p].stable = self.logs[p].end,
            5..9 => self.observe(),
            9..15 if !self.effects.is_empty() => {
                let at = self.rng.below(self.effects.len() as u64) as usize;
                let effect = self.effects.remove(at);
                self.run(effect);
            }
            15 => {
                if let Some(p) = self.late.pop() {
                    self.apply(&p);
                }
            }
            16 => self.merge(),
            17 => (0..2).for_each(|_| self.sweep_on()),
            18 => self.sweep_on(),
            19 if self.rng.below(8) == 0 => self.kill(),
            19 if self.rng.below(40) == 0 => self.recreate(),
            // Long enough for any object to be old, and so for any proposal to have come or not.
            19 if self.rng.below(4) == 0 => {
                self.resolve_late();
                self.now_ms += ORPHAN_MS;
            }
            _ => {}
        }
    }

    fn observe(&mut self) {
        (0..PARTITIONS).for_each(|p| self.upload(p, upload::Event::Observe(self.view(p))));
        self.commit(commit::Event::Tick);
    }

    /// Lets everything come to its end, without further faults.
    fn settle(&mut self) {
        self.faults = false;
        for log in &mut self.logs {
            (log.durable, log.stable) = (log.end, log.end);
        }
        for _ in 0..400 {
            self.now_ms += 1_000;
            self.observe();
            while let Some(effect) = self.effects.pop() {
                self.run(effect);
            }
        }
        while let Some(p) = self.late.pop() {
            self.apply(&p);
        }
        // Nothing holds anything any more, and all is old.
        self.now_ms += 10 * ORPHAN_MS;
        self.held.clear();
        self.sweep = None;
        (0..3).for_each(|_| self.sweep_on());
    }

    fn check(&self) -> Result<(), String> {
        if let Some(what) = &self.violation {
            return Err(what.clone());
        }
        for topic in self.records.keys() {
            for name in self.referenced(*topic) {
                let path = name.strip_prefix(ROOT).unwrap_or(&name);
                // Former metadata files may go, they are nobody's state.
                let is_former = path != self.records[topic].metadata && path.ends_with(".json");
                if !path.is_empty() && !is_former && !self.objects.contains_key(path) {
                    return Err(format!("table {topic} names {path}, which is gone"));
                }
            }
            let foreign = |(_, f): &(FileName, DataFile)| !f.path.contains(&location(*topic));
            if self.live(*topic).iter().any(foreign) {
                return Err(format!("table {topic} has rows of another topic"));
            }
        }
        let record = &self.records[&self.topic];
        let base = self.versions.get(&record.metadata);
        let in_table = base.and_then(|b| b.table.offsets()).unwrap_or_default();
        let summary = base.and_then(|b| parse_offsets(&b.table.current()?.summary["lipno.offsets"]));
        if in_table != record.offsets || summary.is_some_and(|s| s != record.offsets) {
            return Err(format!("the table says {in_table:?}, the record {:?}", record.offsets));
        }
        for (p, log) in self.logs.iter().enumerate() {
            let mut files = self.live(self.topic);
            files.retain(|(n, _)| n.partition == p as i32);
            files.sort_by_key(|(n, _)| n.base);
            let mut at = 0;
            for (n, _) in files {
                if n.base != at {
                    return Err(format!("partition {p}: rows from {} after {at}", n.base));
                }
                at = n.end;
            }
            if at != log.end {
                return Err(format!("partition {p}: rows up to {at} of {}", log.end));
            }
        }
        Ok(())
    }
}

fn run(seed: u64, wrong: Option<Wrong>) -> Result<(), String> {
    let mut w = World::new(seed, wrong);
    for _ in 0..150 + seed % 150 {
        w.step();
        // A broken promise may break the models, too.
        if w.violation.is_some() {
            break;
        }
    }
    w.settle();
    w.check()
}

#[test]
fn every_schedule_ends_with_each_row_once() {
    for seed in 0..4_000 {
        assert_eq!(run(seed, None), Ok(()), "seed {seed}");
    }
}

#[test]
fn rules_that_are_wrong_are_found() {
    for wrong in WRONG {
        let found = (0..4_000).find_map(|seed| Some((seed, run(seed, Some(wrong)).err()?)));
        let (seed, why) = found.unwrap_or_else(|| panic!("{wrong:?} is not found"));
        println!("{wrong:?}: seed {seed}: {why}");
    }
}
