//! Opens a replica after a restart, or makes a new one.
//!
//! Invariants: a log that the checkpoint lists but the disk lacks is offline, never empty; so is one whose durable
//! data is gone, or that ends below what the lake holds; producer state ends exactly where the log does. Called by
//! `replicas` for every partition of the image, several at a time at start; the simulator runs this very code.

use super::{Partition, Wake};
use crate::config::TopicConfig;
use crate::machine::producer::Producers;
use arc_swap::ArcSwap;
use protocol::ids::TopicPartition;
use std::sync::Arc;
use storage::checkpoint::LogCheckpoint;
use storage::dir::LogDir;
use storage::disk::Disk;
use storage::{Log, LogError, Replay, open_log};

/// What to open, and where.
pub struct Spec<D: Disk> {
    pub id: TopicPartition,
    pub topic: Arc<str>,
    pub config: Arc<ArcSwap<TopicConfig>>,
    pub dir: Arc<LogDir<D>>,
    /// The dir has a folder of this partition.
    pub has_folder: bool,
    pub leader_epoch: i32,
    /// The lake holds every offset below.
    pub lake_committed: Option<i64>,
}

/// Opens the replica and has its dir serve it. One that cannot be opened comes back offline.
pub fn open<D: Disk, W: Wake>(spec: Spec<D>, now_ms: i64) -> Arc<Partition<D, W>> {
    let (log, producers, why) = match open_parts(&spec, now_ms) {
        Ok((log, producers)) => (log, producers, None),
        Err((e, start)) => (empty(&spec, start), Producers::default(), Some(e.to_string())),
    };
    // One without any data is registered with its first append.
    let has_data = log.is_ready() || log.end() > log.log_start();
    let (topic, id, dir) = (spec.topic.clone(), spec.id, spec.dir.clone());
    let p = Partition::new(id, spec.topic, spec.config, spec.dir, log, producers, spec.leader_epoch);
    match why {
        Some(why) => {
            tracing::error!("{topic}-{} is offline: {why}", id.partition.0);
            p.set_offline(&why);
        }
        None if has_data => dir.register(storage::dir::target(&p)),
        None => {}
    }
    p
}

fn empty<D: Disk>(spec: &Spec<D>, start: i64) -> Log<D> {
    let folder = spec.dir.folder(&spec.id);
    Log::empty(spec.dir.files.clone(), folder, spec.config.load().log, start)
}

fn open_parts<D: Disk>(spec: &Spec<D>, now_ms: i64) -> Result<(Log<D>, Producers), (LogError, i64)> {
    let from = spec.dir.checkpoint_of(&spec.id).map_err(|e| (e, 0))?;
    let start = from.as_ref().map_or(0, |c| c.log_start);
    open_listed(spec, from.as_ref(), now_ms).map_err(|e| (e, start))
}

fn open_listed<D: Disk>(
    spec: &Spec<D>,
    from: Option<&LogCheckpoint>,
    now_ms: i64,
) -> Result<(Log<D>, Producers), LogError> {
    let folder = spec.dir.folder(&spec.id);
    let mut producers = Some(Producers::default());
    let log = match (from, spec.has_folder) {
        (None, false) => empty(spec, 0),
        (Some(c), false) if c.recovery_point == 0 => empty(spec, 0),
        (Some(_), false) => {
            let why = format!("{} is listed in the checkpoint but missing", folder.display());
            return Err(LogError::Offline(why));
        }
        (_, true) => {
            let config = spec.config.load().log;
            let mut replay = |r: Replay<'_>| match r {
                Replay::From(state) => producers = Producers::decode(state),
                Replay::Batch(h) => {
                    if let Some(p) = &mut producers {
                        p.record(h, h.base_offset, h.max_timestamp);
                    }
                }
            };
            let files = spec.dir.files.clone();
            let (log, report) = open_log(files, folder, config, from, now_ms, &mut replay)?;
            if report.cut_bytes > 0 {
                let index = spec.id.partition.0;
                tracing::warn!("{}-{index}: cut {} torn bytes", spec.topic, report.cut_bytes);
            }
            spec.dir.note_appended(report.scanned_bytes);
            log
        }
    };
    let Some(producers) = producers else {
        return Err(LogError::Offline("the producer state does not parse".into()));
    };
    match spec.lake_committed {
        Some(c) if c > log.end() => Err(LogError::Offline(format!(
            "the lake holds records up to {c} but the log ends at {}: records are lost",
            log.end()
        ))),
        _ => Ok((log, producers)),
    }
}
