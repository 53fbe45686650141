//! Configs: Kafka's names for Kafka's, our own for ours. A TOML file, `LIPNO_*` over it, flags over that.
//!
//! Invariants: an unknown key is an error that names the nearest known one; a value that Lipno does not act on is
//! refused, never stored and ignored; every topic config is also a broker config that is its default.
//! `broker` has the process's configs, `net` those of connections, `topic` a topic's, `source` reads them.

pub mod broker;
pub mod lake;
pub mod net;
pub mod source;
pub mod topic;
#[cfg(test)]
mod topic_test;

pub use broker::{BrokerConfig, ListenerAddress};
pub use lake::LakeConfig;
pub use net::NetConfig;
pub use topic::{TopicConfig, TopicDefaults};

use crate::limits::logged;

/// Kafka's config types, as DescribeConfigs numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool = 1,
    String = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
    Password = 9,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("unknown config '{key}'{}", nearest.as_ref().map(|n| format!("; did you mean '{n}'?")).unwrap_or_default())]
    Unknown { key: String, nearest: Option<String> },
    #[error("{key}={value}: {why}")]
    Invalid { key: String, value: String, why: String },
    #[error("{0}")]
    File(String),
}

impl ConfigError {
    // Keys and values may come from a client: escaped and cut.
    pub fn invalid(key: &str, value: &str, why: impl Into<String>) -> ConfigError {
        ConfigError::Invalid { key: logged(key), value: logged(value), why: why.into() }
    }

    pub fn unknown<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> ConfigError {
        ConfigError::Unknown { key: logged(key), nearest: nearest(key, known) }
    }
}

const COMPARED_MAX: usize = 128;

/// The known name with the smallest edit distance, if it is at all near.
pub fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    // Comparing costs length times length; a name so long is no slip of the pen.
    if key.len() > COMPARED_MAX {
        return None;
    }
    let (best, distance) = known.map(|k| (k, edits(key, k))).min_by_key(|(_, d)| *d)?;
    (distance <= key.len().div_ceil(3).max(2)).then(|| best.to_string())
}

/// Levenshtein's distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (cb, up) in b.iter().zip(row.iter().skip(1)) {
            let cost = (diagonal + usize::from(ca != *cb)).min(up + 1).min(left + 1);
            diagonal = *up;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let known = ["retention.ms", "retention.bytes", "segment.bytes"];
        assert_eq!(nearest("retention.m", known.into_iter()).as_deref(), Some("retention.ms"));
        assert_eq!(nearest("retention.byte", known.into_iter()).as_deref(), Some("retention.bytes"));
        assert_eq!(nearest("zzz", known.into_iter()), None);
        assert_eq!(nearest(&"retention.ms".repeat(20), known.into_iter()), None);
        assert_eq!((edits("abc", "abc"), edits("abc", "axc"), edits("", "abc")), (0, 1, 3));
    }
}
