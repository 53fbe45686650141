//! One range of one partition: read from the log, written as Parquet, put into the store; nothing is committed.
//!
//! Invariants: the files of a range tile it in offset order, one per day of append time, none without rows; append
//! times never go back; a name is in `attempts` before its object can exist, so that whatever happens here the
//! caller knows what to remove. Memory is bounded: the log is read in chunks, a file ends at `FILE_BYTES_MAX`, and
//! so does the range then. Runs on a thread of the pool.

use crate::iceberg::manifest::DataFile;
use crate::iceberg::stats;
use crate::layout::{Day, FileName};
use crate::parquet::{FileBuilder, Finished};
use crate::pool::StopFlag;
use crate::store::{PutError, Store};
use ::parquet::errors::ParquetError;
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
    pub rows: u64,
    pub bytes: u64,
    pub append_floor_ms: i64,
}

/// Names that may exist in the store because of a range.
pub type Attempts = Arc<Mutex<Vec<String>>>;

struct Conversion<'a> {
    range: &'a Range,
    store: &'a Arc<Store>,
    attempts: &'a Attempts,
    file: Option<(Day, FileBuilder)>,
    /// Where the next file starts.
    file_start: i64,
    /// Everything below is converted.
    at: i64,
    log_bytes: u64,
    done: Converted,
}

/// Converts `range`. `read` gives batches from an offset on, below the range's end.
pub async fn convert(
    range: &Range,
    mut read: impl FnMut(i64) -> Result<Option<Chunk>, LogError>,
    store: &Arc<Store>,
    attempts: &Attempts,
    stop: &StopFlag,
) -> Result<Converted, ConvertError> {
    let mut c = Conversion {
        range,
        store,
        attempts,
        file: None,
        file_start: range.start,
        at: range.start,
        log_bytes: 0,
        done: Converted { start: range.start, append_floor_ms: range.append_floor_ms, ..Default::default() },
    };
    while c.at < range.to && !c.is_full() {
        if stop.is_set() {
            return Err(ConvertError::Stopped);
        }
        let chunk = read(c.at)?.ok_or(ConvertError::Missing { at: c.at, to: range.to })?;
        c.add_chunk(&chunk).await?;
    }
    c.end_file().await?;
    c.done.end = c.at;
    Ok(c.done)
}

impl Conversion<'_> {
    fn is_full(&self) -> bool {
        self.log_bytes >= LOG_BYTES_MAX || self.file.as_ref().is_some_and(|(_, f)| f.size() >= FILE_BYTES_MAX)
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
        if self.file.as_ref().is_some_and(|(d, f)| *d != day && f.rows() > 0) {
            self.end_file().await?;
        }
        let file = match &mut self.file {
            Some((d, f)) => {
                *d = day;
                f
            }
            none => {
                let id = &self.range.id;
                let f = FileBuilder::new(id.topic, id.partition.0, self.file_start)?;
                &mut none.insert((day, f)).1
            }
        };
        file.push(h, batch, append_ms)?;
        self.at = h.next_offset();
        self.log_bytes += batch.len() as u64;
        Ok(())
    }

    /// Puts the file that is under construction, if it has rows; it covers everything up to here.
    async fn end_file(&mut self) -> Result<(), ConvertError> {
        let Some((day, file)) = self.file.take().filter(|(_, f)| f.rows() > 0) else { return Ok(()) };
        let Finished { parts, rows, leader_epoch, footer } = file.finish(self.at)?;
        let name = FileName {
            day,
            partition: self.range.id.partition.0,
            base: self.file_start,
            end: self.at,
            leader_epoch,
            random: self.range.random,
        };
        let path = name.path(&self.range.location);
        let bytes: usize = parts.iter().map(|p| p.len()).sum();
        self.attempts.lock().push(path.clone());
        self.store.put(&path, parts).await.map_err(|e| ConvertError::Put(path.clone(), e))?;
        self.done.data.push(stats::data_file(self.store.uri(&path), day.0, bytes as i64, &footer));
        self.done.files.push(path);
        self.done.rows += rows as u64;
        self.done.bytes += bytes as u64;
        self.file_start = self.at;
        Ok(())
    }
}
