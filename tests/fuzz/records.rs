//! Targets over record batches: validation, each codec, and the walk over records.

use super::allocator::capped;
use super::mutate::mutate;
use super::{Input, Target};
use bytes::Bytes;
use lipno_tests::wire::files::{golden_dir, recorded, unhex};
use lipno_tests::wire::rng::Rng;
use protocol::Message;
use protocol::api;
use protocol::message::k00_produce::ProduceRequest;
use protocol::primitive::Reader;
use protocol::records::codec::{DECOMPRESSED_MAX, RATIO_MAX};
use protocol::records::control::ControlType;
use protocol::records::validate::validate;
use protocol::records::{BatchHeader, Codec, Depth, HEADER_LEN, Limits, RecordIter};
use std::sync::OnceLock;

pub fn targets() -> Vec<Target> {
    vec![
        Target { name: "batches", executions: 25_000, make: make_batch, run: run_batch },
        Target { name: "codecs", executions: 15_000, make: make_packed, run: run_packed },
        Target { name: "record_walk", executions: 15_000, make: make_records, run: run_records },
    ]
}

/// Decoders' own buffers: two 4 MiB blocks and a window for a linked LZ4 frame, which its header may ask for.
const DECODER_BYTES: usize = 13 << 20;

/// What decompressing `len` bytes up to `limit` may hold: the output, grown by doubling, and the decoder.
fn decompress_cap(len: usize, limit: usize) -> usize {
    DECODER_BYTES + 2 * limit.min((len * RATIO_MAX).max(1 << 20))
}

/// Batches of Kafka's classes and of recorded clients.
fn batches() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let text = std::fs::read_to_string(golden_dir().join("kafka.txt")).unwrap();
        let of_kafka =
            text.lines().filter(|l| l.starts_with("batch ")).map(|l| unhex(l.rsplit(' ').next().unwrap()));
        let mut all: Vec<Vec<u8>> = of_kafka.collect();
        for r in recorded().into_iter().filter(|r| r.api == "produce" && r.is_request) {
            let frame = Bytes::from(r.frame[4..].to_vec());
            let mut reader = Reader::new(&frame);
            api::served(0).unwrap().read_header(&mut reader, r.version).unwrap();
            let m = ProduceRequest::decode(&mut reader, r.version).unwrap();
            let parts = m.topic_data.iter().flat_map(|t| &t.partition_data);
            all.extend(parts.filter_map(|p| p.records.as_ref()).map(|b| b.bytes().to_vec()));
        }
        all
    })
}

/// Makes length and CRC right again, so that what lies behind them is reached.
fn mend(b: &mut [u8]) {
    if b.len() >= HEADER_LEN {
        let len = (b.len() as i32 - 12).to_be_bytes();
        b[8..12].copy_from_slice(&len);
        b[16] = 2;
        let crc = crc32c::crc32c(&b[21..]).to_be_bytes();
        b[17..21].copy_from_slice(&crc);
    }
}

fn make_batch(rng: &mut Rng) -> Input {
    let all = batches();
    let mut bytes = all[rng.below(all.len())].clone();
    let behind_the_header = rng.one_in(2) && bytes.len() > HEADER_LEN;
    if behind_the_header {
        let mut records = bytes.split_off(HEADER_LEN);
        mutate(rng, &mut records);
        bytes.extend(records);
    } else {
        mutate(rng, &mut bytes);
    }
    if !rng.one_in(4) {
        mend(&mut bytes);
    }
    Input { label: ["full", "header"][usize::from(rng.one_in(4))].into(), bytes }
}

fn run_batch(input: &Input) -> Result<(), String> {
    let depth = if input.label == "full" { Depth::Full } else { Depth::Header };
    let limits = Limits { batch_bytes_max: 1 << 20, records_max: 1_000_000, depth, zstd_allowed: true };
    let b = &input.bytes;
    let cap = decompress_cap(b.len(), DECOMPRESSED_MAX);
    let Ok(h) = capped(cap, || validate(b, &limits))? else { return Ok(()) };
    // What passes is what the log, the index and the readers rely on.
    let sound = h.total_len() == Some(b.len())
        && h.crc_matches(b)
        && h.magic == 2
        && (h.base_offset, h.last_offset_delta) == (0, h.records_count - 1)
        && h.next_offset() == i64::from(h.records_count)
        && !h.is_control();
    if !sound {
        return Err(format!("passed: {h:?}"));
    }
    if depth == Depth::Full || h.codec_bits() == 0 {
        let plain = Codec::from_bits(h.codec_bits()).unwrap().decompress(&b[HEADER_LEN..], DECOMPRESSED_MAX);
        let plain = plain.map_err(|e| format!("passed, but {e}"))?;
        let n = RecordIter::new(&plain, h.records_count).filter(Result::is_ok).count();
        if n != h.records_count as usize {
            return Err(format!("passed with {n} readable records of {}", h.records_count));
        }
    }
    Ok(())
}

const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

/// A damaged stream of one codec, sometimes read as another's.
fn make_packed(rng: &mut Rng) -> Input {
    let n = [0, 1, 20, 200, 3_000, 70_000][rng.below(6)];
    let plain = if rng.one_in(2) { rng.bytes(n) } else { b"some text, ".repeat(n / 11 + 1) };
    let packer = CODECS[1 + rng.below(4)];
    let mut bytes = packer.compress(&plain).unwrap();
    if packer == Codec::Snappy && rng.one_in(2) {
        // The raw form: one block without the frame.
        bytes.drain(..20.min(bytes.len()));
    }
    mutate(rng, &mut bytes);
    let reader = if rng.one_in(20) { rng.below(5) as i16 } else { packer.bits() };
    Input { label: reader.to_string(), bytes }
}

fn run_packed(input: &Input) -> Result<(), String> {
    let codec = Codec::from_bits(input.label.parse().unwrap()).unwrap();
    let limit = 100_000;
    let cap = decompress_cap(input.bytes.len(), limit);
    match capped(cap, || codec.decompress(&input.bytes, limit))? {
        Ok(out) if out.len() > limit => Err(format!("{} bytes came out", out.len())),
        _ => Ok(()),
    }
}

/// The plain records of a good batch, damaged.
fn make_records(rng: &mut Rng) -> Input {
    let all = batches();
    let b = &all[rng.below(all.len())];
    let h = BatchHeader::read(b).unwrap();
    let codec = Codec::from_bits(h.codec_bits()).unwrap();
    let mut bytes = codec.decompress(&b[HEADER_LEN..], 1 << 20).unwrap();
    mutate(rng, &mut bytes);
    let count = if rng.one_in(3) { rng.int() as i32 } else { h.records_count };
    Input { label: count.to_string(), bytes }
}

fn run_records(input: &Input) -> Result<(), String> {
    let count: i32 = input.label.parse().unwrap();
    let walk = || {
        let (mut n, mut bytes) = (0usize, 0usize);
        for r in RecordIter::new(&input.bytes, count) {
            let Ok(r) = r else { break };
            n += 1;
            bytes += r.key.map_or(0, <[u8]>::len) + r.value.map_or(0, <[u8]>::len);
            let mut headers = 0usize;
            for header in r.headers() {
                let Ok((k, v)) = header else { break };
                headers += 1;
                bytes += k.len() + v.map_or(0, <[u8]>::len);
            }
            if r.check_headers().is_ok() && headers != r.header_count as usize {
                return Err(format!("{headers} of {} headers", r.header_count));
            }
            let _ = ControlType::of(&r);
        }
        // Nothing is counted twice: all of it lies in the input.
        if n > input.bytes.len() || bytes > input.bytes.len() { Err(format!("{n} {bytes}")) } else { Ok(()) }
    };
    capped(64, walk)?
}
