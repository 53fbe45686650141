//! The upload machine step by step, and against a store and a record that fail in every way they can.

use super::upload::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const VIEW: View = View {
    is_enabled: true,
    log_start: 0,
    readable_end: 0,
    durable_end: 0,
    sealed_end: 0,
    pending_bytes: 0,
    interval_ms: 60_000,
    commit_bytes: 1000,
};

fn ends(end: i64) -> View {
    View { readable_end: end, durable_end: end, ..VIEW }
}

struct Steps {
    m: UploadMachine,
    now_ms: i64,
}

impl Steps {
    fn new(committed: Option<i64>) -> Steps {
        Steps { m: UploadMachine::new(committed), now_ms: 1_000_000 }
    }

    fn on(&mut self, event: Event) -> Vec<Action> {
        let mut out = Vec::new();
        self.m.on(self.now_ms, event, &mut out);
        out
    }

    fn after(&mut self, ms: i64, v: View) -> Vec<Action> {
        self.now_ms += ms;
        self.on(Event::Observe(v))
    }

    /// Brings a range of offsets up to `end` to where its proposal is on its way.
    fn uploaded(&mut self, end: i64) {
        let start = self.m.next(0);
        let mut out = self.after(0, ends(end));
        out.extend(self.after(60_000, ends(end)));
        assert_eq!(out, [Action::Convert { start, to: end }]);
        let from = self.m.committed();
        assert_eq!(self.on(Event::Converted(range(start, end))), [Action::Propose { from, to: end }]);
    }
}

fn range(start: i64, end: i64) -> Uploaded {
    Uploaded { start, end, files: vec![format!("{start}-{end}")], rows: (end - start) as u64 }
}

fn discard(start: i64, end: i64) -> Action {
    Action::Discard(vec![format!("{start}-{end}")])
}

const COMMITTED_10: Action = Action::Committed { rows: 10, files: 1 };

#[test]
fn a_range_is_cut_by_interval_bytes_or_seal() {
    let mut s = Steps::new(None);
    assert_eq!(s.after(0, ends(10)), []);
    assert_eq!(s.after(59_999, ends(10)), [], "not yet");
    assert_eq!(s.after(1, ends(12)), [Action::Convert { start: 0, to: 12 }]);

    let mut s = Steps::new(Some(5));
    assert_eq!(s.after(0, View { pending_bytes: 999, ..ends(10) }), []);
    let full = View { pending_bytes: 1000, ..ends(10) };
    assert_eq!(s.after(0, full), [Action::Convert { start: 5, to: 10 }]);

    // What a seal makes due ends with the segment.
    let mut s = Steps::new(Some(5));
    let sealed = |sealed_end| View { sealed_end, ..ends(10) };
    assert_eq!(s.after(0, sealed(5)), [], "that segment is in the lake");
    assert_eq!(s.after(0, sealed(8)), [Action::Convert { start: 5, to: 8 }]);
}

#[test]
fn an_idle_partition_cuts_nothing() {
    let mut s = Steps::new(Some(10));
    assert_eq!(s.after(0, ends(10)), []);
    assert_eq!(s.after(1_000_000, View { sealed_end: 10, pending_bytes: 5000, ..ends(10) }), []);
    // The time before the first record of a range does not count.
    assert_eq!(s.after(1_000_000, ends(11)), []);
    assert_eq!(s.after(60_000, ends(11)), [Action::Convert { start: 10, to: 11 }]);
}

#[test]
fn nothing_past_the_durable_end_is_cut() {
    let mut s = Steps::new(None);
    let v = |durable_end| View { durable_end, ..ends(10) };
    s.after(0, v(0));
    assert_eq!(s.after(60_000, v(4)), [Action::Sync]);
    assert_eq!(s.after(100, v(9)), [], "asked once");
    assert_eq!(s.after(100, v(11)), [Action::Convert { start: 0, to: 10 }]);
}

#[test]
fn off_keeps_what_is_there_and_on_goes_on() {
    let mut s = Steps::new(Some(5));
    let off = |end| View { is_enabled: false, ..ends(end) };
    assert_eq!(s.after(60_000, off(50)), []);
    assert_eq!(s.after(60_000, off(60)), []);
    // Retention went on meanwhile.
    let on = View { log_start: 40, ..ends(60) };
    assert_eq!(s.after(0, on), [], "the interval starts anew");
    assert_eq!(s.after(60_000, on), [Action::Convert { start: 40, to: 60 }]);
    // Switched off while a range is on its way: it is finished.
    let up = Uploaded { start: 40, ..range(40, 60) };
    s.after(0, off(60));
    assert_eq!(s.on(Event::Converted(up)), [Action::Propose { from: Some(5), to: 60 }]);
}

#[test]
fn a_range_converted_in_parts_goes_on_at_once() {
    let mut s = Steps::new(None);
    s.after(0, ends(100));
    assert_eq!(s.after(60_000, ends(100)), [Action::Convert { start: 0, to: 100 }]);
    assert_eq!(s.on(Event::Converted(range(0, 10))), [Action::Propose { from: None, to: 10 }]);
    assert_eq!(s.on(Event::Proposed(Proposal::Done)), [COMMITTED_10]);
    assert_eq!(s.after(0, ends(120)), [Action::Convert { start: 10, to: 100 }]);
    s.on(Event::Converted(range(10, 100)));
    s.on(Event::Proposed(Proposal::Done));
    assert_eq!(s.after(0, ends(120)), [], "the rest waits for its own interval");
}

#[test]
fn a_failed_conversion_is_cleaned_up_and_retried_later() {
    let mut s = Steps::new(None);
    s.after(0, ends(10));
    s.after(60_000, ends(10));
    let failed = Event::ConvertFailed { leftovers: vec!["0-10".into()] };
    assert_eq!(s.on(failed), [discard(0, 10)]);
    assert_eq!(s.after(60_000, ends(10)), [], "no new range while a file may be there");
    assert_eq!(s.on(Event::Discarded(false)), []);
    assert_eq!(s.after(999, ends(10)), []);
    assert_eq!(s.after(1, ends(10)), [discard(0, 10)]);
    assert_eq!(s.on(Event::Discarded(true)), []);
    assert_eq!(s.after(0, ends(10)), [Action::Convert { start: 0, to: 10 }]);
    assert_eq!(s.on(Event::ConvertFailed { leftovers: vec![] }), []);
    assert_eq!(s.after(1_999, ends(10)), [], "waits longer each time");
    assert_eq!(s.after(1, ends(10)), [Action::Convert { start: 0, to: 10 }]);
}

#[test]
fn a_lost_commit_removes_its_files() {
    let mut s = Steps::new(None);
    s.uploaded(10);
    assert_eq!(s.on(Event::Proposed(Proposal::Conflict(Some(10)))), [discard(0, 10)], "that was another's");
    s.on(Event::Discarded(true));
    assert_eq!(s.m.committed(), Some(10));
    s.now_ms += 500;
    s.uploaded(20);
    assert_eq!(s.on(Event::Proposed(Proposal::Refused)), [discard(10, 20)]);
}

#[test]
fn an_unknown_commit_is_resolved_by_the_record() {
    // It was committed.
    let mut s = Steps::new(None);
    s.uploaded(10);
    assert_eq!(s.on(Event::Proposed(Proposal::Unknown)), []);
    assert_eq!(s.after(499, ends(20)), []);
    assert_eq!(s.after(1, ends(20)), [Action::ReadRecord]);
    assert_eq!(s.on(Event::Record(Some(10))), [COMMITTED_10]);
    // It was not, as far as can be seen: the same proposal decides.
    let mut s = Steps::new(None);
    s.uploaded(10);
    s.on(Event::Proposed(Proposal::Unknown));
    s.after(500, ends(20));
    assert_eq!(s.on(Event::Record(None)), [Action::Propose { from: None, to: 10 }]);
    assert_eq!(s.on(Event::Proposed(Proposal::Conflict(Some(10)))), [COMMITTED_10], "the first one was late");
    // Somebody else's range is there.
    let mut s = Steps::new(None);
    s.uploaded(10);
    s.on(Event::Proposed(Proposal::Unknown));
    s.after(500, ends(20));
    assert_eq!(s.on(Event::Record(Some(7))), [discard(0, 10)]);
    assert_eq!(s.m.committed(), Some(7));
}

/// A partition with its log, store and record, and everything that is on its way.
#[derive(Default)]
struct World {
    record: Option<i64>,
    files: BTreeSet<(i64, i64, u32)>,
    log_end: i64,
    log_start: i64,
    now_ms: i64,
    /// A proposal whose outcome nobody knows yet: applied when the world likes.
    late: Option<(Option<i64>, i64)>,
    next_file: u32,
    committed_ranges: Vec<(i64, i64)>,
}

impl World {
    fn apply(&mut self, from: Option<i64>, to: i64) -> Proposal {
        if self.record != from {
            return Proposal::Conflict(self.record);
        }
        self.committed_ranges.push((self.record.unwrap_or(self.log_start).max(self.log_start), to));
        self.record = Some(to);
        Proposal::Done
    }

    fn settle_late(&mut self) {
        if let Some((from, to)) = self.late.take() {
            self.apply(from, to);
        }
    }

    /// What the broker does at a start, before anything new is written.
    fn restart(&mut self) -> UploadMachine {
        // What was in the Raft log is applied by then, or is not there.
        let end = self.record.unwrap_or(i64::MIN);
        self.files.retain(|(_, e, _)| *e <= end);
        UploadMachine::new(self.record)
    }

    /// Each offset that the record counts is in exactly one file, and nothing is lost.
    fn check(&self) {
        let counted = self.files.iter().filter(|(_, e, _)| self.record.is_some_and(|r| *e <= r));
        let mut at = None;
        for (start, end, _) in counted {
            assert!(at.is_none_or(|a| a <= *start), "two files overlap: {:?}", self.files);
            at = Some(*end);
        }
        let sum: i64 = self.committed_ranges.iter().map(|(s, e)| e - s).sum();
        let there: i64 = self
            .files
            .iter()
            .filter(|(_, e, _)| self.record.is_some_and(|r| *e <= r))
            .map(|(s, e, _)| e - s)
            .sum();
        assert_eq!(sum, there, "{:?} against {:?}", self.committed_ranges, self.files);
    }

    /// Carries out one action under one of its possible fates; `None` if the process dies in it.
    fn act(&mut self, action: Action, fate: u8) -> Option<Vec<Event>> {
        Some(match action {
            Action::Sync | Action::Committed { .. } => vec![],
            Action::Convert { start, to } => {
                self.next_file += 1;
                // Sometimes only a first part.
                let end = if fate.is_multiple_of(3) { start + (to - start + 1) / 2 } else { to };
                let name = format!("{start}-{end}-{}", self.next_file);
                if fate % 5 != 4 {
                    self.files.insert((start, end, self.next_file));
                }
                match fate % 5 {
                    0 | 1 => vec![Event::Converted(Uploaded {
                        start,
                        end,
                        files: vec![name],
                        rows: (end - start) as u64,
                    })],
                    2 => return None,
                    // Unknown: stored or not, it is said to have failed.
                    _ => vec![Event::ConvertFailed { leftovers: vec![name] }],
                }
            }
            Action::Propose { from, to } => match fate % 6 {
                0 | 1 => vec![Event::Proposed(self.apply(from, to))],
                2 => {
                    self.apply(from, to);
                    return None;
                }
                3 => return None,
                // Committed, or on its way, and nobody says so.
                4 => {
                    self.apply(from, to);
                    vec![Event::Proposed(Proposal::Unknown)]
                }
                _ => {
                    self.late = Some((from, to));
                    vec![Event::Proposed(Proposal::Unknown)]
                }
            },
            Action::ReadRecord => {
                let seen = self.record;
                // The late one may come right after the look.
                if fate.is_multiple_of(2) {
                    self.settle_late();
                }
                vec![Event::Record(seen)]
            }
            Action::Discard(files) => {
                let numbers: Vec<u32> =
                    files.iter().filter_map(|f| f.rsplit('-').next()?.parse().ok()).collect();
                let gone = !fate.is_multiple_of(3);
                if gone {
                    self.files.retain(|(_, _, n)| !numbers.contains(n));
                }
                vec![Event::Discarded(gone)]
            }
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_offset_counts_once_whatever_fails(steps in prop::collection::vec((any::<u8>(), any::<u8>()), 1..120)) {
        let mut w = World::default();
        let mut m = w.restart();
        for (what, fate) in steps {
            if what % 7 == 0 {
                w.log_end += i64::from(fate % 10);
            }
            if what % 31 == 0 {
                w.log_start = w.log_start.max(w.record.unwrap_or(0)).min(w.log_end);
            }
            w.now_ms += i64::from(what) * 50;
            let view = View {
                log_start: w.log_start,
                is_enabled: what % 11 != 0,
                interval_ms: 1_000,
                ..ends(w.log_end)
            };
            let mut events = vec![Event::Observe(view)];
            let mut fate = fate;
            while let Some(event) = events.pop() {
                let mut out = Vec::new();
                m.on(w.now_ms, event, &mut out);
                for action in out {
                    fate = fate.rotate_left(3).wrapping_add(101);
                    match w.act(action, fate) {
                        Some(more) => events.extend(more),
                        None => {
                            w.settle_late();
                            m = w.restart();
                            events.clear();
                            break;
                        }
                    }
                }
                w.check();
            }
        }
        // In the end a crash, and then nothing fails any more.
        w.settle_late();
        m = w.restart();
        for _ in 0..8 {
            w.now_ms += 60_000;
            let mut events = vec![Event::Observe(View { log_start: w.log_start, ..ends(w.log_end) })];
            while let Some(event) = events.pop() {
                let mut out = Vec::new();
                m.on(w.now_ms, event, &mut out);
                out.into_iter().for_each(|a| events.extend(w.act(a, 1).unwrap_or_default()));
            }
        }
        w.check();
        prop_assert!(w.log_end <= w.record.unwrap_or(w.log_start).max(w.log_start), "all of the log is in the lake");
    }
}
