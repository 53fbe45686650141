//! A small raw client: requests encoded with the protocol crate over a blocking socket, answers decoded.
//!
//! For tests that need exact control over what is sent; real client libraries are tested elsewhere. Every call
//! panics with the API's name when the broker does not answer as it must.

use bytes::{Bytes, BytesMut};
use protocol::message::header::{RequestHeader, ResponseHeader};
use protocol::message::k00_produce::request::{PartitionProduceData, TopicProduceData};
use protocol::message::k00_produce::{ProduceRequest, ProduceResponse};
use protocol::message::k19_create_topics::request::{CreatableTopic, CreatableTopicConfig};
use protocol::message::k19_create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use protocol::message::k20_delete_topics::request::DeleteTopicState;
use protocol::message::k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use protocol::primitive::{Reader, Writer};
use protocol::{Message, Records};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
pub struct Client {
    socket: TcpStream,
    correlation_id: i32,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        let socket = TcpStream::connect(address).expect("the broker accepts connections");
        socket.set_nodelay(true).expect("nodelay");
        socket.set_read_timeout(Some(PATIENCE)).expect("a read timeout");
        Client { socket, correlation_id: 0 }
    }

    /// Sends one request without waiting; returns its correlation id.
    pub fn send<Q: Message>(&mut self, key: i16, version: i16, q: &Q) -> i32 {
        let api = protocol::api::served(key).expect("an API of the table");
        self.correlation_id += 1;
        let h = RequestHeader {
            request_api_key: key,
            request_api_version: version,
            correlation_id: self.correlation_id,
            client_id: Some("lipno-tests".into()),
        };
        let (mut out, mut gaps) = (BytesMut::new(), Vec::new());
        let mut w = Writer::new(&mut out, &mut gaps);
        w.i32(0);
        h.encode(&mut w, api.request_header_version(version));
        q.encode(&mut w, version);
        let len = (out.len() - 4) as i32;
        out[..4].copy_from_slice(&len.to_be_bytes());
        self.socket.write_all(&out).expect("the request is sent");
        self.correlation_id
    }

    /// Sends raw bytes, for what no `Message` can say.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes)
    }

    /// The next frame without its length; an error of kind `UnexpectedEof` when the broker closed the connection.
    pub fn frame(&mut self) -> io::Result<Bytes> {
        let mut len = [0; 4];
        self.socket.read_exact(&mut len)?;
        let mut frame = vec![0; i32::from_be_bytes(len) as usize];
        self.socket.read_exact(&mut frame)?;
        Ok(frame.into())
    }

    /// Receives the answer to a request of this API and version.
    pub fn receive<A: Message>(&mut self, key: i16, version: i16) -> (i32, A) {
        let api = protocol::api::served(key).expect("an API of the table");
        let frame = self.frame().unwrap_or_else(|e| panic!("no answer to API {key}: {e}"));
        let mut r = Reader::new(&frame);
        let h = ResponseHeader::decode(&mut r, api.response_header_version(version)).expect("a header");
        let a = A::decode(&mut r, version).unwrap_or_else(|e| panic!("answer to API {key}: {e}"));
        assert_eq!(r.remaining(), 0, "bytes after the answer to API {key}");
        (h.correlation_id, a)
    }

    /// One request and its answer.
    pub fn call<Q: Message, A: Message>(&mut self, key: i16, version: i16, q: &Q) -> A {
        let sent = self.send(key, version, q);
        let (received, a) = self.receive(key, version);
        assert_eq!(sent, received, "answers come in the order of requests");
        a
    }

    /// Creates a topic; panics if the broker refuses.
    pub fn create_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let configs = configs
            .iter()
            .map(|(k, v)| CreatableTopicConfig { name: (*k).into(), value: Some((*v).into()) })
            .collect();
        let topic = CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor: -1,
            configs,
            ..Default::default()
        };
        let q = CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() };
        let a: CreateTopicsResponse = self.call(19, 5, &q);
        assert_eq!(a.topics[0].error_code, 0, "{name}: {:?}", a.topics[0].error_message);
    }

    /// Deletes a topic; panics if the broker refuses.
    pub fn delete_topic(&mut self, name: &str) {
        let topics = vec![DeleteTopicState { name: Some(name.into()), ..Default::default() }];
        let q = DeleteTopicsRequest { topics, timeout_ms: 30_000, ..Default::default() };
        let a: DeleteTopicsResponse = self.call(20, 6, &q);
        assert_eq!(a.responses[0].error_code, 0, "{name}: {:?}", a.responses[0].error_message);
    }

    /// Produces one batch with acks=all and returns its base offset; panics on an error.
    pub fn produce(&mut self, topic: &str, partition: i32, batch: Bytes) -> i64 {
        let data = PartitionProduceData { index: partition, records: Some(Records::Bytes(batch)) };
        let topic_data =
            vec![TopicProduceData { name: topic.into(), partition_data: vec![data], ..Default::default() }];
        let q = ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data, ..Default::default() };
        let a: ProduceResponse = self.call(0, 9, &q);
        let p = &a.responses[0].partition_responses[0];
        assert_eq!(p.error_code, 0, "{topic}-{partition}: {:?}", p.error_message);
        p.base_offset
    }
}
