//! Targets over the wire: messages of every (api, version), headers, frames, varints, blobs inside messages.

use super::allocator::capped;
use super::mutate::{inflate, mutate};
use super::{Input, Target};
use bytes::{Bytes, BytesMut};
use lipno_tests::wire::facts::{message, sample};
use lipno_tests::wire::files::recorded;
use lipno_tests::wire::rng::Rng;
use protocol::api::{self, REQUEST_HEADER_BYTES_MAX};
use protocol::frame::{self, Cut};
use protocol::message::{CODECS, Codec};
use protocol::primitive::{Reader, put_uvarint, put_varint, put_varlong};
use protocol::primitive::{uvarint_len, varint_decode, varint_len, varlong_decode, varlong_len};
use std::collections::HashMap;
use std::sync::OnceLock;

pub fn targets() -> Vec<Target> {
    vec![
        Target { name: "requests", executions: 70_000, make: make_request, run: run_message },
        Target { name: "responses", executions: 50_000, make: make_response, run: run_message },
        Target { name: "log_records", executions: 20_000, make: make_log_record, run: run_log_record },
        Target { name: "blobs", executions: 8_000, make: make_blob, run: run_message },
        Target { name: "headers", executions: 10_000, make: make_header, run: run_header },
        Target { name: "frames", executions: 10_000, make: make_frames, run: run_frames },
        Target { name: "varints", executions: 30_000, make: make_varint, run: run_varint },
    ]
}

/// What a decoder may hold for an input of `len` bytes: 8 bytes for each, and a floor.
pub fn decode_cap(len: usize) -> usize {
    8 * len + 64 * 1024 + 512
}

/// Bodies of recorded frames by (message, version).
fn bodies() -> &'static HashMap<(String, i16), Vec<Vec<u8>>> {
    static BODIES: OnceLock<HashMap<(String, i16), Vec<Vec<u8>>>> = OnceLock::new();
    BODIES.get_or_init(|| {
        let mut out: HashMap<_, Vec<Vec<u8>>> = HashMap::new();
        for r in recorded() {
            let served = api::SERVED.iter().map(|k| api::served(*k).unwrap());
            let Some(api) = served.into_iter().find(|a| xtask::generate::snake(a.name) == r.api) else {
                continue;
            };
            let frame = Bytes::from(r.frame[4..].to_vec());
            let (skip, what) = if r.is_request {
                let mut reader = Reader::new(&frame);
                api.read_header(&mut reader, r.version).unwrap();
                (reader.position(), "Request")
            } else {
                (4 + api.response_header_version(r.version) as usize, "Response")
            };
            out.entry((format!("{}{what}", api.name), r.version)).or_default().push(frame[skip..].to_vec());
        }
        out
    })
}

fn kind(suffix: &str) -> Vec<&'static Codec> {
    CODECS
        .iter()
        .filter(|c| match message(c.name).kind.as_str() {
            "request" => suffix == "Request",
            "response" => suffix == "Response",
            "data" => suffix == "data",
            "header" => false,
            _ => suffix == "log",
        })
        .collect()
}

/// A good message, mostly damaged: recorded where there is one, or made from the facts.
fn make_message(rng: &mut Rng, codecs: &[&Codec]) -> Input {
    let c = codecs[rng.below(codecs.len())];
    let v = c.versions.0 + rng.below((c.versions.1 - c.versions.0 + 1) as usize) as i16;
    let of_clients = bodies().get(&(c.name.to_string(), v));
    let mut bytes = match of_clients {
        Some(all) if rng.one_in(2) => all[rng.below(all.len())].clone(),
        _ => {
            let s = sample(rng.next(), message(c.name), v);
            if rng.one_in(4) { s.with_unknown_tags } else { s.bytes }
        }
    };
    match rng.below(50) {
        0 => {}
        1..8 => inflate(rng, &mut bytes),
        _ => mutate(rng, &mut bytes),
    }
    Input { label: format!("{} {v}", c.name), bytes }
}

fn make_request(rng: &mut Rng) -> Input {
    static ALL: OnceLock<Vec<&'static Codec>> = OnceLock::new();
    make_message(rng, ALL.get_or_init(|| kind("Request")))
}

fn make_response(rng: &mut Rng) -> Input {
    static ALL: OnceLock<Vec<&'static Codec>> = OnceLock::new();
    make_message(rng, ALL.get_or_init(|| kind("Response")))
}

fn make_blob(rng: &mut Rng) -> Input {
    static ALL: OnceLock<Vec<&'static Codec>> = OnceLock::new();
    make_message(rng, ALL.get_or_init(|| kind("data")))
}

/// Decodes within the cap; what is decoded and written is read and written the same again.
fn run_message(input: &Input) -> Result<(), String> {
    let (name, version) = input.label.split_once(' ').unwrap();
    let version: i16 = version.parse().unwrap();
    let c = CODECS.iter().find(|c| c.name == name).unwrap();
    let src = Bytes::copy_from_slice(&input.bytes);
    if capped(decode_cap(src.len()), || (c.decode)(&src, version))?.is_err() {
        return Ok(());
    }
    let (once, _) = (c.round_trip)(&src, version).map_err(|e| format!("decoded once, then {e}"))?;
    let once = once.freeze();
    let (twice, rest) =
        (c.round_trip)(&once, version).map_err(|e| format!("wrote what it cannot read: {e}"))?;
    if twice[..] != once[..] || rest != 0 {
        return Err("what was written is read otherwise".into());
    }
    Ok(())
}

/// A key and a value of `__consumer_offsets`, joined; the label has the key's length.
fn make_log_record(rng: &mut Rng) -> Input {
    static ALL: OnceLock<Vec<&'static Codec>> = OnceLock::new();
    let all = ALL.get_or_init(|| kind("log"));
    if rng.one_in(2) {
        return make_message(rng, all);
    }
    let (key, value, key_type) =
        [("OffsetCommitKey", "OffsetCommitValue", 1i16), ("GroupMetadataKey", "GroupMetadataValue", 2)]
            [rng.below(2)];
    let version = message(value).valid.lo + rng.below(5) as i16;
    let version = version.min(message(value).valid.hi);
    let mut k = key_type.to_be_bytes().to_vec();
    k.extend(sample(rng.next(), message(key), message(key).valid.lo).bytes);
    let mut v = version.to_be_bytes().to_vec();
    v.extend(sample(rng.next(), message(value), version).bytes);
    let damaged = if rng.one_in(3) { &mut k } else { &mut v };
    mutate(rng, damaged);
    let label = k.len().to_string();
    k.extend(v);
    Input { label, bytes: k }
}

fn run_log_record(input: &Input) -> Result<(), String> {
    let Ok(at) = input.label.parse::<usize>() else { return run_message(input) };
    let all = Bytes::copy_from_slice(&input.bytes);
    let (key, value) = (all.slice(..at), all.slice(at..));
    // The coordinator's own structs are wider than the message and hold copies.
    let cap = 2 * decode_cap(all.len());
    let _ = capped(cap, || lipno::coordinator::records::parse(&key, Some(&value)).map(drop))?;
    let _ = capped(cap, || lipno::coordinator::records::parse(&key, None).map(drop))?;
    Ok(())
}

fn make_header(rng: &mut Rng) -> Input {
    let mut bytes = match rng.below(3) {
        0 => {
            let all = recorded_requests();
            all[rng.below(all.len())].clone()
        }
        1 => sample(rng.next(), message("RequestHeader"), 1 + rng.below(2) as i16).bytes,
        // A long client id, or a long tag that nobody knows, or both, about as long as a header may be.
        _ => {
            let mut b = vec![0, 0, 0, 13, 0, 0, 0, 1];
            let id = if rng.one_in(2) { rng.below(2 * REQUEST_HEADER_BYTES_MAX) } else { 5 };
            b.extend((id as u16).to_be_bytes());
            b.extend(std::iter::repeat_n(b'c', id));
            let tag = rng.below(2 * REQUEST_HEADER_BYTES_MAX);
            b.extend([1, 7]);
            put_uvarint(&mut b, tag as u32);
            b.extend(rng.bytes(tag));
            b
        }
    };
    if !rng.one_in(4) {
        mutate(rng, &mut bytes);
    }
    Input { label: api::SERVED[rng.below(api::SERVED.len())].to_string(), bytes }
}

fn recorded_requests() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        recorded().into_iter().filter(|r| r.is_request).map(|r| r.frame[4..].to_vec()).collect()
    })
}

fn run_header(input: &Input) -> Result<(), String> {
    let api = api::served(input.label.parse().unwrap()).unwrap();
    let src = Bytes::copy_from_slice(&input.bytes);
    for version in api.min..=api.max {
        let mut r = Reader::new(&src);
        let header = capped(256, || api.read_header(&mut r, version))?;
        if header.is_ok() && r.position() > REQUEST_HEADER_BYTES_MAX {
            return Err(format!("a header of {} bytes", r.position()));
        }
    }
    Ok(())
}

/// Several frames in a row; the label says in what pieces they arrive.
fn make_frames(rng: &mut Rng) -> Input {
    let mut bytes = Vec::new();
    for _ in 0..1 + rng.below(4) {
        let n = 8 + rng.below(60);
        bytes.extend((n as i32).to_be_bytes());
        bytes.extend(rng.bytes(n));
    }
    if rng.one_in(2) {
        mutate(rng, &mut bytes);
    }
    Input { label: (1 + rng.below(40)).to_string(), bytes }
}

const FRAME_MAX: usize = 1000;

/// Cuts frames until an error; the frames and what ended it.
fn cut_all(bytes: &[u8], piece: usize) -> Result<(Vec<Bytes>, String), String> {
    let (mut buf, mut out) = (BytesMut::new(), Vec::new());
    for part in bytes.chunks(piece) {
        buf.extend_from_slice(part);
        loop {
            match frame::cut(&mut buf, FRAME_MAX) {
                Ok(Cut::Frame(f)) if (8..=FRAME_MAX).contains(&f.len()) => out.push(f),
                Ok(Cut::Frame(f)) => return Err(format!("a frame of {} bytes", f.len())),
                Ok(Cut::Need(n)) if n > 0 && n <= FRAME_MAX => break,
                Ok(Cut::Need(n)) => return Err(format!("waits for {n} bytes")),
                Err(e) => return Ok((out, e.to_string())),
            }
        }
    }
    Ok((out, format!("{} left", buf.len())))
}

fn run_frames(input: &Input) -> Result<(), String> {
    let piece: usize = input.label.parse().unwrap();
    let whole = cut_all(&input.bytes, usize::MAX)?;
    let pieces = cut_all(&input.bytes, piece)?;
    if whole != pieces { Err(format!("in pieces {pieces:?}, whole {whole:?}")) } else { Ok(()) }
}

fn make_varint(rng: &mut Rng) -> Input {
    let mut bytes = Vec::new();
    match rng.below(4) {
        0 => put_varint(&mut bytes, rng.int() as i32),
        1 => put_varlong(&mut bytes, rng.int()),
        2 => put_uvarint(&mut bytes, rng.int() as u32),
        _ => {
            let n = rng.below(12);
            bytes = rng.bytes(n);
            bytes.iter_mut().for_each(|b| *b |= 0x80 * u8::from(rng.one_in(2)));
        }
    }
    if rng.one_in(2) {
        mutate(rng, &mut bytes);
    }
    Input { label: "any".into(), bytes }
}

/// What is decoded is written in at most as many bytes, and those are read as the same.
fn run_varint(input: &Input) -> Result<(), String> {
    let b = &input.bytes;
    if let Ok((v, n)) = varint_decode(b) {
        let mut out = Vec::new();
        put_varint(&mut out, v);
        let same = varint_decode(&out) == Ok((v, out.len()));
        if n > 5 || n > b.len() || out.len() > n || varint_len(v) != out.len() || !same {
            return Err(format!("varint {v} of {n} bytes"));
        }
    }
    if let Ok((v, n)) = varlong_decode(b) {
        let mut out = Vec::new();
        put_varlong(&mut out, v);
        let same = varlong_decode(&out) == Ok((v, out.len()));
        if n > 10 || n > b.len() || out.len() > n || varlong_len(v) != out.len() || !same {
            return Err(format!("varlong {v} of {n} bytes"));
        }
    }
    let src = Bytes::copy_from_slice(b);
    let mut r = Reader::new(&src);
    if let Ok(v) = r.uvarint()
        && (r.position() > 5 || uvarint_len(v) > r.position())
    {
        return Err(format!("uvarint {v} of {} bytes", r.position()));
    }
    Ok(())
}
