//! Fetches at impossible offsets, with impossible sizes, of sessions that are somebody else's, by brokers that are
//! none.

use crate::client::Client;
use crate::memory;
use crate::requests::{self, batch, fetch, make_topic, produce};
use crate::server::Case;
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k01_fetch::request::{FetchRequest, ForgottenTopic, ReplicaState};
use protocol::message::k01_fetch::{FetchRequest as Request, FetchResponse};
use protocol::message::k23_offset_for_leader_epoch::OffsetForLeaderEpochResponse;
use protocol::message::k23_offset_for_leader_epoch::request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

fn filled(case: &Case) -> Client {
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    for _ in 0..3 {
        let a: ProduceResponse = c.call(0, 9, &produce("t", 0, batch(&[&[7; 100]]), -1));
        assert_eq!(a.responses[0].partition_responses[0].error_code, 0);
    }
    c
}

fn one(c: &mut Client, q: &FetchRequest) -> (i16, usize) {
    let f: FetchResponse = c.call(1, 12, q);
    assert_eq!(f.error_code, 0);
    let p = &f.responses[0].partitions[0];
    // An error says nothing of the log.
    if p.error_code != 0 {
        assert_eq!((p.high_watermark, p.last_stable_offset, p.log_start_offset), (-1, -1, -1));
    }
    (p.error_code, p.records.as_ref().expect("records are never null").len())
}

#[test]
fn impossible_offsets_and_sizes() {
    let case = Case::new(&[]);
    let mut c = filled(&case);
    for offset in [-1, -2, i64::MIN, 4, i64::MAX] {
        assert_eq!(one(&mut c, &fetch("t", offset)), (1, 0), "offset {offset}");
    }
    let whole = one(&mut c, &fetch("t", 0)).1;
    let batch_len = whole / 3;
    for size in [0, -1, i32::MIN, 1] {
        let mut q = Request { max_bytes: size, ..fetch("t", 0) };
        assert_eq!(one(&mut c, &q), (0, batch_len), "max bytes {size}: one batch at least");
        q = fetch("t", 0);
        q.topics[0].partitions[0].partition_max_bytes = size;
        assert_eq!(one(&mut c, &q), (0, batch_len), "partition max bytes {size}");
    }
    for size in [i32::MAX, 1 << 30] {
        assert_eq!(one(&mut c, &Request { max_bytes: size, ..fetch("t", 0) }), (0, whole));
    }
    // Waits that cannot be, and minima that nothing can reach.
    for (wait, min) in [(-1, i32::MAX), (i32::MIN, 1), (0, i32::MAX), (1, i32::MAX), (1, i32::MIN)] {
        let q = Request { max_wait_ms: wait, min_bytes: min, ..fetch("t", 3) };
        assert_eq!(one(&mut c, &q), (0, 0), "wait {wait}, min {min}");
    }
    // Epochs that the log does not have.
    let mut q = fetch("t", 0);
    q.topics[0].partitions[0].current_leader_epoch = 99;
    assert_eq!(one(&mut c, &q), (75, 0));
    q.topics[0].partitions[0].current_leader_epoch = -5;
    assert_eq!(one(&mut c, &q), (74, 0));
    for partition in [-1, 1, i32::MIN, i32::MAX] {
        let mut q = fetch("t", 0);
        q.topics[0].partitions[0].partition = partition;
        assert_eq!(one(&mut c, &q), (3, 0), "partition {partition}");
    }
    drop(c);
    case.finish();
}

#[test]
fn brokers_that_are_none() {
    let case = Case::new(&[]);
    let mut c = filled(&case);
    for id in [0, 1, 2, i32::MAX] {
        let mut forged = Client::connect(case.address());
        forged.send_request(1, 12, &Request { replica_id: id, ..fetch("t", 0) });
        forged.assert_closed(&format!("replica id {id}"));
        let mut forged = Client::connect(case.address());
        let state = ReplicaState { replica_id: id, replica_epoch: 1 };
        forged.send_request(1, 15, &Request { replica_state: state, ..fetch("t", 0) });
        forged.assert_closed(&format!("replica state {id}"));
    }
    // What a debugging consumer says is no broker's id.
    assert_eq!(one(&mut c, &Request { replica_id: -2, ..fetch("t", 0) }).0, 0);
    // OffsetForLeaderEpoch reads only: a replica's id gives nothing more.
    let partition = OffsetForLeaderPartition { current_leader_epoch: -1, leader_epoch: 0, partition: 0 };
    let q = OffsetForLeaderEpochRequest {
        replica_id: 2,
        topics: vec![OffsetForLeaderTopic { topic: "t".into(), partitions: vec![partition] }],
    };
    let a: OffsetForLeaderEpochResponse = c.call(23, 4, &q);
    assert_eq!(a.topics[0].partitions[0].end_offset, 3);
    drop(c);
    case.finish();
}

fn session(c: &mut Client, id: i32, epoch: i32, topics: bool) -> FetchResponse {
    let mut q = Request { session_id: id, session_epoch: epoch, max_wait_ms: 0, ..fetch("t", 0) };
    if !topics {
        q.topics.clear();
    }
    c.call(1, 12, &q)
}

#[test]
fn sessions_of_others() {
    let case = Case::new(&[]);
    let mut c = filled(&case);
    let mine = session(&mut c, 0, 0, true);
    let id = mine.session_id;
    assert!(id > 0 && mine.error_code == 0);
    // Guesses, also near one's own: another client's id does not follow from it.
    let mut d = Client::connect(case.address());
    let other = session(&mut d, 0, 0, true).session_id;
    let gap = other.wrapping_sub(id);
    let third = session(&mut d, 0, 0, true).session_id;
    assert_ne!(third.wrapping_sub(other), gap, "ids do not come in steps");
    for guess in [id ^ 1, id.wrapping_add(1), 1, i32::MAX, -1, i32::MIN].into_iter().filter(|g| *g != other) {
        assert_eq!(session(&mut d, guess, 1, false).error_code, 70, "session {guess}");
    }
    // Epochs: replayed, skipped, negative. None of it moves the session on.
    assert_eq!(session(&mut c, id, 1, false).error_code, 0);
    for epoch in [1, 3, 99, i32::MAX, -2, i32::MIN] {
        assert_eq!(session(&mut d, id, epoch, false).error_code, 71, "epoch {epoch}");
    }
    assert_eq!(session(&mut c, id, 2, false).error_code, 0, "its owner goes on");
    // By id where it was made by name.
    let q = Request { session_id: id, session_epoch: 3, max_wait_ms: 0, ..Request::default() };
    let a: FetchResponse = c.call(1, 13, &Request { replica_id: -1, max_bytes: 1, ..q });
    assert_eq!(a.error_code, 106);
    drop((c, d));
    case.finish();
}

#[test]
fn sessions_and_their_partitions_are_bounded() {
    let case = Case::new(&[("max.incremental.fetch.session.cache.slots", "3")]);
    let mut c = filled(&case);
    let ids: Vec<i32> = (0..6).map(|_| session(&mut c, 0, 0, true).session_id).collect();
    assert_eq!(ids.iter().filter(|i| **i > 0).count(), 3, "{ids:?}");
    assert!(ids[3..].iter().all(|i| *i == 0), "who comes later is served without one");
    drop(c);
    case.finish();
}

#[test]
fn fetches_of_very_many_partitions() {
    let case = Case::new(&[]);
    let mut c = filled(&case);
    // 100,000 entries for the same partition, then a session of as many that are not there.
    let mut q = Request { max_wait_ms: 0, ..fetch("t", 0) };
    let entry = q.topics[0].partitions[0].clone();
    q.topics[0].partitions = vec![entry.clone(); 100_000];
    memory::within_mib(120, || {
        let f: FetchResponse = c.call(1, 12, &q);
        assert_eq!(f.responses[0].partitions.len(), 100_000);
        let bytes: usize = f.responses[0].partitions.iter().map(|p| p.records.as_ref().unwrap().len()).sum();
        assert!(bytes <= 2 << 20, "{bytes} bytes for a limit of 1 MiB");
    });
    for (i, p) in q.topics[0].partitions.iter_mut().enumerate() {
        p.partition = i as i32 + 1;
    }
    q.session_epoch = 0;
    let (id, peak) = memory::peak_of(|| {
        let f: FetchResponse = c.call(1, 12, &q);
        f.session_id
    });
    assert!(id > 0 && peak < 200 << 20, "{peak}");
    q.session_id = id;
    q.session_epoch = 1;
    q.topics[0].partitions.truncate(90_000);
    let all = (1..=100_000).collect();
    q.forgotten_topics_data =
        vec![ForgottenTopic { topic: "t".into(), partitions: all, ..Default::default() }];
    let f: FetchResponse = c.call(1, 12, &q);
    assert_eq!((f.error_code, f.responses.len()), (0, 0), "asked for again and forgotten");
    // More than any request may have.
    q.topics[0].partitions = vec![entry; 200_001];
    c.send_request(1, 12, &q);
    c.assert_closed("200,001 partitions");
    case.finish();
}

#[test]
fn a_fetch_that_is_left_alone() {
    let case = Case::new(&[]);
    let mut c = filled(&case);
    let leave = || {
        for _ in 0..300 {
            // Parked for as long as a fetch can ask, and left.
            let mut gone = Client::connect(case.address());
            gone.send_request(1, 12, &Request { max_wait_ms: i32::MAX, ..fetch("t", 3) });
        }
        crate::client::until("they are noticed", || case.server.net.connections() <= 3);
        memory::live()
    };
    // Buffers and tables grow to what they need, and something else may be at work: a leak grows every time.
    let lives: Vec<_> = (0..6).map(|_| leave()).collect();
    let kept = lives.windows(2).map(|w| w[1].saturating_sub(w[0])).min().unwrap();
    assert!(kept < 300 * 200, "{kept} bytes are left of fetches that are gone: {lives:?}");
    assert_eq!(one(&mut c, &fetch("t", 0)).0, 0);
    drop(c);
    case.finish();
}

#[test]
fn deleted_under_a_parked_fetch() {
    use protocol::message::k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
    let case = Case::new(&[]);
    let mut c = filled(&case);
    let mut parked = Client::connect(case.address());
    parked.send_request(1, 12, &fetch("t", 3));
    let q = DeleteTopicsRequest { topic_names: vec!["t".into()], timeout_ms: 1000, ..Default::default() };
    let a: DeleteTopicsResponse = c.call(20, 5, &q);
    assert_eq!(a.responses[0].error_code, 0);
    let f: FetchResponse = parked.read_answer(1, 12).unwrap();
    let p = &f.responses[0].partitions[0];
    assert!(p.error_code == 3 || p.error_code == 56 || p.error_code == 0, "{}", p.error_code);
    assert_eq!(requests::metadata(&["t"], false).topics.unwrap().len(), 1);
    drop((c, parked));
    case.finish();
}
