//! Looks after tables that have changed: what nothing refers to any more is removed, small files become large ones, old
//! rows go.
//!
//! Invariants: runs on the lake's pool, one table at a time; a table whose version is the one that was looked after last
//! and that left nothing behind is not looked at again; a failure of one table is counted and stops no other. Started and
//! ended with the broker by `run`.

use crate::broker::Broker;
use crate::lake::tidy::{Tidied, tidy};
use crate::lake::{Lake, rebuild, verify};
use protocol::ids::TopicId;
use raft::{Command, LakeTable, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tiering::pool::StopFlag;
use tiering::sweep::{Ages, SweepError, Swept, sweep};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Metadata files of former versions stay for this long, or for `lake.orphan.age.ms` if that is less.
const FORMER_MS: i64 = 3_600_000;

/// When a table is due again: at another version, or when what is young now will be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Looked {
    version: u64,
    again_ms: i64,
}

pub async fn run(broker: Arc<Broker>, lake: Arc<Lake>) {
    let every = Duration::from_millis(broker.config.lake.upkeep_interval_ms);
    let mut looked: BTreeMap<TopicId, Looked> = BTreeMap::new();
    // A table of very many objects takes long to remove, others need not wait for it.
    let mut removals: BTreeMap<TopicId, JoinHandle<()>> = BTreeMap::new();
    loop {
        tokio::time::sleep(every).await;
        let image = broker.metadata.image();
        looked.retain(|id, _| image.lake.contains_key(id));
        let places =
            |t: &LakeTable| [Some(t.location.clone()), t.dead_letters.as_ref().map(|d| d.location.clone())];
        let there: BTreeSet<String> = image.lake.values().flat_map(|t| places(t)).flatten().collect();
        lake.copies.retain(|location| there.contains(location));
        removals.retain(|_, r| !r.is_finished());
        // What is under way ends first: nothing may be stored after the removal.
        let is_due =
            |id: &TopicId, t: &LakeTable| t.dropped && !lake.holds(*id) && !removals.contains_key(id);
        let due: Vec<_> = image.lake.iter().filter(|(id, t)| is_due(id, t)).collect();
        for (id, table) in due {
            removals.insert(*id, tokio::spawn(remove(broker.clone(), lake.clone(), *id, table.clone())));
        }
        for (id, table) in image.lake.iter().filter(|(_, t)| !t.metadata.is_empty() && !t.dropped) {
            let now_ms = broker.clock.now().mono_ms;
            let expires = broker.replicas.by_id(*id).is_some_and(|t| t.config.load().lake_retention_ms >= 0);
            let is_due =
                expires || looked.get(id).is_none_or(|l| l.version != table.version || now_ms >= l.again_ms);
            if !is_due {
                continue;
            }
            match look_after(&broker, &lake, *id, &table.location).await {
                Ok((swept, tidied)) => {
                    broker.metrics.lake.tidied(tidied.merged, tidied.expired);
                    if swept.objects > 0 {
                        tracing::info!("lake: table {}: {} objects removed", table.table, swept.objects);
                    }
                    broker.metrics.lake.swept(swept.objects, swept.bytes);
                    let again_ms = now_ms.saturating_add(broker.config.lake.orphan_age_ms);
                    looked.insert(*id, Looked { version: table.version, again_ms });
                }
                Err(Some(why)) => broker.metrics.lake.failed(&format!("table {}: {why}", table.table)),
                // The broker stops.
                Err(None) => return,
            }
        }
        if !look_closely(&broker, &lake).await {
            return;
        }
    }
}

/// Proves a few rows of one table that is chosen at random. False: the broker stops.
async fn look_closely(broker: &Arc<Broker>, lake: &Arc<Lake>) -> bool {
    let (rows, id) = (broker.config.lake.sample_rows, broker.fresh_uuid().0);
    let [a, b] = [id.first_chunk(), id.last_chunk()].map(|c| u64::from_be_bytes(*c.unwrap_or(&[0; 8])));
    let topics = broker.replicas.all();
    let image = broker.metadata.image();
    let with_rows: Vec<_> =
        topics.iter().filter(|t| image.lake.get(&t.id).is_some_and(|l| !l.offsets.is_empty())).collect();
    let topic = a.checked_rem(with_rows.len() as u64).and_then(|at| with_rows.get(at as usize));
    let Some(topic) = topic.filter(|_| rows > 0).map(|t| Arc::clone(t)) else { return true };
    let (stop, name) = (lake.pool.stop_flag(), topic.name.clone());
    let job = {
        let (broker, lake, stop) = (broker.clone(), lake.clone(), stop.clone());
        async move || verify::sample(&broker, &lake, &topic, rows, b, || stop.is_set()).await.map_err(Some)
    };
    match on_the_pool(lake, job).await {
        Ok(None) => {}
        Ok(Some(r)) => {
            broker.metrics.lake.sampled(r.rows, r.missing + r.duplicated + r.different);
            if !r.is_ok() {
                let (p, what) = (r.partition, r.examples.join("; "));
                tracing::error!(
                    "lake: the table of {name} differs from its log: partition {p}: {what}; see lipno lake verify {name}"
                );
            }
        }
        Err(_) if stop.is_set() => return false,
        Err(why) => {
            broker.metrics.lake.failed(&format!("a sample of {name}: {}", why.unwrap_or_default()));
        }
    }
    true
}

/// Runs a job in the slot of upkeep. An error of `None` says that the broker stops.
async fn on_the_pool<T: Send + 'static>(
    lake: &Lake,
    job: impl AsyncFnOnce() -> Result<T, Option<String>> + Send + 'static,
) -> Result<T, Option<String>> {
    let slot = lake.pool.upkeep_slot().await.ok_or(None)?;
    let (tell, told) = oneshot::channel();
    let run = move || async move { drop(tell.send(job().await)) };
    lake.pool.run(slot, run).map_err(|e| Some(format!("no thread for the lake: {e}")))?;
    told.await.unwrap_or_else(|_| Err(Some("it was cut short".into())))
}

/// Removes a dropped table, and says so if that fails: the next look tries again.
async fn remove(broker: Arc<Broker>, lake: Arc<Lake>, topic: TopicId, table: Arc<LakeTable>) {
    if let Err(e) = remove_files(&broker, &lake, topic, &table).await {
        broker.metrics.lake.failed(&format!("dropping table {}: {e}", table.table));
    }
}

/// Removes a dropped table's files, then its record.
async fn remove_files(broker: &Broker, lake: &Lake, topic: TopicId, table: &LakeTable) -> Result<(), String> {
    let store = lake.store()?;
    let dead = table.dead_letters.as_ref().map(|d| &d.location);
    for location in dead.into_iter().chain([&table.location]) {
        let removed = store.remove_all(location).await.map_err(|e| e.to_string())?;
        tracing::info!("lake: {removed} objects of the dropped table at {location} are gone");
    }
    match broker.metadata.propose(Command::ForgetLakeTable { topic }).await {
        Ok(Outcome::Refused(e)) => Err(e.to_string()),
        Ok(_) => Ok(()),
        Err(e) => Err(e.to_string()),
    }
}

/// Sweeps one table on the pool. `None` says that the broker stops.
async fn look_after(
    broker: &Arc<Broker>,
    lake: &Arc<Lake>,
    topic: TopicId,
    location: &str,
) -> Result<(Swept, Tidied), Option<String>> {
    let stop = lake.pool.stop_flag();
    let (broker, of, location) = (broker.clone(), lake.clone(), location.to_string());
    on_the_pool(lake, async move || sweep_and_tidy(&broker, &of, topic, &location, &stop).await).await
}

/// Sweeps a table and its dead letters, then merges and expires.
async fn sweep_and_tidy(
    broker: &Arc<Broker>,
    lake: &Lake,
    topic: TopicId,
    location: &str,
    stop: &StopFlag,
) -> Result<(Swept, Tidied), Option<String>> {
    let orphan_ms = broker.config.lake.orphan_age_ms;
    let ages = Ages { orphan_ms, former_ms: orphan_ms.min(FORMER_MS) };
    let record = || broker.metadata.image().lake.get(&topic).cloned();
    let failed = |e: SweepError| match e {
        SweepError::Stopped => None,
        e => Some(e.to_string()),
    };
    let store = lake.store().map_err(Some)?;
    let now_ms = broker.clock.now().wall_ms;
    let current = || record().map(|t| (t.version, t.metadata.clone()));
    // What a rebuild holds now it may have made its own by the time that the sweep asks.
    let mut kept = lake.held();
    if let Some(table) = record() {
        kept.extend(rebuild::needed(&store, &table).await.map_err(Some)?);
    }
    let held = || lake.held().union(&kept).cloned().collect();
    let mut swept = sweep(&store, location, current, held, now_ms, &ages, stop).await.map_err(failed)?;
    if let Some(dead) = record().and_then(|t| t.dead_letters.clone()) {
        let current = || record().and_then(|t| Some((t.version, t.dead_letters.as_ref()?.metadata.clone())));
        let more = sweep(&store, &dead.location, current, held, now_ms, &ages, stop).await;
        let more = more.map_err(failed)?;
        swept = Swept { objects: swept.objects + more.objects, bytes: swept.bytes + more.bytes };
    }
    let tidied = tidy(broker, lake, topic, stop).await?;
    Ok((swept, tidied))
}
