//! From what a log dir holds to a replica's log and producer state. The simulator restarts through this, too.
//!
//! Invariants: a log that the checkpoint lists but the disk lacks is offline, never empty; a log that ends below
//! what the lake has committed is offline, since records are lost. Called by `replicas`.

use crate::machine::producer::Producers;
use protocol::ids::TopicPartition;
use protocol::records::BatchHeader;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::checkpoint::LogCheckpoint;
use storage::dir::LogDir;
use storage::disk::Disk;
use storage::wrong::{self, Rule};
use storage::{Log, LogConfig, LogError, open_log};

/// Where a log is, before it is opened.
pub struct Placement<D: Disk> {
    pub dir: Arc<LogDir<D>>,
    pub checkpoint: Option<LogCheckpoint>,
    pub has_folder: bool,
}

/// Partition folders of all dirs.
pub type Folders<D> = BTreeMap<TopicPartition, Arc<LogDir<D>>>;

pub fn folders<D: Disk>(dirs: &[Arc<LogDir<D>>]) -> Result<Folders<D>, LogError> {
    let mut out = BTreeMap::new();
    for dir in dirs {
        for tp in dir.folders()? {
            out.insert(tp, dir.clone());
        }
    }
    Ok(out)
}

/// The dir that lists the log, or has its folder, or should get it. `None` without any dir.
pub fn place<D: Disk>(
    dirs: &[Arc<LogDir<D>>],
    folders: &Folders<D>,
    tp: &TopicPartition,
) -> Option<Placement<D>> {
    let listed = dirs.iter().find_map(|d| d.checkpoint_of(tp).map(|c| (d.clone(), c)));
    let folder = folders.get(tp);
    if let Some((dir, checkpoint)) = listed {
        return Some(Placement { dir, checkpoint: Some(checkpoint), has_folder: folder.is_some() });
    }
    let dir = match folder {
        Some(d) => d.clone(),
        // New partitions are spread over the dirs by number.
        None => dirs.get(tp.partition.0 as usize % dirs.len().max(1))?.clone(),
    };
    Some(Placement { dir, checkpoint: None, has_folder: folder.is_some() })
}

/// A log that was opened, or why it could not be.
pub struct Opened<D: Disk> {
    pub log: Log<D>,
    /// The producer state at the log's end.
    pub producers: Producers,
    pub cut_bytes: u64,
    /// The log is empty then and must not be served.
    pub why_offline: Option<String>,
}

pub fn open<D: Disk>(
    at: &Placement<D>,
    tp: &TopicPartition,
    config: LogConfig,
    lake_committed: Option<i64>,
    now_ms: i64,
) -> Opened<D> {
    let folder = at.dir.folder(tp);
    let disk = at.dir.disk.clone();
    let empty = |start| Log::empty(disk.clone(), folder.clone(), config, start);
    let from = at.checkpoint.clone().unwrap_or_default();
    let mut producers = Producers::decode(&from.producers).unwrap_or_default();
    let mut cut_bytes = 0;
    let opened = match (&at.checkpoint, at.has_folder) {
        (None, false) => Ok(empty(0)),
        (Some(c), false) if c.recovery_point == c.log_start => Ok(empty(c.log_start)),
        (Some(_), false) if wrong::is(Rule::MissingIsEmpty) => Ok(empty(0)),
        (Some(_), false) => {
            Err(LogError::Offline(format!("{} is listed in the checkpoint but missing", folder.display())))
        }
        (_, true) => open_log(disk.clone(), folder.clone(), config, &from, now_ms, &mut |h: &BatchHeader| {
            producers.record(h, h.base_offset, 0);
        })
        .map(|(log, report)| {
            cut_bytes = report.cut_bytes;
            log
        }),
    };
    let opened = opened.and_then(|log| match lake_committed {
        Some(c) if c > log.end() => Err(LogError::Offline(format!(
            "the lake holds records up to {c} but the log ends at {}: records are lost",
            log.end()
        ))),
        _ => Ok(log),
    });
    producers.restart_clock();
    match opened {
        Ok(log) => Opened { log, producers, cut_bytes, why_offline: None },
        Err(e) => {
            Opened { log: empty(from.log_start), producers, cut_bytes, why_offline: Some(e.to_string()) }
        }
    }
}
