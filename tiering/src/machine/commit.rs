//! One table's commits: converted ranges of its partitions become new versions of the table, one at a time.
//!
//! Invariants: a version is proposed only on top of the one that it was built on; the next is not built before the
//! outcome of the last is known; an unknown outcome is resolved by reading the record: it names the proposed metadata
//! (it counts), or still the base (the very same proposal is repeated), or something else (it never will count, and
//! what the record does not have is built anew); a range is answered once, `Done` only after the record has it. What
//! was stored for a version that lost stays where it is: a sweep removes what nothing refers to. Time comes as
//! milliseconds. Driven by the broker's committer; one instance per table that has something to do.

use super::upload::Proposal;
use std::collections::BTreeMap;

/// First and longest wait after a failure.
const RETRY_MS_MIN: i64 = 250;
const RETRY_MS_MAX: i64 = 60_000;

/// A range of one partition whose files are in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub partition: i32,
    /// The offset that was committed last, as the range's owner knows it.
    pub from: Option<i64>,
    /// First offset of the range.
    pub start: i64,
    pub to: i64,
}

/// The Raft record of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub version: u64,
    pub metadata: String,
    pub offsets: BTreeMap<i32, i64>,
}

/// What came of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// Refused: the record is not what the proposal was built on.
    Conflict,
    /// It can never be accepted: the table does not exist.
    Refused,
    /// It may have been committed, or may be later.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The table has no version yet: it gets one without rows, so that readers find it.
    Create,
    Add(Piece),
    /// Everything that the version needs is stored; its metadata file is here.
    Written {
        base: u64,
        metadata: String,
    },
    WriteFailed,
    Proposed(Answer),
    /// `None`: the table does not exist.
    Record(Option<Record>),
    /// Some time has passed.
    Tick,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Build and store a version with these ranges, on top of the record as it is now.
    Write(Vec<Piece>),
    Propose {
        base: u64,
        metadata: String,
        pieces: Vec<Piece>,
    },
    ReadRecord,
    Answer {
        piece: Piece,
        outcome: Proposal,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    base: u64,
    metadata: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Writing,
    /// Storing failed; again at this time.
    Waiting {
        again_ms: i64,
    },
    Proposed(Version),
    /// The outcome is unknown; the record is read at this time.
    Unsure {
        version: Version,
        again_ms: i64,
    },
    /// Waits for the record. `None`: the last proposal was refused for sure, or never made.
    Reading(Option<Version>),
}

/// See the file's head.
#[derive(Clone, Debug)]
pub struct CommitMachine {
    state: State,
    /// Ranges of the version that is under way.
    pieces: Vec<Piece>,
    /// Ranges that came meanwhile.
    queue: Vec<Piece>,
    /// A proposal of `pieces` had an unknown outcome: it may count, although later ones of them were refused.
    is_unsure: bool,
    failures: u32,
}

impl Default for CommitMachine {
    fn default() -> Self {
        CommitMachine {
            state: State::Idle,
            pieces: Vec::new(),
            queue: Vec::new(),
            is_unsure: false,
            failures: 0,
        }
    }
}

impl CommitMachine {
    /// Nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle && self.queue.is_empty()
    }

    fn retry_ms(&mut self, now_ms: i64) -> i64 {
        let wait = RETRY_MS_MIN.saturating_mul(1i64 << self.failures.min(20)).min(RETRY_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        now_ms.saturating_add(wait)
    }

    pub fn on(&mut self, now_ms: i64, event: Event, out: &mut Vec<Action>) {
        let state = std::mem::replace(&mut self.state, State::Idle);
        self.state = match (state, event) {
            (state, Event::Add(piece)) => {
                self.queue.push(piece);
                if state == State::Idle { self.begin(out) } else { state }
            }
            (State::Idle, Event::Create) => self.write(out),
            (State::Writing, Event::Written { base, metadata }) => {
                self.propose(Version { base, metadata }, out)
            }
            (State::Writing, Event::WriteFailed) => State::Waiting { again_ms: self.retry_ms(now_ms) },
            (State::Waiting { again_ms }, Event::Tick) if now_ms >= again_ms => {
                // The table may be gone.
                out.push(Action::ReadRecord);
                State::Reading(None)
            }
            (State::Proposed(_), Event::Proposed(Answer::Done)) => self.done(out),
            (State::Proposed(_), Event::Proposed(Answer::Refused)) => {
                self.answer_all(Proposal::Refused, out);
                self.begin(out)
            }
            (State::Proposed(_), Event::Proposed(Answer::Conflict)) => {
                out.push(Action::ReadRecord);
                State::Reading(None)
            }
            (State::Proposed(version), Event::Proposed(Answer::Unknown)) => {
                self.is_unsure = true;
                State::Unsure { version, again_ms: self.retry_ms(now_ms) }
            }
            (State::Unsure { version, again_ms }, Event::Tick) if now_ms >= again_ms => {
                out.push(Action::ReadRecord);
                State::Reading(Some(version))
            }
            (State::Reading(version), Event::Record(record)) => self.compare(version, record, out),
            // Time that passes meanwhile, a table that is being made, and answers to what was given up.
            (state, _) => state,
        };
    }

    fn begin(&mut self, out: &mut Vec<Action>) -> State {
        self.is_unsure &= !self.pieces.is_empty();
        self.pieces.append(&mut self.queue);
        if self.pieces.is_empty() { State::Idle } else { self.write(out) }
    }

    fn write(&mut self, out: &mut Vec<Action>) -> State {
        self.pieces.append(&mut self.queue);
        out.push(Action::Write(self.pieces.clone()));
        State::Writing
    }

    fn propose(&mut self, version: Version, out: &mut Vec<Action>) -> State {
        let Version { base, metadata } = version.clone();
        out.push(Action::Propose { base, metadata, pieces: self.pieces.clone() });
        State::Proposed(version)
    }

    fn done(&mut self, out: &mut Vec<Action>) -> State {
        self.failures = 0;
        self.answer_all(Proposal::Done, out);
        self.begin(out)
    }

    fn answer_all(&mut self, outcome: Proposal, out: &mut Vec<Action>) {
        out.extend(
            std::mem::take(&mut self.pieces).into_iter().map(|piece| Action::Answer { piece, outcome }),
        );
    }

    fn compare(&mut self, version: Option<Version>, record: Option<Record>, out: &mut Vec<Action>) -> State {
        let Some(record) = record else {
            self.answer_all(Proposal::Refused, out);
            return self.begin(out);
        };
        match version {
            Some(v) if v.metadata == record.metadata => self.done(out),
            Some(v) if v.base == record.version => self.propose(v, out),
            _ => {
                // What the record no longer waits for is answered, the rest is built anew.
                for piece in std::mem::take(&mut self.pieces) {
                    let committed = record.offsets.get(&piece.partition).copied();
                    if committed == piece.from {
                        self.pieces.push(piece);
                    } else if self.is_unsure && committed == Some(piece.to) {
                        // The proposal counted, and another version has followed it since.
                        out.push(Action::Answer { piece, outcome: Proposal::Done });
                    } else {
                        out.push(Action::Answer { piece, outcome: Proposal::Conflict(committed) });
                    }
                }
                self.begin(out)
            }
        }
    }
}
