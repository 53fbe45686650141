//! Groups: too many members, members that pretend, generations that are over, more than a group may hold.

use crate::client::{Client, until};
use crate::memory;
use crate::requests::{commit, join, make_topic, sync};
use crate::server::Case;
use bytes::Bytes;
use protocol::message::k08_offset_commit::OffsetCommitResponse;
use protocol::message::k09_offset_fetch::request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use protocol::message::k09_offset_fetch::{OffsetFetchRequest, OffsetFetchResponse};
use protocol::message::k11_join_group::request::JoinGroupRequestProtocol;
use protocol::message::k11_join_group::{JoinGroupRequest, JoinGroupResponse};
use protocol::message::k12_heartbeat::{HeartbeatRequest, HeartbeatResponse};
use protocol::message::k13_leave_group::LeaveGroupResponse;
use protocol::message::k13_leave_group::request::{LeaveGroupRequest, MemberIdentity};
use protocol::message::k14_sync_group::SyncGroupResponse;
use protocol::message::k15_describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use protocol::message::k16_list_groups::{ListGroupsRequest, ListGroupsResponse};

fn joined(c: &mut Client, q: &JoinGroupRequest) -> JoinGroupResponse {
    c.call(11, 5, q)
}

/// Joins twice, as clients do: once for an id, once with it.
fn member(c: &mut Client, group: &str) -> JoinGroupResponse {
    let first = joined(c, &join(group, "", None));
    assert_eq!(first.error_code, 79);
    joined(c, &join(group, &first.member_id, None))
}

/// All of them in one generation. The first is alone in the group for a moment, and joins again with the others.
fn gather(clients: &mut [Client], group: &str, ids: &[String]) -> Vec<JoinGroupResponse> {
    let alone = joined(&mut clients[0], &join(group, &ids[0], None));
    assert_eq!(alone.error_code, 0);
    for (c, id) in clients.iter_mut().zip(ids).skip(1) {
        c.send_request(11, 5, &join(group, id, None));
    }
    // As a client learns of it: its heartbeat is answered with "rebalance in progress".
    until("the group rebalances", || heartbeat(&mut clients[0], group, &ids[0], alone.generation_id) == 27);
    clients[0].send_request(11, 5, &join(group, &ids[0], None));
    clients.iter_mut().map(|c| c.read_answer(11, 5).unwrap()).collect()
}

fn synced(
    c: &mut Client,
    group: &str,
    member: &str,
    generation: i32,
    to: &[(&str, Bytes)],
) -> SyncGroupResponse {
    c.call(14, 5, &sync(group, member, generation, to))
}

fn heartbeat(c: &mut Client, group: &str, member: &str, generation: i32) -> i16 {
    let q = HeartbeatRequest {
        group_id: group.into(),
        generation_id: generation,
        member_id: member.into(),
        group_instance_id: None,
    };
    let a: HeartbeatResponse = c.call(12, 4, &q);
    a.error_code
}

fn committed(c: &mut Client, group: &str, member: &str, generation: i32, offset: i64) -> i16 {
    let mut q = commit(group, "t", offset);
    q.member_id = member.into();
    q.generation_id_or_member_epoch = generation;
    let a: OffsetCommitResponse = c.call(8, 7, &q);
    a.topics[0].partitions[0].error_code
}

fn offset_of(c: &mut Client, group: &str) -> i64 {
    let t = OffsetFetchRequestTopics { name: "t".into(), partition_indexes: vec![0], ..Default::default() };
    let g = OffsetFetchRequestGroup { group_id: group.into(), topics: Some(vec![t]), ..Default::default() };
    let q = OffsetFetchRequest { groups: vec![g], ..Default::default() };
    let a: OffsetFetchResponse = c.call(9, 8, &q);
    a.groups[0].topics[0].partitions[0].committed_offset
}

fn groups(c: &mut Client) -> Vec<String> {
    let a: ListGroupsResponse = c.call(16, 4, &ListGroupsRequest::default());
    a.groups.iter().map(|g| g.group_id.to_string()).collect()
}

#[test]
fn a_hundred_thousand_members() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    // Each asks for an id under which it could join; the group takes 1,000 of them.
    memory::within_mib(24, || {
        let mut codes = std::collections::BTreeMap::new();
        let q = crate::client::framed(&crate::client::encode(11, 5, 7, Some("wire"), &join("g", "", None)));
        for _ in 0..100 {
            let mut sender = c.stream.try_clone().unwrap();
            let chunk = q.repeat(1000);
            let sending = std::thread::spawn(move || std::io::Write::write_all(&mut sender, &chunk).unwrap());
            for _ in 0..1000 {
                let a: JoinGroupResponse = c.read_answer(11, 5).unwrap();
                *codes.entry(a.error_code).or_insert(0) += 1;
            }
            sending.join().unwrap();
        }
        assert_eq!(codes, [(79, 1000), (81, 99_000)].into());
    });
    drop(c);
    case.finish();
}

#[test]
fn a_group_takes_as_many_members_as_it_may() {
    let case = Case::new(&[("group.max.size", "3")]);
    // They wait for each other, so each has a connection of its own.
    let mut clients: Vec<Client> = (0..4).map(|_| Client::connect(case.address())).collect();
    let ids: Vec<String> =
        clients[..3].iter_mut().map(|c| joined(c, &join("g", "", None)).member_id.to_string()).collect();
    assert_eq!(joined(&mut clients[3], &join("g", "", None)).error_code, 81);
    assert_eq!(joined(&mut clients[3], &join("g", "", Some("static"))).error_code, 81);
    assert_eq!(joined(&mut clients[3], &join("g", "made-up", None)).error_code, 81);
    for a in gather(&mut clients[..3], "g", &ids) {
        assert_eq!(a.error_code, 0);
    }
    drop(clients);
    case.finish();
}

#[test]
fn two_with_one_static_id() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    let mut d = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    let old = joined(&mut c, &join("g", "", Some("i")));
    assert_eq!(old.error_code, 0);
    let a =
        synced(&mut c, "g", &old.member_id, old.generation_id, &[(&old.member_id, Bytes::from_static(b"a"))]);
    assert_eq!((a.error_code, &a.assignment[..]), (0, &b"a"[..]));
    // The second takes its place, without a new generation; the first is fenced wherever it turns up.
    let new = joined(&mut d, &join("g", "", Some("i")));
    assert_eq!((new.error_code, new.generation_id), (0, old.generation_id));
    assert_ne!(new.member_id, old.member_id);
    let fenced = HeartbeatRequest {
        group_id: "g".into(),
        generation_id: old.generation_id,
        member_id: old.member_id.clone(),
        group_instance_id: Some("i".into()),
    };
    let a: HeartbeatResponse = c.call(12, 4, &fenced);
    assert_eq!(a.error_code, 82);
    let mut q = sync("g", &old.member_id, old.generation_id, &[]);
    q.group_instance_id = Some("i".into());
    let a: SyncGroupResponse = c.call(14, 5, &q);
    assert_eq!(a.error_code, 82);
    let mut q = commit("g", "t", 5);
    q.member_id = old.member_id.clone();
    q.group_instance_id = Some("i".into());
    q.generation_id_or_member_epoch = old.generation_id;
    let a: OffsetCommitResponse = c.call(8, 7, &q);
    assert_eq!(a.topics[0].partitions[0].error_code, 82);
    assert_eq!(joined(&mut c, &join("g", &old.member_id, Some("i"))).error_code, 82);
    assert_eq!(heartbeat(&mut d, "g", &new.member_id, new.generation_id), 0);
    drop((c, d));
    case.finish();
}

#[test]
fn generations_that_are_over() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    let first = member(&mut c, "g");
    let id = first.member_id.to_string();
    let mine = [(id.as_str(), Bytes::from_static(b"a"))];
    assert_eq!(synced(&mut c, "g", &id, first.generation_id, &mine).error_code, 0);
    assert_eq!(committed(&mut c, "g", &id, first.generation_id, 5), 0);
    // The leader joins again: a new generation.
    let second = joined(&mut c, &join("g", &id, None));
    assert_eq!(second.generation_id, first.generation_id + 1);
    assert_eq!(synced(&mut c, "g", &id, second.generation_id, &mine).error_code, 0);
    for generation in [first.generation_id, second.generation_id + 1, -1, i32::MIN, i32::MAX] {
        assert_eq!(heartbeat(&mut c, "g", &id, generation), 22, "{generation}");
        assert_eq!(synced(&mut c, "g", &id, generation, &mine).error_code, 22, "{generation}");
        assert_eq!(committed(&mut c, "g", &id, generation, 9), 22, "{generation}");
    }
    // Strangers, and nobody.
    for stranger in ["x", "", &format!("{id}x")] {
        assert_eq!(heartbeat(&mut c, "g", stranger, second.generation_id), 25);
        assert_eq!(synced(&mut c, "g", stranger, second.generation_id, &mine).error_code, 25);
        assert_ne!(committed(&mut c, "g", stranger, second.generation_id, 9), 0);
    }
    assert_eq!(committed(&mut c, "g", "", -1, 9), 25, "an administrator needs an empty group");
    assert_eq!(offset_of(&mut c, "g"), 5, "none of it was stored");
    drop(c);
    case.finish();
}

#[test]
fn an_assignment_by_one_who_does_not_lead() {
    let case = Case::new(&[]);
    let mut clients: Vec<Client> = (0..2).map(|_| Client::connect(case.address())).collect();
    let ids: Vec<String> =
        clients.iter_mut().map(|c| joined(c, &join("g", "", None)).member_id.to_string()).collect();
    let all = gather(&mut clients, "g", &ids);
    assert!(all.iter().all(|a| a.error_code == 0 && *a.leader == *ids[0]));
    let generation = all[0].generation_id;
    let (leading, following) = (&ids[0], &ids[1]);
    let (mut other, mut leader) = (clients.pop().unwrap(), clients.pop().unwrap());
    // The other hands in everything for itself: nobody takes it.
    let stolen = [(following.as_str(), Bytes::from_static(b"all")), (leading.as_str(), Bytes::new())];
    other.send_request(14, 5, &sync("g", following, generation, &stolen));
    let fair = [
        (leading.as_str(), Bytes::from_static(b"one")),
        (following.as_str(), Bytes::from_static(b"two")),
        ("nobody", Bytes::from_static(b"three")),
    ];
    let s = synced(&mut leader, "g", leading, generation, &fair);
    assert_eq!((s.error_code, &s.assignment[..]), (0, &b"one"[..]));
    let s: SyncGroupResponse = other.read_answer(14, 5).unwrap();
    assert_eq!((s.error_code, &s.assignment[..]), (0, &b"two"[..]));
    // Once it is stored nobody can hand in another, not even the leader.
    let s = synced(&mut leader, "g", leading, generation, &[(leading, Bytes::from_static(b"all"))]);
    assert_eq!((s.error_code, &s.assignment[..]), (0, &b"one"[..]));
    drop((leader, other));
    case.finish();
}

#[test]
fn more_than_a_member_may_hand_in() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    memory::within_mib(64, || {
        let with = |name: &str, metadata: usize, times: usize| {
            let p = JoinGroupRequestProtocol { name: name.into(), metadata: Bytes::from(vec![7; metadata]) };
            JoinGroupRequest { protocols: vec![p; times], ..join("g", "", None) }
        };
        assert_eq!(joined(&mut c, &with("range", 256 * 1024 + 1, 1)).error_code, 42, "256 KiB of metadata");
        assert_eq!(joined(&mut c, &with("range", 1 << 20, 12)).error_code, 42, "12 MiB of metadata");
        assert_eq!(joined(&mut c, &with(&"x".repeat(30_000), 0, 20)).error_code, 42, "names count too");
        assert_eq!(joined(&mut c, &with("range", 0, 65)).error_code, 42, "65 protocols");
        assert_eq!(joined(&mut c, &with("range", 0, 0)).error_code, 23, "no protocol");
        assert_eq!(joined(&mut c, &with("range", 200 * 1024, 1)).error_code, 79);
        let mut huge = with("range", 0, 1);
        huge.protocols = vec![huge.protocols[0].clone(); 100_001];
        let mut d = Client::connect(case.address());
        d.send_request(11, 5, &huge);
        d.assert_closed("100,001 protocols");
        for (group, instance, code) in [
            ("", None, 24),
            ("x".repeat(4097).as_str(), None, 24),
            ("g", Some("i".repeat(250)), 42),
            ("g", Some("i".repeat(30_000)), 42),
        ] {
            assert_eq!(joined(&mut c, &join(group, "", instance.as_deref())).error_code, code);
        }
        for timeout in [99, 0, -1, i32::MIN, i32::MAX, 1_800_001] {
            let q = JoinGroupRequest { session_timeout_ms: timeout, ..join("g", "", None) };
            assert_eq!(joined(&mut c, &q).error_code, 26, "{timeout}");
        }
        let q = JoinGroupRequest { rebalance_timeout_ms: i32::MIN, ..join("h", "", Some("i")) };
        let m = joined(&mut c, &q);
        assert_eq!(m.error_code, 0);
        for n in [256 * 1024 + 1, 10 << 20] {
            let to = [(m.member_id.as_str(), Bytes::from(vec![7; n]))];
            assert_eq!(synced(&mut c, "h", &m.member_id, m.generation_id, &to).error_code, 42, "{n}");
        }
        let to = [(m.member_id.as_str(), Bytes::from(vec![7; 256 * 1024]))];
        assert_eq!(synced(&mut c, "h", &m.member_id, m.generation_id, &to).assignment.len(), 256 * 1024);
    });
    drop(c);
    case.finish();
}

#[test]
fn a_group_holds_so_much_and_no_more() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    memory::within_mib(200, || {
        let with = |name: &str| {
            let metadata = Bytes::from(vec![7; 250 << 10]);
            let p = JoinGroupRequestProtocol { name: "range".into(), metadata };
            JoinGroupRequest { protocols: vec![p], ..join("g", "", Some(name)) }
        };
        let clients: Vec<Client> = (0..300)
            .map(|i| {
                let mut d = Client::connect(case.address());
                d.send_request(11, 5, &with(&format!("i{i}")));
                d
            })
            .collect();
        // 64 MiB are for one group, 250 KiB and a little for each of these.
        until("the group is full", || {
            let q = DescribeGroupsRequest { groups: vec!["g".into()], ..Default::default() };
            let a: DescribeGroupsResponse = c.call(15, 4, &q);
            a.groups[0].members.len() == 261
        });
        assert_eq!(joined(&mut c, &with("late")).error_code, 81);
        assert_eq!(joined(&mut c, &join("other", "", None)).error_code, 79, "other groups go on");
        drop(clients);
    });
    drop(c);
    case.finish();
}

#[test]
fn groups_that_were_only_asked_for_leave_nothing() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    for i in 0..200 {
        let group = format!("ghost-{i}");
        assert_eq!(joined(&mut c, &join(&group, "made-up", None)).error_code, 25);
        let q = JoinGroupRequest { session_timeout_ms: 1, ..join(&group, "", None) };
        assert_eq!(joined(&mut c, &q).error_code, 26);
        assert_eq!(heartbeat(&mut c, &group, "m", 1), 25);
        assert_eq!(synced(&mut c, &group, "m", 1, &[]).error_code, 25);
        assert_eq!(committed(&mut c, &group, "m", 1, 1), 22);
        assert_eq!(offset_of(&mut c, &group), -1);
        let m = MemberIdentity { member_id: "m".into(), ..Default::default() };
        let q = LeaveGroupRequest { group_id: group.as_str().into(), members: vec![m], ..Default::default() };
        let a: LeaveGroupResponse = c.call(13, 5, &q);
        assert_eq!(a.members[0].error_code, 25);
    }
    assert_eq!(groups(&mut c), Vec::<String>::new());
    // A member that never comes back with its id.
    let q = JoinGroupRequest { session_timeout_ms: 100, ..join("shy", "", None) };
    assert_eq!(joined(&mut c, &q).error_code, 79);
    until("it is forgotten", || groups(&mut c).is_empty());
    drop(c);
    case.finish();
}

#[test]
fn commits_that_make_no_sense() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    for offset in [-1, -2, i64::MIN] {
        assert_eq!(committed(&mut c, "g", "", -1, offset), 42, "offset {offset}");
    }
    assert_eq!(committed(&mut c, "g", "", -1, i64::MAX), 0, "an offset is the client's own affair");
    assert_eq!(offset_of(&mut c, "g"), i64::MAX);
    let mut q = commit("g", "t", 1);
    q.topics[0].partitions[0].committed_metadata = Some("x".repeat(4097).as_str().into());
    let a: OffsetCommitResponse = c.call(8, 7, &q);
    assert_eq!(a.topics[0].partitions[0].error_code, 12);
    let mut q = commit("g", "no-such-topic", 1);
    q.topics[0].partitions[0].partition_index = -7;
    let a: OffsetCommitResponse = c.call(8, 7, &q);
    assert_eq!(a.topics[0].partitions[0].error_code, 3);
    // A retention without end, from the versions that have one.
    for retention in [i64::MAX, i64::MIN, 0] {
        let q = protocol::message::k08_offset_commit::OffsetCommitRequest {
            retention_time_ms: retention,
            ..commit("old", "t", 3)
        };
        let a: OffsetCommitResponse = c.call(8, 2, &q);
        assert_eq!(a.topics[0].partitions[0].error_code, 0, "{retention}");
    }
    let a: OffsetCommitResponse = c.call(8, 7, &commit(&"x".repeat(5000), "t", 1));
    assert_eq!(a.topics[0].partitions[0].error_code, 24);
    drop(c);
    case.finish();
}

#[test]
fn one_answer_does_not_grow_with_what_is_repeated() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    // A group with a member of 200 KiB and an offset with 4 KiB of metadata.
    let p = JoinGroupRequestProtocol { name: "range".into(), metadata: Bytes::from(vec![7; 200 << 10]) };
    let m = joined(&mut c, &JoinGroupRequest { protocols: vec![p], ..join("a-group", "", Some("i")) });
    let to = [(m.member_id.as_str(), Bytes::from_static(b"a"))];
    assert_eq!(synced(&mut c, "a-group", &m.member_id, m.generation_id, &to).error_code, 0);
    let mut q = commit("s", "t", 1);
    q.topics[0].partitions[0].committed_metadata = Some("x".repeat(4096).as_str().into());
    let a: OffsetCommitResponse = c.call(8, 7, &q);
    assert_eq!(a.topics[0].partitions[0].error_code, 0);
    memory::within_mib(40, || {
        let q = DescribeGroupsRequest { groups: vec!["a-group".into(); 100_000], ..Default::default() };
        let a: DescribeGroupsResponse = c.call(15, 4, &q);
        assert_eq!((a.groups.len(), a.groups[0].members.len()), (1, 1));
        let t = OffsetFetchRequestTopics {
            name: "t".into(),
            partition_indexes: vec![0; 20_000],
            ..Default::default()
        };
        let g = OffsetFetchRequestGroup {
            group_id: "s".into(),
            topics: Some(vec![t.clone(), t]),
            ..Default::default()
        };
        let q = OffsetFetchRequest { groups: vec![g.clone(), g], ..Default::default() };
        let a: OffsetFetchResponse = c.call(9, 8, &q);
        let known: usize = a.groups.iter().flat_map(|g| &g.topics).map(|t| t.partitions.len()).sum();
        assert_eq!((a.groups.len(), known), (1, 1));
        let q = ListGroupsRequest { states_filter: vec!["stable".into(); 100_000], ..Default::default() };
        let a: ListGroupsResponse = c.call(16, 4, &q);
        assert_eq!(a.groups.len(), 1);
    });
    drop(c);
    case.finish();
}
