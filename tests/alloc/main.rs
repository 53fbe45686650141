//! Heap allocations of a warm request, counted: produce with acks 1 and all, and fetch, on one connection.
//!
//! The allocator counts what the whole process allocates; the client of the measured part allocates nothing, so
//! the rest is the broker's. Blocks of `READ_BUFFER` and more are the connection's read buffers and counted apart.
//! `BOUNDS` may only go down; the target is 0. `LIPNO_ALLOC_TRACE=N` takes a backtrace of every Nth allocation and
//! prints where they come from.

mod counting;

use bytes::{Bytes, BytesMut};
use counting::{COUNTS, Counting};
use lipno::config::BrokerConfig;
use lipno_tests::client::Client;
use protocol::message::header::RequestHeader;
use protocol::message::k00_produce::ProduceRequest;
use protocol::message::k00_produce::request::{PartitionProduceData, TopicProduceData};
use protocol::message::k01_fetch::FetchRequest;
use protocol::message::k01_fetch::request::{FetchPartition, FetchTopic};
use protocol::primitive::Writer;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use protocol::{Message, Records};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const REQUESTS: usize = 10_000;
const WARM: usize = 2_000;
const FETCH_VERSION: i16 = 12;

/// Allocations a request that are allowed: a ratchet above the target of 0, with a tenth for the broker's own upkeep.
const BOUNDS: [(&str, f64); 3] = [("produce acks=1", 4.1), ("produce acks=all", 4.1), ("fetch", 4.1)];

fn frame<M: Message>(key: i16, version: i16, m: &M) -> Vec<u8> {
    let api = protocol::api::served(key).unwrap();
    let (mut out, mut gaps) = (BytesMut::new(), Vec::new());
    let mut w = Writer::new(&mut out, &mut gaps);
    w.i32(0);
    let h = RequestHeader {
        request_api_key: key,
        request_api_version: version,
        correlation_id: 7,
        client_id: Some("alloc".into()),
    };
    h.encode(&mut w, api.request_header_version(version));
    m.encode(&mut w, version);
    let len = (out.len() - 4) as u32;
    out[..4].copy_from_slice(&len.to_be_bytes());
    out.to_vec()
}

fn batch() -> Bytes {
    let mut b = BatchBuilder::new(Codec::None);
    b.push(NewRecord { timestamp: 1, value: Some(&[7; 100]), ..NewRecord::default() });
    b.finish().unwrap()
}

fn produce(acks: i16) -> Vec<u8> {
    let data = PartitionProduceData { index: 0, records: Some(Records::Bytes(batch())) };
    let topic_data =
        vec![TopicProduceData { name: "alloc".into(), partition_data: vec![data], ..Default::default() }];
    frame(0, 12, &ProduceRequest { acks, timeout_ms: 30_000, topic_data, ..Default::default() })
}

fn fetch() -> Vec<u8> {
    let partition = FetchPartition {
        partition: 0,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        log_start_offset: -1,
        partition_max_bytes: 16 * 1024,
        ..Default::default()
    };
    let topics =
        vec![FetchTopic { topic: "alloc".into(), partitions: vec![partition], ..Default::default() }];
    let q = FetchRequest {
        replica_id: -1,
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics,
        ..Default::default()
    };
    frame(1, FETCH_VERSION, &q)
}

/// Sends the same request `n` times, one after another, without allocating. `good` looks at each answer.
fn send(address: SocketAddr, request: &[u8], good: fn(&[u8]) -> bool) -> (f64, f64) {
    let mut s = TcpStream::connect(address).unwrap();
    s.set_nodelay(true).unwrap();
    let mut answer = vec![0u8; 1 << 20];
    let mut once = || {
        s.write_all(request).unwrap();
        let mut len = [0; 4];
        s.read_exact(&mut len).unwrap();
        let body = &mut answer[..u32::from_be_bytes(len) as usize];
        s.read_exact(body).unwrap();
        assert!(good(body), "an error in an answer");
    };
    (0..WARM).for_each(|_| once());
    let before = COUNTS.read();
    counting::trace(true);
    (0..REQUESTS).for_each(|_| once());
    counting::trace(false);
    let after = COUNTS.read();
    let each = |a: u64, b: u64| (a - b) as f64 / REQUESTS as f64;
    (each(after.small, before.small), each(after.buffers, before.buffers))
}

/// Correlation, tags, one topic, its name, one partition, index, error 0.
fn produced(body: &[u8]) -> bool {
    body[5] == 2 && body[17..19] == [0, 0]
}

/// More than an answer without records.
fn fetched(body: &[u8]) -> bool {
    body[9..11] == [0, 0] && body.len() > 10_000
}

#[test]
fn warm_requests_allocate_little() {
    let dir = tempfile::tempdir().unwrap();
    let values: BTreeMap<String, String> = [
        ("data.dir", dir.path().to_str().unwrap()),
        ("listeners", "PLAINTEXT://127.0.0.1:0"),
        ("http.listeners", "127.0.0.1:0"),
        ("lake.mode", "off"),
        ("write.caching", "true"),
    ]
    .map(|(k, v)| (k.to_string(), v.to_string()))
    .into();
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let broker = rt.block_on(lipno::run::start(BrokerConfig::from_values(values).unwrap())).unwrap();
    let address = broker.addresses[0];
    Client::connect(address).create_topic("alloc", 1, &[]);
    let runs: [(Vec<u8>, fn(&[u8]) -> bool); 3] =
        [(produce(1), produced), (produce(-1), produced), (fetch(), fetched)];
    let mut over = Vec::new();
    for ((name, bound), (request, good)) in BOUNDS.iter().zip(&runs) {
        let (small, buffers) = send(address, request, *good);
        println!(
            "{name}: {small:.3} allocations a request, {buffers:.3} read buffers (target 0, bound {bound})"
        );
        counting::print_traces(REQUESTS);
        if small > *bound {
            over.push(format!("{name}: {small:.3} > {bound}"));
        }
    }
    rt.block_on(broker.stop());
    assert!(over.is_empty(), "allocations a request rose: {over:?}");
}

#[test]
fn the_allocator_counts() {
    let before = COUNTS.read();
    let small = std::hint::black_box(vec![1u8; 100]);
    let large = std::hint::black_box(vec![1u8; counting::READ_BUFFER]);
    drop((small, large));
    let after = COUNTS.read();
    assert!(after.small > before.small && after.buffers > before.buffers);
}
