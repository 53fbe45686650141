//! Produce (0), versions 3-13. Appends one record batch for each partition.
//!
//! Like Kafka 4: acks -1, 0 and 1; exactly one batch of magic 2 per partition; idempotent producers; acks=0 has no
//! answer and an error closes the connection. Differs: transactions are refused with 48; compressed batches are
//! checked by header and CRC unless `produce.validate=full`; a durable topic's acks=all waits for a sync.

use super::error_of::{of_log, of_refuse};
use crate::broker::Broker;
use crate::dispatch::{Head, Step, check_items};
use crate::flow;
use crate::limits;
use crate::machine::group::Now;
use crate::machine::partition::Ack;
use crate::metrics;
use crate::net::connection::Peer;
use crate::net::out::{Out, Slices};
use crate::partition::Produced;
use crate::partition::wake::AckToken;
use crate::replicas::{Replica, TopicEntry, is_internal};
use protocol::ids::TopicId;
use protocol::message::k00_produce::request::{PartitionProduceData, TopicProduceData};
use protocol::message::k00_produce::response::{PartitionProduceResponse, TopicProduceResponse};
use protocol::message::k00_produce::{ProduceRequest, ProduceResponse};
use protocol::primitive::Reader;
use protocol::records::{Invalid, Limits, validate};
use protocol::{ErrorCode, Message, Str};
use std::sync::Arc;

/// A produce request that waits for acks.
pub struct PendingProduce {
    head: Head,
    response: ProduceResponse,
    waiting: u32,
    deadline_ms: i64,
}

impl PendingProduce {
    pub fn is_done(&self) -> bool {
        self.waiting == 0
    }

    pub fn deadline_ms(&self) -> i64 {
        self.deadline_ms
    }

    fn part(&mut self, part: u32) -> Option<&mut PartitionProduceResponse> {
        let mut left = part as usize;
        for t in &mut self.response.responses {
            if left < t.partition_responses.len() {
                return t.partition_responses.get_mut(left);
            }
            left -= t.partition_responses.len();
        }
        None
    }

    /// Part `part` has its outcome.
    pub fn ack(&mut self, part: u32, ack: Ack) {
        if let Some(p) = self.part(part)
            && p.error_code == WAITING
        {
            fill(p, ack);
            self.waiting = self.waiting.saturating_sub(1);
        }
    }

    /// After the request's timeout the rest answers 7: the data is in the log, its fate is open.
    pub fn expire(&mut self, now_ms: i64) {
        if now_ms < self.deadline_ms || self.waiting == 0 {
            return;
        }
        for p in self.response.responses.iter_mut().flat_map(|t| t.partition_responses.iter_mut()) {
            if p.error_code == WAITING {
                p.error_code = ErrorCode::REQUEST_TIMED_OUT.0;
                p.base_offset = -1;
            }
        }
        self.waiting = 0;
    }

    pub fn write(self: Box<Self>, broker: &Broker, out: &mut Out) {
        self.head.started.done(broker);
        let header = self.head.header_version();
        out.push(self.head.correlation, header, &self.response, self.head.version, &mut Slices::new());
    }
}

/// Not a code of Kafka's: marks a part of the answer that still waits.
const WAITING: i16 = i16::MIN;

fn fill(p: &mut PartitionProduceResponse, ack: Ack) {
    match ack {
        Ack::Stored { base_offset } => {
            p.error_code = 0;
            p.base_offset = base_offset;
        }
        Ack::Refused(r) => refuse(p, of_refuse(&r), &r.to_string()),
        Ack::Lost => refuse(
            p,
            ErrorCode::KAFKA_STORAGE_ERROR,
            "the log dir failed; whether the batch is stored is unknown",
        ),
    }
}

fn refuse(p: &mut PartitionProduceResponse, code: ErrorCode, why: &str) {
    p.error_code = code.0;
    p.base_offset = -1;
    p.error_message = Some(Str::from(why));
}

fn of_invalid(e: &Invalid) -> ErrorCode {
    match e {
        Invalid::Crc | Invalid::Length => ErrorCode::CORRUPT_MESSAGE,
        Invalid::TooLarge(..) => ErrorCode::MESSAGE_TOO_LARGE,
        Invalid::Codec => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
        Invalid::Timestamp => ErrorCode::INVALID_TIMESTAMP,
        _ => ErrorCode::INVALID_RECORD,
    }
}

fn topic_of(broker: &Broker, version: i16, t: &TopicProduceData) -> Result<Arc<TopicEntry>, ErrorCode> {
    if version >= 13 {
        return broker.replicas.by_id(TopicId(t.topic_id)).ok_or(ErrorCode::UNKNOWN_TOPIC_ID);
    }
    broker.replicas.by_name(&t.name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
}

/// True if every partition of the request can take an append now; else the mailbox is woken when one can.
fn all_ready(broker: &Broker, peer: &Peer, version: i16, r: &ProduceRequest) -> bool {
    let mut ready = true;
    for t in &r.topic_data {
        let Ok(topic) = topic_of(broker, version, t) else { continue };
        for p in &t.partition_data {
            if let Some(replica) = topic.partition(p.index) {
                ready &= replica.ready_or_wake(&peer.mailbox);
            }
        }
    }
    ready
}

struct Request<'a> {
    broker: &'a Broker,
    peer: &'a Peer,
    number: u64,
    version: i16,
    acks: i16,
    from_admin: bool,
}

/// What became of a request's batches.
struct Done {
    response: ProduceResponse,
    /// Parts whose answer waits for its ack.
    waiting: u32,
    /// Some part was refused.
    failed: bool,
}

impl Request<'_> {
    /// Every batch in the order of the request.
    fn append_all(&self, request: &ProduceRequest) -> Done {
        let mut response = ProduceResponse {
            responses: Vec::with_capacity(request.topic_data.len()),
            ..ProduceResponse::default()
        };
        let mut part = 0;
        let mut waiting = 0;
        let mut failed = false;
        for t in &request.topic_data {
            let topic = topic_of(self.broker, self.version, t);
            let mut parts = Vec::with_capacity(t.partition_data.len());
            for p in &t.partition_data {
                let mut a =
                    PartitionProduceResponse { index: p.index, base_offset: -1, ..Default::default() };
                match &topic {
                    Err(e) => a.error_code = e.0,
                    Ok(topic) => {
                        waiting += u32::from(self.append(topic, p, part, &mut a));
                        a.log_start_offset = topic.partition(p.index).map_or(-1, |r| r.ends().log_start);
                    }
                }
                failed |= a.error_code != 0 && a.error_code != WAITING;
                part += 1;
                parts.push(a);
            }
            response.responses.push(TopicProduceResponse {
                name: t.name.clone(),
                topic_id: t.topic_id,
                partition_responses: parts,
            });
        }
        Done { response, waiting, failed }
    }

    /// Validates and appends one partition's batch; true if the answer waits.
    fn append(
        &self,
        topic: &TopicEntry,
        p: &PartitionProduceData,
        part: u32,
        a: &mut PartitionProduceResponse,
    ) -> bool {
        if !matches!(self.acks, -1..=1) {
            refuse(a, ErrorCode::INVALID_REQUIRED_ACKS, "acks must be -1, 0 or 1");
            return false;
        }
        let Some(replica) = topic.partition(p.index) else {
            a.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
            return false;
        };
        if is_internal(&topic.name) && !self.from_admin {
            refuse(a, ErrorCode::INVALID_TOPIC_EXCEPTION, "clients may not write to internal topics");
            return false;
        }
        let config = topic.config.load();
        let records = p.records.as_ref().map(|r| r.bytes()).unwrap_or_default();
        let bounds = Limits {
            batch_bytes_max: config.max_message_bytes,
            records_max: limits::RECORDS_MAX,
            depth: config.depth,
            zstd_allowed: self.version >= 7,
        };
        let h = match validate::validate(&records, &bounds) {
            Ok(h) => h,
            Err(e) => {
                refuse(a, of_invalid(&e), &e.to_string());
                return false;
            }
        };
        flow!("produce.5");
        let now = self.broker.clock.now();
        if h.max_timestamp > now.wall_ms.saturating_add(config.timestamp_after_max_ms) {
            let why = format!(
                "timestamp {} lies more than message.timestamp.after.max.ms={} ahead of the broker's clock",
                h.max_timestamp, config.timestamp_after_max_ms
            );
            refuse(a, ErrorCode::INVALID_TIMESTAMP, &why);
            return false;
        }
        let waiting = self.append_valid(now, replica, &records, &h, part, a);
        if a.error_code == 0 || waiting {
            metrics::add(&topic.counters.bytes_in, records.len() as u64);
            metrics::add(&topic.counters.records_in, h.records_count as u64);
        }
        waiting
    }

    fn append_valid(
        &self,
        now: Now,
        replica: &Arc<Replica>,
        records: &[u8],
        h: &protocol::records::BatchHeader,
        part: u32,
        a: &mut PartitionProduceResponse,
    ) -> bool {
        let token =
            || AckToken::Connection { mailbox: self.peer.mailbox.clone(), request: self.number, part };
        flow!("produce.6");
        match replica.produce(now, records, h, self.acks == -1, token) {
            Ok(Produced::Now(ack)) => {
                fill(a, ack);
                false
            }
            Ok(Produced::Waiting) => {
                flow!("produce.7");
                a.error_code = WAITING;
                true
            }
            Err(e) => {
                refuse(a, of_log(&e), &e.to_string());
                false
            }
        }
    }
}

pub fn handle(
    broker: &Arc<Broker>,
    peer: &Peer,
    number: u64,
    head: &Head,
    r: &mut Reader<'_>,
    out: Option<&mut Out>,
) -> Result<Step, String> {
    let request = ProduceRequest::decode(r, head.version).map_err(|e| format!("Produce: {e}"))?;
    let partitions = request.topic_data.iter().map(|t| 1 + t.partition_data.len()).sum();
    check_items(&head.api, partitions, limits::PRODUCE_PARTITIONS_MAX)?;
    flow!("produce.3");
    if !all_ready(broker, peer, head.version, &request) {
        return Ok(Step::Retry);
    }
    let from_admin = head.client_id.as_ref().is_some_and(|c| *c == "__admin_client");
    let ctx = Request { broker, peer, number, version: head.version, acks: request.acks, from_admin };
    let Done { mut response, waiting, failed } = ctx.append_all(&request);
    if request.acks == 0 {
        head.started.done(broker);
        // There is no answer that could carry the error: closing tells the client.
        return if failed { Err("a produce with acks=0 failed".into()) } else { Ok(Step::Nothing) };
    }
    if waiting > 0 {
        let deadline_ms = broker.clock.now().mono_ms + i64::from(request.timeout_ms.max(0));
        // What waits must not hold the frame, or its buffer could not be read into again.
        response.responses.iter_mut().for_each(|t| t.name = t.name.to_owned_str());
        return Ok(Step::Produce(Box::new(PendingProduce {
            head: head.kept(),
            response,
            waiting,
            deadline_ms,
        })));
    }
    head.started.done(broker);
    match out {
        Some(out) => {
            out.push(head.correlation, head.header_version(), &response, head.version, &mut Slices::new());
            Ok(Step::Written)
        }
        None => Ok(Step::Ready(head.answer(&response))),
    }
}
