//! Fetch (1), versions 4-18. Slices of the log, straight from the map to the socket.
//!
//! Like Kafka 4: partitions in the order asked, at least one whole batch, long poll until min bytes, incremental
//! sessions (KIP-227), leader epochs and diverging epochs, records empty and never null. Differs: answers end at a
//! batch where that is known cheaply; followers (replica id >= 0) are refused by this single-broker version.

use super::error_of::{of_log, of_refuse};
use crate::broker::Broker;
use crate::dispatch::{Head, Step, check_items};
use crate::flow;
use crate::limits;
use crate::machine::fetch_session::{AllWanted, Mode, SessionRequest, Wanted};
use crate::machine::partition::Ends;
use crate::metrics;
use crate::net::connection::Peer;
use crate::net::out::{Answer, Out, Slices};
use crate::replicas::{Replica, TopicEntry};
use protocol::ids::TopicId;
use protocol::message::k01_fetch::request::FetchTopic;
use protocol::message::k01_fetch::response::{EpochEndOffset, FetchableTopicResponse, PartitionData};
use protocol::message::k01_fetch::{FetchRequest, FetchResponse};
use protocol::primitive::Reader;
use protocol::{ErrorCode, Message, Records, Str, Uuid};
use std::sync::Arc;
use storage::Slice;
use tokio::sync::Semaphore;

/// A partition as clients name it: by name up to version 12, by id after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    name: Str,
    id: Uuid,
    partition: i32,
}

/// A fetch that waits for records.
pub struct ParkedFetch {
    head: Head,
    plan: Plan,
    parked: Vec<(Arc<Replica>, usize)>,
    deadline_ms: i64,
}

struct Plan {
    mode: Mode,
    wanted: AllWanted<Key>,
    max_bytes: u32,
    min_bytes: u64,
    read_committed: bool,
}

/// One reading of all partitions.
struct Reading {
    partitions: Vec<PartitionData>,
    slices: Slices,
    bytes: u64,
    /// Something that must be answered now: an error or a diverging epoch.
    urgent: bool,
}

fn topic_of(broker: &Broker, key: &Key) -> Result<Arc<TopicEntry>, ErrorCode> {
    // Versions with ids leave the name out.
    if key.id != Uuid::ZERO || key.name.is_empty() {
        return broker.replicas.by_id(TopicId(key.id)).ok_or(ErrorCode::UNKNOWN_TOPIC_ID);
    }
    broker.replicas.by_name(&key.name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
}

fn replica_of(broker: &Broker, key: &Key) -> Result<(Arc<TopicEntry>, Arc<Replica>), ErrorCode> {
    let topic = topic_of(broker, key)?;
    let replica = topic.partition(key.partition).cloned().ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    Ok((topic, replica))
}

fn failed(partition: i32, error: ErrorCode) -> PartitionData {
    PartitionData {
        partition_index: partition,
        error_code: error.0,
        high_watermark: -1,
        last_stable_offset: -1,
        log_start_offset: -1,
        records: Some(Records::default()),
        ..PartitionData::default()
    }
}

impl Plan {
    fn bound(&self, e: &Ends) -> i64 {
        if self.read_committed { e.last_stable } else { e.high_watermark }
    }

    /// Checks one partition and reads what is there, at most `left` bytes.
    fn read(
        &self,
        broker: &Broker,
        key: &Key,
        w: &Wanted,
        left: u32,
        first: bool,
        r: &mut Reading,
    ) -> Result<PartitionData, ErrorCode> {
        let (_, replica) = replica_of(broker, key)?;
        replica.check_epoch(w.leader_epoch).map_err(|e| of_refuse(&e))?;
        let ends = replica.ends();
        flow!("fetch.5");
        if w.fetch_offset < ends.log_start || w.fetch_offset > ends.log_end {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        let mut data = PartitionData {
            partition_index: key.partition,
            high_watermark: ends.high_watermark,
            last_stable_offset: ends.last_stable,
            log_start_offset: ends.log_start,
            aborted_transactions: self.read_committed.then(Vec::new),
            records: Some(Records::default()),
            ..PartitionData::default()
        };
        if w.last_fetched_epoch >= 0
            && let Some((epoch, end)) = diverging(&replica, w)
        {
            data.diverging_epoch = EpochEndOffset { epoch, end_offset: end };
            r.urgent = true;
            return Ok(data);
        }
        let max = u32::try_from(w.max_bytes).unwrap_or(0).min(left);
        if max > 0 || first {
            flow!("fetch.6");
            let slice = replica
                .reader()
                .slice(w.fetch_offset, self.bound(&ends), max, first)
                .map_err(|e| of_log(&e))?;
            if !slice.is_empty() {
                r.bytes += slice.len() as u64;
                data.records =
                    Some(Records::External { len: slice.len() as u32, slot: r.slices.len() as u32 });
                r.slices.push(slice);
            }
        }
        Ok(data)
    }

    fn read_all(&self, broker: &Broker) -> Reading {
        let mut r = Reading {
            partitions: Vec::with_capacity(self.wanted.len()),
            slices: Slices::new(),
            bytes: 0,
            urgent: false,
        };
        for (key, w) in &self.wanted {
            let left = u64::from(self.max_bytes).saturating_sub(r.bytes) as u32;
            let first = r.slices.is_empty();
            let data = self.read(broker, key, w, left, first, &mut r).unwrap_or_else(|e| {
                r.urgent = true;
                failed(key.partition, e)
            });
            r.partitions.push(data);
        }
        r
    }

    fn is_enough(&self, r: &Reading) -> bool {
        r.urgent || r.bytes >= self.min_bytes
    }

    /// A fetch may wait for long: it must not hold on to the frame that it came in.
    fn own_names(&mut self) {
        self.wanted.iter_mut().for_each(|(key, _)| key.name = key.name.to_owned_str());
    }

    /// A key of the topic that all partitions belong to, if that is one.
    fn only_topic(&self) -> Option<&Key> {
        let (key, _) = self.wanted.first()?;
        self.wanted.iter().all(|(k, _)| k.id == key.id && k.name == key.name).then_some(key)
    }

    /// Adds what leaves to its topic's counters. A reading that is thrown away, since the fetch waits on, is not seen.
    fn count(&self, broker: &Broker, r: &Reading) {
        for ((key, w), data) in self.wanted.iter().zip(&r.partitions) {
            let Some(Records::External { len, .. }) = &data.records else { continue };
            // A topic that went away meanwhile takes its counters with it.
            let Ok((topic, replica)) = replica_of(broker, key) else { continue };
            let bound = if self.read_committed { data.last_stable_offset } else { data.high_watermark };
            metrics::add(&topic.counters.bytes_out, u64::from(*len));
            match replica.reader().offsets_in(w.fetch_offset, bound, *len as usize) {
                Ok(n) => metrics::add(&topic.counters.records_out, n as u64),
                Err(e) => tracing::debug!("{}-{}: records out not counted: {e}", topic.name, key.partition),
            }
        }
    }

    /// The answer's message. An incremental one leaves out partitions without news.
    fn respond(&self, broker: &Broker, r: &mut Reading) -> FetchResponse {
        self.count(broker, r);
        let session = match self.mode {
            Mode::Sessionless => 0,
            Mode::New(id) | Mode::Incremental(id) => id,
        };
        let incremental = matches!(self.mode, Mode::Incremental(_));
        let mut responses: Vec<FetchableTopicResponse> = Vec::new();
        let mut sessions = (session != 0).then(|| broker.fetch_sessions.lock());
        if sessions.is_none()
            && let Some(key) = self.only_topic()
        {
            // The common case of small clients takes the list as it is.
            let (topic, topic_id) = (key.name.clone(), key.id);
            let partitions = std::mem::take(&mut r.partitions);
            responses.push(FetchableTopicResponse { topic, topic_id, partitions });
        }
        for ((key, w), data) in self.wanted.iter().zip(r.partitions.drain(..)) {
            let has_data = data.records.as_ref().is_some_and(|x| !x.is_empty());
            let news = has_data
                || data.error_code != 0
                || data.diverging_epoch != EpochEndOffset::default()
                || data.high_watermark != w.told_high_watermark
                || data.log_start_offset != w.told_log_start;
            if incremental && !news {
                continue;
            }
            if let Some(s) = &mut sessions {
                s.told(session, key, data.high_watermark, data.log_start_offset, has_data);
            }
            match responses.last_mut() {
                Some(t) if t.topic == key.name && t.topic_id == key.id => t.partitions.push(data),
                _ => responses.push(FetchableTopicResponse {
                    topic: key.name.clone(),
                    topic_id: key.id,
                    partitions: vec![data],
                }),
            }
        }
        FetchResponse { session_id: session, responses, ..FetchResponse::default() }
    }
}

/// The largest epoch that both sides share, if the client's log leaves ours (KIP-595's truncation detection).
fn diverging(replica: &Replica, w: &Wanted) -> Option<(i32, i64)> {
    match replica.epoch_end(w.last_fetched_epoch) {
        Some((epoch, end)) if epoch < w.last_fetched_epoch || end < w.fetch_offset => Some((epoch, end)),
        _ => None,
    }
}

impl ParkedFetch {
    pub fn deadline_ms(&self) -> i64 {
        self.deadline_ms
    }

    /// Reads again. `None`: still too little, and the fetch stays parked.
    pub fn wake(&mut self, broker: &Broker, is_due: bool) -> Option<Answer> {
        let mut reading = self.plan.read_all(broker);
        if !is_due && !self.plan.is_enough(&reading) {
            return None;
        }
        self.leave();
        self.head.started.done(broker);
        let response = self.plan.respond(broker, &mut reading);
        let h = &self.head;
        Some(Answer::encode(h.correlation, h.header_version(), &response, h.version, reading.slices))
    }

    /// Takes the fetch out of its partitions' lists.
    pub fn leave(&mut self) {
        for (replica, key) in self.parked.drain(..) {
            replica.unpark_fetch(key);
        }
    }
}

/// What is asked for. Only a session needs names that outlive the request's frame.
fn wanted(version: i16, topics: &[FetchTopic], has_session: bool) -> AllWanted<Key> {
    let mut out = AllWanted::with_capacity(topics.iter().map(|t| t.partitions.len()).sum());
    for t in topics {
        let name = match version {
            13.. => Str::default(),
            _ if has_session => t.topic.to_owned_str(),
            _ => t.topic.clone(),
        };
        for p in &t.partitions {
            let key = Key { name: name.clone(), id: t.topic_id, partition: p.partition };
            let w = Wanted {
                fetch_offset: p.fetch_offset,
                max_bytes: p.partition_max_bytes,
                leader_epoch: p.current_leader_epoch,
                last_fetched_epoch: p.last_fetched_epoch,
                log_start_offset: p.log_start_offset,
                told_high_watermark: -1,
                told_log_start: -1,
            };
            out.push((key, w));
        }
    }
    out
}

fn forgotten(q: &FetchRequest) -> Vec<Key> {
    q.forgotten_topics_data
        .iter()
        .flat_map(|t| {
            t.partitions.iter().map(|p| Key { name: t.topic.to_owned_str(), id: t.topic_id, partition: *p })
        })
        .collect()
}

pub fn handle(
    broker: &Arc<Broker>,
    peer: &Peer,
    head: &Head,
    r: &mut Reader<'_>,
    out: Option<&mut Out>,
) -> Result<Step, String> {
    let q = FetchRequest::decode(r, head.version).map_err(|e| format!("Fetch: {e}"))?;
    let items = q.topics.iter().map(|t| 1 + t.partitions.len()).sum::<usize>()
        + q.forgotten_topics_data.iter().map(|t| 1 + t.partitions.len()).sum::<usize>();
    check_items(&head.api, items, 2 * limits::REQUEST_ITEMS_MAX)?;
    flow!("fetch.3");
    let replica_id = if head.version >= 15 { q.replica_state.replica_id } else { q.replica_id };
    if replica_id >= 0 {
        return Err("a follower's fetch came from a client".into());
    }
    flow!("fetch.4");
    let now_ms = broker.clock.now().mono_ms;
    let fresh_id = if q.session_epoch == 0 { broker.fresh_session_id() } else { 0 };
    let epoch = if head.version >= 7 { q.session_epoch } else { -1 };
    let request = SessionRequest {
        id: q.session_id,
        epoch,
        uses_ids: head.version >= 13,
        wanted: wanted(head.version, &q.topics, epoch != -1),
        forgotten: forgotten(&q),
        fresh_id,
    };
    let begun = broker.fetch_sessions.lock().begin(now_ms, request);
    let (mode, wanted) = match begun {
        Ok(b) => b,
        Err(e) => {
            let refused = FetchResponse { error_code: e.0, ..FetchResponse::default() };
            return Ok(Step::Ready(head.answer(&refused)));
        }
    };
    let max_bytes = q.max_bytes.min(broker.config.fetch_max_bytes).max(0) as u32;
    let plan = Plan {
        mode,
        wanted,
        max_bytes,
        min_bytes: u64::from(q.min_bytes.max(0) as u32).min(max_bytes.into()),
        read_committed: q.isolation_level == 1,
    };
    let reading = plan.read_all(broker);
    if q.max_wait_ms <= 0 || plan.wanted.is_empty() || plan.is_enough(&reading) {
        return Ok(answer(broker, head, plan, reading, out));
    }
    let deadline_ms = now_ms + i64::from(q.max_wait_ms).min(limits::FETCH_WAIT_MS_MAX);
    let bounds = reading
        .partitions
        .iter()
        .map(|p| if plan.read_committed { p.last_stable_offset } else { p.high_watermark })
        .collect();
    park(broker, peer, ParkedFetch { head: head.kept(), plan, parked: Vec::new(), deadline_ms }, bounds)
}

/// Reads from disk at the same time: more would only make each slower.
static COLD_READS: Semaphore = Semaphore::const_new(8);

/// Brings what left memory back before it goes to the socket, so that a network thread, which serves many, does not
/// wait for the disk with it (finding the place in an old segment still may). What cannot be read is an error of its
/// partition.
async fn warm(r: &mut Reading) {
    let slices = r.slices.clone();
    let _one_of_few = COLD_READS.acquire().await;
    let load = move || slices.iter().map(|s| s.populate().map_err(|e| e.to_string())).collect::<Vec<_>>();
    let done = tokio::task::spawn_blocking(load).await.unwrap_or_default();
    for p in &mut r.partitions {
        let Some(Records::External { slot, .. }) = &p.records else { continue };
        let why = match done.get(*slot as usize) {
            Some(Ok(())) => continue,
            Some(Err(e)) => e.as_str(),
            None => "the read was given up",
        };
        tracing::error!("partition {}: records cannot be read from disk: {why}", p.partition_index);
        *p = failed(p.partition_index, ErrorCode::KAFKA_STORAGE_ERROR);
    }
}

fn answer_cold(broker: &Arc<Broker>, head: &Head, mut plan: Plan, mut reading: Reading) -> Step {
    metrics::fetched_cold();
    plan.own_names();
    let (broker, h) = (broker.clone(), head.kept());
    let later = async move {
        warm(&mut reading).await;
        let response = plan.respond(&broker, &mut reading);
        Answer::encode(h.correlation, h.header_version(), &response, h.version, reading.slices)
    };
    Step::Slow(Box::pin(later), head.started)
}

/// Answers with what was read, in place if nothing waits before it.
fn answer(
    broker: &Arc<Broker>,
    head: &Head,
    plan: Plan,
    mut reading: Reading,
    out: Option<&mut Out>,
) -> Step {
    if !reading.slices.iter().all(Slice::is_resident) {
        return answer_cold(broker, head, plan, reading);
    }
    head.started.done(broker);
    let response = plan.respond(broker, &mut reading);
    flow!("fetch.8");
    let (correlation, header) = (head.correlation, head.header_version());
    match out {
        Some(out) => {
            out.push(correlation, header, &response, head.version, &mut reading.slices);
            Step::Written
        }
        None => Step::Ready(Answer::encode(correlation, header, &response, head.version, reading.slices)),
    }
}

/// Registers the fetch with each of its partitions; what became readable since the reading wakes it at once.
fn park(broker: &Broker, peer: &Peer, mut f: ParkedFetch, bounds: Vec<i64>) -> Result<Step, String> {
    flow!("fetch.7");
    f.plan.own_names();
    for ((key, _), read_to) in f.plan.wanted.iter().zip(bounds) {
        let parked = replica_of(broker, key).ok().and_then(|(_, replica)| {
            let (at, moved) = replica.park_fetch(peer.mailbox.clone(), |e| f.plan.bound(e) > read_to)?;
            f.parked.push((replica, at));
            Some(moved)
        });
        if parked.unwrap_or(true) {
            peer.mailbox.wake();
        }
    }
    Ok(Step::Fetch(Box::new(f)))
}
