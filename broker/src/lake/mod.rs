//! The lake of this broker: its store, its tables' places, and what a start finds in them.
//!
//! Invariants: nothing is written into a namespace before it is known to be this cluster's, nor into a table before
//! files of it at or past the record are gone. Called by the tier link and by whoever shows tables.

pub(crate) mod columns;
pub(crate) mod commit;
pub(crate) mod copies;
pub(crate) mod read;
pub(crate) mod rebuild;
pub(crate) mod snapshots;
pub(crate) mod space;
pub(crate) mod status;
pub(crate) mod tidy;
pub(crate) mod upkeep;
pub(crate) mod verify;

use crate::broker::Broker;
use crate::config::BrokerConfig;
use crate::config::topic::LakeMode;
use crate::replicas::TopicEntry;
use protocol::ids::{PartitionIndex, TopicId, TopicPartition};
use raft::{Command, Image, LakeTable, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tiering::claim::claim;
use tiering::convert::Attempts;
use tiering::layout::{self, FileName};
use tiering::pool::Pool;
use tiering::store::{Bucket, S3Config, Store, StoreError, bucket_of, folder_of};
use tokio::sync::Notify;

/// Where the lake is.
enum Place {
    Folder(PathBuf),
    S3(Bucket, S3Config),
}

impl Place {
    fn of(c: &BrokerConfig) -> Result<Place, String> {
        let Some(url) = &c.lake.url else { return Ok(Place::Folder(c.data_dir.join("lake"))) };
        match bucket_of(url) {
            Some(bucket) => Ok(Place::S3(bucket.map_err(|e| e.to_string())?, c.lake.s3.clone())),
            None => Ok(Place::Folder(folder_of(url).map_err(|e| e.to_string())?)),
        }
    }

    fn open(&self) -> Result<Store, StoreError> {
        match self {
            Place::Folder(folder) => Store::open(folder),
            Place::S3(bucket, config) => Store::open_s3(bucket, config),
        }
    }
}

/// Stands for a table's own objects, where a partition's number would be.
pub(crate) const TABLE: PartitionIndex = PartitionIndex(-1);
/// Stands for what the upkeep of a table stores.
pub(crate) const UPKEEP: PartitionIndex = PartitionIndex(-2);

/// Stands for what a rebuild of a table stores.
pub(crate) const REBUILD: PartitionIndex = PartitionIndex(-3);

/// The lake of this broker.
pub struct Lake {
    place: Place,
    pub namespace: String,
    /// The folder gets nothing while less of its disk is free.
    pause_percent: u64,
    store: OnceLock<Arc<Store>>,
    /// Set once the store has proved that it refuses to replace an object.
    probed: OnceLock<()>,
    /// Namespaces that were found to be this cluster's.
    claimed: parking_lot::Mutex<BTreeSet<String>>,
    /// Objects that are being stored or wait for their commit: nothing may sweep them, however old they are. By
    /// partition, and a table's own under `TABLE`.
    held: parking_lot::Mutex<BTreeMap<TopicPartition, Attempts>>,
    pub(crate) copies: copies::Copies,
    pub(crate) pool: Pool,
    /// For proofs that somebody asked for: one at a time, beside the conversions.
    pub(crate) audits: Arc<Pool>,
    /// For rebuilds: one at a time.
    pub(crate) rebuilds: Arc<Pool>,
    pub(crate) stopping: Notify,
    /// Held by the tier link as long as anything of it is under way.
    pub(crate) running: tokio::sync::Mutex<()>,
}

impl Lake {
    /// The lake's folder is nearly full.
    pub(crate) fn must_pause(&self) -> bool {
        match &self.place {
            Place::Folder(folder) => space::must_pause(folder, self.pause_percent),
            Place::S3(..) => false,
        }
    }

    /// The URI of the root, also of a folder that is not there yet.
    pub fn uri(&self) -> String {
        match (self.store.get(), &self.place) {
            (Some(store), _) => store.uri(""),
            (None, Place::Folder(folder)) => format!("file://{}", folder.display()),
            (None, Place::S3(bucket, _)) => bucket.uri(),
        }
    }

    /// The store; opened, and its folder made, when it is first needed.
    pub fn store(&self) -> Result<Arc<Store>, String> {
        if let Some(s) = self.store.get() {
            return Ok(s.clone());
        }
        let opened = self.place.open().map_err(|e| format!("lake.url: {e}"))?;
        Ok(self.store.get_or_init(|| Arc::new(opened)).clone())
    }

    /// The store, once the namespace in it is known to be this cluster's.
    pub(crate) async fn store_of(&self, image: &Image, namespace: &str) -> Result<Arc<Store>, String> {
        let store = self.store()?;
        if !self.claimed.lock().contains(namespace) {
            self.probe(&store, namespace).await.map_err(|e| format!("lake.url: {e}"))?;
            let is_here = |t: &&Arc<LakeTable>| layout::namespace(&t.location) == namespace;
            let has_rows = image.lake.values().filter(is_here).any(|t| !t.offsets.is_empty());
            claim(&store, namespace, &image.cluster_id, has_rows)
                .await
                .map_err(|e| format!("lake.url: {e}"))?;
            self.claimed.lock().insert(namespace.to_string());
        }
        Ok(store)
    }

    /// Whether the store keeps the promise that the lake is built on; asked once.
    async fn probe(&self, store: &Store, namespace: &str) -> Result<(), StoreError> {
        if self.probed.get().is_none() {
            store.probe(namespace, &uuid::Uuid::new_v4().to_string()).await?;
            self.probed.get_or_init(|| ());
        }
        Ok(())
    }

    /// A list for the names of one attempt, each to be added before its object can exist; it replaces the one before.
    pub(crate) fn attempts(&self, id: TopicPartition) -> Attempts {
        let attempts = Attempts::default();
        self.held.lock().insert(id, attempts.clone());
        attempts
    }

    pub(crate) fn release(&self, id: TopicPartition) {
        self.held.lock().remove(&id);
    }

    /// Whether something of the topic is under way that may still store objects.
    pub(crate) fn holds(&self, topic: TopicId) -> bool {
        self.held.lock().keys().any(|id| id.topic == topic)
    }

    pub(crate) fn held(&self) -> BTreeSet<String> {
        self.held.lock().values().flat_map(|a| a.lock().clone()).collect()
    }

    /// Ends all work; returns when none is under way any more. Files that it left are removed at the next start.
    pub async fn stop(&self) {
        self.stopping.notify_one();
        self.pool.stop().await;
        self.audits.stop().await;
        self.rebuilds.stop().await;
        drop(self.running.lock().await);
    }
}

/// Whether a topic is to have a table.
pub(crate) fn wants(t: &TopicEntry) -> bool {
    !crate::replicas::is_internal(&t.name) && t.config.load().lake_mode == LakeMode::Copy
}

/// Checks the lake's configs, and removes files that the Raft record does not count. Before anything is served.
pub async fn prepare(broker: &Arc<Broker>) -> Result<Arc<Lake>, String> {
    let c = &broker.config;
    let place = Place::of(c)?;
    if !layout::is_plain(&c.lake.namespace) {
        return Err(format!(
            "lake.namespace '{}': only lower-case letters, digits and _ are allowed",
            c.lake.namespace
        ));
    }
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let lake = Arc::new(Lake {
        place,
        probed: OnceLock::new(),
        namespace: c.lake.namespace.clone(),
        pause_percent: c.lake.pause_free_percent,
        store: OnceLock::new(),
        claimed: parking_lot::Mutex::default(),
        held: parking_lot::Mutex::default(),
        copies: copies::Copies::default(),
        pool: Pool::new((cores / 4).clamp(1, 4) as u32),
        audits: Arc::new(Pool::new(1)),
        rebuilds: Arc::new(Pool::new(1)),
        stopping: Notify::new(),
        running: tokio::sync::Mutex::new(()),
    });
    if let Place::S3(..) = lake.place {
        let store = lake.store()?;
        match lake.probe(&store, &lake.namespace).await {
            Ok(()) => {}
            Err(e @ StoreError::NoConditionalPut(_)) => return Err(format!("lake.url: {e}")),
            // A store that is away does not keep the broker from serving; it is asked again before the first write.
            Err(e) => broker.metrics.lake.failed(&format!("lake.url: {e}")),
        }
    }
    for table in broker.metadata.image().lake.values() {
        // A table that cannot be cleaned now is cleaned before the first write into it.
        if let Err(e) = clean(&lake, &broker.metadata.image(), table).await {
            broker.metrics.lake.failed(&format!("table {} could not be cleaned: {e}", table.table));
        }
    }
    find_moved(&lake, &broker.metadata.image()).await.unwrap_or_else(|e| broker.metrics.lake.failed(&e));
    Ok(lake)
}

/// Says if the folder was moved: its tables name their files by where they were. One table of each namespace tells.
async fn find_moved(lake: &Lake, image: &Image) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for table in image.lake.values().filter(|t| !t.metadata.is_empty() && !t.dropped) {
        let store = lake.store()?;
        if store.is_folder() && seen.insert(layout::namespace(&table.location)) {
            read::metadata(&store, table).await.map_err(|e| format!("table {}: {e}", table.table))?;
        }
    }
    Ok(())
}

/// Removes a table's files that are not below their partition's committed offset, and what cut-off puts left. Only in a
/// folder, where globs may look: in S3 a list of all files would hold the first commit up, and the sweep has them later.
async fn clean(lake: &Lake, image: &Image, table: &LakeTable) -> Result<(), String> {
    let store = lake.store_of(image, layout::namespace(&table.location)).await?;
    if !store.is_folder() {
        return Ok(());
    }
    let text = |e: tiering::store::StoreError| e.to_string();
    for day in store.list(&layout::data_prefix(&table.location)).await.map_err(text)?.folders {
        for folder in store.list(&day).await.map_err(text)?.folders {
            store.sweep_staging(&folder).await.map_err(text)?;
            for object in store.list(&folder).await.map_err(text)?.objects {
                let Some(name) = FileName::parse(&object) else { continue };
                let committed = table.offsets.get(&name.partition).copied();
                if committed.is_none_or(|c| name.end > c) {
                    tracing::info!("{object} was never committed to the lake, removing it");
                    store.delete(&object).await.map_err(text)?;
                }
            }
        }
    }
    Ok(())
}

/// Makes a topic's table if there is none, else cleans it: after this it may be written.
pub async fn ready_table(broker: &Broker, lake: &Lake, topic: TopicId) -> Result<(), String> {
    let image = broker.metadata.image();
    if let Some(table) = image.lake.get(&topic) {
        return clean(lake, &image, table).await;
    }
    let Some(entry) = broker.replicas.by_id(topic) else { return Err("the topic is gone".into()) };
    let table = layout::table_name(&entry.name);
    let mut location = layout::location(&lake.namespace, &table);
    // Something lies there already, and no table of ours is known to: never merged with it.
    let store = lake.store_of(&image, &lake.namespace).await?;
    let found = store.list(&location).await.map_err(|e| e.to_string())?;
    if !found.folders.is_empty() || !found.objects.is_empty() {
        location = layout::location_apart(&location, &topic.to_string());
    }
    match broker.metadata.propose(Command::CreateLakeTable { topic, table, location }).await {
        Ok(Outcome::Refused(e)) => Err(e.to_string()),
        Ok(_) => Ok(()),
        Err(e) => Err(e.to_string()),
    }
}
