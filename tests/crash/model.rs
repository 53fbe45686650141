//! What the clients know, and what a broker that came back must therefore show.
//!
//! Invariants: a fact is noted only after the broker said so (an ack, an answer to a read); what has an unknown
//! outcome is no fact, it may be there or not; whatever was read stays as it was read. Fed by `load` and `verify`,
//! judged after each crash. No IO.

use crate::value::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// How the broker went away before a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// SIGKILL, SIGTERM, an exit of its own: the page cache stays.
    Process,
    /// Everything that was not synced is gone.
    Power,
}

/// How much a client may rely on what it heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// acks=1: in the log, maybe not synced. A power cut may take it.
    Leader,
    /// acks=all, or read below the high watermark.
    Durable,
}

/// A record that a client knows to be at an offset.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub offset: i64,
    pub value: Value,
    pub strength: Strength,
}

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Lost { at: String, offset: i64, value: Value, how: &'static str },
    Changed { at: String, offset: i64, was: Value, now: Value },
    Twice { at: String, value: Value, first: i64, second: i64 },
    Disordered { at: String, offset: i64, value: Value, after: u32 },
    Gap { at: String, offset: i64, value: Value, expected: u32 },
    Foreign { at: String, offset: i64, what: String },
    EndBack { at: String, was: i64, now: i64 },
    TopicLost { topic: String, what: String },
    TopicBack { topic: String },
    GroupBack { group: String, at: String, floor: i64, found: i64 },
    GroupAhead { group: String, at: String, ceiling: i64, found: i64 },
    PidTwice { pid: i64 },
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Lost { at, offset, value, how } => {
                write!(f, "LOST {at} offset {offset}: {value}, {how}")
            }
            Problem::Changed { at, offset, was, now } => {
                write!(f, "CHANGED {at} offset {offset}: {was} was read there, now {now}")
            }
            Problem::Twice { at, value, first, second } => {
                write!(f, "TWICE {at}: {value} at offsets {first} and {second}")
            }
            Problem::Disordered { at, offset, value, after } => {
                write!(f, "ORDER {at} offset {offset}: {value} comes after record {after} of its producer")
            }
            Problem::Gap { at, offset, value, expected } => {
                write!(f, "GAP {at} offset {offset}: {value} where record {expected} was due")
            }
            Problem::Foreign { at, offset, what } => write!(f, "FOREIGN {at} offset {offset}: {what}"),
            Problem::EndBack { at, was, now } => {
                write!(f, "END BACK {at}: the log ended at {was} or later, now at {now}")
            }
            Problem::TopicLost { topic, what } => write!(f, "TOPIC LOST {topic}: {what}"),
            Problem::TopicBack { topic } => write!(f, "TOPIC BACK {topic}: its deletion was answered"),
            Problem::GroupBack { group, at, floor, found } => {
                write!(f, "OFFSET BACK group {group} {at}: committed {floor}, now {found}")
            }
            Problem::GroupAhead { group, at, ceiling, found } => {
                write!(f, "OFFSET AHEAD group {group} {at}: at most {ceiling} was committed, now {found}")
            }
            Problem::PidTwice { pid } => write!(f, "producer id {pid} was given out twice"),
            Problem::Other(what) => f.write_str(what),
        }
    }
}

/// What one partition must hold.
#[derive(Debug, Default)]
pub struct Partition {
    /// The whole log at the last check.
    read: Vec<Value>,
    /// Learned since then.
    facts: Vec<Fact>,
    /// The highest end that the broker told.
    end_seen: i64,
    /// Producers that give up on nothing: their records have no gaps.
    gapless: HashSet<u16>,
}

/// Problems of one partition that are worth printing.
const SHOWN_MAX: usize = 5;

impl Partition {
    pub fn learn(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// The log as the last check found it.
    pub fn content(&self) -> &[Value] {
        &self.read
    }

    pub fn saw_end(&mut self, end: i64) {
        self.end_seen = self.end_seen.max(end);
    }

    pub fn expect_gapless(&mut self, producer: u16) {
        self.gapless.insert(producer);
    }

    /// Judges the partition's whole content, which then is what is known.
    pub fn check(&mut self, at: &str, content: Vec<Value>, caching: bool, crash: Crash) -> Vec<Problem> {
        let may_shrink = caching && crash == Crash::Power;
        let mut out = Vec::new();
        self.check_read(at, &content, may_shrink, &mut out);
        self.check_facts(at, &content, may_shrink, crash, &mut out);
        if may_shrink {
            // Producers of such a topic start anew after a power cut: what they had in flight is given up.
            self.gapless.clear();
            self.end_seen = 0;
        }
        self.check_producers(at, &content, &mut out);
        let now = content.len() as i64;
        if now < self.end_seen && out.is_empty() {
            out.push(Problem::EndBack { at: at.to_string(), was: self.end_seen, now });
        }
        self.end_seen = now;
        self.read = content;
        self.facts.clear();
        out
    }

    fn check_read(&self, at: &str, content: &[Value], may_shrink: bool, out: &mut Vec<Problem>) {
        let changed = self.read.iter().zip(content).enumerate().filter(|(_, (was, now))| was != now);
        for (offset, (was, now)) in changed.take(SHOWN_MAX) {
            out.push(Problem::Changed { at: at.to_string(), offset: offset as i64, was: *was, now: *now });
        }
        let gone = self.read.iter().enumerate().skip(content.len());
        if !may_shrink {
            for (offset, value) in gone.take(SHOWN_MAX) {
                out.push(Problem::Lost {
                    at: at.to_string(),
                    offset: offset as i64,
                    value: *value,
                    how: "read at the last check",
                });
            }
        }
    }

    fn check_facts(
        &self,
        at: &str,
        content: &[Value],
        may_shrink: bool,
        crash: Crash,
        out: &mut Vec<Problem>,
    ) {
        let mut shown = 0;
        for fact in &self.facts {
            let now = usize::try_from(fact.offset).ok().and_then(|o| content.get(o));
            let may_go = may_shrink || (fact.strength == Strength::Leader && crash == Crash::Power);
            let problem = match now {
                Some(v) if *v == fact.value => continue,
                _ if may_go => continue,
                Some(v) if fact.strength == Strength::Durable => {
                    Problem::Changed { at: at.to_string(), offset: fact.offset, was: fact.value, now: *v }
                }
                _ => Problem::Lost {
                    at: at.to_string(),
                    offset: fact.offset,
                    value: fact.value,
                    how: match fact.strength {
                        Strength::Leader => "acknowledged with acks=1",
                        Strength::Durable => "acknowledged with acks=all or read",
                    },
                },
            };
            shown += 1;
            if shown <= SHOWN_MAX {
                out.push(problem);
            }
        }
    }

    fn check_producers(&self, at: &str, content: &[Value], out: &mut Vec<Problem>) {
        let mut seen: HashMap<Value, i64> = HashMap::with_capacity(content.len());
        let mut last: HashMap<u16, u32> = HashMap::new();
        for (offset, value) in content.iter().enumerate() {
            if out.len() >= 2 * SHOWN_MAX {
                return;
            }
            let offset = offset as i64;
            if let Some(first) = seen.insert(*value, offset) {
                out.push(Problem::Twice { at: at.to_string(), value: *value, first, second: offset });
                continue;
            }
            let before = last.insert(value.producer, value.counter);
            match before {
                Some(after) if after > value.counter => {
                    out.push(Problem::Disordered { at: at.to_string(), offset, value: *value, after });
                }
                _ if self.gapless.contains(&value.producer) => {
                    let expected = before.map_or(0, |b| b + 1);
                    if value.counter != expected {
                        out.push(Problem::Gap { at: at.to_string(), offset, value: *value, expected });
                    }
                }
                _ => {}
            }
        }
    }
}

/// What is known of a topic's existence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// Asked for, no answer.
    MaybeCreated,
    Created,
    MaybeDeleted,
    Deleted,
}

#[derive(Debug)]
pub struct Topic {
    pub existence: Existence,
    /// `None` until the broker said it.
    pub id: Option<[u8; 16]>,
    pub caching: bool,
    pub partitions: Vec<Partition>,
}

/// A committed offset: never below `floor`, never above `ceiling`.
#[derive(Clone, Copy, Debug, Default)]
struct Committed {
    floor: i64,
    ceiling: i64,
}

#[derive(Debug, Default)]
pub struct Model {
    pub topics: BTreeMap<String, Topic>,
    groups: BTreeMap<(String, String, i32), Committed>,
    pids: HashSet<i64>,
}

impl Model {
    pub fn topic(&mut self, name: &str, partitions: i32, caching: bool) -> &mut Topic {
        self.topics.entry(name.to_string()).or_insert_with(|| Topic {
            existence: Existence::MaybeCreated,
            id: None,
            caching,
            partitions: (0..partitions).map(|_| Partition::default()).collect(),
        })
    }

    pub fn partition(&mut self, topic: &str, partition: i32) -> Option<&mut Partition> {
        self.topics.get_mut(topic)?.partitions.get_mut(partition as usize)
    }

    pub fn pid_given(&mut self, pid: i64) -> Option<Problem> {
        (!self.pids.insert(pid)).then_some(Problem::PidTwice { pid })
    }

    /// A commit was sent; with `acked` the broker confirmed it.
    pub fn committed(&mut self, group: &str, topic: &str, partition: i32, offset: i64, acked: bool) {
        let key = (group.to_string(), topic.to_string(), partition);
        let c = self.groups.entry(key).or_default();
        c.ceiling = c.ceiling.max(offset);
        if acked {
            c.floor = c.floor.max(offset);
        }
    }

    pub fn groups(&self) -> Vec<String> {
        let names: std::collections::BTreeSet<&String> = self.groups.keys().map(|(g, _, _)| g).collect();
        names.into_iter().cloned().collect()
    }

    /// Judges all committed offsets of one group.
    pub fn check_group(&mut self, group: &str, found: &[(String, i32, i64)]) -> Vec<Problem> {
        let mut out = Vec::new();
        for ((g, topic, partition), c) in &mut self.groups {
            if g != group {
                continue;
            }
            let now = found.iter().find(|(t, p, _)| t == topic && p == partition).map_or(-1, |f| f.2);
            let at = format!("{topic}-{partition}");
            let group = group.to_string();
            if now < c.floor && c.floor > 0 {
                out.push(Problem::GroupBack { group, at, floor: c.floor, found: now });
            } else if now > c.ceiling {
                out.push(Problem::GroupAhead { group, at, ceiling: c.ceiling, found: now });
            }
            c.floor = c.floor.max(now);
        }
        out
    }

    /// Judges the list of topics (name, id, partitions); unknown outcomes become known ones.
    pub fn check_topics(&mut self, found: &[(String, [u8; 16], usize)]) -> Vec<Problem> {
        let mut out = Vec::new();
        for (name, t) in &mut self.topics {
            let now = found.iter().find(|f| f.0 == *name);
            let lost = |what: String| Problem::TopicLost { topic: name.clone(), what };
            match (t.existence, now) {
                (Existence::Created, None) => out.push(lost("its creation was answered".into())),
                (Existence::Deleted, Some(_)) => out.push(Problem::TopicBack { topic: name.clone() }),
                (Existence::MaybeDeleted, None) => t.existence = Existence::Deleted,
                (_, None) => {}
                (_, Some((_, id, partitions))) => {
                    if t.id.is_some_and(|was| was != *id) {
                        out.push(lost("it has another topic id".into()));
                    }
                    if *partitions != t.partitions.len() {
                        out.push(lost(format!("{partitions} partitions of {}", t.partitions.len())));
                    }
                    t.id = Some(*id);
                    t.existence = Existence::Created;
                }
            }
        }
        out
    }
}

#[cfg(test)]
#[path = "model_test.rs"]
mod tests;
