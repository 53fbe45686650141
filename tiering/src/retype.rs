//! Rows of a data file, written again with other typed columns: for what the log has no more.
//!
//! Invariants: the new files have the rows of the old one in the same order, but for such as do not parse and are to be no
//! rows; a file without the values (`lake.format=typed`) cannot be read in another way and is left as it is; nothing is
//! committed. Called by the rebuild of a table, on a thread of its own.

use crate::compact::{BATCH_ROWS, INPUT_BYTES_MAX};
use crate::convert::{Attempts, Conversion, ConvertError, Converted, Range};
use crate::layout::{Day, FileName};
use crate::parquet::{CSV_HEADER, DROPPED, VALUE_FORMAT, batch_rows};
use crate::pool::StopFlag;
use crate::rows::Rows;
use crate::schema;
use crate::store::{Store, StoreError};
use crate::typed::{ColumnSource, Columns, Shaper};
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::ChunkReader;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::error::ArrowError;
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum RetypeError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0} is gone")]
    Gone(String),
    #[error("{0}: {1}")]
    Parquet(String, ParquetError),
    #[error("{0}: {1}")]
    Arrow(String, ArrowError),
    #[error("{0} has other columns than every table of a topic")]
    Columns(String),
    #[error("{0}")]
    Convert(#[from] ConvertError),
}

/// Writes the rows of one file again that are in `range`, which ends where the file does. `None`: it cannot be read in another way. `columns`
/// are all typed columns of the table.
pub async fn retype<S: ColumnSource>(
    range: &Range,
    path: &str,
    columns: &Columns,
    shaper: Shaper<S>,
    store: &Arc<Store>,
    attempts: &Attempts,
    stop: &StopFlag,
) -> Result<Option<Converted>, RetypeError> {
    let day = FileName::parse(path).map(|n| n.day).ok_or_else(|| StoreError::NotOurs(path.to_string()))?;
    let c = Conversion::new(range, shaper, store, attempts);
    let rest = columns.rest().and_then(|at| columns.list().get(at)).map(|c| c.name.as_str());
    let job = Retyping { path, day, start: range.start, to: range.to, rest, stop };
    match store.local_path(path) {
        Some(local) => {
            let source = std::fs::File::open(&local).map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => RetypeError::Gone(path.to_string()),
                _ => StoreError::Io { path: path.to_string(), source }.into(),
            })?;
            job.run(source, c).await
        }
        None => {
            let bytes = store.get(path, INPUT_BYTES_MAX).await?;
            job.run(bytes.ok_or_else(|| RetypeError::Gone(path.to_string()))?, c).await
        }
    }
}

struct Retyping<'a> {
    path: &'a str,
    day: Day,
    start: i64,
    to: i64,
    /// Name of the column that only files without values have.
    rest: Option<&'a str>,
    stop: &'a StopFlag,
}

impl Retyping<'_> {
    async fn run<T: ChunkReader + 'static, S: ColumnSource>(
        &self,
        input: T,
        mut c: Conversion<'_, S>,
    ) -> Result<Option<Converted>, RetypeError> {
        let broken = |e: ParquetError| RetypeError::Parquet(self.path.to_string(), e);
        let builder = ParquetRecordBatchReaderBuilder::try_new(input).map_err(broken)?;
        if self.rest.is_some_and(|name| builder.schema().column_with_name(name).is_some()) {
            return Ok(None);
        }
        let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        let pair = |key: &str| pairs.iter().find(|p| p.key == key).and_then(|p| p.value.clone());
        let dropped = pair(DROPPED).and_then(|n| n.parse().ok()).unwrap_or(0);
        let says = [VALUE_FORMAT, CSV_HEADER].into_iter().filter_map(|key| Some((key, pair(key)?)));
        c.begin_file(self.day, dropped, says.filter(|_| dropped > 0).collect());
        let rows = batch_rows(builder.metadata(), BATCH_ROWS);
        for batch in builder.with_batch_size(rows).build().map_err(broken)? {
            if self.stop.is_set() {
                return Err(ConvertError::Stopped.into());
            }
            let broken = |e| RetypeError::Arrow(self.path.to_string(), e);
            let batch = self.wanted(batch.map_err(broken)?).map_err(broken)?;
            if batch.num_rows() == 0 {
                continue;
            }
            let rows = Rows::of_file(&batch).ok_or_else(|| RetypeError::Columns(self.path.to_string()))?;
            c.add_rows(rows).await?;
        }
        c.cover(self.to);
        Ok(Some(c.finish().await?))
    }

    /// Rows from the range's start on.
    fn wanted(&self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let offsets = batch.column_by_name(schema::OFFSET).and_then(|a| a.as_primitive_opt::<Int64Type>());
        match offsets.map(|o| o.values().partition_point(|o| *o < self.start)) {
            Some(0) | None => Ok(batch),
            Some(n) => Ok(batch.slice(n, batch.num_rows() - n)),
        }
    }
}
