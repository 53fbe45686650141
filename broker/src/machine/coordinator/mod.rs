//! The group coordinator's decisions: requests, timers and finished appends in, answers and appends out.
//!
//! Invariants: a change is answered and visible only once its record is below the high watermark of the offsets
//! topic; a failed append changes nothing, and after an append nothing is rolled back: if its fate is unknown, all
//! groups of its partition are given up and answered "not available" until a restart has read them back. Appends of
//! one group take effect in the order in which they were asked for, whatever order their outcomes come in. Driven by
//! `coordinator::task` and by the simulator; `T` is the token of a request.

pub mod calls;

use super::group::in_flight::{InFlight, Key};
use super::group::{
    Action, CommittedOffset, Group, GroupConfig, GroupState, JoinAnswer, JoinRequest, Now, Offsets, Persist,
    SyncAnswer,
};
use crate::limits;
pub use calls::{
    CommitItem, CommitRequest, Effect, Entry, GroupView, OffsetList, Outcome, Reply, Request, SyncRequest,
};
use protocol::ErrorCode;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use storage::wrong::{self, Rule};

/// What to do when an append is below the high watermark.
#[derive(Debug)]
enum After<T> {
    Group { number: u64 },
    Commit { items: OffsetList, reply: T },
    Forget { gone: Vec<Key>, reply: Option<T> },
}

#[derive(Debug)]
struct Append<T> {
    number: u64,
    after: After<T>,
    /// How it ended, while an older append of the group has not.
    result: Option<Result<(), ErrorCode>>,
}

#[derive(Debug)]
pub struct Coordinator<T> {
    config: GroupConfig,
    groups: BTreeMap<String, Group<T>>,
    /// Deadline of each group, ordered.
    timers: BTreeSet<(i64, String)>,
    timer_of: BTreeMap<String, i64>,
    /// Appends under way by group, oldest first, and the group of each.
    appends: BTreeMap<String, VecDeque<Append<T>>>,
    group_of: BTreeMap<u64, String>,
    next_number: u64,
    /// Commits that are appended but not yet visible.
    in_flight: InFlight,
    partitions: usize,
    /// What the members of each group hold in memory, and of all together.
    bytes_of: BTreeMap<String, usize>,
    bytes: usize,
    bytes_max: usize,
    /// Partitions of the offsets topic that cannot be read or written until a restart.
    lost: BTreeSet<i32>,
}

/// Kafka's partition for a group: Java's `String.hashCode`, its absolute value, modulo.
pub fn partition_of(group: &str, partitions: usize) -> i32 {
    let hash = group.encode_utf16().fold(0i32, |h, c| h.wrapping_mul(31).wrapping_add(i32::from(c)));
    let positive = if hash == i32::MIN { 0 } else { hash.abs() };
    positive % (partitions.max(1) as i32)
}

type Effects<T> = Vec<Effect<T>>;

impl<T> Coordinator<T> {
    /// `partitions`: how many the offsets topic has, or will have. `bytes_max`: what all members may hold in memory.
    pub fn new(config: GroupConfig, partitions: usize, bytes_max: usize) -> Coordinator<T> {
        Coordinator {
            config,
            groups: BTreeMap::new(),
            timers: BTreeSet::new(),
            timer_of: BTreeMap::new(),
            appends: BTreeMap::new(),
            group_of: BTreeMap::new(),
            next_number: 0,
            in_flight: InFlight::default(),
            partitions,
            bytes_of: BTreeMap::new(),
            bytes: 0,
            bytes_max,
            lost: BTreeSet::new(),
        }
    }

    /// Takes the records of one partition, in order: later ones win, tombstones remove.
    pub fn load(&mut self, now: Now, entries: Vec<Entry>) {
        let mut states: BTreeMap<String, Option<Persist>> = BTreeMap::new();
        let mut offsets: BTreeMap<String, Offsets> = BTreeMap::new();
        for e in entries {
            match e {
                Entry::Offset { group, topic, partition, offset: Some(o) } => {
                    offsets.entry(group).or_default().apply(&topic, partition, o);
                }
                Entry::Offset { group, topic, partition, offset: None } => {
                    offsets.entry(group).or_default().remove(&topic, partition);
                }
                Entry::Group { group, state } => drop(states.insert(group, state)),
                Entry::Other => {}
            }
        }
        let names: BTreeSet<String> = states.keys().chain(offsets.keys()).cloned().collect();
        for name in names {
            let mut g = match states.remove(&name).flatten() {
                Some(p) => Group::restored(self.config, now, &p),
                None => Group::new(self.config, now),
            };
            g.offsets = offsets.remove(&name).unwrap_or_default();
            if !g.is_blank() {
                self.groups.insert(name.clone(), g);
                self.set_timer(&name);
                self.count_bytes(&name);
            }
        }
    }

    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    pub fn group(&self, name: &str) -> Option<&Group<T>> {
        self.groups.get(name)
    }

    /// A partition of the offsets topic is gone until a restart: its groups are given up.
    pub fn lose(&mut self, partition: i32, out: &mut Effects<T>) {
        self.lost.insert(partition);
        let all = self.groups.keys().chain(self.appends.keys());
        let names: BTreeSet<String> =
            all.filter(|g| partition_of(g, self.partitions) == partition).cloned().collect();
        for name in names {
            if let Some(mut g) = self.groups.remove(&name) {
                let mut actions = Vec::new();
                g.abandon(ErrorCode::COORDINATOR_NOT_AVAILABLE, &mut actions);
                self.do_actions(&name, actions, out);
            }
            for a in self.appends.remove(&name).unwrap_or_default() {
                self.group_of.remove(&a.number);
                let reply = match a.after {
                    After::Commit { reply, .. } => Some(reply),
                    After::Forget { reply, .. } => reply,
                    After::Group { .. } => None,
                };
                out.extend(reply.map(|t| Effect::Reply(t, Reply::Unavailable)));
            }
            self.in_flight.forget(&name);
            self.set_timer(&name);
            self.count_bytes(&name);
        }
    }

    /// The broker stops: whoever waits for other members is sent away, and nobody is taken any more. Commits on their
    /// way still get their answers.
    pub fn drain(&mut self, out: &mut Effects<T>) {
        self.lost.extend(0..self.partitions as i32);
        let names: Vec<String> = self.groups.keys().cloned().collect();
        for name in names {
            let mut actions = Vec::new();
            if let Some(g) = self.groups.get_mut(&name) {
                g.abandon(ErrorCode::COORDINATOR_NOT_AVAILABLE, &mut actions);
            }
            self.do_actions(&name, actions, out);
        }
    }

    fn count_bytes(&mut self, name: &str) {
        let now = self.groups.get(name).map_or(0, |g| g.bytes());
        let before =
            if now > 0 { self.bytes_of.insert(name.to_string(), now) } else { self.bytes_of.remove(name) };
        self.bytes = (self.bytes + now).saturating_sub(before.unwrap_or(0));
    }

    fn is_lost(&self, group: &str) -> bool {
        !self.lost.is_empty() && self.lost.contains(&partition_of(group, self.partitions))
    }

    /// When `tick` must be called next, in monotonic milliseconds.
    pub fn next_deadline(&self) -> Option<i64> {
        self.timers.first().map(|(d, _)| *d)
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

    fn group_mut(&mut self, name: &str, now: Now) -> &mut Group<T> {
        let config = self.config;
        self.groups.entry(name.to_string()).or_insert_with(|| Group::new(config, now))
    }

    /// After every event of a group: its timer, and whether it still has to be remembered.
    fn settle(&mut self, name: &str) {
        let blank = self.groups.get(name).is_some_and(|g| g.is_blank());
        if blank && !self.appends.contains_key(name) {
            self.groups.remove(name);
        }
        self.set_timer(name);
        self.count_bytes(name);
    }

    /// Feeds an event to a group and does what comes out.
    fn feed<R>(
        &mut self,
        now: Now,
        name: &str,
        out: &mut Effects<T>,
        event: impl FnOnce(&mut Group<T>, &mut Vec<Action<T>>) -> R,
    ) -> R {
        let mut actions = Vec::new();
        let result = event(self.group_mut(name, now), &mut actions);
        self.do_actions(name, actions, out);
        self.settle(name);
        result
    }

    fn do_actions(&mut self, name: &str, actions: Vec<Action<T>>, out: &mut Effects<T>) {
        for a in actions {
            match a {
                Action::Join(t, answer) => out.push(Effect::Reply(t, Reply::Join(answer))),
                Action::Sync(t, answer) => out.push(Effect::Reply(t, Reply::Sync(answer))),
                Action::Persist(p) => {
                    let after = After::Group { number: p.number };
                    let entry = Entry::Group { group: name.to_string(), state: Some(p) };
                    self.append(name, vec![entry], after, out);
                }
            }
        }
    }

    fn append(&mut self, group: &str, entries: Vec<Entry>, after: After<T>, out: &mut Effects<T>) {
        self.next_number += 1;
        let number = self.next_number;
        self.group_of.insert(number, group.to_string());
        let queue = self.appends.entry(group.to_string()).or_default();
        queue.push_back(Append { number, after, result: None });
        out.push(Effect::Append { number, group: group.to_string(), entries });
    }

    /// An append ended. It takes effect when all older ones of its group have.
    pub fn finish(&mut self, now: Now, number: u64, outcome: Outcome, out: &mut Effects<T>) {
        let Some(group) = self.group_of.remove(&number) else { return };
        let result = match outcome {
            Outcome::Stored => Ok(()),
            Outcome::Refused(e) => Err(e),
            Outcome::Unknown => return self.lose(partition_of(&group, self.partitions), out),
        };
        let queue = self.appends.get_mut(&group);
        if let Some(a) = queue.and_then(|q| q.iter_mut().find(|a| a.number == number)) {
            a.result = Some(result);
        }
        while let Some((after, result)) = self.next_ended(&group) {
            self.conclude(now, &group, after, result, out);
        }
        self.settle(&group);
    }

    fn next_ended(&mut self, group: &str) -> Option<(After<T>, Result<(), ErrorCode>)> {
        let queue = self.appends.get_mut(group)?;
        let result = queue.front()?.result?;
        let ended = queue.pop_front()?;
        if queue.is_empty() {
            self.appends.remove(group);
        }
        Some((ended.after, result))
    }

    fn conclude(
        &mut self,
        now: Now,
        group: &str,
        after: After<T>,
        result: Result<(), ErrorCode>,
        out: &mut Effects<T>,
    ) {
        let code = result.err().unwrap_or_default();
        match after {
            After::Group { number } => {
                if self.groups.contains_key(group) {
                    self.feed(now, group, out, |g, actions| g.on_persisted(now, number, result, actions));
                }
            }
            After::Commit { items, reply } => {
                let keys: Vec<Key> = items.iter().map(|(t, p, _)| (t.clone(), *p)).collect();
                self.in_flight.end(group, keys.iter());
                if result.is_ok() {
                    self.apply(now, group, items);
                }
                out.push(Effect::Reply(reply, Reply::Code(code)));
            }
            After::Forget { gone, reply } => {
                let is_busy = self.appends.contains_key(group);
                if result.is_ok()
                    && let Some(g) = self.groups.get_mut(group)
                {
                    gone.iter().for_each(|(topic, partition)| g.offsets.remove(topic, *partition));
                    if g.is_forgettable() && !is_busy {
                        self.groups.remove(group);
                    }
                }
                out.extend(reply.map(|t| Effect::Reply(t, Reply::Code(code))));
            }
        }
    }

    fn apply(&mut self, now: Now, group: &str, items: OffsetList) {
        let g = self.group_mut(group, now);
        for (topic, partition, o) in items {
            g.offsets.apply(&topic, partition, o);
        }
    }

    pub fn request(&mut self, now: Now, request: Request, token: T, out: &mut Effects<T>) {
        let reply = match request {
            Request::Join { group, request } => return self.join(now, &group, *request, token, out),
            Request::Sync { group, request } => return self.sync(now, &group, request, token, out),
            Request::Commit { group, request } => return self.commit(now, &group, request, token, out),
            Request::Delete { group } => return self.delete(&group, token, out),
            Request::Heartbeat { group, .. }
            | Request::Leave { group, .. }
            | Request::Offsets { group }
            | Request::Describe { group }
                if self.is_lost(&group) =>
            {
                Reply::Unavailable
            }
            Request::Heartbeat { group, member, instance, generation } => {
                let code = match self.groups.get_mut(&group) {
                    Some(g) => g.heartbeat(now, &member, instance.as_deref(), generation),
                    None => ErrorCode::UNKNOWN_MEMBER_ID,
                };
                self.set_timer(&group);
                Reply::Code(code)
            }
            Request::Leave { group, members } => Reply::Codes(if self.groups.contains_key(&group) {
                self.feed(now, &group, out, |g, actions| g.leave(now, &members, actions))
            } else {
                vec![ErrorCode::UNKNOWN_MEMBER_ID; members.len()]
            }),
            Request::Offsets { group } => {
                Reply::Offsets(self.groups.get(&group).map(offset_list).unwrap_or_default())
            }
            Request::Describe { group } => Reply::Described(self.groups.get(&group).map(|g| view(&group, g))),
            Request::List => Reply::Listed(self.groups.iter().map(|(n, g)| facts(n, g)).collect()),
            Request::AllOffsets => {
                Reply::AllOffsets(self.groups.iter().map(|(n, g)| (n.clone(), offset_list(g))).collect())
            }
        };
        out.push(Effect::Reply(token, reply));
    }

    fn join(&mut self, now: Now, group: &str, r: JoinRequest, token: T, out: &mut Effects<T>) {
        if self.is_lost(group) {
            return out.push(Effect::Reply(token, Reply::Unavailable));
        }
        let (more, of_group) = (r.bytes(), self.bytes_of.get(group).copied().unwrap_or(0));
        if of_group + more > limits::GROUP_RECORD_BYTES_MAX || self.bytes + more > self.bytes_max {
            let answer = JoinAnswer::error(ErrorCode::GROUP_MAX_SIZE_REACHED, &r.member_id);
            return out.push(Effect::Reply(token, Reply::Join(answer)));
        }
        self.feed(now, group, out, |g, actions| g.join(now, r, token, actions));
    }

    fn sync(&mut self, now: Now, group: &str, r: SyncRequest, token: T, out: &mut Effects<T>) {
        if self.is_lost(group) {
            return out.push(Effect::Reply(token, Reply::Unavailable));
        }
        if !self.groups.contains_key(group) {
            let error = ErrorCode::UNKNOWN_MEMBER_ID;
            let answer = SyncAnswer { error, ..SyncAnswer::default() };
            return out.push(Effect::Reply(token, Reply::Sync(answer)));
        }
        self.feed(now, group, out, |g, actions| {
            let who = (r.member_id.as_str(), r.instance_id.as_deref(), r.generation);
            let protocol = (r.protocol_type.as_deref(), r.protocol.as_deref());
            g.sync(now, who, protocol, r.assignments, token, actions);
        });
    }

    fn commit(&mut self, now: Now, group: &str, r: CommitRequest, token: T, out: &mut Effects<T>) {
        if self.is_lost(group) {
            return out.push(code(token, ErrorCode::COORDINATOR_NOT_AVAILABLE));
        }
        if !self.groups.contains_key(group) && r.generation >= 0 {
            return out.push(code(token, ErrorCode::ILLEGAL_GENERATION));
        }
        let g = self.group_mut(group, now);
        let checked = g.check_commit(now, &r.member_id, r.instance_id.as_deref(), r.generation);
        if let (Ok(()), false) = (checked, r.items.is_empty()) {
            let expire_ms = if r.retention_ms >= 0 { now.wall_ms.saturating_add(r.retention_ms) } else { -1 };
            let items: OffsetList = r.items.into_iter().map(|i| committed(i, now, expire_ms)).collect();
            let entries = items.iter().map(|(topic, partition, o)| Entry::Offset {
                group: group.to_string(),
                topic: topic.clone(),
                partition: *partition,
                offset: Some(o.clone()),
            });
            let entries = entries.collect();
            if wrong::is(Rule::CommitBeforeDurable) {
                self.apply(now, group, items.clone());
            }
            self.in_flight.begin(group, items.iter().map(|(t, p, _)| (t.clone(), *p)));
            self.append(group, entries, After::Commit { items, reply: token }, out);
        } else {
            out.push(code(token, checked.err().unwrap_or_default()));
        }
        self.settle(group);
    }

    fn delete(&mut self, group: &str, token: T, out: &mut Effects<T>) {
        if self.is_lost(group) {
            return out.push(code(token, ErrorCode::COORDINATOR_NOT_AVAILABLE));
        }
        let Some(g) = self.groups.get(group) else {
            return out.push(code(token, ErrorCode::GROUP_ID_NOT_FOUND));
        };
        if g.state() != GroupState::Empty {
            return out.push(code(token, ErrorCode::NON_EMPTY_GROUP));
        }
        let gone = g.offsets.all().map(|(t, p, _)| (t.to_string(), p)).collect();
        // A commit under way ends before the tombstones do, and goes with the group.
        let gone = self.in_flight.with(group, gone, |_| true);
        self.forget(group, gone, true, Some(token), out);
    }

    /// Writes tombstones for offsets, and for the group itself if `whole`.
    fn forget(&mut self, group: &str, gone: Vec<Key>, whole: bool, reply: Option<T>, out: &mut Effects<T>) {
        let mut entries: Vec<Entry> = gone
            .iter()
            .map(|(topic, partition)| Entry::Offset {
                group: group.to_string(),
                topic: topic.clone(),
                partition: *partition,
                offset: None,
            })
            .collect();
        if whole {
            entries.push(Entry::Group { group: group.to_string(), state: None });
        }
        self.append(group, entries, After::Forget { gone, reply }, out);
    }

    /// Timers that are due.
    pub fn tick(&mut self, now: Now, out: &mut Effects<T>) {
        let due: Vec<String> =
            self.timers.iter().take_while(|(d, _)| *d <= now.mono_ms).map(|(_, g)| g.clone()).collect();
        for name in due {
            self.feed(now, &name, out, |g, actions| g.tick(now, actions));
        }
    }

    /// Forgets offsets and empty groups whose time is over; called now and then.
    pub fn expire(&mut self, now: Now, out: &mut Effects<T>) {
        let due: Vec<(String, Vec<Key>, bool)> = self
            .groups
            .iter()
            .map(|(name, g)| {
                // A commit under way is fresher than what expired; the next check looks again.
                let gone = self.in_flight.without(name, g.expired_offsets(now));
                let empties = g.is_deserted()
                    && gone.len() == g.offsets.all().count()
                    && !self.appends.contains_key(name);
                (name.clone(), gone, empties)
            })
            .filter(|(_, gone, empties)| !gone.is_empty() || *empties)
            .collect();
        for (name, gone, whole) in due {
            self.forget(&name, gone, whole, None, out);
        }
    }

    /// Topics that some group has offsets of.
    pub fn topics(&self) -> BTreeSet<String> {
        self.groups.values().flat_map(|g| g.offsets.all()).map(|(t, _, _)| t.to_string()).collect()
    }

    /// The offsets of a deleted topic go, also those on their way.
    pub fn topic_deleted(&mut self, topic: &str, out: &mut Effects<T>) {
        let of_topic = |k: &Key| k.0 == topic;
        let due: Vec<(String, Vec<Key>)> = self
            .groups
            .iter()
            .map(|(name, g)| {
                let all = g.offsets.all().map(|(t, p, _)| (t.to_string(), p)).filter(of_topic).collect();
                (name.clone(), self.in_flight.with(name, all, of_topic))
            })
            .filter(|(_, gone)| !gone.is_empty())
            .collect();
        for (name, gone) in due {
            self.forget(&name, gone, false, None, out);
        }
    }
}

fn code<T>(token: T, code: ErrorCode) -> Effect<T> {
    Effect::Reply(token, Reply::Code(code))
}

fn committed(i: CommitItem, now: Now, expire_ms: i64) -> (String, i32, CommittedOffset) {
    let o = CommittedOffset {
        offset: i.offset,
        leader_epoch: i.leader_epoch,
        metadata: i.metadata,
        commit_ms: now.wall_ms,
        expire_ms,
    };
    (i.topic, i.partition, o)
}

fn offset_list<T>(g: &Group<T>) -> OffsetList {
    g.offsets.all().map(|(t, p, o)| (t.to_string(), p, o.clone())).collect()
}

fn view<T>(name: &str, g: &Group<T>) -> GroupView {
    GroupView { members: g.members(), ..facts(name, g) }
}

/// Without the members, whose number may be large.
fn facts<T>(name: &str, g: &Group<T>) -> GroupView {
    let stable = g.state() == GroupState::Stable;
    GroupView {
        group: name.to_string(),
        state: g.state().name(),
        protocol_type: g.protocol_type().unwrap_or_default().to_string(),
        protocol: if stable { g.protocol().unwrap_or_default().to_string() } else { String::new() },
        members: Vec::new(),
    }
}

#[cfg(test)]
#[path = "coordinator_test.rs"]
mod tests;
