//! Joining a classic group: new members, members that come back, static members, and the end of a rebalance.
//!
//! Rules of Kafka's group coordinator: KIP-345 (static members), KIP-394 (a new member joins with an id),
//! KIP-814 (a replaced static leader skips the assignment).

use super::Now;
use super::classic::{
    Action, Gathering, Group, GroupState, JoinAnswer, JoinRequest, Member, Pending, Persist, SyncAnswer,
    session_clock,
};
use bytes::Bytes;
use protocol::ErrorCode;

impl<T> Group<T> {
    pub fn join(&mut self, now: Now, r: JoinRequest, token: T, out: &mut Vec<Action<T>>) {
        if let Err(e) = self.check_join(&r) {
            return out.push(Action::Join(token, JoinAnswer::error(e, &r.member_id)));
        }
        if r.member_id.is_empty() {
            return self.join_new(now, r, token, out);
        }
        if self.awaited.remove(&r.member_id).is_some() {
            let id = r.member_id.clone();
            return self.add_member(now, id, r, token, out);
        }
        if let Err(e) = self.check(&r.member_id, r.instance_id.as_deref(), None) {
            return out.push(Action::Join(token, JoinAnswer::error(e, &r.member_id)));
        }
        self.join_again(now, r, token, out);
    }

    fn check_join(&self, r: &JoinRequest) -> Result<(), ErrorCode> {
        let c = &self.config;
        if !(c.min_session_timeout_ms..=c.max_session_timeout_ms).contains(&r.session_timeout_ms) {
            return Err(ErrorCode::INVALID_SESSION_TIMEOUT);
        }
        if r.protocol_type.is_empty() || r.protocols.is_empty() {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        let known = self.members.contains_key(&r.member_id) || self.awaited.contains_key(&r.member_id);
        let replaces = r.instance_id.as_ref().is_some_and(|i| self.static_ids.contains_key(i));
        if !known && !replaces && self.members.len() + self.awaited.len() >= c.max_size {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        if self.members.is_empty() {
            return Ok(());
        }
        let shared =
            |name: &String| self.members.values().all(|m| m.protocols.iter().any(|(n, _)| n == name));
        let same_type = self.protocol_type.as_deref() == Some(r.protocol_type.as_str());
        if !same_type || !r.protocols.iter().any(|(n, _)| shared(n)) {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        Ok(())
    }

    fn join_new(&mut self, now: Now, r: JoinRequest, token: T, out: &mut Vec<Action<T>>) {
        let id = r.fresh_id.clone();
        if let Some(instance) = &r.instance_id {
            return match self.static_ids.get(instance).cloned() {
                Some(old) => self.replace_static(now, &old, id, r, token, out),
                None => self.add_member(now, id, r, token, out),
            };
        }
        if r.require_known_member {
            self.awaited.insert(id.clone(), now.mono_ms + i64::from(r.session_timeout_ms));
            return out.push(Action::Join(token, JoinAnswer::error(ErrorCode::MEMBER_ID_REQUIRED, &id)));
        }
        self.add_member(now, id, r, token, out);
    }

    fn add_member(&mut self, now: Now, id: String, r: JoinRequest, token: T, out: &mut Vec<Action<T>>) {
        if self.members.is_empty() {
            self.protocol_type = Some(r.protocol_type.clone());
        }
        if let Some(g) = &mut self.gathering {
            g.joined = true;
        }
        let member = Member {
            session_deadline: session_clock(now) + i64::from(r.session_timeout_ms),
            instance_id: r.instance_id,
            client_id: r.client_id,
            client_host: r.client_host,
            session_timeout_ms: r.session_timeout_ms,
            rebalance_timeout_ms: r.rebalance_timeout_ms,
            protocols: r.protocols,
            assignment: Bytes::new(),
            join: Some(token),
            sync: None,
            synced: false,
        };
        self.insert(id, member);
        self.prepare_rebalance(now, out);
    }

    /// A static member restarted: its new id takes the place of the old one.
    fn replace_static(
        &mut self,
        now: Now,
        old: &str,
        id: String,
        r: JoinRequest,
        token: T,
        out: &mut Vec<Action<T>>,
    ) {
        let old_leader = self.leader.clone();
        let was_leader = old_leader.as_deref() == Some(old);
        let position = self.order.iter().position(|o| o == old);
        let Some(mut m) = self.take_out(old) else { return };
        let fenced = ErrorCode::FENCED_INSTANCE_ID;
        if let Some(t) = m.join.take() {
            out.push(Action::Join(t, JoinAnswer::error(fenced, old)));
        }
        if let Some(t) = m.sync.take() {
            out.push(Action::Sync(t, SyncAnswer { error: fenced, ..SyncAnswer::default() }));
        }
        m.session_timeout_ms = r.session_timeout_ms;
        m.rebalance_timeout_ms = r.rebalance_timeout_ms;
        m.protocols = r.protocols;
        m.client_id = r.client_id;
        m.client_host = r.client_host;
        self.insert(id.clone(), m);
        if let (Some(at), Some(last)) = (position, self.order.pop()) {
            self.order.insert(at.min(self.order.len()), last);
        }
        if was_leader {
            self.leader = Some(id.clone());
        }
        self.touch(now, &id);
        let keeps = self.state == GroupState::Stable && self.select_protocol() == self.protocol;
        if keeps {
            let mut answer = self.join_answer(&id);
            if was_leader {
                // Old clients are told the old leader's id, so that they do not assign anew.
                answer.skip_assignment = r.can_skip_assignment;
                if !r.can_skip_assignment {
                    answer.leader = old_leader.unwrap_or_default();
                    answer.members.clear();
                }
            }
            let record = self.record(false);
            let number = self.note(Pending::StaticMember { token, answer });
            return out.push(Action::Persist(Persist { number, ..record }));
        }
        if let Some(m) = self.members.get_mut(&id) {
            m.join = Some(token);
        }
        self.prepare_rebalance(now, out);
    }

    fn join_again(&mut self, now: Now, r: JoinRequest, token: T, out: &mut Vec<Action<T>>) {
        let id = r.member_id.clone();
        self.touch(now, &id);
        let is_leader = self.leader.as_deref() == Some(id.as_str());
        let same = self.members.get(&id).is_some_and(|m| m.protocols == r.protocols);
        match self.state {
            GroupState::CompletingRebalance if same => {
                let answer = self.join_answer(&id);
                return out.push(Action::Join(token, answer));
            }
            GroupState::Stable if same && !is_leader => {
                let answer = self.join_answer(&id);
                return out.push(Action::Join(token, answer));
            }
            GroupState::Empty => {
                let e = ErrorCode::UNKNOWN_MEMBER_ID;
                return out.push(Action::Join(token, JoinAnswer::error(e, &id)));
            }
            _ => {}
        }
        if let Some(m) = self.members.get_mut(&id) {
            m.protocols = r.protocols;
            m.session_timeout_ms = r.session_timeout_ms;
            m.rebalance_timeout_ms = r.rebalance_timeout_ms;
            if let Some(older) = m.join.replace(token) {
                out.push(Action::Join(older, JoinAnswer::error(ErrorCode::REBALANCE_IN_PROGRESS, &id)));
            }
        }
        self.prepare_rebalance(now, out);
    }

    /// What a member of the running generation is told.
    fn join_answer(&self, id: &str) -> JoinAnswer {
        let leader = self.leader.clone().unwrap_or_default();
        let protocol = self.protocol.clone().unwrap_or_default();
        let members = if leader == id {
            self.record(false)
                .members
                .into_iter()
                .map(|m| (m.member_id, m.instance_id, m.subscription))
                .collect()
        } else {
            Vec::new()
        };
        JoinAnswer {
            error: ErrorCode::NONE,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: Some(protocol),
            leader,
            member_id: id.to_string(),
            skip_assignment: false,
            members,
        }
    }

    pub(super) fn prepare_rebalance(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        if self.state == GroupState::PreparingRebalance {
            return self.complete_join_if_ready(now, out);
        }
        let initial = self.state == GroupState::Empty;
        self.next_assignment.clear();
        for m in self.members.values_mut() {
            if let Some(t) = m.sync.take() {
                let error = ErrorCode::REBALANCE_IN_PROGRESS;
                out.push(Action::Sync(t, SyncAnswer { error, ..SyncAnswer::default() }));
            }
        }
        self.state = GroupState::PreparingRebalance;
        self.sync_deadline = None;
        let longest = self.longest_rebalance_ms();
        let delay = i64::from(self.config.initial_rebalance_delay_ms);
        if initial && delay > 0 {
            self.gathering = Some(Gathering { joined: false, remaining_ms: (longest - delay).max(0) });
            self.rebalance_deadline = Some(now.mono_ms + delay);
        } else if initial {
            self.complete_join(now, out);
        } else {
            self.rebalance_deadline = Some(now.mono_ms + longest);
            self.complete_join_if_ready(now, out);
        }
    }

    /// The rebalance deadline passed. While a new group gathers, a window in which somebody joined is followed by
    /// another one.
    pub(super) fn end_of_wait(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        let delay = i64::from(self.config.initial_rebalance_delay_ms);
        match &mut self.gathering {
            Some(g) if g.joined && g.remaining_ms > 0 => {
                self.rebalance_deadline = Some(now.mono_ms + delay.min(g.remaining_ms));
                *g = Gathering { joined: false, remaining_ms: (g.remaining_ms - delay).max(0) };
            }
            _ => self.complete_join(now, out),
        }
    }

    fn longest_rebalance_ms(&self) -> i64 {
        self.members.values().map(|m| i64::from(m.rebalance_timeout_ms)).max().unwrap_or(0)
    }

    /// Ends the rebalance early when everybody is there; the initial delay is always waited for.
    pub(super) fn complete_join_if_ready(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        let all = self.members.values().all(|m| m.join.is_some());
        let early = self.gathering.is_none() || self.members.is_empty();
        if self.state == GroupState::PreparingRebalance && early && all && self.awaited.is_empty() {
            self.complete_join(now, out);
        }
    }

    pub(super) fn complete_join(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        if self.state != GroupState::PreparingRebalance {
            return;
        }
        // Members that did not come back are out; static ones keep their place.
        let gone: Vec<String> = self
            .members
            .iter()
            .filter(|(_, m)| m.join.is_none() && m.instance_id.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        for id in &gone {
            self.take_out(id);
        }
        let joined = |g: &Self, id: &String| g.members.get(id).is_some_and(|m| m.join.is_some());
        if !self.leader.as_ref().is_some_and(|l| joined(self, l)) {
            match self.order.iter().find(|id| joined(self, id)).cloned() {
                Some(l) => self.leader = Some(l),
                // Only static members that are away: wait for one of them, up to their sessions' ends.
                None if !self.members.is_empty() => {
                    self.gathering = None;
                    self.rebalance_deadline = Some(now.mono_ms + self.longest_rebalance_ms().max(1));
                    return;
                }
                None => self.leader = None,
            }
        }
        self.rebalance_deadline = None;
        self.gathering = None;
        self.generation = self.generation.wrapping_add(1).max(0);
        self.state_ms = now.wall_ms;
        if self.members.is_empty() {
            self.state = GroupState::Empty;
            self.protocol = None;
            let record = self.record(false);
            let number = self.note(Pending::Nothing);
            return out.push(Action::Persist(Persist { number, ..record }));
        }
        self.state = GroupState::CompletingRebalance;
        self.protocol = self.select_protocol();
        self.sync_deadline = Some(now.mono_ms + self.longest_rebalance_ms());
        for id in self.order.clone() {
            let answer = self.join_answer(&id);
            self.touch(now, &id);
            if let Some(m) = self.members.get_mut(&id) {
                m.synced = false;
                if let Some(t) = m.join.take() {
                    out.push(Action::Join(t, answer));
                }
            }
        }
    }

    /// Of the protocols that all members know, the one that most members prefer.
    fn select_protocol(&self) -> Option<String> {
        let known = |name: &str| self.members.values().all(|m| m.protocols.iter().any(|(n, _)| n == name));
        let mut votes: Vec<(String, usize)> = Vec::new();
        for m in self.order.iter().filter_map(|id| self.members.get(id)) {
            let Some((name, _)) = m.protocols.iter().find(|(n, _)| known(n)) else { continue };
            match votes.iter_mut().find(|(n, _)| n == name) {
                Some((_, v)) => *v += 1,
                None => votes.push((name.clone(), 1)),
            }
        }
        let most = votes.iter().map(|(_, v)| *v).max()?;
        votes.into_iter().find(|(_, v)| *v == most).map(|(n, _)| n)
    }
}
