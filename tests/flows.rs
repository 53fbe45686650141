//! docs/FLOWS.md against the code: one produce and one fetch are sent, the marks that they pass are the page's steps.

use bytes::{Bytes, BytesMut};
use lipno::config::BrokerConfig;
use protocol::message::header::{RequestHeader, ResponseHeader};
use protocol::message::k00_produce::request::{PartitionProduceData, TopicProduceData};
use protocol::message::k00_produce::{ProduceRequest, ProduceResponse};
use protocol::message::k01_fetch::request::{FetchPartition, FetchTopic};
use protocol::message::k01_fetch::{FetchRequest, FetchResponse};
use protocol::message::k03_metadata::request::MetadataRequestTopic;
use protocol::message::k03_metadata::{MetadataRequest, MetadataResponse};
use protocol::primitive::{Reader, Writer};
use protocol::records::{BatchBuilder, Codec, NewRecord};
use protocol::{Message, Records};
use std::collections::{BTreeMap, BTreeSet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Steps that the page lists: lines that start with `**produce.N**`.
fn steps_of_page() -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/FLOWS.md")).unwrap();
    text.lines()
        .filter_map(|l| l.strip_prefix("**")?.split_once("**"))
        .map(|(step, _)| step.to_string())
        .filter(|s| s.starts_with("produce.") || s.starts_with("fetch."))
        .collect()
}

async fn call<Q: Message, A: Message>(s: &mut TcpStream, key: i16, version: i16, q: &Q) -> A {
    let api = protocol::api::served(key).unwrap();
    let mut out = BytesMut::new();
    let mut gaps = Vec::new();
    let mut w = Writer::new(&mut out, &mut gaps);
    let h = RequestHeader {
        request_api_key: key,
        request_api_version: version,
        correlation_id: 7,
        client_id: None,
    };
    w.i32(0);
    h.encode(&mut w, api.request_header_version(version));
    q.encode(&mut w, version);
    let len = (out.len() - 4) as i32;
    out[..4].copy_from_slice(&len.to_be_bytes());
    s.write_all(&out).await.unwrap();
    let len = s.read_i32().await.unwrap();
    let mut frame = vec![0; len as usize];
    s.read_exact(&mut frame).await.unwrap();
    let frame = Bytes::from(frame);
    let mut r = Reader::new(&frame);
    let header = ResponseHeader::decode(&mut r, api.response_header_version(version)).unwrap();
    assert_eq!(header.correlation_id, 7);
    A::decode(&mut r, version).unwrap()
}

fn batch() -> Bytes {
    let mut b = BatchBuilder::new(Codec::None);
    b.push(NewRecord { value: Some(b"x"), ..NewRecord::default() });
    b.finish().unwrap()
}

fn produce() -> ProduceRequest {
    let partition = PartitionProduceData { index: 0, records: Some(Records::Bytes(batch())) };
    ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: "flows".into(),
            partition_data: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn fetch(offset: i64) -> FetchRequest {
    let p = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic { topic: "flows".into(), partitions: vec![p], ..Default::default() }],
        ..Default::default()
    }
}

#[tokio::test]
async fn the_page_is_what_happens() {
    let dir = tempfile::tempdir().unwrap();
    let values = [
        ("data.dir", dir.path().to_str().unwrap()),
        ("listeners", "PLAINTEXT://127.0.0.1:0"),
        ("http.listeners", "127.0.0.1:0"),
    ];
    let values: BTreeMap<String, String> = values.map(|(k, v)| (k.to_string(), v.to_string())).into();
    let broker = lipno::run::start(BrokerConfig::from_values(values).unwrap()).await.unwrap();
    let mut s = TcpStream::connect(broker.addresses[0]).await.unwrap();
    let topic = MetadataRequestTopic { name: Some("flows".into()), ..Default::default() };
    let q =
        MetadataRequest { topics: Some(vec![topic]), allow_auto_topic_creation: true, ..Default::default() };
    let m: MetadataResponse = call(&mut s, 3, 9, &q).await;
    assert_eq!(m.topics[0].error_code, 0);
    lipno::flow::watch();
    let p: ProduceResponse = call(&mut s, 0, 9, &produce()).await;
    assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
    let f: FetchResponse = call(&mut s, 1, 12, &fetch(0)).await;
    assert!(f.responses[0].partitions[0].records.as_ref().is_some_and(|r| !r.is_empty()));
    // The end of the log: this one is parked until its time is over.
    let f: FetchResponse = call(&mut s, 1, 12, &fetch(1)).await;
    assert!(f.responses[0].partitions[0].records.as_ref().is_some_and(|r| r.is_empty()));
    let seen: BTreeSet<String> = lipno::flow::seen().into_iter().map(String::from).collect();
    assert_eq!(seen, steps_of_page(), "docs/FLOWS.md and the flow! marks differ");
    broker.stop().await;
}
