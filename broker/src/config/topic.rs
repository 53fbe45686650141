//! A topic's configs: one table with name, default, check and meaning.
//!
//! Invariant: what `parse` accepts is acted upon. A Kafka config whose default is the only thing Lipno does is
//! accepted with that value alone, so that tools that spell defaults out work, and refused otherwise.

use super::{ConfigError, Kind};
use protocol::records::Depth;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::LogConfig;
use tiering::iceberg::expire::Retention;
use tiering::typed::{self, BadRecords, Columns, Format, ValueFormat};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LakeMode {
    Off,
    Copy,
}

/// Parsed values of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    pub log: LogConfig,
    pub max_message_bytes: usize,
    pub timestamp_after_max_ms: i64,
    pub retention_ms: i64,
    pub retention_bytes: i64,
    pub min_insync_replicas: i32,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub write_caching: bool,
    pub unclean_leader_election: bool,
    pub depth: Depth,
    pub lake_mode: LakeMode,
    pub lake_commit_interval_ms: i64,
    pub lake_commit_bytes: i64,
    pub lake_format: Arc<Format>,
    pub lake_retention_ms: i64,
    pub lake_drop_on_delete: bool,
    pub lake_snapshots: Retention,
}

/// One config of the table.
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    /// Kafka's broker config that is the topic config's default, where its name differs.
    pub broker_name: &'static str,
    pub doc: &'static str,
    check: Check,
}

#[derive(Clone, Copy)]
enum Check {
    Long(i64, i64),
    Bool,
    OneOf(&'static [&'static str]),
    Columns,
    CsvHeader,
    /// Kafka's config that Lipno does not act on: only this value.
    Only(&'static str),
}

const MAX: i64 = i64::MAX;

const fn def(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    broker_name: &'static str,
    check: Check,
    doc: &'static str,
) -> Definition {
    Definition { name, kind, default, broker_name, doc, check }
}

/// One that has no effect, at the value that says so.
const fn inert(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    broker_name: &'static str,
    doc: &'static str,
) -> Definition {
    def(name, kind, default, broker_name, Check::Only(default), doc)
}

/// Every topic config.
pub static DEFINITIONS: &[Definition] = &[
    def(
        "cleanup.policy",
        Kind::List,
        "delete",
        "log.cleanup.policy",
        Check::Only("delete"),
        "How old data goes. This version deletes; compaction is not supported.",
    ),
    def(
        "compression.type",
        Kind::String,
        "producer",
        "compression.type",
        Check::Only("producer"),
        "Batches keep the producer's codec; the broker does not recompress.",
    ),
    def(
        "flush.messages",
        Kind::Long,
        "9223372036854775807",
        "log.flush.interval.messages",
        Check::Long(1, MAX),
        "With write.caching: sync after this many records.",
    ),
    def(
        "flush.ms",
        Kind::Long,
        "9223372036854775807",
        "log.flush.interval.ms",
        Check::Long(0, MAX),
        "With write.caching: sync at least this often while there is unsynced data.",
    ),
    def(
        "index.interval.bytes",
        Kind::Int,
        "4096",
        "log.index.interval.bytes",
        Check::Long(0, i32::MAX as i64),
        "Bytes of log between two entries of the sparse index.",
    ),
    def(
        "lake.bad.records",
        Kind::String,
        "raw",
        "lake.bad.records",
        Check::OneOf(&["raw", "dlq", "drop", "suspend"]),
        "What becomes of a value that does not parse. raw: a row with its value, without typed columns, with an error. \
         dlq: a row of <table>_dlq. drop: no row. suspend: the partition waits.",
    ),
    def(
        "lake.columns",
        Kind::String,
        "",
        "lake.columns",
        Check::Columns,
        "Typed columns: `id long, user.name string as name`, with boolean, long, double, string, timestamptz or date. \
         Empty: they are inferred.",
    ),
    def(
        "lake.commit.bytes",
        Kind::Long,
        "134217728",
        "lake.commit.bytes",
        Check::Long(1024, MAX),
        "Bytes of a partition's log after which its rows go to the lake.",
    ),
    def(
        "lake.commit.interval.ms",
        Kind::Long,
        "60000",
        "lake.commit.interval.ms",
        Check::Long(100, MAX),
        "Time after which new rows of a partition go to the lake.",
    ),
    def(
        "lake.csv.header",
        Kind::String,
        "",
        "lake.csv.header",
        Check::CsvHeader,
        "With lake.value.format=csv: the names of the fields, as a CSV record.",
    ),
    def(
        "lake.format",
        Kind::String,
        "raw+typed",
        "lake.format",
        Check::OneOf(&["raw", "typed", "raw+typed"]),
        "raw: a row has the value's bytes. typed: JSON objects and CSV records become columns instead. raw+typed: both.",
    ),
    def(
        "lake.infer.dates",
        Kind::Bool,
        "true",
        "lake.infer.dates",
        Check::Bool,
        "Strings that nearly all are RFC 3339 dates or times become columns of dates or times.",
    ),
    def(
        "lake.mode",
        Kind::String,
        "copy",
        "lake.mode",
        Check::OneOf(&["off", "copy"]),
        "copy: the topic is also a table of Parquet files. off: it is not.",
    ),
    def(
        "lake.on.topic.delete",
        Kind::String,
        "keep",
        "lake.on.topic.delete",
        Check::OneOf(&["keep", "drop"]),
        "keep: a deleted topic's table stays, as <table>__<first 8 of the topic id>. drop: it goes with its files.",
    ),
    def(
        "lake.retention.ms",
        Kind::Long,
        "-1",
        "lake.retention.ms",
        Check::Long(-1, MAX),
        "Age after which rows leave the table, a whole file at a time. -1: they stay.",
    ),
    def(
        "lake.snapshot.hourly.days",
        Kind::Long,
        "3",
        "lake.snapshot.hourly.days",
        Check::Long(0, 36_500),
        "Of older snapshots the first of each hour stays for so many days.",
    ),
    def(
        "lake.snapshot.retention.ms",
        Kind::Long,
        "3600000",
        "lake.snapshot.retention.ms",
        Check::Long(0, MAX),
        "All snapshots stay for this long.",
    ),
    def(
        "lake.snapshots.min",
        Kind::Int,
        "20",
        "lake.snapshots.min",
        Check::Long(1, 10_000),
        "So many snapshots stay, however old.",
    ),
    def(
        "lake.value.format",
        Kind::String,
        "auto",
        "lake.value.format",
        Check::OneOf(&["auto", "json", "csv"]),
        "What typed columns are made of. auto: JSON objects, if most values are; csv needs lake.csv.header.",
    ),
    def(
        "max.message.bytes",
        Kind::Int,
        "1048588",
        "message.max.bytes",
        Check::Long(0, i32::MAX as i64),
        "Largest record batch, after compression, with its 12 bytes of overhead.",
    ),
    def(
        "message.timestamp.type",
        Kind::String,
        "CreateTime",
        "log.message.timestamp.type",
        Check::Only("CreateTime"),
        "Records keep the producer's timestamps.",
    ),
    def(
        "message.timestamp.after.max.ms",
        Kind::Long,
        "3600000",
        "log.message.timestamp.after.max.ms",
        Check::Long(0, MAX),
        "How far a batch's newest timestamp may lie ahead of the broker's clock (KIP-937).",
    ),
    def(
        "message.timestamp.before.max.ms",
        Kind::Long,
        "9223372036854775807",
        "log.message.timestamp.before.max.ms",
        Check::Only("9223372036854775807"),
        "Old timestamps are not bounded by this version.",
    ),
    def(
        "min.insync.replicas",
        Kind::Int,
        "1",
        "min.insync.replicas",
        Check::Long(1, i32::MAX as i64),
        "In-sync replicas that acks=all needs; never more than the partition has replicas.",
    ),
    def(
        "produce.validate",
        Kind::String,
        "header",
        "produce.validate",
        Check::OneOf(&["header", "full"]),
        "header: compressed batches are checked by header and CRC. full: they are decompressed and walked too.",
    ),
    def(
        "retention.bytes",
        Kind::Long,
        "-1",
        "log.retention.bytes",
        Check::Long(-1, MAX),
        "Bytes that a partition keeps; -1 is no limit.",
    ),
    def(
        "retention.ms",
        Kind::Long,
        "604800000",
        "log.retention.ms",
        Check::Long(-1, MAX),
        "How long a segment is kept after its newest record; -1 is forever.",
    ),
    def(
        "segment.bytes",
        Kind::Int,
        "1073741824",
        "log.segment.bytes",
        Check::Long(1024 * 1024, i32::MAX as i64),
        "Size at which a log starts a new segment.",
    ),
    def(
        "segment.ms",
        Kind::Long,
        "604800000",
        "log.roll.ms",
        Check::Long(1, MAX),
        "Age at which a log starts a new segment.",
    ),
    def(
        "unclean.leader.election.enable",
        Kind::Bool,
        "false",
        "unclean.leader.election.enable",
        Check::Bool,
        "Whether a replica that may lack records can lead when no other can.",
    ),
    def(
        "write.caching",
        Kind::Bool,
        "false",
        "write.caching",
        Check::Bool,
        "true: acknowledged when written to the page cache, as Kafka does. false: when synced to disk.",
    ),
    inert(
        "compression.gzip.level",
        Kind::Int,
        "-1",
        "compression.gzip.level",
        "No effect: the broker does not recompress.",
    ),
    inert(
        "compression.lz4.level",
        Kind::Int,
        "9",
        "compression.lz4.level",
        "No effect: the broker does not recompress.",
    ),
    inert(
        "compression.zstd.level",
        Kind::Int,
        "3",
        "compression.zstd.level",
        "No effect: the broker does not recompress.",
    ),
    inert(
        "delete.retention.ms",
        Kind::Long,
        "86400000",
        "log.cleaner.delete.retention.ms",
        "No effect: compaction is not supported by this version.",
    ),
    inert(
        "file.delete.delay.ms",
        Kind::Long,
        "60000",
        "log.segment.delete.delay.ms",
        "No effect: files go as soon as nobody reads them.",
    ),
    inert(
        "follower.replication.throttled.replicas",
        Kind::List,
        "",
        "follower.replication.throttled.replicas",
        "No effect: there is one broker in this version.",
    ),
    inert(
        "leader.replication.throttled.replicas",
        Kind::List,
        "",
        "leader.replication.throttled.replicas",
        "No effect: there is one broker in this version.",
    ),
    inert(
        "local.retention.bytes",
        Kind::Long,
        "-2",
        "log.local.retention.bytes",
        "No effect: there is no remote tier of segments.",
    ),
    inert(
        "local.retention.ms",
        Kind::Long,
        "-2",
        "log.local.retention.ms",
        "No effect: there is no remote tier of segments.",
    ),
    inert(
        "max.compaction.lag.ms",
        Kind::Long,
        "9223372036854775807",
        "log.cleaner.max.compaction.lag.ms",
        "No effect: compaction is not supported by this version.",
    ),
    inert(
        "min.cleanable.dirty.ratio",
        Kind::Double,
        "0.5",
        "log.cleaner.min.cleanable.ratio",
        "No effect: compaction is not supported by this version.",
    ),
    inert(
        "min.compaction.lag.ms",
        Kind::Long,
        "0",
        "log.cleaner.min.compaction.lag.ms",
        "No effect: compaction is not supported by this version.",
    ),
    inert(
        "preallocate",
        Kind::Bool,
        "false",
        "log.preallocate",
        "No effect: blocks are reserved ahead anyway.",
    ),
    inert(
        "remote.log.copy.disable",
        Kind::Bool,
        "false",
        "remote.log.copy.disable",
        "No effect: there is no remote tier of segments.",
    ),
    inert(
        "remote.log.delete.on.disable",
        Kind::Bool,
        "false",
        "remote.log.delete.on.disable",
        "No effect: there is no remote tier of segments.",
    ),
    inert(
        "remote.storage.enable",
        Kind::Bool,
        "false",
        "remote.storage.enable",
        "No effect: there is no remote tier of segments.",
    ),
    inert(
        "segment.index.bytes",
        Kind::Int,
        "10485760",
        "log.index.size.max.bytes",
        "No effect: an index grows with its segment.",
    ),
    inert(
        "segment.jitter.ms",
        Kind::Long,
        "0",
        "log.roll.jitter.ms",
        "No effect: segments are not rolled at random times.",
    ),
];

pub fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|d| d.name == name)
}

impl Definition {
    /// Refuses a value that has no effect or is out of range.
    pub fn check(&self, value: &str) -> Result<(), ConfigError> {
        let value = value.trim();
        let bad = |why: String| Err(ConfigError::invalid(self.name, value, why));
        match self.check {
            Check::Long(lo, hi) => match value.parse::<i64>() {
                Ok(n) if (lo..=hi).contains(&n) => Ok(()),
                Ok(_) => bad(format!("must be between {lo} and {hi}")),
                Err(_) => bad("must be a whole number".into()),
            },
            Check::Bool => match value {
                "true" | "false" => Ok(()),
                _ => bad("must be true or false".into()),
            },
            Check::Columns | Check::CsvHeader if value.is_empty() => Ok(()),
            Check::Columns => typed::parse_explicit(value).map(|_| ()).or_else(|e| bad(e.to_string())),
            Check::CsvHeader => {
                let decoder = typed::Decoder::csv(&Columns::default(), false, value);
                decoder.map(|_| ()).or_else(|e| bad(e.to_string()))
            }
            Check::OneOf(words) if words.contains(&value) => Ok(()),
            Check::OneOf(words) => bad(format!("must be one of {}", words.join(", "))),
            Check::Only(only) if value == only => Ok(()),
            Check::Only(only) => bad(format!("not supported by this version, only {only}")),
        }
    }
}

/// Checks one name and value of a topic.
pub fn check(name: &str, value: &str) -> Result<(), ConfigError> {
    match definition(name) {
        Some(d) => d.check(value),
        None => Err(ConfigError::unknown(name, DEFINITIONS.iter().map(|d| d.name))),
    }
}

/// The broker's values for topic configs that a topic does not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicDefaults(pub BTreeMap<&'static str, String>);

impl TopicDefaults {
    /// The value that a topic without its own has, and whether the broker's config set it.
    pub fn value(&self, d: &'static Definition) -> (&str, bool) {
        match self.0.get(d.name) {
            Some(v) => (v, true),
            None => (d.default, false),
        }
    }
}

/// The effective configs of a topic. Values were checked when they were set.
pub fn effective(defaults: &TopicDefaults, own: Option<&BTreeMap<String, String>>) -> TopicConfig {
    let text = |name: &str| -> &str {
        let Some(d) = definition(name) else { return "" };
        own.and_then(|o| o.get(name)).map_or_else(|| defaults.value(d).0, |v| v.as_str()).trim()
    };
    let long = |name: &str| text(name).parse::<i64>().unwrap_or_default();
    TopicConfig {
        log: LogConfig {
            segment_bytes: long("segment.bytes").max(1) as u64,
            segment_ms: long("segment.ms"),
            index_interval_bytes: long("index.interval.bytes") as u32,
        },
        max_message_bytes: long("max.message.bytes") as usize,
        timestamp_after_max_ms: long("message.timestamp.after.max.ms"),
        retention_ms: long("retention.ms"),
        retention_bytes: long("retention.bytes"),
        min_insync_replicas: long("min.insync.replicas") as i32,
        flush_messages: long("flush.messages"),
        flush_ms: long("flush.ms"),
        // To sync after each record and to answer before is a contradiction; Kafka's durable setting wins.
        write_caching: text("write.caching") == "true" && long("flush.messages") > 1,
        unclean_leader_election: text("unclean.leader.election.enable") == "true",
        depth: if text("produce.validate") == "full" { Depth::Full } else { Depth::Header },
        lake_mode: if text("lake.mode") == "off" { LakeMode::Off } else { LakeMode::Copy },
        lake_commit_interval_ms: long("lake.commit.interval.ms"),
        lake_commit_bytes: long("lake.commit.bytes"),
        lake_format: Arc::new(lake_format(text)),
        lake_retention_ms: long("lake.retention.ms"),
        lake_drop_on_delete: text("lake.on.topic.delete") == "drop",
        lake_snapshots: Retention {
            all_ms: long("lake.snapshot.retention.ms"),
            min: long("lake.snapshots.min").max(1) as usize,
            hourly_ms: long("lake.snapshot.hourly.days").saturating_mul(86_400_000),
        },
    }
}

fn lake_format<'a>(text: impl Fn(&str) -> &'a str) -> Format {
    let format = text("lake.format");
    Format {
        raw: format != "typed",
        typed: format != "raw",
        value: match text("lake.value.format") {
            "csv" => ValueFormat::Csv(text("lake.csv.header").to_string()),
            "json" => ValueFormat::Json,
            _ => ValueFormat::Auto,
        },
        bad: match text("lake.bad.records") {
            "dlq" => BadRecords::Dlq,
            "drop" => BadRecords::Drop,
            "suspend" => BadRecords::Suspend,
            _ => BadRecords::Raw,
        },
        dates: text("lake.infer.dates") == "true",
        pinned: typed::parse_explicit(text("lake.columns")).ok(),
    }
}
