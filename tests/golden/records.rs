//! Record batches byte by byte: those that Kafka's own classes wrote, those that recorded clients sent, and one
//! written out by hand.

use super::kafka::lines;
use bytes::{Bytes, BytesMut};
use lipno_tests::wire::files::{hex, recorded, unhex};
use protocol::Message;
use protocol::api;
use protocol::message::data::EndTxnMarker;
use protocol::message::k00_produce::ProduceRequest;
use protocol::primitive::{Reader, Writer};
use protocol::records::control::ControlType;
use protocol::records::validate::{HEADERS_PER_RECORD_MAX, validate};
use protocol::records::{
    BatchBuilder, BatchHeader, Codec, Depth, HEADER_LEN, Invalid, Limits, NewRecord, RecordIter,
};
use std::collections::BTreeSet;

const LIMITS: Limits =
    Limits { batch_bytes_max: 1 << 20, records_max: 1_000_000, depth: Depth::Full, zstd_allowed: true };

type Headers = &'static [(&'static str, Option<&'static [u8]>)];
type Plain = (i64, Option<&'static [u8]>, Option<&'static [u8]>, Headers);

/// What `Golden.java` puts into its batches.
const THREE: [Plain; 3] = [
    (1000, Some(b"k0"), Some(b"v0"), &[("h", Some(b"x")), ("n", None), ("e", Some(b""))]),
    (1005, None, Some(b""), &[]),
    (999, Some(b""), None, &[]),
];

fn batch(label: &str) -> Bytes {
    let all = lines("batch");
    Bytes::from(unhex(&all.iter().find(|w| w[1] == label).unwrap_or_else(|| panic!("no batch {label}"))[2]))
}

fn plain(h: &BatchHeader, bytes: &[u8]) -> Vec<u8> {
    let codec = Codec::from_bits(h.codec_bits()).unwrap();
    codec.decompress(&bytes[HEADER_LEN..h.total_len().unwrap()], 1 << 20).unwrap()
}

fn assert_three(h: &BatchHeader, bytes: &[u8], what: &str) {
    let records = plain(h, bytes);
    let mut iter = RecordIter::new(&records, h.records_count);
    for (i, (timestamp, key, value, headers)) in THREE.iter().enumerate() {
        let r = iter.next().unwrap().unwrap();
        assert_eq!((r.offset_delta, h.base_timestamp + r.timestamp_delta), (i as i32, *timestamp), "{what}");
        assert_eq!((r.key, r.value), (*key, *value), "{what}");
        assert_eq!(r.headers().map(Result::unwrap).collect::<Vec<_>>(), *headers, "{what}");
        assert_eq!(r.check_headers(), Ok(()));
    }
    assert!(iter.next().is_none());
    assert_eq!(iter.remaining(), 0);
}

fn three(mut b: BatchBuilder) -> Bytes {
    for (timestamp, key, value, headers) in THREE {
        b.push(NewRecord { timestamp, key, value, headers });
    }
    b.finish().unwrap()
}

#[test]
fn the_five_codecs_of_kafka() {
    for (label, codec) in [
        ("none", Codec::None),
        ("gzip", Codec::Gzip),
        ("snappy", Codec::Snappy),
        ("lz4", Codec::Lz4),
        ("zstd", Codec::Zstd),
    ] {
        let b = batch(label);
        let h = validate(&b, &LIMITS).unwrap_or_else(|e| panic!("{label}: {e}"));
        assert_eq!(h.codec_bits(), codec.bits());
        assert_eq!((h.base_offset, h.last_offset(), h.records_count), (0, 2, 3));
        assert_eq!((h.base_timestamp, h.max_timestamp, h.has_producer()), (1000, 1005, false));
        assert_three(&h, &b, label);
        // Ours hold the same records.
        let ours = three(BatchBuilder::new(codec));
        assert_three(&validate(&ours, &LIMITS).unwrap(), &ours, label);
    }
}

#[test]
fn uncompressed_batches_are_built_byte_for_byte() {
    assert_eq!(hex(&three(BatchBuilder::new(Codec::None))), hex(&batch("none")));
    let idempotent = three(BatchBuilder::new(Codec::None).producer(4000, 3, i32::MAX));
    assert_eq!(hex(&idempotent), hex(&batch("idempotent")));
    assert_eq!(validate(&idempotent, &LIMITS).unwrap().last_sequence(), 1, "wraps");
    let b = BatchBuilder::new(Codec::None).producer(4000, 3, 5).transactional().placed(77, 9);
    let transactional = three(b);
    assert_eq!(hex(&transactional), hex(&batch("transactional")));
    let h = BatchHeader::read(&transactional).unwrap();
    assert!(h.is_transactional() && !h.is_control() && h.crc_matches(&transactional));
    assert_eq!((h.last_offset(), h.leader_epoch), (79, 9));
    assert_eq!(validate(&transactional, &LIMITS), Err(Invalid::BaseOffset(77)));
}

#[test]
fn transaction_markers() {
    for (label, offset, type_, want) in
        [("commit", 77, 1i16, ControlType::Commit), ("abort", 78, 0, ControlType::Abort)]
    {
        let bytes = batch(label);
        let h = BatchHeader::read(&bytes).unwrap();
        assert!(h.is_control() && h.is_transactional() && h.crc_matches(&bytes));
        assert_eq!((h.producer_id, h.producer_epoch, h.base_sequence), (4000, 3, -1));
        assert_eq!((h.base_offset, h.last_offset(), h.max_timestamp), (offset, offset, 1234));
        let records = plain(&h, &bytes);
        let r = RecordIter::new(&records, h.records_count).next().unwrap().unwrap();
        assert_eq!(ControlType::of(&r), Some(want));
        let value = Bytes::copy_from_slice(r.value.unwrap());
        let mut reader = Reader::new(&value);
        let version = reader.i16().unwrap();
        let marker = EndTxnMarker::decode(&mut reader, version).unwrap();
        assert_eq!((version, marker.coordinator_epoch), (0, 21));
        // The same marker from the builder.
        let mut out = BytesMut::from(&[0u8, 0][..]);
        marker.encode(&mut Writer::new(&mut out, &mut Vec::new()), 0);
        let key = [0, 0, type_.to_be_bytes()[0], type_.to_be_bytes()[1]];
        let mut b = BatchBuilder::new(Codec::None).producer(4000, 3, -1).transactional().control();
        b = b.placed(offset, 9);
        b.push(NewRecord { timestamp: 1234, key: Some(&key), value: Some(&out), headers: &[] });
        assert_eq!(hex(&b.finish().unwrap()), hex(&bytes), "{label}");
        // No client may write one.
        let at_zero = [&[0; 8][..], &bytes[8..]].concat();
        assert_eq!(validate(&at_zero, &LIMITS), Err(Invalid::Control));
    }
}

/// One record, each field apart; the CRC was computed by a bitwise CRC-32C.
#[test]
fn a_batch_written_out_by_hand() {
    let text = [
        "0000000000000000", // base offset
        "0000003c",         // length from here on: 60
        "ffffffff",         // partition leader epoch
        "02",               // magic
        "cb87b963",         // CRC-32C of what follows
        "0000",             // attributes: no codec, create time
        "00000000",         // last offset delta
        "0000018bcfe56800", // base timestamp 1700000000000
        "0000018bcfe56800", // max timestamp
        "ffffffffffffffff", // producer id
        "ffff",             // producer epoch
        "ffffffff",         // base sequence
        "00000001",         // records
        "14",               // record length 10
        "00",               // attributes
        "00",               // timestamp delta
        "00",               // offset delta
        "01",               // key: null
        "04",               // value: 2 bytes
        "6869",             // hi
        "02",               // one header
        "00",               // key: empty
        "01",               // value: null
    ]
    .concat();
    let bytes = unhex(&text);
    let h = validate(&bytes, &LIMITS).unwrap();
    assert_eq!((h.base_timestamp, h.crc), (1_700_000_000_000, 0xcb87_b963));
    let r = RecordIter::new(&bytes[HEADER_LEN..], 1).next().unwrap().unwrap();
    assert_eq!((r.key, r.value), (None, Some(&b"hi"[..])));
    assert_eq!(r.headers().collect::<Vec<_>>(), [Ok(("", None))]);
}

/// The batches inside recorded produce requests pass the full validation, with the codec that the client was told
/// to use.
#[test]
fn recorded_batches_are_valid() {
    let mut seen = BTreeSet::new();
    for r in recorded().into_iter().filter(|r| r.api == "produce" && r.is_request) {
        let frame = Bytes::from(r.frame[4..].to_vec());
        let mut reader = Reader::new(&frame);
        api::served(0).unwrap().read_header(&mut reader, r.version).unwrap();
        let m = ProduceRequest::decode(&mut reader, r.version).unwrap();
        let mut batches = 0;
        for p in m.topic_data.iter().flat_map(|t| &t.partition_data) {
            let bytes = p.records.as_ref().unwrap().bytes();
            let h = validate(&bytes, &LIMITS).unwrap_or_else(|e| panic!("{}: {e}", r.name));
            let codec = Codec::from_bits(h.codec_bits()).unwrap();
            assert_eq!(format!("{codec:?}").to_lowercase(), r.variant, "{}", r.name);
            let records = plain(&h, &bytes);
            for record in RecordIter::new(&records, h.records_count) {
                assert!(record.unwrap().header_count <= HEADERS_PER_RECORD_MAX);
            }
            seen.insert((r.name.split('/').next().unwrap().to_string(), r.variant.clone()));
            batches += 1;
        }
        assert!(batches > 0, "{}", r.name);
    }
    for client in ["java", "librdkafka", "aiokafka"] {
        for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
            assert!(seen.contains(&(client.into(), codec.into())), "{client} {codec}");
        }
    }
}
