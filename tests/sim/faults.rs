//! What goes wrong, and starting again afterwards.

use crate::node::{LOGS, Node, id_of};
use crate::options::{ALL, DATA, MILLI, SECOND};
use crate::world::{Event, World};
use lipno_tests::disk::{Fault as DiskFault, Op};
use std::cell::Cell;
use std::io;
use std::path::Path;
use std::rc::Rc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine loses power, or the process dies: now, or at a disk call soon.
    Crash,
    CrashAtCall,
    CrashBetween,
    /// One more crash besides the row of them.
    CrashOnce,
    WriteError,
    /// Any other call fails once.
    CallError,
    Full,
    Room,
    FailedSync,
    Jump,
}

/// Calls that fail besides writes and syncs of files.
const FAILING: [Op; 10] = [
    Op::Create,
    Op::Open,
    Op::Exists,
    Op::Rename,
    Op::RemoveFile,
    Op::SyncDir,
    Op::Read,
    Op::Allocate,
    Op::SetLen,
    Op::Slice,
];

thread_local! {
    /// How the running stop ends: with the power or without.
    static WITH_POWER: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Wall-clock jumps stay inside this, so that nothing is old enough to expire for good reason.
const WALL_BASE_MS: i64 = 1_700_000_000_000;
const WALL_RANGE_MS: i64 = 6 * 86_400_000;

impl World {
    pub fn start_faults(&self) {
        WITH_POWER.set(None);
        let o = &self.options;
        let first = [
            (o.crash_every_us, Fault::Crash),
            (o.write_error_every_us, Fault::WriteError),
            (o.call_error_every_us, Fault::CallError),
            (o.full_every_us, Fault::Full),
            (o.failed_sync_every_us, Fault::FailedSync),
            (o.jump_every_us, Fault::Jump),
        ];
        for (every, fault) in first {
            self.again(every, fault);
        }
        self.at(self.now_us(), Event::Restart);
        self.after(SECOND, Event::Audit);
    }

    fn again(&self, every: u64, fault: Fault) {
        if every < u64::MAX {
            let us = self.within(every / 4, every * 2);
            self.after(us, Event::Fault(fault));
        }
    }

    pub fn strike(&self, fault: Fault) {
        if self.is_healing.get() && fault != Fault::Room {
            return;
        }
        if self.node.borrow().is_none() && fault != Fault::Jump {
            // Nobody is there to be hit.
            return self.miss(fault);
        }
        self.log(|| format!("fault: {fault:?}"));
        let o = &self.options;
        let disk = self.disk.borrow().clone();
        match fault {
            Fault::Crash => {
                self.plan_crash();
                disk.stop();
            }
            Fault::CrashOnce => disk.stop(),
            Fault::CrashAtCall => {
                self.plan_crash();
                let calls = disk.calls() + self.within(1, 300);
                disk.set_crash_at(Some(calls));
            }
            Fault::CrashBetween => {
                self.plan_crash();
                self.actions_left.set(Some(self.within(0, 50)));
            }
            Fault::WriteError => {
                self.again(o.write_error_every_us, fault);
                // Appends for the most part; now and then the checkpoint's or an index's.
                let path = if self.chance(850) { ".log" } else { "" };
                let times = self.within(1, 4) as u32;
                let error = io::ErrorKind::Other;
                disk.add_fault(DiskFault { op: Op::Write, path: path.into(), skip: 0, times, error });
            }
            Fault::CallError => {
                self.again(o.call_error_every_us, fault);
                let op = FAILING[self.within(0, FAILING.len() as u64 - 1) as usize];
                let error = io::ErrorKind::Other;
                disk.add_fault(DiskFault { op, path: String::new(), skip: 0, times: 1, error });
            }
            Fault::Full => {
                self.again(o.full_every_us, fault);
                disk.set_capacity(Some(disk.used() + self.within(0, 20_000)));
                let us = self.within(100 * MILLI, 3 * SECOND);
                self.after(us, Event::Fault(Fault::Room));
            }
            Fault::Room => disk.set_capacity(None),
            Fault::FailedSync => {
                self.again(o.failed_sync_every_us, fault);
                disk.fail_sync_then_lie("");
                self.has_lied.set(true);
            }
            Fault::Jump => {
                self.again(o.jump_every_us, fault);
                let by = [-86_400_000, -3_600_000, -500, 500, 3_600_000, 86_400_000];
                let by = by[self.within(0, 5) as usize];
                let to = (self.wall_offset_ms.get() + by).clamp(WALL_BASE_MS, WALL_BASE_MS + WALL_RANGE_MS);
                self.wall_offset_ms.set(to);
            }
        }
    }

    /// The next crash of the row, and of which kind it is.
    fn plan_crash(&self) {
        let o = &self.options;
        let kind = match (self.chance(o.crash_inside), self.chance(500)) {
            (true, true) => Fault::CrashAtCall,
            (true, false) => Fault::CrashBetween,
            (false, _) => Fault::Crash,
        };
        self.again(o.crash_every_us, kind);
    }

    fn miss(&self, fault: Fault) {
        let o = &self.options;
        match fault {
            Fault::Crash | Fault::CrashAtCall | Fault::CrashBetween => self.plan_crash(),
            Fault::WriteError => self.again(o.write_error_every_us, fault),
            Fault::CallError => self.again(o.call_error_every_us, fault),
            Fault::Full => self.again(o.full_every_us, fault),
            Fault::FailedSync => self.again(o.failed_sync_every_us, fault),
            Fault::Room => self.disk.borrow().set_capacity(None),
            Fault::CrashOnce | Fault::Jump => {}
        }
    }

    /// The broker stops itself: its only log dir failed.
    pub fn process_ends(&self, why: &str) {
        if self.disk.borrow().is_crashed() {
            return;
        }
        self.log(|| format!("the broker ends: {why}"));
        self.disk.borrow().stop();
        // After a failed sync the page cache and the disk differ; the machine goes with the process.
        WITH_POWER.set(Some(true));
    }

    /// Takes the broker down after a crash, and plans its return.
    pub fn go_down(&self) {
        self.actions_left.set(None);
        let with_power = WITH_POWER.take().unwrap_or_else(|| self.chance(self.options.power));
        let hidden = self.node.borrow().as_ref().and_then(|n| self.to_hide(n));
        self.note(&[77, u64::from(with_power)]);
        self.log(|| format!("down, {} power", if with_power { "without" } else { "with" }));
        if let Some(n) = &*self.node.borrow() {
            (0..ALL).for_each(|p| self.model.borrow_mut().starts(p, n.parts[p].ends().log_start));
        }
        // A sync that failed lost what it should have saved, whoever stops the process then.
        self.model.borrow_mut().on_crash(with_power || self.has_lied.take());
        *self.node.borrow_mut() = None;
        self.forget_turn();
        let disk = self.disk.borrow().clone();
        let disk = if with_power { disk.crash(self.fresh() ^ self.options.seed << 20) } else { disk.kill() };
        disk.clear_faults();
        disk.set_capacity(None);
        disk.unhide();
        self.hidden.set(hidden);
        if let Some(part) = hidden {
            self.log(|| format!("{part}: its folder is hidden"));
            disk.hide(&Path::new(LOGS).join(id_of(part).to_string()));
        }
        self.log(|| format!("on disk: {:?}", disk.files()));
        *self.disk.borrow_mut() = disk;
        let us = self.within(20 * MILLI, 800 * MILLI);
        self.after(us, Event::Restart);
    }

    /// A partition whose folder the next start will not find; its checkpoint speaks of records.
    fn to_hide(&self, node: &Node) -> Option<usize> {
        if self.is_healing.get() || !self.chance(self.options.hide) {
            return None;
        }
        let part = self.within(0, DATA as u64 - 1) as usize;
        node.is_listed(part).then_some(part)
    }

    pub fn restart(&self) {
        if self.node.borrow().is_some() {
            return;
        }
        let incarnation = self.incarnations.get() + 1;
        self.incarnations.set(incarnation);
        if !self.is_healing.get() && self.chance(100) {
            // A crash in the middle of the recovery.
            let disk = self.disk.borrow().clone();
            disk.set_crash_at(Some(disk.calls() + self.within(1, 150)));
        }
        let node = match Node::start(self, incarnation) {
            Ok(n) => n,
            Err(why) => {
                if self.is_healing.get() {
                    self.fail(format!("the broker does not start: {why}"));
                } else if !self.disk.borrow().is_crashed() {
                    // A fault hit the start; whoever watches the process starts it again.
                    self.disk.borrow().clear_faults();
                    self.after(100 * MILLI, Event::Restart);
                }
                return;
            }
        };
        if self.disk.borrow().is_crashed() {
            return;
        }
        self.recovered(node);
    }

    /// Base offset and length of a partition's newest segment file.
    fn newest_file(&self, part: usize) -> Option<(i64, u64)> {
        let folder = Path::new(LOGS).join(id_of(part).to_string());
        let files = self.disk.borrow().files();
        let segments = files.iter().filter_map(|(path, len)| {
            let name = path.strip_prefix(&folder).ok()?.to_str()?.strip_suffix(".log")?;
            Some((name.split_once('-')?.0.parse().ok()?, *len))
        });
        segments.max()
    }

    fn recovered(&self, node: Node) {
        self.log(|| format!("up, incarnation {}, offline {:?}", node.incarnation, node.offline()));
        let mut model = self.model.borrow_mut();
        let offline = node.offline();
        for part in offline.iter().filter(|p| self.hidden.get() != Some(**p)) {
            let why = node.parts[*part].why_offline().unwrap_or_default();
            self.fail(format!("{part}: offline though nothing of it is lost: {why}"));
        }
        for part in (0..ALL).filter(|p| !offline.contains(p)) {
            let found = model.on_recovered(part, &node.parts[part], self.newest_file(part));
            if self.disk.borrow().is_crashed() {
                return;
            }
            if let Err(why) = found {
                self.fail(why);
            }
        }
        model.groups.on_restart(self, &node);
        drop(model);
        if !offline.is_empty() {
            // Somebody notices and starts it again.
            let us = self.within(SECOND, 3 * SECOND);
            self.after(us, Event::Fault(Fault::CrashOnce));
        }
        if !self.is_healing.get() && self.chance(self.options.crash_again) {
            let us = self.within(0, 200 * MILLI);
            self.after(us, Event::Fault(Fault::CrashOnce));
        }
        let node = Rc::new(node);
        *self.node.borrow_mut() = Some(node.clone());
        node.serve(self);
    }

    pub fn audit(&self) {
        if self.node.borrow().is_some() {
            self.model.borrow().groups.audit(self);
        }
        // In the middle of a turn of the dir's thread things are still moving.
        if self.is_healing.get() && !self.is_turning.get() && self.unsettled().is_none() {
            self.stop.set(true);
        }
        let us = if self.is_healing.get() { 100 * MILLI } else { SECOND };
        self.after(us, Event::Audit);
    }

    /// Ends all faults and brings the broker back whole.
    pub fn heal(&self) {
        self.is_healing.set(true);
        self.actions_left.set(None);
        let disk = self.disk.borrow().clone();
        disk.set_crash_at(None);
        disk.clear_faults();
        disk.set_capacity(None);
        disk.set_short_writes(0);
        let is_whole = self.node.borrow().as_ref().is_some_and(|n| n.offline().is_empty());
        if self.node.borrow().is_none() {
            disk.unhide();
            self.hidden.set(None);
        } else if !is_whole {
            disk.stop();
            self.go_down();
        }
    }
}
