//! Series of what comes and goes: topics, partitions, groups. They are made of what there is when somebody asks, so
//! that nothing of a deleted topic or group is left, and nothing is kept for it.
//!
//! Invariant: label values are escaped as Prometheus' text format asks; a family's lines stand together. Called by
//! the HTTP listener.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::replicas::TopicEntry;
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A label's value, as it may stand between quotes.
fn escaped(value: &str) -> Cow<'_, str> {
    if !value.contains(['\\', '"', '\n']) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn begin(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

type Pick = fn(&TopicEntry) -> &AtomicU64;

const TOPIC_COUNTERS: [(&str, &str, Pick); 4] = [
    ("lipno_topic_bytes_in_total", "Bytes of record batches produced to a topic", |t| &t.counters.bytes_in),
    ("lipno_topic_records_in_total", "Records produced to a topic", |t| &t.counters.records_in),
    ("lipno_topic_bytes_out_total", "Bytes of record batches fetched from a topic", |t| {
        &t.counters.bytes_out
    }),
    ("lipno_topic_records_out_total", "Records fetched from a topic, each time anew", |t| {
        &t.counters.records_out
    }),
];

/// What went through each topic.
pub fn topics(out: &mut String, all: &[Arc<TopicEntry>]) {
    for (name, help, pick) in TOPIC_COUNTERS {
        begin(out, name, "counter", help);
        for t in all {
            let n = pick(t).load(Ordering::Relaxed);
            let _ = writeln!(out, "{name}{{topic=\"{}\"}} {n}", escaped(&t.name));
        }
    }
}

/// Size of each log, and what of it the lake lacks.
pub fn partitions(out: &mut String, broker: &Broker, all: &[Arc<TopicEntry>]) {
    let (size, lag) = ("lipno_log_size_bytes", "lipno_lake_lag");
    begin(out, size, "gauge", "Size of a partition's log");
    for t in all {
        for p in &t.partitions {
            let (topic, index) = (escaped(&t.name), p.id.partition.0);
            let bytes = p.reader().size();
            let _ = writeln!(out, "{size}{{topic=\"{topic}\",partition=\"{index}\"}} {bytes}");
        }
    }
    begin(out, lag, "gauge", "Records between the lake's committed offset and the high watermark");
    let image = broker.metadata.image();
    for t in all {
        for p in &t.partitions {
            let Some(n) = crate::tier_link::lag(&image, t, p) else { continue };
            let (topic, index) = (escaped(&t.name), p.id.partition.0);
            let _ = writeln!(out, "{lag}{{topic=\"{topic}\",partition=\"{index}\"}} {n}");
        }
    }
}

/// How far each group is behind.
pub async fn groups(out: &mut String, broker: &Broker) {
    let Ok(all) = broker.groups.ask(|reply| Call::AllOffsets { reply }).await else { return };
    let name = "lipno_consumer_lag";
    begin(out, name, "gauge", "Records between a group's committed offset and the high watermark");
    for (group, offsets) in all {
        let group = escaped(&group);
        for (topic, partition, o) in offsets {
            let Some(replica) = broker.replicas.partition(&topic, partition) else { continue };
            let lag = (replica.ends().high_watermark - o.offset).max(0);
            let topic = escaped(&topic);
            let _ = writeln!(
                out,
                "{name}{{group=\"{group}\",topic=\"{topic}\",partition=\"{partition}\"}} {lag}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_can_be_a_label() {
        assert_eq!(escaped("plain.name-1"), "plain.name-1");
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
