//! The coordinator's loop: calls, timers and finished appends in, machine, effects out.

use super::{Call, load, records};
use crate::broker::Broker;
use crate::limits;
<<<<<<< HEAD
use crate::machine::group::in_flight::{InFlight, Key};
use crate::machine::group::{
    Action, CommittedOffset, Group, GroupState, JoinAnswer, JoinRequest, Now, SyncAnswer,
=======
use crate::machine::coordinator::{
    Coordinator, Effect, Entry, GroupView, OffsetList, Outcome, Reply, Request, partition_of,
>>>>>>> 27cdfad (squashed-sim)
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
<<<<<<< HEAD
    groups: BTreeMap<String, Machine>,
    /// Deadline of each group, ordered.
    timers: BTreeSet<(i64, String)>,
    timer_of: BTreeMap<String, i64>,
    /// What the members of each group hold in memory, and of all together.
    bytes_of: BTreeMap<String, usize>,
    bytes: usize,
    bytes_max: usize,
    /// Partitions of the offsets topic that could not be read: their groups are not served.
    unread: BTreeSet<i32>,
    /// Commits that are appended but not yet visible.
    in_flight: InFlight,
    /// Appends under way, a queue for each partition of the offsets topic: they end in the order of their offsets.
    appends: BTreeMap<i32, mpsc::UnboundedSender<Appended>>,
    finished: mpsc::UnboundedSender<Finished>,
=======
    machine: Coordinator<Waiting>,
    finished: mpsc::UnboundedSender<(u64, Outcome)>,
>>>>>>> 27cdfad (squashed-sim)
}

type Appended = (After, oneshot::Receiver<Ack>);

/// Hands on the outcomes of one partition's appends in their order, whatever order their tasks would run in.
async fn in_order<A>(
    mut appends: mpsc::UnboundedReceiver<(A, oneshot::Receiver<Ack>)>,
    finished: mpsc::UnboundedSender<(A, Result<(), ErrorCode>)>,
) {
    while let Some((after, ack)) = appends.recv().await {
        let ack = ack.await.unwrap_or(Ack::Lost);
        if finished.send((after, of_ack(ack))).is_err() {
            return;
        }
    }
}

/// Runs until the handles are gone.
pub async fn run(broker: Arc<Broker>, mut calls: mpsc::Receiver<Call>) {
    #[expect(
        clippy::disallowed_methods,
        reason = "each entry answers one append that the bounded calls admitted"
    )]
<<<<<<< HEAD
    let (tx, mut done) = mpsc::unbounded_channel();
    let mut t = Task {
        groups: BTreeMap::new(),
        timers: BTreeSet::new(),
        timer_of: BTreeMap::new(),
        bytes_of: BTreeMap::new(),
        bytes: 0,
        bytes_max: limits::memory_bytes() / limits::GROUP_MEMORY_SHARE,
        unread: BTreeSet::new(),
        in_flight: InFlight::default(),
        appends: BTreeMap::new(),
        finished: tx,
        broker,
    };
    t.load();
=======
    let (finished, mut done) = mpsc::unbounded_channel();
    let mut t = Task { machine: load_all(&broker), finished, broker };
>>>>>>> 27cdfad (squashed-sim)
    let check = Duration::from_millis(t.broker.config.offsets_retention_check_ms);
    let mut expiry = tokio::time::interval_at(tokio::time::Instant::now() + check, check);
    loop {
        let deadline = t.machine.next_deadline().map(|d| t.broker.clock.instant(d));
        let mut out = Vec::new();
        tokio::select! {
            biased;
            Some((number, outcome)) = done.recv() => t.machine.finish(t.now(), number, outcome, &mut out),
            call = calls.recv() => match call {
                Some(Call::TopicDeleted { topic }) => t.machine.topic_deleted(&topic, &mut out),
                Some(c) => if let Some((request, waiting)) = split(c) {
                    t.machine.request(t.now(), request, waiting, &mut out);
                },
                None => return,
            },
            () = sleep_until(deadline) => t.machine.tick(t.now(), &mut out),
            _ = expiry.tick() => t.machine.expire(t.now(), &mut out),
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
        Call::TopicDeleted { .. } => return None,
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

<<<<<<< HEAD
    fn load(&mut self) {
        let Some(topic) = self.broker.replicas.by_name(OFFSETS_TOPIC) else { return };
        (self.groups, self.unread) = load::load(&topic, self.broker.config.group, self.now());
        tracing::debug!("{} groups loaded", self.groups.len());
        for name in self.groups.keys().cloned().collect::<Vec<_>>() {
            self.set_timer(&name);
            self.count_bytes(&name);
        }
    }

    fn set_timer(&mut self, group: &str) {
        if let Some(old) = self.timer_of.remove(group) {
            self.timers.remove(&(old, group.to_string()));
        }
        if let Some(d) = self.groups.get(group).and_then(|g| g.next_deadline()) {
            self.timers.insert((d, group.to_string()));
            self.timer_of.insert(group.to_string(), d);
        }
    }

    fn group(&mut self, name: &str) -> &mut Machine {
        let now = self.broker.clock.now();
        let config = self.broker.config.group;
        self.groups.entry(name.to_string()).or_insert_with(|| Group::new(config, now))
    }

    /// Feeds an event to a group and does what comes out.
    async fn feed(&mut self, name: &str, event: impl FnOnce(&mut Machine, Now, &mut Vec<Action<Reply>>)) {
        let now = self.now();
        let mut out = Vec::new();
        event(self.group(name), now, &mut out);
        self.act(name, out).await;
        self.count_bytes(name);
    }

    fn count_bytes(&mut self, name: &str) {
        let now = self.groups.get(name).map_or(0, |g| g.bytes());
        let before =
            if now > 0 { self.bytes_of.insert(name.to_string(), now) } else { self.bytes_of.remove(name) };
        self.bytes = self.bytes + now - before.unwrap_or(0);
    }

    /// A group that was only asked for: nothing of it is stored and nobody is in it.
    fn drop_if_void(&mut self, name: &str) {
        if self.groups.get(name).is_some_and(|g| g.is_forgettable() && g.is_simple()) {
            self.groups.remove(name);
            self.set_timer(name);
        }
    }

    async fn act(&mut self, name: &str, actions: Vec<Action<Reply>>) {
        for a in actions {
            match a {
                // A client that went away needs no answer.
                Action::Join(Reply::Join(tx), a) => answer(tx, a),
                Action::Sync(Reply::Sync(tx), a) => answer(tx, a),
                Action::Join(..) | Action::Sync(..) => {}
                Action::Persist(p) => {
                    let kv = records::group(name, Some(&p));
                    self.append(name, &[kv], After::Group { group: name.to_string(), number: p.number })
                        .await;
                }
=======
    async fn act(&mut self, effects: Vec<Effect<Waiting>>) {
        for e in effects {
            match e {
                Effect::Reply(waiting, reply) => waiting.answer(reply),
                Effect::Append { number, group, entries } => self.append(number, &group, &entries).await,
>>>>>>> 27cdfad (squashed-sim)
            }
        }
    }

<<<<<<< HEAD
    /// Appends records of a group to its partition; `after` runs when they are below the high watermark.
    async fn append(&mut self, group: &str, kvs: &[KeyValue], after: After) {
        match self.try_append(group, kvs).await {
            Ok((partition, ack)) => {
                let finished = &self.finished;
                let queue = self.appends.entry(partition).or_insert_with(|| {
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "each entry is one append that the bounded calls admitted"
                    )]
                    let (tx, rx) = mpsc::unbounded_channel();
                    tokio::spawn(in_order(rx, finished.clone()));
                    tx
=======
    /// Appends a group's records to its partition; the loop hears of the outcome.
    async fn append(&mut self, number: u64, group: &str, entries: &[Entry]) {
        let finished = self.finished.clone();
        match self.try_append(group, entries).await {
            Ok(rx) => {
                tokio::spawn(async move {
                    let ack = rx.await.unwrap_or(Ack::Lost);
                    // The loop is gone only when the broker stops.
                    let _ = finished.send((number, outcome_of(ack)));
>>>>>>> 27cdfad (squashed-sim)
                });
                // The queue's task ends with this one.
                let _ = queue.send((after, ack));
            }
<<<<<<< HEAD
            // Nothing was appended: there is no order to keep.
            Err(e) => drop(self.finished.send((after, Err(e)))),
        }
    }

    async fn try_append(
        &mut self,
        group: &str,
        kvs: &[KeyValue],
    ) -> Result<(i32, oneshot::Receiver<Ack>), ErrorCode> {
=======
            Err(e) => drop(finished.send((number, Outcome::Refused(e)))),
        }
    }

    async fn try_append(&self, group: &str, entries: &[Entry]) -> Result<oneshot::Receiver<Ack>, ErrorCode> {
>>>>>>> 27cdfad (squashed-sim)
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
        Ok((index, rx))
    }
<<<<<<< HEAD

    async fn finish(&mut self, after: After, result: Result<(), ErrorCode>) {
        match after {
            After::Group { group, number } => {
                let now = self.now();
                let mut out = Vec::new();
                if let Some(g) = self.groups.get_mut(&group) {
                    g.on_persisted(now, number, result, &mut out);
                }
                self.act(&group, out).await;
            }
            After::Commit { group, items, reply } => {
                let keys: Vec<Key> = items.iter().map(|(t, p, _)| (t.clone(), *p)).collect();
                self.in_flight.end(&group, keys.iter());
                if result.is_ok() {
                    let g = self.group(&group);
                    for (topic, partition, o) in items {
                        g.offsets.apply(&topic, partition, o);
                    }
                }
                answer(reply, result.err().unwrap_or_default());
            }
            After::Forget { group, gone, reply } => {
                if result.is_ok()
                    && let Some(g) = self.groups.get_mut(&group)
                {
                    for (topic, partition) in gone {
                        g.offsets.remove(&topic, partition);
                    }
                    if g.is_forgettable() {
                        self.groups.remove(&group);
                        self.set_timer(&group);
                    }
                }
                if let Some(tx) = reply {
                    answer(tx, result.err().unwrap_or_default());
                }
            }
        }
    }

    /// What such a group committed is not known; "nothing" would be a wrong answer.
    fn is_unread(&self, group: &str) -> bool {
        let Some(topic) =
            (!self.unread.is_empty()).then(|| self.broker.replicas.by_name(OFFSETS_TOPIC)).flatten()
        else {
            return false;
        };
        self.unread.contains(&records::partition_of(group, topic.partitions.len()))
    }

    async fn call(&mut self, call: Call) {
        if call.group().is_some_and(|g| self.is_unread(g)) {
            // Dropping it answers that the coordinator is not available.
            return;
        }
        match call {
            Call::Join { group, request, reply } => self.join(&group, *request, reply).await,
            Call::Sync { group, request, reply } => self.sync(&group, request, reply).await,
            Call::Heartbeat { group, member, instance, generation, reply } => {
                let now = self.now();
                let code = match self.groups.get_mut(&group) {
                    Some(g) => g.heartbeat(now, &member, instance.as_deref(), generation),
                    None => ErrorCode::UNKNOWN_MEMBER_ID,
                };
                self.set_timer(&group);
                answer(reply, code);
            }
            Call::Leave { group, members, reply } => {
                let mut codes = vec![ErrorCode::UNKNOWN_MEMBER_ID; members.len()];
                if self.groups.contains_key(&group) {
                    codes.clear();
                    let into = &mut codes;
                    self.feed(&group, |g, now, out| {
                        into.extend(members.iter().map(|(m, i)| g.leave(now, m, i.as_deref(), out)));
                    })
                    .await;
                }
                answer(reply, codes);
            }
            Call::Commit { group, request, reply } => self.commit(&group, request, reply).await,
            Call::Offsets { group, reply } => {
                let list = self.groups.get(&group).map(offset_list).unwrap_or_default();
                answer(reply, list);
            }
            Call::Describe { group, reply } => {
                answer(reply, self.groups.get(&group).map(|g| view(&group, g)));
            }
            Call::List { reply } => {
                answer(reply, self.groups.iter().map(|(n, g)| facts(n, g)).collect());
            }
            Call::Delete { group, reply } => self.delete(&group, reply).await,
            Call::AllOffsets { reply } => {
                answer(reply, self.groups.iter().map(|(n, g)| (n.clone(), offset_list(g))).collect());
            }
            Call::TopicDeleted { topic } => self.topic_deleted(&topic).await,
        }
    }

    async fn join(&mut self, group: &str, request: JoinRequest, reply: oneshot::Sender<JoinAnswer>) {
        let more = request.bytes();
        let of_group = self.bytes_of.get(group).copied().unwrap_or(0);
        if of_group + more > limits::GROUP_RECORD_BYTES_MAX || self.bytes + more > self.bytes_max {
            return answer(reply, JoinAnswer::error(ErrorCode::GROUP_MAX_SIZE_REACHED, &request.member_id));
        }
        self.feed(group, |g, now, out| g.join(now, request, Reply::Join(reply), out)).await;
        self.drop_if_void(group);
    }

    async fn sync(&mut self, group: &str, r: SyncRequest, reply: oneshot::Sender<SyncAnswer>) {
        if !self.groups.contains_key(group) {
            let error = ErrorCode::UNKNOWN_MEMBER_ID;
            return answer(reply, SyncAnswer { error, ..SyncAnswer::default() });
        }
        self.feed(group, |g, now, out| {
            let who = (r.member_id.as_str(), r.instance_id.as_deref(), r.generation);
            let protocol = (r.protocol_type.as_deref(), r.protocol.as_deref());
            g.sync(now, who, protocol, r.assignments, Reply::Sync(reply), out);
        })
        .await;
    }

    async fn commit(&mut self, group: &str, r: CommitRequest, reply: oneshot::Sender<ErrorCode>) {
        let now = self.now();
        let known = self.groups.contains_key(group);
        if !known && r.generation >= 0 {
            return answer(reply, ErrorCode::ILLEGAL_GENERATION);
        }
        let checked =
            self.group(group).check_commit(now, &r.member_id, r.instance_id.as_deref(), r.generation);
        self.set_timer(group);
        if let Err(e) = checked {
            self.drop_if_void(group);
            return answer(reply, e);
        }
        let expire_ms = if r.retention_ms >= 0 { now.wall_ms.saturating_add(r.retention_ms) } else { -1 };
        let items: Vec<(String, i32, CommittedOffset)> = r
            .items
            .into_iter()
            .map(|i| {
                let o = CommittedOffset {
                    offset: i.offset,
                    leader_epoch: i.leader_epoch,
                    metadata: i.metadata,
                    commit_ms: now.wall_ms,
                    expire_ms,
                };
                (i.topic, i.partition, o)
            })
            .collect();
        if items.is_empty() {
            self.drop_if_void(group);
            return answer(reply, ErrorCode::NONE);
        }
        let kvs: Vec<KeyValue> =
            items.iter().map(|(t, p, o)| records::offset(group, t, *p, Some(o))).collect();
        self.in_flight.begin(group, items.iter().map(|(t, p, _)| (t.clone(), *p)));
        self.append(group, &kvs, After::Commit { group: group.to_string(), items, reply }).await;
    }

    async fn delete(&mut self, group: &str, reply: oneshot::Sender<ErrorCode>) {
        let Some(g) = self.groups.get(group) else { return answer(reply, ErrorCode::GROUP_ID_NOT_FOUND) };
        if g.state() != GroupState::Empty {
            return answer(reply, ErrorCode::NON_EMPTY_GROUP);
        }
        let gone = g.offsets.all().map(|(t, p, _)| (t.to_string(), p)).collect();
        // A commit under way ends before the tombstones do, and goes with the group.
        let gone = self.in_flight.with(group, gone, |_| true);
        self.forget(group, gone, true, Some(reply)).await;
    }

    /// Writes tombstones for offsets, and for the group itself if `whole`.
    async fn forget(
        &mut self,
        group: &str,
        gone: Vec<(String, i32)>,
        whole: bool,
        reply: Option<oneshot::Sender<ErrorCode>>,
    ) {
        let mut kvs: Vec<KeyValue> = gone.iter().map(|(t, p)| records::offset(group, t, *p, None)).collect();
        if whole {
            kvs.push(records::group(group, None));
        }
        self.append(group, &kvs, After::Forget { group: group.to_string(), gone, reply }).await;
    }

    async fn tick(&mut self) {
        let now = self.now();
        while let Some((deadline, name)) = self.timers.first().cloned() {
            if deadline > now.mono_ms {
                return;
            }
            self.timers.remove(&(deadline, name.clone()));
            self.timer_of.remove(&name);
            self.feed(&name, |g, now, out| g.tick(now, out)).await;
            self.drop_if_void(&name);
        }
    }

    async fn expire(&mut self) {
        let now = self.now();
        let due: Vec<(String, Vec<(String, i32)>, bool)> = self
            .groups
            .iter()
            .map(|(name, g)| {
                // A commit under way is fresher than what expired; the next check looks again.
                let gone = self.in_flight.without(name, g.expired_offsets(now));
                let empties = g.state() == GroupState::Empty
                    && gone.len() == g.offsets.all().count()
                    && !self.in_flight.has_any(name);
                (name.clone(), gone, empties)
            })
            .filter(|(_, gone, empties)| !gone.is_empty() || *empties)
            .collect();
        for (name, gone, whole) in due {
            self.forget(&name, gone, whole, None).await;
        }
    }

    async fn topic_deleted(&mut self, topic: &str) {
        let of_topic = |k: &Key| k.0 == topic;
        let mut names: BTreeSet<String> = self.groups.keys().cloned().collect();
        names.extend(self.in_flight.groups(of_topic));
        let due: Vec<(String, Vec<Key>)> = names
            .into_iter()
            .map(|name| {
                let all = self.groups.get(&name).into_iter().flat_map(|g| g.offsets.all());
                let gone = all.map(|(t, p, _)| (t.to_string(), p)).filter(of_topic).collect();
                let gone = self.in_flight.with(&name, gone, of_topic);
                (name, gone)
            })
            .filter(|(_, gone)| !gone.is_empty())
            .collect();
        for (name, gone) in due {
            self.forget(&name, gone, false, None).await;
        }
    }
}

/// A client that went away needs no answer.
fn answer<T>(to: oneshot::Sender<T>, value: T) {
    let _ = to.send(value);
}

fn offset_list(g: &Machine) -> super::OffsetList {
    g.offsets.all().map(|(t, p, o)| (t.to_string(), p, o.clone())).collect()
}

fn view(name: &str, g: &Machine) -> GroupView {
    GroupView { members: g.members(), ..facts(name, g) }
}

/// Without the members, whose number may be large.
fn facts(name: &str, g: &Machine) -> GroupView {
    GroupView {
        group: name.to_string(),
        state: g.state().name(),
        protocol_type: g.protocol_type().unwrap_or_default().to_string(),
        protocol: if g.state() == GroupState::Stable {
            g.protocol().unwrap_or_default().to_string()
        } else {
            String::new()
        },
        members: Vec::new(),
    }
=======
>>>>>>> 27cdfad (squashed-sim)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A later append that is stored first must not be seen first: the older commit would win.
    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "as in production: three entries here")]
    async fn appends_end_in_their_order() {
        let (tx, appends) = mpsc::unbounded_channel();
        let (finished, mut ends) = mpsc::unbounded_channel();
        tokio::spawn(in_order(appends, finished));
        let mut acks = Vec::new();
        for n in 0..3 {
            let (ack, rx) = oneshot::channel();
            tx.send((n, rx)).unwrap();
            acks.push(ack);
        }
        let last = acks.pop().unwrap();
        last.send(Ack::Stored { base_offset: 2 }).unwrap();
        tokio::task::yield_now().await;
        assert!(ends.try_recv().is_err(), "the first has not ended yet");
        for (n, ack) in acks.into_iter().enumerate().rev() {
            ack.send(if n == 0 { Ack::Lost } else { Ack::Stored { base_offset: 1 } }).unwrap();
        }
        let mut order = Vec::new();
        for _ in 0..3 {
            order.push(ends.recv().await.unwrap());
        }
        assert_eq!(order, [(0, Err(ErrorCode::COORDINATOR_NOT_AVAILABLE)), (1, Ok(())), (2, Ok(()))]);
    }
}
