//! Which snapshots of a table a client gets: all, or those that branches and tags name.
//!
//! Invariants: the metadata's own bytes are passed on, nothing is written anew but the list of snapshots, so that a
//! field this version does not know reaches the client as it is; memory in use is that of the file and no multiple.
//! Called by the handler that loads a table.

use super::errors::{Failure, shown};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshots {
    All,
    Refs,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Named {
    snapshot_id: i64,
}

impl Snapshots {
    pub fn parse(text: Option<&str>) -> Result<Snapshots, Failure> {
        match text {
            None | Some("all") => Ok(Snapshots::All),
            Some("refs") => Ok(Snapshots::Refs),
            Some(other) => Err(Failure::bad_request(format!(
                "snapshots must be 'all' or 'refs', it is {}",
                shown(other)
            ))),
        }
    }
}

/// The metadata with only those snapshots that refs name. None: it is no table's metadata.
pub fn of_refs(metadata: &[u8]) -> Option<Vec<u8>> {
    let members: Vec<(&[u8], &[u8])> =
        items(metadata, b'{')?.into_iter().map(member).collect::<Option<_>>()?;
    let value = |name: &[u8]| members.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let mut kept: BTreeSet<i64> = BTreeSet::new();
    if let Some(refs) = value(b"\"refs\"") {
        let refs: Option<BTreeMap<String, Named>> = serde_json::from_slice(refs).ok()?;
        kept.extend(refs.unwrap_or_default().values().map(|r| r.snapshot_id));
    }
    // The main branch, which metadata of format version 1 has without a ref.
    if let Some(current) = value(b"\"current-snapshot-id\"") {
        kept.extend(serde_json::from_slice::<Option<i64>>(current).ok()?);
    }
    let mut out = vec![b'{'];
    for (i, (key, value)) in members.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(key);
        out.push(b':');
        if *key == b"\"snapshots\"" {
            write_kept(&mut out, value, &kept)?;
        } else {
            out.extend_from_slice(value);
        }
    }
    out.push(b'}');
    Some(out)
}

fn write_kept(out: &mut Vec<u8>, snapshots: &[u8], kept: &BTreeSet<i64>) -> Option<()> {
    if snapshots == b"null" {
        out.extend_from_slice(snapshots);
        return Some(());
    }
    let mut before: u8 = b'[';
    for snapshot in items(snapshots, b'[')? {
        let named: Named = serde_json::from_slice(snapshot).ok()?;
        if kept.contains(&named.snapshot_id) {
            out.push(before);
            out.extend_from_slice(snapshot);
            before = b',';
        }
    }
    out.extend_from_slice(if before == b'[' { b"[]" } else { b"]" });
    Some(())
}

/// The entries of a JSON object or array, each with its own bytes.
fn items(json: &[u8], open: u8) -> Option<Vec<&[u8]>> {
    let (first, rest) = json.trim_ascii().split_first()?;
    let (last, inner) = rest.split_last()?;
    let close = if open == b'{' { b'}' } else { b']' };
    if *first != open || *last != close {
        return None;
    }
    let mut out = Vec::new();
    let (mut start, mut depth, mut text, mut escaped) = (0, 0_usize, false, false);
    for (at, byte) in inner.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            _ if text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                out.push(inner.get(start..at)?.trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
    }
    if text || depth != 0 {
        return None;
    }
    let rest = inner.get(start..)?.trim_ascii();
    if !rest.is_empty() || !out.is_empty() {
        out.push(rest);
    }
    out.iter().all(|item| !item.is_empty()).then_some(out)
}

/// Key, with its quotes, and value.
fn member(item: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut escaped = false;
    let end = item.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })?;
    let (key, rest) = item.split_at_checked(end + 2)?;
    let value = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii();
    (key.first() == Some(&b'"') && !value.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(metadata: &str) -> Option<String> {
        Some(String::from_utf8(of_refs(metadata.as_bytes())?).unwrap())
    }

    #[test]
    fn refs_name_what_stays_and_all_else_is_untouched() {
        let text = r#" {
            "new-in-v9" : 123456789012345678901234567890.50, "a\"]}":"}\\", "e": [ ], "o": {},
            "refs": {"main":{"snapshot-id":2,"type":"branch"},"old":{"snapshot-id":9007199254740993,"type":"tag"}},
            "snapshots": [ {"snapshot-id":1}, {"snapshot-id":2,"summary":{"x":"],[\"{"}} ,{"snapshot-id":9007199254740993},
              {"snapshot-id":9007199254740992}],
            "current-snapshot-id": 2
        } "#;
        let got = kept(text).unwrap();
        let mut want: serde_json::Value = serde_json::from_str(text).unwrap();
        want["snapshots"].as_array_mut().unwrap().retain(|s| {
            let id = s["snapshot-id"].as_i64().unwrap();
            id == 2 || id == 9_007_199_254_740_993
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&got).unwrap(), want);
        assert!(got.contains(r#""new-in-v9":123456789012345678901234567890.50"#), "{got}");
        assert_eq!(kept(&got).unwrap(), got, "once more changes nothing");
    }

    #[test]
    fn tables_without_refs_or_snapshots() {
        for same in [
            "{}",
            r#"{"snapshots":[]}"#,
            r#"{"snapshots":null,"refs":{}}"#,
            r#"{"refs":null}"#,
            r#"{"current-snapshot-id":null,"snapshots":[]}"#,
            r#"{"current-snapshot-id":-1,"snapshots":[]}"#,
            r#"{"current-snapshot-id":5,"snapshots":[{"snapshot-id":5}]}"#,
        ] {
            assert_eq!(kept(same).as_deref(), Some(same));
        }
        let got = kept(r#"{"current-snapshot-id":-1,"snapshots":[{"snapshot-id":5}]}"#);
        assert_eq!(got.as_deref(), Some(r#"{"current-snapshot-id":-1,"snapshots":[]}"#));
    }

    #[test]
    fn what_is_no_metadata_is_none() {
        for bad in [
            "",
            "{",
            "}",
            "[]",
            "{]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "{\"a\":\"}",
            "{\"a\":[1}",
            "{\"a\":1]}",
            "{\"snapshots\":[1]}",
            "{\"snapshots\":{}}",
            "{\"refs\":[]}",
            "{\"snapshots\":[{}]}",
            "{\"current-snapshot-id\":\"x\"}",
            "null",
            "{,}",
        ] {
            assert_eq!(kept(bad), None, "{bad}");
        }
    }
}
