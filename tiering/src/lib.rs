//! Old data and the lake: ranges of a partition's log become Parquet files of the topic's table.
//!
//! `layout` builds and reads object names, `machine` decides when a range is cut and when a file counts, `schema`
//! holds the frozen columns, `rows` turns batches into Arrow arrays, `parquet` writes them, `convert` carries one
//! range through all of it, `store` is the object store with "unknown" as a result, `pool` the few threads at
//! nice 19 on which that happens. Metadata changes are only proposed: the broker carries them to Raft.

pub mod claim;
pub mod compact;
pub mod convert;
#[cfg(test)]
mod convert_test;
pub mod iceberg;
pub mod import;
pub mod layout;
pub mod machine;
pub mod parquet;
pub mod pool;
pub mod retype;
pub mod rows;
pub mod schema;
pub mod steps;
pub mod store;
pub mod sweep;
pub mod typed;
pub mod verify;
