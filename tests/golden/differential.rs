//! Against the `kafka-protocol` crate, where both know the version: the same bytes mean the same fields and are
//! written the same, and record batches of each are read by the other.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use lipno_tests::wire::facts::{message, sample};
use lipno_tests::wire::files::hex;
use lipno_tests::wire::rng::Rng;
use lipno_tests::wire::tree::Tree;
use protocol::message::APIS;
use protocol::records::{
    BatchBuilder, Codec, Depth, HEADER_LEN, Limits, NewRecord, RecordIter, validate::validate,
};

/// Samples of each (api, version, direction).
const SAMPLES: u64 = 25;

/// Where the other crate is known to differ, with the reason: name, first and last version.
const KNOWN: &[(&str, i16, i16, &str)] = &[
    ("OffsetCommitRequest", 10, 10, "it lists the version but does not know it"),
    ("OffsetFetchRequest", 10, 10, "it lists the version but does not know it"),
    ("InitProducerIdRequest", 6, 6, "it lists the version but does not know it"),
];

fn theirs(key: ApiKey, is_request: bool, bytes: &[u8], v: i16) -> Result<(String, BytesMut, usize), String> {
    let mut src = Bytes::copy_from_slice(bytes);
    let mut out = BytesMut::new();
    let text = if is_request {
        let m = RequestKind::decode(key, &mut src, v).map_err(|e| format!("{e:#}"))?;
        m.encode(&mut out, v).map_err(|e| format!("{e:#}"))?;
        format!("{m:?}")
    } else {
        let m = ResponseKind::decode(key, &mut src, v).map_err(|e| format!("{e:#}"))?;
        m.encode(&mut out, v).map_err(|e| format!("{e:#}"))?;
        format!("{m:?}")
    };
    Ok((text, out, src.len()))
}

fn compare(key: ApiKey, is_request: bool, name: &str, v: i16, seed: u64) -> Result<(), String> {
    let s = sample(seed, message(name), v);
    let (text, out, rest) = theirs(key, is_request, &s.bytes, v)?;
    if rest != 0 {
        return Err(format!("{rest} bytes are left"));
    }
    let got = Tree::parse(&text);
    let want = s.tree.common(&got, &["unknowntaggedfields"]);
    if let Some(difference) = got.differs_from(&want) {
        return Err(format!("{difference} in {text}"));
    }
    if out[..] != s.bytes[..] {
        return Err(format!("written as {}, not {}", hex(&out), hex(&s.bytes)));
    }
    Ok(())
}

#[test]
fn the_same_bytes_mean_the_same() {
    let (mut pairs, mut failed) = (0, Vec::new());
    for api in APIS {
        let Ok(key) = ApiKey::try_from(api.key) else { continue };
        let known = key.valid_versions();
        for v in api.versions.0.max(known.min)..=api.versions.1.min(known.max) {
            for (is_request, what) in [(true, "Request"), (false, "Response")] {
                let name = format!("{}{what}", api.name);
                pairs += 1;
                let bad = (0..SAMPLES).find_map(|i| {
                    compare(key, is_request, &name, v, 7_000 + i)
                        .err()
                        .map(|e| format!("{name} v{v} seed {i}: {e}"))
                });
                match KNOWN.iter().find(|(n, lo, hi, _)| *n == name && (*lo..=*hi).contains(&v)) {
                    Some((.., why)) => assert!(bad.is_some(), "{name} v{v} no longer differs: {why}"),
                    None => failed.extend(bad),
                }
            }
        }
    }
    println!("{pairs} (message, version) pairs");
    assert!(failed.is_empty(), "{} of {pairs} differ:\n{}", failed.len(), failed.join("\n"));
    assert!(pairs > 500, "{pairs}");
}

const CODECS: [(Codec, Compression); 5] = [
    (Codec::None, Compression::None),
    (Codec::Gzip, Compression::Gzip),
    (Codec::Snappy, Compression::Snappy),
    (Codec::Lz4, Compression::Lz4),
    (Codec::Zstd, Compression::Zstd),
];

type Plain = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn random_records(rng: &mut Rng) -> Vec<Plain> {
    let n = 1 + rng.below(20);
    let value = |rng: &mut Rng| {
        let len = [0, 1, 63, 64, 500][rng.below(5)];
        (!rng.one_in(4)).then(|| rng.bytes(len))
    };
    (0..n)
        .map(|i| {
            let time = 1_700_000_000_000 + rng.below(10_000) as i64 - 5_000;
            let headers = (0..rng.below(4)).map(|h| (format!("h{h}"), value(rng))).collect();
            (i as i64, time, value(rng), value(rng), headers)
        })
        .collect()
}

fn read_ours(batch: &[u8]) -> Vec<Plain> {
    let limits =
        Limits { batch_bytes_max: 1 << 20, records_max: 1_000, depth: Depth::Full, zstd_allowed: true };
    let h = validate(batch, &limits).unwrap();
    let codec = Codec::from_bits(h.codec_bits()).unwrap();
    let plain = codec.decompress(&batch[HEADER_LEN..], 1 << 20).unwrap();
    RecordIter::new(&plain, h.records_count)
        .map(|r| {
            let r = r.unwrap();
            let headers = r.headers().map(|h| h.unwrap());
            (
                h.base_offset + i64::from(r.offset_delta),
                h.base_timestamp + r.timestamp_delta,
                r.key.map(<[u8]>::to_vec),
                r.value.map(<[u8]>::to_vec),
                headers.map(|(k, v)| (k.to_string(), v.map(<[u8]>::to_vec))).collect(),
            )
        })
        .collect()
}

fn read_theirs(batch: &[u8]) -> Vec<Plain> {
    let mut src = Bytes::copy_from_slice(batch);
    let set = RecordBatchDecoder::decode(&mut src).unwrap();
    assert_eq!((set.version, src.len()), (2, 0));
    set.records
        .into_iter()
        .map(|r| {
            let headers = r.headers.iter();
            (
                r.offset,
                r.timestamp,
                r.key.map(|b| b.to_vec()),
                r.value.map(|b| b.to_vec()),
                headers.map(|(k, v)| (k.to_string(), v.as_ref().map(|b| b.to_vec()))).collect(),
            )
        })
        .collect()
}

fn write_ours(codec: Codec, records: &[Plain]) -> Bytes {
    let mut b = BatchBuilder::new(codec);
    for (_, timestamp, key, value, headers) in records {
        let headers: Vec<(&str, Option<&[u8]>)> =
            headers.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect();
        b.push(NewRecord {
            timestamp: *timestamp,
            key: key.as_deref(),
            value: value.as_deref(),
            headers: &headers,
        });
    }
    b.finish().unwrap()
}

fn write_theirs(compression: Compression, records: &[Plain]) -> Vec<u8> {
    let records: Vec<Record> = records
        .iter()
        .map(|(offset, timestamp, key, value, headers)| {
            let mut r = Record {
                transactional: false,
                control: false,
                delete_horizon: false,
                partition_leader_epoch: -1,
                producer_id: -1,
                producer_epoch: -1,
                timestamp_type: TimestampType::Creation,
                offset: *offset,
                sequence: -1 + *offset as i32,
                timestamp: *timestamp,
                key: key.clone().map(Bytes::from),
                value: value.clone().map(Bytes::from),
                headers: Default::default(),
            };
            for (k, v) in headers {
                r.headers.insert(StrBytes::from_string(k.clone()), v.clone().map(Bytes::from));
            }
            r
        })
        .collect();
    let mut out = BytesMut::new();
    RecordBatchEncoder::encode(&mut out, &records, &RecordEncodeOptions { version: 2, compression }).unwrap();
    out.to_vec()
}

#[test]
fn batches_of_each_are_read_by_the_other() {
    for (codec, compression) in CODECS {
        for seed in 0..100 {
            let records = random_records(&mut Rng::new(seed));
            assert_eq!(read_theirs(&write_ours(codec, &records)), records, "{codec:?} seed {seed}: ours");
            assert_eq!(
                read_ours(&write_theirs(compression, &records)),
                records,
                "{codec:?} seed {seed}: theirs"
            );
        }
    }
}
