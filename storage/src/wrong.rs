//! Rules that tests switch wrong on purpose, to see that the simulator catches each of them.
//!
//! Invariant: in release builds every answer is a constant `false` and the compiler drops the wrong branch. In
//! builds with debug assertions a test switches one rule wrong for its own thread; nothing else ever does. Asked
//! by the log, the partition and the group coordinator.

/// A rule that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// acks=all answers before its records are durable.
    AckBeforeDurable,
    /// A repeated batch is answered before the first one is durable.
    DuplicateBeforeDurable,
    /// The high watermark follows the log end of a durable topic.
    HighWatermarkFromLogEnd,
    /// A short write counts as a whole one.
    ShortWriteTrusted,
    /// The durable end is read after the sync instead of before.
    SyncEndAfterSync,
    /// The producer's sequence moves before the append, and stays when that fails.
    ProducerBeforeAppend,
    /// Recovery leaves what follows the valid prefix in the file.
    StaleTail,
    /// A log that the checkpoint lists but the disk lacks starts empty.
    MissingIsEmpty,
    /// A committed offset is shown before its record is durable.
    CommitBeforeDurable,
    /// Sessions run on the wall clock.
    SessionOnWallClock,
    /// A waiter is registered after the lock of the decision was let go.
    WaiterOutsideLock,
    /// After an unclean stop the index is trusted past the recovery point.
    IndexTrusted,
    /// Recovery shows its tail before it was synced.
    TailUnsynced,
}

impl Rule {
    pub const ALL: [Rule; 13] = [
        Rule::AckBeforeDurable,
        Rule::DuplicateBeforeDurable,
        Rule::HighWatermarkFromLogEnd,
        Rule::ShortWriteTrusted,
        Rule::SyncEndAfterSync,
        Rule::ProducerBeforeAppend,
        Rule::StaleTail,
        Rule::MissingIsEmpty,
        Rule::CommitBeforeDurable,
        Rule::SessionOnWallClock,
        Rule::WaiterOutsideLock,
        Rule::IndexTrusted,
        Rule::TailUnsynced,
    ];
}

#[cfg(debug_assertions)]
mod switch {
    use super::Rule;
    use std::cell::Cell;

    thread_local! {
        static RULE: Cell<Option<Rule>> = const { Cell::new(None) };
        static GAP: Cell<Option<fn()>> = const { Cell::new(None) };
    }

    /// True if a test has this rule switched wrong on this thread.
    #[inline]
    pub fn is(rule: Rule) -> bool {
        RULE.get() == Some(rule)
    }

    /// Switches one rule wrong on this thread; `in_gaps` runs where a wrong rule has let go of a lock.
    pub fn set(rule: Option<Rule>, in_gaps: Option<fn()>) {
        RULE.set(rule);
        GAP.set(in_gaps);
    }

    /// A moment in which others would run.
    pub fn gap() {
        if let Some(f) = GAP.get() {
            f();
        }
    }
}

#[cfg(not(debug_assertions))]
mod switch {
    use super::Rule;

    #[inline(always)]
    pub const fn is(_: Rule) -> bool {
        false
    }

    #[inline(always)]
    pub const fn gap() {}
}

pub use switch::*;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_on_one_thread() {
        set(Some(Rule::StaleTail), None);
        assert!(is(Rule::StaleTail) && !is(Rule::TailUnsynced));
        assert!(!std::thread::spawn(|| is(Rule::StaleTail)).join().unwrap());
        set(None, None);
        assert!(Rule::ALL.iter().all(|r| !is(*r)));
    }
}
