//! Reads what a table's record and metadata refer to.
//!
//! Invariants: every object is bounded; what is missing or broken is an error with its place. Called by commits, by
//! whoever shows tables and by proofs.

use futures::{StreamExt, TryStreamExt, stream};
use raft::{DeadLetters, LakeTable};
use std::collections::BTreeMap;
use tiering::iceberg::manifest::{self, DataFile, Entry, ManifestFile, Status};
use tiering::iceberg::metadata::{Snapshot, TableMetadata};
use tiering::store::Store;

/// No object of a table's metadata is larger; a metadata file has less than one.
pub const METADATA_BYTES_MAX: u64 = 64 << 20;

pub async fn fetch(store: &Store, uri: &str) -> Result<bytes::Bytes, String> {
    let path =
        store.path_of(uri).ok_or_else(|| format!("{uri} is not below the lake at {}", store.uri("")))?;
    let found = store.get(&path, METADATA_BYTES_MAX).await.map_err(|e| e.to_string())?;
    found.ok_or_else(|| format!("{uri} is missing"))
}

/// Dead letters as a table of their own.
pub fn as_table(d: &DeadLetters) -> LakeTable {
    LakeTable { location: d.location.clone(), metadata: d.metadata.clone(), ..LakeTable::default() }
}

/// The metadata that the record names.
pub async fn metadata(store: &Store, t: &LakeTable) -> Result<TableMetadata, String> {
    let at = store.uri(&t.metadata);
    let bytes = fetch(store, &at).await?;
    let table: TableMetadata = serde_json::from_slice(&bytes).map_err(|e| format!("{at}: {e}"))?;
    if table.location != store.uri(&t.location) {
        return Err(format!(
            "{at} says that its table is at {}: the lake was moved. Put it back there, or set lake.url to that place",
            table.location
        ));
    }
    Ok(table)
}

pub async fn manifests(store: &Store, s: &Snapshot) -> Result<Vec<ManifestFile>, String> {
    let bytes = fetch(store, &s.manifest_list).await?;
    manifest::read_list(&bytes).map_err(|e| format!("{}: {e}", s.manifest_list))
}

/// Manifests that are read at once.
const AT_ONCE: usize = 8;

/// The entries of manifests, by their URIs.
pub async fn entries(store: &Store, uris: Vec<String>) -> Result<BTreeMap<String, Vec<Entry>>, String> {
    let one = async |uri: String| -> Result<(String, Vec<Entry>), String> {
        let bytes = fetch(store, &uri).await?;
        let entries = manifest::read(&bytes).map_err(|e| format!("{uri}: {e}"))?;
        Ok((uri, entries))
    };
    stream::iter(uris).map(one).buffered(AT_ONCE).try_collect().await
}

/// The data files of a snapshot.
pub async fn live_files(store: &Store, s: &Snapshot) -> Result<Vec<DataFile>, String> {
    let all: Vec<String> = manifests(store, s).await?.into_iter().map(|m| m.path).collect();
    let mut found = entries(store, all.clone()).await?;
    // In the order of the list.
    let all = all.iter().filter_map(|uri| found.remove(uri)).flatten();
    Ok(all.filter(|e| e.status != Status::Deleted).map(|e| e.file).collect())
}
