//! Requests that change the same thing at the same moment, repeat themselves, or meet the broker's end: what Kafka's
//! controller would decide one after the other.

use crate::client::Client;
use crate::requests::{alter, configured, create, join, make_topic, metadata, topic};
use crate::server::{Case, Server, alone, assert_no_panics};
use protocol::message::*;
use protocol::{Str, Uuid};
use std::net::SocketAddr;
use std::sync::Barrier;

use k03_metadata::{MetadataRequest, MetadataResponse};
use k11_join_group::JoinGroupResponse;
use k15_describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use k19_create_topics::request::CreatableReplicaAssignment;
use k19_create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use k20_delete_topics::request::DeleteTopicState;
use k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use k37_create_partitions::request::CreatePartitionsTopic;
use k37_create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};
use k44_incremental_alter_configs::request::{AlterConfigsResource, AlterableConfig};
use k44_incremental_alter_configs::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};
use k60_describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};

/// The same from several connections at one moment; their answers.
fn at_once<T: Send>(address: SocketAddr, n: usize, f: impl Fn(&mut Client) -> T + Sync) -> Vec<T> {
    let (start, f) = (Barrier::new(n), &f);
    std::thread::scope(|s| {
        let one = || {
            let mut c = Client::connect(address);
            start.wait();
            f(&mut c)
        };
        let all: Vec<_> = (0..n).map(|_| s.spawn(one)).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

fn partitions(c: &mut Client, name: &str) -> usize {
    let a: MetadataResponse = c.call(3, 9, &metadata(&[name], false));
    a.topics[0].partitions.len()
}

#[test]
fn a_topic_grows_once() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    for round in 0..5 {
        let name = format!("grows-{round}");
        make_topic(&mut c, &name, 1);
        let t = CreatePartitionsTopic { name: Str::from(&name), count: 4, assignments: None };
        let q = CreatePartitionsRequest { topics: vec![t], timeout_ms: 10_000, ..Default::default() };
        let mut codes = at_once(case.address(), 6, |c| {
            let a: CreatePartitionsResponse = c.call(37, 2, &q);
            a.results[0].error_code
        });
        codes.sort_unstable();
        assert_eq!(codes, [0, 37, 37, 37, 37, 37]);
        assert_eq!(partitions(&mut c, &name), 4);
    }
    drop(c);
    case.finish();
}

#[test]
fn a_topic_inherits_nothing_of_one_that_was_deleted() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    let changes = IncrementalAlterConfigsRequest {
        resources: vec![alter("t", "retention.ms", 0, Some("1234567"))],
        ..Default::default()
    };
    let delete =
        DeleteTopicsRequest { topic_names: vec!["t".into()], timeout_ms: 10_000, ..Default::default() };
    for _ in 0..20 {
        make_topic(&mut c, "t", 1);
        let turn = std::sync::atomic::AtomicUsize::new(0);
        at_once(case.address(), 4, |c| {
            if turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed).is_multiple_of(2) {
                let _: DeleteTopicsResponse = c.call(20, 5, &delete);
            } else {
                let _: IncrementalAlterConfigsResponse = c.call(44, 1, &changes);
            }
        });
        let a: CreateTopicsResponse = c.call(19, 7, &create(vec![configured("t", &[])]));
        assert_eq!(a.topics[0].error_code, 0);
        let configs = a.topics[0].configs.as_ref().unwrap();
        let own: Vec<_> = configs.iter().filter(|x| x.config_source == 1).collect();
        assert!(own.is_empty(), "{own:?}");
        let _: DeleteTopicsResponse = c.call(20, 5, &delete);
    }
    drop(c);
    case.finish();
}

#[test]
fn what_is_only_validated_is_refused_for_the_same_reasons() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "a.b", 1);
    let mut elsewhere = topic("elsewhere", -1);
    elsewhere.replication_factor = -1;
    elsewhere.assignments = vec![CreatableReplicaAssignment { partition_index: 0, broker_ids: vec![99] }];
    let wanted = vec![elsewhere, topic("a_b", 1), topic("x.y", 1), topic("x_y", 1), topic("a.b", 1)];
    for validate_only in [true, false] {
        let q = CreateTopicsRequest { validate_only, ..create(wanted.clone()) };
        let a: CreateTopicsResponse = c.call(19, 7, &q);
        let codes: Vec<i16> = a.topics.iter().map(|t| t.error_code).collect();
        assert_eq!(codes, [39, 17, 0, 17, 36], "validate only: {validate_only}");
    }
    drop(c);
    case.finish();
}

#[test]
fn what_stands_twice_is_refused() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    let one = |value: &str| AlterConfigsResource {
        resource_type: 2,
        resource_name: "t".into(),
        configs: vec![AlterableConfig {
            name: "retention.ms".into(),
            config_operation: 0,
            value: Some(value.into()),
        }],
    };
    let q = IncrementalAlterConfigsRequest { resources: vec![one("1"), one("2")], ..Default::default() };
    let a: IncrementalAlterConfigsResponse = c.call(44, 1, &q);
    assert_eq!(a.responses.iter().map(|r| r.error_code).collect::<Vec<_>>(), [42, 42]);
    for (value, code) in [("compact", 0), ("delete", 40)] {
        let mut r = alter("t", "cleanup.policy", 3, Some(value));
        r.resource_type = 2;
        let q = IncrementalAlterConfigsRequest { resources: vec![r], ..Default::default() };
        let a: IncrementalAlterConfigsResponse = c.call(44, 1, &q);
        assert_eq!(a.responses[0].error_code, code, "subtract {value}");
    }
    let by = |name: Option<&str>, topic_id| DeleteTopicState { name: name.map(Str::from), topic_id };
    let q = DeleteTopicsRequest {
        topics: vec![by(Some("t"), Uuid::ZERO), by(Some("t"), Uuid::ZERO), by(None, Uuid::ZERO)],
        timeout_ms: 10_000,
        ..Default::default()
    };
    let a: DeleteTopicsResponse = c.call(20, 6, &q);
    assert_eq!(a.responses.iter().map(|r| r.error_code).collect::<Vec<_>>(), [42, 42]);
    assert_eq!(partitions(&mut c, "t"), 1, "it is still there");
    drop(c);
    case.finish();
}

#[test]
fn who_asks_is_told_what_it_may_do() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "t", 1);
    for asked in [false, true] {
        let or = |set: i32| if asked { set } else { i32::MIN };
        let q = MetadataRequest {
            include_topic_authorized_operations: asked,
            include_cluster_authorized_operations: asked,
            ..metadata(&["t"], false)
        };
        let a: MetadataResponse = c.call(3, 9, &q);
        assert_eq!(a.topics[0].topic_authorized_operations, or(3576));
        assert_eq!(a.cluster_authorized_operations, or(8096));
        let q = DescribeGroupsRequest { groups: vec!["g".into()], include_authorized_operations: asked };
        let a: DescribeGroupsResponse = c.call(15, 5, &q);
        assert_eq!(a.groups[0].authorized_operations, or(3400));
        let q = DescribeClusterRequest { include_cluster_authorized_operations: asked, ..Default::default() };
        let a: DescribeClusterResponse = c.call(60, 1, &q);
        assert_eq!(a.cluster_authorized_operations, or(8096));
    }
    drop(c);
    case.finish();
}

#[test]
fn a_member_that_waits_for_others_is_sent_away_when_the_broker_stops() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[("group.initial.rebalance.delay.ms", "600000")]).unwrap();
    let mut c = Client::connect(server.address);
    let first: JoinGroupResponse = c.call(11, 5, &join("g", "", None));
    assert_eq!(first.error_code, 79, "an id first");
    c.send_request(11, 5, &join("g", &first.member_id, None));
    // The same connection takes no more until it is answered; another one sees that the group is there.
    let mut other = Client::connect(server.address);
    crate::client::until("the join waits", || {
        let q = DescribeGroupsRequest { groups: vec!["g".into()], ..Default::default() };
        let a: DescribeGroupsResponse = other.call(15, 5, &q);
        a.groups[0].members.len() == 1
    });
    server.stop();
    let a: JoinGroupResponse = c.read_answer(11, 5).expect("an answer before the end");
    assert_eq!(a.error_code, 15);
    assert_no_panics();
}
