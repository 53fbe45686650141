//! Gives rows their typed columns: decodes, finds out which columns are missing, has them added, decodes again.
//!
//! Invariants: a column exists in the table's record before a file has it; a file's columns are those of its first
//! rows. With `lake.value.format=auto` a table has no typed columns until most values of a batch are JSON objects, and
//! until then nothing is wrong with values that are none. Called by the conversion for every batch of rows.

use super::columns::{Columns, NewColumn};
use super::format::{BadRecords, Format, ValueFormat};
use super::infer::{Options, infer, rest_column};
use super::json::{Decoded, Decoder};
use crate::rows::{Rows, Typed};
use arrow::error::ArrowError;
use std::sync::Arc;

/// Times that a batch is decoded again because somebody else added columns, too.
const TRIES: usize = 8;

/// Where a table's columns are kept.
pub trait ColumnSource {
    /// All typed columns of the table.
    fn columns(&self) -> Columns;
    /// Adds columns if there still are `have`; returns all there are then, by whomever.
    fn add(&self, have: usize, new: Vec<NewColumn>) -> impl Future<Output = Result<Columns, String>>;
}

#[derive(Debug, thiserror::Error)]
pub enum ShapeError {
    #[error("typed columns: {0}")]
    Arrow(#[from] ArrowError),
    #[error("adding columns to the table: {0}")]
    Columns(String),
    #[error("offset {0}: {1}; lake.bad.records=suspend: repair it by another setting, or delete the record")]
    Suspended(i64, String),
}

pub struct Shaper<S> {
    format: Arc<Format>,
    source: S,
    all: Columns,
    /// Those that this format fills.
    active: Columns,
    decoder: Option<Decoder>,
}

impl<S: ColumnSource> Shaper<S> {
    pub fn new(format: Arc<Format>, source: S) -> Shaper<S> {
        let all = if format.typed { source.columns() } else { Columns::default() };
        let active = format.active(&all);
        let decoder = format.decoder(&active);
        // Without a decoder no column would be filled.
        let active = if decoder.is_some() { active } else { Columns::default() };
        Shaper { format, source, all, active, decoder }
    }

    /// The columns of a file for rows that are shaped next.
    pub fn columns(&self) -> &Columns {
        &self.active
    }

    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Decodes the rows' values. Afterwards `columns` may be others.
    pub async fn shape(&mut self, rows: &Rows) -> Result<Option<Typed>, ShapeError> {
        let Some(mut decoder) = self.decoder.take() else { return Ok(None) };
        let mut tries = 0;
        let decoded = loop {
            decoder.decode(rows.values(), |row| rows.is_record(row));
            let decoded = decoder.finish()?;
            if self.is_no_format_yet(&decoded) {
                self.decoder = Some(decoder);
                return Ok(None);
            }
            let new = self.missing(&decoded);
            if new.is_empty() || tries == TRIES {
                break decoded;
            }
            tries += 1;
            self.all = self.source.add(self.all.len(), new).await.map_err(ShapeError::Columns)?;
            self.active = self.format.active(&self.all);
            match self.format.decoder(&self.active) {
                Some(d) => decoder = d,
                None => {
                    self.active = Columns::default();
                    return Ok(None);
                }
            }
        };
        self.decoder = Some(decoder);
        self.typed(rows, decoded).map(Some)
    }

    /// With `auto`: values that are mostly no objects are no trouble as long as no column is there.
    fn is_no_format_yet(&self, d: &Decoded) -> bool {
        // `value_rest` counts, too: a file of rows that are not shaped must have no typed column at all.
        let has_columns = !self.active.list().is_empty();
        let is_open = self.format.value == ValueFormat::Auto && self.format.pinned.is_none() && !has_columns;
        is_open && d.objects <= d.problems.len() as u64
    }

    fn missing(&self, d: &Decoded) -> Vec<NewColumn> {
        let mut new = match &self.format.pinned {
            Some(_) => self.format.missing(&self.all),
            None => infer(&self.all, &d.unfit, d.objects, Options { dates: self.format.dates }),
        };
        if !self.format.raw && self.all.rest().is_none() {
            new.push(rest_column());
        }
        new
    }

    fn typed(&self, rows: &Rows, d: Decoded) -> Result<Typed, ShapeError> {
        if let (BadRecords::Suspend, Some((row, why))) = (self.format.bad, d.problems.first()) {
            return Err(ShapeError::Suspended(rows.offset(*row).unwrap_or_default(), why.clone()));
        }
        let mut columns = d.columns;
        if let (Some(at), Some(rest)) = (self.active.rest(), d.rest)
            && let Some(column) = columns.get_mut(at)
        {
            *column = rest;
        }
        Ok(Typed { columns, problems: d.problems, keeps_values: self.format.raw })
    }
}

/// Columns of a table that nobody else has: for tests and measurements.
#[derive(Default)]
pub struct OwnColumns(parking_lot::Mutex<Columns>);

impl ColumnSource for &OwnColumns {
    fn columns(&self) -> Columns {
        self.0.lock().clone()
    }

    async fn add(&self, have: usize, new: Vec<NewColumn>) -> Result<Columns, String> {
        let mut columns = self.0.lock();
        if columns.len() == have {
            *columns = columns.with(&new, 100 + have as i32);
        }
        Ok(columns.clone())
    }
}
