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
    /// The files contradict the checkpoint, or the dir failed: the log stays offline until a restart.
    #[error("the log is offline: {0}")]
    Offline(String),
    /// What a sync should have saved may be gone, and a second sync would not tell: the dir is dead.
    #[error("a sync failed: {0}")]
    Sync(io::Error),
    /// The log was cut after the read was planned.
    #[error("the log was truncated since the read was planned")]
    Stale,
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

    /// Sorts an error into "full" and the rest. Not for syncs.
    pub fn of_write(e: io::Error) -> LogError {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                LogError::Full
            }
            _ => LogError::Io(e),
        }
    }

    /// True if the dir cannot be trusted any more; false if the same step may work later.
    pub fn is_fatal(&self) -> bool {
        match self {
            LogError::Full
            | LogError::NotReady
            | LogError::Stale
            | LogError::OutOfRange { .. }
            | LogError::Corrupt(_) => false,
            LogError::Offline(_) | LogError::Sync(_) => true,
            LogError::Io(e) => !is_shortage(e) && !self.is_full(),
        }
    }
}

/// Out of files or memory: nothing is wrong with the disk.
pub(crate) fn is_shortage(e: &io::Error) -> bool {
    matches!(e.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EINTR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_have_lost_data_is_fatal() {
        let os = io::Error::from_raw_os_error;
        assert!(!LogError::of_write(os(libc::ENOSPC)).is_fatal());
        assert!(!LogError::of_write(os(libc::EDQUOT)).is_fatal());
        assert!(!LogError::Io(os(libc::EMFILE)).is_fatal());
        assert!(LogError::Io(os(libc::EIO)).is_fatal());
        assert!(LogError::Sync(os(libc::ENOSPC)).is_fatal(), "delayed allocation: the data is gone");
    }
}
