//! What /metrics tells of topics and groups that come, are read and go.

use crate::client::Client;
use crate::disk::metrics;
use crate::requests::{batch, commit, fetch, make_topic, produce};
use crate::server::Case;
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k01_fetch::FetchResponse;
use protocol::message::k08_offset_commit::OffsetCommitResponse;
use protocol::message::k10_find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::message::k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use protocol::message::k42_delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};

/// The value of one series.
fn value(text: &str, series: &str) -> Option<u64> {
    text.lines().find_map(|l| l.strip_prefix(series)?.strip_prefix(' ')).map(|n| n.parse().unwrap())
}

#[test]
fn what_is_read_counts_once_and_what_is_deleted_is_gone() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make_topic(&mut c, "m", 1);
    // Waits until 1,000 bytes are there, and looks at the log with each record that comes.
    let mut waiting = Client::connect(case.address());
    let mut q = fetch("m", 0);
    (q.min_bytes, q.max_wait_ms) = (1_000, 10_000);
    waiting.send_request(1, 12, &q);
    let mut sent = 0;
    while sent < 1_000 {
        let records = batch(&[&[7; 60], &[8; 60]]);
        sent += records.len();
        let a: ProduceResponse = c.call(0, 9, &produce("m", 0, records, -1));
        assert_eq!(a.responses[0].partition_responses[0].error_code, 0);
    }
    let got: FetchResponse = waiting.read_answer(1, 12).unwrap();
    let bytes = got.responses[0].partitions[0].records.as_ref().unwrap().len() as u64;
    assert_eq!(bytes, sent as u64);
    let text = metrics(case.server.http);
    let batches = sent as u64 / batch(&[&[7; 60], &[8; 60]]).len() as u64;
    for (name, want) in [("bytes", bytes), ("records", 2 * batches)] {
        for way in ["in", "out"] {
            let series = format!("lipno_topic_{name}_{way}_total{{topic=\"m\"}}");
            assert_eq!(value(&text, &series), Some(want), "{series}");
        }
    }
    // A batch that comes in part is no record yet.
    let one = bytes / batches;
    let mut q = fetch("m", 1);
    q.topics[0].partitions[0].partition_max_bytes = (3 * one + 10) as i32;
    let _: FetchResponse = c.call(1, 12, &q);
    let after = value(&metrics(case.server.http), "lipno_topic_records_out_total{topic=\"m\"}").unwrap();
    assert_eq!(after, 2 * batches + 5, "three batches, from the second record of the first");

    let f = FindCoordinatorRequest { coordinator_keys: vec!["g\"1".into()], ..Default::default() };
    crate::client::until("the coordinator is there", || {
        let a: FindCoordinatorResponse = c.call(10, 4, &f);
        a.coordinators[0].error_code == 0
    });
    let a: OffsetCommitResponse = c.call(8, 8, &commit("g\"1", "m", 1));
    assert_eq!(a.topics[0].partitions[0].error_code, 0);
    let lag = "lipno_consumer_lag{group=\"g\\\"1\",topic=\"m\",partition=\"0\"}";
    assert_eq!(value(&metrics(case.server.http), lag), Some(2 * batches - 1));
    let d: DeleteGroupsResponse = c.call(42, 2, &DeleteGroupsRequest { groups_names: vec!["g\"1".into()] });
    assert_eq!(d.results[0].error_code, 0);
    assert_eq!(value(&metrics(case.server.http), lag), None);
    let q = DeleteTopicsRequest { topic_names: vec!["m".into()], timeout_ms: 10_000, ..Default::default() };
    let _: DeleteTopicsResponse = c.call(20, 5, &q);
    assert!(!metrics(case.server.http).contains("topic=\"m\""), "nothing is left of it");
    drop((c, waiting));
    case.finish();
}
