//! The commit machine against a store and a record that fail in every way they can.

use super::commit::*;
use super::upload::Proposal;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The world around one machine: the record, a proposal whose outcome its proposer never learnt, another committer.
struct World {
    m: CommitMachine,
    now_ms: i64,
    record: Record,
    /// Which pieces each metadata file has.
    written: BTreeMap<String, (u64, Vec<Piece>)>,
    /// Proposals that may still be applied.
    late: Vec<(u64, String, Vec<Piece>)>,
    /// Committed ranges of each partition, in the order of their commits.
    rows: BTreeMap<i32, Vec<(i64, i64)>>,
    answered: Vec<(Piece, Proposal)>,
    names: u64,
    /// Answers wrongly: what the tests must find.
    wrong: Option<Wrong>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// Takes an unknown outcome for a refusal: builds the same rows again.
    BlindRetry,
    /// Takes an unknown outcome for success.
    BlindTrust,
}

impl World {
    fn new(wrong: Option<Wrong>) -> World {
        World {
            m: CommitMachine::default(),
            now_ms: 0,
            record: Record::default(),
            written: BTreeMap::new(),
            late: Vec::new(),
            rows: BTreeMap::new(),
            answered: Vec::new(),
            names: 0,
            wrong,
        }
    }

    fn apply(&mut self, base: u64, metadata: &str, pieces: &[Piece]) -> Answer {
        let checks_offsets = self.wrong != Some(Wrong::BlindRetry);
        let moved = |p: &Piece| self.record.offsets.get(&p.partition).copied() != p.from;
        if self.record.version != base || (checks_offsets && pieces.iter().any(moved)) {
            return Answer::Conflict;
        }
        self.record.version += 1;
        self.record.metadata = metadata.to_string();
        for p in pieces {
            self.record.offsets.insert(p.partition, p.to);
            self.rows.entry(p.partition).or_default().push((p.start, p.to));
        }
        Answer::Done
    }

    /// Hands an event in and carries actions out; `choices` says how each effect ends.
    fn run(&mut self, event: Event, choices: &mut impl Iterator<Item = u8>) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let mut out = Vec::new();
            self.m.on(self.now_ms, event, &mut out);
            for action in out {
                let next = choices.next().unwrap_or(0);
                events.extend(self.act(action, next));
            }
        }
    }

    fn act(&mut self, action: Action, choice: u8) -> Option<Event> {
        match action {
            Action::Write(_) if choice % 5 == 1 => Some(Event::WriteFailed),
            Action::Write(pieces) => {
                self.names += 1;
                let metadata = format!("m{}", self.names);
                self.written.insert(metadata.clone(), (self.record.version, pieces));
                Some(Event::Written { base: self.record.version, metadata })
            }
            Action::Propose { base, metadata, pieces } => {
                assert_eq!(
                    self.written[&metadata],
                    (base, pieces.clone()),
                    "what is proposed is what is stored"
                );
                let answer = match choice % 6 {
                    // Applied, but the answer is lost.
                    1 => {
                        self.apply(base, &metadata, &pieces);
                        Answer::Unknown
                    }
                    // Lost, or applied later.
                    2 => {
                        self.late.push((base, metadata, pieces));
                        Answer::Unknown
                    }
                    // Somebody else's upkeep came first.
                    3 => {
                        self.record.version += 1;
                        self.record.metadata = format!("other{}", self.record.version);
                        self.apply(base, &metadata, &pieces)
                    }
                    _ => self.apply(base, &metadata, &pieces),
                };
                Some(Event::Proposed(match (answer, self.wrong) {
                    (Answer::Unknown, Some(Wrong::BlindRetry)) => Answer::Conflict,
                    (Answer::Unknown, Some(Wrong::BlindTrust)) => Answer::Done,
                    (answer, _) => answer,
                }))
            }
            Action::ReadRecord => {
                let mut record = self.record.clone();
                if self.wrong == Some(Wrong::BlindRetry) {
                    record.offsets.clear();
                }
                Some(Event::Record(Some(record)))
            }
            Action::Answer { piece, outcome } => {
                self.answered.push((piece, outcome));
                None
            }
        }
    }

    /// A proposal that was thought lost arrives.
    fn deliver_late(&mut self) {
        if let Some((base, metadata, pieces)) = self.late.pop() {
            self.apply(base, &metadata, &pieces);
        }
    }

    /// Lets time pass without further faults until nothing is under way.
    fn settle(&mut self) {
        for _ in 0..200 {
            self.now_ms += 60_000;
            self.run(Event::Tick, &mut std::iter::empty());
            if self.m.is_idle() {
                return;
            }
        }
        panic!("never settles");
    }
}

/// Runs one schedule; an error names the promise that was broken.
fn check(wrong: Option<Wrong>, ranges: &[(i32, i64)], choices: &[u8]) -> Result<(), String> {
    let mut w = World::new(wrong);
    let mut given: BTreeMap<i32, i64> = BTreeMap::new();
    let mut choices = choices.iter().copied();
    for (partition, len) in ranges {
        // An owner has one range under way, as the upload machine sees to.
        w.settle();
        let from = given.get(partition).copied();
        let start = from.unwrap_or(0);
        let piece = Piece { partition: *partition, from, start, to: start + len };
        given.insert(*partition, start + len);
        w.run(Event::Add(piece), &mut choices);
        if choices.next().is_some_and(|c| c % 2 == 0) {
            w.deliver_late();
        }
        w.now_ms += 1_000;
        w.run(Event::Tick, &mut choices);
    }
    w.settle();
    w.deliver_late();
    if w.answered.len() != ranges.len() || w.answered.iter().any(|(_, o)| *o != Proposal::Done) {
        return Err(format!("answers: {:?}", w.answered));
    }
    for (partition, end) in &given {
        let mut at = 0;
        for (start, to) in w.rows.get(partition).into_iter().flatten() {
            if *start != at {
                return Err(format!("partition {partition}: rows from {start} after {at}"));
            }
            at = *to;
        }
        if at != *end || w.record.offsets.get(partition) != Some(end) {
            return Err(format!("partition {partition} ends at {at}, not {end}"));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn each_range_counts_once(
        ranges in prop::collection::vec((0..3i32, 1..50i64), 1..12),
        choices in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        prop_assert_eq!(check(None, &ranges, &choices), Ok(()));
    }
}

#[test]
fn wrong_rules_are_found() {
    let ranges = [(0, 10), (1, 5), (0, 7), (0, 3)];
    for (wrong, choices) in [(Wrong::BlindRetry, [0, 1, 0, 0]), (Wrong::BlindTrust, [0, 2, 0, 1])] {
        assert_eq!(check(None, &ranges, &choices), Ok(()), "{wrong:?}: the right rule");
        let found = check(Some(wrong), &ranges, &choices);
        assert!(found.is_err(), "{wrong:?} is not found");
    }
}

#[test]
fn ranges_that_come_together_are_one_commit() {
    let mut m = CommitMachine::default();
    let piece = |partition| Piece { partition, from: None, start: 0, to: 5 };
    let mut out = Vec::new();
    m.on(0, Event::Add(piece(0)), &mut out);
    m.on(0, Event::Add(piece(1)), &mut out);
    m.on(0, Event::Add(piece(2)), &mut out);
    assert_eq!(out, [Action::Write(vec![piece(0)])]);
    out.clear();
    m.on(0, Event::Written { base: 0, metadata: "a".into() }, &mut out);
    m.on(0, Event::Proposed(Answer::Done), &mut out);
    assert_eq!(out.last(), Some(&Action::Write(vec![piece(1), piece(2)])));
    // The topic went: both are told.
    out.clear();
    m.on(0, Event::Written { base: 1, metadata: "b".into() }, &mut out);
    m.on(0, Event::Proposed(Answer::Refused), &mut out);
    let told = |p| Action::Answer { piece: piece(p), outcome: Proposal::Refused };
    assert_eq!(out[1..], [told(1), told(2)]);
    assert!(m.is_idle());
}

#[test]
fn a_table_that_is_gone_is_not_waited_for() {
    let piece = Piece { partition: 0, from: None, start: 0, to: 10 };
    let mut m = CommitMachine::default();
    let mut out = Vec::new();
    m.on(0, Event::Add(piece), &mut out);
    m.on(0, Event::WriteFailed, &mut out);
    m.on(100_000, Event::Tick, &mut out);
    assert_eq!(out.pop(), Some(Action::ReadRecord));
    m.on(100_000, Event::Record(None), &mut out);
    assert_eq!(out.pop(), Some(Action::Answer { piece, outcome: Proposal::Refused }));
    assert!(m.is_idle());
}

#[test]
fn a_proposal_that_counted_is_done_although_a_later_one_of_it_is_refused() {
    let piece = Piece { partition: 0, from: None, start: 0, to: 10 };
    let mut m = CommitMachine::default();
    let mut step = |now_ms, event| {
        let mut out = Vec::new();
        m.on(now_ms, event, &mut out);
        out
    };
    let record = |version, metadata: &str, offsets: &[(i32, i64)]| {
        let offsets = offsets.iter().copied().collect();
        Event::Record(Some(Record { version, metadata: metadata.into(), offsets }))
    };
    step(0, Event::Add(piece));
    step(0, Event::Written { base: 0, metadata: "m1".into() });
    step(0, Event::Proposed(Answer::Unknown));
    assert_eq!(step(1_000, Event::Tick), [Action::ReadRecord]);
    // Not applied yet: the same is proposed again. Meanwhile the first one is applied, and somebody's upkeep follows.
    assert!(matches!(step(1_000, record(0, "", &[]))[..], [Action::Propose { base: 0, .. }]));
    assert_eq!(step(1_000, Event::Proposed(Answer::Conflict)), [Action::ReadRecord]);
    let out = step(1_000, record(2, "merged", &[(0, 10)]));
    assert_eq!(out, [Action::Answer { piece, outcome: Proposal::Done }]);
    // A range whose proposals were all refused for sure did lose.
    let next = Piece { from: Some(10), start: 10, to: 20, ..piece };
    step(1_000, Event::Add(next));
    step(1_000, Event::Written { base: 2, metadata: "m2".into() });
    step(1_000, Event::Proposed(Answer::Conflict));
    let out = step(1_000, record(3, "other", &[(0, 20)]));
    assert_eq!(out, [Action::Answer { piece: next, outcome: Proposal::Conflict(Some(20)) }]);
}
