//! Targets over Lipno's own files: a log dir with one damaged file, a damaged configuration.
//!
//! A checkpoint or cuts file often gets its CRC mended, so that what lies behind it is reached. Whatever is opened is
//! read to its end: an error is fine, a panic, more memory than the files allow or a read past the end is not.

use super::allocator::capped;
use super::mutate::mutate;
use super::{Input, Target};
use bytes::Bytes;
use lipno::config::{BrokerConfig, source};
use lipno_tests::disk::SimDisk;
use lipno_tests::wire::rng::Rng;
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use storage::checkpoint::Checkpoints;
use storage::dir::LogDir;
use storage::disk::{Disk, write_all_at};
use storage::files::FileCache;
use storage::read::Reader;
use storage::{Log, LogConfig, open_log};

pub fn targets() -> Vec<Target> {
    vec![
        Target { name: "log_dirs", executions: 6_000, make: make_dir, run: run_dir },
        Target { name: "configs", executions: 3_000, make: make_config, run: run_config },
    ]
}

const DIR: &str = "/logs";
const CONFIG: LogConfig = LogConfig { segment_bytes: 2000, segment_ms: i64::MAX, index_interval_bytes: 200 };
/// The scan's window, and what small maps and lists need.
const OPEN_BYTES: usize = 3 << 20;

fn id() -> TopicPartition {
    TopicPartition { topic: TopicId(Uuid([9; 16])), partition: PartitionIndex(0) }
}

fn append(log: &mut Log<SimDisk>, n: i64) {
    for i in 0..n {
        let mut b = BatchBuilder::new(Codec::None).producer(7, 0, i as i32);
        b.push(NewRecord { timestamp: 1000 + i, value: Some(&[7; 300]), ..NewRecord::default() });
        let b = b.finish().unwrap();
        let done = log.append(&b, &BatchHeader::read(&b).unwrap(), 3, 5000 + i).unwrap();
        if done.rolled {
            log.note_base_producers(Bytes::from_static(b"producers"));
        }
        while let Some(plan) = log.plan_upkeep(true) {
            log.finish_upkeep(plan.run()).unwrap();
        }
    }
}

/// The files of a log dir: sealed segments, a truncation, a checkpoint and a tail behind it.
fn good() -> &'static [(PathBuf, Vec<u8>)] {
    static FILES: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let disk = Arc::new(SimDisk::new(1));
        let dir = Path::new(DIR);
        disk.create_dir(dir).unwrap();
        let files = FileCache::new(disk.clone(), 100);
        let mut log = Log::empty(files, dir.join(id().to_string()), CONFIG, 0);
        while let Some(plan) = log.plan_upkeep(true) {
            log.finish_upkeep(plan.run()).unwrap();
        }
        append(&mut log, 12);
        let cut = log.plan_truncation(9).unwrap().unwrap().run(&mut |_| {});
        log.finish_truncation(cut).unwrap();
        append(&mut log, 6);
        let taken = log.plan_checkpoint(log.end(), Bytes::from_static(&[0; 40])).unwrap();
        let record = taken.run().unwrap();
        let mut checkpoints = Checkpoints::open(&*disk, dir).unwrap();
        checkpoints.write(&*disk, vec![(id(), Some(record))]).unwrap();
        append(&mut log, 4);
        disk.files().into_iter().map(|(p, _)| (p.clone(), disk.content(&p).unwrap())).collect()
    })
}

fn mend(name: &str, b: &mut [u8]) {
    match name {
        "checkpoint" if b.len() >= 20 => {
            let records = (b.len() - 20) as u32;
            b[..12].copy_from_slice(b"ckpt\0\0\0\0\0\0\0\0");
            b[12..16].copy_from_slice(&records.to_be_bytes());
            let crc = crc32c::crc32c_append(crc32c::crc32c(&b[4..16]), &b[20..]);
            b[16..20].copy_from_slice(&crc.to_be_bytes());
        }
        "cuts" if b.len() >= 4 => {
            let at = b.len() - 4;
            let crc = crc32c::crc32c(&b[..at]);
            b[at..].copy_from_slice(&crc.to_be_bytes());
        }
        _ => {}
    }
}

/// Changes one bit of a batch's header: base offset, length and epoch lie outside the CRC.
fn damage_header(rng: &mut Rng, b: &mut [u8]) {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(len) = b.get(at..).and_then(BatchHeader::read).and_then(|h| h.total_len()) {
        starts.push(at);
        at += len;
    }
    if !starts.is_empty() {
        b[starts[rng.below(starts.len())] + rng.below(27)] ^= 1 << rng.below(8);
    }
}

/// The label is the damaged file.
fn make_dir(rng: &mut Rng) -> Input {
    let (path, content) = &good()[rng.below(good().len())];
    let mut bytes = content.clone();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    if name.ends_with(".log") && rng.one_in(2) {
        damage_header(rng, &mut bytes);
    } else {
        mutate(rng, &mut bytes);
    }
    if !rng.one_in(4) {
        mend(&name, &mut bytes);
    }
    Input { label: path.display().to_string(), bytes }
}

fn run_dir(input: &Input) -> Result<(), String> {
    let disk = Arc::new(SimDisk::new(1));
    disk.create_dir(Path::new(DIR)).unwrap();
    disk.create_dir(&Path::new(DIR).join(id().to_string())).unwrap();
    let mut total = 0;
    for (path, content) in good() {
        let damaged = path.display().to_string() == input.label;
        let content = if damaged { &input.bytes } else { content };
        write_all_at(&disk.create(path).unwrap(), &[content], 0).unwrap();
        total += content.len();
    }
    capped(OPEN_BYTES + 4 * total, || {
        let Ok(dir) = LogDir::open(disk.clone(), Path::new(DIR), |_| {}, |_| {}) else { return Ok(()) };
        let Ok(from) = dir.checkpoint_of(&id()) else { return Ok(()) };
        let folder = dir.folder(&id());
        let opened = open_log(dir.files.clone(), folder, CONFIG, from.as_ref(), 9000, &mut |_| {});
        let Ok((log, _)) = opened else { return Ok(()) };
        let reader = Reader::new(log.reader(), CONFIG.segment_bytes);
        let (mut at, end) = (log.log_start(), log.end());
        while at < end {
            let Ok(Some(b)) = reader.batch_at(at, end) else { break };
            let (first, next) = (b.header.base_offset, b.header.next_offset());
            if next <= at || next > end || first > at {
                return Err(format!("asked for {at} below {end}, found {first}..{next}"));
            }
            at = next;
        }
        drop(reader.batch_by_time(1005, log.log_start(), end));
        drop(reader.batch_of_max_timestamp(log.log_start(), end));
        Ok(())
    })?
}

const SAMPLE: &str = r#"
node.id = 1
listeners = ["PLAINTEXT://127.0.0.1:0"]
"log.retention.ms" = 604800000
write.caching = true
[lake]
mode = "copy"
commit.interval.ms = 60000
[log]
segment.bytes = "1073741824"
"#;

fn make_config(rng: &mut Rng) -> Input {
    let mut bytes = SAMPLE.as_bytes().to_vec();
    mutate(rng, &mut bytes);
    Input { label: "toml".to_string(), bytes }
}

/// Good or refused, and a refusal says which key or line it is about.
fn run_config(input: &Input) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lipno.toml");
    std::fs::write(&file, &input.bytes).unwrap();
    let refused = match capped(4 << 20, || source::from_file(&file).and_then(BrokerConfig::from_values))? {
        Ok(_) => return Ok(()),
        Err(e) => e.to_string(),
    };
    if refused.len() < 10 { Err(format!("a refusal that says nothing: '{refused}'")) } else { Ok(()) }
}
