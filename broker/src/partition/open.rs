//! From what a log dir holds to a replica's log and producer state. The simulator restarts through this, too.
//!
//! Invariants: a log that the checkpoint lists but the disk lacks is offline, never empty; so is one whose durable
//! data is gone, or that ends below what the lake has committed; the producer state ends exactly where the log does.
//! Silence of producers is counted from the opening on, on the monotonic clock.
//! Called by `replicas`, for several partitions at a time at start.

use crate::machine::group::Now;
use crate::machine::producer::Producers;
use protocol::ids::TopicPartition;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::checkpoint::LogCheckpoint;
use storage::dir::LogDir;
use storage::disk::Disk;
use storage::wrong::{self, Rule};
use storage::{Log, LogConfig, LogError, Replay, open_log};

/// Where a log is, before it is opened.
pub struct Placement<D: Disk> {
    pub dir: Arc<LogDir<D>>,
    /// The dir's checkpoint has a record of the log.
    pub is_listed: bool,
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

/// The dir that lists the log, or has its folder, or that a new one should go to: one that works, with the fewest
/// partitions. `None` without any dir.
pub fn place<D: Disk>(
    dirs: &[Arc<LogDir<D>>],
    folders: &Folders<D>,
    tp: &TopicPartition,
) -> Option<Placement<D>> {
    let folder = folders.get(tp);
    if let Some(listed) = dirs.iter().find(|d| d.is_listed(tp)) {
        let has_folder = folder.is_some_and(|f| Arc::ptr_eq(f, listed));
        return Some(Placement { dir: listed.clone(), is_listed: true, has_folder });
    }
    let dir = match folder {
        Some(d) => d.clone(),
        None => dirs.iter().min_by_key(|d| (d.is_failed(), d.placed()))?.clone(),
    };
    Some(Placement { dir, is_listed: false, has_folder: folder.is_some() })
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

impl<D: Disk> Opened<D> {
    /// True if the dir must checkpoint the log from now on; one without data joins with its first append.
    pub fn has_data(&self) -> bool {
        self.why_offline.is_none() && (self.log.is_ready() || self.log.end() > 0)
    }
}

pub fn open<D: Disk>(
    at: &Placement<D>,
    tp: &TopicPartition,
    config: LogConfig,
    lake_committed: Option<i64>,
    now: Now,
) -> Opened<D> {
    let mut start = 0;
    let opened = at.dir.checkpoint_of(tp).and_then(|from| {
        start = from.as_ref().map_or(0, |c| c.log_start);
        open_listed(at, tp, config, from.as_ref(), now)
    });
    let opened = opened.and_then(|o| match lake_committed {
        Some(c) if c > o.log.end() => Err(LogError::Offline(format!(
            "the lake holds records up to {c} but the log ends at {}: records are lost",
            o.log.end()
        ))),
        _ => Ok(o),
    });
    opened.unwrap_or_else(|e| Opened {
        log: Log::empty(at.dir.files.clone(), at.dir.folder(tp), config, start),
        producers: Producers::default(),
        cut_bytes: 0,
        why_offline: Some(e.to_string()),
    })
}

fn open_listed<D: Disk>(
    at: &Placement<D>,
    tp: &TopicPartition,
    config: LogConfig,
    from: Option<&LogCheckpoint>,
    now: Now,
) -> Result<Opened<D>, LogError> {
    let (folder, files) = (at.dir.folder(tp), at.dir.files.clone());
    if !at.has_folder {
        // What was never appended to needs no folder, whatever the checkpoint says.
        let is_empty = from.is_none_or(|c| c.recovery_point == 0) || wrong::is(Rule::MissingIsEmpty);
        if !is_empty {
            let why = format!("{} is listed in the checkpoint but missing", folder.display());
            return Err(LogError::Offline(why));
        }
        let log = Log::empty(files, folder, config, 0);
        return Ok(Opened { log, producers: Producers::default(), cut_bytes: 0, why_offline: None });
    }
    let mut producers = Some(Producers::default());
    let mut replay = |r: Replay<'_>| match r {
        Replay::From(state) => producers = Producers::decode(state, now.mono_ms),
        Replay::Batch(h) => {
            if let Some(p) = &mut producers {
                // As if it came now: neither a client's timestamp nor a jump of the wall clock may make it expire.
                p.record(h, h.base_offset, now.mono_ms);
            }
        }
    };
    let (log, report) = open_log(files, folder, config, from, now.wall_ms, &mut replay)?;
    at.dir.note_appended(report.scanned_bytes);
    let producers = producers.ok_or_else(|| LogError::Offline("the producer state does not parse".into()))?;
    Ok(Opened { log, producers, cut_bytes: report.cut_bytes, why_offline: None })
}
