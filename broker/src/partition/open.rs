//! From what a log dir holds to a replica's log and producer state. The simulator restarts through this, too.
//!
<<<<<<< HEAD
//! Invariants: a log that the checkpoint lists but the disk lacks is offline, never empty; so is one whose durable
//! data is gone, or that ends below what the lake has committed; the producer state ends exactly where the log does.
//! Called by `replicas`, for several partitions at a time at start.

use crate::machine::producer::Producers;
use protocol::ids::TopicPartition;
=======
//! Invariants: a log that the checkpoint lists but the disk lacks is offline, never empty; a log that ends below
//! what the lake has committed is offline, since records are lost. Called by `replicas`.

use crate::machine::producer::Producers;
use protocol::ids::TopicPartition;
use protocol::records::BatchHeader;
>>>>>>> 27cdfad (squashed-sim)
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::checkpoint::LogCheckpoint;
use storage::dir::LogDir;
use storage::disk::Disk;
use storage::wrong::{self, Rule};
<<<<<<< HEAD
use storage::{Log, LogConfig, LogError, Replay, open_log};
=======
use storage::{Log, LogConfig, LogError, open_log};
>>>>>>> 27cdfad (squashed-sim)

/// Where a log is, before it is opened.
pub struct Placement<D: Disk> {
    pub dir: Arc<LogDir<D>>,
<<<<<<< HEAD
    /// The dir's checkpoint has a record of the log.
    pub is_listed: bool,
=======
    pub checkpoint: Option<LogCheckpoint>,
>>>>>>> 27cdfad (squashed-sim)
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

<<<<<<< HEAD
/// The dir that lists the log, or has its folder, or that a new one should go to: one that works, with the fewest
/// partitions. `None` without any dir.
=======
/// The dir that lists the log, or has its folder, or should get it. `None` without any dir.
>>>>>>> 27cdfad (squashed-sim)
pub fn place<D: Disk>(
    dirs: &[Arc<LogDir<D>>],
    folders: &Folders<D>,
    tp: &TopicPartition,
) -> Option<Placement<D>> {
<<<<<<< HEAD
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
=======
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
>>>>>>> 27cdfad (squashed-sim)
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

<<<<<<< HEAD
impl<D: Disk> Opened<D> {
    /// True if the dir must checkpoint the log from now on; one without data joins with its first append.
    pub fn has_data(&self) -> bool {
        self.why_offline.is_none() && (self.log.is_ready() || self.log.end() > 0)
    }
}

=======
>>>>>>> 27cdfad (squashed-sim)
pub fn open<D: Disk>(
    at: &Placement<D>,
    tp: &TopicPartition,
    config: LogConfig,
    lake_committed: Option<i64>,
    now_ms: i64,
) -> Opened<D> {
<<<<<<< HEAD
    let mut start = 0;
    let opened = at.dir.checkpoint_of(tp).and_then(|from| {
        start = from.as_ref().map_or(0, |c| c.log_start);
        open_listed(at, tp, config, from.as_ref(), now_ms)
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
    now_ms: i64,
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
        Replay::From(state) => producers = Producers::decode(state),
        Replay::Batch(h) => {
            if let Some(p) = &mut producers {
                // The broker's clock, as when it was appended: a client's timestamp must not make its state expire.
                p.record(h, h.base_offset, now_ms);
            }
        }
    };
    let (log, report) = open_log(files, folder, config, from, now_ms, &mut replay)?;
    at.dir.note_appended(report.scanned_bytes);
    let producers =
        producers.ok_or_else(|| LogError::Offline("the producer state does not parse".into()))?;
    Ok(Opened { log, producers, cut_bytes: report.cut_bytes, why_offline: None })
=======
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
>>>>>>> 27cdfad (squashed-sim)
}
