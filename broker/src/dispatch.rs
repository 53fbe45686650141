//! One match: API key -> handler.
//!
//! Invariants: key and version are checked before the body is decoded; what is not served closes the connection,
//! as Kafka does, except that ApiVersions of an unknown version is answered. Called by the connection.

use crate::broker::Broker;
use crate::flow;
use crate::handler::*;
use crate::limits;
use crate::net::connection::Peer;
use crate::net::out::{Answer, Out, Slices};
use bytes::Bytes;
use protocol::api::{self, Api};
use protocol::primitive::Reader;
use protocol::{Message, Str};
use std::pin::Pin;
use std::sync::Arc;

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Head {
    pub api: Api,
    pub version: i16,
    pub correlation: i32,
    pub client_id: Option<Str>,
    pub address: std::net::SocketAddr,
    pub listener: usize,
    pub started: Started,
}

/// When a request arrived, for its metric.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    key: i16,
    at: std::time::Instant,
}

impl Started {
    pub fn done(&self, broker: &Broker) {
        broker.metrics.answered(self.key, self.at.elapsed());
    }
}

/// What became of a request.
pub enum Step {
    /// The answer is in the stream already.
    Written,
    /// There is no answer (acks=0).
    Nothing,
    Ready(Answer),
    Produce(Box<k00_produce::PendingProduce>),
    Fetch(Box<k01_fetch::ParkedFetch>),
    /// Handle the same frame again when the mailbox says so.
    Retry,
    Slow(Pin<Box<dyn Future<Output = Answer> + Send>>, Started),
}

impl Head {
    pub fn header_version(&self) -> i16 {
        self.api.response_header_version(self.version)
    }

    pub fn answer<M: Message>(&self, m: &M) -> Answer {
        Answer::encode(self.correlation, self.header_version(), m, self.version, Slices::new())
    }

    /// A copy for later: it holds nothing of the frame, whose buffer others need.
    pub fn kept(&self) -> Head {
        Head { client_id: None, ..self.clone() }
    }
}

/// Handles one frame. `out` is given when nothing waits before this request, so that it may answer in place.
pub fn dispatch(
    broker: &Arc<Broker>,
    peer: &Peer,
    number: u64,
    frame: &Bytes,
    out: Option<&mut Out>,
) -> Result<Step, String> {
    let at = broker.clock.instant_now();
    let mut r = Reader::new(frame);
    let key = r.i16().map_err(|e| e.to_string())?;
    let version = r.i16().map_err(|e| e.to_string())?;
    let Some(api) = api::served(key) else { return Err(format!("API key {key} is not supported")) };
    if !api.supports(version) {
        if key == 18 {
            return Ok(Step::Ready(k18_api_versions::unsupported(frame)));
        }
        return Err(format!("{} version {version} is not supported ({}-{})", api.name, api.min, api.max));
    }
    let started = Started { key, at };
    flow!("produce.4");
    match key {
        0 | 1 => {
            let mut r = Reader::new(frame);
            let head = head(api, version, peer, started, &mut r)?;
            match key {
                0 => k00_produce::handle(broker, peer, number, &head, &mut r, out),
                _ => k01_fetch::handle(broker, peer, &head, &mut r, out),
            }
        }
        _ => {
            // The handler's future may live long: it must not hold the buffer that the next frames are read into.
            let own =
                if frame.len() <= OWN_FRAME_MAX { Bytes::copy_from_slice(frame) } else { frame.clone() };
            let mut r = Reader::new(&own);
            let head = head(api, version, peer, started, &mut r)?;
            dispatch_slow(broker, head, &mut r)
        }
    }
}

/// A frame up to this size is copied for a handler that may wait.
const OWN_FRAME_MAX: usize = 16 * 1024;

fn head(api: Api, version: i16, peer: &Peer, started: Started, r: &mut Reader<'_>) -> Result<Head, String> {
    let header = api.read_header(r, version).map_err(|e| format!("request header: {e}"))?;
    Ok(Head {
        api,
        version,
        correlation: header.correlation_id,
        client_id: header.client_id,
        address: peer.address,
        listener: peer.listener,
        started,
    })
}

/// Each with the number of items that its answer grows with.
fn dispatch_slow(broker: &Arc<Broker>, h: Head, r: &mut Reader<'_>) -> Result<Step, String> {
    let b = broker;
    match h.api.key {
        2 => {
            slow(b, h, r, k02_list_offsets::handle, |q| q.topics.iter().map(|t| 1 + t.partitions.len()).sum())
        }
        3 => slow(b, h, r, k03_metadata::handle, |q| q.topics.as_ref().map_or(0, Vec::len)),
        8 => slow(b, h, r, k08_offset_commit::handle, |q| {
            q.topics.iter().map(|t| 1 + t.partitions.len()).sum()
        }),
        9 => slow(b, h, r, k09_offset_fetch::handle, k09_offset_fetch::items),
        10 => slow(b, h, r, k10_find_coordinator::handle, |q| q.coordinator_keys.len()),
        11 => slow(b, h, r, k11_join_group::handle, |q| q.protocols.len()),
        12 => slow(b, h, r, k12_heartbeat::handle, |_| 0),
        13 => slow(b, h, r, k13_leave_group::handle, |q| q.members.len()),
        14 => slow(b, h, r, k14_sync_group::handle, |q| q.assignments.len()),
        15 => slow(b, h, r, k15_describe_groups::handle, |q| q.groups.len()),
        16 => slow(b, h, r, k16_list_groups::handle, |q| q.states_filter.len() + q.types_filter.len()),
        18 => slow(b, h, r, k18_api_versions::handle, |_| 0),
        19 => slow(b, h, r, k19_create_topics::handle, |q| q.topics.len()),
        20 => slow(b, h, r, k20_delete_topics::handle, |q| q.topics.len() + q.topic_names.len()),
        21 => slow(b, h, r, k21_delete_records::handle, |q| {
            q.topics.iter().map(|t| 1 + t.partitions.len()).sum()
        }),
        22 => slow(b, h, r, k22_init_producer_id::handle, |_| 0),
        23 => slow(b, h, r, k23_offset_for_leader_epoch::handle, |q| {
            q.topics.iter().map(|t| 1 + t.partitions.len()).sum()
        }),
        32 => slow(b, h, r, k32_describe_configs::handle, |q| q.resources.len()),
        37 => slow(b, h, r, k37_create_partitions::handle, |q| q.topics.len()),
        42 => slow(b, h, r, k42_delete_groups::handle, |q| q.groups_names.len()),
        44 => slow(b, h, r, k44_incremental_alter_configs::handle, |q| q.resources.len()),
        55 => slow(b, h, r, k55_describe_quorum::handle, |q| {
            q.topics.iter().map(|t| 1 + t.partitions.len()).sum()
        }),
        60 => slow(b, h, r, k60_describe_cluster::handle, |_| 0),
        75 => slow(b, h, r, k75_describe_topic_partitions::handle, |q| q.topics.len()),
        other => Err(format!("API key {other} has no handler")),
    }
}

/// Refuses a request with more items than an answer may be made of.
pub fn check_items(api: &Api, items: usize, most: usize) -> Result<(), String> {
    if items > most {
        return Err(format!("{} with {items} items, at most {most} are allowed", api.name));
    }
    Ok(())
}

/// Decodes the body and makes the handler's future; trailing bytes are ignored, as Kafka does.
fn slow<Q, A, F>(
    broker: &Arc<Broker>,
    head: Head,
    r: &mut Reader<'_>,
    handler: fn(Arc<Broker>, Head, Q) -> F,
    items: fn(&Q) -> usize,
) -> Result<Step, String>
where
    Q: Message,
    A: Message,
    F: Future<Output = A> + Send + 'static,
{
    let request = Q::decode(r, head.version).map_err(|e| format!("{}: {e}", head.api.name))?;
    check_items(&head.api, items(&request), limits::REQUEST_ITEMS_MAX)?;
    let started = head.started;
    let answer_head = head.kept();
    let future = handler(broker.clone(), head, request);
    Ok(Step::Slow(Box::pin(async move { answer_head.answer(&future.await) }), started))
}
