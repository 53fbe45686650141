//! What can go wrong with a log, by what to do about it.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing was appended; the disk may have room again later.
    #[error("no space left on the log dir")]
    Full,
    /// Nothing was appended; the caller may try again once the background job has made the segment.
    #[error("the log has no segment yet")]
    NotReady,
    /// A sync failed or the files contradict the checkpoint: the log stays offline until a restart.
    #[error("the log is offline: {0}")]
    Offline(String),
    #[error("offset {offset} is outside {start}..={end}")]
    OutOfRange { offset: i64, start: i64, end: i64 },
    #[error("corrupt log data: {0}")]
    Corrupt(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl LogError {
    /// Sorts a write's error into "full" and the rest.
    pub fn of_write(e: io::Error) -> LogError {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                LogError::Full
            }
            _ => LogError::Io(e),
        }
    }
}
