//! The partitions of this broker, by topic name and id: follows the metadata image.
//!
//! Invariants: a partition exists once its topic is in the image and its log is open; a log that the checkpoint
//! lists but the disk lacks is offline, never empty; a deleted topic's folders go only through the image.

use crate::config::{TopicConfig, TopicDefaults, topic};
use crate::machine::group::Now;
use crate::partition::Partition;
use crate::partition::open::{self, Folders, Placement};
use crate::partition::wake::Waiters;
use arc_swap::ArcSwap;
use parking_lot::{Mutex, RwLock};
use protocol::ids::{BrokerId, PartitionIndex, TopicId, TopicPartition};
use raft::Image;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use storage::dir::LogDir;
use storage::{LogError, RealDisk};

pub type Dir = LogDir<RealDisk>;
pub type Replica = Partition<RealDisk, Waiters>;

/// The offsets topic; internal, like the transaction log's.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";
pub const TRANSACTIONS_TOPIC: &str = "__transaction_state";

pub fn is_internal(topic: &str) -> bool {
    topic == OFFSETS_TOPIC || topic == TRANSACTIONS_TOPIC
}

/// Kafka's name for the metadata quorum; never a topic.
pub const METADATA_TOPIC: &str = "__cluster_metadata";

/// A topic with its partitions on this broker.
pub struct TopicEntry {
    pub id: TopicId,
    pub name: Arc<str>,
    pub config: Arc<ArcSwap<TopicConfig>>,
    pub partitions: Vec<Arc<Replica>>,
    pub counters: Arc<crate::metrics::TopicCounters>,
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

/// A partition of the image that is not open yet.
struct Unopened {
    id: TopicPartition,
    topic: Arc<str>,
    config: Arc<ArcSwap<TopicConfig>>,
    at: Placement<RealDisk>,
    leader_epoch: i32,
    lake_committed: Option<i64>,
}

impl Unopened {
    fn open(self, now: Now) -> Arc<Replica> {
        let Unopened { id, topic, config, at, leader_epoch, lake_committed } = self;
        let opened = open::open(&at, &id, config.load().log, lake_committed, now);
        if opened.cut_bytes > 0 {
            tracing::warn!("{topic}-{}: cut {} torn bytes", id.partition.0, opened.cut_bytes);
        }
        let has_data = opened.has_data();
        let open::Opened { log, producers, why_offline, .. } = opened;
        let p = Replica::new(id, topic.clone(), config, at.dir.clone(), log, producers, leader_epoch);
        if let Some(why) = why_offline {
            tracing::error!("{topic}-{} is offline: {why}", id.partition.0);
            p.set_offline(&why);
        } else if has_data {
            at.dir.register(storage::dir::target(&p));
        }
        p
    }
}

/// A topic of the image with its partitions that are open already.
struct TopicPlan {
    id: TopicId,
    name: Arc<str>,
    config: Arc<ArcSwap<TopicConfig>>,
    partitions: Vec<Arc<Replica>>,
    missing: Vec<Unopened>,
}

/// Logs opened at the same time at start: mostly they wait for syncs.
const OPENERS_MAX: usize = 8;
/// Fewer than this are not worth a thread.
const OPENED_ALONE: usize = 16;

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

    /// Opens every log of the image, several at a time and with progress, and from then on follows `apply`.
    pub fn recover(&self, image: &Arc<Image>, now: Now) -> Result<(), LogError> {
        for dir in &self.dirs {
            dir.sweep_deleted()?;
        }
        let folders = open::folders(&self.dirs)?;
        let plans = image.topics.values().map(|t| self.plan_topic(image, t, &folders)).collect();
        self.show(plans, now)?;
        self.remove_strays(image, &folders)?;
        *self.shown.lock() = Some(image.clone());
        Ok(())
    }

    /// A log of a topic that the image never heard of, or cannot remember, was not deleted: metadata was lost.
    pub fn refuse_unknown(&self, image: &Image) -> Result<(), String> {
        let known = |t: &TopicId| image.topics.contains_key(t) || image.deleted.contains(t);
        let folders = open::folders(&self.dirs).map_err(|e| e.to_string())?;
        match folders.iter().find(|(tp, _)| !known(&tp.topic)) {
            None => Ok(()),
            Some((tp, dir)) => Err(format!(
                "{} holds records of a topic that the metadata does not know: the metadata is older than the logs, \
                 or damaged. Restore it from a copy, or move this folder away to go on without it",
                dir.folder(tp).display()
            )),
        }
    }

    /// Folders and checkpoint records of topics that the (complete) image no longer has.
    fn remove_strays(&self, image: &Image, folders: &Folders<RealDisk>) -> Result<(), LogError> {
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

    fn plan_topic(&self, image: &Image, t: &Arc<raft::Topic>, folders: &Folders<RealDisk>) -> TopicPlan {
        let (name, config, partitions) = match self.by_id(t.id) {
            Some(o) => (o.name.clone(), o.config.clone(), o.partitions.clone()),
            None => {
                let own = image.topic_configs(&t.name).map(|c| &**c);
                let config = Arc::new(ArcSwap::from_pointee(topic::effective(&self.defaults, own)));
                (Arc::from(t.name.as_str()), config, Vec::with_capacity(t.partitions.len()))
            }
        };
        let lake = image.lake.get(&t.id);
        let mut missing = Vec::with_capacity(t.partitions.len().saturating_sub(partitions.len()));
        for (i, p) in t.partitions.iter().enumerate().skip(partitions.len()) {
            let id = TopicPartition { topic: t.id, partition: PartitionIndex(i as i32) };
            debug_assert!(p.replicas.contains(&self.me));
            let Some(at) = open::place(&self.dirs, folders, &id) else { break };
            at.dir.place();
            missing.push(Unopened {
                id,
                topic: name.clone(),
                config: config.clone(),
                at,
                leader_epoch: p.leader_epoch.0,
                lake_committed: lake.and_then(|l| l.offsets.get(&(i as i32)).copied()),
            });
        }
        TopicPlan { id: t.id, name, config, partitions, missing }
    }

    /// Opens what is missing and shows the topics.
    fn show(&self, mut plans: Vec<TopicPlan>, now: Now) -> Result<(), LogError> {
        let missing = plans.iter_mut().flat_map(|p| std::mem::take(&mut p.missing)).collect();
        let mut opened = open_all(missing, now)?.into_iter().peekable();
        let mut entries = Vec::with_capacity(plans.len());
        for mut p in plans {
            while let Some(replica) = opened.next_if(|r| r.id.topic == p.id) {
                p.partitions.push(replica);
            }
            let counters = self.by_id(p.id).map(|o| o.counters.clone()).unwrap_or_default();
            let TopicPlan { id, name, config, partitions, .. } = p;
            entries.push(Arc::new(TopicEntry { id, name, config, partitions, counters }));
        }
        let mut tables = self.tables.write();
        for entry in entries {
            tables.by_name.insert(entry.name.clone(), entry.clone());
            tables.by_id.insert(entry.id, entry);
        }
        Ok(())
    }

    /// Follows a new image: topics that came, grew, went, and changed configs.
    ///
    /// Returns the names of the topics that went.
    pub fn apply(&self, image: &Arc<Image>, now: Now) -> Vec<String> {
        let mut shown = self.shown.lock();
        let mut gone = Vec::new();
        let Some(old) = shown.as_ref() else { return gone };
        let none = BTreeMap::new();
        let changed =
            image.topics.iter().filter(|(id, t)| !old.topics.get(id).is_some_and(|o| Arc::ptr_eq(o, t)));
        let plans = changed.map(|(_, t)| self.plan_topic(image, t, &none)).collect();
        if let Err(e) = self.show(plans, now) {
            tracing::error!("new partitions cannot be opened: {e}");
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
            p.dir().unplace();
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

/// Opens replicas, the order kept. Many are opened by several threads, which say how far they are.
fn open_all(mut missing: Vec<Unopened>, now: Now) -> Result<Vec<Arc<Replica>>, LogError> {
    let total = missing.len();
    let with_data = missing.iter().filter(|s| s.at.has_folder).count();
    if with_data < OPENED_ALONE {
        return Ok(missing.into_iter().map(|s| s.open(now)).collect());
    }
    let slots: Vec<Mutex<Option<Unopened>>> = missing.drain(..).map(|s| Mutex::new(Some(s))).collect();
    let next = AtomicUsize::new(0);
    let opener = || {
        let mut opened = Vec::new();
        let mut last_report = crate::clock::instant();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = slots.get(i) else { return opened };
            if let Some(spec) = slot.lock().take() {
                opened.push((i, spec.open(now)));
            }
            if last_report.elapsed().as_secs() >= 1 {
                tracing::info!("recovering logs: {i} of {total} partitions");
                last_report = crate::clock::instant();
            }
        }
    };
    let mut all: Vec<(usize, Arc<Replica>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..OPENERS_MAX.min(with_data)).map(|_| scope.spawn(opener)).collect();
        let mut all = Vec::with_capacity(total);
        for t in threads {
            all.extend(
                t.join().map_err(|_| LogError::Offline("a thread of the recovery ended badly".into()))?,
            );
        }
        Ok::<_, LogError>(all)
    })?;
    all.sort_unstable_by_key(|(i, _)| *i);
    Ok(all.into_iter().map(|(_, r)| r).collect())
}
