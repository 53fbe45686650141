//! Bytes <-> values: Kafka's wire protocol and record format. No async, no files, no clock.
//!
//! `primitive` is the only code that indexes raw bytes; `message` is generated from `schema/messages.kmn`;
//! `records` is the record batch (disk form = wire form); `frame` cuts frames; `api` says which APIs exist.
//! Everything above depends on this crate; it depends on nothing of ours.

pub mod api;
pub mod error;
pub mod frame;
pub mod ids;
#[allow(clippy::all)]
pub mod message;
pub mod primitive;
pub mod records;

pub use error::ErrorCode;
pub use primitive::{DecodeError, Message, Records, Str, Uuid};
