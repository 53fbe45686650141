//! One classic group: states, members, generations.
//!
//! `Empty -> PreparingRebalance -> CompletingRebalance -> Stable`, back to PreparingRebalance on any change, to
//! Empty with the last member gone. Invariants: a generation's assignment is stored before anyone hears of it;
//! sessions run on the monotonic clock; every parked join and sync gets exactly one answer. `T` is the token of a
//! parked request. Joining is in `join`, assignments in `sync`. Owned by the coordinator's machine.

use super::offsets::Offsets;
use super::{GroupConfig, GroupResult, Now};
use bytes::Bytes;
use protocol::ErrorCode;
use std::collections::BTreeMap;
use storage::wrong::{self, Rule};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupState {
    #[default]
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
}

impl GroupState {
    /// Kafka's name for the state.
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinRequest {
    pub member_id: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub session_timeout_ms: i32,
    pub rebalance_timeout_ms: i32,
    pub protocol_type: String,
    pub protocols: Vec<(String, Bytes)>,
    /// Version 4 and later: a new member is told its id first and joins again with it.
    pub require_known_member: bool,
    /// Version 9 and later: a replaced static leader is told to skip the assignment.
    pub can_skip_assignment: bool,
    /// An id for the member if it needs one; made outside, since machines have no randomness.
    pub fresh_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinAnswer {
    pub error: ErrorCode,
    pub generation: i32,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub leader: String,
    pub member_id: String,
    pub skip_assignment: bool,
    /// Member id, instance id, metadata; for the leader only.
    pub members: Vec<(String, Option<String>, Bytes)>,
}

impl JoinAnswer {
    pub fn error(error: ErrorCode, member_id: &str) -> JoinAnswer {
        JoinAnswer { error, generation: -1, member_id: member_id.to_string(), ..JoinAnswer::default() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncAnswer {
    pub error: ErrorCode,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub assignment: Bytes,
}

/// A record of the group to be written to the offsets topic; its number comes back in `on_persisted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persist {
    pub number: u64,
    pub generation: i32,
    pub protocol_type: String,
    pub protocol: Option<String>,
    pub leader: Option<String>,
    pub state_ms: i64,
    pub members: Vec<PersistedMember>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistedMember {
    pub member_id: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout_ms: i32,
    pub session_timeout_ms: i32,
    pub subscription: Bytes,
    pub assignment: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<T> {
    Join(T, JoinAnswer),
    Sync(T, SyncAnswer),
    Persist(Persist),
}

#[derive(Debug)]
pub(super) struct Member<T> {
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub session_timeout_ms: i32,
    pub rebalance_timeout_ms: i32,
    pub protocols: Vec<(String, Bytes)>,
    pub assignment: Bytes,
    pub join: Option<T>,
    pub sync: Option<T>,
    pub session_deadline: i64,
    /// Asked for its assignment in this generation.
    pub synced: bool,
}

/// The clock that sessions run on: it never jumps.
pub(super) fn session_clock(now: Now) -> i64 {
    if wrong::is(Rule::SessionOnWallClock) { now.wall_ms } else { now.mono_ms }
}

impl<T> Member<T> {
    pub(super) fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols.iter().find(|(n, _)| n == protocol).map(|(_, m)| m.clone()).unwrap_or_default()
    }
}

/// The initial delay: windows that follow each other while members keep joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gathering {
    /// A member joined in the running window.
    pub joined: bool,
    /// How much further windows may add.
    pub remaining_ms: i64,
}

/// What a waiting record does once it is stored.
#[derive(Debug)]
pub(super) enum Pending<T> {
    Assignment { generation: i32 },
    StaticMember { token: T, answer: JoinAnswer },
    Nothing,
}

/// A member for DescribeGroups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    pub member_id: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub metadata: Bytes,
    pub assignment: Bytes,
}

#[derive(Debug)]
pub struct Group<T> {
    pub(super) config: GroupConfig,
    pub(super) state: GroupState,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: BTreeMap<String, Member<T>>,
    /// Order of arrival, for leader election and stable answers.
    pub(super) order: Vec<String>,
    pub(super) static_ids: BTreeMap<String, String>,
    /// Ids handed out whose members have not joined yet, with their deadlines.
    pub(super) awaited: BTreeMap<String, i64>,
    pub(super) rebalance_deadline: Option<i64>,
    /// Set while the first rebalance of an empty group gathers members.
    pub(super) gathering: Option<Gathering>,
    /// Until then every member of the generation must have asked for its assignment.
    pub(super) sync_deadline: Option<i64>,
    /// Assignments of the running generation, applied when their record is stored.
    pub(super) next_assignment: BTreeMap<String, Bytes>,
    pub(super) pending: BTreeMap<u64, Pending<T>>,
    pub(super) next_number: u64,
    pub(super) state_ms: i64,
    pub offsets: Offsets,
}

impl<T> Group<T> {
    pub fn new(config: GroupConfig, now: Now) -> Group<T> {
        Group {
            config,
            state: GroupState::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            order: Vec::new(),
            static_ids: BTreeMap::new(),
            awaited: BTreeMap::new(),
            rebalance_deadline: None,
            gathering: None,
            sync_deadline: None,
            next_assignment: BTreeMap::new(),
            pending: BTreeMap::new(),
            next_number: 0,
            state_ms: now.wall_ms,
            offsets: Offsets::default(),
        }
    }

    /// A group read back from the offsets topic. Its members get a fresh session.
    pub fn restored(config: GroupConfig, now: Now, p: &Persist) -> Group<T> {
        let mut g = Group::new(config, now);
        g.generation = p.generation;
        g.protocol_type = Some(p.protocol_type.clone()).filter(|t| !t.is_empty());
        g.protocol = p.protocol.clone();
        g.leader = p.leader.clone();
        g.state_ms = p.state_ms;
        for m in &p.members {
            let protocols = p.protocol.iter().map(|n| (n.clone(), m.subscription.clone())).collect();
            let member = Member {
                instance_id: m.instance_id.clone(),
                client_id: m.client_id.clone(),
                client_host: m.client_host.clone(),
                session_timeout_ms: m.session_timeout_ms,
                rebalance_timeout_ms: m.rebalance_timeout_ms,
                protocols,
                assignment: m.assignment.clone(),
                join: None,
                sync: None,
                session_deadline: session_clock(now) + i64::from(m.session_timeout_ms),
                synced: true,
            };
            g.insert(m.member_id.clone(), member);
        }
        g.state = if g.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
        g
    }

    pub fn state(&self) -> GroupState {
        self.state
    }
    pub fn generation(&self) -> i32 {
        self.generation
    }
    pub fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }
    /// Never joined, never committed to: as if it had not been named.
    pub fn is_blank(&self) -> bool {
        self.is_forgettable() && self.generation == 0 && self.protocol_type.is_none()
    }
    pub fn is_simple(&self) -> bool {
        self.protocol_type.is_none()
    }
    /// Nobody is in it or on the way into it.
    pub fn is_deserted(&self) -> bool {
        self.state == GroupState::Empty && self.awaited.is_empty() && self.pending.is_empty()
    }
    /// Nothing would be lost if the group were forgotten.
    pub fn is_forgettable(&self) -> bool {
        self.is_deserted() && self.offsets.is_empty()
    }
    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    pub fn members(&self) -> Vec<MemberView> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let stable = self.state == GroupState::Stable;
        self.members
            .iter()
            .map(|(id, m)| MemberView {
                member_id: id.clone(),
                instance_id: m.instance_id.clone(),
                client_id: m.client_id.clone(),
                client_host: m.client_host.clone(),
                metadata: if stable { m.metadata(protocol) } else { Bytes::new() },
                assignment: if stable { m.assignment.clone() } else { Bytes::new() },
            })
            .collect()
    }

    /// Offsets that expired by now.
    pub fn expired_offsets(&self, now: Now) -> Vec<(String, i32)> {
        let empty_since = (self.state == GroupState::Empty).then_some(self.state_ms);
        self.offsets.expired(now.wall_ms, self.config.offsets_retention_ms, empty_since, self.is_simple())
    }

    pub(super) fn insert(&mut self, id: String, member: Member<T>) {
        if let Some(instance) = &member.instance_id {
            self.static_ids.insert(instance.clone(), id.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(id.clone());
        }
        self.order.push(id.clone());
        self.members.insert(id, member);
    }

    pub(super) fn take_out(&mut self, id: &str) -> Option<Member<T>> {
        let m = self.members.remove(id)?;
        self.order.retain(|o| o != id);
        if let Some(instance) = &m.instance_id {
            self.static_ids.remove(instance);
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = self.order.first().cloned();
        }
        Some(m)
    }

    /// The member behind a request, checked as Kafka does: unknown, fenced, or of another generation.
    pub(super) fn check(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
        generation: Option<i32>,
    ) -> GroupResult<()> {
        if let Some(instance) = instance_id {
            match self.static_ids.get(instance) {
                None => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(id) if id != member_id => return Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => {}
            }
        }
        if !self.members.contains_key(member_id) {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        match generation {
            Some(g) if g != self.generation => Err(ErrorCode::ILLEGAL_GENERATION),
            _ => Ok(()),
        }
    }

    pub(super) fn touch(&mut self, now: Now, member_id: &str) {
        if let Some(m) = self.members.get_mut(member_id) {
            m.session_deadline = session_clock(now) + i64::from(m.session_timeout_ms);
        }
    }

    pub fn heartbeat(
        &mut self,
        now: Now,
        member_id: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> ErrorCode {
        if let Err(e) = self.check(member_id, instance, Some(generation)) {
            return e;
        }
        self.touch(now, member_id);
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => ErrorCode::NONE,
            GroupState::PreparingRebalance => ErrorCode::REBALANCE_IN_PROGRESS,
            GroupState::Empty => ErrorCode::UNKNOWN_MEMBER_ID,
        }
    }

    /// Whether a commit may be written. Generation -1 is an administrator or a simple consumer and needs an empty
    /// group.
    pub fn check_commit(
        &mut self,
        now: Now,
        member_id: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> GroupResult<()> {
        if generation < 0 && self.state == GroupState::Empty {
            return Ok(());
        }
        if generation < 0 && member_id.is_empty() && instance.is_none() {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        self.check(member_id, instance, Some(generation))?;
        self.touch(now, member_id);
        match self.state {
            GroupState::CompletingRebalance => Err(ErrorCode::REBALANCE_IN_PROGRESS),
            _ => Ok(()),
        }
    }

    /// Members leave: each by its id, or by an administrator with the instance id alone. One code each; the group
    /// goes on once, after the last of them.
    pub fn leave(
        &mut self,
        now: Now,
        leavers: &[(String, Option<String>)],
        out: &mut Vec<Action<T>>,
    ) -> Vec<ErrorCode> {
        let mut changed = false;
        let codes = leavers
            .iter()
            .map(|(id, instance)| match self.leaver(id, instance.as_deref()) {
                Ok(id) => {
                    changed = true;
                    if self.awaited.remove(&id).is_none() {
                        self.expel(&id, out);
                    }
                    ErrorCode::NONE
                }
                Err(e) => e,
            })
            .collect();
        if changed {
            self.after_removal(now, out);
        }
        codes
    }

    /// The member id that a leaver means.
    fn leaver(&self, member_id: &str, instance: Option<&str>) -> GroupResult<String> {
        if instance.is_none() && self.awaited.contains_key(member_id) {
            return Ok(member_id.to_string());
        }
        if member_id.is_empty() {
            let known = instance.and_then(|i| self.static_ids.get(i));
            return known.cloned().ok_or(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        self.check(member_id, instance, None)?;
        Ok(member_id.to_string())
    }

    /// Removes a member; what it has parked is answered. `after_removal` must follow.
    pub(super) fn expel(&mut self, id: &str, out: &mut Vec<Action<T>>) {
        let Some(m) = self.take_out(id) else { return };
        let error = ErrorCode::UNKNOWN_MEMBER_ID;
        if let Some(t) = m.join {
            out.push(Action::Join(t, JoinAnswer::error(error, id)));
        }
        if let Some(t) = m.sync {
            out.push(Action::Sync(t, SyncAnswer { error, ..SyncAnswer::default() }));
        }
    }

    /// The group lost members, or ids that it waited for: it rebalances, or ends the rebalance that runs.
    pub(super) fn after_removal(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_rebalance(now, out),
            GroupState::PreparingRebalance => self.complete_join_if_ready(now, out),
            GroupState::Empty => {}
        }
    }

    /// The coordinator gives the group up: whoever waits is told to look for it again.
    pub fn abandon(&mut self, error: ErrorCode, out: &mut Vec<Action<T>>) {
        for (id, m) in &mut self.members {
            if let Some(t) = m.join.take() {
                out.push(Action::Join(t, JoinAnswer::error(error, id)));
            }
            if let Some(t) = m.sync.take() {
                out.push(Action::Sync(t, SyncAnswer { error, ..SyncAnswer::default() }));
            }
        }
        for p in std::mem::take(&mut self.pending).into_values() {
            if let Pending::StaticMember { token, answer } = p {
                out.push(Action::Join(token, JoinAnswer::error(error, &answer.member_id)));
            }
        }
    }

    pub(super) fn note(&mut self, pending: Pending<T>) -> u64 {
        self.next_number += 1;
        self.pending.insert(self.next_number, pending);
        self.next_number
    }

    /// The group as a record; with `next` the assignments that are about to become valid.
    pub(super) fn record(&self, next: bool) -> Persist {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self
            .order
            .iter()
            .filter_map(|id| self.members.get(id).map(|m| (id, m)))
            .map(|(id, m)| PersistedMember {
                member_id: id.clone(),
                instance_id: m.instance_id.clone(),
                client_id: m.client_id.clone(),
                client_host: m.client_host.clone(),
                rebalance_timeout_ms: m.rebalance_timeout_ms,
                session_timeout_ms: m.session_timeout_ms,
                subscription: m.metadata(protocol),
                assignment: if next {
                    self.next_assignment.get(id).cloned().unwrap_or_default()
                } else {
                    m.assignment.clone()
                },
            })
            .collect();
        Persist {
            number: 0,
            generation: self.generation,
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            state_ms: self.state_ms,
            members,
        }
    }

    /// A record was stored, or was refused before anything was written.
    pub fn on_persisted(&mut self, now: Now, number: u64, result: GroupResult<()>, out: &mut Vec<Action<T>>) {
        match (self.pending.remove(&number), result) {
            (Some(Pending::Assignment { generation }), result) => {
                if self.state != GroupState::CompletingRebalance || self.generation != generation {
                    return;
                }
                match result {
                    Ok(()) => self.become_stable(now, out),
                    Err(e) => self.fail_syncs(now, e, out),
                }
            }
            (Some(Pending::StaticMember { token, answer }), Ok(())) => out.push(Action::Join(token, answer)),
            (Some(Pending::StaticMember { token, answer }), Err(e)) => {
                out.push(Action::Join(token, JoinAnswer::error(e, &answer.member_id)));
            }
            (Some(Pending::Nothing) | None, _) => {}
        }
    }

    /// When `tick` must be called next.
    pub fn next_deadline(&self) -> Option<i64> {
        let sessions = self
            .members
            .values()
            .filter(|m| m.join.is_none() && m.sync.is_none())
            .map(|m| m.session_deadline);
        sessions
            .chain(self.awaited.values().copied())
            .chain(self.rebalance_deadline)
            .chain(self.sync_deadline)
            .min()
    }

    /// Expires sessions and ends rebalances that are due.
    pub fn tick(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        let late: Vec<String> =
            self.awaited.iter().filter(|(_, d)| **d <= now.mono_ms).map(|(id, _)| id.clone()).collect();
        for id in &late {
            self.awaited.remove(id);
        }
        // A member with a parked request is alive: its client waits for us.
        let session_now = session_clock(now);
        let mut silent: Vec<String> = self
            .members
            .iter()
            .filter(|(_, m)| m.join.is_none() && m.sync.is_none() && m.session_deadline <= session_now)
            .map(|(id, _)| id.clone())
            .collect();
        if self.sync_deadline.is_some_and(|d| d <= now.mono_ms) {
            self.sync_deadline = None;
            silent.extend(self.members.iter().filter(|(_, m)| !m.synced).map(|(id, _)| id.clone()));
        }
        for id in &silent {
            self.expel(id, out);
        }
        if !silent.is_empty() {
            self.after_removal(now, out);
        }
        if self.rebalance_deadline.is_some_and(|d| d <= now.mono_ms) {
            self.end_of_wait(now, out);
        } else if !late.is_empty() {
            self.complete_join_if_ready(now, out);
        }
    }
}
