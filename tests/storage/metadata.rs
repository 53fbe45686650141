//! Cluster metadata on a disk that is full: what was reserved takes commands, a snapshot waits for room.

use lipno_tests::disk::SimDisk;
use raft::{Command, Metadata, Outcome, Start};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use storage::Disk;

const DIR: &str = "/raft";

async fn start(disk: &Arc<SimDisk>) -> Metadata {
    let dir = PathBuf::from(DIR);
    Metadata::start(Start {
        disk: disk.clone(),
        dir,
        raft_node: 7,
        listener: Arc::new(|_| {}),
        may_form: true,
    })
    .await
    .unwrap()
}

async fn allocate(m: &Metadata, n: i64) {
    for _ in 0..n {
        m.propose(Command::AllocateProducerIds { count: 1 }).await.unwrap();
    }
}

#[tokio::test]
async fn a_snapshot_that_does_not_fit_ends_nothing() {
    let disk = Arc::new(SimDisk::new(1));
    disk.create_dir(Path::new(DIR)).unwrap();
    let snapshot = Path::new(DIR).join("snapshot");
    let m = start(&disk).await;
    allocate(&m, 10).await;
    // Neither a first snapshot nor one that would take the place of another.
    let mut next = 10;
    for has_one in [false, true] {
        assert_eq!(disk.exists(&snapshot).unwrap(), has_one);
        let held = disk.content(&snapshot);
        disk.set_capacity(Some(disk.used()));
        allocate(&m, 2_500).await;
        assert_eq!(disk.content(&snapshot), held, "no room for it");
        assert!(!disk.exists(&Path::new(DIR).join("snapshot.tmp")).unwrap(), "nor is half of it left");
        disk.set_capacity(None);
        allocate(&m, 2_500).await;
        next += 5_000;
    }
    m.stop().await;
    assert!(disk.exists(&snapshot).unwrap());
    let m = start(&disk).await;
    let got = m.propose(Command::AllocateProducerIds { count: 1 }).await.unwrap();
    assert_eq!(got, Outcome::ProducerIds { first: next, count: 1 });
    m.stop().await;
}
