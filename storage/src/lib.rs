//! One log on one disk: segments, indexes, checkpoints, group commit and recovery of a partition's log.
//!
//! Depends on `protocol` only. `disk` is the seam to the file system (the tests' faulty disk sits there too);
//! `log` is a partition's log; `dir` a folder of logs with its lock, checkpoint and flusher; `machine` holds the
//! decisions (when to roll, what to delete) as pure functions. Formats are drawn in docs/FORMATS.md.

pub mod checkpoint;
pub mod cuts;
pub mod dir;
pub mod disk;
pub mod error;
pub mod files;
pub mod flush;
pub mod log;
pub mod machine;
pub mod open;
pub mod read;
#[cfg(test)]
mod rig;
pub mod segment;
pub mod truncate;
pub mod upkeep;
pub mod wrong;

pub use disk::{Disk, DiskFile, RealDisk, Slice};
pub use error::LogError;
pub use files::FileCache;
pub use log::{Appended, Log, LogConfig};
pub use open::{Recovery, open_log};
pub use truncate::Replay;
