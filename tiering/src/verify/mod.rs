//! Proves that a table has each offset of a partition's log once, and equal.
//!
//! Invariants: changes nothing; reads the log and the files by other code than wrote them (typed columns are decoded
//! again by the same decoder, whose own tests hold it against another); every record is counted in exactly one of row,
//! dropped, undecodable batch, missing, different; whatever the store did not answer is an error and no verdict. Called
//! by `lipno lake verify` and the sampling in the background, on a thread of low priority.

mod found;
mod wanted;

use crate::iceberg::manifest::DataFile;
use crate::layout::{Day, FileName};
use crate::rows::{KEY_WAS_NULL, VALUE_WAS_NULL};
use crate::store::{Store, StoreError};
use crate::typed::{BadRecords, Columns, Decoder, Format};
use arrow::array::{Array, ArrayRef, BinaryArray};
use found::{Batch, DataFileRows, Unreadable, at_once};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use storage::LogError;
pub use wanted::Source;
use wanted::{Log, Wanted};

/// Findings that are told in words.
const EXAMPLES_MAX: usize = 10;

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("reading the log: {0}")]
    Log(#[from] LogError),
    #[error("the log has nothing at {at}, though it should reach {to}")]
    LogEnds { at: i64, to: i64 },
    #[error("reading the lake: {0}")]
    Store(#[from] StoreError),
    #[error("it was stopped")]
    Stopped,
}

/// What is compared: one partition of one version of a table.
pub struct Partition<'a> {
    pub partition: i32,
    /// First offset of the log, and the first that is not committed to the table.
    pub start: i64,
    pub end: i64,
    /// Offsets that the table is known not to have.
    pub gaps: &'a [(i64, i64)],
    /// Data files of the partition.
    pub files: &'a [DataFile],
    /// Files of the table of dead letters.
    pub dead: &'a [DataFile],
    /// Only offsets [start, end) are compared, by the files that have them; other dead letters are left alone.
    pub is_part: bool,
    pub columns: &'a Columns,
    pub format: &'a Format,
}

/// What was found of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub partition: i32,
    /// Offsets that were compared with the log: [start, end).
    pub start: i64,
    pub end: i64,
    /// Rows in the table.
    pub rows: u64,
    /// Of these, rows of records that the log has no more: only that each is there once could be told.
    pub before_log: u64,
    /// Rows that stand for a batch that cannot be decoded.
    pub undecodable: u64,
    /// Records that did not parse and are rows of the table of dead letters.
    pub dead_letters: u64,
    /// Records without a row that did not parse, as `lake.bad.records=drop` wants it.
    pub dropped: u64,
    /// Ranges that the table is known not to have: the log had lost them before they were converted.
    pub gaps: Vec<(i64, i64)>,
    pub missing: u64,
    pub duplicated: u64,
    pub different: u64,
    /// The first findings, in words.
    pub examples: Vec<String>,
}

impl Report {
    pub fn is_ok(&self) -> bool {
        self.missing == 0 && self.duplicated == 0 && self.different == 0
    }

    fn example(&mut self, text: impl FnOnce() -> String) {
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(text());
        }
    }
}

struct Comparison<'a, S> {
    of: &'a Partition<'a>,
    log: Log<S>,
    report: Report,
    /// The last offset that a row had.
    last: i64,
    last_append_us: i64,
    /// A file said that records were dropped.
    drops: bool,
    /// Offsets of dead letters in order, with a hash of what they say, and whether a record was found for them.
    dead: Vec<(i64, u64, bool)>,
    /// For records that have no row: whether they parse.
    parser: Option<Decoder>,
}

/// Compares one partition. `progress` is told how many rows have been read.
pub async fn verify(
    store: &Store,
    of: &Partition<'_>,
    source: impl Source,
    is_stopped: impl Fn() -> bool,
    mut progress: impl FnMut(u64),
) -> Result<Report, VerifyError> {
    let report = Report {
        partition: of.partition,
        start: of.start,
        end: of.end,
        gaps: of.gaps.to_vec(),
        ..Report::default()
    };
    let mut files: Vec<((FileName, String), i64)> = Vec::new();
    for f in of.files {
        let file = store.path_of(&f.path).and_then(|path| Some((FileName::parse(&path)?, path)));
        files.push((file.ok_or_else(|| StoreError::NotOurs(f.path.clone()))?, f.bytes));
    }
    files.sort_by_key(|((name, _), _)| (name.base, name.end));
    let mut c = Comparison {
        of,
        log: Log::new(source, of.start, of.end),
        report,
        last: -1,
        last_append_us: i64::MIN,
        drops: false,
        dead: dead_letters(store, of).await?,
        parser: of.format.decoder(of.columns),
    };
    for some in at_once(files) {
        let paths: Vec<&str> = some.iter().map(|(_, path)| path.as_str()).collect();
        let opened = DataFileRows::open_all(store, &paths, of.columns).await;
        for ((name, path), opened) in some.iter().zip(opened) {
            match opened {
                Ok(rows) => c.file(path, name.day, rows, &is_stopped, &mut progress)?,
                Err(Unreadable::Store(e)) => return Err(e.into()),
                Err(Unreadable::Lost(why)) => c.report.example(|| why),
            }
        }
    }
    c.finish()
}

/// What a dead letter must have of its record.
type Letter<'a> = (
    (i64, Option<i64>, Option<i32>, Option<i64>, Option<(i64, i32, i32)>),
    (Option<&'a [u8]>, Option<&'a [u8]>, &'a [(String, Option<Vec<u8>>)]),
);

fn hash(letter: Letter<'_>) -> u64 {
    let mut h = DefaultHasher::new();
    letter.hash(&mut h);
    h.finish()
}

fn hash_of(w: &Wanted) -> u64 {
    let timestamp = w.timestamp.and_then(Result::ok);
    let facts = (w.offset, timestamp, Some(w.leader_epoch), Some(w.base_offset), w.producer);
    hash((facts, (w.key.as_deref(), w.value.as_deref(), &w.headers)))
}

/// The dead letters of a partition: 24 bytes for each.
async fn dead_letters(store: &Store, of: &Partition<'_>) -> Result<Vec<(i64, u64, bool)>, VerifyError> {
    let mut out = Vec::new();
    let mut files: Vec<(String, i64)> = Vec::new();
    for f in of.dead {
        let path = store.path_of(&f.path).ok_or_else(|| StoreError::NotOurs(f.path.clone()))?;
        files.push((path, f.bytes));
    }
    for some in at_once(files) {
        let paths: Vec<&str> = some.iter().map(String::as_str).collect();
        for opened in DataFileRows::open_all(store, &paths, of.columns).await {
            let mut rows = match opened {
                Ok(rows) => rows,
                Err(Unreadable::Store(e)) => return Err(e.into()),
                // Its records will be missing.
                Err(Unreadable::Lost(_)) => continue,
            };
            while let Ok(Some(b)) = rows.next() {
                letters(&b, of, &mut out);
            }
        }
    }
    out.sort_unstable();
    Ok(out)
}

fn letters(b: &Batch, of: &Partition<'_>, out: &mut Vec<(i64, u64, bool)>) {
    for (row, offset) in b.offset.iter().enumerate() {
        let facts = (*offset, b.timestamp(row), b.leader_epoch(row), b.base_offset(row), b.producer(row));
        let headers = b.headers(row).unwrap_or_default();
        if !of.is_part || (of.start..of.end).contains(offset) {
            out.push((*offset, hash((facts, (b.key(row), b.value(row), &headers))), false));
        }
    }
}

impl<S: Source> Comparison<'_, S> {
    fn file(
        &mut self,
        path: &str,
        day: Day,
        mut rows: DataFileRows,
        is_stopped: &impl Fn() -> bool,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), VerifyError> {
        if rows.dropped > 0 {
            self.drops = true;
            // Whatever the topic's format is by now.
            if let Some(parser) = rows.parser.take() {
                self.parser = Some(parser);
            }
        }
        loop {
            if is_stopped() {
                return Err(VerifyError::Stopped);
            }
            match rows.next() {
                Ok(Some(batch)) if self.is_behind(&batch) => return Ok(()),
                Ok(Some(batch)) => self.batch(&batch, &mut rows, day)?,
                Ok(None) => return Ok(()),
                Err(why) => {
                    self.report.example(|| format!("{path} is broken: {why}"));
                    return Ok(());
                }
            }
            progress(self.report.rows);
        }
    }

    /// Nothing from here on is compared.
    fn is_behind(&self, b: &Batch) -> bool {
        self.of.is_part && b.offset.first().is_some_and(|o| *o >= self.of.end)
    }

    fn batch(&mut self, b: &Batch, file: &mut DataFileRows, day: Day) -> Result<(), VerifyError> {
        // What the log has for each row, for the typed columns.
        let mut wanted: Vec<Option<Wanted>> = Vec::with_capacity(b.len());
        for row in 0..b.len() {
            let want = self.row(b, row, day)?;
            wanted.push(want);
        }
        let derived = derive(&wanted, file);
        let suspects: Vec<(ArrayRef, ArrayRef)> = match &derived {
            Some(d) => suspects(b, d, file),
            None => Vec::new(),
        };
        for (row, want) in wanted.iter().enumerate() {
            let Some(want) = want else { continue };
            let problem = derived.as_ref().is_some_and(|d| d.problems.contains(&row));
            let why = difference(b, row, want, problem, file.columns.rest().is_some())
                .or_else(|| typed_difference(row, &suspects));
            if let Some(why) = why {
                self.report.different += 1;
                let offset = want.offset;
                self.report.example(|| format!("offset {offset}: {why}"));
            }
        }
        Ok(())
    }

    /// Finds the log's record for a row; none if there is nothing to compare it with.
    fn row(&mut self, b: &Batch, row: usize, day: Day) -> Result<Option<Wanted>, VerifyError> {
        let (Some(offset), Some(append_us), Some(partition)) =
            (b.offset.get(row).copied(), b.append_us.get(row).copied(), b.partition.get(row).copied())
        else {
            return Ok(None);
        };
        if self.of.is_part && !(self.of.start..self.of.end).contains(&offset) {
            return Ok(None);
        }
        self.report.rows += 1;
        if offset <= self.last {
            self.report.duplicated += 1;
            self.report.example(|| format!("offset {offset} is there more than once"));
            return Ok(None);
        }
        self.last = offset;
        let is_placed = partition == self.of.partition
            && append_us >= self.last_append_us
            && Day::of_ms(append_us.div_euclid(1000)) == day
            && offset < self.of.end;
        self.last_append_us = append_us.max(self.last_append_us);
        if !is_placed {
            self.report.different += 1;
            self.report.example(|| {
                format!("offset {offset}: partition {partition}, append time {append_us} us or the offset is not the file's")
            });
        }
        if offset < self.of.start {
            self.report.before_log += 1;
            return Ok(None);
        }
        loop {
            let next = self.log.peek()?.map(|w| (w.offset, w.undecodable_to));
            match next {
                Some((first, Some(last))) if (first..=last).contains(&offset) => {
                    self.report.undecodable += 1;
                    return Ok(self.log.take().map(|w| Wanted { offset, ..w }));
                }
                Some((first, _)) if first == offset => return Ok(self.log.take()),
                Some((first, _)) if first < offset => self.without_row(),
                _ if self.log.has_lost(offset) => {
                    self.report.before_log += 1;
                    return Ok(None);
                }
                _ => {
                    self.report.different += 1;
                    self.report.example(|| format!("offset {offset} is in the table and not in the log"));
                    return Ok(None);
                }
            }
        }
    }

    /// The log's next record has no row.
    fn without_row(&mut self) {
        let Some(want) = self.log.take() else { return };
        let offset = want.offset;
        // A batch may reach into the part, or out of it; one that cannot be decoded has its row where it begins.
        let at = if want.undecodable_to.is_some() { want.base_offset } else { offset };
        if self.of.is_part && !(self.of.start..self.of.end).contains(&at) {
            return;
        }
        if self.of.gaps.iter().any(|(from, to)| (*from..*to).contains(&offset)) {
            return;
        }
        if let Ok(at) = self.dead.binary_search_by_key(&offset, |(offset, ..)| *offset)
            && let Some((_, hash, is_found)) = self.dead.get_mut(at)
        {
            *is_found = true;
            if *hash == hash_of(&want) {
                self.report.dead_letters += 1;
            } else {
                self.report.different += 1;
                self.report.example(|| format!("offset {offset}: the dead letter differs"));
            }
            return;
        }
        let may_drop = self.drops || self.of.format.bad == BadRecords::Drop;
        if may_drop && want.undecodable_to.is_none() && !self.parses(want.value.as_deref()) {
            self.report.dropped += 1;
            return;
        }
        self.report.missing += 1;
        self.report.example(|| format!("offset {offset} is missing"));
    }

    fn parses(&mut self, value: Option<&[u8]>) -> bool {
        let Some(parser) = &mut self.parser else { return true };
        parser.push(value);
        parser.finish().is_ok_and(|d| d.problems.is_empty())
    }

    fn finish(mut self) -> Result<Report, VerifyError> {
        while self.log.peek()?.is_some() {
            self.without_row();
        }
        // Dead letters that no record was found for: there twice, in the table as well, or of nothing.
        for (offset, ..) in std::mem::take(&mut self.dead).into_iter().filter(|(.., is_found)| !is_found) {
            if offset >= self.of.start && !self.log.has_lost(offset) {
                self.report.different += 1;
                self.report.example(|| format!("offset {offset} is a dead letter and should not be"));
            }
        }
        Ok(self.report)
    }
}

/// Typed columns as the log's values give them.
struct Derived {
    columns: Vec<ArrayRef>,
    /// Rows whose values do not parse.
    problems: Vec<usize>,
}

fn derive(wanted: &[Option<Wanted>], file: &mut DataFileRows) -> Option<Derived> {
    let decoder = file.decoder.as_mut()?;
    let value =
        |w: &Option<Wanted>| w.as_ref().filter(|w| w.undecodable_to.is_none()).and_then(|w| w.value.clone());
    let values: BinaryArray = wanted.iter().map(value).collect();
    decoder.decode(&values, |_| true);
    let decoded = decoder.finish().ok()?;
    let mut columns = decoded.columns;
    if let (Some(at), Some(rest)) = (file.columns.rest(), decoded.rest)
        && let Some(column) = columns.get_mut(at)
    {
        *column = rest;
    }
    Some(Derived { columns, problems: decoded.problems.into_iter().map(|(row, _)| row).collect() })
}

/// What is different in the frozen columns.
fn difference(b: &Batch, row: usize, want: &Wanted, problem: bool, replaces: bool) -> Option<&'static str> {
    let is_bad_time = want.timestamp == Some(Err(()));
    let timestamp = want.timestamp.and_then(Result::ok);
    let is_undecodable = want.undecodable_to.is_some();
    // Typed columns stand for the value.
    let replaced = replaces && !problem && !is_undecodable;
    let mut attributes = want.attributes;
    if replaces {
        attributes |= if want.value.is_none() { VALUE_WAS_NULL } else { 0 };
        attributes |= if want.key.is_none() { KEY_WAS_NULL } else { 0 };
    }
    let value = want.value.as_deref().filter(|_| !replaced);
    match () {
        () if b.timestamp(row) != timestamp => Some("kafka_timestamp differs"),
        () if b.leader_epoch(row) != Some(want.leader_epoch) => Some("kafka_leader_epoch differs"),
        () if b.attributes(row) != Some(attributes) => Some("kafka_attributes differs"),
        () if b.base_offset(row) != Some(want.base_offset) => Some("kafka_batch_base_offset differs"),
        () if b.producer(row) != want.producer => Some("the producer's id, epoch or sequence differs"),
        () if b.key(row) != want.key.as_deref() => Some("kafka_key differs"),
        () if b.value(row) != value => Some("kafka_value differs"),
        () if b.headers(row).as_ref() != Some(&want.headers) => Some("kafka_headers differs"),
        () if b.has_error(row) != (problem || is_bad_time || is_undecodable) => Some("kafka_error differs"),
        () => None,
    }
}

/// Typed columns of the file, each beside what the log gives, that are not equal as a whole.
fn suspects(b: &Batch, d: &Derived, file: &DataFileRows) -> Vec<(ArrayRef, ArrayRef)> {
    let mut out = Vec::new();
    for (column, want) in file.columns.list().iter().zip(&d.columns) {
        let Some(found) = b.typed(&column.name) else { continue };
        if found.data_type() != want.data_type() || found.to_data() != want.to_data() {
            out.push((found.clone(), want.clone()));
        }
    }
    out
}

fn typed_difference(row: usize, suspects: &[(ArrayRef, ArrayRef)]) -> Option<&'static str> {
    let is_same = |(found, want): &(ArrayRef, ArrayRef)| {
        found.data_type() == want.data_type() && found.slice(row, 1).to_data() == want.slice(row, 1).to_data()
    };
    if suspects.iter().all(is_same) { None } else { Some("a typed column differs") }
}

#[cfg(test)]
mod verify_test;
