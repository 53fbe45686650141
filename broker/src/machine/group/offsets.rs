//! Committed offsets of one group.
//!
//! Invariants: a commit is visible only once its record is below the high watermark of the offsets topic; until
//! then reads see the last committed value; commits become visible in the order of their records.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    pub offset: i64,
    pub leader_epoch: i32,
    pub metadata: String,
    /// Wall time of the commit.
    pub commit_ms: i64,
    /// From clients before version 5 that asked for a retention of their own; -1 otherwise.
    pub expire_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offsets {
    committed: BTreeMap<String, BTreeMap<i32, CommittedOffset>>,
}

impl Offsets {
    pub fn get(&self, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.committed.get(topic)?.get(&partition)
    }

    /// All offsets in order of topic and partition.
    pub fn all(&self) -> impl Iterator<Item = (&str, i32, &CommittedOffset)> {
        self.committed.iter().flat_map(|(t, ps)| ps.iter().map(move |(p, o)| (t.as_str(), *p, o)))
    }

    /// The record of this commit is below the high watermark (or was replayed).
    pub fn apply(&mut self, topic: &str, partition: i32, offset: CommittedOffset) {
        self.committed.entry(topic.to_string()).or_default().insert(partition, offset);
    }

    /// A tombstone.
    pub fn remove(&mut self, topic: &str, partition: i32) {
        if let Some(ps) = self.committed.get_mut(topic) {
            ps.remove(&partition);
            if ps.is_empty() {
                self.committed.remove(topic);
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.committed.is_empty()
    }

    /// Offsets that have expired. `empty_since` is when the group lost its last member (`None` while it has some);
    /// a simple group (`protocol_type` unset) counts from each commit.
    pub fn expired(
        &self,
        now_ms: i64,
        retention_ms: i64,
        empty_since: Option<i64>,
        simple: bool,
    ) -> Vec<(String, i32)> {
        self.all()
            .filter(|(_, _, o)| {
                if o.expire_ms >= 0 {
                    return now_ms >= o.expire_ms && (simple || empty_since.is_some());
                }
                let since = match (simple, empty_since) {
                    (true, _) => o.commit_ms,
                    (false, Some(t)) => t.max(o.commit_ms),
                    (false, None) => return false,
                };
                now_ms.saturating_sub(since) >= retention_ms
            })
            .map(|(t, p, _)| (t.to_string(), p))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(commit_ms: i64) -> CommittedOffset {
        CommittedOffset { offset: 1, leader_epoch: 0, metadata: String::new(), commit_ms, expire_ms: -1 }
    }

    #[test]
    fn expiry_counts_from_the_right_moment() {
        let mut o = Offsets::default();
        o.apply("t", 0, at(100));
        o.apply("t", 1, CommittedOffset { expire_ms: 150, ..at(100) });
        assert_eq!(o.expired(1000, 50, None, false), [], "members keep offsets");
        assert_eq!(o.expired(549, 50, Some(500), false), [("t".to_string(), 1)]);
        assert_eq!(o.expired(550, 50, Some(500), false).len(), 2);
        assert_eq!(o.expired(149, 50, Some(500), true), []);
        o.remove("t", 0);
        o.remove("t", 1);
        assert!(o.is_empty());
    }
}
