//! Looks after tables that have changed: what nothing refers to any more is removed, small files become large ones, old
//! rows go.
//!
//! Invariants: runs on the lake's pool, one table at a time; a table whose version is the one that was looked after last
//! and that left nothing behind is not looked at again; a failure of one table is counted and stops no other. Started and
//! ended with the broker by `run`.

use crate::broker::Broker;
use crate::lake::Lake;
use crate::lake::tidy::{Tidied, tidy};
use protocol::ids::TopicId;
use raft::{Command, Outcome};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tiering::pool::StopFlag;
use tiering::sweep::{Ages, SweepError, Swept, sweep};
use tokio::sync::oneshot;

/// Metadata files of former versions stay for this long, or for `lake.orphan.age.ms` if that is less.
const FORMER_MS: i64 = 3_600_000;
/// Wait for a free slot of the pool.
const SLOT_WAIT: Duration = Duration::from_millis(200);

/// When a table is due again: at another version, or when what is young now will be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Looked {
    version: u64,
    again_ms: i64,
}

pub async fn run(broker: Arc<Broker>, lake: Arc<Lake>) {
    let every = Duration::from_millis(broker.config.lake.upkeep_interval_ms);
    let mut looked: BTreeMap<TopicId, Looked> = BTreeMap::new();
    loop {
        tokio::time::sleep(every).await;
        let image = broker.metadata.image();
        looked.retain(|id, _| image.lake.contains_key(id));
        // What is under way ends first: nothing may be stored after the removal.
        for (id, table) in image.lake.iter().filter(|(id, t)| t.dropped && !lake.holds(**id)) {
            let dead = table.dead_letters.as_ref().map(|d| d.location.as_str());
            let places: Vec<&str> = dead.into_iter().chain([table.location.as_str()]).collect();
            if let Err(e) = remove(&broker, &lake, *id, &places).await {
                broker.metrics.lake.failed(&format!("dropping table {}: {e}", table.table));
            }
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
    }
}

/// Removes a dropped table's files, then its record.
async fn remove(broker: &Broker, lake: &Lake, topic: TopicId, places: &[&str]) -> Result<(), String> {
    let store = lake.store()?;
    for location in places {
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
    let slot = loop {
        match lake.pool.slot() {
            Some(slot) => break slot,
            None if stop.is_set() => return Err(None),
            None => tokio::time::sleep(SLOT_WAIT).await,
        }
    };
    let (tell, told) = oneshot::channel();
    let (broker, lake, location) = (broker.clone(), lake.clone(), location.to_string());
    let pool = lake.clone();
    let job =
        move || async move { drop(tell.send(sweep_and_tidy(&broker, &lake, topic, &location, &stop).await)) };
    pool.pool.run(slot, job).map_err(|e| Some(format!("no thread for the lake: {e}")))?;
    told.await.unwrap_or_else(|_| Err(Some("its upkeep was cut short".into())))
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
    let mut swept =
        sweep(&store, location, current, || lake.held(), now_ms, &ages, stop).await.map_err(failed)?;
    if let Some(dead) = record().and_then(|t| t.dead_letters.clone()) {
        let current = || record().and_then(|t| Some((t.version, t.dead_letters.as_ref()?.metadata.clone())));
        let more = sweep(&store, &dead.location, current, || lake.held(), now_ms, &ages, stop).await;
        let more = more.map_err(failed)?;
        swept = Swept { objects: swept.objects + more.objects, bytes: swept.bytes + more.bytes };
    }
    let tidied = tidy(broker, lake, topic, stop).await?;
    Ok((swept, tidied))
}
