//! Copies of table versions for readers without a catalog: `v<N>.metadata.json` and `version-hint.text`.
//!
//! Invariants: best effort, nothing of ours reads them; the hint of a table never goes back while this broker runs,
//! however the copies of two commits overlap. Called after each commit, by the tier link and the upkeep.

use std::collections::BTreeMap;
use std::sync::Arc;
use tiering::store::Store;
use tiering::{layout, steps};
use tokio::sync::Mutex;

/// Copies kept for readers that still hold an older hint.
const KEPT: u64 = 20;
/// Older ones are removed every so many versions.
const REMOVED: u64 = 16;

/// The version that was copied last, by the table's location.
#[derive(Default)]
pub struct Copies(parking_lot::Mutex<BTreeMap<String, Arc<Mutex<u64>>>>);

impl Copies {
    /// Copies a version, unless a later one has been. If it fails, the next commit does it again.
    pub async fn copy(
        &self,
        store: &Store,
        location: &str,
        version: u64,
        bytes: bytes::Bytes,
    ) -> Result<(), String> {
        let of_table = self.0.lock().entry(location.to_string()).or_default().clone();
        let mut last = of_table.lock().await;
        if version <= *last {
            return Ok(());
        }
        let text = |e: tiering::store::StoreError| e.to_string();
        store.put_over(&layout::metadata_copy(location, version), bytes).await.map_err(text)?;
        steps::reached(steps::COPY);
        store.put_over(&layout::version_hint(location), version.to_string().into()).await.map_err(text)?;
        *last = version;
        // Many at once, which is one request.
        match version.checked_sub(KEPT) {
            Some(old) if old > 0 && version.is_multiple_of(REMOVED) => {
                let first = old.saturating_sub(REMOVED) + 1;
                let copies = (first..=old).map(|v| layout::metadata_copy(location, v)).collect();
                store.delete_all(copies).await.map_err(text)
            }
            _ => Ok(()),
        }
    }

    /// Forgets tables that are no more.
    pub fn retain(&self, is_there: impl Fn(&str) -> bool) {
        self.0.lock().retain(|location, _| is_there(location));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_hint_never_goes_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let copies = Copies::default();
        for version in [1, 3, 2] {
            copies.copy(&store, "ns/t", version, "{}".into()).await.unwrap();
        }
        let hint = || std::fs::read_to_string(dir.path().join(layout::version_hint("ns/t"))).unwrap();
        assert_eq!(hint(), "3");
        copies.copy(&store, "ns/u", 2, "{}".into()).await.unwrap();
        for version in 4..=100 {
            copies.copy(&store, "ns/t", version, "{}".into()).await.unwrap();
        }
        let there = |v: u64| dir.path().join(layout::metadata_copy("ns/t", v)).exists();
        let oldest = (1..=100).find(|v| there(*v)).unwrap();
        assert!((65..=80).contains(&oldest) && (oldest..=100).all(there), "{oldest}");
        copies.retain(|location| location == "ns/u");
        assert_eq!(hint(), "100");
        copies.copy(&store, "ns/t", 2, "{}".into()).await.unwrap();
        assert_eq!(hint(), "2", "a table made anew begins anew");
    }
}
