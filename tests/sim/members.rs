//! Members of a consumer group: they join, share partitions out, commit, leave, fall silent and come back.

use crate::clients::Client;
use crate::groups::GROUPS;
use crate::options::{DATA, MILLI, SECOND};
use crate::world::{Answer, Event, Request, World};
use bytes::Bytes;
use lipno::machine::coordinator::{self as c, CommitItem, CommitRequest, Reply, SyncRequest};
use lipno::machine::group::{JoinAnswer, JoinRequest};
use protocol::ErrorCode;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not a member, and not trying.
    Away,
    Joining,
    Syncing,
    Fetching,
    Active,
}

const CALL: u64 = 1;
const HEARTBEAT: u64 = 2;
const COMMIT: u64 = 3;
const LIFE: u64 = 4;
/// Larger timers are numbers of requests.
const TIMEOUT_US: u64 = SECOND;

pub struct Member {
    id: usize,
    group: &'static str,
    /// Static members have one.
    instance: Option<String>,
    lives: u64,
    state: State,
    member_id: String,
    generation: i32,
    /// What the leader hands out.
    shares: Vec<(String, Bytes)>,
    partitions: Vec<i32>,
    positions: BTreeMap<i32, i64>,
    number: Option<u64>,
    heartbeat: Option<u64>,
    commit: Option<u64>,
    /// Timers of an earlier life do not count.
    epoch: u64,
}

impl Member {
    pub fn new(id: usize, group: usize, is_static: bool) -> Member {
        Member {
            id,
            group: GROUPS[group],
            instance: is_static.then(|| format!("i{id}")),
            lives: 0,
            state: State::Away,
            member_id: String::new(),
            generation: -1,
            shares: Vec::new(),
            partitions: Vec::new(),
            positions: BTreeMap::new(),
            number: None,
            heartbeat: None,
            commit: None,
            epoch: 0,
        }
    }

    fn timer(&self, w: &World, us: u64, what: u64) {
        w.after(us, Event::Timer { client: self.id, what: self.epoch << 32 | what });
    }

    fn send(&self, w: &World, request: c::Request, timeout_us: u64) -> Option<u64> {
        let number = w.send(self.id, Request::Group(request));
        w.after(timeout_us, Event::Timer { client: self.id, what: u64::MAX - number });
        Some(number)
    }

    fn join_request(&self, w: &World) -> JoinRequest {
        JoinRequest {
            member_id: self.member_id.clone(),
            instance_id: self.instance.clone(),
            client_id: format!("c{}", self.id),
            client_host: "/127.0.0.1".into(),
            session_timeout_ms: w.options.session_ms,
            rebalance_timeout_ms: w.options.rebalance_ms,
            protocol_type: "consumer".into(),
            protocols: vec![("range".into(), Bytes::from(format!("s{}", self.lives)))],
            require_known_member: self.id.is_multiple_of(2),
            can_skip_assignment: self.id.is_multiple_of(3),
            fresh_id: format!("m{}-{}", self.id, w.fresh()),
        }
    }

    /// Sends what the state calls for.
    fn call(&mut self, w: &World) {
        let group = self.group.to_string();
        let (request, timeout) = match self.state {
            State::Away | State::Active => return,
            State::Joining => {
                let most = (w.options.rebalance_ms as u64) * MILLI + 3 * SECOND;
                (c::Request::Join { group, request: Box::new(self.join_request(w)) }, most)
            }
            State::Syncing => {
                let request = SyncRequest {
                    generation: self.generation,
                    member_id: self.member_id.clone(),
                    instance_id: self.instance.clone(),
                    protocol_type: Some("consumer".into()),
                    protocol: Some("range".into()),
                    assignments: self.shares.clone(),
                };
                (c::Request::Sync { group, request }, w.options.rebalance_ms as u64 * MILLI + SECOND)
            }
            State::Fetching => (c::Request::Offsets { group }, TIMEOUT_US),
        };
        self.number = self.send(w, request, timeout);
    }

    /// Tries the state's call again on a new connection.
    fn call_again(&mut self, w: &World) {
        self.number = None;
        w.reconnect(self.id);
        let us = w.within(10 * MILLI, 300 * MILLI);
        self.timer(w, us, CALL);
    }

    fn join(&mut self, w: &World) {
        self.state = State::Joining;
        self.heartbeat = None;
        self.commit = None;
        self.shares.clear();
        self.partitions.clear();
        self.number = None;
        let us = w.within(1, 20 * MILLI);
        self.timer(w, us, CALL);
    }

    /// An error of any group call.
    fn on_error(&mut self, w: &World, e: ErrorCode) {
        match e {
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_INSTANCE_ID => {
                self.member_id.clear();
                self.join(w);
            }
            ErrorCode::ILLEGAL_GENERATION | ErrorCode::REBALANCE_IN_PROGRESS => self.join(w),
            _ if self.state == State::Active => {}
            _ => self.call_again(w),
        }
    }

    fn joined(&mut self, w: &World, a: JoinAnswer) {
        match a.error {
            ErrorCode::NONE => {}
            ErrorCode::MEMBER_ID_REQUIRED => {
                self.member_id = a.member_id;
                return self.call(w);
            }
            e => return self.on_error(w, e),
        }
        self.member_id = a.member_id.clone();
        self.generation = a.generation;
        self.shares.clear();
        if a.leader == self.member_id && !a.skip_assignment {
            let mut ids: Vec<String> = a.members.into_iter().map(|(id, _, _)| id).collect();
            ids.sort();
            for (i, id) in ids.iter().enumerate() {
                let mine = (0..DATA as u8).filter(|p| usize::from(*p) % ids.len() == i);
                self.shares.push((id.clone(), Bytes::from(mine.collect::<Vec<u8>>())));
            }
        }
        self.state = State::Syncing;
        self.call(w);
    }

    fn on_call_reply(&mut self, w: &World, reply: Reply) {
        match (self.state, reply) {
            (State::Joining, Reply::Join(a)) => self.joined(w, a),
            (State::Syncing, Reply::Sync(a)) if a.error.is_ok() => {
                self.partitions = a.assignment.iter().map(|p| i32::from(*p)).collect();
                self.state = State::Fetching;
                self.call(w);
            }
            (State::Syncing, Reply::Sync(a)) => self.on_error(w, a.error),
            (State::Fetching, Reply::Offsets(list)) => {
                let here = |p: &i32| list.iter().find(|(_, q, _)| q == p).map_or(0, |(_, _, o)| o.offset);
                self.positions = self.partitions.iter().map(|p| (*p, here(p))).collect();
                self.state = State::Active;
                self.epoch += 1;
                self.timer(w, 100 * MILLI, HEARTBEAT);
                self.timer(w, 300 * MILLI, COMMIT);
                let life = w.within(SECOND, 25 * SECOND);
                self.timer(w, life, LIFE);
            }
            (_, Reply::Unavailable) => self.call_again(w),
            (_, reply) => w.fail(format!("member {} in {:?} got {reply:?}", self.id, self.state)),
        }
    }

    fn send_heartbeat(&mut self, w: &World) {
        let request = c::Request::Heartbeat {
            group: self.group.into(),
            member: self.member_id.clone(),
            instance: self.instance.clone(),
            generation: self.generation,
        };
        self.heartbeat = self.send(w, request, TIMEOUT_US);
        let us = w.within(300 * MILLI, 2 * SECOND);
        self.timer(w, us, HEARTBEAT);
    }

    fn send_commit(&mut self, w: &World) {
        let us = w.within(50 * MILLI, SECOND);
        self.timer(w, us, COMMIT);
        if self.positions.is_empty() || self.commit.is_some() {
            return;
        }
        let mut items = Vec::new();
        for (partition, position) in &mut self.positions {
            *position += w.within(0, 5) as i64;
            items.push(CommitItem {
                topic: "t".into(),
                partition: *partition,
                offset: *position,
                leader_epoch: 0,
                metadata: format!("{}", w.fresh()),
            });
        }
        let request = CommitRequest {
            generation: self.generation,
            member_id: self.member_id.clone(),
            instance_id: self.instance.clone(),
            retention_ms: -1,
            items,
        };
        self.commit = self.send(w, c::Request::Commit { group: self.group.into(), request }, TIMEOUT_US);
    }

    /// A turn of fate: leave, fall silent, restart, or go on.
    fn live(&mut self, w: &World) {
        if w.is_healing.get() {
            return;
        }
        self.epoch += 1;
        let mut away = w.within(10 * MILLI, 12 * SECOND);
        match w.within(0, 3) {
            0 if self.instance.is_none() => {
                let members = vec![(self.member_id.clone(), None)];
                self.send(w, c::Request::Leave { group: self.group.into(), members }, TIMEOUT_US);
                self.member_id.clear();
            }
            // Hangs, and goes on as if nothing had been.
            1 => {}
            // Starts anew; a static member comes back under its instance id.
            _ => {
                self.member_id.clear();
                away = w.within(10 * MILLI, 3 * SECOND);
            }
        }
        self.lives += u64::from(w.chance(200));
        self.state = State::Away;
        self.number = None;
        self.heartbeat = None;
        self.commit = None;
        self.timer(w, away, LIFE);
    }
}

impl Client for Member {
    fn start(&mut self, w: &World) {
        let us = w.within(0, 3 * SECOND);
        self.timer(w, us, LIFE);
    }

    fn on_timer(&mut self, w: &World, what: u64) {
        if what > u64::MAX / 2 {
            let number = Some(u64::MAX - what);
            if self.number == number {
                self.call_again(w);
            } else if self.heartbeat == number || self.commit == number {
                self.heartbeat = None;
                self.commit = None;
                w.reconnect(self.id);
            }
            return;
        }
        if what >> 32 != self.epoch {
            return;
        }
        match what & 0xffff_ffff {
            CALL if self.number.is_none() => self.call(w),
            HEARTBEAT if self.state == State::Active => self.send_heartbeat(w),
            COMMIT if self.state == State::Active => self.send_commit(w),
            LIFE if self.state == State::Active => self.live(w),
            LIFE if self.state == State::Away => {
                w.reconnect(self.id);
                self.join(w);
            }
            _ => {}
        }
    }

    fn on_answer(&mut self, w: &World, number: u64, answer: Answer) {
        let number = Some(number);
        let reply = match answer {
            Answer::Group(r) => r,
            _ => {
                // The broker went away.
                self.heartbeat = None;
                self.commit = None;
                w.reconnect(self.id);
                if self.number == number {
                    self.call_again(w);
                }
                return;
            }
        };
        if self.number == number {
            self.number = None;
            return self.on_call_reply(w, reply);
        }
        if self.heartbeat == number || self.commit == number {
            if self.heartbeat == number {
                self.heartbeat = None;
            } else {
                self.commit = None;
            }
            match crate::node::code_of(&reply) {
                ErrorCode::NONE => {}
                e if self.state == State::Active => self.on_error(w, e),
                _ => {}
            }
        }
    }

    fn unsettled(&self, w: &World) -> Option<String> {
        let settled = self.state == State::Active && {
            let node = w.node.borrow().clone();
            node.is_some_and(|n| {
                let c = n.coordinator.borrow();
                c.group(self.group)
                    .is_some_and(|g| g.generation() == self.generation && g.state().name() == "Stable")
            })
        };
        (!settled).then(|| format!("member {} of {} is {:?}", self.id, self.group, self.state))
    }
}
