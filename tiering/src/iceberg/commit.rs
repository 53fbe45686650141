//! What a commit makes of a table, an append or one that takes whole files out: the objects to store and the state after them.
//!
//! Invariants: a pure function of the base and of what is added; every object has a name that no other attempt uses; a
//! commit's files are in one manifest of their own; when `MERGE_AT` small manifests have gathered they become one, so
//! that a planner opens few. Called by the broker's committer, which stores the objects and proposes the result.

use super::expire::Retention;
use super::manifest::{self, DataFile, Entry, ManifestFile, Status};
use super::metadata::{Append, Removed, TableMetadata};
use crate::layout;
use crate::typed::Columns;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// Small manifests after which they are merged.
pub const MERGE_AT: usize = 32;
/// A manifest of this size is left as it is.
const MANIFEST_BYTES_FULL: i64 = 8 << 20;

/// A table as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    pub table: TableMetadata,
    /// Where its metadata was read from, as a URI; `None` for a table without a commit.
    pub at: Option<String>,
    /// Manifests of the current snapshot, in the order of its list.
    pub manifests: Vec<ManifestFile>,
}

/// What is added, and what only the caller knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Addition {
    /// The table's place below the lake's root, and the URI of that place.
    pub location: String,
    pub location_uri: String,
    /// Version after the commit.
    pub version: u64,
    /// Random, in every name.
    pub uuid: String,
    /// Random and positive.
    pub snapshot_id: i64,
    pub now_ms: i64,
    pub files: Vec<DataFile>,
    /// URIs of data files that are no more part of the table; `merged` has every manifest that names one.
    pub removed: BTreeSet<String>,
    /// First offsets that the table still has, of partitions that lost older ones by this commit.
    pub starts: BTreeMap<i32, i64>,
    /// Next offset of every partition, after the commit.
    pub offsets: BTreeMap<i32, i64>,
    pub keep: Retention,
    /// All typed columns of the table.
    pub columns: Columns,
    /// Entries of the manifests that `to_merge` named.
    pub merged: BTreeMap<String, Vec<Entry>>,
}

/// An object to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Below the lake's root.
    pub path: String,
    pub bytes: Bytes,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// In the order in which they must be stored: each names only those before it.
    pub objects: Vec<Object>,
    /// The metadata file, last of the objects.
    pub metadata: Object,
    pub next: Base,
}

/// The manifests that the next append merges: all small ones, once there are many.
pub fn to_merge(manifests: &[ManifestFile]) -> Vec<String> {
    let small = manifests.iter().filter(|m| m.bytes < MANIFEST_BYTES_FULL);
    if small.clone().count() < MERGE_AT { Vec::new() } else { small.map(|m| m.path.clone()).collect() }
}

/// An entry as it stands in a merged manifest: with the numbers that it inherited; `None` if its file is gone.
fn carried(mut e: Entry, from: &ManifestFile, a: &Addition) -> Option<Entry> {
    if e.status == Status::Deleted {
        return None;
    }
    let is_removed = a.removed.contains(&e.file.path);
    e.status = if is_removed { Status::Deleted } else { Status::Existing };
    // An entry that is removed names the snapshot that removes it.
    let added_by = e.snapshot_id.or(Some(from.added_snapshot_id));
    e.snapshot_id = if is_removed { Some(a.snapshot_id) } else { added_by };
    e.sequence_number = e.sequence_number.or(Some(from.sequence_number));
    e.file_sequence_number = e.file_sequence_number.or(Some(from.sequence_number));
    Some(e)
}

/// Bytes that separate blocks of one Avro file: of this commit and object alone.
fn sync_of(uuid: &str, number: usize) -> [u8; 16] {
    let mut out = [0; 16];
    for (o, b) in out.iter_mut().zip(uuid.bytes().filter(u8::is_ascii_alphanumeric)) {
        *o = b;
    }
    if let Some(last) = out.last_mut() {
        *last = number as u8;
    }
    out
}

struct Building<'a> {
    a: &'a Addition,
    sequence: i64,
    schema: serde_json::Value,
    objects: Vec<Object>,
}

impl Building<'_> {
    /// The URI of an object of this table.
    fn uri(&self, path: &str) -> String {
        let below = path.strip_prefix(&self.a.location).unwrap_or(path);
        format!("{}{below}", self.a.location_uri)
    }

    fn manifest(&mut self, entries: &[Entry]) -> ManifestFile {
        let number = self.objects.len();
        let path = layout::manifest(&self.a.location, number, &self.a.uuid);
        let bytes: Bytes = manifest::write(entries, &self.schema, sync_of(&self.a.uuid, number)).into();
        let listed =
            ManifestFile::of(self.uri(&path), bytes.len(), entries, self.a.snapshot_id, self.sequence);
        self.objects.push(Object { path, bytes });
        listed
    }
}

/// What the entries that a commit marks as deleted come to.
fn removed_of(entries: &[Entry]) -> Removed {
    let mut out = Removed::default();
    for e in entries.iter().filter(|e| e.status == Status::Deleted) {
        out.files += 1;
        out.rows += e.file.rows;
        out.bytes += e.file.bytes;
    }
    out
}

/// Builds a commit on `base`.
pub fn append(base: &Base, a: &Addition) -> Result<Prepared, serde_json::Error> {
    let sequence = base.table.next_sequence();
    let mut evolved = base.table.clone();
    evolved.evolve(&a.columns);
    let schema = evolved.current_schema().cloned().unwrap_or_default();
    let mut b = Building { a, sequence, schema, objects: Vec::new() };
    let mut manifests = Vec::new();
    if !a.files.is_empty() {
        let added = |file: &DataFile| Entry {
            status: Status::Added,
            snapshot_id: Some(a.snapshot_id),
            sequence_number: None,
            file_sequence_number: None,
            file: file.clone(),
        };
        let entries: Vec<Entry> = a.files.iter().map(added).collect();
        manifests.push(b.manifest(&entries));
    }
    let merged: Vec<Entry> = base
        .manifests
        .iter()
        .flat_map(|m| a.merged.get(&m.path).into_iter().flatten().filter_map(|e| carried(e.clone(), m, a)))
        .collect();
    if !merged.is_empty() {
        manifests.push(b.manifest(&merged));
    }
    manifests.extend(base.manifests.iter().filter(|m| !a.merged.contains_key(&m.path)).cloned());
    let list = layout::manifest_list(&a.location, a.snapshot_id, &a.uuid);
    let parent = base.table.current_snapshot_id;
    let number = b.objects.len();
    let bytes = manifest::write_list(&manifests, a.snapshot_id, parent, sequence, sync_of(&a.uuid, number));
    let manifest_list = b.uri(&list);
    b.objects.push(Object { path: list, bytes: bytes.into() });
    let append = Append {
        snapshot_id: a.snapshot_id,
        now_ms: a.now_ms,
        manifest_list,
        files: a.files.len() as i64,
        rows: a.files.iter().map(|f| f.rows).sum(),
        bytes: a.files.iter().map(|f| f.bytes).sum(),
        removed: removed_of(&merged),
        starts: a.starts.clone(),
        offsets: a.offsets.clone(),
        columns: a.columns.clone(),
    };
    let mut table = evolved.append(&append, base.at.as_deref(), &a.keep);
    let path = layout::metadata_file(&a.location, a.version, &a.uuid);
    let metadata = Object { bytes: table.to_bytes_within(&a.keep)?.into(), path };
    let at = Some(b.uri(&metadata.path));
    Ok(Prepared { objects: b.objects, metadata, next: Base { table, at, manifests } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addition(n: i64) -> Addition {
        let file = |p: i32| DataFile {
            path: format!("file:///lake/lipno/t/data/{p}-{n}.parquet"),
            day: n as i32 / 40,
            rows: 10,
            bytes: 100,
            ..DataFile::default()
        };
        Addition {
            location: "lipno/t".into(),
            location_uri: "file:///lake/lipno/t".into(),
            version: n as u64,
            uuid: format!("0a1b2c3d-0000-4000-8000-{n:012}"),
            snapshot_id: n,
            now_ms: n * 60_000,
            files: vec![file(0), file(1)],
            offsets: [(0, n * 10), (1, n * 10)].into(),
            ..Addition::default()
        }
    }

    fn base() -> Base {
        let table = TableMetadata::new("u", "file:///lake/lipno/t", 0, "t", "id");
        Base { table, at: None, manifests: vec![] }
    }

    /// Every live file of a table with its sequence number, read from the objects that commits stored.
    fn live(base: &Base, stored: &BTreeMap<String, Bytes>) -> BTreeMap<String, i64> {
        let list = manifest::read_list(&stored[&base.table.current().unwrap().manifest_list]).unwrap();
        assert_eq!(list, base.manifests, "the list is what the next commit goes on from");
        let mut out = BTreeMap::new();
        for m in &list {
            assert_eq!(m.bytes as usize, stored[&m.path].len());
            for e in manifest::read(&stored[&m.path]).unwrap() {
                let sequence = e.sequence_number.unwrap_or(m.sequence_number);
                assert!(e.status == Status::Added || e.sequence_number.is_some(), "nothing to inherit from");
                assert_eq!(out.insert(e.file.path, sequence), None, "a file is listed once");
            }
        }
        out
    }

    #[test]
    fn every_file_is_listed_once_and_manifests_stay_few() {
        let (mut b, mut stored) = (base(), BTreeMap::<String, Bytes>::new());
        for n in 1..=200 {
            let mut a = addition(n);
            for path in to_merge(&b.manifests) {
                let entries = manifest::read(&stored[&path]).unwrap();
                a.merged.insert(path, entries);
            }
            let p = append(&b, &a).unwrap();
            for o in p.objects.iter().chain([&p.metadata]) {
                let uri = format!("file:///lake/{}", o.path);
                assert_eq!(stored.insert(uri, o.bytes.clone()), None, "no name twice");
            }
            b = p.next;
            assert!(b.manifests.len() <= MERGE_AT, "{}", b.manifests.len());
            let files = live(&b, &stored);
            assert_eq!(files.len() as i64, 2 * n);
            assert!((1..=n).all(|k| files[&format!("file:///lake/lipno/t/data/0-{k}.parquet")] == k));
            let read: TableMetadata = serde_json::from_slice(&stored[b.at.as_ref().unwrap()]).unwrap();
            assert_eq!(read, b.table);
        }
        assert_eq!(b.table.current().unwrap().summary["total-records"], "4000");
    }

    #[test]
    fn a_commit_without_files_moves_offsets_only() {
        let one = append(&base(), &addition(1)).unwrap();
        let empty = Addition { files: vec![], ..addition(2) };
        let two = append(&one.next, &empty).unwrap();
        assert_eq!(two.objects.len(), 1, "the list alone");
        assert_eq!(two.next.manifests, one.next.manifests);
        assert_eq!(two.next.table.offsets().unwrap(), empty.offsets);
    }
}
