//! What the topic APIs share: names, assignments, creation.

use super::error_of::{of_metadata, of_refusal};
use crate::broker::Broker;
use crate::limits;
use protocol::ids::{BrokerId, TopicId};
use protocol::{ErrorCode, Str};
use raft::{Command, Image, Outcome};
use std::collections::BTreeSet;

/// An error for one topic: code and text.
pub type Failed = (ErrorCode, String);

/// Kafka's rule for topic names.
pub fn check_name(name: &str) -> Result<(), Failed> {
    let bad = |why: &str| Err((ErrorCode::INVALID_TOPIC_EXCEPTION, why.to_string()));
    if name.is_empty() || name == "." || name == ".." {
        return bad("a topic's name must not be empty, '.' or '..'");
    }
    if name.len() > limits::TOPIC_NAME_MAX {
        return bad("a topic's name has at most 249 characters");
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        return bad("a topic's name has only letters, digits, '.', '_' and '-'");
    }
    Ok(())
}

pub fn check_partition_count(n: i32) -> Result<(), Failed> {
    if (1..=limits::PARTITIONS_MAX).contains(&n) {
        return Ok(());
    }
    let why = format!("a topic has 1 to {} partitions, not {n}", limits::PARTITIONS_MAX);
    Err((ErrorCode::INVALID_PARTITIONS, why))
}

/// Every partition on this broker: the only one of this version.
pub fn assignment(broker: &Broker, count: i32, replication: i16) -> Result<Vec<Vec<BrokerId>>, Failed> {
    check_partition_count(count)?;
    if replication != 1 {
        let why = format!("replication factor {replication}: there is 1 broker, so it must be 1");
        return Err((ErrorCode::INVALID_REPLICATION_FACTOR, why));
    }
    Ok(vec![vec![broker.me]; count as usize])
}

/// Counts new partitions against what one request may make (Kafka's bound) and what the cluster may have.
pub fn take_partitions(broker: &Broker, n: usize, left: &mut usize) -> Result<(), Failed> {
    *left = left.checked_sub(n).ok_or_else(|| {
        let why = format!("a request makes at most {} partitions", limits::CREATED_PARTITIONS_MAX);
        (ErrorCode::POLICY_VIOLATION, why)
    })?;
    let image = broker.metadata.image();
    let have: usize = image.topics.values().map(|t| t.partitions.len()).sum();
    if have + n > limits::CLUSTER_PARTITIONS_MAX {
        let why = format!("the cluster has {have} of at most {} partitions", limits::CLUSTER_PARTITIONS_MAX);
        return Err((ErrorCode::POLICY_VIOLATION, why));
    }
    Ok(())
}

/// Names that stand more than once in a request.
pub fn repeated<'a>(names: impl Iterator<Item = &'a Str>) -> BTreeSet<&'a Str> {
    let mut seen = BTreeSet::new();
    names.filter(|n| !seen.insert(*n)).collect()
}

/// Runs a command; a refusal becomes an error with its text.
pub async fn propose(broker: &Broker, command: Command) -> Result<Outcome, Failed> {
    match broker.metadata.propose(command).await {
        Ok(Outcome::Refused(r)) => Err((of_refusal(&r), r.to_string())),
        Ok(o) => Ok(o),
        Err(e) => Err((of_metadata(&e), e.to_string())),
    }
}

/// What a command would come to, tried on `image`, which then holds it for those that follow.
pub fn rehearse(image: &mut Image, command: &Command) -> Result<(), Failed> {
    match raft::machine::apply(image, command) {
        Outcome::Refused(r) => Err((of_refusal(&r), r.to_string())),
        _ => Ok(()),
    }
}

/// Creates a topic and returns its id.
pub async fn create(
    broker: &Broker,
    name: &str,
    assignment: Vec<Vec<BrokerId>>,
    configs: Vec<(String, String)>,
) -> Result<TopicId, Failed> {
    let id = TopicId(broker.fresh_uuid());
    propose(broker, Command::CreateTopic { name: name.to_string(), id, assignment, configs }).await?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_kafka() {
        for good in ["a", "A.b_c-9", "__x"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "ä", "a\0", &"x".repeat(250)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        assert!(check_partition_count(0).is_err() && check_partition_count(1_000_000).is_err());
    }
}
