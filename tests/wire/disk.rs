//! Damaged folders: every file of a data folder, damaged in every way that a disk or a person can. The broker starts
//! or says why not; it never panics, and never serves less, or anything else, than what was acknowledged.

use crate::client::Client;
use crate::requests::{batch, commit, fetch, list_offsets, make_topic, produce};
use crate::server::{Server, alone, assert_no_panics};
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k01_fetch::FetchResponse;
use protocol::message::k02_list_offsets::ListOffsetsResponse;
use protocol::message::k03_metadata::{MetadataRequest, MetadataResponse};
use protocol::message::k08_offset_commit::OffsetCommitResponse;
use protocol::message::k09_offset_fetch::request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use protocol::message::k09_offset_fetch::{OffsetFetchRequest, OffsetFetchResponse};
use protocol::message::k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use protocol::message::k44_incremental_alter_configs::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use protocol::records::BatchHeader;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BATCHES: i64 = 40;
const TOPICS: usize = 5;

fn value(i: i64) -> Vec<u8> {
    format!("value {i} ").repeat(40).into_bytes()
}

/// A folder with a topic of 40 batches, a group's offset, topics that came and went, and a snapshot of the metadata.
fn fill(dir: &Path) {
    let server = Server::start(dir, &[]).unwrap();
    let mut c = Client::connect(server.address);
    for i in 1..TOPICS {
        make_topic(&mut c, &format!("other-{i}"), 2);
    }
    make_topic(&mut c, "t", 1);
    make_topic(&mut c, "gone", 1);
    for topic in ["t", "gone"] {
        for i in 0..BATCHES {
            let p: ProduceResponse = c.call(0, 9, &produce(topic, 0, batch(&[&value(i)]), -1));
            assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
        }
    }
    for offset in [3, 4, 5] {
        let a: OffsetCommitResponse = c.call(8, 7, &commit("g", "t", offset));
        assert_eq!(a.topics[0].partitions[0].error_code, 0);
    }
    let q = DeleteTopicsRequest { topic_names: vec!["gone".into()], ..Default::default() };
    let a: DeleteTopicsResponse = c.call(20, 5, &q);
    assert_eq!(a.responses[0].error_code, 0);
    // Enough changes for Raft to write a snapshot.
    for i in 0..2_200 {
        let one = crate::requests::alter("t", "retention.ms", 0, Some(&format!("{}", 1_000_000_000 + i)));
        let q = IncrementalAlterConfigsRequest { resources: vec![one], validate_only: false };
        let a: IncrementalAlterConfigsResponse = c.call(44, 1, &q);
        assert!(a.responses.iter().all(|r| r.error_code == 0));
    }
    drop(c);
    server.stop();
    assert!(dir.join("raft/snapshot").exists(), "no snapshot was written");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for e in std::fs::read_dir(from).unwrap() {
        let e = e.unwrap();
        let target = to.join(e.file_name());
        if e.file_type().unwrap().is_dir() {
            copy(&e.path(), &target);
        } else {
            std::fs::copy(e.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path, below: &Path, out: &mut Vec<PathBuf>) {
    let mut all: Vec<_> = std::fs::read_dir(dir.join(below)).unwrap().map(|e| e.unwrap()).collect();
    all.sort_by_key(|e| e.file_name());
    for e in all {
        let path = below.join(e.file_name());
        if e.file_type().unwrap().is_dir() {
            files(dir, &path, out);
        } else {
            out.push(path);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    Emptied,
    CutInHalf,
    LastByteGone,
    FirstBitFlipped,
    MiddleBitFlipped,
    LateBitFlipped,
    Zeroed,
    GarbageAppended,
    Garbage,
    Removed,
    Folder,
}

const DAMAGES: [Damage; 11] = [
    Damage::Emptied,
    Damage::CutInHalf,
    Damage::LastByteGone,
    Damage::FirstBitFlipped,
    Damage::MiddleBitFlipped,
    Damage::LateBitFlipped,
    Damage::Zeroed,
    Damage::GarbageAppended,
    Damage::Garbage,
    Damage::Removed,
    Damage::Folder,
];

fn damage(path: &Path, how: Damage) {
    let mut bytes = std::fs::read(path).unwrap();
    let n = bytes.len();
    let junk: Vec<u8> = (0..300u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut flip = |at: usize| {
        if let Some(b) = bytes.get_mut(at) {
            *b ^= 0x10;
        }
    };
    match how {
        Damage::Emptied => bytes.clear(),
        Damage::CutInHalf => bytes.truncate(n / 2),
        Damage::LastByteGone => bytes.truncate(n.saturating_sub(1)),
        Damage::FirstBitFlipped => flip(0),
        Damage::MiddleBitFlipped => flip(n / 2),
        Damage::LateBitFlipped => flip(n.saturating_sub(20)),
        Damage::Zeroed => bytes.fill(0),
        Damage::GarbageAppended => bytes.extend(junk),
        Damage::Garbage => bytes = junk,
        Damage::Removed | Damage::Folder => {
            std::fs::remove_file(path).unwrap();
            if how == Damage::Folder {
                std::fs::create_dir(path).unwrap();
            }
            return;
        }
    }
    std::fs::write(path, bytes).unwrap();
}

/// How a topic's log came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Log {
    Whole,
    /// Refuses with an error.
    Offline,
    /// Serves all of it, and the CRC of what is damaged tells.
    Marked,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Refused(String),
    Served(Log),
}

fn latest(c: &mut Client) -> Result<i64, i16> {
    let a: ListOffsetsResponse = c.call(2, 7, &list_offsets("t", -1));
    let p = &a.topics[0].partitions[0];
    if p.error_code == 0 { Ok(p.offset) } else { Err(p.error_code) }
}

/// Reads the log from its start; what has a right CRC must be what was produced.
fn read_log(c: &mut Client, what: &str) -> Log {
    let end = match latest(c) {
        Ok(end) => end,
        Err(e) => {
            assert_eq!(e, 56, "{what}");
            return Log::Offline;
        }
    };
    assert_eq!(end, BATCHES, "{what}: the log is shorter, and nobody says so");
    let mut at = 0;
    let mut log = Log::Whole;
    while at < end {
        let f: FetchResponse = c.call(1, 12, &fetch("t", at));
        let p = &f.responses[0].partitions[0];
        if p.error_code != 0 {
            assert!([2, 56].contains(&p.error_code), "{what}: error {} at {at}", p.error_code);
            return Log::Marked;
        }
        let bytes = p.records.as_ref().unwrap().bytes();
        let mut rest = &bytes[..];
        let before = at;
        while let Some(h) = BatchHeader::read(rest) {
            let Some(whole) = h.total_len().and_then(|n| rest.get(..n)) else { break };
            if h.crc_matches(whole) {
                // The offset lies outside of what the CRC covers.
                let right = whole.windows(value(at).len()).any(|w| w == value(at));
                assert!(right || h.base_offset != at, "{what}: other bytes at {at}");
                if !right {
                    return Log::Marked;
                }
            } else {
                log = Log::Marked;
            }
            at += 1;
            rest = &rest[whole.len()..];
        }
        if at == before {
            return Log::Marked;
        }
    }
    log
}

fn offset_of_group(c: &mut Client, what: &str) {
    let t = OffsetFetchRequestTopics { name: "t".into(), partition_indexes: vec![0], ..Default::default() };
    let g = OffsetFetchRequestGroup { group_id: "g".into(), topics: Some(vec![t]), ..Default::default() };
    let a: OffsetFetchResponse = c.call(9, 8, &OffsetFetchRequest { groups: vec![g], ..Default::default() });
    let g = &a.groups[0];
    if g.error_code == 0 {
        let offset = g.topics[0].partitions[0].committed_offset;
        assert_eq!(offset, 5, "{what}: the group's offset went back, and nobody says so");
    } else {
        assert_eq!(g.error_code, 15, "{what}");
    }
}

fn start_and_look(dir: &Path, what: &str) -> Outcome {
    let server = match Server::start(dir, &[]) {
        Ok(s) => s,
        Err(e) => {
            assert!(e.contains(dir.to_str().unwrap()), "{what}: the message names no file: {e}");
            return Outcome::Refused(e);
        }
    };
    let mut c = Client::connect(server.address);
    let q = MetadataRequest { topics: None, ..Default::default() };
    let a: MetadataResponse = c.call(3, 9, &q);
    let names = a.topics.iter().filter(|t| !t.is_internal).count();
    assert_eq!(names, TOPICS, "{what}: topics are lost, and nobody says so");
    let log = read_log(&mut c, what);
    let p: ProduceResponse = c.call(0, 9, &produce("t", 0, batch(&[b"new"]), -1));
    let p = &p.responses[0].partition_responses[0];
    match log {
        Log::Offline => assert_eq!(p.error_code, 56, "{what}"),
        _ => assert_eq!((p.error_code, p.base_offset), (0, BATCHES), "{what}"),
    }
    // Whatever is wrong with one, the others are served.
    let p: ProduceResponse = c.call(0, 9, &produce("other-1", 1, batch(&[b"new"]), -1));
    assert_eq!(p.responses[0].partition_responses[0].error_code, 0, "{what}");
    offset_of_group(&mut c, what);
    drop(c);
    server.stop();
    Outcome::Served(log)
}

#[test]
fn every_file_damaged_in_every_way() {
    let _alone = alone();
    let whole = tempfile::tempdir().unwrap();
    fill(whole.path());
    let mut all = Vec::new();
    files(whole.path(), Path::new(""), &mut all);
    assert!(all.len() >= 8, "{all:?}");
    let mut outcomes: BTreeMap<(String, Damage), Outcome> = BTreeMap::new();
    for file in &all {
        for how in DAMAGES {
            let dir = tempfile::tempdir().unwrap();
            copy(whole.path(), dir.path());
            damage(&dir.path().join(file), how);
            let what = format!("{} {how:?}", file.display());
            let outcome = start_and_look(dir.path(), &what);
            println!("{what}: {outcome:?}");
            outcomes.insert((file.to_string_lossy().into_owned(), how), outcome);
            assert_no_panics();
        }
    }
    let of = |file: &str, how: Damage| {
        let found = outcomes.iter().find(|((f, h), _)| f.contains(file) && *h == how);
        found.unwrap_or_else(|| panic!("no {file}")).1
    };
    let refused = |o: &Outcome| matches!(o, Outcome::Refused(_));
    assert!(refused(of("raft/log", Damage::Emptied)) && refused(of("raft/log", Damage::Removed)));
    assert!(refused(of("raft/snapshot", Damage::MiddleBitFlipped)));
    assert!(refused(of("raft/meta.properties", Damage::Garbage)));
    assert!(refused(of("raft/meta.properties", Damage::Removed)));
    assert!(refused(of("logs/meta.properties", Damage::Garbage)));
    assert_eq!(of("raft/log", Damage::GarbageAppended), &Outcome::Served(Log::Whole));
    // The log of `t` is among the segments: cut, it is offline and nothing else is.
    let offline = outcomes.values().filter(|o| **o == Outcome::Served(Log::Offline)).count();
    assert!(offline >= 3, "{outcomes:#?}");
}

#[test]
fn folders_that_belong_elsewhere() {
    let _alone = alone();
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for dir in [&a, &b] {
        let server = Server::start(dir.path(), &[]).unwrap();
        let mut c = Client::connect(server.address);
        make_topic(&mut c, "t", 1);
        let p: ProduceResponse = c.call(0, 9, &produce("t", 0, batch(&[b"x"]), -1));
        assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
        // While it runs nobody else may have its folder.
        let e = Server::start(dir.path(), &[]).err().unwrap();
        let pid = std::process::id().to_string();
        assert!(e.contains("in use") && e.contains(&pid), "{e}");
        drop(c);
        server.stop();
    }
    let message =
        |dir: &Path, set: &[(&str, &str)]| Server::start(dir, set).err().expect("it must not start");
    // Logs of one cluster, metadata of another.
    let logs_of_b = b.path().join("logs");
    let e = message(a.path(), &[("log.dirs", logs_of_b.to_str().unwrap())]);
    assert!(e.contains("belongs to cluster") && e.contains(logs_of_b.to_str().unwrap()), "{e}");
    // Another node's number.
    let e = message(a.path(), &[("node.id", "2")]);
    assert!(e.contains("belongs to node 1") && e.contains("node.id"), "{e}");
    // Metadata that is elsewhere, or older than the logs.
    let empty = tempfile::tempdir().unwrap();
    let e = message(a.path(), &[("metadata.log.dir", empty.path().to_str().unwrap())]);
    assert!(e.contains("metadata.log.dir"), "{e}");
    let old = tempfile::tempdir().unwrap();
    copy(&a.path().join("raft"), old.path());
    let server = Server::start(a.path(), &[]).unwrap();
    let mut c = Client::connect(server.address);
    make_topic(&mut c, "later", 1);
    let p: ProduceResponse = c.call(0, 9, &produce("later", 0, batch(&[b"x"]), -1));
    assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
    drop(c);
    server.stop();
    let e = message(a.path(), &[("metadata.log.dir", old.path().to_str().unwrap())]);
    assert!(e.contains("the metadata does not know") && e.contains("logs/"), "{e}");
    // None of it changed anything.
    let server = Server::start(a.path(), &[]).unwrap();
    let mut c = Client::connect(server.address);
    let a: ListOffsetsResponse = c.call(2, 7, &list_offsets("later", -1));
    assert_eq!(a.topics[0].partitions[0].offset, 1);
    drop(c);
    server.stop();
    assert_no_panics();
}

/// Pages of every log file leave memory, as they do under pressure.
fn forget(dir: &Path) {
    for folder in std::fs::read_dir(dir.join("logs")).unwrap().map(|e| e.unwrap().path()) {
        let Ok(files) = std::fs::read_dir(&folder) else { continue };
        for f in files.map(|e| e.unwrap().path()) {
            let f = std::fs::File::open(f).unwrap();
            f.sync_all().unwrap();
            rustix::fs::fadvise(&f, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        }
    }
}

/// What /metrics says.
pub fn metrics(http: std::net::SocketAddr) -> String {
    use std::io::{Read, Write};
    let mut s = std::net::TcpStream::connect(http).unwrap();
    s.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    s.read_to_string(&mut text).unwrap();
    text
}

fn cold_fetches(http: std::net::SocketAddr) -> u64 {
    let text = metrics(http);
    text.lines().find_map(|l| l.strip_prefix("lipno_fetch_cold_total ")).map_or(0, |n| n.parse().unwrap())
}

#[test]
fn records_that_left_memory_come_from_disk() {
    let _alone = alone();
    // Not in a tmpfs, whose pages never leave.
    let temp = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let records: Vec<Vec<u8>> = (0..60u8).map(|i| vec![i; 50_000]).collect();
    let server = Server::start(temp.path(), &[]).unwrap();
    let mut c = Client::connect(server.address);
    make_topic(&mut c, "t", 1);
    for r in &records {
        let p: ProduceResponse = c.call(0, 9, &produce("t", 0, batch(&[r]), -1));
        assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
    }
    let mut q = fetch("t", 0);
    q.max_bytes = 10 << 20;
    q.topics[0].partitions[0].partition_max_bytes = 10 << 20;
    let bytes = |c: &mut Client| {
        let f: FetchResponse = c.call(1, 12, &q);
        assert_eq!(f.responses[0].partitions[0].error_code, 0);
        f.responses[0].partitions[0].records.as_ref().unwrap().bytes()
    };
    // Nobody has read yet: pages that are mapped do not leave.
    let before = cold_fetches(server.http);
    drop(c);
    server.stop();
    forget(temp.path());
    let server = Server::start(temp.path(), &[]).unwrap();
    let mut c = Client::connect(server.address);
    let cold = bytes(&mut c);
    assert!(cold.len() > 3_000_000);
    assert_eq!(cold_fetches(server.http), before + 1, "they were waited for off the network thread");
    assert_eq!(bytes(&mut c), cold);
    let values: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let found = values.iter().filter(|v| cold.windows(v.len()).any(|w| w == **v)).count();
    assert_eq!(found, values.len(), "the same bytes");
    assert_eq!(cold_fetches(server.http), before + 1, "and are in memory now");
    drop(c);
    server.stop();
}

#[test]
fn a_log_dir_that_is_not_mounted_stops_the_start() {
    let _alone = alone();
    let temp = tempfile::tempdir().unwrap();
    let (a, b) = (temp.path().join("a"), temp.path().join("b"));
    let dirs = format!("{},{}", a.display(), b.display());
    let start = |more: &[(&str, &str)]| {
        let set: Vec<_> = [("log.dirs", dirs.as_str())].into_iter().chain(more.iter().copied()).collect();
        Server::start(temp.path(), &set)
    };
    let server = start(&[]).unwrap();
    let mut c = Client::connect(server.address);
    make_topic(&mut c, "t", 4);
    for p in 0..4 {
        let a: ProduceResponse = c.call(0, 9, &produce("t", p, batch(&[b"x"]), -1));
        assert_eq!(a.responses[0].partition_responses[0].error_code, 0);
    }
    drop(c);
    server.stop();
    // The mount point is there, the disk is not.
    let away = temp.path().join("away");
    std::fs::rename(&b, &away).unwrap();
    std::fs::create_dir(&b).unwrap();
    let id = std::fs::read_to_string(away.join("meta.properties")).unwrap();
    let id = id.lines().find_map(|l| l.strip_prefix("directory.id=")).unwrap().to_string();
    for _ in 0..2 {
        let refused = start(&[]).err().expect("it started with empty partitions");
        assert!(refused.contains(&id) && refused.contains("log.dirs.forget"), "{refused}");
    }
    // Mounted again, everything is there.
    std::fs::remove_dir_all(&b).unwrap();
    std::fs::rename(&away, &b).unwrap();
    let server = start(&[]).unwrap();
    let mut c = Client::connect(server.address);
    for p in 0..4 {
        let mut q = fetch("t", 0);
        q.topics[0].partitions[0].partition = p;
        let f: FetchResponse = c.call(1, 12, &q);
        assert!(f.responses[0].partitions[0].records.as_ref().unwrap().len() > 60, "partition {p}");
    }
    drop(c);
    server.stop();
    // Given up on purpose.
    std::fs::remove_dir_all(&b).unwrap();
    start(&[("log.dirs.forget", &id)]).unwrap().stop();
    start(&[]).unwrap().stop();
}
