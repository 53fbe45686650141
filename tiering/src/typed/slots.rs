//! Columns under construction: Arrow arrays whose nulls are filled in when the next value comes.
//!
//! Invariants: a row without a value costs nothing; the value of the row at hand can be taken back; at most 2 GB of
//! text, which the decoder sees to. Called by the decoders.

use super::columns::Kind;
use super::observed::Sort;
use super::scan::{self, EXACT_MAX};
use super::time;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, NullBufferBuilder, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;
use std::sync::Arc;

/// A value as it was found; its bytes are valid UTF-8.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Bool(bool),
    Int(i64, &'a [u8]),
    Float(f64, &'a [u8]),
    Plain(&'a [u8]),
    /// The inside of a JSON string with escapes.
    Escaped(&'a [u8]),
    Json(&'a [u8]),
    /// With spaces between its tokens.
    SpacedJson(&'a [u8]),
}

impl Value<'_> {
    pub fn sort(&self) -> Sort {
        match self {
            Value::Bool(_) => Sort::Bool,
            Value::Int(v, _) if v.unsigned_abs() <= EXACT_MAX => Sort::Int,
            Value::Int(..) => Sort::BigInt,
            Value::Float(..) => Sort::Number,
            Value::Plain(t) if time::date(t).is_some() => Sort::Date,
            Value::Plain(t) if time::timestamp(t).is_some() => Sort::Time,
            Value::Plain(_) | Value::Escaped(_) => Sort::Text,
            Value::Json(_) | Value::SpacedJson(_) => Sort::Json,
        }
    }
}

pub struct Scalars<T> {
    values: Vec<T>,
    nulls: NullBufferBuilder,
}

impl<T: Copy + Default> Scalars<T> {
    fn new() -> Self {
        Scalars { values: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }

    fn pad(&mut self, row: usize) {
        if self.values.len() < row {
            self.nulls.append_n_nulls(row - self.values.len());
            self.values.resize(row, T::default());
        }
    }

    #[inline]
    fn set(&mut self, row: usize, v: T) -> bool {
        self.pad(row);
        self.values.push(v);
        self.nulls.append_non_null();
        true
    }

    fn undo(&mut self, row: usize) {
        if self.values.len() > row {
            self.values.truncate(row);
            self.nulls.truncate(row);
        }
    }

    fn take(&mut self, rows: usize) -> (Vec<T>, Option<NullBuffer>) {
        self.pad(rows);
        let next = Vec::with_capacity(self.values.len());
        (std::mem::replace(&mut self.values, next), self.nulls.finish())
    }
}

pub struct Text {
    data: Vec<u8>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Text {
    pub fn new() -> Text {
        Text { data: Vec::new(), ends: vec![0], nulls: NullBufferBuilder::new(0) }
    }

    fn rows(&self) -> usize {
        self.ends.len() - 1
    }

    pub fn bytes(&self) -> usize {
        self.data.len()
    }

    fn pad(&mut self, row: usize) {
        let rows = self.rows();
        if rows < row {
            self.nulls.append_n_nulls(row - rows);
            self.ends.resize(row + 1, self.data.len() as i32);
        }
    }

    /// Sets the row's text to what `write` appends.
    #[inline]
    pub fn set(&mut self, row: usize, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        self.pad(row);
        write(&mut self.data);
        self.ends.push(self.data.len() as i32);
        self.nulls.append_non_null();
        true
    }

    pub fn undo(&mut self, row: usize) {
        if self.rows() > row {
            self.ends.truncate(row + 1);
            self.data.truncate(self.ends.last().map_or(0, |e| *e as usize));
            self.nulls.truncate(row);
        }
    }

    pub fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        self.pad(rows);
        let ends = std::mem::replace(&mut self.ends, vec![0]);
        let next = Vec::with_capacity(self.data.len());
        let data = std::mem::replace(&mut self.data, next);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(data), self.nulls.finish())?))
    }
}

enum Cells {
    Bool(Scalars<bool>),
    Long(Scalars<i64>),
    Double(Scalars<f64>),
    Text(Text),
    Timestamp(Scalars<i64>),
    Date(Scalars<i32>),
}

pub struct Slot {
    cells: Cells,
    kind: Kind,
    /// For all that did not fit an earlier column of the path.
    takes_all: bool,
    is_used: bool,
}

impl Slot {
    pub fn new(kind: Kind, is_first: bool) -> Slot {
        let cells = match kind {
            Kind::Boolean => Cells::Bool(Scalars::new()),
            Kind::Long => Cells::Long(Scalars::new()),
            Kind::Double => Cells::Double(Scalars::new()),
            Kind::String => Cells::Text(Text::new()),
            Kind::Timestamptz => Cells::Timestamp(Scalars::new()),
            Kind::Date => Cells::Date(Scalars::new()),
        };
        Slot { cells, kind, takes_all: kind == Kind::String && !is_first, is_used: false }
    }

    /// Sets the row's value, if it fits.
    #[inline]
    pub fn set(&mut self, row: usize, value: Value<'_>) -> bool {
        let is_set = match (&mut self.cells, value) {
            (Cells::Long(c), Value::Int(v, _)) => c.set(row, v),
            (Cells::Double(c), Value::Float(v, _)) => c.set(row, v),
            (Cells::Text(c), Value::Plain(t) | Value::Json(t)) => c.set(row, |out| out.extend_from_slice(t)),
            (Cells::Text(c), Value::Escaped(t)) => c.set(row, |out| scan::unescape(t, out)),
            (Cells::Bool(c), Value::Bool(v)) => c.set(row, v),
            (Cells::Double(c), Value::Int(v, _)) if v.unsigned_abs() <= EXACT_MAX => c.set(row, v as f64),
            (Cells::Text(c), Value::SpacedJson(t)) => c.set(row, |out| scan::compact(t, out)),
            (Cells::Text(c), Value::Int(_, t) | Value::Float(_, t)) if self.takes_all => {
                c.set(row, |out| out.extend_from_slice(t))
            }
            (Cells::Text(c), Value::Bool(v)) if self.takes_all => {
                c.set(row, |out| out.extend_from_slice(if v { b"true" } else { b"false" }))
            }
            (Cells::Timestamp(c), Value::Plain(t)) => time::timestamp(t).is_some_and(|v| c.set(row, v)),
            (Cells::Date(c), Value::Plain(t)) => time::date(t).is_some_and(|v| c.set(row, v)),
            _ => false,
        };
        self.is_used |= is_set;
        is_set
    }

    /// Takes back the row's value, if it has one.
    pub fn undo(&mut self, row: usize) {
        match &mut self.cells {
            Cells::Bool(c) => c.undo(row),
            Cells::Long(c) | Cells::Timestamp(c) => c.undo(row),
            Cells::Double(c) => c.undo(row),
            Cells::Text(c) => c.undo(row),
            Cells::Date(c) => c.undo(row),
        }
    }

    pub fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        if !std::mem::take(&mut self.is_used) {
            return Ok(new_null_array(&self.kind.data_type(), rows));
        }
        Ok(match &mut self.cells {
            Cells::Bool(c) => {
                let (values, nulls) = c.take(rows);
                Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls))
            }
            Cells::Long(c) => {
                let (values, nulls) = c.take(rows);
                Arc::new(Int64Array::try_new(values.into(), nulls)?)
            }
            Cells::Double(c) => {
                let (values, nulls) = c.take(rows);
                Arc::new(Float64Array::try_new(values.into(), nulls)?)
            }
            Cells::Text(c) => c.finish(rows)?,
            Cells::Timestamp(c) => {
                let (values, nulls) = c.take(rows);
                Arc::new(TimestampMicrosecondArray::try_new(values.into(), nulls)?.with_timezone("UTC"))
            }
            Cells::Date(c) => {
                let (values, nulls) = c.take(rows);
                Arc::new(Date32Array::try_new(values.into(), nulls)?)
            }
        })
    }
}
