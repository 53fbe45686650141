//! Control records: transaction markers and others that no application sees.
//!
//! Unknown types are kept as numbers, since readers must ignore what they do not know.

use super::record::Record;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlType {
    Abort,
    Commit,
    LeaderChange,
    SnapshotHeader,
    SnapshotFooter,
    KRaftVersion,
    KRaftVoters,
    Unknown(i16),
}

impl ControlType {
    /// Reads a control record's key: int16 version, int16 type.
    pub fn of(record: &Record<'_>) -> Option<ControlType> {
        let [_, _, hi, lo] = record.key?.first_chunk::<4>()?;
        Some(match i16::from_be_bytes([*hi, *lo]) {
            0 => ControlType::Abort,
            1 => ControlType::Commit,
            2 => ControlType::LeaderChange,
            3 => ControlType::SnapshotHeader,
            4 => ControlType::SnapshotFooter,
            5 => ControlType::KRaftVersion,
            6 => ControlType::KRaftVoters,
            n => ControlType::Unknown(n),
        })
    }
}
