//! The rows of one data file, and what its footer says of how they were made.
//!
//! Invariants: a file in a local folder is read in place; from a store it is fetched whole, at most `FILE_BYTES_MAX`, and
//! small ones a few at once, at most `AHEAD_BYTES` of them; what is no file of ours is an error in words. Called by
//! `verify`.

use crate::iceberg::schema::id_of;
use crate::parquet::{CSV_HEADER, DROPPED, VALUE_FORMAT, batch_rows};
use crate::schema;
use crate::store::{Store, StoreError};
use crate::typed::{Columns, Decoder};
use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use futures::future::join_all;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;

const FILE_BYTES_MAX: u64 = 1 << 30;
/// Files that are fetched at once: a table of many small ones would otherwise take a round trip for each.
const AHEAD: usize = 8;
const AHEAD_BYTES: i64 = 32 << 20;
/// Rows that are compared at once.
const ROWS: usize = 2_048;

pub struct DataFileRows {
    reader: ParquetRecordBatchReader,
    /// The typed columns that the file has.
    pub columns: Columns,
    pub decoder: Option<Decoder>,
    /// Tells which values were dropped.
    pub parser: Option<Decoder>,
    pub dropped: u64,
}

/// Why a file cannot be compared.
pub enum Unreadable {
    /// The store did not answer: nobody knows.
    Store(StoreError),
    /// It is gone, or broken: its rows are not in the table.
    Lost(String),
}

/// Cuts files, each with its size, where the next ones are fetched.
pub fn at_once<T>(files: Vec<(T, i64)>) -> Vec<Vec<T>> {
    let mut out: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0_i64;
    for (file, size) in files {
        bytes = size.saturating_add(bytes);
        match out.last_mut() {
            Some(last) if last.len() < AHEAD && bytes <= AHEAD_BYTES => last.push(file),
            _ => {
                bytes = size;
                out.push(vec![file]);
            }
        }
    }
    out
}

impl DataFileRows {
    /// Opens files that `at_once` put together; each may be unreadable by itself.
    pub async fn open_all(
        store: &Store,
        paths: &[&str],
        table: &Columns,
    ) -> Vec<Result<DataFileRows, Unreadable>> {
        join_all(paths.iter().map(|path| Self::open(store, path, table))).await
    }

    async fn open(store: &Store, path: &str, table: &Columns) -> Result<DataFileRows, Unreadable> {
        let lost = |e: &dyn std::fmt::Display| Unreadable::Lost(format!("{path}: {e}"));
        if let Some(local) = store.local_path(path) {
            let file = std::fs::File::open(local).map_err(|e| match e.kind() {
                std::io::ErrorKind::NotFound => lost(&e),
                _ => Unreadable::Store(StoreError::Io { path: path.to_string(), source: e }),
            })?;
            return Self::of(file, table).map_err(|e| lost(&e));
        }
        let bytes = store.get(path, FILE_BYTES_MAX).await.map_err(Unreadable::Store)?;
        Self::of(bytes.ok_or_else(|| lost(&"it is gone"))?, table).map_err(|e| lost(&e))
    }

    fn of<T: ChunkReader + 'static>(input: T, table: &Columns) -> Result<DataFileRows, String> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(input).map_err(|e| e.to_string())?;
        let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        let pair = |key: &str| pairs.iter().find(|p| p.key == key).and_then(|p| p.value.clone());
        let ids: Vec<i32> = builder.schema().fields().iter().map(|f| id_of(f)).collect();
        let mut mine = Vec::new();
        for id in ids.into_iter().filter(|id| *id >= 100) {
            let column = table.list().iter().find(|c| c.id == id);
            mine.push(column.cloned().ok_or_else(|| format!("the table has no column with the id {id}"))?);
        }
        let columns = Columns::new(mine);
        let rest = columns.rest().is_some();
        let made = || -> Result<Option<Decoder>, String> {
            Ok(match (pair(VALUE_FORMAT).as_deref(), pair(CSV_HEADER)) {
                (None, _) => None,
                (Some("csv"), Some(header)) => {
                    Some(Decoder::csv(&columns, rest, &header).map_err(|e| e.to_string())?)
                }
                (Some(_), _) => Some(Decoder::json(&columns, rest)),
            })
        };
        // One without typed columns says only how the values were read that have no row.
        let decoder = if columns.is_empty() { None } else { made()? };
        let parser = made()?;
        let dropped = pair(DROPPED).and_then(|n| n.parse().ok()).unwrap_or(0);
        let rows = batch_rows(builder.metadata(), ROWS);
        let reader = builder.with_batch_size(rows).build().map_err(|e| e.to_string())?;
        Ok(DataFileRows { reader, columns, decoder, parser, dropped })
    }

    pub fn next(&mut self) -> Result<Option<Batch>, String> {
        match self.reader.next() {
            None => Ok(None),
            Some(Ok(b)) => Batch::of(b).map(Some),
            Some(Err(e)) => Err(e.to_string()),
        }
    }
}

/// Some rows, with the frozen columns at hand.
pub struct Batch {
    all: RecordBatch,
    pub partition: Vec<i32>,
    pub offset: Vec<i64>,
    pub append_us: Vec<i64>,
    pub key: BinaryArray,
    pub value: BinaryArray,
    pub error: StringArray,
}

/// A value, or null.
fn get<T, A: Array>(a: &A, row: usize, value: impl Fn(&A, usize) -> T) -> Option<T> {
    a.is_valid(row).then(|| value(a, row))
}

impl Batch {
    fn of(all: RecordBatch) -> Result<Batch, String> {
        let column = |name: &str| all.column_by_name(name).ok_or_else(|| format!("no column {name}"));
        let wrong = |name: &str| format!("column {name} has another type");
        let longs = |name: &str| -> Result<Vec<i64>, String> {
            Ok(column(name)?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong(name))?.values().to_vec())
        };
        let blob = |name: &str| -> Result<BinaryArray, String> {
            Ok(column(name)?.as_binary_opt::<i32>().ok_or_else(|| wrong(name))?.clone())
        };
        let partition = column(schema::PARTITION)?.as_primitive_opt::<Int32Type>();
        let append = column(schema::APPEND_TIME)?.as_primitive_opt::<TimestampMicrosecondType>();
        let error = column(schema::ERROR)?.as_string_opt::<i32>();
        Ok(Batch {
            partition: partition.ok_or_else(|| wrong(schema::PARTITION))?.values().to_vec(),
            offset: longs(schema::OFFSET)?,
            append_us: append.ok_or_else(|| wrong(schema::APPEND_TIME))?.values().to_vec(),
            key: blob(schema::KEY)?,
            value: blob(schema::VALUE)?,
            error: error.ok_or_else(|| wrong(schema::ERROR))?.clone(),
            all,
        })
    }

    pub fn len(&self) -> usize {
        self.offset.len()
    }

    pub fn typed(&self, name: &str) -> Option<&ArrayRef> {
        self.all.column_by_name(name)
    }

    fn int(&self, name: &str, row: usize) -> Option<i32> {
        get(self.all.column_by_name(name)?.as_primitive_opt::<Int32Type>()?, row, |a, i| a.value(i))
    }

    fn long(&self, name: &str, row: usize) -> Option<i64> {
        get(self.all.column_by_name(name)?.as_primitive_opt::<Int64Type>()?, row, |a, i| a.value(i))
    }

    pub fn timestamp(&self, row: usize) -> Option<i64> {
        let a = self.all.column_by_name(schema::TIMESTAMP)?.as_primitive_opt::<TimestampMicrosecondType>()?;
        get(a, row, |a, i| a.value(i))
    }

    pub fn leader_epoch(&self, row: usize) -> Option<i32> {
        self.int(schema::LEADER_EPOCH, row)
    }

    pub fn attributes(&self, row: usize) -> Option<i32> {
        self.int(schema::ATTRIBUTES, row)
    }

    pub fn base_offset(&self, row: usize) -> Option<i64> {
        self.long(schema::BATCH_BASE_OFFSET, row)
    }

    pub fn producer(&self, row: usize) -> Option<(i64, i32, i32)> {
        let (epoch, sequence) = (self.int(schema::PRODUCER_EPOCH, row), self.int(schema::BASE_SEQUENCE, row));
        Some((self.long(schema::PRODUCER_ID, row)?, epoch?, sequence?))
    }

    pub fn key(&self, row: usize) -> Option<&[u8]> {
        self.key.is_valid(row).then(|| self.key.value(row))
    }

    pub fn value(&self, row: usize) -> Option<&[u8]> {
        self.value.is_valid(row).then(|| self.value.value(row))
    }

    pub fn has_error(&self, row: usize) -> bool {
        self.error.is_valid(row)
    }

    /// Headers; `None` if the column is not as it should be.
    pub fn headers(&self, row: usize) -> Option<Vec<(String, Option<Vec<u8>>)>> {
        let lists = self.all.column_by_name(schema::HEADERS)?.as_list_opt::<i32>()?;
        if lists.is_null(row) {
            return None;
        }
        let pairs = lists.value(row);
        let pairs = pairs.as_struct_opt()?;
        let keys = pairs.column_by_name("key")?.as_string_opt::<i32>()?.clone();
        let values = pairs.column_by_name("value")?.as_binary_opt::<i32>()?.clone();
        let one =
            |i: usize| (keys.value(i).to_string(), values.is_valid(i).then(|| values.value(i).to_vec()));
        Some((0..pairs.len()).map(one).collect())
    }
}
