//! Removes what no version of a table that anybody may still read refers to: leftovers of attempts that lost or were
//! cut off, manifests and lists of expired snapshots, data files that were replaced, metadata files of old versions.
//!
//! Invariants: objects are listed, and who holds some is asked, before the table's current version is read, so that what
//! a commit names meanwhile is seen; nothing young is removed, whoever may be about to commit it; nothing that the
//! current version or one of its snapshots refers to is; nothing whose name is not of the form that this crate writes;
//! if any part of the table cannot be read, nothing at all. Called by the broker's upkeep on a thread of the pool.

use crate::iceberg::manifest::{self, Status};
use crate::iceberg::metadata::TableMetadata;
use crate::layout::{self, FileName};
use crate::pool::StopFlag;
use crate::store::{Found, Store, StoreError};
use std::collections::BTreeSet;

/// No manifest, list or metadata file is larger.
const OBJECT_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}: {1}")]
    Unreadable(String, String),
    #[error("the broker stops")]
    Stopped,
}

/// Ages from which objects may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// `lake.orphan.age.ms`: what nothing refers to.
    pub orphan_ms: i64,
    /// Metadata files of versions that were current once.
    pub former_ms: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub objects: u64,
    pub bytes: u64,
}

/// True if an object that nothing refers to may be removed at `now_ms`. Pure.
pub fn may_go(found: &Found, now_ms: i64, ages: &Ages, current: u64) -> bool {
    let age_ms = now_ms.saturating_sub(found.modified_ms);
    if let Some(version) = layout::parse_metadata_file(&found.path) {
        // A version above the current one may be about to be proposed.
        return age_ms >= if version < current { ages.former_ms } else { ages.orphan_ms };
    }
    age_ms >= ages.orphan_ms && (FileName::parse(&found.path).is_some() || layout::is_manifest(&found.path))
}

/// Everything that a version of a table refers to, as URIs.
async fn referenced(
    store: &Store,
    table: &TableMetadata,
    stop: &StopFlag,
) -> Result<BTreeSet<String>, SweepError> {
    let mut out: BTreeSet<String> = table.metadata_log.iter().map(|m| m.metadata_file.clone()).collect();
    for s in &table.snapshots {
        if stop.is_set() {
            return Err(SweepError::Stopped);
        }
        let list = manifest::read_list(&read(store, &s.manifest_list).await?)
            .map_err(|e| SweepError::Unreadable(s.manifest_list.clone(), e.to_string()))?;
        out.insert(s.manifest_list.clone());
        for m in list {
            if !out.insert(m.path.clone()) {
                continue;
            }
            let entries = manifest::read(&read(store, &m.path).await?)
                .map_err(|e| SweepError::Unreadable(m.path.clone(), e.to_string()))?;
            out.extend(entries.into_iter().filter(|e| e.status != Status::Deleted).map(|e| e.file.path));
        }
    }
    Ok(out)
}

async fn read(store: &Store, uri: &str) -> Result<bytes::Bytes, SweepError> {
    let missing = |why: &str| SweepError::Unreadable(uri.to_string(), why.to_string());
    let path = store.path_of(uri).ok_or_else(|| missing("is not below the lake"))?;
    store.get(&path, OBJECT_BYTES_MAX).await?.ok_or_else(|| missing("is missing"))
}

/// Sweeps one table. `current` gives the version and the path of its metadata file, as the record has them when asked;
/// `held` are paths that somebody in this process is about to commit.
pub async fn sweep(
    store: &Store,
    location: &str,
    current: impl Fn() -> Option<(u64, String)>,
    held: impl Fn() -> BTreeSet<String>,
    now_ms: i64,
    ages: &Ages,
    stop: &StopFlag,
) -> Result<Swept, SweepError> {
    let found = store.list_all(location).await?;
    // Before the version is read: what is let go later was committed before, so that a version read now names it.
    let held = held();
    let Some((version, metadata)) = current() else { return Ok(Swept::default()) };
    let mut candidates: Vec<&Found> = found.iter().filter(|f| may_go(f, now_ms, ages, version)).collect();
    if candidates.is_empty() {
        return Ok(Swept::default());
    }
    let uri = store.uri(&metadata);
    let table: TableMetadata = serde_json::from_slice(&read(store, &uri).await?)
        .map_err(|e| SweepError::Unreadable(uri.clone(), e.to_string()))?;
    let mut live = referenced(store, &table, stop).await?;
    live.insert(uri);
    candidates.retain(|f| !live.contains(&store.uri(&f.path)) && !held.contains(&f.path));
    let mut swept = Swept::default();
    for f in candidates {
        if stop.is_set() {
            return Err(SweepError::Stopped);
        }
        tracing::debug!("lake: nothing refers to {}, removing it", f.path);
        store.delete(&f.path).await?;
        swept.objects += 1;
        swept.bytes += f.bytes;
    }
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iceberg::commit::{Addition, Base, append};
    use crate::iceberg::expire::Retention;
    use crate::iceberg::manifest::DataFile;
    use crate::layout::Day;
    use bytes::Bytes;
    use std::sync::Arc;

    const AGES: Ages = Ages { orphan_ms: 1_000, former_ms: 100 };

    struct Lake {
        _dir: tempfile::TempDir,
        store: Arc<Store>,
        base: Base,
        version: u64,
        keep: Retention,
    }

    impl Lake {
        fn new() -> Lake {
            let dir = tempfile::tempdir().unwrap();
            let store = Arc::new(Store::open(dir.path()).unwrap());
            let table = TableMetadata::new("u", &store.uri("ns/t"), 0, "t", "id");
            let base = Base { table, at: None, manifests: vec![] };
            let keep = Retention { all_ms: 0, min: 2, hourly_ms: 0 };
            Lake { _dir: dir, store, base, version: 0, keep }
        }

        async fn put(&self, path: &str) {
            self.store.put(path, vec![Bytes::from_static(b"x")]).await.unwrap();
        }

        async fn commit(&mut self) -> String {
            self.version += 1;
            let n = self.version as i64;
            let name =
                FileName { day: Day(1), partition: 0, base: n - 1, end: n, leader_epoch: 0, random: 1 };
            let path = name.path("ns/t");
            self.put(&path).await;
            let file =
                DataFile { path: self.store.uri(&path), day: 1, rows: 1, bytes: 1, ..Default::default() };
            let a = Addition {
                location: "ns/t".into(),
                location_uri: self.store.uri("ns/t"),
                version: self.version,
                uuid: format!("0a1b2c3d-0000-4000-8000-{n:012}"),
                snapshot_id: n,
                now_ms: n,
                files: vec![file],
                offsets: [(0, n)].into(),
                keep: self.keep,
                ..Addition::default()
            };
            let p = append(&self.base, &a).unwrap();
            for o in p.objects.iter().chain([&p.metadata]) {
                self.store.put(&o.path, vec![o.bytes.clone()]).await.unwrap();
            }
            self.base = p.next;
            path
        }

        fn current(&self) -> Option<(u64, String)> {
            Some((self.version, self.store.path_of(self.base.at.as_ref()?)?))
        }

        async fn sweep(&self, now_ms: i64, held: &[&str]) -> Result<Swept, SweepError> {
            let held = || held.iter().map(ToString::to_string).collect();
            sweep(&self.store, "ns/t", || self.current(), held, now_ms, &AGES, &StopFlag::default()).await
        }

        async fn paths(&self) -> BTreeSet<String> {
            self.store.list_all("ns/t").await.unwrap().into_iter().map(|f| f.path).collect()
        }

        async fn newest_ms(&self) -> i64 {
            self.store.list_all("ns/t").await.unwrap().iter().map(|f| f.modified_ms).max().unwrap()
        }
    }

    #[tokio::test]
    async fn only_old_things_of_ours_that_nothing_names_go() {
        let mut lake = Lake::new();
        let mut data = Vec::new();
        for _ in 0..25 {
            data.push(lake.commit().await);
        }
        let orphan = "ns/t/data/dt=1970-01-02/kp=00000/\
                      00000000000000000000-00000000000000000009-0-0000beef.parquet";
        let held = "ns/t/data/dt=1970-01-02/kp=00000/\
                    00000000000000000025-00000000000000000026-0-0000beef.parquet";
        let next = "ns/t/metadata/00026-0a1b2c3d-0000-4000-8000-000000000026.metadata.json";
        let foreign = ["ns/t/data/notes.parquet", "ns/t/metadata/v3.metadata.json", "ns/t/metadata/x.json"];
        for path in [orphan, held, next].iter().chain(&foreign) {
            lake.put(path).await;
        }
        let all = lake.paths().await;
        let now_ms = lake.newest_ms().await;
        // Everything is young.
        assert_eq!(lake.sweep(now_ms, &[]).await.unwrap(), Swept::default());
        assert_eq!(lake.paths().await, all);
        // Old enough for a former version's metadata file, for nothing else.
        lake.sweep(now_ms + 500, &[]).await.unwrap();
        let left = lake.paths().await;
        let gone: Vec<&String> = all.difference(&left).collect();
        assert!(gone.iter().all(|p| p.ends_with(".metadata.json")), "{gone:?}");
        assert_eq!(gone.len(), 4, "those that the current version no longer logs");
        // Old enough for all: two snapshots and what they name stay.
        lake.sweep(now_ms + 2_000, &[held]).await.unwrap();
        let left = lake.paths().await;
        assert!(!left.contains(orphan) && !left.contains(next), "nobody will ever commit them");
        assert!(left.contains(held) && foreign.iter().all(|f| left.contains(*f)));
        assert!(data.iter().all(|d| left.contains(d)), "every row is live");
        assert_eq!(left.iter().filter(|p| p.contains("/snap-")).count(), 2);
        assert_eq!(lake.sweep(now_ms + 2_000, &[held]).await.unwrap(), Swept::default());
    }

    #[tokio::test]
    async fn what_is_committed_and_let_go_while_the_sweep_begins_stays() {
        let mut lake = Lake::new();
        lake.commit().await;
        let before = lake.current();
        let committed_now = lake.commit().await;
        let now_ms = lake.newest_ms().await + 2_000;
        // The version is read, then the next one is committed, then its file is let go.
        let is_held = std::cell::Cell::new(true);
        let current = || {
            is_held.set(false);
            before.clone()
        };
        let held = || is_held.get().then(|| committed_now.clone()).into_iter().collect();
        sweep(&lake.store, "ns/t", current, held, now_ms, &AGES, &StopFlag::default()).await.unwrap();
        assert!(lake.paths().await.contains(&committed_now));
    }

    #[tokio::test]
    async fn a_table_that_cannot_be_read_loses_nothing() {
        let mut lake = Lake::new();
        lake.commit().await;
        lake.commit().await;
        let now_ms = lake.newest_ms().await + 10_000;
        let list = lake.base.table.current().unwrap().manifest_list.clone();
        lake.store.delete(&lake.store.path_of(&list).unwrap()).await.unwrap();
        let all = lake.paths().await;
        let e = lake.sweep(now_ms, &[]).await.unwrap_err();
        assert!(e.to_string().contains(&list), "{e}");
        assert_eq!(lake.paths().await, all);
    }
}
