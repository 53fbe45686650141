//! Kafka's rules as plain state: no async, no files, no clock, no randomness, no hash-map order.
//!
//! Each machine takes values in and gives values or actions out; the code around it does the effects.

pub mod coordinator;
pub mod fetch_session;
pub mod group;
pub mod partition;
pub mod producer;
