//! The partitions of this broker, by topic name and id: follows the metadata image.
//!
//! Invariants: a partition exists once its topic is in the image and its log is open; a log that the checkpoint
//! lists but the disk lacks is offline, never empty; a deleted topic's folders go only through the image.

use crate::config::{TopicConfig, TopicDefaults, topic};
use crate::machine::producer::Producers;
use crate::partition::Partition;
use crate::partition::wake::Waiters;
use arc_swap::ArcSwap;
use parking_lot::{Mutex, RwLock};
use protocol::ids::{BrokerId, PartitionIndex, TopicId, TopicPartition};
use protocol::records::BatchHeader;
use raft::Image;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use storage::checkpoint::LogCheckpoint;
use storage::dir::LogDir;
use storage::{Log, LogError, RealDisk, open_log};

pub type Dir = LogDir<RealDisk>;
pub type Replica = Partition<RealDisk, Waiters>;

/// The offsets topic; internal, like the transaction log's.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";
pub const TRANSACTIONS_TOPIC: &str = "__transaction_state";

pub fn is_internal(topic: &str) -> bool {
    topic == OFFSETS_TOPIC || topic == TRANSACTIONS_TOPIC
}

/// A topic with its partitions on this broker.
pub struct TopicEntry {
    pub id: TopicId,
    pub name: Arc<str>,
    pub config: Arc<ArcSwap<TopicConfig>>,
    pub partitions: Vec<Arc<Replica>>,
    pub counters: crate::metrics::TopicCounters,
}

impl TopicEntry {
    pub fn partition(&self, index: i32) -> Option<&Arc<Replica>> {
        usize::try_from(index).ok().and_then(|i| self.partitions.get(i))
    }
}

#[derive(Default)]
struct Tables {
    by_name: HashMap<Arc<str>, Arc<TopicEntry>>,
    by_id: HashMap<TopicId, Arc<TopicEntry>>,
}

pub struct Replicas {
    me: BrokerId,
    defaults: TopicDefaults,
    dirs: Vec<Arc<Dir>>,
    tables: RwLock<Tables>,
    /// The image that `tables` shows; `None` until the broker has recovered.
    shown: Mutex<Option<Arc<Image>>>,
}

/// Where a log is, before it is opened.
struct Placement {
    dir: Arc<Dir>,
    checkpoint: Option<LogCheckpoint>,
    has_folder: bool,
}

impl Replicas {
    pub fn new(me: BrokerId, defaults: TopicDefaults, dirs: Vec<Arc<Dir>>) -> Replicas {
        Replicas { me, defaults, dirs, tables: RwLock::default(), shown: Mutex::new(None) }
    }

    pub fn defaults(&self) -> &TopicDefaults {
        &self.defaults
    }
    pub fn dirs(&self) -> &[Arc<Dir>] {
        &self.dirs
    }
    pub fn by_name(&self, name: &str) -> Option<Arc<TopicEntry>> {
        self.tables.read().by_name.get(name).cloned()
    }
    pub fn by_id(&self, id: TopicId) -> Option<Arc<TopicEntry>> {
        self.tables.read().by_id.get(&id).cloned()
    }
    pub fn partition(&self, name: &str, index: i32) -> Option<Arc<Replica>> {
        self.tables.read().by_name.get(name)?.partition(index).cloned()
    }
    pub fn all(&self) -> Vec<Arc<TopicEntry>> {
        self.tables.read().by_id.values().cloned().collect()
    }

    /// Opens every log of the image, with progress, and from then on follows `apply`.
    pub fn recover(&self, image: &Arc<Image>, now_ms: i64) -> Result<(), LogError> {
        for dir in &self.dirs {
            dir.sweep_deleted()?;
        }
        let total: usize = image.topics.values().map(|t| t.partitions.len()).sum();
        let mut done = 0usize;
        let mut last_report = crate::clock::instant();
        let folders = self.folders()?;
        for t in image.topics.values() {
            self.show_topic(image, t, &folders, now_ms)?;
            done += t.partitions.len();
            if last_report.elapsed().as_secs() >= 1 {
                tracing::info!("recovering logs: {done} of {total} partitions");
                last_report = crate::clock::instant();
            }
        }
        self.remove_strays(image, &folders)?;
        *self.shown.lock() = Some(image.clone());
        Ok(())
    }

    fn folders(&self) -> Result<BTreeMap<TopicPartition, Arc<Dir>>, LogError> {
        let mut out = BTreeMap::new();
        for dir in &self.dirs {
            for tp in dir.folders()? {
                out.insert(tp, dir.clone());
            }
        }
        Ok(out)
    }

    /// A log of a topic that the image never heard of, or cannot remember, was not deleted: metadata was lost.
    pub fn refuse_unknown(&self, image: &Image) -> Result<(), String> {
        let known = |t: &TopicId| image.topics.contains_key(t) || image.deleted.contains(t);
        for dir in &self.dirs {
            let folders = dir.folders().map_err(|e| e.to_string())?;
            if let Some(tp) = folders.iter().find(|tp| !known(&tp.topic)) {
                return Err(format!(
                    "{} holds records of a topic that the metadata does not know: the metadata is older than the \
                     logs, or damaged. Restore it from a copy, or move this folder away to go on without it",
                    dir.folder(tp).display()
                ));
            }
        }
        Ok(())
    }

    /// Folders and checkpoint records of topics that the (complete) image no longer has.
    fn remove_strays(
        &self,
        image: &Image,
        folders: &BTreeMap<TopicPartition, Arc<Dir>>,
    ) -> Result<(), LogError> {
        let listed = self.dirs.iter().flat_map(|d| d.listed().into_iter().map(move |tp| (tp, d.clone())));
        let all: BTreeMap<TopicPartition, Arc<Dir>> =
            folders.iter().map(|(tp, d)| (*tp, d.clone())).chain(listed).collect();
        for (tp, dir) in all {
            if !image.topics.contains_key(&tp.topic) {
                tracing::info!("{tp}: its topic is gone, removing the log");
                dir.remove(&tp)?;
            }
        }
        Ok(())
    }

    fn placement(
        &self,
        tp: &TopicPartition,
        folders: &BTreeMap<TopicPartition, Arc<Dir>>,
    ) -> Option<Placement> {
        let listed = self.dirs.iter().find_map(|d| d.checkpoint_of(tp).map(|c| (d.clone(), c)));
        let folder = folders.get(tp);
        if let Some((dir, checkpoint)) = listed {
            return Some(Placement { dir, checkpoint: Some(checkpoint), has_folder: folder.is_some() });
        }
        let dir = match folder {
            Some(d) => d.clone(),
            // New partitions are spread over the dirs by number.
            None => self.dirs.get(tp.partition.0 as usize % self.dirs.len().max(1))?.clone(),
        };
        Some(Placement { dir, checkpoint: None, has_folder: folder.is_some() })
    }

    fn open(
        &self,
        tp: TopicPartition,
        config: &Arc<ArcSwap<TopicConfig>>,
        topic: &Arc<str>,
        epoch: i32,
        at: Placement,
        lake_committed: Option<i64>,
        now_ms: i64,
    ) -> Arc<Replica> {
        let log_config = config.load().log;
        let folder = at.dir.folder(&tp);
        let disk = at.dir.disk.clone();
        let empty = |start| Log::empty(disk.clone(), folder.clone(), log_config, start);
        let from = at.checkpoint.clone().unwrap_or_default();
        let mut producers = Producers::decode(&from.producers).unwrap_or_default();
        let opened = match (&at.checkpoint, at.has_folder) {
            (None, false) => Ok(empty(0)),
            (Some(c), false) if c.recovery_point == c.log_start => Ok(empty(c.log_start)),
            (Some(_), false) => Err(LogError::Offline(format!(
                "{} is listed in the checkpoint but missing",
                folder.display()
            ))),
            (_, true) => {
                open_log(disk.clone(), folder.clone(), log_config, &from, now_ms, &mut |h: &BatchHeader| {
                    // The broker's clock, as when it was appended: a client's timestamp must not make its state expire.
                    producers.record(h, h.base_offset, now_ms);
                })
                .map(|(log, report)| {
                    if report.cut_bytes > 0 {
                        tracing::warn!("{topic}-{}: cut {} torn bytes", tp.partition.0, report.cut_bytes);
                    }
                    log
                })
            }
        };
        let opened = opened.and_then(|log| match lake_committed {
            Some(c) if c > log.end() => Err(LogError::Offline(format!(
                "the lake holds records up to {c} but the log ends at {}: records are lost",
                log.end()
            ))),
            _ => Ok(log),
        });
        let (log, why) = match opened {
            Ok(log) => (log, None),
            Err(e) => (empty(from.log_start), Some(e.to_string())),
        };
        let ready = log.is_ready();
        let p = Replica::new(tp, topic.clone(), config.clone(), at.dir.clone(), log, producers, epoch);
        match why {
            Some(why) => {
                tracing::error!("{topic}-{} is offline: {why}", tp.partition.0);
                p.set_offline(&why);
            }
            None if ready => at.dir.register(storage::dir::target(&p)),
            None => {}
        }
        p
    }

    /// Adds a topic, or the partitions that it gained.
    fn show_topic(
        &self,
        image: &Image,
        t: &Arc<raft::Topic>,
        folders: &BTreeMap<TopicPartition, Arc<Dir>>,
        now_ms: i64,
    ) -> Result<(), LogError> {
        let old = self.by_id(t.id);
        let (name, config, mut partitions) = match &old {
            Some(o) => (o.name.clone(), o.config.clone(), o.partitions.clone()),
            None => {
                let own = image.topic_configs(&t.name).map(|c| &**c);
                let config = Arc::new(ArcSwap::from_pointee(topic::effective(&self.defaults, own)));
                (Arc::from(t.name.as_str()), config, Vec::with_capacity(t.partitions.len()))
            }
        };
        let lake = image.lake.get(&t.id);
        for (i, p) in t.partitions.iter().enumerate().skip(partitions.len()) {
            let tp = TopicPartition { topic: t.id, partition: PartitionIndex(i as i32) };
            debug_assert!(p.replicas.contains(&self.me));
            let at = self.placement(&tp, folders).ok_or_else(|| LogError::Offline("no log dir".into()))?;
            let committed = lake.and_then(|l| l.offsets.get(&(i as i32)).copied());
            partitions.push(self.open(tp, &config, &name, p.leader_epoch.0, at, committed, now_ms));
        }
        let counters = match &old {
            Some(o) => o.counters.clone(),
            None => crate::metrics::TopicCounters::new(&name),
        };
        let entry = Arc::new(TopicEntry { id: t.id, name: name.clone(), config, partitions, counters });
        let mut tables = self.tables.write();
        tables.by_name.insert(name, entry.clone());
        tables.by_id.insert(t.id, entry);
        Ok(())
    }

    /// Follows a new image: topics that came, grew, went, and changed configs.
    ///
    /// Returns the names of the topics that went.
    pub fn apply(&self, image: &Arc<Image>, now_ms: i64) -> Vec<String> {
        let mut shown = self.shown.lock();
        let mut gone = Vec::new();
        let Some(old) = shown.as_ref() else { return gone };
        let none = BTreeMap::new();
        for (id, t) in &image.topics {
            let same = old.topics.get(id).is_some_and(|o| Arc::ptr_eq(o, t));
            if !same && let Err(e) = self.show_topic(image, t, &none, now_ms) {
                tracing::error!("topic {}: {e}", t.name);
            }
        }
        for (id, t) in &old.topics {
            if !image.topics.contains_key(id) {
                self.drop_topic(*id, &t.name);
                gone.push(t.name.clone());
            }
        }
        if old.configs != image.configs {
            self.apply_configs(old, image);
        }
        *shown = Some(image.clone());
        gone
    }

    fn apply_configs(&self, old: &Image, image: &Image) {
        for t in self.all() {
            let (before, after) = (old.topic_configs(&t.name), image.topic_configs(&t.name));
            if before != after {
                t.config.store(Arc::new(topic::effective(&self.defaults, after.map(|c| &**c))));
                t.partitions.iter().for_each(|p| p.configs_changed());
            }
        }
    }

    fn drop_topic(&self, id: TopicId, name: &str) {
        let entry = {
            let mut tables = self.tables.write();
            if tables.by_name.get(name).is_some_and(|e| e.id == id) {
                tables.by_name.remove(name);
            }
            tables.by_id.remove(&id)
        };
        let Some(entry) = entry else { return };
        for p in &entry.partitions {
            p.set_offline("the topic was deleted");
            let tp = p.id;
            // A folder that cannot be removed is no reason to stop serving the others; the next start tries again.
            p.dir().submit(
                move |d| {
                    d.remove(&tp).unwrap_or_else(|e| tracing::error!("removing {tp}: {e}"));
                    Ok(())
                },
                |_| {},
            );
        }
    }
}
