//! The house's rules that a reader would otherwise have to remember, held against the files themselves.
//!
//! Reads the source tree only. A rule that is broken for a reason is listed in `RATCHET`, which may only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 600;
const TEST_FILE_LINES_MAX: usize = 900;
const INLINE_TEST_LINES_MAX: usize = 200;

/// `file: rule` that is still broken. A line here that no longer applies fails the test.
const RATCHET: &[&str] =
    &["broker/src/config/broker.rs: function from_values(values:", "broker/src/net/connection.rs: file"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn walk(dir: &Path, ext: &str, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "lipno-data", "__pycache__"].contains(&name.as_str()) {
                walk(&path, ext, out);
            }
        } else if path.extension().is_some_and(|e| e == ext) {
            out.push(path);
        }
    }
}

/// Path below the root -> text, of every Rust file; generated ones only if asked for.
fn sources(generated: bool) -> BTreeMap<String, String> {
    let mut files = Vec::new();
    walk(&root(), "rs", &mut files);
    files
        .into_iter()
        .map(|p| {
            (
                p.strip_prefix(root()).unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&p).unwrap(),
            )
        })
        .filter(|(name, _)| generated || !name.starts_with("protocol/src/message/"))
        .collect()
}

fn is_test_file(name: &str) -> bool {
    name.starts_with("tests/") || name.ends_with("_test.rs") || name.starts_with("benches/")
}

/// Lines before the file's own test module.
fn code_lines(text: &str) -> usize {
    text.lines().position(|l| l == "#[cfg(test)]").unwrap_or_else(|| text.lines().count())
}

fn function_lengths(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let words: Vec<&str> = body.split(' ').collect();
        let Some(at) = words.iter().position(|w| *w == "fn") else { continue };
        if !words[..at]
            .iter()
            .all(|w| ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe"].contains(w))
        {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        if line.ends_with(';') || line.ends_with('}') {
            continue;
        }
        if let Some(n) = lines[i..].iter().position(|l| *l == close) {
            out.push((words.get(at + 1).unwrap_or(&"?").to_string(), n + 1));
        }
    }
    out
}

#[test]
fn every_file_says_what_it_is() {
    let bad: Vec<String> =
        sources(true).into_iter().filter(|(_, t)| !t.starts_with("//! ")).map(|(n, _)| n).collect();
    assert!(bad.is_empty(), "files must open with //!: {bad:#?}");
}

#[test]
fn sizes_stay_readable() {
    let mut broken = BTreeSet::new();
    for (name, text) in sources(false) {
        if is_test_file(&name) {
            if text.lines().count() > TEST_FILE_LINES_MAX {
                broken.insert(format!("{name}: test file"));
            }
            continue;
        }
        let code = code_lines(&text);
        if code > FILE_LINES_MAX {
            broken.insert(format!("{name}: file"));
        }
        let tests = text.lines().count() - code;
        if tests > INLINE_TEST_LINES_MAX {
            broken.insert(format!("{name}: tests inline, they move to a _test.rs beside it"));
        }
        let body: String = text.lines().take(code).collect::<Vec<_>>().join("\n");
        for (function, n) in function_lengths(&body) {
            if n > FUNCTION_LINES_MAX {
                broken.insert(format!("{name}: function {function}"));
            }
        }
    }
    let known: BTreeSet<String> = RATCHET.iter().map(|s| s.to_string()).collect();
    let new: Vec<_> = broken.difference(&known).collect();
    let healed: Vec<_> = known.difference(&broken).collect();
    assert!(new.is_empty(), "too long: {new:#?}");
    assert!(healed.is_empty(), "no longer too long, take them off RATCHET: {healed:#?}");
}

#[test]
fn machines_only_think() {
    // Sockets, files, clocks, randomness, and maps whose order differs from run to run.
    let words = [
        "async ",
        ".await",
        "tokio::",
        "std::fs",
        "std::net",
        "File::",
        "Instant",
        "SystemTime",
        "rand::",
        "HashMap",
        "HashSet",
        "thread::",
        "Uuid::new",
    ];
    let mut seen = 0;
    for (name, text) in sources(false) {
        if !name.contains("/machine/") || name.ends_with("_test.rs") {
            continue;
        }
        seen += 1;
        for (i, line) in text.lines().take(code_lines(&text)).enumerate() {
            let code = line.split("//").next().unwrap();
            for w in words {
                let used = code.split(w).nth(1).is_some_and(|rest| {
                    w.ends_with(' ') || !rest.starts_with(char::is_alphanumeric) || w.ends_with(':')
                });
                assert!(!used, "{name}:{}: a machine uses `{w}`", i + 1);
            }
        }
    }
    assert!(seen >= 10, "the machines moved: {seen} found");
}

#[test]
fn one_file_per_kafka_api() {
    let stem = |path: &str, ext: &str| -> BTreeSet<String> {
        let mut files = Vec::new();
        walk(&root().join(path), ext, &mut files);
        files
            .iter()
            .map(|p| p.file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|s| s.len() > 3 && s.starts_with('k') && s[1..3].bytes().all(|b| b.is_ascii_digit()))
            .collect()
    };
    let messages = stem("protocol/src/message", "rs");
    let handlers: BTreeSet<String> =
        stem("broker/src/handler", "rs").into_iter().filter(|s| !s.ends_with("_test")).collect();
    let key = |s: &String| s[1..].split('_').next().unwrap().parse::<i16>().unwrap();
    let served: BTreeSet<i16> = protocol::api::SERVED.iter().copied().collect();
    assert_eq!(handlers.iter().map(key).collect::<BTreeSet<_>>(), served, "handlers = the API table");
    for h in &handlers {
        assert!(messages.contains(h), "{h}: no message file of the same name");
        let text = std::fs::read_to_string(root().join(format!("broker/src/handler/{h}.rs"))).unwrap();
        let api = protocol::api::served(key(h)).unwrap();
        // A served range starts with version 0 where the schema does; the head must tell the truth.
        let head = format!("({}), versions {}-{}", api.key, api.min, api.max);
        let single = format!("({}), version {}", api.key, api.min);
        let first: String = text.lines().next().unwrap().to_string();
        assert!(
            first.contains(&head) || (api.min == api.max && first.contains(&single)),
            "{h}: its first line must say `{head}`, it says: {first}"
        );
    }
    let dispatch = std::fs::read_to_string(root().join("broker/src/dispatch.rs")).unwrap();
    for h in &handlers {
        assert!(dispatch.contains(&format!("{h}::handle")), "{h} is not dispatched");
    }
}

#[test]
fn arrows_point_down() {
    let allowed: &[(&str, &[&str])] = &[
        ("protocol", &[]),
        ("storage", &["protocol"]),
        ("raft", &["protocol", "storage"]),
        ("tiering", &["protocol", "storage"]),
        ("broker", &["protocol", "storage", "raft", "tiering"]),
    ];
    for (name, below) in allowed {
        let text = std::fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        let normal = text.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap().to_string();
        for (other, _) in allowed {
            let named = normal
                .lines()
                .any(|l| l.starts_with(&format!("{other}.")) || l.starts_with(&format!("{other} ")));
            assert!(!named || below.contains(other), "{name} must not depend on {other}");
        }
    }
}

#[test]
fn unsafe_stays_in_storage() {
    let outside: Vec<String> = sources(false)
        .into_iter()
        .filter(|(n, t)| {
            !n.starts_with("storage/") && !is_test_file(n) && t.lines().any(|l| l.contains("unsafe {"))
        })
        .map(|(n, _)| n)
        .collect();
    assert!(outside.len() <= 1, "unsafe outside storage in more than one file: {outside:?}");
    for (name, text) in sources(false) {
        let lines: Vec<&str> = text.lines().collect();
        for (i, l) in lines.iter().enumerate().filter(|(_, l)| l.contains("unsafe {")) {
            let proof = lines[i.saturating_sub(6)..i].iter().any(|l| l.contains("SAFETY:"));
            assert!(proof || is_test_file(&name), "{name}:{}: `{l}` has no SAFETY comment", i + 1);
        }
    }
}

#[test]
fn nothing_is_left_half_done() {
    let words = ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("];
    for (name, text) in sources(false) {
        if name == "tests/tidy.rs" {
            continue;
        }
        for (i, l) in text.lines().enumerate() {
            assert!(!words.iter().any(|w| l.contains(w)), "{name}:{}: {l}", i + 1);
        }
    }
}

#[test]
fn function_lengths_are_measured() {
    let text = "fn a() {\n    x();\n}\n\npub(crate) async fn b() -> u8 {\n    1\n}\n    fn c();\n";
    assert_eq!(function_lengths(text), [("a()".into(), 3), ("b()".into(), 3)]);
}
