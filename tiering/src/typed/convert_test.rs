//! Logs of JSON and CSV through the whole conversion: which rows, columns and files come of them.

use super::*;
use crate::convert::{Attempts, ConvertError, Converted, Range, convert};
use crate::pool::StopFlag;
use crate::rows::{KEY_WAS_NULL, VALUE_WAS_NULL};
use crate::store::Store;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use storage::read::Chunk;

/// Part of the files' names: every attempt has its own.
static NEXT: AtomicU32 = AtomicU32::new(1);

struct Place {
    dir: tempfile::TempDir,
    store: Arc<Store>,
    columns: OwnColumns,
    rt: tokio::runtime::Runtime,
}

/// One batch of records; `None` is a tombstone.
fn log(values: &[Option<&str>]) -> Vec<u8> {
    let mut b = BatchBuilder::new(Codec::Zstd);
    for v in values {
        b.push(NewRecord { value: v.map(str::as_bytes), ..NewRecord::default() });
    }
    b.finish().unwrap().to_vec()
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Place { dir, store, columns: OwnColumns::default(), rt }
    }

    fn convert(&self, format: Format, batches: &[Vec<u8>]) -> Result<Converted, ConvertError> {
        let (mut end, mut placed) = (0, Vec::new());
        for b in batches {
            let mut b = b.clone();
            b.splice(..8, i64::to_be_bytes(end));
            end = BatchHeader::read(&b).unwrap().next_offset();
            placed.push((end, b));
        }
        let id = TopicPartition { topic: TopicId(Uuid([7; 16])), partition: PartitionIndex(0) };
        let range = Range {
            location: "ns/t".into(),
            id,
            start: 0,
            to: end,
            append_floor_ms: 0,
            random: NEXT.fetch_add(1, Relaxed),
        };
        let read = |from| {
            let next = placed.iter().find(|(end, _)| *end > from);
            Ok(next.map(|(_, b)| Chunk::new(b.clone().into(), vec![(0, 1_000)])))
        };
        let shaper = Shaper::new(Arc::new(format), &self.columns);
        let (attempts, stop) = (Attempts::default(), StopFlag::default());
        self.rt.block_on(convert(&range, shaper, read, &self.store, &attempts, &stop))
    }

    fn read(&self, path: &str) -> RecordBatch {
        let file = std::fs::File::open(self.dir.path().join(path)).unwrap();
        let batches: Vec<RecordBatch> = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap()
            .map(|b| b.unwrap())
            .collect();
        arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
    }

    fn names(&self) -> Vec<String> {
        (&self.columns).columns().list().iter().map(|c| c.name.clone()).collect()
    }
}

fn longs(b: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    b.column_by_name(name).unwrap().as_primitive::<Int64Type>().iter().collect()
}

fn texts(b: &RecordBatch, name: &str) -> Vec<Option<String>> {
    b.column_by_name(name).unwrap().as_string::<i32>().iter().map(|t| t.map(str::to_string)).collect()
}

fn blobs(b: &RecordBatch, name: &str) -> Vec<Option<Vec<u8>>> {
    b.column_by_name(name).unwrap().as_binary::<i32>().iter().map(|t| t.map(<[u8]>::to_vec)).collect()
}

#[test]
fn the_first_rows_have_their_columns_and_values_stay() {
    let place = Place::new();
    let done = place
        .convert(
            Format::default(),
            &[log(&[Some(r#"{"a":1,"b":"x"}"#), None, Some("nonsense"), Some(r#"{"a":2}"#)])],
        )
        .unwrap();
    assert_eq!(place.names(), ["a", "b"]);
    let b = place.read(&done.files[0]);
    assert_eq!(longs(&b, "a"), [Some(1), None, None, Some(2)]);
    assert_eq!(texts(&b, "b"), [Some("x".into()), None, None, None]);
    assert_eq!(blobs(&b, "kafka_value")[2].as_deref(), Some(&b"nonsense"[..]));
    let errors = texts(&b, "kafka_error");
    assert!(errors[2].as_ref().unwrap().contains("JSON object") && errors[1].is_none(), "{errors:?}");
    let attributes: Vec<i32> =
        b.column_by_name("kafka_attributes").unwrap().as_primitive::<Int32Type>().values().to_vec();
    assert!(attributes.iter().all(|a| a & (VALUE_WAS_NULL | KEY_WAS_NULL) == 0), "the value itself says it");
    assert_eq!(done.data[0].null_counts[&100], 2);
}

#[test]
fn a_new_column_begins_a_new_file() {
    let place = Place::new();
    let many: Vec<String> =
        (0..40_000).map(|i| format!(r#"{{"a":{i},"text":"{}"}}"#, "x".repeat(40))).collect();
    let many: Vec<Option<&str>> = many.iter().map(|s| Some(s.as_str())).collect();
    let done =
        place.convert(Format::default(), &[log(&many), log(&[Some(r#"{"a":1.5,"new":true}"#)])]).unwrap();
    assert_eq!(place.names(), ["a", "text", "a__2", "new"]);
    assert_eq!((done.files.len(), done.rows, done.end), (2, 40_001, 40_001));
    let (first, second) = (place.read(&done.files[0]), place.read(&done.files[1]));
    assert!(first.column_by_name("new").is_none());
    assert_eq!(longs(&second, "kafka_offset"), [Some(40_000)]);
    let double = second.column_by_name("a__2").unwrap().as_primitive::<Float64Type>();
    assert_eq!((longs(&second, "a"), double.value(0)), (vec![None], 1.5));
    // Again from the start: all columns are there, so it is one file.
    let again =
        place.convert(Format::default(), &[log(&many), log(&[Some(r#"{"a":1.5,"new":true}"#)])]).unwrap();
    assert_eq!((again.files.len(), again.rows), (1, 40_001));
}

#[test]
fn values_that_are_no_objects_are_left_alone() {
    let place = Place::new();
    let done =
        place.convert(Format::default(), &[log(&[Some("a"), Some("{\"a\":1}"), Some("b"), None])]).unwrap();
    let b = place.read(&done.files[0]);
    assert!(place.names().is_empty());
    assert_eq!(texts(&b, "kafka_error"), [None, None, None, None]);
    let json = Format { value: ValueFormat::Json, ..Format::default() };
    let done = place.convert(json, &[log(&[Some("a"), Some("{\"a\":1}"), Some("b"), None])]).unwrap();
    assert_eq!(texts(&place.read(&done.files[0]), "kafka_error").iter().flatten().count(), 2);
}

#[test]
fn typed_alone_keeps_what_no_column_took() {
    let place = Place::new();
    let rare: Vec<String> = (0..300).map(|i| format!(r#"{{"a":{i}}}"#)).collect();
    let mut values: Vec<Option<&str>> = rare.iter().map(|s| Some(s.as_str())).collect();
    values.extend([Some(r#"{"a":7,"rare":[1, 2]}"#), None, Some("broken")]);
    let typed = Format { raw: false, ..Format::default() };
    let done = place.convert(typed, &[log(&values)]).unwrap();
    assert_eq!(place.names(), ["a", "value_rest"]);
    let b = place.read(&done.files[0]);
    let (rest, values) = (texts(&b, "value_rest"), blobs(&b, "kafka_value"));
    assert_eq!((rest[0].clone(), rest[300].as_deref()), (None, Some(r#"{"rare":[1,2]}"#)));
    assert_eq!(values.iter().flatten().count(), 1, "only what did not decode");
    assert_eq!(values[302].as_deref(), Some(&b"broken"[..]));
    let attributes = b.column_by_name("kafka_attributes").unwrap().as_primitive::<Int32Type>();
    assert_eq!(attributes.value(0), 4 | KEY_WAS_NULL);
    assert_eq!(attributes.value(301), 4 | KEY_WAS_NULL | VALUE_WAS_NULL);
}

#[test]
fn values_that_are_no_objects_after_empty_ones_are_rows_with_an_error() {
    let place = Place::new();
    let typed = || Format { raw: false, ..Format::default() };
    place.convert(typed(), &[log(&[Some("{}"), Some("{}")])]).unwrap();
    assert_eq!(place.names(), ["value_rest"]);
    let done = place.convert(typed(), &[log(&[Some("text"), Some("more")])]).unwrap();
    let b = place.read(&done.files[0]);
    assert_eq!(texts(&b, "kafka_error").iter().flatten().count(), 2);
    assert_eq!(blobs(&b, "kafka_value")[0].as_deref(), Some(&b"text"[..]));
}

#[test]
fn bad_records_are_dropped_or_stop_the_partition() {
    let values = log(&[Some(r#"{"a":1}"#), Some("bad"), Some(r#"{"a":3}"#), Some(r#"{"a":4}"#)]);
    let place = Place::new();
    let drop = Format { bad: BadRecords::Drop, ..Format::default() };
    let done = place.convert(drop, std::slice::from_ref(&values)).unwrap();
    assert_eq!((done.rows, done.dropped, done.end), (3, 1, 4));
    let b = place.read(&done.files[0]);
    assert_eq!(longs(&b, "kafka_offset"), [Some(0), Some(2), Some(3)]);
    assert_eq!(longs(&b, "a"), [Some(1), Some(3), Some(4)]);
    let suspend = Format { bad: BadRecords::Suspend, ..Format::default() };
    let e = Place::new().convert(suspend, &[values]).unwrap_err().to_string();
    assert!(e.contains("offset 1") && e.contains("lake.bad.records"), "{e}");
}

#[test]
fn pinned_columns_and_csv() {
    let place = Place::new();
    let pinned = Some(parse_explicit("id long, b.c string as c").unwrap());
    let format = Format { pinned, ..Format::default() };
    let done = place
        .convert(format, &[log(&[Some(r#"{"id":1,"b":{"c":"x"},"more":2}"#), Some(r#"{"id":"?"}"#)])])
        .unwrap();
    assert_eq!(place.names(), ["id", "c"]);
    let b = place.read(&done.files[0]);
    assert_eq!((longs(&b, "id"), texts(&b, "c")), (vec![Some(1), None], vec![Some("x".into()), None]));
    // Unpinned again, the same columns go on and others come.
    place.convert(Format::default(), &[log(&[Some(r#"{"id":"?","more":2}"#)])]).unwrap();
    assert_eq!(place.names(), ["id", "c", "id__2", "more"]);

    let place = Place::new();
    let csv = Format { value: ValueFormat::Csv("carrier,name".into()), ..Format::default() };
    let done = place.convert(csv, &[log(&[Some("UA,\"United, Inc\""), Some("one")])]).unwrap();
    let b = place.read(&done.files[0]);
    assert_eq!(texts(&b, "name"), [Some("United, Inc".into()), None]);
    assert!(texts(&b, "kafka_error")[1].as_ref().unwrap().contains("1 fields, not 2"));
}
