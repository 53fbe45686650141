//! Measures the conversion of log to Parquet: `cargo run --release -p lipno-tiering --example convert [MB]
//! [raw|typed|raw+typed] [none|gzip|snappy|lz4|zstd]`.
//!
//! Makes batches of JSON like flights (about 1,000 records of 300 bytes each), converts them on one
//! thread, and prints megabytes of log per second of processor time, and how much smaller the files are.

use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::sync::Arc;
use storage::read::Chunk;
use tiering::convert::{Attempts, Range, convert};
use tiering::pool::StopFlag;
use tiering::store::Store;
use tiering::typed::{Format, OwnColumns, Shaper};

const CARRIERS: [&str; 8] = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "WN"];
const AIRPORTS: [&str; 10] = ["EWR", "JFK", "LGA", "IAH", "MIA", "BQN", "ATL", "ORD", "FLL", "IAD"];

fn pick<'a>(from: &[&'a str], n: u64) -> &'a str {
    from.get((n % from.len() as u64) as usize).copied().unwrap_or("")
}

/// Some flight; numbers from a fixed generator, so that every run measures the same bytes.
fn flight(seed: u64) -> (String, String) {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
    let mut n = |below: u64| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x % below
    };
    let carrier = pick(&CARRIERS, n(8)).to_string();
    let (month, day, hour, minute) = (n(12) + 1, n(28) + 1, n(24), n(60));
    let json = format!(
        "{{\"year\":2013,\"month\":{month},\"day\":{day},\"dep_time\":{}.0,\"sched_dep_time\":{},\
         \"dep_delay\":{}.0,\"arr_time\":{}.0,\"sched_arr_time\":{},\"arr_delay\":{}.0,\"carrier\":\"{carrier}\",\
         \"flight\":{},\"tailnum\":\"N{:05}\",\"origin\":\"{}\",\"dest\":\"{}\",\"air_time\":{}.0,\
         \"distance\":{},\"hour\":{hour},\"minute\":{minute},\"time_hour\":\"2013-{month:02}-{day:02}T{hour:02}:00:00Z\"}}",
        hour * 100 + minute,
        hour * 100 + n(60),
        n(120) as i64 - 20,
        n(2400),
        n(2400),
        n(150) as i64 - 40,
        n(6000),
        n(99_999),
        pick(&AIRPORTS[..3], n(3)),
        pick(&AIRPORTS, n(10)),
        n(600),
        n(2500),
    );
    (carrier, json)
}

/// Batches until their keys and values have `bytes`, as the log's reader gives them; the next offset; and those bytes.
fn log(bytes: usize, codec: Codec) -> Result<(Vec<(i64, Chunk)>, i64, usize), Box<dyn std::error::Error>> {
    let (mut chunks, mut next, mut total) = (Vec::new(), 0i64, 0);
    while total < bytes {
        let base = next;
        let mut chunk = Vec::new();
        while chunk.len() < 1 << 20 {
            let mut b = BatchBuilder::new(codec).placed(next, 0);
            for i in 0..1_000 {
                let (key, value) = flight((next + i) as u64);
                let record = NewRecord {
                    timestamp: 1_773_100_799_000 + (next + i) / 20,
                    key: Some(key.as_bytes()),
                    value: Some(value.as_bytes()),
                    headers: &[],
                };
                b.push(record);
                total += key.len() + value.len();
            }
            next += 1_000;
            chunk.extend_from_slice(&b.finish()?);
        }
        chunks.push((base, Chunk::new(chunk.into(), vec![(0, 1_773_100_799_000 + base)])));
    }
    Ok((chunks, next, total))
}

/// Processor time of all threads of this process, in user and kernel mode.
fn processor_seconds() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // After the name in brackets; fields 14 and 15 of the line, in hundredths of a second.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|f| f.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / 100.0)
}

/// The rest of the chunk that holds `from`.
fn read(chunks: &[(i64, Chunk)], from: i64) -> Option<Chunk> {
    let (_, chunk) = chunks.get(chunks.partition_point(|(base, _)| *base <= from).checked_sub(1)?)?;
    let mut at = 0;
    while let Some(h) = chunk.bytes.get(at..).and_then(BatchHeader::read) {
        if h.last_offset() >= from {
            return Some(Chunk::new(chunk.bytes.slice(at..), vec![(0, chunk.append_ms(at))]));
        }
        at += h.total_len()?;
    }
    None
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let megabytes: usize = std::env::args().nth(1).map_or(Ok(400), |a| a.parse())?;
    let format = match std::env::args().nth(2).as_deref() {
        None | Some("raw") => Format::raw(),
        Some("raw+typed") => Format::default(),
        Some("typed") => Format { raw: false, ..Format::default() },
        Some(_) => return Err("the format is raw, typed or raw+typed".into()),
    };
    let (format, columns) = (Arc::new(format), OwnColumns::default());
    let codec = match std::env::args().nth(3).as_deref() {
        None | Some("none") => Codec::None,
        Some("gzip") => Codec::Gzip,
        Some("snappy") => Codec::Snappy,
        Some("lz4") => Codec::Lz4,
        Some("zstd") => Codec::Zstd,
        Some(_) => return Err("the codec is none, gzip, snappy, lz4 or zstd".into()),
    };
    let (chunks, end, plain) = log(megabytes << 20, codec)?;
    let bytes: usize = chunks.iter().map(|(_, c)| c.bytes.len()).sum();
    let dir = tempfile::tempdir()?;
    let store = Arc::new(Store::open(dir.path())?);
    let rt = tokio::runtime::Builder::new_current_thread().build()?;
    let id = TopicPartition { topic: TopicId(Uuid([7; 16])), partition: PartitionIndex(0) };
    let (mut at, mut stored, mut files) = (0, 0, 0);
    let began = processor_seconds()?;
    while at < end {
        let range =
            Range { location: "bench/t".into(), id, start: at, to: end, append_floor_ms: 0, random: 0 };
        let shaper = Shaper::new(format.clone(), &columns);
        let (attempts, stop) = (Attempts::default(), StopFlag::default());
        let done =
            rt.block_on(convert(&range, shaper, |from| Ok(read(&chunks, from)), &store, &attempts, &stop))?;
        (at, stored, files) = (done.end, stored + done.bytes, files + done.files.len());
    }
    let took = processor_seconds()? - began;
    let (mb, log_mb) = (plain as f64 / 1e6, bytes as f64 / 1e6);
    println!(
        "{mb:.0} MB of keys and values ({log_mb:.0} MB of log), {end} records, in {took:.2} s of one core: {:.0} MB/s; \
         {files} files, {:.3} of that size",
        mb / took,
        stored as f64 / plain as f64
    );
    Ok(())
}
