//! Rules of groups: one owner of a partition in a generation, committed offsets that never go back, members that are
//! put out only when their time is over.

use crate::model::Commit;
use crate::node::{CallInfo, Node, code_of};
use crate::options::{DATA, MILLI, OFFSETS, SECOND};
use crate::world::World;
use lipno::machine::coordinator::{Effect, Reply, partition_of};
use protocol::ErrorCode;
use std::collections::{BTreeMap, BTreeSet};

pub const GROUPS: [&str; 2] = ["g-one", "g-two"];
/// One that only commits, without members.
pub const SIMPLE: &str = "g-simple";

#[derive(Clone, Debug)]
struct Contact {
    at: u64,
    synced_generation: i32,
    instance: Option<String>,
}

#[derive(Debug, Default)]
struct Roster {
    members: BTreeMap<String, Contact>,
    unstable_since: Option<u64>,
    generation: i32,
    generation_since: u64,
}

/// Group, topic, partition.
pub type Key = (String, String, i32);

#[derive(Debug, Default)]
pub struct Groups {
    /// Commits and tombstones in the order of their records.
    commits: BTreeMap<Key, Vec<Commit>>,
    /// What each append of this life of the broker holds.
    of_append: BTreeMap<u64, Vec<(Key, Commit)>>,
    /// Number of the newest one that was answered, and of the newest that was shown.
    acked: BTreeMap<Key, u64>,
    shown: BTreeMap<Key, u64>,
    owners: BTreeMap<(String, i32, i32), String>,
    stable_generation: BTreeMap<String, i32>,
    rosters: BTreeMap<String, Roster>,
    /// Members, and instances, that the request at hand may put out.
    leaving: BTreeSet<String>,
}

impl Groups {
    pub fn committed(&mut self, append: u64, key: Key, commit: Commit) {
        self.of_append.entry(append).or_default().push((key.clone(), commit.clone()));
        self.commits.entry(key).or_default().push(commit);
    }

    /// The record that ends a group was appended: the next one of that name starts anew.
    pub fn forgotten(&mut self, group: &str) {
        self.stable_generation.remove(group);
        self.owners.retain(|(g, _, _), _| g != group);
    }

    /// The coordinator decided on a request.
    pub fn on_call(&mut self, w: &World, _node: &Node, info: &CallInfo, out: &[Effect<u64>]) {
        self.leaving.clear();
        if info.kind == "leave" || info.kind == "join" {
            self.leaving.extend(info.instance.iter().cloned());
        }
        if info.kind == "leave" {
            self.leaving.insert(info.member.clone());
        }
        // An answer that comes at once stands last.
        let code = match out.last() {
            Some(Effect::Reply(_, reply)) if info.kind != "leave" => code_of(reply),
            _ => ErrorCode::NONE,
        };
        let heard = matches!(code, ErrorCode::NONE | ErrorCode::REBALANCE_IN_PROGRESS);
        if !heard || info.kind == "offsets" || info.kind == "leave" {
            return;
        }
        if let Some(c) = self.contact(info) {
            c.at = w.now_us();
            if info.kind == "sync" && code.is_ok() {
                c.synced_generation = info.generation;
            }
        }
    }

    fn contact(&mut self, info: &CallInfo) -> Option<&mut Contact> {
        self.rosters.get_mut(&info.group)?.members.get_mut(&info.member)
    }

    /// The coordinator answers a request.
    pub fn on_reply(&mut self, w: &World, node: &Node, info: &CallInfo, reply: &Reply) {
        match reply {
            Reply::Sync(a) if a.error.is_ok() => {
                if let Some(c) = self.contact(info) {
                    c.at = w.now_us();
                    c.synced_generation = info.generation;
                }
                let stable = self.stable_generation.entry(info.group.clone()).or_default();
                *stable = info.generation.max(*stable);
                for partition in &a.assignment {
                    let key = (info.group.clone(), info.generation, i32::from(*partition));
                    // A static member that starts anew keeps what it had.
                    let who = info.instance.as_ref().unwrap_or(&info.member);
                    let owner = self.owners.entry(key).or_insert_with(|| who.clone());
                    if owner != who {
                        w.fail(format!(
                            "{}: {owner} and {who} own partition {partition} in generation {}",
                            info.group, info.generation
                        ));
                    }
                }
            }
            Reply::Code(c) if c.is_ok() && (info.kind == "commit" || info.kind == "delete") => {
                self.on_answered(w, node, info);
            }
            Reply::Offsets(list) => {
                for (topic, partition, o) in list {
                    let key = (info.group.clone(), topic.clone(), *partition);
                    self.on_shown(w, node, key, Some(&o.metadata));
                }
                let listed = |k: &Key| list.iter().any(|(t, p, _)| (t, p) == (&k.1, &k.2));
                let missing: Vec<Key> =
                    self.commits.keys().filter(|k| k.0 == info.group && !listed(k)).cloned().collect();
                for key in missing {
                    self.on_shown(w, node, key, None);
                }
            }
            _ => {}
        }
    }

    /// What an answer of "done" speaks of must be durable, and stands from now on.
    fn on_answered(&mut self, w: &World, node: &Node, info: &CallInfo) {
        let Some(made) = info.append.and_then(|n| self.of_append.get(&n)) else {
            // A commit of nothing, and the end of a group without offsets, have no such record.
            return;
        };
        for (key, c) in made {
            let e = node.parts[c.part].ends();
            if c.end > e.durable_end {
                w.fail(format!("{key:?}: {:?} was answered before it was durable: {e:?}", c.id));
            }
            let acked = self.acked.entry(key.clone()).or_default();
            *acked = c.seq.max(*acked);
        }
    }

    /// A reader is shown this commit, or that there is none.
    fn on_shown(&mut self, w: &World, node: &Node, key: Key, id: Option<&str>) {
        let floor = self.acked.get(&key).max(self.shown.get(&key)).copied().unwrap_or(0);
        let all = self.commits.get(&key).map(Vec::as_slice).unwrap_or_default();
        let is_durable = |c: &&Commit| c.end <= node.parts[c.part].ends().durable_end;
        let seq = match id {
            Some(id) => match all.iter().find(|c| c.id.as_deref() == Some(id)) {
                None => return w.fail(format!("{key:?}: commit {id} is shown but was never made")),
                Some(c) if !is_durable(&c) => {
                    return w.fail(format!("{key:?}: commit {id} is shown before it is durable"));
                }
                Some(c) => c.seq,
            },
            None if floor == 0 => return,
            // There must be a tombstone for it.
            None => match all.iter().filter(is_durable).find(|c| c.id.is_none() && c.seq >= floor) {
                None => return w.fail(format!("{key:?}: the committed offset is not shown")),
                Some(c) => c.seq,
            },
        };
        if seq < floor {
            w.fail(format!("{key:?}: the committed offset went back to {id:?}"));
        }
        self.shown.insert(key, seq);
    }

    /// After the coordinator's effects: who is in, who went, and why.
    pub fn after(&mut self, w: &World, node: &Node) {
        let now = w.now_us();
        let coordinator = node.coordinator.borrow();
        for name in GROUPS {
            let group = coordinator.group(name);
            let members = group.map(|g| g.members()).unwrap_or_default();
            let roster = self.rosters.entry(name.to_string()).or_default();
            let here: BTreeSet<&str> = members.iter().map(|m| m.member_id.as_str()).collect();
            let gone: Vec<(String, Contact)> = roster
                .members
                .iter()
                .filter(|(id, _)| !here.contains(id.as_str()))
                .map(|(id, c)| (id.clone(), c.clone()))
                .collect();
            for (id, c) in gone {
                roster.members.remove(&id);
                let asked = self.leaving.contains(&id)
                    || c.instance.as_ref().is_some_and(|i| self.leaving.contains(i));
                if !asked && !roster.may_go(w, &c) {
                    w.fail(format!("{name}: {id} was put out before its time: {c:?}, {roster:?}"));
                }
            }
            let generation = group.map_or(0, |g| g.generation());
            if generation != roster.generation {
                roster.generation = generation;
                roster.generation_since = now;
                roster.members.values_mut().for_each(|c| c.at = now);
            }
            for m in members {
                let contact = Contact { at: now, synced_generation: -1, instance: m.instance_id };
                roster.members.entry(m.member_id).or_insert(contact);
            }
            match group.map(|g| g.state().name()) {
                Some("Stable" | "Empty") | None => roster.unstable_since = None,
                Some(_) => drop(roster.unstable_since.get_or_insert(now)),
            }
        }
        self.leaving.clear();
    }

    /// Members that are silent for much too long.
    pub fn audit(&self, w: &World) {
        let o = &w.options;
        let most = (o.session_ms + o.rebalance_ms) as u64 * MILLI + 3 * SECOND;
        for (name, r) in &self.rosters {
            for (id, c) in &r.members {
                if w.now_us() > c.at + most {
                    w.fail(format!("{name}: {id} is still in, {:?} at {}", c, w.now_us()));
                }
            }
        }
    }

    /// A broker started: what it read back from the logs.
    pub fn on_restart(&mut self, w: &World, node: &Node) {
        self.rosters.clear();
        self.of_append.clear();
        let coordinator = node.coordinator.borrow();
        for index in 0..OFFSETS {
            let part = DATA + index;
            if node.parts[part].why_offline().is_some() {
                continue;
            }
            let end = node.parts[part].ends().log_end;
            for (key, commits) in &mut self.commits {
                let (group, topic, partition) = key;
                if partition_of(group, OFFSETS) != index as i32 {
                    continue;
                }
                commits.retain(|c| c.end <= end);
                let want = commits.last().and_then(|c| c.id.as_deref());
                let shown = coordinator.group(group).and_then(|g| g.offsets.get(topic, *partition));
                if shown.map(|o| o.metadata.as_str()) != want {
                    w.fail(format!("{key:?} came back as {shown:?}, the log says {want:?}"));
                }
            }
            for (group, generation) in &self.stable_generation {
                let ours = partition_of(group, OFFSETS) == index as i32;
                let back = coordinator.group(group).map_or(-1, |g| g.generation());
                if ours && back < *generation {
                    w.fail(format!("{group}: generation {generation} had owners, {back} came back"));
                }
            }
        }
        drop(coordinator);
        self.after(w, node);
    }
}

impl Roster {
    /// A member's session ended, or it did not come back, or did not ask for its assignment, in time.
    fn may_go(&self, w: &World, c: &Contact) -> bool {
        let now = w.now_us() + 2 * MILLI;
        let session = w.options.session_ms as u64 * MILLI;
        let rebalance = w.options.rebalance_ms as u64 * MILLI;
        now >= c.at + session
            || self.unstable_since.is_some_and(|t| now >= t + rebalance)
            || (c.synced_generation != self.generation && now >= self.generation_since + rebalance)
    }
}
