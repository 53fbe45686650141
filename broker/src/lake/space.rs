//! How much of the disks is free, and what that means for the lake and for what waits for it.
//!
//! Invariants: a disk that cannot be asked counts as one with room; nothing here deletes anything. Called by the
//! housekeeping before it enforces retention, and by the tier link before it converts.

use std::path::Path;

/// Percent of the file system that this process could still fill, as `df` counts: what is kept for root, or is beyond
/// a quota, is neither free nor there.
pub fn free_percent(path: &Path) -> Option<u64> {
    let s = rustix::fs::statvfs(path).ok()?;
    percent(s.f_blocks, s.f_bfree, s.f_bavail)
}

fn percent(blocks: u64, free: u64, available: u64) -> Option<u64> {
    let ours = blocks.saturating_sub(free).saturating_add(available);
    (ours > 0).then(|| available.saturating_mul(100) / ours)
}

/// Whether logs whose rows are not in the lake yet may go: their disk is nearly full.
pub fn must_let_go(log_dir: &Path, hold_percent: u64) -> bool {
    free_percent(log_dir).is_some_and(|free| free < hold_percent)
}

/// Whether the lake must write nothing more to its folder.
pub fn must_pause(folder: &Path, pause_percent: u64) -> bool {
    free_percent(folder).is_some_and(|free| free < pause_percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_root_is_not_counted() {
        assert_eq!(percent(100, 60, 60), Some(60));
        // 40 used, 10 left, 50 that nobody but root may fill.
        assert_eq!(percent(100, 60, 10), Some(20));
        assert_eq!(percent(100, 60, 0), Some(0));
        assert_eq!(percent(0, 0, 0), None);
    }

    #[test]
    fn disks_are_asked() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free_percent(dir.path()).unwrap() <= 100);
        assert!(!must_let_go(dir.path(), 0), "nothing is below 0");
        assert!(must_let_go(dir.path(), 101), "everything is below 101");
        let nowhere = Path::new("/nowhere/at/all");
        assert!(free_percent(nowhere).is_none() && !must_pause(nowhere, 101));
    }
}
