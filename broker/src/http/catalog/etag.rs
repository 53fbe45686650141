//! Tags by which a client tells that what it has of a table is still current.
//!
//! Invariants: two answers with the same tag have the same bytes; a table made anew under an old name has another tag.
//! Called by the handler that loads a table.

use super::Listed;
use super::snapshots::Snapshots;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The tag of an answer, with its quotes.
pub fn of(table: &Listed, snapshots: Snapshots, config: &BTreeMap<String, String>) -> String {
    // The settings for clients are part of the answer: whoever has old credentials must get the new ones.
    let mut hash = DefaultHasher::new();
    (&table.uuid_key, &table.metadata_location, config).hash(&mut hash);
    let shown = match snapshots {
        Snapshots::All => "all",
        Snapshots::Refs => "refs",
    };
    format!("\"{}-{:016x}-{shown}\"", table.version, hash.finish())
}

/// Whether an If-None-Match names the tag, or any at all. Weak tags count: for a GET they are compared as if strong.
pub fn matches(if_none_match: &str, tag: &str) -> bool {
    if_none_match
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(version: u64, uuid_key: &str) -> Listed {
        let metadata_location = "file:///lake/t/1.metadata.json".to_string();
        Listed { name: "t".into(), metadata_location, version, uuid_key: uuid_key.into() }
    }

    #[test]
    fn whatever_changes_the_answer_changes_the_tag() {
        let config = BTreeMap::from([("s3.access-key-id".to_string(), "a".to_string())]);
        let moved = Listed { metadata_location: "file:///other".into(), ..table(1, "u") };
        let tags = [
            of(&table(1, "u"), Snapshots::All, &BTreeMap::new()),
            of(&table(1, "u"), Snapshots::Refs, &BTreeMap::new()),
            of(&table(2, "u"), Snapshots::All, &BTreeMap::new()),
            of(&table(1, "v"), Snapshots::All, &BTreeMap::new()),
            of(&moved, Snapshots::All, &BTreeMap::new()),
            of(&table(1, "u"), Snapshots::All, &config),
        ];
        let different: std::collections::BTreeSet<_> = tags.iter().collect();
        assert_eq!(different.len(), tags.len());
        assert_eq!(of(&table(1, "u"), Snapshots::All, &config), tags[5]);
    }

    #[test]
    fn if_none_match_is_a_list() {
        for yes in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "\"b\",W/\"a\" ", "*"] {
            assert!(matches(yes, "\"a\""), "{yes}");
        }
        for no in ["", "a", "\"b\"", "W/a", "\"a"] {
            assert!(!matches(no, "\"a\""), "{no}");
        }
    }
}
