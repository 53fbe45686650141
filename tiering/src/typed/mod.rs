//! Typed columns: values that are JSON objects or CSV records become columns of a topic's table.
//!
//! `columns` says which columns there are and where in a value they are found, `json` and `csv` decode values into
//! Arrow arrays and count what found no column, `infer` makes new columns of that, `explicit` of a text that people
//! write, `names` gives them their names. Invariants: pure, no IO, clock or randomness; a column's kind and path never
//! change; no value makes a batch fail: a row that cannot be decoded is null in all typed columns and has a problem in
//! words; whatever a value can make us remember is bounded. A path whose last key is `*` stands for all keys of the
//! object above: a string column with that path takes the whole object as JSON text. Called by whoever writes tables.

pub mod columns;
#[cfg(test)]
mod convert_test;
mod csv;
pub mod explicit;
pub mod format;
pub mod infer;
pub mod json;
#[cfg(test)]
mod json_test;
mod names;
pub mod observed;
mod scan;
pub mod shape;
mod slots;
mod time;
mod tree;

pub use columns::{COLUMNS_MAX, Column, Columns, DEPTH_MAX, EVERY_KEY, Kind, NewColumn};
pub use explicit::{ExplicitError, parse as parse_explicit};
pub use format::{BadRecords, Format, ValueFormat};
pub use infer::{Options as InferOptions, infer, rest_column};
pub use json::{Decoded, Decoder, HeaderError};
pub use names::{VALUE_REST, sanitise};
pub use observed::{Counts, Observed, Seen, Sort};
pub use shape::{ColumnSource, OwnColumns, ShapeError, Shaper};
