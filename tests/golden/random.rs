//! `encode(decode(x)) == x` over every version of every message, where x is made from the message facts by an
//! encoder that shares no code with the generated one, and the decoded fields are those that were meant.

use bytes::Bytes;
use lipno_tests::wire::facts::{Sample, facts, message, sample};
use lipno_tests::wire::files::hex;
use lipno_tests::wire::rng::Rng;
use lipno_tests::wire::tree::Tree;
use protocol::message::CODECS;
use std::collections::BTreeSet;

/// Samples of each (message, version).
const SAMPLES: u64 = 60;

fn seed_of(name: &str, version: i16, i: u64) -> u64 {
    let text = name.bytes().fold(version as u64, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
    text.wrapping_mul(1_000).wrapping_add(i)
}

fn each(samples: u64, mut check: impl FnMut(&str, i16, &Sample, &protocol::message::Codec)) -> u64 {
    let mut count = 0;
    for c in CODECS {
        let m = message(c.name);
        assert_eq!((m.valid.lo, m.valid.hi), c.versions, "{}", c.name);
        for v in c.versions.0..=c.versions.1 {
            for i in 0..samples {
                check(c.name, v, &sample(seed_of(c.name, v, i), m, v), c);
                count += 1;
            }
        }
    }
    count
}

#[test]
fn every_message_of_the_facts_has_a_codec() {
    let known: BTreeSet<&str> = CODECS.iter().map(|c| c.name).collect();
    for m in facts() {
        let wanted = match m.kind.as_str() {
            "request" => m.listeners.iter().any(|l| l == "broker"),
            "header" => true,
            kind => kind.starts_with("coordinator-"),
        };
        assert!(!wanted || known.contains(m.name.as_str()), "{} {}", m.kind, m.name);
        let response = m.name.replace("Request", "Response");
        assert!(!(wanted && m.kind == "request") || known.contains(response.as_str()), "{response}");
    }
}

#[test]
fn bytes_come_back_and_fields_are_those_meant() {
    let n = each(SAMPLES, |name, v, s, c| {
        let at = || format!("{name} v{v}: {}", hex(&s.bytes));
        let src = Bytes::copy_from_slice(&s.bytes);
        let (again, rest) = (c.round_trip)(&src, v).unwrap_or_else(|e| panic!("{e}: {}", at()));
        assert_eq!((hex(&again), rest), (hex(&s.bytes), 0), "{}", at());
        let text = (c.describe)(&src, v).unwrap();
        if let Some(difference) = Tree::parse(&text).differs_from(&s.tree) {
            panic!("{difference}: {}\n{text}", at());
        }
    });
    println!("{n} samples");
}

/// decode(encode(m)) == m, for messages whose fields come from bytes of another version: what the version lacks
/// is left out, the rest survives.
#[test]
fn unknown_tags_and_trailing_bytes_are_passed_over() {
    each(SAMPLES / 4, |name, v, s, c| {
        let mut long = s.with_unknown_tags.clone();
        long.extend([0xff, 0, 0xff]);
        let src = Bytes::from(long);
        let (again, rest) = (c.round_trip)(&src, v).unwrap_or_else(|e| panic!("{name} v{v}: {e}"));
        assert_eq!((hex(&again), rest), (hex(&s.bytes), 3), "{name} v{v}");
        let twice = (c.describe)(&again.freeze(), v).unwrap();
        assert_eq!(twice, (c.describe)(&src, v).unwrap(), "{name} v{v}");
    });
}

#[test]
fn cut_messages_are_errors() {
    let mut rng = Rng::new(1);
    each(SAMPLES / 4, |name, v, s, c| {
        if !s.bytes.is_empty() {
            let cut = rng.below(s.bytes.len());
            let src = Bytes::copy_from_slice(&s.bytes[..cut]);
            assert!((c.decode)(&src, v).is_err(), "{name} v{v} cut at {cut}: {}", hex(&s.bytes));
        }
    });
}
