//! One range of one partition: read from the log, given typed columns, written as Parquet, put into the store; nothing is
//! committed.
//!
//! Invariants: the files of a range tile it in offset order, one per day of append time and set of typed columns, none
//! without rows; append
//! times never go back; a name is in `attempts` before its object can exist, so that whatever happens here the
//! caller knows what to remove. Memory is bounded: the log is read in chunks, a file ends at `FILE_BYTES_MAX`, and
//! so does the range then. Runs on a thread of the pool.

use crate::iceberg::manifest::DataFile;
use crate::iceberg::stats;
use crate::layout::{self, Day, FileName};
use crate::parquet::{self as ours, ENCODE_BYTES, FileBuilder, Finished};
use crate::pool::StopFlag;
use crate::rows::{RowBuilder, Rows, Typed};
use crate::steps;
use crate::store::{PutError, Store};
use crate::typed::{BadRecords, ColumnSource, Columns, ShapeError, Shaper, ValueFormat};
use ::parquet::errors::ParquetError;
use arrow::error::ArrowError;
use parking_lot::Mutex;
use protocol::ids::TopicPartition;
use protocol::records::BatchHeader;
use std::sync::Arc;
use storage::LogError;
use storage::read::Chunk;

/// Bytes of log that are read at once. Small, since some file systems make an append wait for a read of its file,
/// and the reader has the lowest priority.
pub const CHUNK_BYTES: u32 = 256 << 10;
/// Bytes of log after which a range ends early.
const LOG_BYTES_MAX: u64 = 128 << 20;
/// Bytes of Parquet after which a file, and with it the range, ends early.
const FILE_BYTES_MAX: usize = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    #[error("reading the log: {0}")]
    Log(#[from] LogError),
    #[error("the log has nothing at {at}, though it should reach {to}")]
    Missing { at: i64, to: i64 },
    #[error("writing Parquet: {0}")]
    Parquet(#[from] ParquetError),
    #[error("building rows: {0}")]
    Arrow(#[from] ArrowError),
    #[error("{0}")]
    Shape(#[from] ShapeError),
    #[error("storing {0}: {1}")]
    Put(String, PutError),
    #[error("the broker stops")]
    Stopped,
}

/// What is to be converted.
#[derive(Clone, Debug)]
pub struct Range {
    /// The table's place below the lake's root.
    pub location: String,
    pub id: TopicPartition,
    /// Offsets [start, to).
    pub start: i64,
    pub to: i64,
    /// Append time of the row before; no row gets an earlier one.
    pub append_floor_ms: i64,
    /// Part of every name.
    pub random: u32,
}

/// What is in the store now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    pub start: i64,
    /// Where it ended: `to`, or earlier at a bound.
    pub end: i64,
    /// Their paths below the lake's root.
    pub files: Vec<String>,
    /// The same files as a manifest names them.
    pub data: Vec<DataFile>,
    /// Files of the table of dead letters; `files` names them, too.
    pub dead: Vec<DataFile>,
    pub rows: u64,
    /// Records that did not parse and have no row.
    pub dropped: u64,
    pub bytes: u64,
    pub append_floor_ms: i64,
}

/// Names that may exist in the store because of a range.
pub type Attempts = Arc<Mutex<Vec<String>>>;

/// Files under construction for one range.
pub(crate) struct Conversion<'a, S> {
    range: &'a Range,
    store: &'a Arc<Store>,
    attempts: &'a Attempts,
    shaper: Shaper<S>,
    /// Rows that are not in a file yet, and the day of these and of the file's.
    rows: RowBuilder,
    day: Day,
    /// The file, and its typed columns.
    file: Option<(Columns, FileBuilder)>,
    /// Records without a row in what the file covers.
    file_dropped: u64,
    /// How these were read, if rows are not read at all.
    dropped_as: Vec<(&'static str, String)>,
    /// Records that did not parse, as rows of the table of dead letters.
    dead: Option<FileBuilder>,
    dead_start: i64,
    /// Where the next file starts.
    file_start: i64,
    /// Everything below is converted.
    at: i64,
    log_bytes: u64,
    done: Converted,
}

/// Converts `range`. `read` gives batches from an offset on, below the range's end.
pub async fn convert<S: ColumnSource>(
    range: &Range,
    shaper: Shaper<S>,
    mut read: impl FnMut(i64) -> Result<Option<Chunk>, LogError>,
    store: &Arc<Store>,
    attempts: &Attempts,
    stop: &StopFlag,
) -> Result<Converted, ConvertError> {
    let mut c = Conversion::new(range, shaper, store, attempts);
    while c.at < range.to && !c.is_full() {
        if stop.is_set() {
            return Err(ConvertError::Stopped);
        }
        let chunk = read(c.at)?.ok_or(ConvertError::Missing { at: c.at, to: range.to })?;
        c.add_chunk(&chunk).await?;
    }
    c.finish().await
}

impl<'a, S: ColumnSource> Conversion<'a, S> {
    pub(crate) fn new(
        range: &'a Range,
        shaper: Shaper<S>,
        store: &'a Arc<Store>,
        attempts: &'a Attempts,
    ) -> Conversion<'a, S> {
        Conversion {
            range,
            store,
            attempts,
            shaper,
            rows: RowBuilder::new(range.id.partition.0, range.start),
            day: Day(0),
            file: None,
            file_dropped: 0,
            dropped_as: Vec::new(),
            dead: None,
            dead_start: range.start,
            file_start: range.start,
            at: range.start,
            log_bytes: 0,
            done: Converted {
                start: range.start,
                append_floor_ms: range.append_floor_ms,
                ..Default::default()
            },
        }
    }

    /// Stores what is under construction: the range ends here.
    pub(crate) async fn finish(mut self) -> Result<Converted, ConvertError> {
        self.end_file().await?;
        self.done.end = self.at;
        Ok(self.done)
    }

    /// Rows of `day` from another file follow; for the file as a whole, this many records had no row, since they were read
    /// as it `says`.
    pub(crate) fn begin_file(&mut self, day: Day, dropped: u64, says: Vec<(&'static str, String)>) {
        (self.day, self.file_dropped, self.dropped_as) = (day, dropped, says);
    }

    /// Adds rows of another file.
    pub(crate) async fn add_rows(&mut self, rows: Rows) -> Result<(), ConvertError> {
        if self.is_full() {
            self.close(rows.first_offset().unwrap_or(self.at)).await?;
        }
        self.encode_rows(rows).await
    }

    /// Everything below is converted.
    pub(crate) fn cover(&mut self, end: i64) {
        self.at = self.at.max(end);
    }

    fn is_full(&self) -> bool {
        let file = self.file.as_ref().map_or(0, |(_, f)| f.size());
        self.log_bytes >= LOG_BYTES_MAX || file + self.rows.bytes() / 4 >= FILE_BYTES_MAX
    }

    async fn add_chunk(&mut self, chunk: &Chunk) -> Result<(), ConvertError> {
        let (before, mut position) = (self.at, 0usize);
        while !self.is_full() {
            let rest = chunk.bytes.get(position..).unwrap_or_default();
            let Some(h) = BatchHeader::read(rest) else { break };
            let Some(batch) = h.total_len().and_then(|n| rest.get(..n)) else { break };
            // The log's order is the only thing that is taken on trust from a header without a CRC.
            if h.last_offset() < self.at || h.base_offset >= self.range.to {
                let why = format!("batch {}..{} at {}", h.base_offset, h.last_offset(), self.at);
                return Err(LogError::Corrupt(why).into());
            }
            let append_ms = match h.is_log_append_time() {
                true => h.max_timestamp,
                false => chunk.append_ms(position),
            };
            self.add_batch(&h, batch, append_ms).await?;
            position += batch.len();
        }
        // Whoever reads on from the same place would do so for ever.
        if self.at == before {
            return Err(ConvertError::Missing { at: self.at, to: self.range.to });
        }
        Ok(())
    }

    async fn add_batch(&mut self, h: &BatchHeader, batch: &[u8], append_ms: i64) -> Result<(), ConvertError> {
        let append_ms = append_ms.max(self.done.append_floor_ms).max(0);
        self.done.append_floor_ms = append_ms;
        let day = Day::of_ms(append_ms);
        if day != self.day {
            self.end_file().await?;
            self.day = day;
        }
        self.rows.push(h, batch, append_ms);
        self.at = h.next_offset();
        self.log_bytes += batch.len() as u64;
        if self.rows.bytes() >= ENCODE_BYTES { self.encode().await } else { Ok(()) }
    }

    /// Moves the rows so far into the file; the one before ends if they have other typed columns.
    async fn encode(&mut self) -> Result<(), ConvertError> {
        if self.rows.rows() == 0 {
            return Ok(());
        }
        let rows = self.rows.take()?;
        self.encode_rows(rows).await
    }

    async fn encode_rows(&mut self, rows: Rows) -> Result<(), ConvertError> {
        let typed = self.shaper.shape(&rows).await?;
        let (first, columns) = (rows.first_offset().unwrap_or(self.at), self.shaper.columns().clone());
        if self.file.as_ref().is_some_and(|(has, _)| *has != columns) {
            self.close(first).await?;
        }
        let bad = self.set_aside(&rows, typed.as_ref())?;
        let file = match &mut self.file {
            Some((_, file)) => file,
            none => {
                let id = &self.range.id;
                let mut file = FileBuilder::new(id.topic, id.partition.0, self.file_start, &columns)?;
                if !columns.is_empty() {
                    describe(&mut file, &self.shaper.format().value);
                } else {
                    self.dropped_as.iter().for_each(|(key, value)| file.say(key, value.clone()));
                }
                &mut none.insert((columns, file)).1
            }
        };
        file.write(rows, typed, &bad)?;
        steps::reached(steps::ENCODE);
        Ok(())
    }

    /// Sees to rows that did not parse and are to be no rows of the table; returns which these are.
    fn set_aside(&mut self, rows: &Rows, typed: Option<&Typed>) -> Result<Vec<usize>, ConvertError> {
        let bad: Vec<usize> = typed.iter().flat_map(|t| &t.problems).map(|(row, _)| *row).collect();
        match self.shaper.format().bad {
            _ if bad.is_empty() => {}
            BadRecords::Drop => self.file_dropped += bad.len() as u64,
            BadRecords::Dlq => {
                let id = &self.range.id;
                let file = match &mut self.dead {
                    Some(file) => file,
                    none => none.insert(FileBuilder::new(
                        id.topic,
                        id.partition.0,
                        self.dead_start,
                        &Columns::default(),
                    )?),
                };
                let problems = typed.map(|t| t.problems.clone()).unwrap_or_default();
                file.write_only(rows.clone(), problems, &bad)?;
            }
            BadRecords::Raw | BadRecords::Suspend => return Ok(Vec::new()),
        }
        Ok(bad)
    }

    /// Puts the file that is under construction, with the rows so far; it covers everything up to here.
    async fn end_file(&mut self) -> Result<(), ConvertError> {
        self.encode().await?;
        self.close(self.at).await?;
        self.close_dead(self.at).await
    }

    /// Puts the dead letters of the day, if there are any.
    async fn close_dead(&mut self, end: i64) -> Result<(), ConvertError> {
        let Some(file) = self.dead.take() else { return Ok(()) };
        let location = layout::dead_letters(&self.range.location, &self.range.id.topic.to_string());
        let (path, described, _) = self.put(file, self.dead_start, end, &location).await?;
        self.done.dead.push(described);
        self.done.files.push(path);
        self.dead_start = end;
        Ok(())
    }

    /// Completes a file and stores it: its path, its entry, its rows.
    async fn put(
        &self,
        file: FileBuilder,
        base: i64,
        end: i64,
        location: &str,
    ) -> Result<(String, DataFile, u64), ConvertError> {
        let Finished { parts, rows, leader_epoch, footer } = file.finish(end)?;
        let (partition, random) = (self.range.id.partition.0, self.range.random);
        let name = FileName { day: self.day, partition, base, end, leader_epoch, random };
        let path = name.path(location);
        let bytes: usize = parts.iter().map(|p| p.len()).sum();
        self.attempts.lock().push(path.clone());
        steps::reached(steps::PUT);
        self.store.put(&path, parts).await.map_err(|e| ConvertError::Put(path.clone(), e))?;
        steps::reached(steps::PUT_REPLY);
        let described = stats::data_file(self.store.uri(&path), self.day.0, bytes as i64, &footer);
        Ok((path, described, rows as u64))
    }

    /// Puts the file that is under construction, if it has rows; it covers everything up to `end`.
    async fn close(&mut self, end: i64) -> Result<(), ConvertError> {
        let dropped = std::mem::take(&mut self.file_dropped);
        self.done.dropped += dropped;
        let Some((_, mut file)) = self.file.take().filter(|(_, f)| f.rows() > 0) else { return Ok(()) };
        if dropped > 0 {
            file.say(ours::DROPPED, dropped.to_string());
        }
        let (path, described, rows) = self.put(file, self.file_start, end, &self.range.location).await?;
        self.done.bytes += described.bytes as u64;
        self.done.data.push(described);
        self.done.files.push(path);
        self.done.rows += rows;
        self.file_start = end;
        Ok(())
    }
}

/// Says in the footer how values became typed columns, for whoever decodes them once more.
fn describe(file: &mut FileBuilder, value: &ValueFormat) {
    match value {
        ValueFormat::Auto | ValueFormat::Json => file.say(ours::VALUE_FORMAT, "json".into()),
        ValueFormat::Csv(header) => {
            file.say(ours::VALUE_FORMAT, "csv".into());
            file.say(ours::CSV_HEADER, header.clone());
        }
    }
}
