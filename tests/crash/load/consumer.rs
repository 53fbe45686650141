//! Consumers: a group's member that reads and commits, and one that only commits.
//!
//! Invariants: the member commits what it has read, so its offsets only grow; what it reads is below the high
//! watermark and therefore must stay. A commit is noted before it is sent (it may happen) and after its answer.

use super::{Note, Phase, Turn, Worker};
use crate::client::{
    CallError, Client, Membership, PerPartition, by_topic, each_record, fetch_request, refusal,
};
use crate::model::{Fact, Problem, Strength};
use crate::rng::Rng;
use crate::value;
use protocol::ErrorCode;
use protocol::Str;
use std::collections::BTreeMap;
use std::sync::Arc;

const FETCH_BYTES: i32 = 4 << 20;

/// Reads every partition of some durable topics as the only member of its group.
pub struct Member {
    group: String,
    topics: Vec<(Arc<str>, i32)>,
    rng: Rng,
    me: Membership,
    joined: bool,
    /// Next offset to read; empty until the committed ones are known.
    position: BTreeMap<(Arc<str>, i32), i64>,
    /// Confirmed by the broker.
    committed: BTreeMap<(Arc<str>, i32), i64>,
    notes: Vec<Note>,
}

impl Member {
    pub fn new(group: &str, topics: &[(&str, i32)], rng: Rng) -> Member {
        Member {
            group: group.to_string(),
            topics: topics.iter().map(|(t, n)| (Arc::from(*t), *n)).collect(),
            rng,
            me: Membership::default(),
            joined: false,
            position: BTreeMap::new(),
            committed: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// After a restart positions come from the broker.
    pub fn on_restart(&mut self) {
        self.position.clear();
        self.joined = false;
    }

    fn join(&mut self, client: &mut Client) -> Result<(), CallError> {
        client.find_coordinator(&self.group)?;
        match client.join_alone(&self.group, &self.me) {
            Ok(me) => self.me = me,
            Err(e) if e.code() == Some(ErrorCode::UNKNOWN_MEMBER_ID) => {
                self.me = Membership::default();
                self.me = client.join_alone(&self.group, &self.me)?;
            }
            Err(e) => return Err(e),
        }
        self.joined = true;
        let found = client.committed(&self.group)?;
        for (topic, partitions) in &self.topics {
            for p in 0..*partitions {
                let key = (topic.clone(), p);
                let now = found
                    .iter()
                    .filter(|(t, _)| **t == **topic)
                    .flat_map(|(_, ps)| ps)
                    .find(|(i, _)| *i == p)
                    .map_or(0, |(_, o)| (*o).max(0));
                let floor = self.committed.get(&key).copied().unwrap_or(0);
                if now < floor {
                    self.notes.push(Note::Problem(Problem::GroupBack {
                        group: self.group.clone(),
                        at: format!("{topic}-{p}"),
                        floor,
                        found: now,
                    }));
                }
                self.position.insert(key, now);
            }
        }
        Ok(())
    }

    fn read(&mut self, client: &mut Client) -> Result<(), CallError> {
        let from = self.position.iter().map(|((t, p), o)| (t.to_string(), *p, *o));
        let answer = client.call(&fetch_request(50, FETCH_BYTES, by_topic(from)))?;
        refusal(answer.error_code, None)?;
        for t in &answer.responses {
            let Some(topic) = self.topics.iter().map(|(n, _)| n).find(|n| t.topic == ***n).cloned() else {
                return Err(CallError::Broken(format!("{} was not asked for", t.topic)));
            };
            for p in &t.partitions {
                let key = (topic.clone(), p.partition_index);
                refusal(p.error_code, Some(&Str::from(format!("fetch {topic}-{}", p.partition_index))))?;
                let start = self.position.get(&key).copied().unwrap_or(0);
                let bytes = p.records.as_ref().map(|r| r.bytes()).unwrap_or_default();
                let mut facts = Vec::new();
                let mut foreign = None;
                each_record(&bytes, |_, offset, r| {
                    if offset < start {
                        return;
                    }
                    match r.value.and_then(|v| value::decode(v, p.partition_index)) {
                        Some(value) => facts.push(Fact { offset, value, strength: Strength::Durable }),
                        None => foreign = Some(offset),
                    }
                })?;
                if let Some(offset) = foreign {
                    let at = format!("{topic}-{}", p.partition_index);
                    let what = "no producer wrote this value".to_string();
                    self.notes.push(Note::Problem(Problem::Foreign { at, offset, what }));
                }
                if let Some(last) = facts.last() {
                    self.position.insert(key, last.offset + 1);
                }
                let (topic, partition) = (topic.clone(), p.partition_index);
                if !facts.is_empty() {
                    self.notes.push(Note::Facts { topic: topic.clone(), partition, facts });
                }
                self.notes.push(Note::End { topic, partition, end: p.high_watermark });
            }
        }
        Ok(())
    }

    fn commit(&mut self, client: &mut Client) -> Result<(), CallError> {
        let flat: Vec<_> = self.position.iter().map(|((t, p), o)| (t.to_string(), *p, *o)).collect();
        note_commits(&mut self.notes, &self.group, &flat, false);
        let offsets: PerPartition<i64> = by_topic(flat.clone());
        client.commit(&self.group, Some(&self.me), &offsets)?;
        note_commits(&mut self.notes, &self.group, &flat, true);
        self.committed = self.position.clone();
        Ok(())
    }
}

/// The group went on without this member.
fn must_rejoin(e: &CallError) -> bool {
    const CODES: [ErrorCode; 3] =
        [ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::ILLEGAL_GENERATION, ErrorCode::REBALANCE_IN_PROGRESS];
    e.code().is_some_and(|c| CODES.contains(&c))
}

fn note_commits(notes: &mut Vec<Note>, group: &str, offsets: &[(String, i32, i64)], acked: bool) {
    for (topic, partition, offset) in offsets {
        notes.push(Note::Commit {
            group: group.to_string(),
            topic: topic.clone(),
            partition: *partition,
            offset: *offset,
            acked,
        });
    }
}

impl Worker for Member {
    fn name(&self) -> String {
        format!("member of {}", self.group)
    }

    fn notes(&mut self) -> &mut Vec<Note> {
        &mut self.notes
    }

    fn turn(&mut self, client: &mut Client, phase: &Phase) -> Result<Turn, CallError> {
        if !self.joined {
            match self.join(client) {
                Err(e) if must_rejoin(&e) => return Ok(Turn::Reconnect),
                other => other?,
            }
        }
        loop {
            if phase.stopped() || phase.draining() {
                return Ok(Turn::Done);
            }
            self.read(client)?;
            let done = match self.rng.between(0, 9) {
                0..=2 => self.commit(client),
                3 => client.heartbeat(&self.group, &self.me),
                _ => Ok(()),
            };
            match done {
                Err(e) if must_rejoin(&e) => {
                    self.joined = false;
                    return Ok(Turn::Reconnect);
                }
                other => other?,
            }
        }
    }
}

/// Commits ever higher offsets for several groups without being a member of any.
pub struct Committer {
    groups: Vec<String>,
    topic: String,
    next: i64,
    notes: Vec<Note>,
}

impl Committer {
    pub fn new(groups: &[&str], topic: &str) -> Committer {
        let groups = groups.iter().map(ToString::to_string).collect();
        Committer { groups, topic: topic.to_string(), next: 1, notes: Vec::new() }
    }
}

impl Worker for Committer {
    fn name(&self) -> String {
        "committer".into()
    }

    fn notes(&mut self) -> &mut Vec<Note> {
        &mut self.notes
    }

    fn turn(&mut self, client: &mut Client, phase: &Phase) -> Result<Turn, CallError> {
        loop {
            for group in &self.groups {
                if phase.stopped() || phase.draining() {
                    return Ok(Turn::Done);
                }
                let offset = self.next;
                self.next += 1;
                let flat = [(self.topic.clone(), 0, offset)];
                note_commits(&mut self.notes, group, &flat, false);
                client.commit(group, None, &by_topic(flat.clone()))?;
                note_commits(&mut self.notes, group, &flat, true);
            }
        }
    }
}
