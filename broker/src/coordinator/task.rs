//! The coordinator's loop: calls, timers and finished appends in, machine, effects out.

use super::{Call, load, records};
use crate::broker::Broker;
use crate::limits;
use crate::machine::coordinator::{
    Coordinator, Effect, Entry, GroupView, OffsetList, Outcome, Reply, Request, partition_of,
};
use crate::machine::group::{JoinAnswer, Now, SyncAnswer};
use crate::machine::partition::Ack;
use crate::partition::Produced;
use crate::partition::wake::{AckToken, Mailbox};
use crate::replicas::{OFFSETS_TOPIC, Replica};
use protocol::ErrorCode;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Who waits for a reply.
#[derive(Debug)]
enum Waiting {
    Join(oneshot::Sender<JoinAnswer>),
    Sync(oneshot::Sender<SyncAnswer>),
    Code(oneshot::Sender<ErrorCode>),
    Codes(oneshot::Sender<Vec<ErrorCode>>),
    Offsets(oneshot::Sender<OffsetList>),
    Described(oneshot::Sender<Option<GroupView>>),
    Listed(oneshot::Sender<Vec<GroupView>>),
    AllOffsets(oneshot::Sender<Vec<(String, OffsetList)>>),
}

impl Waiting {
    /// A client that went away needs no answer; a dropped sender says "not available".
    fn answer(self, reply: Reply) {
        match (self, reply) {
            (Waiting::Join(tx), Reply::Join(a)) => drop(tx.send(a)),
            (Waiting::Sync(tx), Reply::Sync(a)) => drop(tx.send(a)),
            (Waiting::Code(tx), Reply::Code(c)) => drop(tx.send(c)),
            (Waiting::Codes(tx), Reply::Codes(c)) => drop(tx.send(c)),
            (Waiting::Offsets(tx), Reply::Offsets(l)) => drop(tx.send(l)),
            (Waiting::Described(tx), Reply::Described(v)) => drop(tx.send(v)),
            (Waiting::Listed(tx), Reply::Listed(v)) => drop(tx.send(v)),
            (Waiting::AllOffsets(tx), Reply::AllOffsets(l)) => drop(tx.send(l)),
            (waiting, reply) => {
                debug_assert!(matches!(reply, Reply::Unavailable), "{reply:?} for {waiting:?}");
            }
        }
    }
}

struct Task {
    broker: Arc<Broker>,
    machine: Coordinator<Waiting>,
    finished: mpsc::UnboundedSender<(u64, Outcome)>,
}

/// Runs until the handles are gone.
pub async fn run(broker: Arc<Broker>, mut calls: mpsc::Receiver<Call>) {
    #[expect(
        clippy::disallowed_methods,
        reason = "each entry answers one append that the bounded calls admitted"
    )]
    let (finished, mut done) = mpsc::unbounded_channel();
    let mut t = Task { machine: load_all(&broker), finished, broker };
    let check = Duration::from_millis(t.broker.config.offsets_retention_check_ms);
    let mut expiry = tokio::time::interval_at(tokio::time::Instant::now() + check, check);
    let mut out = Vec::new();
    t.forget_gone(&mut out);
    t.act(out).await;
    loop {
        let deadline = t.machine.next_deadline().map(|d| t.broker.clock.instant(d));
        let mut out = Vec::new();
        tokio::select! {
            biased;
            Some((number, outcome)) = done.recv() => t.machine.finish(t.now(), number, outcome, &mut out),
            call = calls.recv() => match call {
                Some(Call::TopicDeleted { topic }) => t.machine.topic_deleted(&topic, &mut out),
                Some(Call::Drain) => t.machine.drain(&mut out),
                Some(c) => if let Some((request, waiting)) = split(c) {
                    t.machine.request(t.now(), request, waiting, &mut out);
                },
                None => return,
            },
            () = sleep_until(deadline) => t.machine.tick(t.now(), &mut out),
            _ = expiry.tick() => {
                t.machine.expire(t.now(), &mut out);
                t.forget_gone(&mut out);
            }
        }
        t.act(out).await;
    }
}

async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(d) => tokio::time::sleep_until(d).await,
        None => std::future::pending().await,
    }
}

/// A call as the machine's request and who waits for it; `None` for one that nobody waits for.
fn split(call: Call) -> Option<(Request, Waiting)> {
    Some(match call {
        Call::Join { group, request, reply } => (Request::Join { group, request }, Waiting::Join(reply)),
        Call::Sync { group, request, reply } => (Request::Sync { group, request }, Waiting::Sync(reply)),
        Call::Heartbeat { group, member, instance, generation, reply } => {
            (Request::Heartbeat { group, member, instance, generation }, Waiting::Code(reply))
        }
        Call::Leave { group, members, reply } => (Request::Leave { group, members }, Waiting::Codes(reply)),
        Call::Commit { group, request, reply } => (Request::Commit { group, request }, Waiting::Code(reply)),
        Call::Offsets { group, reply } => (Request::Offsets { group }, Waiting::Offsets(reply)),
        Call::Describe { group, reply } => (Request::Describe { group }, Waiting::Described(reply)),
        Call::List { reply } => (Request::List, Waiting::Listed(reply)),
        Call::Delete { group, reply } => (Request::Delete { group }, Waiting::Code(reply)),
        Call::AllOffsets { reply } => (Request::AllOffsets, Waiting::AllOffsets(reply)),
        Call::TopicDeleted { .. } | Call::Drain => return None,
    })
}

/// The machine with all groups of the offsets topic.
fn load_all(broker: &Broker) -> Coordinator<Waiting> {
    let topic = broker.replicas.by_name(OFFSETS_TOPIC);
    let partitions =
        topic.as_ref().map_or(broker.config.offsets_topic_partitions as usize, |t| t.partitions.len());
    let mut machine = Coordinator::new(
        broker.config.group,
        partitions,
        limits::memory_bytes() / limits::GROUP_MEMORY_SHARE,
    );
    let now = broker.clock.now();
    for replica in topic.iter().flat_map(|t| &t.partitions) {
        let ends = replica.ends();
        let loaded = match replica.why_offline() {
            Some(why) => Err(storage::LogError::Offline(why)),
            None => load::entries(replica.reader(), ends.log_start, ends.log_end),
        };
        match loaded {
            Ok(entries) => machine.load(now, entries),
            Err(e) => {
                let index = replica.id.partition.0;
                tracing::error!("{OFFSETS_TOPIC}-{index}: its groups are not available: {e}");
                // Nobody waits yet.
                machine.lose(index, &mut Vec::new());
            }
        }
    }
    tracing::debug!("{} groups loaded", machine.group_count());
    machine
}

/// Waits until the partition can take an append.
async fn ready(replica: &Replica) {
    let mailbox = Arc::new(Mailbox::default());
    while !replica.ready_or_wake(&mailbox) {
        poll_fn(|cx| mailbox.poll_filled(cx)).await;
    }
}

fn outcome_of(ack: Ack) -> Outcome {
    match ack {
        Ack::Stored { .. } => Outcome::Stored,
        Ack::Refused(_) => Outcome::Refused(ErrorCode::NOT_COORDINATOR),
        Ack::Lost => Outcome::Unknown,
    }
}

impl Task {
    fn now(&self) -> Now {
        self.broker.clock.now()
    }

    /// Tombstones of topics that were deleted when they could not be written: a topic of the same name must not take
    /// their offsets over.
    fn forget_gone(&mut self, out: &mut Vec<Effect<Waiting>>) {
        for topic in self.machine.topics() {
            if self.broker.replicas.by_name(&topic).is_none() {
                self.machine.topic_deleted(&topic, out);
            }
        }
    }

    async fn act(&mut self, effects: Vec<Effect<Waiting>>) {
        for e in effects {
            match e {
                Effect::Reply(waiting, reply) => waiting.answer(reply),
                Effect::Append { number, group, entries } => self.append(number, &group, &entries).await,
            }
        }
    }

    /// Appends a group's records to its partition; the loop hears of the outcome.
    async fn append(&mut self, number: u64, group: &str, entries: &[Entry]) {
        let finished = self.finished.clone();
        match self.try_append(group, entries).await {
            Ok(rx) => {
                tokio::spawn(async move {
                    let ack = rx.await.unwrap_or(Ack::Lost);
                    // The loop is gone only when the broker stops.
                    let _ = finished.send((number, outcome_of(ack)));
                });
            }
            Err(e) => drop(finished.send((number, Outcome::Refused(e)))),
        }
    }

    async fn try_append(&self, group: &str, entries: &[Entry]) -> Result<oneshot::Receiver<Ack>, ErrorCode> {
        let topic = self.broker.offsets_topic().await?;
        let index = partition_of(group, topic.partitions.len());
        let replica = topic.partition(index).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
        ready(replica).await;
        let now = self.now();
        let (batch, h) = records::batch(entries, now.wall_ms)?;
        let (tx, rx) = oneshot::channel();
        let mut tx = Some(tx);
        let token = || match tx.take() {
            Some(tx) => AckToken::Task(tx),
            None => AckToken::Task(oneshot::channel().0),
        };
        let produced = replica.produce(now, &batch, &h, true, token).map_err(|e| {
            tracing::warn!("{OFFSETS_TOPIC}-{index}: {e}");
            ErrorCode::COORDINATOR_NOT_AVAILABLE
        })?;
        if let (Produced::Now(ack), Some(tx)) = (produced, tx) {
            // The receiver is in our hands.
            let _ = tx.send(ack);
        }
        Ok(rx)
    }
}
