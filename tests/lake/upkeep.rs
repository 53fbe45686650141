//! What the broker removes, merges and keeps: orphans, small files, old rows, dropped tables, full disks.

use crate::home::*;
use lipno::run::Running;
use lipno_tests::client::Client;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use raft::{Command, Outcome};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// A topic with 24 data files of 5 rows each in a table that nobody looks after; the folder of its table.
fn with_small_files(home: &Home) -> PathBuf {
    let broker = home.start(&[("lake.upkeep.interval.ms", "3600000")]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[]);
    for n in 0..24 {
        c.produce("t", 0, batch(n * 5, 5, Codec::None));
        wait_committed(&broker, "t", &[n * 5 + 5]);
    }
    let folder = home.lake().join(location(&broker, "t"));
    home.stop(broker);
    assert_eq!(glob(&folder).len(), 24);
    folder
}

#[test]
fn a_merge_that_loses_every_race_leaves_the_table_alone_and_is_done_later() {
    let home = Home::new();
    let folder = with_small_files(&home);
    let broker = home.start(&[("lake.upkeep.interval.ms", "50"), ("lake.orphan.age.ms", "2000")]);
    let stop = Arc::new(AtomicBool::new(false));
    // Another version comes as fast as Raft takes it: whatever a merge was built on is old when it is proposed.
    let others = {
        let (broker, stop) = (broker.broker.clone(), stop.clone());
        home.rt.spawn(async move {
            let topic = broker.metadata.image().topic("t").unwrap().id;
            let mut versions = 0;
            while !stop.load(Ordering::Relaxed) {
                let table = broker.metadata.image().lake[&topic].clone();
                let (base, metadata, moves) = (table.version, table.metadata.clone(), Vec::new());
                let (dead_letters, rebuild) = (None, None);
                let next = Command::CommitLakeTable { topic, base, metadata, moves, dead_letters, rebuild };
                versions += usize::from(matches!(broker.metadata.propose(next).await, Ok(Outcome::Done)));
            }
            versions
        })
    };
    // Each time that it was tried has left a file.
    wait_for("three merges were tried", || glob(&folder).len() >= 24 + 3);
    assert_eq!(live(&folder).len(), 24, "and none was committed");
    assert_eq!(rows_in(&live(&folder)), expected(&[120]));
    stop.store(true, Ordering::Relaxed);
    assert!(home.rt.block_on(others).unwrap() > 3);
    wait_for("it is done when it is quiet", || live(&folder).len() <= 8);
    assert_eq!(rows_in(&live(&folder)), expected(&[120]));
    let needed = live(&folder);
    // Twenty snapshots at least are kept with their files; the files of merges that lost belong to none.
    wait_for("what was lost is swept", || glob(&folder).len() <= 24 + needed.len());
    home.stop(broker);
}

#[test]
fn a_full_disk_stops_merges_and_not_the_end_of_old_rows() {
    let home = Home::new();
    let folder = with_small_files(&home);
    let often = ("lake.upkeep.interval.ms", "50");
    // Every disk has less than 101 % free: each merge needs room that there is not.
    let broker = home.start(&[often, ("lake.pause.free.percent", "101"), ("lake.orphan.age.ms", "1")]);
    // Old metadata files go, so that upkeep was there.
    let metadata_files = || std::fs::read_dir(folder.join("metadata")).unwrap().count();
    let before = metadata_files();
    wait_for("upkeep swept", || metadata_files() < before);
    home.stop(broker);
    assert_eq!(glob(&folder).len(), 24, "nothing was written");
    assert_eq!(live(&folder).len(), 24);
    let full = [often, ("lake.pause.free.percent", "101"), ("lake.retention.ms", "1")];
    let broker = home.start(&full);
    wait_for("old rows are out", || live(&folder).is_empty());
    home.stop(broker);
}

#[test]
fn small_files_of_dead_letters_become_large_ones() {
    let home = Home::new();
    let broker = home.start(&[("lake.upkeep.interval.ms", "200"), ("lake.orphan.age.ms", "2000")]);
    let mut c = Client::connect(broker.addresses[0]);
    c.create_topic("t", 1, &[("lake.bad.records", "dlq")]);
    let mut want = Vec::new();
    for n in 0..24 {
        let mut b = BatchBuilder::new(Codec::None);
        for i in 0..3 {
            let value = if i == 1 { format!("broken {n}") } else { format!("{{\"n\":{n}}}") };
            b.push(NewRecord { value: Some(value.as_bytes()), ..NewRecord::default() });
        }
        c.produce("t", 0, b.finish().unwrap());
        want.push((0, n * 3 + 1, format!("broken {n}")));
        wait_committed(&broker, "t", &[n * 3 + 3]);
    }
    let image = broker.broker.metadata.image();
    let table = &image.lake[&image.topic("t").unwrap().id];
    let folder = home.lake().join(&table.location);
    let dead = home.lake().join(&table.dead_letters.as_ref().unwrap().location);
    wait_for("few files of both", || live(&folder).len() <= 8 && live(&dead).len() <= 8);
    assert_eq!(rows_in(&live(&dead)), want);
    assert_eq!(rows_in(&live(&folder)).len(), 48);
    home.stop(broker);
}
