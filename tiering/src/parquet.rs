//! One Parquet file of a topic table, built in memory row group by row group.
//!
//! Invariants: rows are sorted by (partition, offset); zstd level 1; pages of at most 2,048 rows; row groups of at
//! most 256k rows or about 32 MB; keys, values and headers have neither dictionary nor statistics and come last; the
//! footer names topic id, partition, the offsets [start, end), the leader epochs and the writer. Called by `convert`.

use crate::rows::{RowBuilder, Rows, Typed};
use crate::schema;
use crate::typed::Columns;
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{Int32Type, Int64Type, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use protocol::ids::TopicId;
use protocol::records::BatchHeader;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock};

const PAGE_ROWS_MAX: usize = 2_048;
const ROW_GROUP_ROWS_MAX: usize = 256 * 1024;
const ROW_GROUP_BYTES_MAX: usize = 32 << 20;
/// A column whose distinct values come to more is written plainly. Large values that repeat would take a few bytes a row in
/// the file and all of their own in whoever reads a batch of rows.
const DICTIONARY_BYTES_MAX: usize = 128 << 10;
/// Bytes of rows that are encoded at once; also what a page of large rows comes to.
pub const ENCODE_BYTES: usize = 2 << 20;

/// Bytes of rows that are read at once.
const READ_BYTES: i64 = 8 << 20;

/// Keys of the footer's key-value pairs.
pub const TOPIC_ID: &str = "lipno.topic.id";
pub const PARTITION: &str = "lipno.partition";
pub const OFFSET_START: &str = "lipno.offset.start";
pub const OFFSET_END: &str = "lipno.offset.end";
/// `epoch:first offset` of each leader epoch in the file, with commas.
pub const LEADER_EPOCHS: &str = "lipno.leader.epochs";
pub const WRITER_VERSION: &str = "lipno.writer.version";
/// How values became typed columns: `json`, or `csv` with its header.
pub const VALUE_FORMAT: &str = "lipno.value.format";
pub const CSV_HEADER: &str = "lipno.csv.header";
/// Records in the range that have no row since they did not parse (`lake.bad.records=drop`).
pub const DROPPED: &str = "lipno.rows.dropped";

static PROPERTIES: LazyLock<WriterProperties> = LazyLock::new(properties);

fn properties() -> WriterProperties {
    let column = |name: &str| ColumnPath::from(name);
    let header =
        |name: &str| ColumnPath::from(["kafka_headers", "list", "element", name].map(String::from).to_vec());
    let mut p = WriterProperties::builder()
        // In the form that readers know: for one that they cannot parse, some trust no statistics of strings.
        .set_created_by(concat!("lipno version ", env!("CARGO_PKG_VERSION"), " (build release)").to_string())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_data_page_row_count_limit(PAGE_ROWS_MAX)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_write_batch_size(PAGE_ROWS_MAX / 2)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
        .set_sorting_columns(Some(vec![
            SortingColumn { column_idx: 0, descending: false, nulls_first: false },
            SortingColumn { column_idx: 1, descending: false, nulls_first: false },
        ]))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for name in [schema::PARTITION, schema::OFFSET, schema::TIMESTAMP, schema::APPEND_TIME] {
        p = p.set_column_statistics_enabled(column(name), EnabledStatistics::Page);
    }
    for name in [
        schema::OFFSET,
        schema::TIMESTAMP,
        schema::APPEND_TIME,
        schema::BATCH_BASE_OFFSET,
        schema::BASE_SEQUENCE,
    ] {
        p = p
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), Encoding::DELTA_BINARY_PACKED);
    }
    for path in [column(schema::KEY), column(schema::VALUE), header("key"), header("value")] {
        p = p
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path.clone(), Encoding::PLAIN)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    p.build()
}

/// Size of the pieces in which a file is held, and so of the writes to a local lake. Larger ones, once freed, make the
/// allocator keep as much for ever, and a kernel that does not preempt itself stays in a write of a megabyte for
/// milliseconds, while who waits for a client waits for the processor.
const PIECE_BYTES: usize = 64 << 10;

/// Rows to read at once: at most `most`, and fewer where rows are large, so that a batch stays in the megabytes and far
/// from what the offsets of a column of bytes can count.
pub fn batch_rows(file: &ParquetMetaData, most: usize) -> usize {
    let row_bytes = |g: &parquet::file::metadata::RowGroupMetaData| g.total_byte_size() / g.num_rows().max(1);
    let largest = file.row_groups().iter().map(row_bytes).max().unwrap_or(0).max(1);
    usize::try_from(READ_BYTES / largest).unwrap_or(most).clamp(1, most)
}

/// Where the writer's bytes go: pieces that never grow, so that nothing is copied twice.
#[derive(Default)]
struct Pieces {
    done: Vec<Bytes>,
    last: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.last.capacity() == 0 {
            self.last.reserve_exact(PIECE_BYTES);
        }
        let n = bytes.len().min(self.last.capacity() - self.last.len());
        self.last.extend_from_slice(bytes.get(..n).unwrap_or_default());
        if self.last.len() == self.last.capacity() {
            self.done.push(std::mem::take(&mut self.last).into());
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A finished file.
pub struct Finished {
    pub parts: Vec<Bytes>,
    pub rows: usize,
    /// Where everything in it is, for the table's manifest.
    pub footer: ParquetMetaData,
    /// Epoch of the last batch that gave rows.
    pub leader_epoch: i32,
}

/// A file under construction.
pub struct FileBuilder {
    topic: TopicId,
    partition: i32,
    start: i64,
    schema: Arc<Schema>,
    writer: ArrowWriter<Pieces>,
    /// Bytes of complete row groups and of the one under construction, as of the last encoding.
    encoded_bytes: usize,
    rows: usize,
    epochs: Vec<(i32, i64)>,
    pairs: Vec<(&'static str, String)>,
}

impl FileBuilder {
    /// A file for rows from offset `start` on, with these typed columns.
    pub fn new(
        topic: TopicId,
        partition: i32,
        start: i64,
        columns: &Columns,
    ) -> Result<FileBuilder, ParquetError> {
        let options = ArrowWriterOptions::new()
            .with_properties(PROPERTIES.clone())
            .with_schema_root("kafka".to_string())
            .with_skip_arrow_metadata(true);
        let schema = schema::with(columns);
        let writer = ArrowWriter::try_new_with_options(Pieces::default(), schema.clone(), options)?;
        Ok(FileBuilder {
            topic,
            partition,
            start,
            schema,
            writer,
            encoded_bytes: 0,
            rows: 0,
            epochs: Vec::new(),
            pairs: Vec::new(),
        })
    }

    /// Offset from which on its rows are.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// Something that the footer is to say, too.
    pub fn say(&mut self, key: &'static str, value: String) {
        self.pairs.push((key, value));
    }

    /// Adds one batch, with its header and all its bytes, to a file without typed columns.
    pub fn push(&mut self, h: &BatchHeader, batch: &[u8], append_ms: i64) -> Result<(), ParquetError> {
        let mut rows = RowBuilder::new(self.partition, self.start);
        rows.push(h, batch, append_ms);
        self.write(rows.take()?, None, &[])
    }

    /// Adds rows, with the typed columns that the file has, but for those that are `dropped`.
    pub fn write(&mut self, rows: Rows, typed: Option<Typed>, dropped: &[usize]) -> Result<(), ParquetError> {
        for (epoch, at) in rows.epochs() {
            self.begin_epoch(epoch, at);
        }
        let mut batch = rows.finish(&self.schema, typed)?;
        if !dropped.is_empty() {
            let stays = (0..batch.num_rows()).map(|row| Some(dropped.binary_search(&row).is_err()));
            batch = filter_record_batch(&batch, &stays.collect())?;
        }
        self.append(&batch)
    }

    /// Adds only some rows, with their values and problems, to a file without typed columns.
    pub fn write_only(
        &mut self,
        rows: Rows,
        problems: Vec<(usize, String)>,
        wanted: &[usize],
    ) -> Result<(), ParquetError> {
        for (epoch, at) in rows.epochs_of(wanted) {
            self.begin_epoch(epoch, at);
        }
        let typed = Typed { problems, ..Typed::default() };
        let batch = rows.finish(&self.schema, Some(typed))?;
        let stays = (0..batch.num_rows()).map(|row| Some(wanted.binary_search(&row).is_ok()));
        self.append(&filter_record_batch(&batch, &stays.collect())?)
    }

    /// Adds rows of another file with the same columns.
    pub fn write_again(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let column = |name: &str| batch.column_by_name(name);
        let epochs = column(schema::LEADER_EPOCH).and_then(|a| a.as_primitive_opt::<Int32Type>());
        let offsets = column(schema::OFFSET).and_then(|a| a.as_primitive_opt::<Int64Type>());
        if let (Some(epochs), Some(offsets)) = (epochs, offsets) {
            for (epoch, at) in epochs.values().iter().zip(offsets.values()) {
                self.begin_epoch(*epoch, *at);
            }
        }
        // By name: a reader gives the columns in the file's order, and says less of them than the writer knows.
        let columns = self.schema.fields().iter().map(|f| {
            let found =
                column(f.name()).ok_or_else(|| ParquetError::General(format!("no column {}", f.name())));
            let found = found?;
            if found.data_type() == f.data_type() {
                Ok(found.clone())
            } else {
                Ok(cast(found, f.data_type())?)
            }
        });
        let batch = RecordBatch::try_new(self.schema.clone(), columns.collect::<Result<_, ParquetError>>()?)?;
        self.append(&batch)
    }

    fn begin_epoch(&mut self, epoch: i32, at: i64) {
        if self.epochs.last().is_none_or(|(e, _)| *e != epoch) {
            self.epochs.push((epoch, at));
        }
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.rows += batch.num_rows();
        self.writer.write(batch)?;
        if self.writer.in_progress_size() >= ROW_GROUP_BYTES_MAX {
            self.writer.flush()?;
        }
        self.encoded_bytes = self.writer.bytes_written() + self.writer.in_progress_size();
        Ok(())
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// About how large the file would be if it ended now.
    pub fn size(&self) -> usize {
        self.encoded_bytes
    }

    /// Completes the file, which covers the offsets [start, end).
    pub fn finish(mut self, end: i64) -> Result<Finished, ParquetError> {
        let epochs: Vec<String> = self.epochs.iter().map(|(e, at)| format!("{e}:{at}")).collect();
        let pairs = [
            (TOPIC_ID, self.topic.to_string()),
            (PARTITION, self.partition.to_string()),
            (OFFSET_START, self.start.to_string()),
            (OFFSET_END, end.to_string()),
            (LEADER_EPOCHS, epochs.join(",")),
            (WRITER_VERSION, concat!("lipno ", env!("CARGO_PKG_VERSION")).to_string()),
        ];
        for (key, value) in pairs.into_iter().chain(std::mem::take(&mut self.pairs)) {
            self.writer.append_key_value_metadata(KeyValue::new(key.to_string(), value));
        }
        let footer = self.writer.finish()?;
        let Pieces { mut done, last } = std::mem::take(self.writer.inner_mut());
        done.push(last.into());
        Ok(Finished {
            parts: done,
            rows: self.rows,
            footer,
            leader_epoch: self.epochs.last().map_or(0, |(e, _)| *e),
        })
    }
}
