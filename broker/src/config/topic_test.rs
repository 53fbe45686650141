//! The table of topic configs: what it accepts, refuses and comes to.

use super::topic::*;
use super::*;
use std::collections::BTreeMap;

#[test]
fn defaults_pass_their_own_checks() {
    for d in DEFINITIONS {
        assert_eq!(d.check(d.default), Ok(()), "{}", d.name);
    }
    let c = effective(&TopicDefaults::default(), None);
    assert_eq!((c.max_message_bytes, c.retention_ms, c.write_caching), (1048588, 604_800_000, false));
}

#[test]
fn what_has_no_effect_is_refused() {
    for (k, v) in [
        ("cleanup.policy", "compact"),
        ("message.timestamp.type", "LogAppendTime"),
        ("compression.type", "zstd"),
        ("retention.ms", "soon"),
        ("segment.bytes", "0"),
    ] {
        assert!(matches!(check(k, v), Err(ConfigError::Invalid { .. })), "{k}={v}");
    }
    assert!(
        matches!(check("retention.mss", "1"), Err(ConfigError::Unknown { nearest: Some(n), .. }) if n == "retention.ms")
    );
}

#[test]
fn a_sync_after_each_record_comes_before_its_answer() {
    let of = |flush: &str| {
        let own = [("write.caching", "true"), ("flush.messages", flush)];
        effective(&TopicDefaults::default(), Some(&own.map(|(k, v)| (k.into(), v.into())).into()))
    };
    assert!(!of("1").write_caching && of("2").write_caching);
}

#[test]
fn kafkas_defaults_can_be_spelled_out() {
    for (k, v) in [("remote.storage.enable", "false"), ("segment.jitter.ms", "0"), ("preallocate", "false")] {
        assert_eq!(check(k, v), Ok(()), "{k}={v}");
    }
    assert!(check("remote.storage.enable", "true").is_err() && check("segment.jitter.ms", "1").is_err());
}

#[test]
fn own_values_win_over_the_brokers() {
    let defaults = TopicDefaults(BTreeMap::from([("retention.ms", "5".to_string())]));
    assert_eq!(effective(&defaults, None).retention_ms, 5);
    let own = BTreeMap::from([("retention.ms".to_string(), "7".to_string())]);
    assert_eq!(effective(&defaults, Some(&own)).retention_ms, 7);
}
