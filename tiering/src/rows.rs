//! Record batches to Arrow arrays: one row per record, in offset order.
//!
//! Invariants: a batch gives all its rows or, if it cannot be decoded, exactly one row that stands for all of it:
//! `kafka_offset` is the batch's base offset (the first wanted one, if the range starts inside it), `kafka_error`
//! names the offsets base..last and why, `kafka_value` holds the batch's own bytes, so that nothing is lost with
//! the log. Control batches give no rows. Where typed columns stand for the values, `kafka_value` holds only what did not
//! decode. Null and empty stay apart. A timestamp that microseconds cannot hold is
//! null with `kafka_error`; -1 (none) is null without. Header lists are never null. No allocation per record.
//! Called by `convert`.

use crate::schema;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Int32Array, Int64Array, ListArray, NullBufferBuilder, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type, Schema};
use arrow::error::ArrowError;
use protocol::records::codec::DECOMPRESSED_MAX;
use protocol::records::{BatchHeader, Codec, HEADER_LEN, Record, RecordIter};
use std::borrow::Cow;
use std::sync::Arc;

/// Bit of a batch's attributes that no row keeps: every row is committed.
const TRANSACTIONAL: i16 = 0x10;
/// How `kafka_error` begins in a row that stands for a batch, and in one with a timestamp that does not fit; and what is
/// between two texts of one row.
const UNDECODABLE: &str = "batch at offsets ";
const BAD_TIMESTAMP: &str = "timestamp ";
const AND: &str = "; ";
/// Bits of `kafka_attributes` above a batch's own, in rows without `kafka_value`: value and key were null.
pub const VALUE_WAS_NULL: i32 = 1 << 16;
pub const KEY_WAS_NULL: i32 = 1 << 17;

/// A nullable column of fixed-size values.
struct Scalars<T> {
    values: Vec<T>,
    nulls: NullBufferBuilder,
}

impl<T: Copy + Default> Scalars<T> {
    fn new() -> Self {
        Scalars { values: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }

    fn push(&mut self, v: Option<T>) {
        self.values.push(v.unwrap_or_default());
        self.nulls.append(v.is_some());
    }

    fn push_n(&mut self, v: Option<T>, n: usize) {
        self.values.resize(self.values.len() + n, v.unwrap_or_default());
        match v {
            Some(_) => self.nulls.append_n_non_nulls(n),
            None => self.nulls.append_n_nulls(n),
        }
    }

    fn truncate(&mut self, n: usize) {
        self.values.truncate(n);
        self.nulls.truncate(n);
    }

    fn take(&mut self) -> (Vec<T>, Option<NullBuffer>) {
        (take_sized(&mut self.values), self.nulls.finish())
    }
}

/// A nullable column of byte strings.
struct Blobs {
    data: Vec<u8>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Blobs {
    fn new() -> Blobs {
        Blobs { data: Vec::new(), ends: vec![0], nulls: NullBufferBuilder::new(0) }
    }

    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    fn push(&mut self, v: Option<&[u8]>) {
        if let Some(v) = v {
            self.data.extend_from_slice(v);
        }
        // Bounded by what one `RowBuilder` holds, see `fits`.
        self.ends.push(self.data.len() as i32);
        self.nulls.append(v.is_some());
    }

    fn truncate(&mut self, n: usize) {
        self.ends.truncate(n + 1);
        self.data.truncate(self.ends.last().map_or(0, |e| *e as usize));
        self.nulls.truncate(n);
    }

    fn take(&mut self) -> (OffsetBuffer<i32>, Buffer, Option<NullBuffer>) {
        let ends = take_sized(&mut self.ends);
        self.ends.push(0);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        (offsets, Buffer::from_vec(take_sized(&mut self.data)), self.nulls.finish())
    }
}

/// Takes a column's values and leaves room for as many.
fn take_sized<T>(v: &mut Vec<T>) -> Vec<T> {
    let next = Vec::with_capacity(v.len());
    std::mem::replace(v, next)
}

/// Columns under construction.
pub struct RowBuilder {
    partition: i32,
    /// Records below are not wanted: the range starts inside a batch.
    from: i64,
    offset: Vec<i64>,
    timestamp: Scalars<i64>,
    append_time: Vec<i64>,
    leader_epoch: Vec<i32>,
    attributes: Vec<i32>,
    base_offset: Vec<i64>,
    producer_id: Scalars<i64>,
    producer_epoch: Scalars<i32>,
    base_sequence: Scalars<i32>,
    /// Row and text; rare.
    errors: Vec<(usize, String)>,
    undecodable: Vec<usize>,
    key: Blobs,
    value: Blobs,
    header_ends: Vec<i32>,
    header_key: Blobs,
    header_value: Blobs,
}

impl RowBuilder {
    pub fn new(partition: i32, from: i64) -> RowBuilder {
        RowBuilder {
            partition,
            from,
            offset: Vec::new(),
            timestamp: Scalars::new(),
            append_time: Vec::new(),
            leader_epoch: Vec::new(),
            attributes: Vec::new(),
            base_offset: Vec::new(),
            producer_id: Scalars::new(),
            producer_epoch: Scalars::new(),
            base_sequence: Scalars::new(),
            errors: Vec::new(),
            undecodable: Vec::new(),
            key: Blobs::new(),
            value: Blobs::new(),
            header_ends: vec![0],
            header_key: Blobs::new(),
            header_value: Blobs::new(),
        }
    }

    pub fn rows(&self) -> usize {
        self.offset.len()
    }

    /// About how many bytes the columns hold.
    pub fn bytes(&self) -> usize {
        let blobs = [&self.key, &self.value, &self.header_key, &self.header_value];
        blobs.iter().map(|b| b.data.len()).sum::<usize>() + 64 * self.rows()
    }

    /// Adds the rows of one batch (its header and all its bytes), appended at `append_ms`.
    pub fn push(&mut self, h: &BatchHeader, batch: &[u8], append_ms: i64) {
        if h.is_control() {
            return;
        }
        let first = self.rows();
        if let Err(why) = self.push_records(h, batch) {
            self.truncate(first);
            self.push_undecodable(h, batch, &why);
        }
        self.fill(h, append_ms, self.rows() - first);
    }

    /// The columns that are the same for a whole batch.
    fn fill(&mut self, h: &BatchHeader, append_ms: i64, n: usize) {
        let rows = self.rows();
        let has = h.has_producer();
        self.append_time.resize(rows, append_ms.saturating_mul(1000));
        self.leader_epoch.resize(rows, h.leader_epoch);
        self.attributes.resize(rows, i32::from(h.attributes & !TRANSACTIONAL));
        self.base_offset.resize(rows, h.base_offset);
        self.producer_id.push_n(has.then_some(h.producer_id), n);
        self.producer_epoch.push_n(has.then_some(i32::from(h.producer_epoch)), n);
        self.base_sequence.push_n(has.then_some(h.base_sequence), n);
    }

    fn push_records(&mut self, h: &BatchHeader, batch: &[u8]) -> Result<(), String> {
        if !h.crc_matches(batch) {
            return Err("its CRC does not match".into());
        }
        let packed = batch.get(HEADER_LEN..).unwrap_or_default();
        let plain = match Codec::from_bits(h.codec_bits()).map_err(|e| e.to_string())? {
            Codec::None => Cow::Borrowed(packed),
            c => Cow::Owned(c.decompress(packed, DECOMPRESSED_MAX).map_err(|e| e.to_string())?),
        };
        let mut records = RecordIter::new(&plain, h.records_count);
        let mut last = -1;
        for r in records.by_ref() {
            let r = r.map_err(|e| e.to_string())?;
            if r.offset_delta <= last || r.offset_delta > h.last_offset_delta {
                return Err(format!("offset delta {} after {last}", r.offset_delta));
            }
            last = r.offset_delta;
            self.push_record(h, &r)?;
        }
        match records.remaining() {
            0 => Ok(()),
            n => Err(format!("{n} bytes after its last record")),
        }
    }

    fn push_record(&mut self, h: &BatchHeader, r: &Record<'_>) -> Result<(), String> {
        let offset = h.base_offset.saturating_add(i64::from(r.offset_delta));
        if offset < self.from {
            return Ok(());
        }
        self.offset.push(offset);
        let ms = if h.is_log_append_time() {
            Some(h.max_timestamp)
        } else {
            h.base_timestamp.checked_add(r.timestamp_delta)
        };
        let us = ms.and_then(|ms| ms.checked_mul(1000));
        if us.is_none() {
            let text = match ms {
                Some(ms) => format!("{BAD_TIMESTAMP}{ms} ms does not fit microseconds"),
                None => format!("{BAD_TIMESTAMP}{} + {} ms overflows", h.base_timestamp, r.timestamp_delta),
            };
            self.errors.push((self.offset.len() - 1, text));
        }
        self.timestamp.push(us.filter(|_| ms != Some(-1)));
        self.key.push(r.key);
        self.value.push(r.value);
        for header in r.headers() {
            let (key, value) = header.map_err(|e| e.to_string())?;
            self.header_key.push(Some(key.as_bytes()));
            self.header_value.push(value);
        }
        self.header_ends.push(self.header_key.len() as i32);
        Ok(())
    }

    /// Takes back rows of a batch that turned out to be broken; `fill` has not happened yet.
    fn truncate(&mut self, rows: usize) {
        self.offset.truncate(rows);
        self.timestamp.truncate(rows);
        self.errors.retain(|(row, _)| *row < rows);
        self.key.truncate(rows);
        self.value.truncate(rows);
        self.header_ends.truncate(rows + 1);
        let headers = self.header_ends.last().map_or(0, |e| *e as usize);
        self.header_key.truncate(headers);
        self.header_value.truncate(headers);
    }

    fn push_undecodable(&mut self, h: &BatchHeader, batch: &[u8], why: &str) {
        let (base, last) = (h.base_offset, h.last_offset());
        self.undecodable.push(self.rows());
        self.errors.push((self.rows(), format!("{UNDECODABLE}{base}..{last} cannot be decoded: {why}")));
        self.offset.push(base.max(self.from));
        self.timestamp.push(None);
        self.key.push(None);
        self.value.push(Some(batch));
        self.header_ends.push(self.header_key.len() as i32);
    }

    /// The rows so far; the builder starts again, with as much room.
    pub fn take(&mut self) -> Result<Rows, ArrowError> {
        let n = self.rows();
        let time = |values: Vec<i64>, nulls: Option<NullBuffer>| -> Result<ArrayRef, ArrowError> {
            let a = TimestampMicrosecondArray::try_new(values.into(), nulls)?;
            Ok(Arc::new(a.with_timezone("UTC")))
        };
        let long = |v: Vec<i64>, nulls: Option<NullBuffer>| -> Result<ArrayRef, ArrowError> {
            Ok(Arc::new(Int64Array::try_new(v.into(), nulls)?))
        };
        let int = |v: Vec<i32>, nulls: Option<NullBuffer>| -> Result<ArrayRef, ArrowError> {
            Ok(Arc::new(Int32Array::try_new(v.into(), nulls)?))
        };
        let binary = |b: &mut Blobs| -> Result<BinaryArray, ArrowError> {
            let (offsets, data, nulls) = b.take();
            BinaryArray::try_new(offsets, data, nulls)
        };
        let (timestamps, no_timestamp) = self.timestamp.take();
        let (ids, no_id) = self.producer_id.take();
        let (epochs, no_epoch) = self.producer_epoch.take();
        let (sequences, no_sequence) = self.base_sequence.take();
        Ok(Rows {
            partition: int(vec![self.partition; n], None)?,
            offsets: take_sized(&mut self.offset).into(),
            timestamp: time(timestamps, no_timestamp)?,
            append_time: time(take_sized(&mut self.append_time), None)?,
            leader_epochs: take_sized(&mut self.leader_epoch).into(),
            attributes: take_sized(&mut self.attributes),
            base_offset: long(take_sized(&mut self.base_offset), None)?,
            producer: [long(ids, no_id)?, int(epochs, no_epoch)?, int(sequences, no_sequence)?],
            errors: std::mem::take(&mut self.errors),
            undecodable: std::mem::take(&mut self.undecodable),
            key: Arc::new(binary(&mut self.key)?),
            value: binary(&mut self.value)?,
            headers: self.finish_headers()?,
        })
    }

    fn finish_headers(&mut self) -> Result<ArrayRef, ArrowError> {
        let ends = take_sized(&mut self.header_ends);
        self.header_ends.push(0);
        let (offsets, data, nulls) = self.header_key.take();
        let keys: ArrayRef = Arc::new(StringArray::try_new(offsets, data, nulls)?);
        let (offsets, data, nulls) = self.header_value.take();
        let values: ArrayRef = Arc::new(BinaryArray::try_new(offsets, data, nulls)?);
        let pairs = StructArray::try_new(schema::HEADER_FIELDS.clone(), vec![keys, values], None)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Ok(Arc::new(ListArray::try_new(schema::HEADER.clone(), offsets, Arc::new(pairs), None)?))
    }
}

/// Rows whose values may still become typed columns.
#[derive(Clone)]
pub struct Rows {
    partition: ArrayRef,
    offsets: Int64Array,
    timestamp: ArrayRef,
    append_time: ArrayRef,
    leader_epochs: Int32Array,
    attributes: Vec<i32>,
    base_offset: ArrayRef,
    producer: [ArrayRef; 3],
    errors: Vec<(usize, String)>,
    /// Rows that stand for a batch; their value is no record's.
    undecodable: Vec<usize>,
    key: ArrayRef,
    value: BinaryArray,
    headers: ArrayRef,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Offset of the first row.
    pub fn first_offset(&self) -> Option<i64> {
        self.offsets.values().first().copied()
    }

    pub fn offset(&self, row: usize) -> Option<i64> {
        self.offsets.values().get(row).copied()
    }

    pub fn values(&self) -> &BinaryArray {
        &self.value
    }

    /// Whether the row's value is a record's.
    pub fn is_record(&self, row: usize) -> bool {
        self.undecodable.binary_search(&row).is_err()
    }

    /// `epoch, first offset` of each run of rows of one leader epoch.
    pub fn epochs(&self) -> Vec<(i32, i64)> {
        let mut out: Vec<(i32, i64)> = Vec::new();
        for (epoch, offset) in self.leader_epochs.values().iter().zip(self.offsets.values()) {
            if out.last().is_none_or(|(last, _)| last != epoch) {
                out.push((*epoch, *offset));
            }
        }
        out
    }

    /// The same of some of the rows.
    pub fn epochs_of(&self, wanted: &[usize]) -> Vec<(i32, i64)> {
        let (epochs, offsets) = (self.leader_epochs.values(), self.offsets.values());
        let mut out: Vec<(i32, i64)> = Vec::new();
        for (epoch, offset) in wanted.iter().filter_map(|row| Some((*epochs.get(*row)?, *offsets.get(*row)?)))
        {
            if out.last().is_none_or(|(last, _)| *last != epoch) {
                out.push((epoch, offset));
            }
        }
        out
    }

    /// Rows of a file that keeps the values, to be given other typed columns; `None` if a column is not what it should
    /// be. What was wrong with a value is found out anew.
    pub fn of_file(batch: &RecordBatch) -> Option<Rows> {
        let column = |name: &str, t: &DataType| {
            let found = batch.column_by_name(name)?;
            if found.data_type() == t { Some(found.clone()) } else { cast(found, t).ok() }
        };
        let ints = |name: &str| Some(column(name, &DataType::Int32)?.as_primitive::<Int32Type>().clone());
        let errors = column(schema::ERROR, &DataType::Utf8)?;
        let errors = errors.as_string_opt::<i32>()?;
        let texts = (0..errors.len()).filter(|row| errors.is_valid(*row)).map(|row| (row, errors.value(row)));
        let (mut kept, mut undecodable) = (Vec::new(), Vec::new());
        for (row, text) in texts {
            if text.starts_with(UNDECODABLE) {
                undecodable.push(row);
                kept.push((row, text.to_string()));
            } else if text.starts_with(BAD_TIMESTAMP) {
                kept.push((row, text.split(AND).next().unwrap_or(text).to_string()));
            }
        }
        Some(Rows {
            partition: column(schema::PARTITION, &DataType::Int32)?,
            offsets: column(schema::OFFSET, &DataType::Int64)?.as_primitive::<Int64Type>().clone(),
            timestamp: column(schema::TIMESTAMP, &schema::timestamp())?,
            append_time: column(schema::APPEND_TIME, &schema::timestamp())?,
            leader_epochs: ints(schema::LEADER_EPOCH)?,
            attributes: ints(schema::ATTRIBUTES)?.values().to_vec(),
            base_offset: column(schema::BATCH_BASE_OFFSET, &DataType::Int64)?,
            producer: [
                column(schema::PRODUCER_ID, &DataType::Int64)?,
                column(schema::PRODUCER_EPOCH, &DataType::Int32)?,
                column(schema::BASE_SEQUENCE, &DataType::Int32)?,
            ],
            errors: kept,
            undecodable,
            key: column(schema::KEY, &DataType::Binary)?,
            value: column(schema::VALUE, &DataType::Binary)?.as_binary_opt::<i32>()?.clone(),
            headers: column(schema::HEADERS, &DataType::List(schema::HEADER.clone()))?,
        })
    }

    /// The rows as one Arrow batch of a file with the typed columns that were decoded.
    pub fn finish(self, schema: &Arc<Schema>, typed: Option<Typed>) -> Result<RecordBatch, ArrowError> {
        let n = self.len();
        let Typed { columns, problems, keeps_values } = typed.unwrap_or_default();
        let (mut attributes, mut value) = (self.attributes, self.value);
        if !keeps_values {
            for (row, a) in attributes.iter_mut().enumerate() {
                *a |= if value.is_null(row) { VALUE_WAS_NULL } else { 0 };
                *a |= if self.key.is_null(row) { KEY_WAS_NULL } else { 0 };
            }
            let mut stay = problems
                .iter()
                .map(|(row, _)| *row)
                .chain(self.undecodable.iter().copied())
                .collect::<Vec<_>>();
            stay.sort_unstable();
            let kept = (0..n).map(|row| stay.binary_search(&row).is_ok().then(|| value.value(row)));
            value = kept.collect();
        }
        let errors = errors(n, merged(self.errors, problems));
        let [id, epoch, sequence] = self.producer;
        let mut all: Vec<ArrayRef> = vec![
            self.partition,
            Arc::new(self.offsets),
            self.timestamp,
            self.append_time,
            Arc::new(self.leader_epochs),
            Arc::new(Int32Array::from(attributes)),
            self.base_offset,
            id,
            epoch,
            sequence,
            new_null_array(&DataType::Utf8, n),
            errors,
        ];
        all.extend(columns);
        all.extend([self.key, Arc::new(value), self.headers]);
        RecordBatch::try_new(schema.clone(), all)
    }
}

/// What became of values that were decoded.
pub struct Typed {
    pub columns: Vec<ArrayRef>,
    /// Rows that could not be decoded, and why, in order.
    pub problems: Vec<(usize, String)>,
    /// `kafka_value` has them all.
    pub keeps_values: bool,
}

impl Default for Typed {
    fn default() -> Self {
        Typed { columns: Vec::new(), problems: Vec::new(), keeps_values: true }
    }
}

/// Both lists by row; two texts of one row become one.
fn merged(mut a: Vec<(usize, String)>, b: Vec<(usize, String)>) -> Vec<(usize, String)> {
    if a.is_empty() {
        return b;
    }
    a.extend(b);
    a.sort_by_key(|(row, _)| *row);
    a.dedup_by(|next, first| {
        let is_same = next.0 == first.0;
        if is_same {
            first.1 = format!("{}{AND}{}", first.1, next.1);
        }
        is_same
    });
    a
}

fn errors(n: usize, errors: Vec<(usize, String)>) -> ArrayRef {
    if errors.is_empty() {
        return new_null_array(&DataType::Utf8, n);
    }
    let mut errors = errors.into_iter().peekable();
    let texts = (0..n).map(|row| errors.next_if(|(at, _)| *at == row).map(|(_, text)| text));
    Arc::new(texts.collect::<StringArray>())
}
