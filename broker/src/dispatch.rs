//! One match: API key -> handler.
//!
//! Invariants: key and version are checked before the body is decoded; what is not served closes the connection,
//! as Kafka does, except that ApiVersions of an unknown version is answered. Called by the connection.

use crate::broker::Broker;
use crate::flow;
use crate::handler::*;
use crate::net::connection::Peer;
use crate::net::out::{Answer, Out};
use bytes::Bytes;
use protocol::api::{self, Api};
use protocol::primitive::Reader;
use protocol::{Message, Str};
use std::future::Future;
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
        if let Some(m) = broker.metrics.api(self.key) {
            m.requests.increment(1);
            m.seconds.record(self.at.elapsed().as_secs_f64());
        }
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
        Answer::encode(self.correlation, self.header_version(), m, self.version, Vec::new())
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
    let mut r = Reader::new(frame);
    if !api.supports(version) {
        if key == 18 {
            return Ok(Step::Ready(k18_api_versions::unsupported(frame)));
        }
        return Err(format!("{} version {version} is not supported ({}-{})", api.name, api.min, api.max));
    }
    let header = api.read_header(&mut r, version).map_err(|e| e.to_string())?;
    let head = Head {
        api,
        version,
        correlation: header.correlation_id,
        client_id: header.client_id,
        address: peer.address,
        listener: peer.listener,
        started: Started { key, at },
    };
    flow!("produce.4");
    let step = match key {
        0 => k00_produce::handle(broker, peer, number, &head, &mut r, out)?,
        1 => k01_fetch::handle(broker, peer, &head, &mut r, out)?,
        2 => slow(broker, head, &mut r, k02_list_offsets::handle)?,
        3 => slow(broker, head, &mut r, k03_metadata::handle)?,
        8 => slow(broker, head, &mut r, k08_offset_commit::handle)?,
        9 => slow(broker, head, &mut r, k09_offset_fetch::handle)?,
        10 => slow(broker, head, &mut r, k10_find_coordinator::handle)?,
        11 => slow(broker, head, &mut r, k11_join_group::handle)?,
        12 => slow(broker, head, &mut r, k12_heartbeat::handle)?,
        13 => slow(broker, head, &mut r, k13_leave_group::handle)?,
        14 => slow(broker, head, &mut r, k14_sync_group::handle)?,
        15 => slow(broker, head, &mut r, k15_describe_groups::handle)?,
        16 => slow(broker, head, &mut r, k16_list_groups::handle)?,
        18 => slow(broker, head, &mut r, k18_api_versions::handle)?,
        19 => slow(broker, head, &mut r, k19_create_topics::handle)?,
        20 => slow(broker, head, &mut r, k20_delete_topics::handle)?,
        21 => slow(broker, head, &mut r, k21_delete_records::handle)?,
        22 => slow(broker, head, &mut r, k22_init_producer_id::handle)?,
        23 => slow(broker, head, &mut r, k23_offset_for_leader_epoch::handle)?,
        32 => slow(broker, head, &mut r, k32_describe_configs::handle)?,
        37 => slow(broker, head, &mut r, k37_create_partitions::handle)?,
        42 => slow(broker, head, &mut r, k42_delete_groups::handle)?,
        44 => slow(broker, head, &mut r, k44_incremental_alter_configs::handle)?,
        55 => slow(broker, head, &mut r, k55_describe_quorum::handle)?,
        60 => slow(broker, head, &mut r, k60_describe_cluster::handle)?,
        75 => slow(broker, head, &mut r, k75_describe_topic_partitions::handle)?,
        other => return Err(format!("API key {other} has no handler")),
    };
    Ok(step)
}

/// Decodes the body and makes the handler's future; trailing bytes are ignored, as Kafka does.
fn slow<Q, A, F>(
    broker: &Arc<Broker>,
    head: Head,
    r: &mut Reader<'_>,
    handler: fn(Arc<Broker>, Head, Q) -> F,
) -> Result<Step, String>
where
    Q: Message,
    A: Message,
    F: Future<Output = A> + Send + 'static,
{
    let request = Q::decode(r, head.version).map_err(|e| format!("{}: {e}", head.api.name))?;
    let started = head.started;
    let answer_head = head.clone();
    let future = handler(broker.clone(), head, request);
    Ok(Step::Slow(Box::pin(async move { answer_head.answer(&future.await) }), started))
}
