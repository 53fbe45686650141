//! The coordinator's machine: what is visible when, and what happens when appends end late, badly or not at all.

use super::*;
use bytes::Bytes;

type Machine = Coordinator<u32>;

const NOW: Now = Now { mono_ms: 1_000, wall_ms: 1_700_000_000_000 };

fn machine() -> Machine {
    Coordinator::new(GroupConfig::default(), 3, 1 << 20)
}

fn item(topic: &str, partition: i32, offset: i64) -> CommitItem {
    CommitItem { topic: topic.into(), partition, offset, leader_epoch: 0, metadata: String::new() }
}

fn commit(c: &mut Machine, token: u32, items: Vec<CommitItem>) -> Vec<Effect<u32>> {
    let request = CommitRequest { generation: -1, retention_ms: -1, items, ..CommitRequest::default() };
    ask(c, token, Request::Commit { group: "g".into(), request })
}

fn ask(c: &mut Machine, token: u32, request: Request) -> Vec<Effect<u32>> {
    let mut out = Vec::new();
    c.request(NOW, request, token, &mut out);
    out
}

fn finish(c: &mut Machine, number: u64, outcome: Outcome) -> Vec<Effect<u32>> {
    let mut out = Vec::new();
    c.finish(NOW, number, outcome, &mut out);
    out
}

fn number(out: &[Effect<u32>]) -> u64 {
    let mut numbers = out.iter().filter_map(|e| match e {
        Effect::Append { number, .. } => Some(*number),
        Effect::Reply(..) => None,
    });
    numbers.next().expect("an append")
}

/// Keys of the tombstones in what is to be appended.
fn tombstones(out: &[Effect<u32>]) -> Vec<(String, i32)> {
    let entries = out.iter().filter_map(|e| match e {
        Effect::Append { entries, .. } => Some(entries),
        Effect::Reply(..) => None,
    });
    let keys = entries.flatten().filter_map(|e| match e {
        Entry::Offset { topic, partition, offset: None, .. } => Some((topic.clone(), *partition)),
        _ => None,
    });
    keys.collect()
}

fn codes(out: &[Effect<u32>]) -> Vec<(u32, ErrorCode)> {
    let replies = out.iter().filter_map(|e| match e {
        Effect::Reply(t, Reply::Code(c)) => Some((*t, *c)),
        Effect::Reply(t, Reply::Unavailable) => Some((*t, ErrorCode::COORDINATOR_NOT_AVAILABLE)),
        _ => None,
    });
    replies.collect()
}

fn shown(c: &mut Machine) -> Vec<(String, i32, i64)> {
    match ask(c, 0, Request::Offsets { group: "g".into() }).pop() {
        Some(Effect::Reply(_, Reply::Offsets(l))) => {
            l.into_iter().map(|(t, p, o)| (t, p, o.offset)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn one(offset: i64) -> Vec<(String, i32, i64)> {
    vec![("t".to_string(), 0, offset)]
}

#[test]
fn a_commit_is_seen_once_it_is_stored_and_in_the_order_of_its_record() {
    let mut c = machine();
    let first = number(&commit(&mut c, 1, vec![item("t", 0, 10)]));
    let second = number(&commit(&mut c, 2, vec![item("t", 0, 20)]));
    assert!(shown(&mut c).is_empty());
    // The later one is heard of first: it must not be seen first, or the older commit would win.
    assert!(finish(&mut c, second, Outcome::Stored).is_empty());
    assert!(shown(&mut c).is_empty());
    assert_eq!(codes(&finish(&mut c, first, Outcome::Stored)), [(1, ErrorCode::NONE), (2, ErrorCode::NONE)]);
    assert_eq!(shown(&mut c), one(20));
    assert!(finish(&mut c, first, Outcome::Stored).is_empty(), "it has ended");
}

#[test]
fn a_refused_append_changes_nothing() {
    let mut c = machine();
    let n = number(&commit(&mut c, 1, vec![item("t", 0, 10)]));
    finish(&mut c, n, Outcome::Stored);
    let n = number(&commit(&mut c, 2, vec![item("t", 0, 20)]));
    let refused = ErrorCode::NOT_COORDINATOR;
    assert_eq!(codes(&finish(&mut c, n, Outcome::Refused(refused))), [(2, refused)]);
    assert_eq!(shown(&mut c), one(10));
}

#[test]
fn deletion_covers_a_commit_under_way_and_expiry_leaves_it_alone() {
    let mut c = machine();
    let first = number(&commit(&mut c, 1, vec![item("t", 0, 10), item("u", 1, 5)]));
    let mut out = Vec::new();
    let late = Now { wall_ms: NOW.wall_ms + (1 << 40), ..NOW };
    c.expire(late, &mut out);
    assert!(out.is_empty(), "nothing is visible, so nothing has expired: {out:?}");
    c.topic_deleted("u", &mut out);
    assert_eq!(tombstones(&out), [("u".to_string(), 1)]);
    let deleted = number(&out);
    let whole = ask(&mut c, 2, Request::Delete { group: "g".into() });
    assert_eq!(tombstones(&whole), [("t".to_string(), 0), ("u".to_string(), 1)]);
    // The tombstones are heard of first. The commit that they followed must not come back.
    finish(&mut c, number(&whole), Outcome::Stored);
    finish(&mut c, deleted, Outcome::Stored);
    assert_eq!(codes(&finish(&mut c, first, Outcome::Stored)).len(), 2);
    assert_eq!((shown(&mut c), c.group_count()), (Vec::new(), 0));
}

#[test]
fn expired_offsets_go_but_not_the_one_that_is_committed_anew() {
    let mut c = machine();
    let n = number(&commit(&mut c, 1, vec![item("t", 0, 10), item("t", 1, 10)]));
    finish(&mut c, n, Outcome::Stored);
    let again = number(&commit(&mut c, 2, vec![item("t", 0, 20)]));
    let mut out = Vec::new();
    c.expire(Now { wall_ms: NOW.wall_ms + (1 << 40), ..NOW }, &mut out);
    assert_eq!(tombstones(&out), [("t".to_string(), 1)]);
    finish(&mut c, again, Outcome::Stored);
    finish(&mut c, number(&out), Outcome::Stored);
    assert_eq!(shown(&mut c), one(20));
}

#[test]
fn an_append_of_unknown_fate_takes_its_partition_out_of_service() {
    let mut c = machine();
    let n = number(&commit(&mut c, 1, vec![item("t", 0, 10)]));
    let other = number(&commit(&mut c, 2, vec![item("t", 0, 20)]));
    let unavailable = ErrorCode::COORDINATOR_NOT_AVAILABLE;
    assert_eq!(codes(&finish(&mut c, n, Outcome::Unknown)), [(1, unavailable), (2, unavailable)]);
    assert!(finish(&mut c, other, Outcome::Stored).is_empty(), "answered already");
    let group = || "g".to_string();
    for r in [
        Request::Offsets { group: group() },
        Request::Describe { group: group() },
        Request::Delete { group: group() },
        Request::Leave { group: group(), members: Vec::new() },
        Request::Sync { group: group(), request: SyncRequest::default() },
        Request::Join { group: group(), request: Box::default() },
        Request::Heartbeat { group: group(), member: group(), instance: None, generation: 0 },
    ] {
        assert_eq!(codes(&ask(&mut c, 7, r)), [(7, unavailable)]);
    }
    assert_eq!(codes(&commit(&mut c, 3, vec![item("t", 0, 30)])), [(3, unavailable)]);
    let elsewhere = (0..).map(|i| format!("g{i}")).find(|g| partition_of(g, 3) != partition_of("g", 3));
    let request = CommitRequest { generation: -1, items: vec![item("t", 0, 1)], ..CommitRequest::default() };
    number(&ask(&mut c, 4, Request::Commit { group: elsewhere.unwrap(), request }));
}

fn join_request(metadata: usize) -> JoinRequest {
    JoinRequest {
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), Bytes::from(vec![1; metadata]))],
        fresh_id: format!("m{metadata}"),
        ..JoinRequest::default()
    }
}

fn join(c: &mut Machine, request: JoinRequest) -> ErrorCode {
    match ask(c, 1, Request::Join { group: "g".into(), request: Box::new(request) }).pop() {
        Some(Effect::Reply(_, Reply::Join(a))) => a.error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn members_hold_bounded_memory() {
    let mut c: Machine = Coordinator::new(GroupConfig::default(), 3, 4_000);
    assert_eq!(join(&mut c, join_request(5_000)), ErrorCode::GROUP_MAX_SIZE_REACHED);
    assert_eq!(c.group_count(), 0, "nothing is left of a group that was refused");
    assert_eq!(join(&mut c, join_request(2_000)), ErrorCode::NONE);
    assert_eq!(join(&mut c, join_request(2_001)), ErrorCode::GROUP_MAX_SIZE_REACHED);
    let members = vec![("m2000".to_string(), None)];
    ask(&mut c, 2, Request::Leave { group: "g".into(), members });
    assert_eq!(join(&mut c, join_request(2_001)), ErrorCode::NONE, "the first one's memory came back");
}

#[test]
fn a_group_that_was_only_asked_for_is_not_remembered() {
    let mut c = machine();
    assert_eq!(
        join(&mut c, JoinRequest { session_timeout_ms: 1, ..join_request(1) }),
        ErrorCode::INVALID_SESSION_TIMEOUT
    );
    assert_eq!(codes(&commit(&mut c, 1, Vec::new())), [(1, ErrorCode::NONE)]);
    assert_eq!(
        join(&mut c, JoinRequest { require_known_member: true, ..join_request(1) }),
        ErrorCode::MEMBER_ID_REQUIRED
    );
    assert_eq!(c.group_count(), 1, "its member may come back with the id");
    let due = c.next_deadline().unwrap();
    c.tick(Now { mono_ms: due, ..NOW }, &mut Vec::new());
    assert_eq!((c.group_count(), c.next_deadline()), (0, None));
}

#[test]
fn loading_takes_later_records_and_tombstones() {
    let offset = |offset| {
        Some(CommittedOffset {
            offset,
            leader_epoch: 0,
            metadata: String::new(),
            commit_ms: 0,
            expire_ms: -1,
        })
    };
    let entry = |partition, offset| Entry::Offset { group: "g".into(), topic: "t".into(), partition, offset };
    let mut c = machine();
    c.load(
        NOW,
        vec![entry(0, offset(1)), entry(1, offset(1)), entry(0, offset(2)), entry(1, None), Entry::Other],
    );
    assert_eq!(shown(&mut c), one(2));
    let mut c = machine();
    c.load(NOW, vec![entry(0, offset(1)), entry(0, None), Entry::Group { group: "h".into(), state: None }]);
    assert_eq!(c.group_count(), 0);
}
