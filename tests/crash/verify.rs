//! Reads everything that a restarted broker shows and hands it to the model.
//!
//! Invariants: nobody writes meanwhile; every partition is read from its start to the end that ListOffsets told, so
//! a log that shows less than it says is noticed. Called by `World::check`.

use crate::client::{Client, PerPartition, by_topic, each_record, fetch_request};
use crate::model::{Crash, Existence, Model, Problem};
use crate::value::{self, Value};
use crate::wait;
use crate::world::{connect, not_yet};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

const FETCH_BYTES: i32 = 16 << 20;
/// Partitions asked for in one fetch.
const FETCH_PARTITIONS: usize = 64;
/// A read that brings nothing new for so long has come to a stop.
const STALL_BOUND: Duration = Duration::from_secs(10);

/// What a check looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checked {
    pub records: u64,
    pub partitions: usize,
    pub groups: usize,
    /// In the lake.
    pub rows: u64,
}

type Key = (String, i32);

pub fn verify(
    model: &mut Model,
    address: SocketAddr,
    crash: Crash,
) -> Result<(Checked, Vec<Problem>), String> {
    let mut client = connect(address)?;
    let mut problems = check_topics(model, &mut client)?;
    let mut checked = Checked::default();
    let ends = ends(model, &mut client, &mut problems)?;
    let mut contents = read_all(&mut client, &ends, &mut problems)?;
    for (name, t) in &mut model.topics {
        for (i, p) in t.partitions.iter_mut().enumerate() {
            let Some(content) = contents.remove(&(name.clone(), i as i32)) else { continue };
            checked.records += content.len() as u64;
            checked.partitions += 1;
            problems.extend(p.check(&format!("{name}-{i}"), content, t.caching, crash));
        }
    }
    for group in model.groups() {
        let found = committed(&mut client, &group)?;
        let flat: Vec<(String, i32, i64)> = found
            .into_iter()
            .flat_map(|(t, ps)| ps.into_iter().map(move |(p, o)| (t.clone(), p, o)))
            .collect();
        problems.extend(model.check_group(&group, &flat));
        checked.groups += 1;
    }
    Ok((checked, problems))
}

fn check_topics(model: &mut Model, client: &mut Client) -> Result<Vec<Problem>, String> {
    let answer = client.metadata(None).map_err(|e| format!("Metadata: {e}"))?;
    let found: Vec<(String, [u8; 16], usize)> = answer
        .topics
        .iter()
        .map(|t| (t.name.as_deref().unwrap_or_default().to_string(), t.topic_id.0, t.partitions.len()))
        .collect();
    let mut problems = model.check_topics(&found);
    for t in &answer.topics {
        for p in t.partitions.iter().filter(|p| p.error_code != 0) {
            let name = t.name.as_deref().unwrap_or_default();
            problems.push(Problem::Other(format!("{name}-{}: error {}", p.partition_index, p.error_code)));
        }
    }
    // What the broker has and nobody asked for.
    let known = |n: &str| n.starts_with("__") || model.topics.contains_key(n);
    for (name, ..) in found.iter().filter(|f| !known(&f.0)) {
        problems.push(uninvited(name));
    }
    Ok(problems)
}

/// A topic that nobody asked for.
pub fn uninvited(name: &str) -> Problem {
    Problem::Other(format!("topic {name} was never created"))
}

/// First and next offset of every partition that exists. A partition that refuses is a problem.
fn ends(
    model: &Model,
    client: &mut Client,
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<Key, (i64, i64)>, String> {
    let exists = model.topics.iter().filter(|(_, t)| t.existence == Existence::Created);
    let all: PerPartition<()> =
        exists.map(|(n, t)| (n.clone(), (0..t.partitions.len() as i32).map(|p| (p, ())).collect())).collect();
    let mut out = BTreeMap::new();
    for topic in all {
        let one = vec![topic];
        let first = client.list_offsets(-2, &one);
        let next = client.list_offsets(-1, &one);
        let (first, next) = match (first, next) {
            (Ok(f), Ok(n)) => (f, n),
            (Err(e), _) | (_, Err(e)) => {
                problems.push(Problem::Other(format!("ListOffsets: {e}")));
                continue;
            }
        };
        for ((topic, firsts), (_, nexts)) in first.into_iter().zip(next) {
            for ((p, first), (_, next)) in firsts.into_iter().zip(nexts) {
                out.insert((topic.clone(), p), (first, next));
            }
        }
    }
    Ok(out)
}

/// The values of every partition, offset by offset.
fn read_all(
    client: &mut Client,
    ends: &BTreeMap<Key, (i64, i64)>,
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<Key, Vec<Value>>, String> {
    let mut contents: BTreeMap<Key, Vec<Value>> = ends.keys().map(|k| (k.clone(), Vec::new())).collect();
    let mut open: Vec<Key> = Vec::new();
    for (key, (first, next)) in ends {
        if *first != 0 {
            problems.push(Problem::Other(format!("{}-{}: starts at {first}", key.0, key.1)));
        } else if *next > 0 {
            open.push(key.clone());
        }
    }
    let mut progress = wait::now();
    while !open.is_empty() {
        wait::check_interrupt()?;
        let from: Vec<(String, i32, i64)> = open
            .iter()
            .take(FETCH_PARTITIONS)
            .map(|k| (k.0.clone(), k.1, contents.get(k).map_or(0, |c| c.len() as i64)))
            .collect();
        let answer = client
            .call(&fetch_request(100, FETCH_BYTES, by_topic(from)))
            .map_err(|e| format!("Fetch: {e}"))?;
        let mut got = false;
        for t in &answer.responses {
            for p in &t.partitions {
                let key = (t.topic.to_string(), p.partition_index);
                let at = format!("{}-{}", key.0, key.1);
                if p.error_code != 0 {
                    problems.push(Problem::Other(format!("fetch of {at}: error {}", p.error_code)));
                    open.retain(|k| *k != key);
                    continue;
                }
                let Some(content) = contents.get_mut(&key) else { continue };
                let bytes = p.records.as_ref().map(|r| r.bytes()).unwrap_or_default();
                let before = content.len();
                let read = take_records(&bytes, p.partition_index, content);
                got |= content.len() > before;
                let end = ends.get(&key).map_or(0, |e| e.1);
                let past = content.len() as i64 > end;
                if past {
                    let what = "past the end that ListOffsets told".to_string();
                    problems.push(Problem::Foreign { at: at.clone(), offset: end, what });
                }
                if let Err(what) = &read {
                    let offset = content.len() as i64;
                    problems.push(Problem::Foreign { at, offset, what: what.clone() });
                }
                if read.is_err() || content.len() as i64 >= end {
                    open.retain(|k| *k != key);
                }
            }
        }
        // Whoever was served goes to the back, so that all get their turn.
        let served = open.len().min(FETCH_PARTITIONS);
        open.rotate_left(served);
        if got {
            progress = wait::now();
        } else if progress.elapsed() > STALL_BOUND {
            for (t, p) in &open {
                let have = contents.get(&(t.clone(), *p)).map_or(0, Vec::len);
                let what = format!("{t}-{p}: fetch brings nothing from {have} on, though the log goes on");
                problems.push(Problem::Other(what));
            }
            break;
        }
    }
    Ok(contents)
}

/// Appends the values that follow what is there; the error says what is wrong with the next record.
fn take_records(bytes: &bytes::Bytes, partition: i32, content: &mut Vec<Value>) -> Result<(), String> {
    let mut wrong = None;
    let walked = each_record(bytes, |_, offset, r| {
        let next = content.len() as i64;
        if wrong.is_some() || offset < next {
            return;
        }
        match r.value.and_then(|v| value::decode(v, partition)) {
            _ if offset > next => wrong = Some(format!("offset {offset} follows {}", next - 1)),
            Some(v) => content.push(v),
            None => wrong = Some("no producer wrote this value".to_string()),
        }
    });
    match (walked, wrong) {
        (Err(e), _) => Err(e.to_string()),
        (_, Some(w)) => Err(w),
        _ => Ok(()),
    }
}

/// Committed offsets of a group, once its coordinator has loaded.
fn committed(client: &mut Client, group: &str) -> Result<PerPartition<i64>, String> {
    wait::until(&format!("offsets of {group}"), Duration::from_secs(10), || match client.committed(group) {
        Ok(found) => Ok(Some(found)),
        Err(e) if not_yet(e.code()) => Ok(None),
        Err(e) => Err(format!("OffsetFetch of {group}: {e}")),
    })
}
