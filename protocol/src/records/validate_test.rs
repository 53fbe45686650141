//! Each lie that a client's batch can tell, and its name.

use super::super::{BatchBuilder, NewRecord};
use super::*;
use crate::primitive::{put_varint, put_varlong};

const LIMITS: Limits =
    Limits { batch_bytes_max: 1 << 20, records_max: 1_000_000, depth: Depth::Full, zstd_allowed: true };
const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

fn batch(codec: Codec, n: usize) -> Vec<u8> {
    let mut b = BatchBuilder::new(codec);
    for i in 0..n {
        let value = vec![i as u8; i];
        b.push(NewRecord {
            timestamp: 1000 + i as i64,
            key: Some(b"k"),
            value: Some(&value),
            headers: &[("h", None), ("i", Some(b"v"))],
        });
    }
    b.finish().unwrap().to_vec()
}

/// A batch around records made by hand, its lengths and CRC right.
fn around(codec: Codec, count: i32, records: &[u8]) -> Vec<u8> {
    let mut b = batch(Codec::None, 1);
    b.truncate(HEADER_LEN);
    b.extend(codec.compress(records).unwrap());
    let len = b.len() as i32 - 12;
    put(&mut b, 8, &len.to_be_bytes());
    put(&mut b, 22, &[codec.bits() as u8]);
    put(&mut b, 23, &(count - 1).to_be_bytes());
    put(&mut b, 57, &count.to_be_bytes());
    fix_crc(&mut b);
    b
}

fn put(b: &mut [u8], at: usize, bytes: &[u8]) {
    b[at..at + bytes.len()].copy_from_slice(bytes);
}

fn fix_crc(b: &mut [u8]) {
    let crc = crc32c::crc32c(&b[21..]);
    put(b, 17, &crc.to_be_bytes());
}

/// Records batch bytes with `bytes` at `at` and a CRC that says so.
fn lie(good: &[u8], at: usize, bytes: &[u8]) -> Result<BatchHeader, Invalid> {
    let mut b = good.to_vec();
    put(&mut b, at, bytes);
    fix_crc(&mut b);
    validate(&b, &LIMITS)
}

/// One record's body: attributes, deltas, key and value null, then what is given.
fn record(timestamp_delta: i64, offset_delta: i32, header_count: i32, rest: &[u8]) -> Vec<u8> {
    let mut body = vec![0];
    put_varlong(&mut body, timestamp_delta);
    put_varint(&mut body, offset_delta);
    put_varint(&mut body, -1);
    put_varint(&mut body, -1);
    put_varint(&mut body, header_count);
    body.extend(rest);
    let mut out = Vec::new();
    put_varint(&mut out, body.len() as i32);
    out.extend(body);
    out
}

fn refused(codec: Codec, count: i32, records: &[u8]) -> (i32, &'static str) {
    match validate(&around(codec, count, records), &LIMITS) {
        Err(Invalid::Record { index, what }) => (index, what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn good_batches_pass() {
    for codec in CODECS {
        let b = batch(codec, 20);
        let h = validate(&b, &LIMITS).unwrap();
        assert_eq!((h.records_count, h.last_offset(), h.max_timestamp), (20, 19, 1019));
        validate(
            &around(codec, 2, &[record(0, 0, 0, &[]), record(5, 1, 1, &[2, b'h', 1])].concat()),
            &LIMITS,
        )
        .unwrap();
    }
}

#[test]
fn lengths_and_framing() {
    let good = batch(Codec::None, 3);
    assert_eq!(validate(&[], &LIMITS), Err(Invalid::Missing));
    for cut in 1..good.len() {
        let why = validate(&good[..cut], &LIMITS).unwrap_err();
        assert_eq!(why, Invalid::Length, "cut at {cut}");
    }
    for length in [10_000, -1, 0, 48, i32::MAX, i32::MIN] {
        assert_eq!(lie(&good, 8, &i32::to_be_bytes(length)), Err(Invalid::Length), "{length}");
    }
    let shorter = (good.len() as i32 - 13).to_be_bytes();
    assert_eq!(lie(&good, 8, &shorter), Err(Invalid::SeveralBatches));
    let two = [good.as_slice(), good.as_slice()].concat();
    assert_eq!(validate(&two, &LIMITS), Err(Invalid::SeveralBatches));
    let small = Limits { batch_bytes_max: good.len() - 1, ..LIMITS };
    assert_eq!(validate(&good, &small), Err(Invalid::TooLarge(good.len(), good.len() - 1)));
    assert!(validate(&good, &Limits { batch_bytes_max: good.len(), ..LIMITS }).is_ok());
}

#[test]
fn magic_and_crc() {
    let good = batch(Codec::None, 3);
    for magic in [0u8, 1, 3, 9, 0xff] {
        assert_eq!(lie(&good, 16, &[magic]), Err(Invalid::Magic(magic as i8)));
    }
    // A message set of magic 1 is shorter than a header of magic 2; its magic is named all the same.
    let mut old = vec![0; 34];
    old[16] = 1;
    assert_eq!(validate(&old, &LIMITS), Err(Invalid::Magic(1)));
    for at in [17, 21, 27, 45, HEADER_LEN, good.len() - 1] {
        let mut b = good.clone();
        b[at] ^= 1;
        assert_eq!(validate(&b, &LIMITS), Err(Invalid::Crc), "byte {at}");
    }
    // Offset and epoch are the broker's to write: not covered.
    let mut b = good.clone();
    put(&mut b, 12, &77i32.to_be_bytes());
    assert!(validate(&b, &LIMITS).is_ok());
}

#[test]
fn counts_and_offsets() {
    let good = batch(Codec::None, 3);
    for offset in [5i64, -1, i64::MAX, i64::MIN] {
        assert_eq!(lie(&good, 0, &offset.to_be_bytes()), Err(Invalid::BaseOffset(offset)));
    }
    for last_delta in [7, 1, 0, -1, i32::MAX, i32::MIN] {
        let got = lie(&good, 23, &i32::to_be_bytes(last_delta));
        assert_eq!(got, Err(Invalid::Count { count: 3, last_delta }));
    }
    for count in [-1, 0, 2, 4, i32::MAX, i32::MIN] {
        let got = lie(&good, 57, &i32::to_be_bytes(count));
        assert_eq!(got, Err(Invalid::Count { count, last_delta: 2 }));
    }
    // Both lie together: fewer or more records than there are.
    let mut both = good[23..61].to_vec();
    put(&mut both, 0, &1i32.to_be_bytes());
    put(&mut both, 34, &2i32.to_be_bytes());
    let got = lie(&good, 23, &both);
    assert_eq!(got, Err(Invalid::Record { index: 2, what: "bytes after the last record" }));
    put(&mut both, 0, &3i32.to_be_bytes());
    put(&mut both, 34, &4i32.to_be_bytes());
    assert_eq!(lie(&good, 23, &both), Err(Invalid::Record { index: 3, what: "does not parse" }));
    let few = Limits { records_max: 2, ..LIMITS };
    assert_eq!(validate(&good, &few), Err(Invalid::Count { count: 3, last_delta: 2 }));
}

#[test]
fn attributes() {
    let good = batch(Codec::None, 3);
    assert_eq!(lie(&good, 22, &[0x20]), Err(Invalid::Control));
    assert_eq!(lie(&good, 22, &[0x30]), Err(Invalid::Control));
    assert_eq!(lie(&good, 22, &[0x08]), Err(Invalid::Timestamp));
    for codec in 5..8 {
        assert_eq!(lie(&good, 22, &[codec]), Err(Invalid::Codec));
    }
    let old_client = Limits { zstd_allowed: false, ..LIMITS };
    assert_eq!(validate(&batch(Codec::Zstd, 3), &old_client), Err(Invalid::Codec));
    assert!(validate(&batch(Codec::Lz4, 3), &old_client).is_ok());
}

#[test]
fn producer_fields() {
    let make = |id, epoch, sequence| {
        let mut b = BatchBuilder::new(Codec::None).producer(id, epoch, sequence);
        (0..3).for_each(|_| b.push(NewRecord { value: Some(b"v"), ..NewRecord::default() }));
        validate(&b.finish().unwrap(), &LIMITS)
    };
    assert!(make(9, 0, 0).is_ok());
    assert_eq!(make(9, 0, -1), Err(Invalid::Producer));
    assert_eq!(make(9, 0, i32::MIN), Err(Invalid::Producer));
    assert_eq!(make(9, -1, 0), Err(Invalid::Producer));
    assert_eq!(make(9, i16::MAX, i32::MAX - 1).unwrap().last_sequence(), 0, "wraps as Kafka's does");
    // Not idempotent: whatever stands there means nothing.
    assert!(make(-1, -1, -1).is_ok());
    assert!(!make(-5, 3, 7).unwrap().has_producer());
    let mut b = BatchBuilder::new(Codec::None).transactional();
    b.push(NewRecord::default());
    assert_eq!(validate(&b.finish().unwrap(), &LIMITS), Err(Invalid::Producer), "a transaction of nobody");
}

#[test]
fn timestamps() {
    let good = batch(Codec::None, 3);
    for t in [-1i64, i64::MIN, 0] {
        assert!(lie(&good, 27, &t.to_be_bytes()).is_ok(), "{t}");
    }
    let far = lie(&good, 27, &i64::MAX.to_be_bytes());
    assert_eq!(far, Err(Invalid::Record { index: 1, what: "timestamp is out of range" }));
    let early = [record(i64::MIN, 0, 0, &[])].concat();
    let mut b = around(Codec::None, 1, &early);
    put(&mut b, 27, &(-1i64).to_be_bytes());
    fix_crc(&mut b);
    assert_eq!(validate(&b, &LIMITS), Err(Invalid::Record { index: 0, what: "timestamp is out of range" }));
}

#[test]
fn records_are_walked() {
    for codec in CODECS {
        let ok = |n| record(0, n, 0, &[]);
        assert_eq!(refused(codec, 2, &[ok(0), ok(0)].concat()), (1, "offset delta is not consecutive"));
        assert_eq!(refused(codec, 2, &[ok(0), ok(2)].concat()), (1, "offset delta is not consecutive"));
        assert_eq!(refused(codec, 1, &ok(-1)), (0, "offset delta is not consecutive"));
        assert_eq!(refused(codec, 2, &ok(0)), (1, "does not parse"));
        assert_eq!(refused(codec, 1, &[ok(0), ok(1)].concat()), (1, "bytes after the last record"));
        assert_eq!(refused(codec, 1, &[0x7f]), (0, "does not parse"), "length past the end");
        assert_eq!(refused(codec, 1, &[0x01]), (0, "does not parse"), "length -1");
        assert_eq!(refused(codec, 1, &[0xff; 12]), (0, "does not parse"), "overlong varint");
        let mut cut = ok(0);
        cut[0] -= 2;
        assert_eq!(refused(codec, 1, &cut).0, 0, "length one short");
        // A record may hold nothing but its fields.
        assert_eq!(refused(codec, 1, &record(0, 0, 0, &[1, 2, 3])), (0, "a header does not parse"));
        assert_eq!(refused(codec, 1, &record(0, 0, -1, &[])), (0, "does not parse"), "header count -1");
        assert_eq!(refused(codec, 1, &record(0, 0, 5, &[2])), (0, "does not parse"), "headers past the end");
        assert_eq!(refused(codec, 1, &record(0, 0, 1, &[1, 1])), (0, "a header does not parse"), "key null");
        let not_utf8 = record(0, 0, 1, &[2, 0xff, 1]);
        assert_eq!(refused(codec, 1, &not_utf8), (0, "a header does not parse"));
        let many = record(0, 0, 1_001, &[2, b'h', 1].repeat(1_001));
        assert_eq!(refused(codec, 1, &many), (0, "too many headers"));
        let most = record(0, 0, 1_000, &[2, b'h', 1].repeat(1_000));
        assert!(validate(&around(codec, 1, &most), &LIMITS).is_ok());
    }
}

/// A batch inside a batch is not a record, and old message sets in magic 2 are not either.
#[test]
fn nested_batches_are_refused() {
    for codec in CODECS {
        let inner = batch(codec, 2);
        let (index, _) = refused(codec, 1, &inner);
        assert_eq!(index, 0);
        let mut old = vec![0u8; 34];
        old[16] = 1;
        assert_eq!(refused(codec, 1, &old).0, 0);
    }
}

#[test]
fn what_does_not_decompress_is_refused_where_it_is_looked_into() {
    for codec in CODECS.into_iter().skip(1) {
        let mut b = around(codec, 1, &record(0, 0, 0, &[]));
        let at = b.len() - 3;
        b[at] ^= 0xff;
        b.truncate(b.len() - 1);
        let len = b.len() as i32 - 12;
        put(&mut b, 8, &len.to_be_bytes());
        fix_crc(&mut b);
        assert!(
            matches!(validate(&b, &LIMITS), Err(Invalid::Decompress(_) | Invalid::Record { .. })),
            "{codec:?}"
        );
        let shallow = Limits { depth: Depth::Header, ..LIMITS };
        assert!(validate(&b, &shallow).is_ok(), "only the header and the CRC are looked at");
        let bomb = around(codec, 1, &vec![0; DECOMPRESSED_MAX + 1]);
        let wide = Limits { batch_bytes_max: usize::MAX, ..LIMITS };
        let got = validate(&bomb, &wide);
        assert!(
            matches!(&got, Err(Invalid::Decompress(why)) if why.contains("exceed")),
            "{codec:?}: {got:?}"
        );
    }
}
