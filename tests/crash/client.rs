//! A small blocking Kafka client for tests: one connection, pipelining, this project's own messages.
//!
//! Invariants: answers are matched by correlation id and in order; a time-out or a lost connection is `Unknown`
//! (the broker may or may not have done it) and never a failure; nothing is retried here. Topics go by name, so
//! the versions in use are the newest that do. Called by the workers and by `verify`.

use bytes::{BufMut, Bytes, BytesMut};
use protocol::api;
use protocol::message::header::{RequestHeader, ResponseHeader};
use protocol::message::k00_produce::{self, ProduceRequest, ProduceResponse};
use protocol::message::k01_fetch::{self, FetchRequest, FetchResponse};
use protocol::message::k02_list_offsets::{self, ListOffsetsRequest, ListOffsetsResponse};
use protocol::message::k03_metadata::{self, MetadataRequest, MetadataResponse};
use protocol::message::k08_offset_commit::{self, OffsetCommitRequest, OffsetCommitResponse};
use protocol::message::k09_offset_fetch::{self, OffsetFetchRequest, OffsetFetchResponse};
use protocol::message::k10_find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::message::k11_join_group::{self, JoinGroupRequest, JoinGroupResponse};
use protocol::message::k12_heartbeat::{HeartbeatRequest, HeartbeatResponse};
use protocol::message::k14_sync_group::{self, SyncGroupRequest, SyncGroupResponse};
use protocol::message::k19_create_topics::{self, CreateTopicsRequest, CreateTopicsResponse};
use protocol::message::k20_delete_topics::{self, DeleteTopicsRequest, DeleteTopicsResponse};
use protocol::message::k22_init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use protocol::primitive::{Reader, Records, Writer};
use protocol::records::codec::DECOMPRESSED_MAX;
use protocol::records::{BatchHeader, Codec, HEADER_LEN, Record, RecordIter};
use protocol::{ErrorCode, Message, Str, Uuid};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Answers larger than this are a broken broker.
const ANSWER_BYTES_MAX: usize = 256 << 20;

#[derive(Debug)]
pub enum CallError {
    /// The connection failed or no answer came in time: the request may or may not have been carried out.
    Unknown(io::Error),
    /// The broker answered with an error code.
    Refused(ErrorCode, String),
    /// The answer is not what the protocol says.
    Broken(String),
}

impl CallError {
    /// True when the broker is reachable but did not answer in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self, CallError::Unknown(e)
            if matches!(e.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock))
    }

    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            CallError::Refused(c, _) => Some(*c),
            _ => None,
        }
    }
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CallError::Unknown(e) => write!(f, "outcome unknown: {e}"),
            CallError::Refused(c, why) => write!(f, "refused with {}: {why}", c.0),
            CallError::Broken(why) => write!(f, "broken answer: {why}"),
        }
    }
}

impl std::error::Error for CallError {}

impl From<io::Error> for CallError {
    fn from(e: io::Error) -> CallError {
        CallError::Unknown(e)
    }
}

/// A request with its key, the version that this client speaks, and its response.
pub trait Request: Message {
    const KEY: i16;
    const VERSION: i16;
    type Response: Message;
}

macro_rules! requests {
    ($($key:literal v $version:literal: $request:ty => $response:ty;)*) => {
        $(impl Request for $request {
            const KEY: i16 = $key;
            const VERSION: i16 = $version;
            type Response = $response;
        })*
    };
}

requests! {
    0 v 12: ProduceRequest => ProduceResponse;
    1 v 12: FetchRequest => FetchResponse;
    2 v 8: ListOffsetsRequest => ListOffsetsResponse;
    3 v 12: MetadataRequest => MetadataResponse;
    8 v 9: OffsetCommitRequest => OffsetCommitResponse;
    9 v 9: OffsetFetchRequest => OffsetFetchResponse;
    10 v 4: FindCoordinatorRequest => FindCoordinatorResponse;
    11 v 9: JoinGroupRequest => JoinGroupResponse;
    12 v 4: HeartbeatRequest => HeartbeatResponse;
    14 v 5: SyncGroupRequest => SyncGroupResponse;
    19 v 7: CreateTopicsRequest => CreateTopicsResponse;
    20 v 6: DeleteTopicsRequest => DeleteTopicsResponse;
    22 v 4: InitProducerIdRequest => InitProducerIdResponse;
}

/// Zero is fine, anything else a refusal.
pub fn refusal(code: i16, message: Option<&Str>) -> Result<(), CallError> {
    match code {
        0 => Ok(()),
        c => Err(CallError::Refused(ErrorCode(c), message.map(ToString::to_string).unwrap_or_default())),
    }
}

pub struct Client {
    stream: TcpStream,
    name: Str,
    correlation: i32,
    /// Key, version and correlation id of what was sent and not answered yet.
    pending: VecDeque<(i16, i16, i32)>,
    /// Once true, no answer counts any more.
    doubt: Option<Arc<AtomicBool>>,
}

impl Client {
    /// `timeout` bounds connecting and each answer.
    pub fn connect(address: SocketAddr, timeout: Duration) -> io::Result<Client> {
        let stream = TcpStream::connect_timeout(&address, timeout)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        let name = Str::from_static("test");
        Ok(Client { stream, name, correlation: 0, pending: VecDeque::new(), doubt: None })
    }

    /// Answers that arrive once `doubt` is true are as good as none.
    pub fn doubting(mut self, doubt: Arc<AtomicBool>) -> Client {
        self.doubt = Some(doubt);
        self
    }

    /// Requests sent whose answers were not received.
    pub fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// Sends a request of any version without waiting.
    pub fn send_version<R: Request>(&mut self, request: &R, version: i16) -> Result<(), CallError> {
        let api = api::served(R::KEY).ok_or_else(|| CallError::Broken(format!("api {} unknown", R::KEY)))?;
        self.correlation = self.correlation.wrapping_add(1);
        let header = RequestHeader {
            request_api_key: R::KEY,
            request_api_version: version,
            correlation_id: self.correlation,
            client_id: Some(self.name.clone()),
        };
        let mut out = BytesMut::new();
        out.put_i32(0);
        let mut gaps = Vec::new();
        let mut w = Writer::new(&mut out, &mut gaps);
        header.encode(&mut w, api.request_header_version(version));
        request.encode(&mut w, version);
        let len = (out.len() - 4) as i32;
        out[..4].copy_from_slice(&len.to_be_bytes());
        self.stream.write_all(&out)?;
        self.pending.push_back((R::KEY, version, self.correlation));
        Ok(())
    }

    pub fn send<R: Request>(&mut self, request: &R) -> Result<(), CallError> {
        self.send_version(request, R::VERSION)
    }

    /// The answer to the oldest request in flight, which must have been an `R`.
    pub fn receive<R: Request>(&mut self) -> Result<R::Response, CallError> {
        let Some((key, version, correlation)) = self.pending.pop_front() else {
            return Err(CallError::Broken("nothing was asked".into()));
        };
        assert_eq!(key, R::KEY, "answers come in the order of the requests");
        let mut head = [0; 4];
        self.stream.read_exact(&mut head)?;
        let len = i32::from_be_bytes(head);
        let len = usize::try_from(len).ok().filter(|n| *n <= ANSWER_BYTES_MAX);
        let len = len.ok_or_else(|| CallError::Broken("absurd length of an answer".into()))?;
        let mut body = vec![0; len];
        self.stream.read_exact(&mut body)?;
        if self.doubt.as_ref().is_some_and(|d| d.load(Ordering::Acquire)) {
            return Err(io::Error::other("answered when the power was gone").into());
        }
        let body = Bytes::from(body);
        let mut r = Reader::new(&body);
        let broken = |e: protocol::DecodeError| CallError::Broken(format!("api {key} v{version}: {e}"));
        let header_version = api::served(key).map_or(0, |a| a.response_header_version(version));
        let header = ResponseHeader::decode(&mut r, header_version).map_err(broken)?;
        if header.correlation_id != correlation {
            return Err(CallError::Broken(format!(
                "answer {} where {correlation} was due",
                header.correlation_id
            )));
        }
        let answer = R::Response::decode(&mut r, version).map_err(broken)?;
        match r.remaining() {
            0 => Ok(answer),
            n => Err(CallError::Broken(format!("api {key} v{version}: {n} bytes after the answer"))),
        }
    }

    pub fn call<R: Request>(&mut self, request: &R) -> Result<R::Response, CallError> {
        self.send(request)?;
        self.receive::<R>()
    }
}

/// Topics and their partitions' values, as most requests take them.
pub type PerPartition<T> = Vec<(String, Vec<(i32, T)>)>;

/// Groups a flat list by topic, keeping its order.
pub fn by_topic<T>(flat: impl IntoIterator<Item = (String, i32, T)>) -> PerPartition<T> {
    let mut out: PerPartition<T> = Vec::new();
    for (topic, partition, value) in flat {
        match out.iter_mut().find(|(t, _)| *t == topic) {
            Some((_, ps)) => ps.push((partition, value)),
            None => out.push((topic, vec![(partition, value)])),
        }
    }
    out
}

pub fn produce_request(acks: i16, timeout_ms: i32, batches: PerPartition<Bytes>) -> ProduceRequest {
    use k00_produce::request::{PartitionProduceData, TopicProduceData};
    let topic_data = batches
        .into_iter()
        .map(|(name, ps)| TopicProduceData {
            name: Str::from(name),
            partition_data: ps
                .into_iter()
                .map(|(index, b)| PartitionProduceData { index, records: Some(Records::Bytes(b)) })
                .collect(),
            ..Default::default()
        })
        .collect();
    ProduceRequest { acks, timeout_ms, topic_data, ..Default::default() }
}

/// A fetch outside any session, from the given offsets.
pub fn fetch_request(max_wait_ms: i32, max_bytes: i32, from: PerPartition<i64>) -> FetchRequest {
    use k01_fetch::request::{FetchPartition, FetchTopic};
    let topics = from
        .into_iter()
        .map(|(name, ps)| FetchTopic {
            topic: Str::from(name),
            partitions: ps
                .into_iter()
                .map(|(partition, fetch_offset)| FetchPartition {
                    partition,
                    fetch_offset,
                    current_leader_epoch: -1,
                    partition_max_bytes: 1 << 20,
                    ..Default::default()
                })
                .collect(),
            ..Default::default()
        })
        .collect();
    FetchRequest {
        replica_id: -1,
        max_wait_ms,
        min_bytes: 1,
        max_bytes,
        session_id: 0,
        session_epoch: -1,
        topics,
        ..Default::default()
    }
}

/// Walks the records of a fetched partition: header of the batch, offset, record. A cut last batch is left out.
pub fn each_record(
    records: &Bytes,
    mut on_record: impl FnMut(&BatchHeader, i64, &Record<'_>),
) -> Result<(), CallError> {
    let broken = |what: String| CallError::Broken(format!("fetched records: {what}"));
    let mut rest: &[u8] = records;
    while let Some(h) = BatchHeader::read(rest) {
        let total = h.total_len().ok_or_else(|| broken(format!("length {}", h.batch_length)))?;
        let Some((batch, after)) = rest.split_at_checked(total) else { break };
        if h.magic != 2 || !h.crc_matches(batch) {
            return Err(broken(format!("the batch at {} has magic {} or a bad CRC", h.base_offset, h.magic)));
        }
        let codec = Codec::from_bits(h.codec_bits()).map_err(|e| broken(e.to_string()))?;
        let body = &batch[HEADER_LEN..];
        let plain;
        let body = match codec {
            Codec::None => body,
            c => {
                plain = c.decompress(body, DECOMPRESSED_MAX).map_err(|e| broken(e.to_string()))?;
                &plain
            }
        };
        for r in RecordIter::new(body, h.records_count) {
            let r = r.map_err(|e| broken(format!("in the batch at {}: {e}", h.base_offset)))?;
            on_record(&h, h.base_offset + i64::from(r.offset_delta), &r);
        }
        rest = after;
    }
    Ok(())
}

/// A group's member, as JoinGroup and SyncGroup made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    pub member_id: String,
    pub generation: i32,
}

impl Client {
    /// All topics, or the named ones; creates nothing.
    pub fn metadata(&mut self, topics: Option<&[&str]>) -> Result<MetadataResponse, CallError> {
        use k03_metadata::request::MetadataRequestTopic;
        let topics = topics.map(|t| {
            let one = |n: &&str| MetadataRequestTopic { name: Some(Str::from(*n)), ..Default::default() };
            t.iter().map(one).collect()
        });
        let request = MetadataRequest { topics, allow_auto_topic_creation: false, ..Default::default() };
        self.call(&request)
    }

    pub fn create_topic(
        &mut self,
        name: &str,
        partitions: i32,
        configs: &[(&str, &str)],
    ) -> Result<Uuid, CallError> {
        use k19_create_topics::request::{CreatableTopic, CreatableTopicConfig};
        let topic = CreatableTopic {
            name: Str::from(name),
            num_partitions: partitions,
            replication_factor: -1,
            configs: configs
                .iter()
                .map(|(k, v)| CreatableTopicConfig { name: Str::from(*k), value: Some(Str::from(*v)) })
                .collect(),
            ..Default::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() };
        let answer = self.call(&request)?;
        let t = answer.topics.first().ok_or_else(|| CallError::Broken("no topic in the answer".into()))?;
        refusal(t.error_code, t.error_message.as_ref())?;
        Ok(t.topic_id)
    }

    pub fn delete_topic(&mut self, name: &str) -> Result<(), CallError> {
        use k20_delete_topics::request::DeleteTopicState;
        let topic = DeleteTopicState { name: Some(Str::from(name)), ..Default::default() };
        let request = DeleteTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() };
        let answer = self.call(&request)?;
        let t = answer.responses.first().ok_or_else(|| CallError::Broken("no topic in the answer".into()))?;
        refusal(t.error_code, t.error_message.as_ref())
    }

    /// Id and epoch for an idempotent producer.
    pub fn init_producer_id(&mut self) -> Result<(i64, i16), CallError> {
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            ..Default::default()
        };
        let answer = self.call(&request)?;
        refusal(answer.error_code, None)?;
        Ok((answer.producer_id, answer.producer_epoch))
    }

    /// Offsets for a timestamp (-1 latest, -2 earliest) of many partitions.
    pub fn list_offsets(
        &mut self,
        timestamp: i64,
        partitions: &PerPartition<()>,
    ) -> Result<PerPartition<i64>, CallError> {
        use k02_list_offsets::request::{ListOffsetsPartition, ListOffsetsTopic};
        let topics = partitions
            .iter()
            .map(|(name, ps)| ListOffsetsTopic {
                name: Str::from(name),
                partitions: ps
                    .iter()
                    .map(|(partition_index, ())| ListOffsetsPartition {
                        partition_index: *partition_index,
                        timestamp,
                        ..Default::default()
                    })
                    .collect(),
            })
            .collect();
        let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
        let answer = self.call(&request)?;
        let mut out = Vec::new();
        for t in answer.topics {
            for p in &t.partitions {
                refusal(p.error_code, Some(&Str::from(format!("{}-{}", t.name, p.partition_index))))?;
            }
            out.push((
                t.name.to_string(),
                t.partitions.iter().map(|p| (p.partition_index, p.offset)).collect(),
            ));
        }
        Ok(out)
    }

    /// The node that coordinates a group.
    pub fn find_coordinator(&mut self, group: &str) -> Result<i32, CallError> {
        let request =
            FindCoordinatorRequest { coordinator_keys: vec![Str::from(group)], ..Default::default() };
        let answer = self.call(&request)?;
        let c = answer.coordinators.first();
        let c = c.ok_or_else(|| CallError::Broken("no coordinator in the answer".into()))?;
        refusal(c.error_code, c.error_message.as_ref())?;
        Ok(c.node_id)
    }

    /// Joins as the group's only member (every partition is its own) and takes its assignment.
    pub fn join_alone(&mut self, group: &str, before: &Membership) -> Result<Membership, CallError> {
        use k11_join_group::request::JoinGroupRequestProtocol;
        use k14_sync_group::request::SyncGroupRequestAssignment;
        let join = |member_id: &str| JoinGroupRequest {
            group_id: Str::from(group),
            session_timeout_ms: 6_000,
            rebalance_timeout_ms: 6_000,
            member_id: Str::from(member_id),
            protocol_type: Str::from_static("consumer"),
            protocols: vec![JoinGroupRequestProtocol {
                name: Str::from_static("range"),
                metadata: Bytes::from_static(b"test"),
            }],
            ..Default::default()
        };
        let mut answer = self.call(&join(&before.member_id))?;
        if answer.error_code == ErrorCode::MEMBER_ID_REQUIRED.0 {
            let id = answer.member_id.to_string();
            answer = self.call(&join(&id))?;
        }
        refusal(answer.error_code, None)?;
        let me = Membership { member_id: answer.member_id.to_string(), generation: answer.generation_id };
        let sync = SyncGroupRequest {
            group_id: Str::from(group),
            generation_id: me.generation,
            member_id: answer.member_id.clone(),
            protocol_type: Some(Str::from_static("consumer")),
            protocol_name: Some(Str::from_static("range")),
            assignments: vec![SyncGroupRequestAssignment {
                member_id: answer.member_id,
                assignment: Bytes::from_static(b"all"),
            }],
            ..Default::default()
        };
        let synced = self.call(&sync)?;
        refusal(synced.error_code, None)?;
        Ok(me)
    }

    pub fn heartbeat(&mut self, group: &str, me: &Membership) -> Result<(), CallError> {
        let request = HeartbeatRequest {
            group_id: Str::from(group),
            generation_id: me.generation,
            member_id: Str::from(&me.member_id),
            ..Default::default()
        };
        refusal(self.call(&request)?.error_code, None)
    }

    /// Commits offsets; `None` commits without being a member.
    pub fn commit(
        &mut self,
        group: &str,
        me: Option<&Membership>,
        offsets: &PerPartition<i64>,
    ) -> Result<(), CallError> {
        use k08_offset_commit::request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
        let topics = offsets
            .iter()
            .map(|(name, ps)| OffsetCommitRequestTopic {
                name: Str::from(name),
                partitions: ps
                    .iter()
                    .map(|(partition_index, offset)| OffsetCommitRequestPartition {
                        partition_index: *partition_index,
                        committed_offset: *offset,
                        ..Default::default()
                    })
                    .collect(),
                ..Default::default()
            })
            .collect();
        let request = OffsetCommitRequest {
            group_id: Str::from(group),
            generation_id_or_member_epoch: me.map_or(-1, |m| m.generation),
            member_id: me.map(|m| Str::from(&m.member_id)).unwrap_or_default(),
            topics,
            ..Default::default()
        };
        let answer = self.call(&request)?;
        for p in answer.topics.iter().flat_map(|t| &t.partitions) {
            refusal(p.error_code, None)?;
        }
        Ok(())
    }

    /// Every committed offset of a group.
    pub fn committed(&mut self, group: &str) -> Result<PerPartition<i64>, CallError> {
        use k09_offset_fetch::request::OffsetFetchRequestGroup;
        let group =
            OffsetFetchRequestGroup { group_id: Str::from(group), topics: None, ..Default::default() };
        let request = OffsetFetchRequest { groups: vec![group], require_stable: true, ..Default::default() };
        let answer = self.call(&request)?;
        let g = answer.groups.first().ok_or_else(|| CallError::Broken("no group in the answer".into()))?;
        refusal(g.error_code, None)?;
        let mut out = Vec::new();
        for t in &g.topics {
            for p in &t.partitions {
                refusal(p.error_code, None)?;
            }
            let ps = t.partitions.iter().map(|p| (p.partition_index, p.committed_offset)).collect();
            out.push((t.name.to_string(), ps));
        }
        Ok(out)
    }
}
