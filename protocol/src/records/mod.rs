//! Record batches, magic 2: a view over bytes in the form that is both on disk and on the wire.
//!
//! `batch` reads headers, `record` walks records, `validate` is what a produce must pass, `codec` (de)compresses
//! under a bound, `control` reads markers, `builder` makes batches. Layout: docs/FORMATS.md.

pub mod batch;
pub mod builder;
pub mod codec;
pub mod control;
pub mod record;
pub mod validate;

pub use batch::{BatchHeader, HEADER_LEN, LOG_OVERHEAD, Placement};
pub use builder::{BatchBuilder, NewRecord};
pub use codec::Codec;
pub use record::{Record, RecordIter};
pub use validate::{Depth, Invalid, Limits};
