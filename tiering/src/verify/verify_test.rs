//! Tables that are right are found right, and each kind of planted fault is found and named.

use super::*;
use crate::convert::{Attempts, Converted, Range, convert};
use crate::iceberg::stats;
use crate::parquet::FileBuilder;
use crate::pool::StopFlag;
use crate::retype::retype;
use crate::typed::{OwnColumns, Shaper};
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use storage::read::Chunk;

const ID: TopicPartition = TopicPartition { topic: TopicId(Uuid([7; 16])), partition: PartitionIndex(2) };

/// The log, of which a part is lost at the nth read.
struct Records<'a> {
    of: &'a World,
    start: Cell<i64>,
    reads: usize,
    loses: Option<(usize, i64)>,
}

impl Source for Records<'_> {
    fn start(&self) -> i64 {
        self.start.get()
    }

    fn read(&mut self, from: i64) -> Result<Option<Chunk>, LogError> {
        self.reads += 1;
        if let Some((_, start)) = self.loses.filter(|(n, _)| *n == self.reads) {
            self.start.set(start);
        }
        self.of.read(from.max(self.start.get()))
    }
}

struct World {
    loses: Option<(usize, i64)>,
    dead: RefCell<Vec<DataFile>>,
    _dir: tempfile::TempDir,
    store: Arc<Store>,
    columns: OwnColumns,
    /// (next offset, bytes)
    log: Vec<(i64, Vec<u8>)>,
    rt: tokio::runtime::Runtime,
    format: Format,
}

static NEXT: AtomicU32 = AtomicU32::new(1);

impl World {
    fn new(format: Format) -> World {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut w = World {
            loses: None,
            dead: RefCell::default(),
            _dir: dir,
            store,
            columns: OwnColumns::default(),
            log: Vec::new(),
            rt,
            format,
        };
        w.push(
            Codec::None,
            100,
            &[Some(r#"{"a":1,"b":"x"}"#), None, Some(r#"{"a":2.5}"#), Some(""), Some("no object")],
        );
        w.push(Codec::Lz4, i64::MAX, &[Some(r#"{"a":3,"c":{"d":true}}"#)]);
        w.push(Codec::Zstd, -1, &[Some(r#"{"a":4}"#); 500]);
        // Its CRC does not match.
        let (_, last) = w.log.last_mut().unwrap();
        let mut broken = last.clone();
        *broken.last_mut().unwrap() ^= 1;
        let end = w.end();
        w.place(broken);
        assert_eq!(w.end(), end + 503);
        w.push(Codec::Gzip, 7, &[Some(r#"{"a":5}"#), Some("bad"), Some(r#"{"a":6}"#)]);
        w
    }

    fn end(&self) -> i64 {
        self.log.last().map_or(0, |(end, _)| *end)
    }

    fn push(&mut self, codec: Codec, timestamp: i64, values: &[Option<&str>]) {
        let mut b = BatchBuilder::new(codec).placed(0, 3).producer(9, 1, 5);
        for v in values {
            let headers = [("h", Some(&b"1"[..])), ("h", None), ("\u{e9}", Some(&b""[..]))];
            b.push(NewRecord { timestamp, key: Some(b"k"), value: v.map(str::as_bytes), headers: &headers });
        }
        self.place(b.finish().unwrap().to_vec());
    }

    fn place(&mut self, mut batch: Vec<u8>) {
        // Three offsets between two batches are nobody's.
        let base = self.log.last().map_or(0, |(end, _)| end + 3);
        batch.splice(..8, i64::to_be_bytes(base));
        self.log.push((BatchHeader::read(&batch).unwrap().next_offset(), batch));
    }

    fn read(&self, from: i64) -> Result<Option<Chunk>, LogError> {
        let next = self.log.iter().find(|(end, _)| *end > from);
        Ok(next.map(|(_, b)| Chunk::new(b.clone().into(), vec![(0, 1_000)])))
    }

    fn convert(&self, start: i64, to: i64) -> Converted {
        let random = NEXT.fetch_add(1, Relaxed);
        let range = Range { location: "ns/t".into(), id: ID, start, to, append_floor_ms: 0, random };
        let shaper = Shaper::new(Arc::new(self.format.clone()), &self.columns);
        let (attempts, stop) = (Attempts::default(), StopFlag::default());
        let read = |at| self.read(at);
        self.rt.block_on(convert(&range, shaper, read, &self.store, &attempts, &stop)).unwrap()
    }

    /// The rows of a file, written again.
    fn retype(&self, file: &DataFile) -> Option<Converted> {
        let path = self.store.path_of(&file.path).unwrap();
        let name = FileName::parse(&path).unwrap();
        let random = NEXT.fetch_add(1, Relaxed);
        let (start, to) = (name.base, name.end);
        let range = Range { location: "ns/t".into(), id: ID, start, to, append_floor_ms: 0, random };
        let shaper = Shaper::new(Arc::new(self.format.clone()), &self.columns);
        let columns = crate::typed::ColumnSource::columns(&&self.columns);
        let (attempts, stop) = (Attempts::default(), StopFlag::default());
        self.rt.block_on(retype(&range, &path, &columns, shaper, &self.store, &attempts, &stop)).unwrap()
    }

    fn verify(&self, files: &[DataFile], gaps: &[(i64, i64)], start: i64) -> Report {
        self.verify_range(files, gaps, (start, self.end()), false)
    }

    fn verify_range(
        &self,
        files: &[DataFile],
        gaps: &[(i64, i64)],
        (start, end): (i64, i64),
        is_part: bool,
    ) -> Report {
        let columns = crate::typed::ColumnSource::columns(&&self.columns);
        let format = &self.format;
        let dead = &*self.dead.borrow();
        let of =
            Partition { partition: 2, start, end, gaps, files, dead, is_part, columns: &columns, format };
        let source = Records { of: self, start: Cell::new(start), reads: 0, loses: self.loses };
        self.rt.block_on(verify(&self.store, &of, source, || false, |_| {})).unwrap()
    }
}

fn formats() -> Vec<Format> {
    [BadRecords::Raw, BadRecords::Drop, BadRecords::Dlq]
        .into_iter()
        .flat_map(|bad| [(true, false), (true, true), (false, true)].map(|(raw, typed)| (bad, raw, typed)))
        .map(|(bad, raw, typed)| Format { bad, raw, typed, ..Format::default() })
        .collect()
}

#[test]
fn right_tables_are_right() {
    for format in formats() {
        let w = World::new(format.clone());
        let end = w.end();
        let half = w.log[2].0;
        let (a, b) = (w.convert(0, half), w.convert(half, end));
        let files: Vec<DataFile> = a.data.iter().chain(&b.data).cloned().collect();
        w.dead.borrow_mut().extend(a.dead.iter().chain(&b.dead).cloned());
        let r = w.verify(&files, &[], 0);
        assert!(r.is_ok(), "{format:?}: {r:?}");
        assert_eq!(r.dead_letters > 0, format.typed && format.bad == BadRecords::Dlq, "{format:?}: {r:?}");
        assert_eq!((r.rows, r.undecodable), (a.rows + b.rows, 1), "{format:?}");
        assert_eq!(r.dropped, a.dropped + b.dropped, "{format:?}");
        // Part of the log is gone.
        let r = w.verify(&files, &[], half);
        assert!(r.is_ok() && r.before_log == a.rows, "{r:?}");
    }
}

#[test]
fn what_retention_takes_meanwhile_is_no_fault() {
    let mut w = World::new(Format::default());
    let done = w.convert(0, w.end());
    for (n, start) in [(1, w.log[1].0), (2, w.log[2].0), (2, w.log[3].0), (3, w.end()), (1, w.end())] {
        w.loses = Some((n, start));
        let r = w.verify(&done.data, &[], 0);
        assert!(r.is_ok() && r.rows == done.rows && r.before_log > 0, "{n} {start}: {r:?}");
    }
}

#[test]
fn planted_faults_are_found() {
    let w = World::new(Format::default());
    let (end, half) = (w.end(), w.log[1].0);
    let (a, b) = (w.convert(0, half), w.convert(half, end));
    let all = |parts: &[&Converted]| parts.iter().flat_map(|c| c.data.clone()).collect::<Vec<DataFile>>();
    let n = |r: &Report| (r.missing, r.duplicated, r.different);
    assert_eq!(n(&w.verify(&all(&[&a, &b]), &[], 0)), (0, 0, 0));
    let r = w.verify(&all(&[&b]), &[], 0);
    assert_eq!((n(&r), r.examples[0].as_str()), ((a.rows, 0, 0), "offset 0 is missing"));
    assert!(w.verify(&all(&[&b]), &[(0, half)], 0).is_ok(), "a gap that is on record explains it");
    assert_eq!(n(&w.verify(&all(&[&a, &b, &b]), &[], 0)), (0, b.rows, 0));
    // A file that the table names and that is gone.
    w.rt.block_on(w.store.delete(&b.files[0])).unwrap();
    let lost = w.verify(&all(&[&a, &b]), &[], 0);
    assert!(lost.missing > 0 && lost.examples[0].contains(&b.files[0]), "{lost:?}");
}

#[test]
fn rows_that_differ_are_found() {
    let w = World::new(Format::raw());
    let (_, batch) = &w.log[0];
    let other = |change: &dyn Fn(&mut Vec<u8>, &mut i64)| {
        let (mut bytes, mut append) = (batch.clone(), 1_000);
        change(&mut bytes, &mut append);
        let h = BatchHeader::read(&bytes).unwrap();
        let mut file = FileBuilder::new(ID.topic, 2, 0, &Columns::default()).unwrap();
        file.push(&h, &bytes, append).unwrap();
        let done = file.finish(w.log[0].0).unwrap();
        let random = NEXT.fetch_add(1, Relaxed);
        let name = FileName { day: Day(0), partition: 2, base: 0, end: w.log[0].0, leader_epoch: 3, random };
        let path = name.path("ns/t");
        w.rt.block_on(w.store.put(&path, done.parts)).unwrap();
        let rest = w.convert(w.log[0].0, w.end());
        let mut files = vec![stats::data_file(w.store.uri(&path), 0, 0, &done.footer)];
        files.extend(rest.data);
        w.verify(&files, &[], 0)
    };
    assert!(other(&|_, _| ()).is_ok());
    // Every field in turn: the batch is another one, with a CRC that is right.
    let rebuilt = |timestamp: i64, key: &str, value: &str, header: &str, epoch: i32| {
        let mut b = BatchBuilder::new(Codec::None).placed(0, epoch).producer(9, 1, 5);
        let values = [Some(value), None, Some(r#"{"a":2.5}"#), Some(""), Some("no object")];
        for v in values {
            let headers = [(header, Some(&b"1"[..])), ("h", None), ("\u{e9}", Some(&b""[..]))];
            let key = Some(key.as_bytes());
            b.push(NewRecord { timestamp, key, value: v.map(str::as_bytes), headers: &headers });
        }
        b.finish().unwrap().to_vec()
    };
    let value = r#"{"a":1,"b":"x"}"#;
    let cases = [
        (rebuilt(100, "k", value, "h", 3), ""),
        (rebuilt(101, "k", value, "h", 3), "kafka_timestamp"),
        (rebuilt(100, "K", value, "h", 3), "kafka_key"),
        (rebuilt(100, "k", "{}", "h", 3), "kafka_value"),
        (rebuilt(100, "k", value, "H", 3), "kafka_headers"),
        (rebuilt(100, "k", value, "h", 4), "kafka_leader_epoch"),
    ];
    for (bytes, says) in cases {
        let r = other(&|b, _| b.clone_from(&bytes));
        assert_eq!(r.different > 0, !says.is_empty(), "{says}: {r:?}");
        assert!(says.is_empty() || r.examples[0].contains(says), "{says}: {r:?}");
    }
    let r = other(&|_, append| *append = 90_000_000);
    assert!(r.different > 0, "another day than the file's: {r:?}");
}

#[test]
fn typed_columns_that_differ_are_found() {
    let mut w = World::new(Format { raw: false, ..Format::default() });
    let done = w.convert(0, w.end());
    assert!(w.verify(&done.data, &[], 0).is_ok());
    // The same batch with another number: only the column of that number tells.
    let (end, before) = w.log.remove(0);
    let later = std::mem::take(&mut w.log);
    w.push(
        Codec::None,
        100,
        &[Some(r#"{"a":7,"b":"x"}"#), None, Some(r#"{"a":2.5}"#), Some(""), Some("no object")],
    );
    assert!(w.end() == end && w.log[0].1 != before);
    w.log.extend(later);
    let r = w.verify(&done.data, &[], 0);
    assert_eq!((r.different, r.examples), (1, vec!["offset 0: a typed column differs".to_string()]));
}

#[test]
fn parts_are_proved_by_themselves() {
    let w = World::new(Format { bad: BadRecords::Dlq, ..Format::default() });
    let done = w.convert(0, w.end());
    w.dead.borrow_mut().extend(done.dead.clone());
    let ends: Vec<i64> = (0..10).chain((10..w.end()).step_by(101)).chain([w.end()]).collect();
    for (i, start) in ends.iter().enumerate() {
        for end in &ends[i..] {
            let r = w.verify_range(&done.data, &[], (*start, *end), true);
            assert!(r.is_ok(), "{start}..{end}: {r:?}");
        }
    }
    w.dead.borrow_mut().clear();
    let r = w.verify_range(&done.data, &[], (0, 5), true);
    assert_eq!((r.rows, r.missing), (3, 2), "{r:?}");
    assert!(w.verify_range(&done.data, &[], (5, w.end() - 2), true).is_ok(), "the others are elsewhere");
    let r = w.verify_range(&[], &[], (2, 3), true);
    assert_eq!((r.rows, r.missing), (0, 1));
}

#[test]
fn files_that_keep_the_values_can_be_written_again_in_every_format() {
    for from in formats() {
        for to in formats() {
            let mut w = World::new(from.clone());
            let old = w.convert(0, w.end());
            w.format = to.clone();
            let name = format!("{from:?} to {to:?}");
            for file in &old.data {
                let keeps_values = from.raw || !from.typed;
                let Some(new) = w.retype(file) else {
                    assert!(!keeps_values, "{name}");
                    continue;
                };
                assert!(keeps_values, "{name}: what is not there cannot be read again");
                w.dead.borrow_mut().extend(old.dead.iter().chain(&new.dead).cloned());
                let r = w.verify(&new.data, &[], 0);
                assert!(r.is_ok(), "{name}: {r:?}");
                assert_eq!((r.undecodable, r.end), (1, w.end()), "{name}");
                let told = |f: &DataFile| FileName::parse(&w.store.path_of(&f.path).unwrap()).unwrap();
                assert_eq!(
                    (told(&new.data[0]).base, told(&new.data[0]).day),
                    (told(file).base, told(file).day)
                );
                w.dead.borrow_mut().clear();
            }
        }
    }
}

#[test]
fn dead_letters_are_counted_once() {
    let w = World::new(Format { bad: BadRecords::Dlq, ..Format::default() });
    let done = w.convert(0, w.end());
    let n = |w: &World| {
        let r = w.verify(&done.data, &[], 0);
        (r.dead_letters, r.missing, r.different)
    };
    assert_eq!(n(&w), (0, 3, 0), "three records did not parse, and their letters are lost");
    w.dead.borrow_mut().extend(done.dead.clone());
    assert_eq!(n(&w), (3, 0, 0));
    w.dead.borrow_mut().extend(done.dead.clone());
    assert_eq!(n(&w), (3, 0, 3), "twice");
}

#[test]
fn small_files_are_fetched_a_few_at_once_and_large_ones_alone() {
    let mut files: Vec<(usize, i64)> = (0..10).map(|n| (n, 1_000)).collect();
    files.extend([(10, 20 << 20), (11, 20 << 20), (12, 500 << 20), (13, 1), (14, 1)]);
    let cut = super::found::at_once(files);
    assert_eq!(cut, [(0..8).collect(), vec![8, 9, 10], vec![11], vec![12], vec![13, 14]] as [Vec<usize>; 5]);
}
