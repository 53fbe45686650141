//! Requests as bytes: encoded once, then only patched; and the few fields of answers that a load needs.
//!
//! Invariant: what is patched (correlation id, fetch offset, sequence and CRC of a batch) was found in the encoded
//! bytes, not assumed. Answers are parsed without allocating; an error code in one is an error here.

use bytes::{Bytes, BytesMut};
use protocol::message::k00_produce::request::{PartitionProduceData, TopicProduceData};
use protocol::message::k00_produce::{ProduceRequest, ProduceResponse};
use protocol::message::k01_fetch::FetchRequest;
use protocol::message::k01_fetch::request::{FetchPartition, FetchTopic};
use protocol::primitive::{Reader, Writer};
use protocol::records::batch::CRC_START;
use protocol::records::{BatchBuilder, BatchHeader, Codec, HEADER_LEN, NewRecord};
use protocol::{ErrorCode, Message, Records, Str, api};
use std::ops::Range;

pub const PRODUCE_VERSION: i16 = 12;
pub const FETCH_VERSION: i16 = 12;
/// Stands where a fetch offset is patched in; the low bits number the partition.
const OFFSET_MARK: i64 = 0x5EED_5EED_0000_0000;

fn facts(key: i16) -> Result<&'static protocol::message::ApiFacts, String> {
    api::facts(key).ok_or_else(|| format!("API {key} is not in the schema"))
}

/// A whole request: length, header, body.
pub fn frame<M: Message>(key: i16, version: i16, m: &M) -> Result<Vec<u8>, String> {
    let flexible = version >= facts(key)?.flexible_from;
    let (mut out, mut gaps) = (BytesMut::new(), Vec::new());
    let mut w = Writer::new(&mut out, &mut gaps);
    w.i32(0);
    w.i16(key);
    w.i16(version);
    w.i32(0);
    w.string(false, Some(&Str::from_static("lipno-load")));
    if flexible {
        w.no_tags();
    }
    m.encode(&mut w, version);
    let mut out = out.to_vec();
    let len = (out.len() - 4) as i32;
    patch(&mut out, 0, &len.to_be_bytes())?;
    Ok(out)
}

fn patch(frame: &mut [u8], at: usize, bytes: &[u8]) -> Result<(), String> {
    let place = frame.get_mut(at..at + bytes.len()).ok_or("a patch lies outside its request")?;
    place.copy_from_slice(bytes);
    Ok(())
}

pub fn set_correlation(frame: &mut [u8], id: i32) -> Result<(), String> {
    patch(frame, 8, &id.to_be_bytes())
}

/// Decodes an answer's body.
pub fn answer<M: Message>(key: i16, version: i16, frame: &[u8]) -> Result<M, String> {
    let bytes = Bytes::copy_from_slice(frame);
    let mut r = Reader::new(&bytes);
    let mut decode = || {
        r.i32()?;
        // ApiVersions' answer keeps the old header, so that any client can read it.
        if key != 18 && api::facts(key).is_some_and(|f| version >= f.flexible_from) {
            r.skip_tags()?;
        }
        M::decode(&mut r, version)
    };
    decode().map_err(|e| format!("answer of API {key}: {e}"))
}

/// Bytes that do not compress, the same in every run.
fn noise(len: usize) -> Vec<u8> {
    let mut x = 0x9E37_79B9_7F4A_7C15u64;
    (0..len)
        .map(|_| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x >> 32) as u8
        })
        .collect()
}

/// An uncompressed batch of `records` values of `size` bytes.
pub fn batch(records: usize, size: usize, timestamp_ms: i64) -> Result<Bytes, String> {
    let value = noise(size);
    let mut b = BatchBuilder::new(Codec::None);
    for _ in 0..records {
        b.push(NewRecord { timestamp: timestamp_ms, value: Some(&value), ..NewRecord::default() });
    }
    b.finish().map_err(|e| e.to_string())
}

/// An uncompressed batch of `records` flights as JSON, keyed by carrier: the columns, and about the lengths, of the
/// flights that left New York in 2013.
pub fn flights(records: usize, timestamp_ms: i64) -> Result<Bytes, String> {
    const CARRIERS: [&str; 8] = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E"];
    const AIRPORTS: [&str; 8] = ["EWR", "LGA", "JFK", "ORD", "ATL", "LAX", "BOS", "MCO"];
    let random = noise(records * 8);
    let mut b = BatchBuilder::new(Codec::None);
    for (i, r) in random.chunks_exact(8).enumerate() {
        let n = |at: usize, below: usize| r.get(at).map_or(0, |b| usize::from(*b) % below);
        let name = |all: [&'static str; 8], at: usize| all.get(n(at, 8)).copied().unwrap_or_default();
        let (month, day, hour) = (1 + i / 28_000 % 12, 1 + i / 930 % 28, 5 + n(0, 18));
        let (late, minute, air) = (n(1, 256) as i64 - 20, n(2, 60), 40 + n(3, 256));
        let carrier = name(CARRIERS, 4);
        let value = format!(
            "{{\"year\":2013,\"month\":{month},\"day\":{day},\"dep_time\":{hour}{minute:02},\"sched_dep_time\":{hour}00,\
             \"dep_delay\":{late},\"arr_time\":{hour}{minute:02},\"sched_arr_time\":{hour}45,\"arr_delay\":{late},\
             \"carrier\":\"{carrier}\",\"flight\":{},\"tailnum\":\"N{}{}\",\"origin\":\"{}\",\"dest\":\"{}\",\
             \"air_time\":{air},\"distance\":{},\"hour\":{hour},\"minute\":{minute},\
             \"time_hour\":\"2013-{month:02}-{day:02}T{hour:02}:00:00Z\"}}",
            n(5, 256) * 7,
            n(6, 90) + 10_000,
            carrier,
            name(AIRPORTS, 5),
            name(AIRPORTS, 6),
            air * 8,
        );
        b.push(NewRecord {
            timestamp: timestamp_ms + i as i64,
            key: Some(carrier.as_bytes()),
            value: Some(value.as_bytes()),
            ..NewRecord::default()
        });
    }
    b.finish().map_err(|e| e.to_string())
}

/// How many records of `size` bytes fill a batch of at most `bytes`; at least one.
pub fn records_that_fit(bytes: usize, size: usize) -> usize {
    // Length, attributes, two deltas, key length, value length, headers: at most 11 bytes for values below 2 MiB.
    (bytes.saturating_sub(HEADER_LEN) / (size + 11)).max(1)
}

/// One produce request for one partition.
pub struct Produce {
    pub frame: Vec<u8>,
    batch: Range<usize>,
    pub check: ProduceCheck,
}

/// Looks at answers to produce requests for one partition of a topic.
#[derive(Clone)]
pub struct ProduceCheck {
    /// Where an answer has its error code, if it has the usual shape.
    error_at: usize,
    topic: String,
    version: i16,
}

impl Produce {
    pub fn new(
        topic: &str,
        partition: i32,
        acks: i16,
        batch: &Bytes,
        version: i16,
    ) -> Result<Produce, String> {
        let records = Some(Records::Bytes(batch.clone()));
        let data = PartitionProduceData { index: partition, records };
        let topic_data =
            vec![TopicProduceData { name: topic.into(), partition_data: vec![data], ..Default::default() }];
        let q = ProduceRequest { acks, timeout_ms: 30_000, topic_data, ..ProduceRequest::default() };
        let frame = frame(0, version, &q)?;
        // Behind the batch come three empty tag sections.
        let start = frame.len().saturating_sub(3 + batch.len());
        if frame.get(start..start + batch.len()) != Some(&batch[..]) {
            return Err("the batch is not where it is expected in a produce request".into());
        }
        // Correlation, tags, topics, name's length, name, partitions, index.
        let error_at = 4 + 1 + 1 + 1 + topic.len() + 1 + 4;
        let check = ProduceCheck { error_at, topic: topic.into(), version };
        Ok(Produce { frame, batch: start..start + batch.len(), check })
    }

    pub fn batch_len(&self) -> usize {
        self.batch.len()
    }

    /// Writes `n` into the first eight bytes of a single-record batch's value and repairs the CRC.
    pub fn stamp(&mut self, n: u64, value_len: usize) -> Result<(), String> {
        let value =
            stamp_at(self.batch.len(), value_len).ok_or("a stamp needs a value of 8 bytes or more")?;
        patch(&mut self.frame, self.batch.start + value, &n.to_be_bytes())?;
        let covered = self.frame.get(self.batch.start + CRC_START..self.batch.end).unwrap_or_default();
        let crc = crc32c::crc32c(covered);
        patch(&mut self.frame, self.batch.start + CRC_START - 4, &crc.to_be_bytes())
    }
}

impl ProduceCheck {
    /// Refuses an answer that carries an error.
    pub fn answer(&self, answer: &[u8]) -> Result<(), String> {
        let one_topic = answer.get(5) == Some(&2);
        match answer.get(self.error_at..self.error_at + 2) {
            Some([0, 0]) if one_topic => Ok(()),
            _ => self.explain(answer),
        }
    }

    fn explain(&self, frame: &[u8]) -> Result<(), String> {
        let a: ProduceResponse = answer(0, self.version, frame)?;
        for p in a.responses.iter().flat_map(|t| &t.partition_responses) {
            if p.error_code != 0 {
                let why = p.error_message.as_ref().map_or("", |m| m.as_str());
                let partition = p.index;
                return Err(format!("produce to {}-{partition}: error {} {why}", self.topic, p.error_code));
            }
        }
        Ok(())
    }
}

/// Where a single-record batch of ours has its value: only the header count stands behind it.
fn stamp_at(batch_len: usize, value_len: usize) -> Option<usize> {
    (value_len >= 8).then(|| batch_len.checked_sub(1 + value_len)).flatten()
}

/// Calls `each` with the stamp of every record in `records`, which are batches that `Produce::stamp` made.
pub fn stamps(records: &[u8], value_len: usize, mut each: impl FnMut(u64)) -> Result<(), String> {
    let mut rest = records;
    while let Some(len) = BatchHeader::read(rest).and_then(|h| h.total_len()) {
        let Some(batch) = rest.get(..len) else { break };
        let value =
            stamp_at(len, value_len).and_then(|at| batch.get(at..)).and_then(|v| v.first_chunk::<8>());
        each(u64::from_be_bytes(*value.ok_or("a foreign batch in the topic")?));
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

/// The offset behind the last whole batch in `records`.
pub fn next_offset(records: &[u8]) -> Option<i64> {
    let (mut rest, mut next) = (records, None);
    while let Some((h, len)) = BatchHeader::read(rest).and_then(|h| Some((h, h.total_len()?))) {
        if rest.len() < len {
            break;
        }
        next = Some(h.next_offset());
        rest = rest.get(len..).unwrap_or_default();
    }
    next
}

/// A fetch request for some partitions of one topic, without a session.
pub struct Fetch {
    pub frame: Vec<u8>,
    /// Partition and where its offset stands.
    places: Vec<(i32, usize)>,
}

pub struct FetchBounds {
    pub partition_bytes: i32,
    pub max_bytes: i32,
    pub min_bytes: i32,
    pub max_wait_ms: i32,
}

impl Fetch {
    pub fn new(topic: &str, partitions: Range<i32>, b: &FetchBounds) -> Result<Fetch, String> {
        let items = partitions.clone().map(|partition| FetchPartition {
            partition,
            current_leader_epoch: -1,
            fetch_offset: OFFSET_MARK | i64::from(partition),
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: b.partition_bytes,
            ..FetchPartition::default()
        });
        let q = FetchRequest {
            replica_id: -1,
            max_wait_ms: b.max_wait_ms,
            min_bytes: b.min_bytes,
            max_bytes: b.max_bytes,
            session_id: 0,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: topic.into(),
                partitions: items.collect(),
                ..Default::default()
            }],
            ..FetchRequest::default()
        };
        let frame = frame(1, FETCH_VERSION, &q)?;
        let mut places = Vec::new();
        for p in partitions {
            let mark = (OFFSET_MARK | i64::from(p)).to_be_bytes();
            let at = frame.windows(8).position(|w| w == mark).ok_or("no offset in a fetch request")?;
            places.push((p, at));
        }
        let mut fetch = Fetch { frame, places };
        for i in 0..fetch.places.len() {
            let Some((p, _)) = fetch.places.get(i).copied() else { break };
            fetch.set_offset(p, 0)?;
        }
        Ok(fetch)
    }

    pub fn set_offset(&mut self, partition: i32, offset: i64) -> Result<(), String> {
        let place = self.places.iter().find(|(p, _)| *p == partition);
        let at = place.ok_or_else(|| format!("partition {partition} was not asked for"))?.1;
        patch(&mut self.frame, at, &offset.to_be_bytes())
    }
}

/// A cursor over an answer; running out of bytes is `None`.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    fn i16(&mut self) -> Option<i16> {
        self.take(2)?.first_chunk().map(|b| i16::from_be_bytes(*b))
    }
    fn i32(&mut self) -> Option<i32> {
        self.take(4)?.first_chunk().map(|b| i32::from_be_bytes(*b))
    }
    fn uvarint(&mut self) -> Option<usize> {
        let mut v = 0usize;
        for shift in (0..35).step_by(7) {
            let b = *self.take(1)?.first()?;
            v |= usize::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Some(v);
            }
        }
        None
    }
    /// A compact length: 0 means null.
    fn length(&mut self) -> Option<usize> {
        Some(self.uvarint()?.saturating_sub(1))
    }
    fn tags(&mut self) -> Option<()> {
        for _ in 0..self.uvarint()? {
            self.uvarint()?;
            let n = self.uvarint()?;
            self.take(n)?;
        }
        Some(())
    }
}

/// Walks a Fetch answer of version 12: `each` gets partition, error code and record bytes.
fn walk(frame: &[u8], mut each: impl FnMut(i32, i16, &[u8])) -> Option<i16> {
    let mut c = Cursor(frame);
    c.take(4)?;
    c.tags()?;
    c.i32()?;
    let error = c.i16()?;
    c.i32()?;
    for _ in 0..c.length()? {
        let name = c.length()?;
        c.take(name)?;
        for _ in 0..c.length()? {
            let partition = c.i32()?;
            let error = c.i16()?;
            c.take(24)?;
            for _ in 0..c.length()? {
                c.take(16)?;
                c.tags()?;
            }
            c.i32()?;
            let n = c.length()?;
            each(partition, error, c.take(n)?);
            c.tags()?;
        }
        c.tags()?;
    }
    Some(error)
}

/// Record bytes of every partition in a Fetch answer; an error code of any is an error.
pub fn fetched(frame: &[u8], mut each: impl FnMut(i32, &[u8])) -> Result<(), String> {
    let mut failed = None;
    let top = walk(frame, |partition, error, records| match error {
        0 => each(partition, records),
        e => failed = Some((partition, e)),
    });
    match (top, failed) {
        (None, _) => Err("a fetch answer that does not parse".into()),
        (Some(0), None) => Ok(()),
        (Some(0), Some((p, e))) => Err(format!("fetch of partition {p}: error {e} {:?}", ErrorCode(e))),
        (Some(e), _) => Err(format!("fetch: error {e} {:?}", ErrorCode(e))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::message::k00_produce::response::{PartitionProduceResponse, TopicProduceResponse};
    use protocol::message::k01_fetch::FetchResponse;
    use protocol::message::k01_fetch::response::{FetchableTopicResponse, PartitionData};
    use protocol::records::{Depth, Limits, validate};

    fn body<M: Message>(m: &M, version: i16) -> Vec<u8> {
        let (mut out, mut gaps) = (BytesMut::new(), Vec::new());
        let mut w = Writer::new(&mut out, &mut gaps);
        w.i32(7);
        w.no_tags();
        m.encode(&mut w, version);
        out.to_vec()
    }

    #[test]
    fn a_stamped_request_holds_a_valid_batch() {
        let batch = batch(1, 100, 1).unwrap();
        let mut p = Produce::new("topic", 3, -1, &batch, PRODUCE_VERSION).unwrap();
        p.stamp(0x0102_0304_0506_0708, 100).unwrap();
        let records = Bytes::copy_from_slice(&p.frame[p.batch.clone()]);
        let limits =
            Limits { batch_bytes_max: 1 << 20, records_max: 10, depth: Depth::Header, zstd_allowed: true };
        validate::validate(&records, &limits).unwrap();
        let mut seen = Vec::new();
        stamps(&[&records[..], &records[..]].concat(), 100, |n| seen.push(n)).unwrap();
        assert_eq!(seen, [0x0102_0304_0506_0708; 2]);
    }

    #[test]
    fn produce_errors_are_seen() {
        let p = Produce::new("abc", 0, 1, &batch(1, 10, 0).unwrap(), PRODUCE_VERSION).unwrap();
        let mut part = PartitionProduceResponse { index: 0, base_offset: 5, ..Default::default() };
        let with = |part: &PartitionProduceResponse| ProduceResponse {
            responses: vec![TopicProduceResponse {
                name: "abc".into(),
                partition_responses: vec![part.clone()],
                ..Default::default()
            }],
            ..ProduceResponse::default()
        };
        p.check.answer(&body(&with(&part), PRODUCE_VERSION)).unwrap();
        part.error_code = 6;
        assert!(p.check.answer(&body(&with(&part), PRODUCE_VERSION)).unwrap_err().contains("error 6"));
    }

    #[test]
    fn fetch_answers_are_walked() {
        let one = batch(3, 10, 0).unwrap();
        let two = [&one[..], &one[..40]].concat();
        let part = |i: i32, records: &[u8], error_code: i16| PartitionData {
            partition_index: i,
            error_code,
            aborted_transactions: Some(Vec::new()),
            records: Some(Records::Bytes(Bytes::copy_from_slice(records))),
            ..PartitionData::default()
        };
        let answer = |partitions| FetchResponse {
            responses: vec![FetchableTopicResponse { topic: "t".into(), partitions, ..Default::default() }],
            ..FetchResponse::default()
        };
        let mut seen = Vec::new();
        let good = answer(vec![part(0, &two, 0), part(1, &[], 0)]);
        fetched(&body(&good, 12), |p, r| seen.push((p, r.len(), next_offset(r)))).unwrap();
        assert_eq!(seen, [(0, two.len(), Some(3)), (1, 0, None)]);
        let bad = answer(vec![part(0, &[], 1)]);
        assert!(fetched(&body(&bad, 12), |_, _| {}).unwrap_err().contains("partition 0"));
    }

    #[test]
    fn fetch_offsets_are_patched() {
        let bounds = FetchBounds { partition_bytes: 1, max_bytes: 2, min_bytes: 3, max_wait_ms: 4 };
        let mut f = Fetch::new("t", 0..3, &bounds).unwrap();
        f.set_offset(1, 77).unwrap();
        let raw = Bytes::copy_from_slice(&f.frame[4..]);
        let mut r = Reader::new(&raw);
        protocol::message::header::RequestHeader::decode(&mut r, 2).unwrap();
        let q = FetchRequest::decode(&mut r, FETCH_VERSION).unwrap();
        let offsets: Vec<i64> = q.topics[0].partitions.iter().map(|p| p.fetch_offset).collect();
        assert_eq!(offsets, [0, 77, 0]);
        assert!(f.set_offset(3, 0).is_err());
    }

    #[test]
    fn batches_keep_their_size() {
        for (bytes, size) in [(1_000_000, 1024), (16_384, 100), (200, 100)] {
            let n = records_that_fit(bytes, size);
            let len = batch(n, size, 0).unwrap().len();
            assert!(len <= bytes && len + size + 40 > bytes.min(len + size), "{n} records are {len} bytes");
        }
    }
}
