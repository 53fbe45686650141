//! Batches -> Parquet -> read back equals the records, and the files are what lake readers rely on.

use crate::convert::*;
use crate::layout::{Day, FileName};
use crate::pool::StopFlag;
use crate::store::Store;
use crate::typed::{Format, OwnColumns, Shaper};
use crate::{parquet as ours, schema};
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::basic::{Compression, Encoding, Repetition};
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::reader::FileReader;
use ::parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use bytes::Bytes;
use proptest::prelude::*;
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::fs::File;
use std::sync::Arc;
use storage::LogError;
use storage::read::Chunk;

const ID: TopicPartition = TopicPartition { topic: TopicId(Uuid([7; 16])), partition: PartitionIndex(3) };
/// 2026-03-09T23:59:59Z.
const EVENING: i64 = 1_773_100_799_000;

type Blob = Option<Vec<u8>>;

/// A row as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    offset: i64,
    timestamp: Option<i64>,
    append_time: i64,
    leader_epoch: i32,
    attributes: i32,
    base_offset: i64,
    producer: Option<(i64, i32, i32)>,
    key: Blob,
    value: Blob,
    headers: Vec<(String, Blob)>,
    has_error: bool,
}

#[derive(Clone, Debug)]
struct Rec {
    timestamp: i64,
    key: Blob,
    value: Blob,
    headers: Vec<(String, Blob)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Data,
    Control,
    BadCrc,
    /// The CRC is right, what it covers is not what the codec says.
    NotTheCodec,
    /// Breaks after its last record: the header counts one more.
    OneTooFew,
}

#[derive(Clone, Debug)]
struct Batch {
    kind: Kind,
    codec: Codec,
    gap: i64,
    epoch_step: i32,
    append_step_ms: i64,
    producer: Option<(i64, i16, i32)>,
    records: Vec<Rec>,
}

/// A log of batches with what its rows must be.
#[derive(Default)]
struct Log {
    /// (base, next, append time, bytes)
    batches: Vec<(i64, i64, i64, Bytes)>,
    rows: Vec<Row>,
    end: i64,
    epoch: i32,
    /// What the index says, which may go back, and what the rows must say.
    append_ms: i64,
    append_floor_ms: i64,
}

fn fix_crc(b: &mut [u8]) {
    let h = BatchHeader::read(b).unwrap();
    for crc in 0..4 {
        b[17 + crc] = 0;
    }
    let crc = crc32c_of(&b[21..h.total_len().unwrap()]);
    b[17..21].copy_from_slice(&crc.to_be_bytes());
}

/// Bit by bit: tests need no other crate for it.
fn crc32c_of(b: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in b {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}

impl Log {
    fn new(append_ms: i64) -> Log {
        Log { append_ms, append_floor_ms: append_ms, ..Log::default() }
    }

    fn push(&mut self, b: &Batch) {
        let base = self.end + b.gap;
        self.epoch += b.epoch_step;
        self.append_ms += b.append_step_ms;
        self.append_floor_ms = self.append_floor_ms.max(self.append_ms);
        let mut builder = BatchBuilder::new(b.codec).placed(base, self.epoch);
        if b.kind == Kind::Control {
            builder = builder.control();
        }
        if let Some((id, epoch, sequence)) = b.producer {
            builder = builder.producer(id, epoch, sequence);
        }
        for r in &b.records {
            let headers: Vec<(&str, Option<&[u8]>)> =
                r.headers.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect();
            builder.push(NewRecord {
                timestamp: r.timestamp,
                key: r.key.as_deref(),
                value: r.value.as_deref(),
                headers: &headers,
            });
        }
        let mut bytes = builder.finish().unwrap().to_vec();
        match b.kind {
            Kind::BadCrc => *bytes.last_mut().unwrap() ^= 1,
            Kind::NotTheCodec => {
                bytes[22] = (bytes[22] & !7) | if b.codec == Codec::Gzip { 4 } else { 1 };
                fix_crc(&mut bytes);
            }
            Kind::OneTooFew => {
                bytes[57..61].copy_from_slice(&(b.records.len() as i32 + 1).to_be_bytes());
                fix_crc(&mut bytes);
            }
            Kind::Data | Kind::Control => {}
        }
        let h = BatchHeader::read(&bytes).unwrap();
        self.expect(b, &h, &bytes);
        self.end = h.next_offset();
        self.batches.push((base, self.end, self.append_ms, bytes.into()));
    }

    fn expect(&mut self, b: &Batch, h: &BatchHeader, bytes: &[u8]) {
        let common = Row {
            offset: h.base_offset,
            append_time: self.append_floor_ms * 1000,
            leader_epoch: self.epoch,
            attributes: i32::from(h.attributes),
            base_offset: h.base_offset,
            producer: b.producer.map(|(i, e, s)| (i, i32::from(e), s)),
            ..Row::default()
        };
        match b.kind {
            Kind::Control => {}
            Kind::BadCrc | Kind::NotTheCodec | Kind::OneTooFew => {
                self.rows.push(Row { value: Some(bytes.to_vec()), has_error: true, ..common });
            }
            Kind::Data => self.rows.extend(b.records.iter().enumerate().map(|(i, r)| {
                let us = r.timestamp.checked_mul(1000);
                Row {
                    offset: h.base_offset + i as i64,
                    timestamp: us.filter(|_| r.timestamp != -1),
                    key: r.key.clone(),
                    value: r.value.clone(),
                    headers: r.headers.clone(),
                    has_error: us.is_none(),
                    ..common.clone()
                }
            })),
        }
    }

    /// Like the log's reader: whole batches from the one that holds `from`, a few at a time.
    fn read(&self, from: i64, to: i64) -> Result<Option<Chunk>, LogError> {
        let mut bytes = Vec::new();
        let mut appended = Vec::new();
        for (base, next, ms, b) in &self.batches {
            if *next > from && *base < to && appended.len() < 3 {
                appended.push((bytes.len(), *ms));
                bytes.extend_from_slice(b);
            }
        }
        Ok((!bytes.is_empty()).then(|| Chunk::new(bytes.into(), appended)))
    }
}

/// A store in its own folder.
struct Place {
    dir: tempfile::TempDir,
    store: Arc<Store>,
    columns: OwnColumns,
    rt: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        Place {
            dir,
            store,
            columns: OwnColumns::default(),
            rt: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        }
    }

    fn convert(&self, log: &Log, start: i64, floor: i64) -> Result<Converted, ConvertError> {
        let range = Range {
            location: "ns/t".into(),
            id: ID,
            start,
            to: log.end,
            append_floor_ms: floor,
            random: 0xfeed,
        };
        let attempts = Attempts::default();
        let stop = StopFlag::default();
        // Values that are no JSON objects stay as they are, whatever the format.
        let shaper = Shaper::new(Arc::new(Format::default()), &self.columns);
        let read = |at| log.read(at, log.end);
        let done = self.rt.block_on(convert(&range, shaper, read, &self.store, &attempts, &stop))?;
        assert_eq!(*attempts.lock(), done.files, "every name was announced");
        Ok(done)
    }

    fn open(&self, path: &str) -> File {
        File::open(self.dir.path().join(path)).unwrap()
    }

    fn rows(&self, path: &str) -> Vec<Row> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(self.open(path)).unwrap().build().unwrap();
        reader.flat_map(|b| rows_of(&b.unwrap())).collect()
    }

    fn metadata(&self, path: &str) -> Arc<ParquetMetaData> {
        let options = ReadOptionsBuilder::new().with_page_index().build();
        let reader = SerializedFileReader::new_with_options(self.open(path), options).unwrap();
        Arc::new(reader.metadata().clone())
    }
}

fn blob(column: &dyn Array, i: usize) -> Blob {
    let a = column.as_binary::<i32>();
    (!a.is_null(i)).then(|| a.value(i).to_vec())
}

fn rows_of(b: &RecordBatch) -> Vec<Row> {
    let column = |name: &str| b.column_by_name(name).unwrap();
    let int = |name: &str, i: usize| {
        let a = column(name).as_primitive::<Int32Type>();
        (!a.is_null(i)).then(|| a.value(i))
    };
    let long = |name: &str, i: usize| {
        let a = column(name).as_primitive::<Int64Type>();
        (!a.is_null(i)).then(|| a.value(i))
    };
    let time = |name: &str, i: usize| {
        let a = column(name).as_primitive::<TimestampMicrosecondType>();
        (!a.is_null(i)).then(|| a.value(i))
    };
    assert!(column(schema::HEADERS).null_count() == 0 && column(schema::PARTITION).null_count() == 0);
    assert_eq!(column(schema::SCHEMA_ID).null_count(), b.num_rows());
    (0..b.num_rows())
        .map(|i| {
            assert_eq!(int(schema::PARTITION, i), Some(3));
            let headers = column(schema::HEADERS).as_list::<i32>().value(i);
            let pairs = headers.as_struct();
            let keys = pairs.column(0).as_string::<i32>();
            Row {
                offset: long(schema::OFFSET, i).unwrap(),
                timestamp: time(schema::TIMESTAMP, i),
                append_time: time(schema::APPEND_TIME, i).unwrap(),
                leader_epoch: int(schema::LEADER_EPOCH, i).unwrap(),
                attributes: int(schema::ATTRIBUTES, i).unwrap(),
                base_offset: long(schema::BATCH_BASE_OFFSET, i).unwrap(),
                producer: long(schema::PRODUCER_ID, i).map(|id| {
                    (id, int(schema::PRODUCER_EPOCH, i).unwrap(), int(schema::BASE_SEQUENCE, i).unwrap())
                }),
                key: blob(column(schema::KEY), i),
                value: blob(column(schema::VALUE), i),
                headers: (0..keys.len())
                    .map(|h| (keys.value(h).to_string(), blob(pairs.column(1), h)))
                    .collect(),
                has_error: !column(schema::ERROR).is_null(i),
            }
        })
        .collect()
}

fn blobs() -> impl Strategy<Value = Blob> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(Vec::new())),
        4 => prop::collection::vec(any::<u8>(), 1..40).prop_map(Some),
        1 => (1000usize..60_000, any::<u8>()).prop_map(|(n, b)| Some(vec![b; n])),
    ]
}

fn timestamps() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => EVENING - 1_000_000..EVENING,
        1 => Just(-1),
        1 => -5_000i64..5_000,
        // Neither of these fits microseconds.
        1 => Just(i64::MAX / 1000 + 1),
        1 => Just(i64::MIN / 1000 - 1),
    ]
}

fn records() -> impl Strategy<Value = Vec<Rec>> {
    let headers = prop::collection::vec(("[a-cß]{0,2}", blobs()), 0..4);
    let record = (timestamps(), blobs(), blobs(), headers).prop_map(|(timestamp, key, value, headers)| Rec {
        timestamp,
        key,
        value,
        headers,
    });
    prop::collection::vec(record, 1..12)
}

fn batches() -> impl Strategy<Value = Batch> {
    let kind = prop_oneof![
        8 => Just(Kind::Data), 1 => Just(Kind::Control), 1 => Just(Kind::BadCrc), 1 => Just(Kind::NotTheCodec),
        1 => Just(Kind::OneTooFew),
    ];
    let codec = prop::sample::select(vec![Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd]);
    let append = prop_oneof![8 => 0i64..2_000, 1 => -5_000i64..0, 1 => Just(3 * 86_400_000)];
    let producer = prop::option::of((0i64..9, 0i16..3, 0i32..100));
    let gap = prop_oneof![8 => Just(0), 1 => 1i64..100];
    (kind, codec, gap, 0i32..2, append, producer, records()).prop_map(
        |(kind, codec, gap, epoch_step, append_step_ms, producer, records)| Batch {
            kind,
            codec,
            gap,
            epoch_step,
            append_step_ms,
            producer,
            records,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_read_back_is_what_was_produced(batches in prop::collection::vec(batches(), 1..14), cut in 0i64..8) {
        let mut log = Log::new(EVENING);
        batches.iter().for_each(|b| log.push(b));
        // A log start may lie inside a batch.
        let start = cut.min(log.end - 1);
        let place = Place::new();
        let before = log.batches.iter().filter(|(_, next, _, _)| *next <= start).map(|(_, _, ms, _)| *ms);
        let done = place.convert(&log, start, before.fold(EVENING, i64::max)).unwrap();
        prop_assert_eq!((done.start, done.end), (start, log.end));
        let mut at = start;
        let mut rows = Vec::new();
        for path in &done.files {
            let name = FileName::parse(path).unwrap();
            prop_assert_eq!(name.base, at, "files tile the range");
            at = name.end;
            let of_file = place.rows(path);
            prop_assert!(!of_file.is_empty());
            for r in &of_file {
                prop_assert_eq!(Day::of_ms(r.append_time / 1000), name.day);
                prop_assert!((name.base..name.end).contains(&r.offset));
            }
            prop_assert_eq!(name.leader_epoch, of_file.last().unwrap().leader_epoch);
            rows.extend(of_file);
        }
        prop_assert!(rows.is_sorted_by_key(|r| r.append_time));
        // A batch that cannot be decoded and starts below the range stands at the range's start.
        let expected: Vec<Row> = log.rows.iter().filter_map(|r| {
            let straddles = r.has_error && r.value.as_ref().is_some_and(|v| v.len() >= 61 && r.offset == r.base_offset)
                && log.batches.iter().any(|(base, next, _, b)| *base == r.offset && *next > start && Some(b.to_vec()) == r.value);
            match r.offset >= start {
                true => Some(r.clone()),
                false => straddles.then(|| Row { offset: start, ..r.clone() }),
            }
        }).collect();
        prop_assert_eq!(done.rows as usize, expected.len());
        prop_assert_eq!(rows, expected);
    }
}

fn plain(append_step_ms: i64, values: &[&str]) -> Batch {
    let records = values
        .iter()
        .map(|v| Rec {
            timestamp: EVENING,
            key: Some(b"k".to_vec()),
            value: Some(v.as_bytes().to_vec()),
            headers: vec![("h".into(), None)],
        })
        .collect();
    Batch {
        kind: Kind::Data,
        codec: Codec::None,
        gap: 0,
        epoch_step: 0,
        append_step_ms,
        producer: None,
        records,
    }
}

#[test]
fn a_range_over_midnight_is_one_file_per_day() {
    let mut log = Log::new(EVENING);
    log.push(&plain(0, &["a", "b"]));
    log.push(&Batch { epoch_step: 2, ..plain(500, &["c"]) });
    log.push(&Batch { gap: 10, ..plain(5_000, &["d"]) });
    let place = Place::new();
    let done = place.convert(&log, 0, 0).unwrap();
    let zeros = |n: i64| format!("{n:020}");
    assert_eq!(
        done.files,
        [
            format!("ns/t/data/dt=2026-03-09/kp=00003/{}-{}-2-0000feed.parquet", zeros(0), zeros(3)),
            format!("ns/t/data/dt=2026-03-10/kp=00003/{}-{}-2-0000feed.parquet", zeros(3), zeros(14)),
        ]
    );
    let m = place.metadata(&done.files[0]);
    let footer = |key: &str| {
        let pairs = m.file_metadata().key_value_metadata().unwrap();
        pairs.iter().find(|p| p.key == key).and_then(|p| p.value.clone()).unwrap_or_default()
    };
    assert_eq!(footer(ours::TOPIC_ID), "07070707-0707-0707-0707-070707070707");
    assert_eq!((footer(ours::PARTITION), footer(ours::OFFSET_START)), ("3".into(), "0".into()));
    assert_eq!((footer(ours::OFFSET_END), footer(ours::LEADER_EPOCHS)), ("3".into(), "0:0,2:2".into()));
    assert!(footer(ours::WRITER_VERSION).starts_with("lipno "));
    assert_eq!(done.append_floor_ms, EVENING + 5_500);
    // The next range goes on from there, whatever the clock says.
    let mut next = Log { end: 14, ..Log::new(EVENING) };
    next.push(&plain(0, &["e"]));
    let done = place.convert(&next, 14, done.append_floor_ms).unwrap();
    assert!(done.files[0].contains("dt=2026-03-10"), "{:?}", done.files);
}

#[test]
fn columns_and_field_ids_are_frozen() {
    let mut log = Log::new(EVENING);
    log.push(&plain(0, &["a"]));
    let place = Place::new();
    let file = &place.convert(&log, 0, 0).unwrap().files[0];
    let m = place.metadata(file);
    let mut text = String::new();
    ::parquet::schema::printer::print_schema(&mut StringWriter(&mut text), m.file_metadata().schema());
    assert_eq!(text, FROZEN);
}

/// As `parquet-schema` prints it. New columns may be added; nothing here may change.
const FROZEN: &str = "message kafka {
  REQUIRED INT32 kafka_partition [1];
  REQUIRED INT64 kafka_offset [2];
  OPTIONAL INT64 kafka_timestamp [3] (TIMESTAMP(MICROS,true));
  REQUIRED INT64 kafka_append_time [4] (TIMESTAMP(MICROS,true));
  OPTIONAL INT32 kafka_leader_epoch [5];
  REQUIRED INT32 kafka_attributes [6];
  OPTIONAL INT64 kafka_batch_base_offset [13];
  OPTIONAL INT64 kafka_producer_id [14];
  OPTIONAL INT32 kafka_producer_epoch [15];
  OPTIONAL INT32 kafka_base_sequence [16];
  OPTIONAL BYTE_ARRAY kafka_schema_id [17] (STRING);
  OPTIONAL BYTE_ARRAY kafka_error [18] (STRING);
  OPTIONAL BYTE_ARRAY kafka_key [7];
  OPTIONAL BYTE_ARRAY kafka_value [8];
  OPTIONAL group kafka_headers [9] (LIST) {
    REPEATED group list {
      OPTIONAL group element [10] {
        OPTIONAL BYTE_ARRAY key [11] (STRING);
        OPTIONAL BYTE_ARRAY value [12];
      }
    }
  }
}
";

struct StringWriter<'a>(&'a mut String);
impl std::io::Write for StringWriter<'_> {
    fn write(&mut self, b: &[u8]) -> std::io::Result<usize> {
        self.0.push_str(std::str::from_utf8(b).unwrap());
        Ok(b.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn pages_encodings_and_statistics_are_as_designed() {
    let mut log = Log::new(EVENING);
    let values: Vec<String> = (0..500).map(|i| format!("value {i}")).collect();
    let texts: Vec<&str> = values.iter().map(String::as_str).collect();
    for _ in 0..40 {
        log.push(&plain(1, &texts));
    }
    let place = Place::new();
    let done = place.convert(&log, 0, 0).unwrap();
    assert_eq!((done.rows, done.files.len()), (20_000, 1));
    let m = place.metadata(&done.files[0]);
    assert_eq!(m.num_row_groups(), 1);
    let group = m.row_group(0);
    for (i, c) in group.columns().iter().enumerate() {
        let path = c.column_path().string();
        let last = path.split('.').next().unwrap().to_string();
        assert_eq!(c.compression(), Compression::ZSTD(Default::default()), "{path}");
        let pages = &m.offset_index().unwrap()[0][i];
        let first_rows: Vec<i64> = pages.page_locations().iter().map(|p| p.first_row_index).collect();
        assert!(first_rows.windows(2).all(|w| w[1] - w[0] <= 2048), "{path}: {first_rows:?}");
        assert!(first_rows.len() >= 9, "{path}: {first_rows:?}");
        let is_blob = [schema::KEY, schema::VALUE, schema::HEADERS].contains(&last.as_str());
        assert_eq!(c.statistics().is_none(), is_blob, "{path}: statistics");
        let has_dictionary = c.dictionary_page_offset().is_some();
        let is_delta = c.encodings().any(|e| e == Encoding::DELTA_BINARY_PACKED);
        match last.as_str() {
            _ if is_blob => assert!(!has_dictionary, "{path}"),
            schema::OFFSET | schema::TIMESTAMP | schema::APPEND_TIME | schema::BATCH_BASE_OFFSET => {
                assert!(is_delta && !has_dictionary, "{path}");
            }
            _ => {}
        }
    }
    let required: Vec<&str> = m
        .file_metadata()
        .schema()
        .get_fields()
        .iter()
        .filter(|f| f.get_basic_info().repetition() == Repetition::REQUIRED)
        .map(|f| f.name())
        .collect();
    assert_eq!(required, [schema::PARTITION, schema::OFFSET, schema::APPEND_TIME, schema::ATTRIBUTES]);
    let sorted: Vec<i32> = group.sorting_columns().unwrap().iter().map(|s| s.column_idx).collect();
    assert_eq!(sorted, [0, 1]);
}

#[test]
fn a_range_ends_early_at_the_bound_and_never_skips() {
    // 160 batches of 1 MiB that compress to nothing.
    let mut log = Log::new(EVENING);
    let value = "x".repeat(1 << 20);
    for _ in 0..160 {
        log.push(&plain(0, &[&value]));
    }
    let place = Place::new();
    let first = place.convert(&log, 0, 0).unwrap();
    assert!(first.end > 100 && first.end < 160, "{}", first.end);
    let second = place.convert(&log, first.end, 0).unwrap();
    assert_eq!((second.start, second.end), (first.end, 160));
    assert_eq!(first.rows + second.rows, 160);
    // A hole where data should be is an error, not a silent skip.
    log.end = 161;
    assert!(matches!(place.convert(&log, 160, 0), Err(ConvertError::Missing { at: 160, to: 161 })));
}

#[test]
fn only_control_batches_give_no_file() {
    let mut log = Log::new(EVENING);
    log.push(&Batch { kind: Kind::Control, ..plain(0, &["x"]) });
    let done = Place::new().convert(&log, 0, 0).unwrap();
    assert_eq!((done.end, done.rows, done.files.len()), (1, 0, 0));
}
