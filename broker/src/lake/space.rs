//! How much of the disks is free, and what that means for the lake and for what waits for it.
//!
//! Invariants: a disk that cannot be asked counts as one with room; nothing here deletes anything. Called by the
//! housekeeping before it enforces retention, and by the tier link before it converts.

use std::path::Path;

/// Below so many percent the lake stops writing to its own folder.
pub const PAUSE_PERCENT: u64 = 10;

/// Percent of the file system that this process could still fill.
pub fn free_percent(path: &Path) -> Option<u64> {
    let s = rustix::fs::statvfs(path).ok()?;
    // Not root's reserve: what is kept for it is not ours.
    (s.f_blocks > 0).then(|| s.f_bavail.saturating_mul(100) / s.f_blocks)
}

/// Whether logs whose rows are not in the lake yet may go: their disk is nearly full.
pub fn must_let_go(log_dir: &Path, hold_percent: u64) -> bool {
    free_percent(log_dir).is_some_and(|free| free < hold_percent)
}

/// Whether the lake must write nothing more to its folder.
pub fn must_pause(folder: &Path) -> bool {
    free_percent(folder).is_some_and(|free| free < PAUSE_PERCENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_asked() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free_percent(dir.path()).unwrap() <= 100);
        assert!(!must_let_go(dir.path(), 0), "nothing is below 0");
        assert!(must_let_go(dir.path(), 101), "everything is below 101");
        assert!(
            free_percent(Path::new("/nowhere/at/all")).is_none() && !must_pause(Path::new("/nowhere/at/all"))
        );
    }
}
