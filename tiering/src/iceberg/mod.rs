//! Iceberg's format, version 2, as far as topic tables need it: pure, no IO, no clock, no randomness.
//!
//! Follows the Iceberg table spec. `schema` says the columns, `manifest` lists data files in Avro, `stats` what is known of each, `metadata` the
//! table's JSON with its snapshots, `commit` what an append makes of all that, `avro` the container. Who writes a commit hands in ids, times and places.

pub mod avro;
pub mod commit;
pub mod expire;
pub mod manifest;
pub mod metadata;
pub mod schema;
pub mod stats;
