//! The hot paths by themselves: checking a batch, decoding a produce request, encoding its answer, appending to a log
//! and slicing it for a fetch. `cargo bench -p lipno-benches`.
//!
//! With `LIPNO_ONCE=<name>` a path runs 1,000 times without criterion, for `valgrind --tool=callgrind`, whose
//! instruction counts do not depend on what else the machine does (`cargo xtask bench --help` is for loads).

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, Throughput};
use protocol::message::k00_produce::request::{PartitionProduceData, TopicProduceData};
use protocol::message::k00_produce::response::{PartitionProduceResponse, TopicProduceResponse};
use protocol::message::k00_produce::{ProduceRequest, ProduceResponse};
use protocol::primitive::{Reader, Writer};
use protocol::records::{BatchBuilder, BatchHeader, Codec, Depth, Limits, NewRecord, validate};
use protocol::{Message, Records};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use storage::files::FileCache;
use storage::{Log, LogConfig, RealDisk};

const ONCE: usize = 1_000;
const VERSION: i16 = 12;

fn batch(records: usize, size: usize) -> Result<Bytes, String> {
    let value = vec![7u8; size];
    let mut b = BatchBuilder::new(Codec::None);
    for _ in 0..records {
        b.push(NewRecord { timestamp: 1, value: Some(&value), ..NewRecord::default() });
    }
    b.finish().map_err(|e| e.to_string())
}

fn request(batch: &Bytes) -> Bytes {
    let data = PartitionProduceData { index: 0, records: Some(Records::Bytes(batch.clone())) };
    let topic_data =
        vec![TopicProduceData { name: "topic".into(), partition_data: vec![data], ..Default::default() }];
    let q = ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data, ..ProduceRequest::default() };
    let (mut out, mut gaps) = (BytesMut::new(), Vec::new());
    q.encode(&mut Writer::new(&mut out, &mut gaps), VERSION);
    out.freeze()
}

fn response() -> ProduceResponse {
    let part = PartitionProduceResponse { index: 0, base_offset: 5, ..Default::default() };
    ProduceResponse {
        responses: vec![TopicProduceResponse {
            name: "topic".into(),
            partition_responses: vec![part],
            ..Default::default()
        }],
        ..ProduceResponse::default()
    }
}

/// A log in a fresh folder, with its first segment.
fn log(dir: &Path) -> Result<Log<RealDisk>, String> {
    let mut log =
        Log::empty(FileCache::new(Arc::new(RealDisk), 16), dir.join("log"), LogConfig::default(), 0);
    if let Some(upkeep) = log.plan_upkeep(true) {
        log.finish_upkeep(upkeep.run()).map_err(|e| e.to_string())?;
    }
    Ok(log)
}

/// One path: what it is called, how many bytes it handles, and a single run of it.
struct Work<'a> {
    name: &'static str,
    bytes: u64,
    run: Box<dyn FnMut() + 'a>,
}

fn codec_paths<'a>() -> Result<Vec<Work<'a>>, String> {
    let limits =
        Limits { batch_bytes_max: 2 << 20, records_max: 1_000_000, depth: Depth::Header, zstd_allowed: true };
    let mut out: Vec<Work<'a>> = Vec::new();
    for (name, records, size) in
        [("validate-1x100", 1, 100), ("validate-147x100", 147, 100), ("validate-967x1024", 967, 1024)]
    {
        let b = batch(records, size)?;
        let run = Box::new({
            let b = b.clone();
            move || drop(black_box(validate::validate(black_box(&b), &limits)))
        });
        out.push(Work { name, bytes: b.len() as u64, run });
    }
    let raw = request(&batch(1, 100)?);
    let decode = move || drop(black_box(ProduceRequest::decode(&mut Reader::new(black_box(&raw)), VERSION)));
    out.push(Work { name: "decode-produce", bytes: 0, run: Box::new(decode) });
    let (answer, mut buf, mut gaps) = (response(), BytesMut::with_capacity(4096), Vec::new());
    let encode = move || {
        buf.clear();
        black_box(&answer).encode(&mut Writer::new(&mut buf, &mut gaps), VERSION);
    };
    out.push(Work { name: "encode-produce", bytes: 0, run: Box::new(encode) });
    Ok(out)
}

fn log_paths<'a>(dir: &Path) -> Result<Vec<Work<'a>>, String> {
    let small = batch(1, 100)?;
    let header = BatchHeader::read(&small).ok_or("no header")?;
    let mut appended = log(&dir.join("append"))?;
    let bytes = small.len() as u64;
    let one = small.clone();
    // A full segment makes the append an error; by then a gigabyte was measured.
    let append = move || drop(black_box(appended.append(&one, &header, 0, 1)));
    let mut filled = log(&dir.join("slice"))?;
    for _ in 0..10_000 {
        filled.append(&small, &header, 0, 1).map_err(|e| e.to_string())?;
    }
    let reader = storage::read::Reader::new(filled.reader(), 1 << 30);
    let mut at = 0;
    let slice = move || {
        at = (at + 4_001) % 9_000;
        drop(black_box(reader.slice(at, 10_000, 64 * 1024, true)));
        // The log must outlive its readers' files.
        black_box(&filled);
    };
    Ok(vec![
        Work { name: "append-100B", bytes, run: Box::new(append) },
        Work { name: "slice-64KiB", bytes: 0, run: Box::new(slice) },
    ])
}

fn main() -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut works = codec_paths()?;
    works.extend(log_paths(dir.path())?);
    if let Ok(name) = std::env::var("LIPNO_ONCE") {
        let work = works.iter_mut().find(|w| w.name == name).ok_or_else(|| format!("no path '{name}'"))?;
        (0..ONCE).for_each(|_| (work.run)());
        return Ok(());
    }
    let mut c = Criterion::default().sample_size(20).configure_from_args();
    for w in &mut works {
        let mut group = c.benchmark_group("hot");
        if w.bytes > 0 {
            group.throughput(Throughput::Bytes(w.bytes));
        }
        group.bench_function(w.name, |b| b.iter(|| (w.run)()));
        group.finish();
    }
    c.final_summary();
    Ok(())
}
