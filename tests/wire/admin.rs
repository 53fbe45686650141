//! Requests of administrators that ask for too much, twice, or for what is none of their business; and of every API:
//! nothing at all, and everything twice.

use crate::client::{Client, encode, framed};
use crate::memory;
use crate::requests::{self, alter, configured, create, make_topic, metadata, topic};
use crate::server::Case;
use bytes::Bytes;
use protocol::Message;
use protocol::message::*;

use k03_metadata::MetadataResponse;
use k19_create_topics::CreateTopicsResponse;
use k19_create_topics::request::{CreatableReplicaAssignment, CreatableTopic};
use k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use k21_delete_records::request::{DeleteRecordsPartition, DeleteRecordsTopic};
use k21_delete_records::{DeleteRecordsRequest, DeleteRecordsResponse};
use k22_init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use k32_describe_configs::request::DescribeConfigsResource;
use k32_describe_configs::{DescribeConfigsRequest, DescribeConfigsResponse};
use k37_create_partitions::request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use k37_create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};
use k44_incremental_alter_configs::request::{AlterConfigsResource, AlterableConfig};
use k44_incremental_alter_configs::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

fn created(c: &mut Client, topics: Vec<CreatableTopic>) -> Vec<(i16, String)> {
    let a: CreateTopicsResponse = c.call(19, 7, &create(topics));
    let text = |m: &Option<protocol::Str>| m.as_ref().map(|m| m.to_string()).unwrap_or_default();
    a.topics.iter().map(|t| (t.error_code, text(&t.error_message))).collect()
}

fn code(c: &mut Client, t: CreatableTopic) -> i16 {
    created(c, vec![t])[0].0
}

fn topics(c: &mut Client) -> Vec<String> {
    let q = k03_metadata::MetadataRequest { topics: None, ..Default::default() };
    let a: MetadataResponse = c.call(3, 9, &q);
    let names = a.topics.iter().map(|t| t.name.as_ref().unwrap().to_string());
    names.filter(|n| !n.starts_with("bystander-")).collect()
}

#[test]
fn topics_that_cannot_be() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    memory::within_mib(32, || {
        for n in [1_000_000, 20_001, 0, -2, i32::MIN, i32::MAX] {
            assert_eq!(code(&mut c, topic("t", n)), 37, "{n} partitions");
        }
        for rf in [0, 2, -2, 32767, i16::MIN] {
            let t = CreatableTopic { replication_factor: rf, ..topic("t", 1) };
            assert_eq!(code(&mut c, t), 38, "replication factor {rf}");
        }
    });
    let by_hand = |assignments: &[(i32, &[i32])]| CreatableTopic {
        num_partitions: -1,
        replication_factor: -1,
        assignments: assignments
            .iter()
            .map(|(i, b)| CreatableReplicaAssignment { partition_index: *i, broker_ids: b.to_vec() })
            .collect(),
        ..topic("t", -1)
    };
    for bad in [
        &[(0, &[][..])][..],
        &[(1, &[1])],
        &[(0, &[1]), (0, &[1])],
        &[(0, &[1]), (2, &[1])],
        &[(-1, &[1])],
        &[(i32::MAX, &[1])],
        &[(0, &[7])],
        &[(0, &[-1])],
        &[(0, &[1, 1])],
    ] {
        assert_eq!(code(&mut c, by_hand(bad)), 39, "{bad:?}");
    }
    assert_eq!(code(&mut c, CreatableTopic { num_partitions: 1, ..by_hand(&[(0, &[1])]) }), 42);
    assert_eq!(topics(&mut c), Vec::<String>::new());
    // -1 means the defaults.
    let t = CreatableTopic { replication_factor: -1, ..topic("t", -1) };
    assert_eq!(code(&mut c, t), 0);
    assert_eq!(code(&mut c, topic("t", 1)), 36);
    // Names that Kafka's metrics could not tell apart, names of the broker's own, and the same twice.
    assert_eq!(code(&mut c, topic("a.b", 1)), 0);
    assert_eq!(code(&mut c, topic("a_b", 1)), 17);
    assert_eq!(code(&mut c, topic("__consumer_offsets", 1)), 17);
    let twice = created(&mut c, vec![topic("d", 1), topic("e", 1), topic("d", 2)]);
    assert_eq!(twice.iter().map(|(c, _)| *c).collect::<Vec<_>>(), [42, 0, 42]);
    assert_eq!(topics(&mut c).len(), 3);
    drop(c);
    case.finish();
}

#[test]
fn one_request_makes_so_many_partitions() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    let q = |topics: Vec<CreatableTopic>| k19_create_topics::CreateTopicsRequest {
        validate_only: true,
        ..create(topics)
    };
    let many: Vec<CreatableTopic> = (0..4).map(|i| topic(&format!("t{i}"), 4000)).collect();
    let a: CreateTopicsResponse = c.call(19, 7, &q(many));
    assert_eq!(a.topics.iter().map(|t| t.error_code).collect::<Vec<_>>(), [0, 0, 44, 44]);
    let a: CreateTopicsResponse = c.call(19, 7, &q(vec![topic("t", 10_000)]));
    assert_eq!(a.topics[0].error_code, 0);
    // 100,000 topics at once are found to be too many before their number is squared.
    let all: Vec<CreatableTopic> = (0..100_000).map(|i| topic(&format!("topic-{i}"), 1)).collect();
    let a: CreateTopicsResponse = memory::within_mib(400, || c.call(19, 4, &q(all)));
    assert_eq!(a.topics.iter().filter(|t| t.error_code == 0).count(), 10_000);
    assert!(a.topics.iter().all(|t| [0, 44].contains(&t.error_code)));
    drop(c);
    case.finish();
}

#[test]
fn configs_that_cannot_be() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    let long_name = "x".repeat(32_000);
    let long_value = "9".repeat(32_000);
    for (name, value) in [
        ("retention.ms\nnode.id", "1"),
        ("retention.ms\0", "1"),
        ("", ""),
        ("retention.mss", "1"),
        ("listeners", "PLAINTEXT://0.0.0.0:1"),
        ("lake.url", "file:///etc"),
        (&long_name, "1"),
        ("retention.ms", &long_value),
        ("retention.ms", "1\n2"),
        ("retention.ms", "99999999999999999999"),
        ("retention.ms", "-2"),
        ("retention.ms", ""),
        ("segment.bytes", "1"),
        ("cleanup.policy", "compact"),
        ("write.caching", "maybe"),
    ] {
        let (e, text) = created(&mut c, vec![configured("new", &[(name, value)])]).remove(0);
        assert_eq!(e, 40, "{}={}", &name[..name.len().min(20)], &value[..value.len().min(20)]);
        assert!(!text.contains(['\n', '\0']) && text.len() < 2000, "{text}");
        let q = IncrementalAlterConfigsRequest {
            resources: vec![alter("t", name, 0, Some(value))],
            validate_only: false,
        };
        let a: IncrementalAlterConfigsResponse = c.call(44, 0, &q);
        assert_eq!(a.responses[0].error_code, 40);
        let text = a.responses[0].error_message.as_ref().unwrap();
        assert!(!text.contains(['\n', '\0']) && text.len() < 2000);
    }
    let mut none = configured("new", &[("retention.ms", "1")]);
    none.configs[0].value = None;
    assert_eq!(code(&mut c, none), 40);
    // 100,000 times the same: refused at the second.
    let twice = configured("new", &vec![("retention.ms", "5"); 100_000]);
    assert_eq!(code(&mut c, twice), 40);
    assert_eq!(topics(&mut c), ["t"]);
    drop(c);
    case.finish();
}

fn altered(c: &mut Client, r: AlterConfigsResource) -> i16 {
    let q = IncrementalAlterConfigsRequest { resources: vec![r], validate_only: false };
    let a: IncrementalAlterConfigsResponse = c.call(44, 1, &q);
    a.responses[0].error_code
}

#[test]
fn changes_of_what_is_not_theirs() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    // Makes the offsets topic.
    let find = k10_find_coordinator::FindCoordinatorRequest { key: "g".into(), ..Default::default() };
    let a: k10_find_coordinator::FindCoordinatorResponse = c.call(10, 2, &find);
    assert_eq!(a.error_code, 0);
    let internal = "__consumer_offsets";
    for name in [internal, "nothing", "../t", ""] {
        let known = name == internal;
        let q = DeleteTopicsRequest { topic_names: vec![name.into()], ..Default::default() };
        let a: DeleteTopicsResponse = c.call(20, 5, &q);
        assert_eq!(a.responses[0].error_code, if known { 17 } else { 3 }, "deleting {name}");
        let grow = CreatePartitionsTopic { name: name.into(), count: 90, assignments: None };
        let q = CreatePartitionsRequest { topics: vec![grow], ..Default::default() };
        let a: CreatePartitionsResponse = c.call(37, 3, &q);
        assert_eq!(a.results[0].error_code, if known { 17 } else { 3 }, "growing {name}");
        let e = altered(&mut c, alter(name, "retention.ms", 0, Some("1")));
        assert_eq!(e, if known { 42 } else { 3 }, "altering {name}");
        let p = DeleteRecordsPartition { partition_index: 0, offset: -1 };
        let t = DeleteRecordsTopic { name: name.into(), partitions: vec![p] };
        let q = DeleteRecordsRequest { topics: vec![t], timeout_ms: 1 };
        let a: DeleteRecordsResponse = c.call(21, 2, &q);
        assert_eq!(a.topics[0].partitions[0].error_code, if known { 17 } else { 3 }, "emptying {name}");
    }
    let p: k00_produce::ProduceResponse =
        c.call(0, 9, &requests::produce(internal, 0, requests::batch(&[b"x"]), 1));
    assert_eq!(p.responses[0].partition_responses[0].error_code, 17);
    // Brokers, loggers, groups, and types that do not exist.
    for kind in [0, 4, 8, 16, 32, -1, i8::MAX] {
        let r = AlterConfigsResource { resource_type: kind, ..alter("1", "retention.ms", 0, Some("1")) };
        assert_eq!(altered(&mut c, r), 42, "type {kind}");
    }
    for (operation, code) in [(3, 40), (-1, 42), (i8::MAX, 42)] {
        assert_eq!(altered(&mut c, alter("t", "retention.ms", operation, Some("1"))), code);
    }
    let mut twice = alter("t", "retention.ms", 0, Some("1"));
    twice.configs = vec![twice.configs[0].clone(); 100_000];
    assert_eq!(altered(&mut c, twice), 42);
    let mut nothing = alter("t", "retention.ms", 0, None);
    assert_eq!(altered(&mut c, nothing.clone()), 40);
    nothing.configs = vec![AlterableConfig { config_operation: 1, ..nothing.configs[0].clone() }];
    assert_eq!(altered(&mut c, nothing), 0, "deleting needs no value");
    drop(c);
    case.finish();
}

#[test]
fn partitions_only_grow_and_by_one_broker() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 3);
    let mut grown = |count: i32, brokers: Option<&[&[i32]]>| {
        let assignments = brokers
            .map(|b| b.iter().map(|ids| CreatePartitionsAssignment { broker_ids: ids.to_vec() }).collect());
        let t = CreatePartitionsTopic { name: "t".into(), count, assignments };
        let q = CreatePartitionsRequest { topics: vec![t], ..Default::default() };
        let a: CreatePartitionsResponse = c.call(37, 3, &q);
        a.results[0].error_code
    };
    for n in [3, 2, 0, -1, i32::MIN, i32::MAX, 20_001] {
        assert_eq!(grown(n, None), 37, "{n}");
    }
    assert_eq!(grown(20_000, None), 44, "too many for one request");
    for bad in [&[][..], &[&[][..]], &[&[1], &[1]], &[&[2]], &[&[1, 1]]] {
        assert_eq!(grown(4, Some(bad)), 39, "{bad:?}");
    }
    assert_eq!(grown(4, Some(&[&[1]])), 0);
    let t = CreatePartitionsTopic { name: "t".into(), count: 9, assignments: None };
    let q = CreatePartitionsRequest { topics: vec![t.clone(), t], ..Default::default() };
    let a: CreatePartitionsResponse = c.call(37, 3, &q);
    assert!(a.results.iter().all(|r| r.error_code == 42), "the same topic twice");
    drop(c);
    case.finish();
}

#[test]
fn records_are_deleted_up_to_the_end_and_no_further() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    for _ in 0..3 {
        let p: k00_produce::ProduceResponse =
            c.call(0, 9, &requests::produce("t", 0, requests::batch(&[b"x"]), -1));
        assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
    }
    let mut deleted = |offsets: &[i64]| {
        let partitions =
            offsets.iter().map(|o| DeleteRecordsPartition { partition_index: 0, offset: *o }).collect();
        let t = DeleteRecordsTopic { name: "t".into(), partitions };
        let q = DeleteRecordsRequest { topics: vec![t], timeout_ms: 1000 };
        let a: DeleteRecordsResponse = c.call(21, 2, &q);
        a.topics[0].partitions.iter().map(|p| (p.error_code, p.low_watermark)).collect::<Vec<_>>()
    };
    for bad in [-2, i64::MIN, 4, i64::MAX] {
        assert_eq!(deleted(&[bad]), [(1, -1)], "offset {bad}");
    }
    assert_eq!(deleted(&[1]), [(0, 1)]);
    assert_eq!(deleted(&[0]), [(0, 1)], "never back");
    // One write for all of them, however often.
    assert!(deleted(&[2; 50_000]).iter().all(|d| *d == (0, 2)));
    assert_eq!(deleted(&[-1]), [(0, 3)]);
    drop(c);
    case.finish();
}

#[test]
fn a_flood_of_names_makes_few_topics() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    let names: Vec<String> = (0..5000).map(|i| format!("flood-{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let a: MetadataResponse = c.call(3, 9, &metadata(&names, true));
    let made = a.topics.iter().filter(|t| t.error_code == 0).count();
    assert_eq!((a.topics.len(), made), (5000, 100), "the rest is answered as unknown, which clients retry");
    assert_eq!(topics(&mut c).len(), 100);
    let a: MetadataResponse = c.call(3, 9, &metadata(&["no", "never"], false));
    assert!(a.topics.iter().all(|t| t.error_code == 3));
    drop(c);
    case.finish();
}

#[test]
fn describing_the_same_over_and_over() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "a-topic", 1);
    let r = DescribeConfigsResource {
        resource_type: 2,
        resource_name: "a-topic".into(),
        configuration_keys: None,
    };
    let q = DescribeConfigsRequest {
        resources: vec![r.clone(); 50_000],
        include_synonyms: true,
        include_documentation: true,
    };
    let a: DescribeConfigsResponse = memory::within_mib(100, || c.call(32, 4, &q));
    assert_eq!(a.results.len(), 1, "each once");
    for (kind, name, code) in
        [(4, "1", 0), (4, "", 0), (4, "2", 42), (4, "x", 42), (8, "1", 42), (2, "nothing", 3), (-1, "", 42)]
    {
        let r = DescribeConfigsResource { resource_type: kind, resource_name: name.into(), ..r.clone() };
        let a: DescribeConfigsResponse =
            c.call(32, 4, &DescribeConfigsRequest { resources: vec![r], ..Default::default() });
        assert_eq!(a.results[0].error_code, code, "{kind} {name}");
    }
    drop(c);
    case.finish();
}

#[test]
fn transactions_are_refused_and_ids_are_never_given_twice() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    for id in ["tx", &"x".repeat(32_000), "a\nb"] {
        let q = InitProducerIdRequest { transactional_id: Some(id.into()), ..Default::default() };
        let a: InitProducerIdResponse = c.call(22, 5, &q);
        assert_eq!((a.error_code, a.producer_id), (53, -1));
    }
    let q = InitProducerIdRequest { transactional_id: Some("".into()), ..Default::default() };
    let a: InitProducerIdResponse = c.call(22, 5, &q);
    assert_eq!((a.error_code, a.producer_id), (42, -1), "no name at all");
    let q = InitProducerIdRequest { transactional_id: None, ..Default::default() };
    let request = framed(&encode(22, 5, 7, None, &q));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        c.send(&request.repeat(1000));
        for _ in 0..1000 {
            let a: InitProducerIdResponse = c.read_answer(22, 5).unwrap();
            assert!(a.error_code == 0 && seen.insert(a.producer_id));
        }
    }
    drop(c);
    case.finish();
}

/// Sends `q` in every version of an API; each is answered.
fn answered<Q: Message, A: Message>(c: &mut Client, key: i16, q: &Q) {
    let api = protocol::api::served(key).unwrap();
    for v in api.min..=api.max {
        let a: Option<A> = c.try_call(key, v, q);
        assert!(a.is_some(), "{} v{v}: closed instead of answered", api.name);
    }
}

/// One call of `answered` for each API with a request that says nothing.
macro_rules! empty_requests {
    ($c:expr, $($key:literal: $module:ident $request:ident $response:ident,)*) => {{
        $(answered::<_, $module::$response>($c, $key, &$module::$request::default());)*
        vec![$($key as i16),*]
    }};
}

#[test]
fn nothing_at_all() {
    let case = Case::new(&[]);
    let mut client = Client::connect(case.address());
    let c = &mut client;
    let mut keys = empty_requests!(c,
        2: k02_list_offsets ListOffsetsRequest ListOffsetsResponse,
        3: k03_metadata MetadataRequest MetadataResponse,
        8: k08_offset_commit OffsetCommitRequest OffsetCommitResponse,
        9: k09_offset_fetch OffsetFetchRequest OffsetFetchResponse,
        10: k10_find_coordinator FindCoordinatorRequest FindCoordinatorResponse,
        11: k11_join_group JoinGroupRequest JoinGroupResponse,
        12: k12_heartbeat HeartbeatRequest HeartbeatResponse,
        13: k13_leave_group LeaveGroupRequest LeaveGroupResponse,
        14: k14_sync_group SyncGroupRequest SyncGroupResponse,
        15: k15_describe_groups DescribeGroupsRequest DescribeGroupsResponse,
        16: k16_list_groups ListGroupsRequest ListGroupsResponse,
        18: k18_api_versions ApiVersionsRequest ApiVersionsResponse,
        19: k19_create_topics CreateTopicsRequest CreateTopicsResponse,
        20: k20_delete_topics DeleteTopicsRequest DeleteTopicsResponse,
        21: k21_delete_records DeleteRecordsRequest DeleteRecordsResponse,
        22: k22_init_producer_id InitProducerIdRequest InitProducerIdResponse,
        23: k23_offset_for_leader_epoch OffsetForLeaderEpochRequest OffsetForLeaderEpochResponse,
        32: k32_describe_configs DescribeConfigsRequest DescribeConfigsResponse,
        37: k37_create_partitions CreatePartitionsRequest CreatePartitionsResponse,
        42: k42_delete_groups DeleteGroupsRequest DeleteGroupsResponse,
        44: k44_incremental_alter_configs IncrementalAlterConfigsRequest IncrementalAlterConfigsResponse,
        55: k55_describe_quorum DescribeQuorumRequest DescribeQuorumResponse,
        60: k60_describe_cluster DescribeClusterRequest DescribeClusterResponse,
        75: k75_describe_topic_partitions DescribeTopicPartitionsRequest DescribeTopicPartitionsResponse,
    );
    // acks=0 has no answer, and a replica id of 0 is a broker's.
    let q = k00_produce::ProduceRequest { acks: -1, ..Default::default() };
    answered::<_, k00_produce::ProduceResponse>(c, 0, &q);
    let state = k01_fetch::request::ReplicaState { replica_id: -1, replica_epoch: -1 };
    let q = k01_fetch::FetchRequest { replica_id: -1, replica_state: state, ..Default::default() };
    answered::<_, k01_fetch::FetchResponse>(c, 1, &q);
    keys.splice(0..0, [0, 1]);
    assert_eq!(keys, protocol::api::SERVED, "every API");
    drop(client);
    case.finish();
}

#[test]
fn everything_twice() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    let send = |c: &mut Client, key: i16, v: i16, body: &Bytes| {
        c.send_frame(body);
        let frame = c.read_frame();
        assert!(frame.is_some(), "API {key} v{v}: closed");
    };
    // The whole request again and again on one connection: every one is answered.
    for (key, v, body) in requests::all() {
        if key == 11 {
            continue;
        }
        for _ in 0..3 {
            send(&mut c, key, v, &body);
        }
    }
    // And items twice in their arrays.
    let names = metadata(&["t", "t", "no", "no"], false);
    let a: MetadataResponse = c.call(3, 12, &names);
    assert_eq!(a.topics.iter().map(|t| t.error_code).collect::<Vec<_>>(), [0, 3], "each once");
    let mut q = requests::list_offsets("t", -1);
    q.topics.push(q.topics[0].clone());
    let a: k02_list_offsets::ListOffsetsResponse = c.call(2, 7, &q);
    assert!(a.topics.iter().all(|t| t.partitions[0].error_code == 42));
    let q = DeleteTopicsRequest { topic_names: vec!["t".into(), "t".into()], ..Default::default() };
    let a: DeleteTopicsResponse = c.call(20, 5, &q);
    assert_eq!(a.responses.iter().map(|r| r.error_code).collect::<Vec<_>>(), [42]);
    drop(c);
    case.finish();
}
