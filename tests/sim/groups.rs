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

type Key = (String, i32);

#[derive(Debug, Default)]
pub struct Groups {
    commits: BTreeMap<Key, Vec<Commit>>,
    /// Number of the newest commit that was answered, and of the newest that was shown.
    acked: BTreeMap<Key, u64>,
    shown: BTreeMap<Key, u64>,
    owners: BTreeMap<(String, i32, i32), String>,
    stable_generation: BTreeMap<String, i32>,
    rosters: BTreeMap<String, Roster>,
    /// Members, and instances, that the request at hand may put out.
    leaving: BTreeSet<String>,
}

impl Groups {
    pub fn committed(&mut self, group: &str, partition: i32, commit: Commit) {
        self.commits.entry((group.to_string(), partition)).or_default().push(commit);
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
            Reply::Code(c) if c.is_ok() && info.kind == "commit" => {
                for (partition, id) in &info.commits {
                    self.on_commit_answered(w, node, info, *partition, id);
                }
            }
            Reply::Offsets(list) => {
                for (_, partition, o) in list {
                    self.on_shown(w, node, &info.group, *partition, &o.metadata);
                }
                let listed: BTreeSet<i32> = list.iter().map(|(_, p, _)| *p).collect();
                for (group, partition) in self.acked.keys() {
                    if *group == info.group && !listed.contains(partition) {
                        w.fail(format!("{group}: the committed offset of {partition} is not shown"));
                    }
                }
            }
            _ => {}
        }
    }

    fn find(&self, key: &Key, id: &str) -> Option<&Commit> {
        self.commits.get(key)?.iter().find(|c| c.id.as_deref() == Some(id))
    }

    fn on_commit_answered(&mut self, w: &World, node: &Node, info: &CallInfo, partition: i32, id: &str) {
        let key = (info.group.clone(), partition);
        let Some(c) = self.find(&key, id).cloned() else {
            return w.fail(format!("{}: commit {id} was answered but not appended", info.group));
        };
        let e = node.parts[c.part].ends();
        if c.end > e.durable_end {
            w.fail(format!("{}: commit {id} was answered before it was durable: {e:?}", info.group));
        }
        let acked = self.acked.entry(key).or_default();
        *acked = c.seq.max(*acked);
    }

    fn on_shown(&mut self, w: &World, node: &Node, group: &str, partition: i32, id: &str) {
        let key = (group.to_string(), partition);
        let Some(c) = self.find(&key, id).cloned() else {
            return w.fail(format!("{group}: commit {id} of {partition} is shown but was never made"));
        };
        let e = node.parts[c.part].ends();
        if c.end > e.durable_end {
            w.fail(format!("{group}: commit {id} is shown before it is durable: {e:?}"));
        }
        let floor = self.acked.get(&key).max(self.shown.get(&key)).copied().unwrap_or(0);
        if c.seq < floor {
            w.fail(format!("{group}: the committed offset of {partition} went back to {id}"));
        }
        self.shown.insert(key, c.seq);
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
        let coordinator = node.coordinator.borrow();
        for index in 0..OFFSETS {
            let part = DATA + index;
            if node.parts[part].why_offline().is_some() {
                continue;
            }
            let end = node.parts[part].ends().log_end;
            for ((group, partition), commits) in &mut self.commits {
                if partition_of(group, OFFSETS) != index as i32 {
                    continue;
                }
                commits.retain(|c| c.end <= end);
                let want = commits.last().and_then(|c| c.id.as_deref());
                let shown = coordinator.group(group).and_then(|g| g.offsets.get("t", *partition));
                if shown.map(|o| o.metadata.as_str()) != want {
                    w.fail(format!("{group}: {partition} came back as {shown:?}, the log says {want:?}"));
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
