//! What every handler can reach: configs, metadata, partitions, coordinator, clock.
//!
//! Invariant: immutable after start but for what guards itself. Made by `run`.

use crate::clock::Clock;
use crate::config::BrokerConfig;
use crate::coordinator::Groups;
use crate::handler::k01_fetch::Key;
use crate::limits;
use crate::machine::fetch_session::FetchSessions;
use crate::metrics::Metrics;
use crate::replicas::{OFFSETS_TOPIC, Replicas, TopicEntry};
use parking_lot::Mutex;
use protocol::ids::{BrokerId, TopicId};
use protocol::{ErrorCode, Str, Uuid};
use raft::{Command, Image, Metadata, MetadataError, Outcome};
use std::sync::Arc;

/// Producer ids taken from the cluster at once.
const PRODUCER_ID_BLOCK: i64 = 1_000;

pub struct Broker {
    pub config: BrokerConfig,
    pub me: BrokerId,
    pub clock: Clock,
    pub metadata: Metadata,
    pub replicas: Arc<Replicas>,
    pub groups: Groups,
    pub fetch_sessions: Mutex<FetchSessions<Key>>,
    pub metrics: Metrics,
    /// Next id and end of the block in hand.
    producer_ids: tokio::sync::Mutex<(i64, i64)>,
    offsets_topic_lock: tokio::sync::Mutex<()>,
}

/// Id, host, port and rack of a broker, as a client on one listener sees it.
pub type Endpoint = (i32, Str, i32, Option<Str>);

impl Broker {
    pub fn new(
        config: BrokerConfig,
        clock: Clock,
        metadata: Metadata,
        replicas: Arc<Replicas>,
        groups: Groups,
    ) -> Broker {
        Broker {
            me: BrokerId(config.node_id),
            clock,
            metadata,
            replicas,
            groups,
            fetch_sessions: Mutex::new(FetchSessions::new(
                config.fetch_sessions_max,
                limits::FETCH_SESSION_PARTITIONS_MAX,
            )),
            metrics: Metrics::new(),
            config,
            producer_ids: tokio::sync::Mutex::new((0, 0)),
            offsets_topic_lock: tokio::sync::Mutex::new(()),
        }
    }

    pub fn fresh_uuid(&self) -> Uuid {
        Uuid(*uuid::Uuid::new_v4().as_bytes())
    }

    /// An id for a fetch session: positive, and nothing that another client could work out from its own.
    pub fn fresh_session_id(&self) -> i32 {
        (u128::from_be_bytes(*uuid::Uuid::new_v4().as_bytes()) as i32 & i32::MAX).max(1)
    }

    /// Addresses of all brokers for clients of the listener with this index.
    pub fn endpoints<'a>(
        &self,
        image: &'a Image,
        listener: usize,
    ) -> impl Iterator<Item = Endpoint> + use<'a> {
        image.brokers.iter().filter_map(move |(id, b)| {
            let l = b.listeners.get(listener).or_else(|| b.listeners.first())?;
            Some((id.0, Str::from(&l.host), i32::from(l.port), b.rack.as_ref().map(Str::from)))
        })
    }

    /// The next producer id; ids of a block that was not used up are lost with the process, never given twice.
    pub async fn next_producer_id(&self) -> Result<i64, MetadataError> {
        let mut held = self.producer_ids.lock().await;
        if held.0 >= held.1 {
            match self.metadata.propose(Command::AllocateProducerIds { count: PRODUCER_ID_BLOCK }).await? {
                Outcome::ProducerIds { first, count } => *held = (first, first + count),
                other => return Err(MetadataError::Fatal(format!("unexpected outcome {other:?}"))),
            }
        }
        held.0 += 1;
        Ok(held.0 - 1)
    }

    /// The offsets topic, made on first use.
    pub async fn offsets_topic(&self) -> Result<Arc<TopicEntry>, ErrorCode> {
        if let Some(t) = self.replicas.by_name(OFFSETS_TOPIC) {
            return Ok(t);
        }
        let _one_at_a_time = self.offsets_topic_lock.lock().await;
        if self.replicas.by_name(OFFSETS_TOPIC).is_none() {
            let command = Command::CreateTopic {
                name: OFFSETS_TOPIC.to_string(),
                id: TopicId(self.fresh_uuid()),
                assignment: vec![vec![self.me]; self.config.offsets_topic_partitions as usize],
                // Never deleted by age; durable unless set otherwise, whatever the broker's default says.
                configs: [
                    ("retention.ms", "-1"),
                    ("retention.bytes", "-1"),
                    ("segment.bytes", "104857600"),
                    ("lake.mode", "off"),
                    ("write.caching", "false"),
                ]
                .map(|(k, v)| (k.to_string(), v.to_string()))
                .to_vec(),
            };
            if let Err(e) = self.metadata.propose(command).await {
                tracing::warn!("{OFFSETS_TOPIC} could not be created: {e}");
            }
        }
        self.replicas.by_name(OFFSETS_TOPIC).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)
    }
}
