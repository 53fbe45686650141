//! One partition's way into the lake: pending -> uploaded -> proposed -> committed.
//!
//! Invariants: a range starts where the Raft record ends (or at the log start, if that is later) and never passes
//! the high watermark, the last stable offset or the durable end; there is one range at a time; no new one is cut
//! while a file of the last may exist that the record does not count; files of a range are removed only when its
//! proposal can no longer be committed: refused, or never made. An unknown outcome is resolved by reading the record
//! again and proposing the same compare-and-set until one of them is definite. Time comes as milliseconds.
//! Driven by the broker's tier link; one instance per partition that has something to do.

/// First and longest wait after a failure.
const RETRY_MS_MIN: i64 = 500;
const RETRY_MS_MAX: i64 = 60_000;

/// Where a partition stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// `lake.mode=copy`, and the topic exists.
    pub is_enabled: bool,
    pub log_start: i64,
    /// The lesser of high watermark and last stable offset.
    pub readable_end: i64,
    pub durable_end: i64,
    /// Everything below is in sealed segments.
    pub sealed_end: i64,
    /// Bytes of log that are not in the lake, counted up to `commit_bytes`.
    pub pending_bytes: u64,
    /// `lake.commit.interval.ms`.
    pub interval_ms: i64,
    /// `lake.commit.bytes`.
    pub commit_bytes: u64,
}

/// A range whose files are in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    pub start: i64,
    pub end: i64,
    pub files: Vec<String>,
    pub rows: u64,
}

/// What came of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    Done,
    /// The record was not where the proposal said, but here.
    Conflict(Option<i64>),
    /// It can never be accepted: the table does not exist.
    Refused,
    /// It may have been committed, or may be later.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Some time has passed, or something has changed.
    Observe(View),
    Converted(Uploaded),
    /// These names may exist in the store.
    ConvertFailed {
        leftovers: Vec<String>,
    },
    Proposed(Proposal),
    /// The partition's entry of the Raft record.
    Record(Option<i64>),
    /// Whether the files are gone for sure.
    Discarded(bool),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make what the log holds durable.
    Sync,
    /// Convert [start, to), or a first part of it.
    Convert {
        start: i64,
        to: i64,
    },
    Propose {
        from: Option<i64>,
        to: i64,
    },
    ReadRecord,
    Discard(Vec<String>),
    /// These rows and files count from now on.
    Committed {
        rows: u64,
        files: usize,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// A sync was asked for; the range is cut when it has come this far.
    Syncing {
        to: i64,
    },
    /// Being converted.
    Pending,
    /// A proposal is on its way. `is_first`: none before it for this range had an unknown outcome.
    Uploaded {
        range: Uploaded,
        is_first: bool,
    },
    /// The outcome of the proposal is unknown; the record is read at this time.
    Unsure {
        range: Uploaded,
        again_ms: i64,
    },
    /// Waits for the record.
    Reading {
        range: Uploaded,
    },
    Discarding {
        files: Vec<String>,
    },
    Undiscarded {
        files: Vec<String>,
        again_ms: i64,
    },
}

/// See the file's head.
#[derive(Clone, Debug)]
pub struct UploadMachine {
    committed: Option<i64>,
    state: State,
    pending_since_ms: Option<i64>,
    /// The cut range ends here, although it may be converted in parts.
    goal: i64,
    failures: u32,
    /// No new range before this time.
    not_before_ms: i64,
}

impl UploadMachine {
    /// `committed` is the partition's entry of the Raft record.
    pub fn new(committed: Option<i64>) -> UploadMachine {
        UploadMachine {
            committed,
            state: State::Idle,
            pending_since_ms: None,
            goal: i64::MIN,
            failures: 0,
            not_before_ms: i64::MIN,
        }
    }

    pub fn committed(&self) -> Option<i64> {
        self.committed
    }

    /// Nothing is on its way and no file is unaccounted for: the machine can be dropped and made again.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle | State::Syncing { .. })
    }

    /// First offset that is not in the lake.
    pub fn next(&self, log_start: i64) -> i64 {
        self.committed.unwrap_or(log_start).max(log_start)
    }

    fn retry_ms(&mut self, now_ms: i64) -> i64 {
        let wait = RETRY_MS_MIN.saturating_mul(1i64 << self.failures.min(20)).min(RETRY_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        now_ms.saturating_add(wait)
    }

    pub fn on(&mut self, now_ms: i64, event: Event, out: &mut Vec<Action>) {
        let state = std::mem::replace(&mut self.state, State::Idle);
        self.state = match (state, event) {
            (State::Idle, Event::Observe(v)) => self.cut(now_ms, &v, out),
            (State::Syncing { to }, Event::Observe(v)) => self.synced(to, &v, out),
            (State::Unsure { range, again_ms }, Event::Observe(_)) if now_ms >= again_ms => {
                out.push(Action::ReadRecord);
                State::Reading { range }
            }
            (State::Undiscarded { files, again_ms }, Event::Observe(_)) if now_ms >= again_ms => {
                self.discard(files, out)
            }
            (State::Pending, Event::Converted(range)) => self.propose(range, true, out),
            (State::Pending, Event::ConvertFailed { leftovers }) => {
                self.not_before_ms = self.retry_ms(now_ms);
                self.discard(leftovers, out)
            }
            (State::Uploaded { range, is_first }, Event::Proposed(p)) => {
                self.proposed(now_ms, range, is_first, p, out)
            }
            (State::Reading { range }, Event::Record(c)) if c == Some(range.end) => self.commit(range, out),
            (State::Reading { range }, Event::Record(c)) if c == self.committed => {
                self.propose(range, false, out)
            }
            (State::Reading { range }, Event::Record(c)) => self.lost(now_ms, range, c, out),
            (State::Discarding { .. }, Event::Discarded(true)) => State::Idle,
            (State::Discarding { files }, Event::Discarded(false)) => {
                State::Undiscarded { files, again_ms: self.retry_ms(now_ms) }
            }
            // Observations in between, and answers to what was given up.
            (state, _) => state,
        };
    }

    /// Decides whether a range is due.
    fn cut(&mut self, now_ms: i64, v: &View, out: &mut Vec<Action>) -> State {
        let from = self.next(v.log_start);
        if !v.is_enabled || v.readable_end <= from {
            self.pending_since_ms = None;
            self.goal = i64::MIN;
            return State::Idle;
        }
        let since = *self.pending_since_ms.get_or_insert(now_ms);
        if now_ms < self.not_before_ms {
            return State::Idle;
        }
        let to = if self.goal > from {
            self.goal.min(v.readable_end)
        } else if v.pending_bytes >= v.commit_bytes || now_ms.saturating_sub(since) >= v.interval_ms {
            v.readable_end
        } else if v.sealed_end > from {
            v.sealed_end.min(v.readable_end)
        } else {
            return State::Idle;
        };
        self.goal = to;
        if v.durable_end < to {
            out.push(Action::Sync);
            return State::Syncing { to };
        }
        out.push(Action::Convert { start: from, to });
        State::Pending
    }

    fn synced(&mut self, to: i64, v: &View, out: &mut Vec<Action>) -> State {
        let from = self.next(v.log_start);
        if !v.is_enabled || to <= from {
            return State::Idle;
        }
        if v.durable_end < to {
            return State::Syncing { to };
        }
        out.push(Action::Convert { start: from, to });
        State::Pending
    }

    fn propose(&mut self, range: Uploaded, is_first: bool, out: &mut Vec<Action>) -> State {
        out.push(Action::Propose { from: self.committed, to: range.end });
        State::Uploaded { range, is_first }
    }

    fn proposed(
        &mut self,
        now_ms: i64,
        range: Uploaded,
        is_first: bool,
        p: Proposal,
        out: &mut Vec<Action>,
    ) -> State {
        match p {
            Proposal::Done => self.commit(range, out),
            // An earlier proposal of this range was committed after all: nobody else commits for this partition.
            Proposal::Conflict(c) if !is_first && c == Some(range.end) => self.commit(range, out),
            Proposal::Conflict(c) => self.lost(now_ms, range, c, out),
            Proposal::Refused => {
                self.not_before_ms = self.retry_ms(now_ms);
                self.discard(range.files, out)
            }
            Proposal::Unknown => State::Unsure { range, again_ms: self.retry_ms(now_ms) },
        }
    }

    fn commit(&mut self, range: Uploaded, out: &mut Vec<Action>) -> State {
        self.committed = Some(range.end);
        self.failures = 0;
        self.pending_since_ms = None;
        out.push(Action::Committed { rows: range.rows, files: range.files.len() });
        State::Idle
    }

    /// The record went elsewhere: these files will never count.
    fn lost(&mut self, now_ms: i64, range: Uploaded, now_at: Option<i64>, out: &mut Vec<Action>) -> State {
        self.committed = now_at;
        self.not_before_ms = self.retry_ms(now_ms);
        self.discard(range.files, out)
    }

    fn discard(&mut self, files: Vec<String>, out: &mut Vec<Action>) -> State {
        if files.is_empty() {
            return State::Idle;
        }
        out.push(Action::Discard(files.clone()));
        State::Discarding { files }
    }
}
