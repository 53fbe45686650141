//! What a case can do, and how likely each is.

use proptest::prelude::*;

/// One step. `log` picks one of the two logs; numbers are scaled to what is possible when the step runs.
#[derive(Clone, Debug)]
pub enum Op {
    Append {
        log: u8,
        batches: u8,
        records: u8,
        value: u16,
        time: i8,
    },
    Upkeep {
        log: u8,
    },
    Sync {
        log: u8,
    },
    /// Batches are appended while the sync runs: they are not covered.
    SlowSync {
        log: u8,
        meanwhile: u8,
    },
    Checkpoint,
    DeleteRecords {
        log: u8,
        part: u8,
    },
    Retain {
        log: u8,
        part: u8,
    },
    Truncate {
        log: u8,
        back: u8,
    },
    Read {
        log: u8,
        at: u8,
    },
    CloseIdle,
    NewEpoch,
    /// The process stops in good order and starts again.
    Restart,
    /// The process dies, the machine does not.
    Kill,
    /// Power fails now.
    PowerCut,
    /// Power fails at some disk call soon.
    PowerCutAt {
        calls: u8,
    },
    /// Power fails again while the next start recovers.
    PowerCutInRecovery {
        calls: u8,
    },
    ShortWrites {
        per_mille: u16,
    },
    /// So much space is left; `Space` gives it back.
    Full {
        bytes: u16,
    },
    Space,
    /// One call of a kind fails with EIO.
    Fail {
        call: u8,
        skip: u8,
        file: u8,
    },
    /// The next sync of a file fails, later ones succeed although the data is lost.
    Lie {
        log: u8,
    },
    /// A bit below the recovery point decays.
    Rot {
        file: u8,
        at: u16,
        bit: u8,
    },
}

fn append() -> impl Strategy<Value = Op> {
    (0..2u8, 1..6u8, 1..5u8, prop_oneof![Just(10u16), Just(150), Just(1500)], any::<i8>())
        .prop_map(|(log, batches, records, value, time)| Op::Append { log, batches, records, value, time })
}

pub fn op_without_faults() -> impl Strategy<Value = Op> {
    let log = || 0..2u8;
    prop_oneof![
        12 => append(),
        4 => log().prop_map(|log| Op::Upkeep { log }),
        4 => log().prop_map(|log| Op::Sync { log }),
        2 => (log(), 1..4u8).prop_map(|(log, meanwhile)| Op::SlowSync { log, meanwhile }),
        3 => Just(Op::Checkpoint),
        1 => (log(), any::<u8>()).prop_map(|(log, part)| Op::DeleteRecords { log, part }),
        1 => (log(), any::<u8>()).prop_map(|(log, part)| Op::Retain { log, part }),
        2 => (log(), any::<u8>()).prop_map(|(log, back)| Op::Truncate { log, back }),
        4 => (log(), any::<u8>()).prop_map(|(log, at)| Op::Read { log, at }),
        2 => Just(Op::CloseIdle),
        1 => Just(Op::NewEpoch),
        1 => Just(Op::Restart),
        1 => Just(Op::Kill),
    ]
}

pub fn op_with_crashes() -> impl Strategy<Value = Op> {
    prop_oneof![
        30 => op_without_faults(),
        2 => Just(Op::PowerCut),
        3 => any::<u8>().prop_map(|calls| Op::PowerCutAt { calls }),
        1 => any::<u8>().prop_map(|calls| Op::PowerCutInRecovery { calls }),
    ]
}

pub fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        40 => op_with_crashes(),
        1 => (0..600u16).prop_map(|per_mille| Op::ShortWrites { per_mille }),
        2 => any::<u16>().prop_map(|bytes| Op::Full { bytes }),
        3 => Just(Op::Space),
        2 => (any::<u8>(), 0..4u8, any::<u8>()).prop_map(|(call, skip, file)| Op::Fail { call, skip, file }),
        1 => (0..2u8).prop_map(|log| Op::Lie { log }),
        1 => (any::<u8>(), any::<u16>(), 0..8u8).prop_map(|(file, at, bit)| Op::Rot { file, at, bit }),
    ]
}
