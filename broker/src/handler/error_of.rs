//! Kafka's error codes for the errors of the rooms below. The only mapping.

use crate::machine::partition::Refuse;
use crate::machine::producer::SequenceError;
use protocol::ErrorCode;
use raft::{MetadataError, Refusal};
use storage::LogError;

pub fn of_refuse(r: &Refuse) -> ErrorCode {
    match r {
        Refuse::NotLeader => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        Refuse::FencedEpoch { .. } => ErrorCode::FENCED_LEADER_EPOCH,
        Refuse::UnknownEpoch { .. } => ErrorCode::UNKNOWN_LEADER_EPOCH,
        Refuse::Sequence(SequenceError::OutOfOrder { .. }) => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
        Refuse::Sequence(SequenceError::OldEpoch { .. }) => ErrorCode::INVALID_PRODUCER_EPOCH,
        Refuse::Sequence(SequenceError::TooMany(_)) => ErrorCode::POLICY_VIOLATION,
        Refuse::Transactional => ErrorCode::INVALID_TXN_STATE,
        Refuse::Offline => ErrorCode::KAFKA_STORAGE_ERROR,
    }
}

pub fn of_log(e: &LogError) -> ErrorCode {
    match e {
        LogError::OutOfRange { .. } => ErrorCode::OFFSET_OUT_OF_RANGE,
        LogError::Corrupt(_) => ErrorCode::CORRUPT_MESSAGE,
        LogError::Stale => ErrorCode::NOT_LEADER_OR_FOLLOWER,
        LogError::Full | LogError::NotReady | LogError::Offline(_) | LogError::Sync(_) | LogError::Io(_) => {
            ErrorCode::KAFKA_STORAGE_ERROR
        }
    }
}

pub fn of_metadata(e: &MetadataError) -> ErrorCode {
    match e {
        MetadataError::NotLeader => ErrorCode::NOT_CONTROLLER,
        MetadataError::Open { .. } | MetadataError::Lost(_) | MetadataError::Fatal(_) => {
            ErrorCode::UNKNOWN_SERVER_ERROR
        }
    }
}

pub fn of_refusal(r: &Refusal) -> ErrorCode {
    match r {
        Refusal::TopicExists(_) => ErrorCode::TOPIC_ALREADY_EXISTS,
        Refusal::NameCollides(..) => ErrorCode::INVALID_TOPIC_EXCEPTION,
        Refusal::UnknownTopic => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        Refusal::PartitionCount(_) => ErrorCode::INVALID_PARTITIONS,
        Refusal::UnknownBroker(_) => ErrorCode::INVALID_REPLICA_ASSIGNMENT,
        Refusal::LakeConflict { .. }
        | Refusal::LakeVersion { .. }
        | Refusal::LakeColumns { .. }
        | Refusal::LakeTableInUse
        | Refusal::LakeRebuildGone => ErrorCode::UNKNOWN_SERVER_ERROR,
    }
}
