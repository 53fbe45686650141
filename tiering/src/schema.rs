//! The frozen columns of every topic table, with their field ids. Adding is allowed, changing never.
//!
//! Typed columns, from 100 on, are a table's own and stand before the blobs. Ids below 100 are ours; required are 1, 2, 4 and 6. Small columns come first and blobs last, so that a reader
//! of a few columns touches neighbouring bytes. Called by `rows` and `parquet`.

use crate::typed::Columns;
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

pub const PARTITION: &str = "kafka_partition";
pub const OFFSET: &str = "kafka_offset";
pub const TIMESTAMP: &str = "kafka_timestamp";
pub const APPEND_TIME: &str = "kafka_append_time";
pub const LEADER_EPOCH: &str = "kafka_leader_epoch";
pub const ATTRIBUTES: &str = "kafka_attributes";
pub const KEY: &str = "kafka_key";
pub const VALUE: &str = "kafka_value";
pub const HEADERS: &str = "kafka_headers";
pub const BATCH_BASE_OFFSET: &str = "kafka_batch_base_offset";
pub const PRODUCER_ID: &str = "kafka_producer_id";
pub const PRODUCER_EPOCH: &str = "kafka_producer_epoch";
pub const BASE_SEQUENCE: &str = "kafka_base_sequence";
pub const SCHEMA_ID: &str = "kafka_schema_id";
pub const ERROR: &str = "kafka_error";

/// Arrow's key for a Parquet field id.
const FIELD_ID: &str = "PARQUET:field_id";

fn field(id: u8, name: &str, data_type: DataType, required: bool) -> Field {
    Field::new(name, data_type, !required)
        .with_metadata(HashMap::from([(FIELD_ID.to_string(), id.to_string())]))
}

/// Microseconds in UTC.
pub fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Key and value of one header.
pub static HEADER_FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    Fields::from(vec![field(11, "key", DataType::Utf8, false), field(12, "value", DataType::Binary, false)])
});

/// One header in the list.
pub static HEADER: LazyLock<Arc<Field>> =
    LazyLock::new(|| Arc::new(field(10, "element", DataType::Struct(HEADER_FIELDS.clone()), false)));

/// All columns, in the order of the file.
pub static TABLE: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        field(1, PARTITION, DataType::Int32, true),
        field(2, OFFSET, DataType::Int64, true),
        field(3, TIMESTAMP, timestamp(), false),
        field(4, APPEND_TIME, timestamp(), true),
        field(5, LEADER_EPOCH, DataType::Int32, false),
        field(6, ATTRIBUTES, DataType::Int32, true),
        field(13, BATCH_BASE_OFFSET, DataType::Int64, false),
        field(14, PRODUCER_ID, DataType::Int64, false),
        field(15, PRODUCER_EPOCH, DataType::Int32, false),
        field(16, BASE_SEQUENCE, DataType::Int32, false),
        field(17, SCHEMA_ID, DataType::Utf8, false),
        field(18, ERROR, DataType::Utf8, false),
        field(7, KEY, DataType::Binary, false),
        field(8, VALUE, DataType::Binary, false),
        field(9, HEADERS, DataType::List(HEADER.clone()), false),
    ]))
});

/// Frozen columns that come after the typed ones.
pub const BLOBS: usize = 3;

/// The columns of a file with these typed columns.
pub fn with(columns: &Columns) -> Arc<Schema> {
    if columns.is_empty() {
        return TABLE.clone();
    }
    let frozen = TABLE.fields();
    let (small, blobs) = frozen.split_at(frozen.len().saturating_sub(BLOBS));
    let typed = columns.fields().into_iter().map(Arc::new);
    Arc::new(Schema::new(Fields::from_iter(small.iter().cloned().chain(typed).chain(blobs.iter().cloned()))))
}
