//! Carries one table's commits out: reads its state, stores manifests, list and metadata, proposes the new version.
//!
//! Invariants: objects are stored in the order in which they refer to each other, the proposal comes last; an object
//! that an attempt stored is never used by another one and never removed here, whatever the attempt's outcome; the
//! state that was read or built is kept only as long as the Raft record names it. Called by the tier link, whose
//! commit machines decide.

use crate::broker::Broker;
use crate::lake::{columns, read};
use protocol::ids::TopicId;
use raft::{Command, DeadLetters, Image, LakeMove, LakeTable, Outcome, Refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tiering::convert::Attempts;
use tiering::iceberg::commit::{Addition, Base, Object, Prepared, append, to_merge};
use tiering::iceberg::manifest::{self, DataFile, Entry, Status};
use tiering::iceberg::metadata::TableMetadata;
use tiering::import::committed_files;
use tiering::layout;
use tiering::machine::commit::{Answer, CommitMachine, Piece, Record};
use tiering::steps;
use tiering::store::Store;
use tiering::typed::Columns;

/// What the Raft record says of a table, for its machine.
pub fn record(image: &Image, topic: TopicId) -> Option<Record> {
    let t = image.lake.get(&topic)?;
    Some(Record { version: t.version, metadata: t.metadata.clone(), offsets: t.offsets.clone() })
}

/// A table's state as of a version.
#[derive(Clone)]
pub struct Known {
    metadata: String,
    base: Arc<Base>,
}

/// One table's commits: its machine, and what the machine's ranges and versions stand for.
pub struct TableCommits {
    pub machine: CommitMachine,
    /// The topic's name.
    pub name: Arc<str>,
    /// When there was something to do last.
    pub busy_ms: i64,
    /// Some range was given to it.
    pub had_rows: bool,
    known: Option<Known>,
    stored: Option<Stored>,
    /// Data files of each partition's range, and of its dead letters.
    files: BTreeMap<i32, (Vec<DataFile>, Vec<DataFile>)>,
}

impl TableCommits {
    pub fn new(name: Arc<str>) -> TableCommits {
        TableCommits {
            machine: CommitMachine::default(),
            name,
            busy_ms: 0,
            had_rows: false,
            known: None,
            stored: None,
            files: BTreeMap::new(),
        }
    }

    /// Takes the files of a range that is about to be added.
    pub fn hold(&mut self, partition: i32, files: Vec<DataFile>, dead: Vec<DataFile>) {
        self.files.insert(partition, (files, dead));
        self.had_rows = true;
    }

    pub fn release(&mut self, partition: i32) {
        self.files.remove(&partition);
    }

    pub fn write(
        &self,
        broker: &Arc<Broker>,
        store: Arc<Store>,
        attempts: Attempts,
        topic: TopicId,
        pieces: Vec<Piece>,
    ) -> Write {
        let held = || pieces.iter().filter_map(|p| self.files.get(&p.partition));
        let files = held().flat_map(|(files, _)| files).cloned().collect();
        let dead = held().flat_map(|(_, dead)| dead).cloned().collect();
        let (name, known) = (self.name.clone(), self.known.clone());
        Write {
            broker: broker.clone(),
            store,
            attempts,
            topic,
            name,
            known,
            pieces,
            files,
            dead,
            removed: BTreeSet::new(),
            dead_removed: BTreeSet::new(),
            starts: BTreeMap::new(),
        }
    }

    /// What goes with the stored version to Raft.
    pub fn dead_letters(&self, metadata: &str) -> Option<DeadLetters> {
        let stored = self.stored.as_ref().filter(|s| s.metadata == metadata)?;
        stored.dead_letters.as_ref().map(|(d, _)| d.clone())
    }

    pub fn stored(&mut self, stored: Stored) {
        self.stored = Some(stored);
    }

    /// The record names the stored version: it is what the next one builds on. Returns its bytes, and those of the dead
    /// letters, for the copies.
    pub fn committed(
        &mut self,
        metadata: &str,
    ) -> Option<(bytes::Bytes, Option<(DeadLetters, bytes::Bytes)>)> {
        let stored = self.stored.take_if(|s| s.metadata == metadata)?;
        self.known = Some(Known { metadata: stored.metadata, base: Arc::new(stored.next) });
        Some((stored.bytes, stored.dead_letters))
    }
}

/// Reads the state that the record names; a table without a commit begins empty.
pub(super) async fn load(
    store: &Store,
    broker: &Broker,
    topic: TopicId,
    name: &str,
    t: &LakeTable,
) -> Result<Base, String> {
    let location = store.uri(&t.location);
    if t.metadata.is_empty() {
        let uuid = uuid_text(broker);
        let now_ms = broker.clock.now().wall_ms;
        let table = TableMetadata::new(&uuid, &location, now_ms, name, &topic.to_string());
        return Ok(Base { table, at: None, manifests: Vec::new() });
    }
    let table = read::metadata(store, t).await?;
    let manifests = match table.current() {
        Some(s) => read::manifests(store, s).await?,
        None => Vec::new(),
    };
    Ok(Base { table, at: Some(store.uri(&t.metadata)), manifests })
}

pub(super) fn uuid_text(broker: &Broker) -> String {
    uuid::Uuid::from_bytes(broker.fresh_uuid().0).to_string()
}

/// What a write needs.
pub struct Write {
    pub broker: Arc<Broker>,
    pub store: Arc<Store>,
    /// Gets every name before its object can exist.
    pub attempts: Attempts,
    pub topic: TopicId,
    pub name: Arc<str>,
    /// The state after the last commit, if it is at hand.
    pub known: Option<Known>,
    pub pieces: Vec<Piece>,
    pub files: Vec<DataFile>,
    /// Files for the table of dead letters.
    pub dead: Vec<DataFile>,
    /// URIs of data files to take out, all of which must still be there; and what partitions start with then.
    pub removed: BTreeSet<String>,
    /// The same of the table of dead letters.
    pub dead_removed: BTreeSet<String>,
    pub starts: BTreeMap<i32, i64>,
}

/// A version that is stored and can be proposed.
pub struct Stored {
    pub base: u64,
    pub metadata: String,
    pub next: Base,
    /// The metadata file's bytes, for its copy.
    pub bytes: bytes::Bytes,
    /// The new state of the dead letters, and the bytes of its metadata file.
    pub dead_letters: Option<(DeadLetters, bytes::Bytes)>,
}

/// Builds and stores a version on top of the record as it is now.
pub async fn write(w: Write) -> Result<Stored, String> {
    let image = w.broker.metadata.image();
    let table = image.lake.get(&w.topic).ok_or("the table is gone")?;
    let base = match w.known {
        Some(k) if k.metadata == table.metadata => k.base,
        _ => Arc::new(load(&w.store, &w.broker, w.topic, &w.name, table).await?),
    };
    let mut files = w.files;
    if table.metadata.is_empty() && !table.offsets.is_empty() {
        let before = committed_files(&w.store, &table.location, &table.offsets).await;
        files.extend(before.map_err(|e| format!("taking in what the table had: {e}"))?);
    }
    let mut merged = read::entries(&w.store, to_merge(&base.manifests)).await?;
    find_removed(&w.store, &base, &w.removed, &mut merged).await?;
    let mut offsets = table.offsets.clone();
    offsets.extend(w.pieces.iter().map(|p| (p.partition, p.to)));
    let id = w.broker.fresh_uuid().0;
    let snapshot_id = i64::from_be_bytes(*id.first_chunk().unwrap_or(&[0; 8])) & i64::MAX;
    let addition = Addition {
        location: table.location.clone(),
        location_uri: w.store.uri(&table.location),
        version: table.version + 1,
        uuid: uuid_text(&w.broker),
        snapshot_id: snapshot_id.max(1),
        now_ms: w.broker.clock.now().wall_ms,
        files,
        removed: w.removed,
        starts: w.starts,
        offsets,
        columns: columns::of_table(table),
        keep: w.broker.replicas.by_id(w.topic).map(|t| t.config.load().lake_snapshots).unwrap_or_default(),
        merged,
    };
    let dead_letters = match w.dead.is_empty() && w.dead_removed.is_empty() {
        true => None,
        false => {
            let change = (w.dead, w.dead_removed);
            Some(write_dead(&w.broker, &w.store, &w.attempts, w.topic, table, change, &addition).await?)
        }
    };
    let (metadata, next) = store_all(&w.store, &w.attempts, base, addition).await?;
    Ok(Stored { base: table.version, metadata: metadata.path, next, bytes: metadata.bytes, dead_letters })
}

/// Builds a version and stores its objects, each after those that it names.
pub(super) async fn store_all(
    store: &Arc<Store>,
    attempts: &Attempts,
    base: Arc<Base>,
    addition: Addition,
) -> Result<(Object, Base), String> {
    // A table of many snapshots takes milliseconds, which clients need not wait for.
    let built = tokio::task::spawn_blocking(move || append(&base, &addition)).await;
    let Prepared { objects, metadata, next } =
        built.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
    for o in objects.into_iter().chain([metadata.clone()]) {
        attempts.lock().push(o.path.clone());
        let put = store.put(&o.path, vec![o.bytes]).await;
        put.map_err(|e| format!("storing {}: {e}", o.path))?;
        steps::reached(step_of(&o.path));
    }
    Ok((metadata, next))
}

/// The next version of the table of dead letters, beside the table's own `addition`.
async fn write_dead(
    broker: &Broker,
    store: &Arc<Store>,
    attempts: &Attempts,
    topic: TopicId,
    table: &LakeTable,
    (files, removed): (Vec<DataFile>, BTreeSet<String>),
    addition: &Addition,
) -> Result<(DeadLetters, bytes::Bytes), String> {
    let new = || DeadLetters {
        table: format!("{}_dlq", table.table),
        location: layout::dead_letters(&table.location, &topic.to_string()),
        metadata: String::new(),
    };
    let mut dead = table.dead_letters.clone().unwrap_or_else(new);
    let base = load(store, broker, topic, &dead.table, &read::as_table(&dead)).await?;
    let mut merged = read::entries(store, to_merge(&base.manifests)).await?;
    find_removed(store, &base, &removed, &mut merged).await?;
    let id = broker.fresh_uuid().0;
    let snapshot_id = i64::from_be_bytes(*id.first_chunk().unwrap_or(&[0; 8])) & i64::MAX;
    let addition = Addition {
        location: dead.location.clone(),
        location_uri: store.uri(&dead.location),
        uuid: uuid_text(broker),
        snapshot_id: snapshot_id.max(1),
        files,
        removed,
        starts: BTreeMap::new(),
        columns: Columns::default(),
        merged,
        ..addition.clone()
    };
    let (metadata, _) = store_all(store, attempts, Arc::new(base), addition).await?;
    dead.metadata = metadata.path;
    Ok((dead, metadata.bytes))
}

/// Reads the manifests that name the files to take out.
async fn find_removed(
    store: &Store,
    base: &Base,
    removed: &BTreeSet<String>,
    merged: &mut BTreeMap<String, Vec<Entry>>,
) -> Result<(), String> {
    let is_removed = |e: &&Entry| e.status != Status::Deleted && removed.contains(&e.file.path);
    let mut left = removed.len();
    for m in base.manifests.iter().filter(|_| !removed.is_empty()) {
        let entries = match merged.get(&m.path) {
            Some(entries) => entries.clone(),
            None => {
                let bytes = read::fetch(store, &m.path).await?;
                manifest::read(&bytes).map_err(|e| format!("{}: {e}", m.path))?
            }
        };
        let found = entries.iter().filter(is_removed).count();
        left = left.saturating_sub(found);
        if found > 0 {
            merged.insert(m.path.clone(), entries);
        }
    }
    if left > 0 {
        Err(format!("{left} files that were to be replaced are no more in the table"))
    } else {
        Ok(())
    }
}

/// The step that is done when this object of a commit is stored.
fn step_of(path: &str) -> &'static str {
    match path.rsplit_once('/') {
        Some((_, name)) if name.ends_with(".json") => steps::METADATA,
        Some((_, name)) if name.starts_with("snap-") => steps::LIST,
        _ => steps::MANIFEST,
    }
}

/// Takes a stored version to Raft.
pub async fn propose(
    broker: &Broker,
    topic: TopicId,
    base: u64,
    metadata: String,
    pieces: Vec<Piece>,
    dead_letters: Option<DeadLetters>,
    rebuild: Option<String>,
) -> Answer {
    let one = |p: Piece| LakeMove { partition: p.partition, from: p.from, start: p.start, to: p.to };
    let moves = pieces.into_iter().map(one).collect();
    steps::reached(steps::PROPOSED);
    let commit = Command::CommitLakeTable { topic, base, metadata, moves, dead_letters, rebuild };
    let answer = broker.metadata.propose(commit).await;
    steps::reached(steps::APPLIED);
    match answer {
        Ok(Outcome::Refused(e @ (Refusal::LakeVersion { .. } | Refusal::LakeConflict { .. }))) => {
            tracing::info!("lake: table of topic {topic}: {e}");
            Answer::Conflict
        }
        Ok(Outcome::Refused(e)) => {
            broker.metrics.lake.failed(&format!("table of topic {topic}: {e}"));
            Answer::Refused
        }
        Ok(_) => Answer::Done,
        Err(e) => {
            broker.metrics.lake.failed(&format!("topic {topic}: the outcome of a commit is unknown: {e}"));
            Answer::Unknown
        }
    }
}
