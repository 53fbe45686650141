//! The lake of a running broker: what its tables and a glob over its folder show, across restarts, crashes' leftovers and faults.

mod home;
mod upkeep;

use home::*;
use lipno::config::BrokerConfig;
use lipno::config::topic::LakeMode;
use lipno_tests::client::Client;
use protocol::message::k08_offset_commit::request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use protocol::message::k08_offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use protocol::message::k10_find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::records::Codec;
use raft::{Command, Resource};
use std::collections::BTreeMap;
use std::path::PathBuf;

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
