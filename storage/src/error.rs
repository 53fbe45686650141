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
    /// The kernel may have dropped what it could not write: the dir is poisoned, whatever the reason was.
    #[error("a sync failed: {0}")]
    Sync(io::Error),
    #[error("offset {offset} is outside {start}..={end}")]
    OutOfRange { offset: i64, start: i64, end: i64 },
    #[error("corrupt log data: {0}")]
    Corrupt(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl LogError {
    /// True if the disk had no room: nothing is lost by trying again later, and nothing is poisoned.
    pub fn is_full(&self) -> bool {
        match self {
            LogError::Full => true,
            LogError::Io(e) => matches!(LogError::of_write(io::Error::from(e.kind())), LogError::Full),
            _ => false,
        }
    }

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
