//! The lake of a running broker: what its tables and a glob over its folder show, across restarts, crashes' leftovers and faults.

use arrow::array::AsArray;
use arrow::datatypes::{Int32Type, Int64Type};
use bytes::Bytes;
use lipno::config::BrokerConfig;
use lipno::config::topic::LakeMode;
use lipno::run::Running;
use lipno_tests::client::Client;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use protocol::message::k08_offset_commit::request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use protocol::message::k08_offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use protocol::message::k10_find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::records::{BatchBuilder, Codec, NewRecord};
use raft::{Command, Resource};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tiering::iceberg::manifest::{self, Status};
use tiering::iceberg::metadata::TableMetadata;
use tokio::runtime::Runtime;

/// A broker in this process with its own folder and a lake that commits often.
struct Home {
    rt: Runtime,
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Home {
        Home { rt: Runtime::new().unwrap(), dir: tempfile::tempdir().unwrap() }
    }

    fn start(&self, more: &[(&str, &str)]) -> Running {
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

    fn stop(&self, broker: Running) {
        self.rt.block_on(broker.stop());
    }

    fn lake(&self) -> PathBuf {
        self.dir.path().join("lake")
    }
}

fn batch(first: i64, n: i64, codec: Codec) -> Bytes {
    let mut b = BatchBuilder::new(codec);
    for i in first..first + n {
        b.push(NewRecord { timestamp: i, value: Some(format!("v{i}").as_bytes()), ..NewRecord::default() });
    }
    b.finish().unwrap()
}

/// `**/*.parquet` below a folder.
fn glob(folder: &Path) -> Vec<PathBuf> {
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
fn rows(folder: &Path) -> Vec<(i32, i64, String)> {
    rows_in(&glob(folder))
}

/// The same of some files.
fn rows_in(files: &[PathBuf]) -> Vec<(i32, i64, String)> {
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
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the Raft record of the topic reaches these next offsets.
fn wait_committed(broker: &Running, topic: &str, ends: &[i64]) {
    let id = broker.broker.metadata.image().topic(topic).unwrap().id;
    wait_for(&format!("{topic} committed up to {ends:?}"), || {
        let image = broker.broker.metadata.image();
        let Some(table) = image.lake.get(&id) else { return ends.iter().all(|e| *e == 0) };
        ends.iter().enumerate().all(|(i, e)| table.offsets.get(&(i as i32)).copied().unwrap_or(0) == *e)
    });
}

fn location(broker: &Running, topic: &str) -> String {
    let image = broker.broker.metadata.image();
    image.lake[&image.topic(topic).unwrap().id].location.clone()
}

/// The table that a reader without a catalog finds in a folder: its metadata and the data files that are live.
fn table(folder: &Path) -> (TableMetadata, Vec<PathBuf>) {
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
fn live(folder: &Path) -> Vec<PathBuf> {
    table(folder).1
}

/// The table names exactly the files that are there, and the offsets that Raft has.
fn assert_table_is(broker: &Running, topic: &str, folder: &Path) {
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
fn expected(ends: &[i64]) -> Vec<(i32, i64, String)> {
    let of = |(p, end): (usize, &i64)| (0..*end).map(move |o| (p as i32, o, format!("v{o}")));
    ends.iter().enumerate().flat_map(of).collect()
}

#[test]
fn every_offset_is_there_once_across_restarts() {
    let home = Home::new();
    let table = home.lake().join("lipno/my_topic");
    let broker = home.start(&[]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("My.topic", 3, &[]);
    for i in 0..10 {
        c.produce("My.topic", 0, batch(i * 10, 10, Codec::None));
        c.produce("My.topic", 1, batch(i * 7, 7, Codec::Zstd));
    }
    wait_committed(&broker, "My.topic", &[100, 70, 0]);
    assert_eq!(rows(&table), expected(&[100, 70, 0]));
    assert_table_is(&broker, "My.topic", &table);
    // More, and a stop right after: part of it may be on its way.
    for i in 10..20 {
        c.produce("My.topic", 0, batch(i * 10, 10, Codec::Lz4));
    }
    home.stop(broker);
    // What a kill -9 can leave: a file that was stored but not committed, and one that was cut off.
    let some = glob(&table)[0].clone();
    let folder = some.parent().unwrap();
    let orphan = folder.join(format!("{:020}-{:020}-0-0badf00d.parquet", 0, 5_000));
    std::fs::copy(&some, &orphan).unwrap();
    let early = table.join("data/dt=2020-01-01/kp=00002");
    std::fs::create_dir_all(&early).unwrap();
    std::fs::copy(&some, early.join(format!("{:020}-{:020}-0-0badf00d.parquet", 0, 5))).unwrap();
    std::fs::write(folder.join("x.parquet#1"), b"cut off").unwrap();
    std::fs::write(folder.join("notes.txt"), b"not ours").unwrap();

    let broker = home.start(&[]);
    assert!(!orphan.exists(), "removed before anything is served");
    assert!(glob(&early).is_empty(), "a partition without a record has no files");
    assert!(!folder.join("x.parquet#1").exists() && folder.join("notes.txt").exists());
    wait_committed(&broker, "My.topic", &[200, 70, 0]);
    let mut c = Client::connect(broker.addresses[0]);
    for i in 0..5 {
        c.produce("My.topic", 2, batch(i, 1, Codec::Gzip));
    }
    wait_committed(&broker, "My.topic", &[200, 70, 5]);
    assert_eq!(rows(&table), expected(&[200, 70, 5]));
    assert_table_is(&broker, "My.topic", &table);
    assert!(glob(&home.lake()).iter().all(|f| f.starts_with(&table)), "internal topics are no tables");
    home.stop(broker);
}

#[test]
fn a_topic_has_a_table_before_its_first_row() {
    let home = Home::new();
    let broker = home.start(&[]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("later", 2, &[("lake.mode", "off")]);
    for i in 0..40 {
        c.create_topic(&format!("t{i}"), 1, &[]);
    }
    let has_version = |topic: &str| {
        let image = broker.broker.metadata.image();
        let id = image.topic(topic).unwrap().id;
        image.lake.get(&id).is_some_and(|t| t.version == 1 && t.offsets.is_empty())
    };
    wait_for("all have an empty version", || (0..40).all(|i| has_version(&format!("t{i}"))));
    assert_table_is(&broker, "t7", &home.lake().join("lipno/t7"));
    assert!(!has_version("later"), "switched off");
    c.produce("t7", 0, batch(0, 3, Codec::None));
    wait_committed(&broker, "t7", &[3]);
    assert_table_is(&broker, "t7", &home.lake().join("lipno/t7"));
    home.stop(broker);
    let broker = home.start(&[]);
    let version = |topic: &str| {
        let image = broker.broker.metadata.image();
        image.lake[&image.topic(topic).unwrap().id].version
    };
    assert_eq!((version("t7"), version("t8")), (2, 1), "made once");
    home.stop(broker);
}

#[test]
fn what_nothing_refers_to_goes_and_rows_stay() {
    let home = Home::new();
    let table = home.lake().join("lipno/t");
    let broker = home.start(&[("lake.upkeep.interval.ms", "100"), ("lake.orphan.age.ms", "300")]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    for i in 0..40 {
        c.produce("t", 0, batch(i * 5, 5, Codec::None));
        wait_committed(&broker, "t", &[(i + 1) * 5]);
    }
    let some = glob(&table)[0].clone();
    let orphan = some.parent().unwrap().join(format!("{:020}-{:020}-0-0badf00d.parquet", 0, 3));
    std::fs::copy(&some, &orphan).unwrap();
    let metadata_files = || {
        let entries = std::fs::read_dir(table.join("metadata")).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|n| n.ends_with(".metadata.json") && !n.starts_with('v')).count()
    };
    wait_for("the orphan and old metadata files go", || !orphan.exists() && metadata_files() <= 21);
    // Not by a glob: files that were merged stay as long as a snapshot needs them.
    wait_for("the newest version is copied", || rows_in(&live(&table)) == expected(&[200]));
    // A table that has been swept is written on.
    c.produce("t", 0, batch(200, 5, Codec::None));
    wait_committed(&broker, "t", &[205]);
    wait_for("the newest version is copied", || rows_in(&live(&table)) == expected(&[205]));
    home.stop(broker);
}

#[test]
fn another_topic_of_the_same_name_is_another_table() {
    let home = Home::new();
    let broker = home.start(&[("lake.namespace", "ns")]);
    let mut c = Client::connect(broker.addresses[0]);
    // Somebody's folder is in the way already.
    std::fs::create_dir_all(home.lake().join("ns/b/theirs")).unwrap();
    for (topic, n) in [("t", 5), ("T", 6), ("b", 7)] {
        c.create_topic(topic, 1, &[]);
        c.produce(topic, 0, batch(0, n, Codec::None));
        wait_committed(&broker, topic, &[n]);
    }
    let places: Vec<String> = ["t", "T", "b"].map(|t| location(&broker, t)).into();
    assert_eq!(places[0], "ns/t");
    assert!(places[1].starts_with("ns/t__") && places[2].starts_with("ns/b__"), "{places:?}");
    c.delete_topic("t");
    c.create_topic("t", 1, &[]);
    c.produce("t", 0, batch(0, 2, Codec::None));
    wait_committed(&broker, "t", &[2]);
    let again = location(&broker, "t");
    assert!(again.starts_with("ns/t__") && again != places[1], "{again}");
    assert_eq!(rows(&home.lake().join("ns/t")), expected(&[5]), "the old table stays as it was");
    assert_eq!(rows(&home.lake().join(again)), expected(&[2]));
    home.stop(broker);
}

#[test]
fn switched_off_and_on_it_goes_on_where_it_was() {
    let home = Home::new();
    let table = home.lake().join("lipno/t");
    let off = [("lake.mode", "off")];
    let broker = home.start(&off);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[("write.caching", "true")]);
    c.create_topic("u", 1, &[("lake.mode", "copy")]);
    c.produce("t", 0, batch(0, 10, Codec::None));
    c.produce("u", 0, batch(0, 1, Codec::None));
    wait_committed(&broker, "u", &[1]);
    assert!(!table.exists(), "off is off");
    home.stop(broker);

    let broker = home.start(&[]);
    wait_committed(&broker, "t", &[10]);
    home.stop(broker);
    let broker = home.start(&off);
    let mut c = Client::connect(broker.addresses[0]);
    c.produce("t", 0, batch(10, 10, Codec::None));
    c.produce("u", 0, batch(1, 1, Codec::None));
    wait_committed(&broker, "u", &[2]);
    assert_eq!(rows(&table), expected(&[10]), "what is there stays");
    home.stop(broker);
    let broker = home.start(&[]);
    wait_committed(&broker, "t", &[20]);
    assert_eq!(rows(&table), expected(&[20]));
    assert_table_is(&broker, "t", &table);
    home.stop(broker);
}

#[test]
fn a_lake_that_fails_stops_nobody_and_recovers() {
    let home = Home::new();
    // A file stands where the namespace's folder must be.
    std::fs::create_dir_all(home.lake()).unwrap();
    std::fs::write(home.lake().join("lipno"), b"in the way").unwrap();
    let broker = home.start(&[]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    c.produce("t", 0, batch(0, 10, Codec::None));
    let metrics = || {
        let mut s = std::net::TcpStream::connect(broker.http).unwrap();
        let q = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        std::io::Write::write_all(&mut s, q).unwrap();
        std::io::read_to_string(s).unwrap()
    };
    let value = |name: &str| {
        let text = metrics();
        text.lines().find_map(|l| l.strip_prefix(name)?.trim().parse::<f64>().ok()).unwrap_or(0.0)
    };
    wait_for("an error is counted", || value("lipno_lake_errors_total ") >= 1.0);
    assert_eq!(value("lipno_lake_lag{topic=\"t\",partition=\"0\"} "), 10.0);
    c.produce("t", 0, batch(10, 10, Codec::None));
    std::fs::remove_file(home.lake().join("lipno")).unwrap();
    wait_committed(&broker, "t", &[20]);
    assert_eq!(rows(&home.lake()), expected(&[20]));
    assert_eq!(value("lipno_lake_lag{topic=\"t\",partition=\"0\"} "), 0.0);
    assert!(value("lipno_lake_commit_seconds_count ") >= 1.0);
    home.stop(broker);
}

#[test]
fn a_lake_that_is_not_there_is_not_begun_anew() {
    let home = Home::new();
    let broker = home.start(&[]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    c.produce("t", 0, batch(0, 10, Codec::None));
    wait_committed(&broker, "t", &[10]);
    home.stop(broker);
    // As if its file system were not mounted.
    let away = home.dir.path().join("away");
    std::fs::rename(home.lake(), &away).unwrap();
    let broker = home.start(&[]);
    let mut c = Client::connect(broker.addresses[0]);
    c.produce("t", 0, batch(10, 10, Codec::None));
    c.create_topic("u", 1, &[]);
    c.produce("u", 0, batch(0, 1, Codec::None));
    let mut looks = 0;
    wait_for("it had time to go wrong", || {
        looks += 1;
        looks > 50
    });
    assert_eq!(glob(&home.lake()), Vec::<PathBuf>::new(), "nothing goes to where the lake is not");
    wait_committed(&broker, "t", &[10]);
    // It comes back while the broker runs.
    std::fs::remove_dir_all(home.lake()).unwrap();
    std::fs::rename(&away, home.lake()).unwrap();
    wait_committed(&broker, "t", &[20]);
    wait_committed(&broker, "u", &[1]);
    assert_eq!(rows(&home.lake().join("lipno/t")), expected(&[20]));
    home.stop(broker);
}

#[test]
fn internal_topics_are_no_tables_even_if_asked_to() {
    let home = Home::new();
    let broker = home.start(&[("offsets.topic.num.partitions", "1")]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    let find = FindCoordinatorRequest { key: "g".into(), ..Default::default() };
    let commit = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetCommitRequestPartition { committed_offset: 0, ..Default::default() }],
            ..Default::default()
        }],
        ..Default::default()
    };
    wait_for("an offset is committed", || {
        let _: FindCoordinatorResponse = c.call(10, 1, &find);
        let a: OffsetCommitResponse = c.call(8, 6, &commit);
        a.topics[0].partitions[0].error_code == 0
    });
    let topic = "__consumer_offsets";
    let copy = Command::AlterConfigs {
        resource: Resource::Topic(topic.into()),
        topic: None,
        changes: vec![("lake.mode".into(), Some("copy".into()))],
    };
    home.rt.block_on(broker.broker.metadata.propose(copy)).unwrap();
    let offsets = broker.broker.replicas.partition(topic, 0).unwrap();
    assert!(offsets.ends().high_watermark > 0 && offsets.config.load().lake_mode == LakeMode::Copy);
    // One range of a table of the same settings, and then one more: this one would have come in between.
    for end in [1, 2] {
        c.produce("t", 0, batch(end - 1, 1, Codec::None));
        wait_committed(&broker, "t", &[end]);
    }
    assert_eq!(broker.broker.metadata.image().lake.len(), 1);
    assert_eq!(rows(&home.lake()), expected(&[2]));
    home.stop(broker);
}

#[test]
fn wrong_settings_are_named() {
    let home = Home::new();
    for (key, value, says) in
        [("lake.url", "ftp://bucket/lake", "file:// URL"), ("lake.namespace", "My Lake", "lower-case")]
    {
        let dir = tempfile::tempdir().unwrap();
        let values = BTreeMap::from(
            [
                ("data.dir", dir.path().to_str().unwrap()),
                ("listeners", "PLAINTEXT://127.0.0.1:0"),
                ("http.listeners", "127.0.0.1:0"),
                (key, value),
            ]
            .map(|(k, v)| (k.to_string(), v.to_string())),
        );
        let started = home.rt.block_on(lipno::run::start(BrokerConfig::from_values(values).unwrap()));
        let message = started.err().expect("must be refused").to_string();
        assert!(message.contains(key) && message.contains(says), "{message}");
    }
}

#[test]
fn small_files_become_large_ones_and_old_rows_go() {
    let home = Home::new();
    let more = [
        ("lake.upkeep.interval.ms", "200"),
        ("lake.orphan.age.ms", "1"),
        ("lake.snapshots.min", "1"),
        ("lake.snapshot.retention.ms", "0"),
        ("lake.snapshot.hourly.days", "0"),
    ];
    let broker = home.start(&more);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    let mut want = Vec::new();
    for n in 0..24 {
        c.produce("t", 0, batch(n * 5, 5, Codec::Lz4));
        want.extend((n * 5..n * 5 + 5).map(|i| (0, i, format!("v{i}"))));
        wait_committed(&broker, "t", &[n * 5 + 5]);
    }
    let folder = home.lake().join(location(&broker, "t"));
    // 24 commits of one file each; merged, and what was replaced is swept away.
    wait_for("few files", || glob(&folder).len() <= 8);
    wait_for("the table has them all", || table(&folder).1.len() == glob(&folder).len());
    assert_eq!(rows(&folder), want);
    let (metadata, _) = table(&folder);
    let summary = &metadata.current().unwrap().summary;
    assert_eq!((summary["total-records"].as_str(), metadata.offsets().unwrap()[&0]), ("120", 120));
    home.stop(broker);
    let broker = home.start(&[&more[..], &[("lake.retention.ms", "1")]].concat());
    wait_for("old rows are out", || {
        let (metadata, files) = table(&folder);
        files.is_empty() && metadata.starts().get(&0) == Some(&120)
    });
    let mut c = Client::connect(broker.addresses[0]);
    c.produce("t", 0, batch(120, 5, Codec::None));
    wait_committed(&broker, "t", &[125]);
    home.stop(broker);
}

#[test]
fn a_deleted_topics_table_stays_under_another_name_or_goes() {
    let home = Home::new();
    let broker = home.start(&[("lake.upkeep.interval.ms", "100")]);
    let mut c = Client::connect(broker.addresses[0]);
    let tables = |broker: &Running| {
        let image = broker.broker.metadata.image();
        image.lake.values().map(|t| t.table.clone()).collect::<Vec<String>>()
    };
    c.create_topic("kept", 1, &[]);
    c.create_topic("gone", 1, &[("lake.on.topic.delete", "drop")]);
    for t in ["kept", "gone"] {
        c.produce(t, 0, batch(0, 5, Codec::None));
        wait_committed(&broker, t, &[5]);
    }
    let (kept, gone) =
        (home.lake().join(location(&broker, "kept")), home.lake().join(location(&broker, "gone")));
    c.delete_topic("kept");
    c.delete_topic("gone");
    wait_for("the dropped table's files go", || !gone.exists() && tables(&broker).len() == 1);
    assert!(tables(&broker)[0].starts_with("kept__"), "{:?}", tables(&broker));
    assert_eq!(rows_in(&live(&kept)), expected(&[5]), "its rows are all there");
    for t in ["kept", "gone"] {
        c.create_topic(t, 1, &[]);
        c.produce(t, 0, batch(0, 7, Codec::None));
        wait_committed(&broker, t, &[7]);
        assert!(tables(&broker).contains(&t.to_string()), "the name is free again");
    }
    assert_ne!(home.lake().join(location(&broker, "kept")), kept, "and files never mix");
    assert_eq!(rows_in(&live(&kept)), expected(&[5]));
    home.stop(broker);
}

#[test]
fn a_full_disk_makes_retention_go_on_without_the_lake() {
    let home = Home::new();
    // The lake cannot be written: a file stands in the way.
    std::fs::create_dir_all(home.lake()).unwrap();
    std::fs::write(home.lake().join("lipno"), b"in the way").unwrap();
    let small = [("log.segment.bytes", "1048576"), ("log.retention.bytes", "1048576")];
    let retention = [("log.retention.check.interval.ms", "100")];
    let waits: Vec<_> = small.into_iter().chain(retention).collect();
    let broker = home.start(&waits);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    let value = vec![b'x'; 500_000];
    for _ in 0..8 {
        let mut b = BatchBuilder::new(Codec::None);
        b.push(NewRecord { value: Some(&value), ..NewRecord::default() });
        c.produce("t", 0, b.finish().unwrap());
    }
    let log_start = |broker: &Running| broker.broker.replicas.partition("t", 0).unwrap().ends().log_start;
    assert_eq!(log_start(&broker), 0, "nothing goes that the lake does not have");
    home.stop(broker);
    // Every disk has less than 101 % free.
    let broker = home.start(&[&waits[..], &[("lake.retention.hold.free.percent", "101")]].concat());
    wait_for("retention goes on", || log_start(&broker) > 0);
    let start = log_start(&broker);
    home.stop(broker);
    std::fs::remove_file(home.lake().join("lipno")).unwrap();
    let broker = home.start(&waits);
    wait_committed(&broker, "t", &[8]);
    let first = rows_in(&live(&home.lake().join(location(&broker, "t"))))[0].1;
    assert!(first >= start && first < 8);
    home.stop(broker);
}
