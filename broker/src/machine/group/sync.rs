//! Handing out a generation's assignments: the leader's are stored first, then every member gets its own.
//!
//! Invariant: nobody hears of an assignment whose record is not stored. Members that do not ask for theirs within
//! the rebalance timeout are out, also after the group became stable.

use super::Now;
use super::classic::{Action, Group, GroupState, Pending, Persist, SyncAnswer};
use bytes::Bytes;
use protocol::ErrorCode;

impl<T> Group<T> {
    pub fn sync(
        &mut self,
        now: Now,
        who: (&str, Option<&str>, i32),
        protocol: (Option<&str>, Option<&str>),
        assignments: Vec<(String, Bytes)>,
        token: T,
        out: &mut Vec<Action<T>>,
    ) {
        let (member_id, instance, generation) = who;
        let fail = |error| SyncAnswer { error, ..SyncAnswer::default() };
        if let Err(e) = self.check(member_id, instance, Some(generation)) {
            return out.push(Action::Sync(token, fail(e)));
        }
        let differs =
            |given: Option<&str>, ours: &Option<String>| given.is_some() && given != ours.as_deref();
        if differs(protocol.0, &self.protocol_type) || differs(protocol.1, &self.protocol) {
            return out.push(Action::Sync(token, fail(ErrorCode::INCONSISTENT_GROUP_PROTOCOL)));
        }
        self.touch(now, member_id);
        match self.state {
            GroupState::Empty => {
                out.push(Action::Sync(token, fail(ErrorCode::UNKNOWN_MEMBER_ID)));
            }
            GroupState::PreparingRebalance => {
                out.push(Action::Sync(token, fail(ErrorCode::REBALANCE_IN_PROGRESS)));
            }
            GroupState::Stable => {
                if let Some(m) = self.members.get_mut(member_id) {
                    m.synced = true;
                }
                let answer = self.assignment_of(member_id);
                out.push(Action::Sync(token, answer));
            }
            GroupState::CompletingRebalance => self.sync_completing(member_id, assignments, token, out),
        }
    }

    fn sync_completing(
        &mut self,
        member_id: &str,
        assignments: Vec<(String, Bytes)>,
        token: T,
        out: &mut Vec<Action<T>>,
    ) {
        let Some(m) = self.members.get_mut(member_id) else { return };
        m.synced = true;
        if let Some(older) = m.sync.replace(token) {
            // The client gave up on its first request.
            let error = ErrorCode::REBALANCE_IN_PROGRESS;
            out.push(Action::Sync(older, SyncAnswer { error, ..SyncAnswer::default() }));
        }
        let storing = self
            .pending
            .values()
            .any(|p| matches!(p, Pending::Assignment { generation } if *generation == self.generation));
        if self.leader.as_deref() == Some(member_id) && !storing {
            self.next_assignment = assignments.into_iter().collect();
            let generation = self.generation;
            let record = self.record(true);
            out.push(Action::Persist(Persist {
                number: self.note(Pending::Assignment { generation }),
                ..record
            }));
        }
    }

    fn assignment_of(&self, member_id: &str) -> SyncAnswer {
        SyncAnswer {
            error: ErrorCode::NONE,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            assignment: self.members.get(member_id).map(|m| m.assignment.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn become_stable(&mut self, now: Now, out: &mut Vec<Action<T>>) {
        let mut assigned = std::mem::take(&mut self.next_assignment);
        self.state = GroupState::Stable;
        self.state_ms = now.wall_ms;
        for (id, m) in &mut self.members {
            m.assignment = assigned.remove(id).unwrap_or_default();
        }
        for id in self.order.clone() {
            let answer = self.assignment_of(&id);
            if let Some(t) = self.members.get_mut(&id).and_then(|m| m.sync.take()) {
                out.push(Action::Sync(t, answer));
                self.touch(now, &id);
            }
        }
    }

    pub(super) fn fail_syncs(&mut self, now: Now, error: ErrorCode, out: &mut Vec<Action<T>>) {
        self.next_assignment.clear();
        for m in self.members.values_mut() {
            m.assignment = Bytes::new();
            if let Some(t) = m.sync.take() {
                out.push(Action::Sync(t, SyncAnswer { error, ..SyncAnswer::default() }));
            }
        }
        self.prepare_rebalance(now, out);
    }
}
