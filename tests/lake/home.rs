//! A broker with a lake of its own, and what its folder shows to a reader that knows nothing of the broker. Used by every test here.

use arrow::array::AsArray;
use arrow::datatypes::{Int32Type, Int64Type};
use bytes::Bytes;
use lipno::config::BrokerConfig;
use lipno::run::Running;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tiering::iceberg::manifest::{self, Status};
use tiering::iceberg::metadata::TableMetadata;
use tokio::runtime::Runtime;

/// A broker in this process with its own folder and a lake that commits often.
pub struct Home {
    pub rt: Runtime,
    pub dir: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Home {
        Home { rt: Runtime::new().unwrap(), dir: tempfile::tempdir().unwrap() }
    }

    pub fn start(&self, more: &[(&str, &str)]) -> Running {
        let mut values: BTreeMap<String, String> = [
            ("data.dir", self.dir.path().to_str().unwrap()),
            ("listeners", "PLAINTEXT://127.0.0.1:0"),
            ("http.listeners", "127.0.0.1:0"),
            ("lake.commit.interval.ms", "100"),
            // Whatever else is on the disk of whoever runs this.
            ("lake.retention.hold.free.percent", "0"),
            ("lake.pause.free.percent", "0"),
        ]
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .into();
        values.extend(more.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        self.rt.block_on(lipno::run::start(BrokerConfig::from_values(values).unwrap())).unwrap()
    }

    pub fn stop(&self, broker: Running) {
        self.rt.block_on(broker.stop());
    }

    pub fn lake(&self) -> PathBuf {
        self.dir.path().join("lake")
    }
}

pub fn batch(first: i64, n: i64, codec: Codec) -> Bytes {
    let mut b = BatchBuilder::new(codec);
    for i in first..first + n {
        b.push(NewRecord { timestamp: i, value: Some(format!("v{i}").as_bytes()), ..NewRecord::default() });
    }
    b.finish().unwrap()
}

/// `**/*.parquet` below a folder.
pub fn glob(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return out };
    for path in entries.map(|e| e.unwrap().path()) {
        if path.is_dir() {
            out.extend(glob(&path));
        } else if path.extension().is_some_and(|e| e == "parquet") {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// (partition, offset, value) of every row below a folder, sorted. A file that is just being removed is left out.
pub fn rows(folder: &Path) -> Vec<(i32, i64, String)> {
    rows_in(&glob(folder))
}

/// The same of some files.
pub fn rows_in(files: &[PathBuf]) -> Vec<(i32, i64, String)> {
    let mut out = Vec::new();
    for path in files {
        let Ok(file) = File::open(path) else { continue };
        for b in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let b = b.unwrap();
            let partition = b.column_by_name("kafka_partition").unwrap().as_primitive::<Int32Type>();
            let offset = b.column_by_name("kafka_offset").unwrap().as_primitive::<Int64Type>();
            let value = b.column_by_name("kafka_value").unwrap().as_binary::<i32>();
            for i in 0..b.num_rows() {
                let text = String::from_utf8_lossy(value.value(i)).into_owned();
                out.push((partition.value(i), offset.value(i), text));
            }
        }
    }
    out.sort();
    out
}

#[expect(clippy::disallowed_methods, reason = "a test waits for what another process or thread does")]
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the Raft record of the topic reaches these next offsets.
pub fn wait_committed(broker: &Running, topic: &str, ends: &[i64]) {
    let id = broker.broker.metadata.image().topic(topic).unwrap().id;
    wait_for(&format!("{topic} committed up to {ends:?}"), || {
        let image = broker.broker.metadata.image();
        let Some(table) = image.lake.get(&id) else { return ends.iter().all(|e| *e == 0) };
        ends.iter().enumerate().all(|(i, e)| table.offsets.get(&(i as i32)).copied().unwrap_or(0) == *e)
    });
}

pub fn location(broker: &Running, topic: &str) -> String {
    let image = broker.broker.metadata.image();
    image.lake[&image.topic(topic).unwrap().id].location.clone()
}

/// The table that a reader without a catalog finds in a folder: its metadata and the data files that are live.
pub fn table(folder: &Path) -> (TableMetadata, Vec<PathBuf>) {
    let metadata = folder.join("metadata");
    let version = std::fs::read_to_string(metadata.join("version-hint.text")).unwrap();
    let bytes = std::fs::read(metadata.join(format!("v{version}.metadata.json"))).unwrap();
    let table: TableMetadata = serde_json::from_slice(&bytes).unwrap();
    let read = |uri: &str| std::fs::read(uri.strip_prefix("file://").unwrap()).unwrap();
    let list = manifest::read_list(&read(&table.current().unwrap().manifest_list)).unwrap();
    let mut files = Vec::new();
    for m in &list {
        for e in manifest::read(&read(&m.path)).unwrap().iter().filter(|e| e.status != Status::Deleted) {
            let path = PathBuf::from(e.file.path.strip_prefix("file://").unwrap());
            assert_eq!(std::fs::metadata(&path).unwrap().len() as i64, e.file.bytes);
            files.push(path);
        }
    }
    files.sort();
    (table, files)
}

/// The data files of the table.
pub fn live(folder: &Path) -> Vec<PathBuf> {
    table(folder).1
}

/// The table names exactly the files that are there, and the offsets that Raft has.
pub fn assert_table_is(broker: &Running, topic: &str, folder: &Path) {
    let image = broker.broker.metadata.image();
    let record = &image.lake[&image.topic(topic).unwrap().id];
    // The copy comes after the commit.
    wait_for("the newest version is copied", || {
        std::fs::read_to_string(folder.join("metadata/version-hint.text")).ok()
            == Some(record.version.to_string())
    });
    let (table, files) = table(folder);
    let real = folder.canonicalize().unwrap();
    assert_eq!(files, glob(&real));
    assert_eq!(table.offsets().unwrap(), record.offsets);
    assert_eq!(table.location, format!("file://{}", real.display()));
    let summary = &table.current().unwrap().summary;
    assert_eq!(summary["total-records"], rows(folder).len().to_string());
    assert_eq!(summary["total-data-files"], files.len().to_string());
    let newest = real.parent().unwrap().parent().unwrap().join(&record.metadata);
    let bytes = std::fs::read(newest).unwrap();
    assert_eq!(serde_json::from_slice::<TableMetadata>(&bytes).unwrap(), table);
}

/// All rows of partitions with these ends, values as `batch` makes them.
pub fn expected(ends: &[i64]) -> Vec<(i32, i64, String)> {
    let of = |(p, end): (usize, &i64)| (0..*end).map(move |o| (p as i32, o, format!("v{o}")));
    ends.iter().enumerate().flat_map(of).collect()
}
