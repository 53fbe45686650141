//! What Apache Kafka's own classes read and wrote (`kafka.txt`, made by `Golden.java`): every version of every
//! message here, coordinator and transaction-log records included.

use bytes::Bytes;
use lipno_tests::wire::facts::{message, sample};
use lipno_tests::wire::files::{golden_dir, hex, unhex};
use protocol::message::CODECS;
use std::collections::BTreeSet;

pub fn lines(kind: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(golden_dir().join("kafka.txt")).unwrap();
    text.lines()
        .map(|l| l.split(' ').map(str::to_string).collect::<Vec<_>>())
        .filter(|w| w[0] == kind)
        .collect()
}

#[test]
fn messages_are_as_kafka_writes_them() {
    assert_eq!(lines("differs"), Vec::<Vec<String>>::new());
    let mut seen = BTreeSet::new();
    for words in lines("message") {
        let (name, version): (_, i16) = (words[1].as_str(), words[2].parse().unwrap());
        let bytes = Bytes::from(unhex(words.get(3).map_or("", |h| h)));
        let codec = CODECS.iter().find(|c| c.name == name).unwrap();
        let (again, rest) =
            (codec.round_trip)(&bytes, version).unwrap_or_else(|e| panic!("{name} v{version}: {e}"));
        assert_eq!((hex(&again), rest), (hex(&bytes), 0), "{name} v{version}");
        for cut in 0..bytes.len() {
            assert!((codec.decode)(&bytes.slice(..cut), version).is_err(), "{name} v{version} cut at {cut}");
        }
        seen.insert((name.to_string(), version));
    }
    for c in CODECS {
        for v in c.versions.0..=c.versions.1 {
            assert!(seen.contains(&(c.name.to_string(), v)), "{} v{v} is not in kafka.txt", c.name);
        }
    }
}

/// Prints samples for `Golden.java`: of a few, the one nearest to 90 bytes.
#[test]
#[ignore = "makes the input of Golden.java; see there"]
fn write_samples() {
    println!();
    for c in CODECS {
        for v in c.versions.0..=c.versions.1 {
            let all = (0..12).map(|seed| sample(seed, message(c.name), v).bytes);
            let best = all.min_by_key(|b| b.len().abs_diff(90)).unwrap();
            println!("sample {} {v} {}", c.name, hex(&best));
        }
    }
}
