//! Offsets whose commit is appended but not yet below the high watermark, by group.
//!
//! Invariants: a key is counted once for each append that has not ended; expiry never writes a tombstone behind a
//! commit that is under way, and a deletion covers it. Called by the coordinator's machine.

use std::collections::BTreeMap;

/// Topic and partition.
pub type Key = (String, i32);

#[derive(Debug, Default)]
pub struct InFlight {
    groups: BTreeMap<String, BTreeMap<Key, u32>>,
}

impl InFlight {
    pub fn begin(&mut self, group: &str, keys: impl Iterator<Item = Key>) {
        let counts = self.groups.entry(group.to_string()).or_default();
        for key in keys {
            *counts.entry(key).or_insert(0) += 1;
        }
    }

    pub fn end<'a>(&mut self, group: &str, keys: impl Iterator<Item = &'a Key>) {
        let Some(counts) = self.groups.get_mut(group) else { return };
        for key in keys {
            match counts.get_mut(key) {
                Some(n) if *n > 1 => *n -= 1,
                Some(_) => drop(counts.remove(key)),
                None => {}
            }
        }
        if counts.is_empty() {
            self.groups.remove(group);
        }
    }

    /// The group's commits will not be heard of again.
    pub fn forget(&mut self, group: &str) {
        self.groups.remove(group);
    }

    /// Expired offsets without those that are being committed anew.
    pub fn without(&self, group: &str, mut keys: Vec<Key>) -> Vec<Key> {
        if let Some(counts) = self.groups.get(group) {
            keys.retain(|k| !counts.contains_key(k));
        }
        keys
    }

    /// Offsets to delete and those that will be there by then, as far as `wanted` accepts them.
    pub fn with(&self, group: &str, mut keys: Vec<Key>, wanted: impl Fn(&Key) -> bool) -> Vec<Key> {
        keys.extend(self.groups.get(group).into_iter().flat_map(|c| c.keys()).filter(|k| wanted(k)).cloned());
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(p: i32) -> Key {
        ("t".to_string(), p)
    }

    #[test]
    fn a_commit_under_way_is_neither_expired_nor_missed() {
        let mut f = InFlight::default();
        f.begin("g", [key(0), key(1)].into_iter());
        f.begin("g", [key(0)].into_iter());
        assert_eq!(f.without("g", vec![key(0), key(2)]), [key(2)]);
        assert_eq!(f.with("g", vec![key(1), key(2)], |_| true), [key(0), key(1), key(2)]);
        assert_eq!(f.with("g", vec![], |k| k.1 == 1), [key(1)]);
        f.end("g", [key(0), key(1)].iter());
        assert_eq!(
            f.without("g", vec![key(0), key(1)]),
            [key(1)],
            "the second commit of 0 is still under way"
        );
        f.end("g", [key(0)].iter());
        assert_eq!(f.without("g", vec![key(0)]), [key(0)], "all have ended");
        f.begin("g", [key(0)].into_iter());
        f.forget("g");
        assert_eq!(f.without("g", vec![key(0)]), [key(0)]);
        assert_eq!(f.without("other", vec![key(0)]), [key(0)]);
    }
}
