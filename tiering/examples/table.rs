//! Writes a small Iceberg table into a folder, two commits of two files each, for readers to be tried on:
//! `cargo run -p lipno-tiering --example table -- FOLDER` prints the metadata file's path.

use protocol::ids::{TopicId, Uuid};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::collections::BTreeMap;
use std::path::Path;
use tiering::iceberg::expire::Retention;
use tiering::iceberg::manifest::{self, Entry, ManifestFile, Status};
use tiering::iceberg::metadata::{Append, Removed, TableMetadata};
use tiering::iceberg::{schema, stats};
use tiering::parquet::FileBuilder;
use tiering::typed::Columns;

const DAY_MS: i64 = 86_400_000;
const ROWS: i64 = 100;

type Failure = Box<dyn std::error::Error>;

/// One file of one partition: rows from offset `start` on, appended on `day`.
fn data_file(root: &Path, partition: i32, start: i64, day: i32) -> Result<manifest::DataFile, Failure> {
    let mut file = FileBuilder::new(TopicId(Uuid([7; 16])), partition, start, &Columns::default())?;
    let mut b = BatchBuilder::new(Codec::None);
    for i in start..start + ROWS {
        let key = (i % 3 > 0).then(|| format!("k{}", i % 3));
        let value = format!("{{\"n\":{i}}}");
        b.push(NewRecord {
            timestamp: 1_700_000_000_000 + i,
            key: key.as_deref().map(str::as_bytes),
            value: Some(value.as_bytes()),
            ..NewRecord::default()
        });
    }
    let mut batch = b.finish()?.to_vec();
    batch.splice(..8, start.to_be_bytes());
    let header = BatchHeader::read(&batch).ok_or("a batch of ours does not parse")?;
    file.push(&header, &batch, i64::from(day) * DAY_MS + 5)?;
    let done = file.finish(start + ROWS)?;
    let bytes = done.parts.concat();
    let path = root.join(format!("data-{partition}-{start}.parquet"));
    std::fs::write(&path, &bytes)?;
    Ok(stats::data_file(uri(&path), day, bytes.len() as i64, &done.footer))
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    std::fs::create_dir_all(&folder)?;
    let root = std::fs::canonicalize(folder)?;
    let mut table = TableMetadata::new("0a1b2c3d-4e5f-4000-8000-000000000001", &uri(&root), 1, "t", "07");
    let mut manifests: Vec<ManifestFile> = Vec::new();
    for commit in 0..2i64 {
        let (snapshot_id, sequence) = (100 + commit, table.next_sequence());
        let mut entries = Vec::new();
        for partition in 0..2 {
            let file = data_file(&root, partition, commit * ROWS, 19_000 + commit as i32)?;
            let status = Status::Added;
            let snapshot_id = Some(snapshot_id);
            entries.push(Entry {
                status,
                snapshot_id,
                sequence_number: None,
                file_sequence_number: None,
                file,
            });
        }
        let sync = [commit as u8 + 1; 16];
        let bytes = manifest::write(&entries, &schema::table(0, &Columns::default()), sync);
        let at = root.join(format!("manifest-{commit}.avro"));
        std::fs::write(&at, &bytes)?;
        manifests.push(ManifestFile::of(uri(&at), bytes.len(), &entries, snapshot_id, sequence));
        let list = root.join(format!("list-{commit}.avro"));
        let parent = table.current_snapshot_id;
        std::fs::write(&list, manifest::write_list(&manifests, snapshot_id, parent, sequence, sync))?;
        let append = Append {
            snapshot_id,
            now_ms: 10 + commit,
            manifest_list: uri(&list),
            files: entries.len() as i64,
            rows: entries.iter().map(|e| e.file.rows).sum(),
            bytes: entries.iter().map(|e| e.file.bytes).sum(),
            offsets: BTreeMap::from([(0, (commit + 1) * ROWS), (1, (commit + 1) * ROWS)]),
            columns: Columns::default(),
            removed: Removed::default(),
            starts: BTreeMap::new(),
        };
        table = table.append(&append, None, &Retention::default());
    }
    let at = root.join("v2.metadata.json");
    std::fs::write(&at, serde_json::to_vec_pretty(&table)?)?;
    println!("{}", at.display());
    Ok(())
}
