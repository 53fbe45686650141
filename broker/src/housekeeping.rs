//! What must happen now and then: retention, `flush.ms`, expiry of silent producers.
//!
//! Deleting runs on the dirs' threads, so that nothing here waits for a disk.

use crate::broker::Broker;
use crate::config::topic::LakeMode;
use crate::lake::space;
use crate::machine::group::Now;
use crate::replicas::TopicEntry;
use std::sync::Arc;
use std::time::Duration;

/// How often `flush.ms` is looked at; its resolution.
const FLUSH_CHECK: Duration = Duration::from_millis(500);

pub async fn run(broker: Arc<Broker>) {
    let every = Duration::from_millis(broker.config.log_retention_check_ms);
    let mut retention = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    let mut flush = tokio::time::interval(FLUSH_CHECK);
    loop {
        tokio::select! {
            _ = retention.tick() => check_retention(&broker),
            _ = flush.tick() => check_flush(&broker),
        }
    }
}

fn check_flush(broker: &Broker) {
    let now = broker.clock.now().mono_ms;
    for t in broker.replicas.all() {
        let config = t.config.load();
        if config.write_caching && config.flush_ms < i64::MAX {
            t.partitions.iter().for_each(|p| p.sync_if_due(now));
        }
    }
}

/// Offsets at and above this are still needed by the lake.
fn needed_by_lake(broker: &Broker, t: &TopicEntry, partition: i32) -> i64 {
    if t.config.load().lake_mode == LakeMode::Off || crate::replicas::is_internal(&t.name) {
        return i64::MAX;
    }
    let image = broker.metadata.image();
    let committed = image.lake.get(&t.id).and_then(|l| l.offsets.get(&partition).copied());
    committed.unwrap_or(0)
}

fn check_retention(broker: &Arc<Broker>) {
    let Now { mono_ms, wall_ms: now } = broker.clock.now();
    let hold = broker.config.lake.hold_free_percent;
    let full: Vec<_> = broker
        .replicas
        .dirs()
        .iter()
        .filter(|d| space::must_let_go(&d.path, hold))
        .map(|d| d.path.clone())
        .collect();
    for dir in &full {
        tracing::warn!("{}: less than {hold} % free: retention no longer waits for the lake", dir.display());
    }
    for t in broker.replicas.all() {
        for p in &t.partitions {
            p.expire_producers(mono_ms, broker.config.producer_id_expiration_ms);
            if crate::replicas::is_internal(&t.name) {
                // Every group's last commit is in there, however old.
                continue;
            }
            let below = match full.contains(&p.dir().path) {
                true => i64::MAX,
                false => needed_by_lake(broker, &t, p.id.partition.0),
            };
            let p = p.clone();
            p.dir().clone().submit(
                move |_| {
                    let n = p.enforce_retention(now, below)?;
                    if n > 0 {
                        tiering::steps::reached(tiering::steps::RELEASE);
                        tracing::info!("{}-{}: {n} old segments deleted", p.topic, p.id.partition.0);
                    }
                    Ok(())
                },
                |_| {},
            );
        }
    }
}
