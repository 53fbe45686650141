//! The process's configs.
//!
//! Invariant: everything is checked before anything starts. Read by `run`; what may be described over the wire is
//! in `described`.

use super::source::Values;
use super::topic::{DEFINITIONS, TopicDefaults};
use super::{ConfigError, Kind, LakeConfig, NetConfig};
use crate::limits;
use crate::machine::group::GroupConfig;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerAddress {
    /// Kafka's listener name, e.g. PLAINTEXT.
    pub name: String,
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Debug)]
pub struct BrokerConfig {
    pub node_id: i32,
    pub data_dir: PathBuf,
    pub log_dirs: Vec<PathBuf>,
    pub log_dirs_forget: Vec<String>,
    pub metadata_log_dir: PathBuf,
    pub listeners: Vec<ListenerAddress>,
    /// True if nobody set `listeners`: then [::1] is dropped where there is no IPv6.
    pub listeners_are_default: bool,
    pub advertised_listeners: Vec<ListenerAddress>,
    pub http_listeners: String,
    pub auto_create_topics: bool,
    pub num_partitions: i32,
    pub default_replication_factor: i16,
    pub offsets_topic_partitions: i32,
    pub fetch_max_bytes: i32,
    pub group: GroupConfig,
    pub offset_metadata_max_bytes: usize,
    pub offsets_retention_check_ms: u64,
    pub log_retention_check_ms: u64,
    pub producer_id_expiration_ms: i64,
    pub lake: LakeConfig,
    pub rack: Option<String>,
    pub num_network_threads: usize,
    pub net: NetConfig,
    pub fetch_sessions_max: usize,
    pub topic_defaults: TopicDefaults,
    /// What was set, for DescribeConfigs.
    pub set: Values,
}

pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    pub doc: &'static str,
}

const fn def(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Definition {
    Definition { name, kind, default, doc }
}

/// Every broker config that is not a topic config's default. An empty default is described as null.
pub static BROKER_DEFINITIONS: &[Definition] = &[
    def("advertised.listeners", Kind::List, "", "Addresses that clients are told; default: the listeners."),
    def("auto.create.topics.enable", Kind::Bool, "true", "Make a topic when a client first asks for it."),
    def("broker.rack", Kind::String, "", "Where this broker stands."),
    def(
        "connections.max.idle.ms",
        Kind::Long,
        "600000",
        "A connection that is silent for so long is closed.",
    ),
    def("data.dir", Kind::String, "./lipno-data", "Folder for everything: raft/, logs/, lake/."),
    def("default.replication.factor", Kind::Int, "1", "Replicas of an automatically created topic."),
    def("fetch.max.bytes", Kind::Int, "57671680", "Largest answer to a fetch."),
    def(
        "group.initial.rebalance.delay.ms",
        Kind::Int,
        "0",
        "How long an empty group waits for more members.",
    ),
    def("group.max.session.timeout.ms", Kind::Int, "1800000", "Largest session timeout of a group member."),
    def("group.max.size", Kind::Int, "1000", "Most members of a group."),
    def("group.min.session.timeout.ms", Kind::Int, "6000", "Smallest session timeout of a group member."),
    def(
        "http.listeners",
        Kind::String,
        "127.0.0.1:8181",
        "Address of /metrics, /healthz, /readyz and the catalog.",
    ),
    def(
        "lake.catalog.client.config",
        Kind::String,
        "settings",
        "What the catalog tells clients of lake.s3.*: none, settings (all but keys) or credentials (keys, too).",
    ),
    def("lake.namespace", Kind::String, "lipno", "Namespace of the tables in the lake."),
    def(
        "lake.orphan.age.ms",
        Kind::Long,
        "86400000",
        "Age after which an object of a table that nothing refers to is removed from the lake.",
    ),
    def(
        "lake.pause.free.percent",
        Kind::Int,
        "10",
        "The lake writes nothing to its own folder while less than so many percent of that disk are free.",
    ),
    def(
        "lake.retention.hold.free.percent",
        Kind::Int,
        "15",
        "Retention waits for the lake until less than so many percent of the log dir's disk are free.",
    ),
    def(
        "lake.s3.access.key.id",
        Kind::Password,
        "",
        "Key for lake.url=s3://...; default: AWS_ACCESS_KEY_ID and the like.",
    ),
    def(
        "lake.s3.endpoint",
        Kind::String,
        "",
        "URL of an S3-compatible store; default: AWS's own, or AWS_ENDPOINT_URL.",
    ),
    def(
        "lake.s3.path.style.access",
        Kind::Bool,
        "",
        "The bucket in the path, not in the host name; default: true with an endpoint.",
    ),
    def("lake.s3.region", Kind::String, "", "Region of the bucket; default: AWS_REGION, else us-east-1."),
    def(
        "lake.s3.secret.access.key",
        Kind::Password,
        "",
        "Secret of the key; default: AWS_SECRET_ACCESS_KEY and the like.",
    ),
    def(
        "lake.upkeep.interval.ms",
        Kind::Long,
        "600000",
        "How often tables that have changed are looked after: what nothing refers to is removed.",
    ),
    def(
        "lake.verify.sample.rows",
        Kind::Long,
        "100000",
        "Each look after the tables proves so many rows of one of them equal to the log; 0: none.",
    ),
    def(
        "lake.url",
        Kind::String,
        "",
        "Where the lake is: s3://bucket/prefix, a folder or a file:// URL; default: lake in the data dir.",
    ),
    def(
        "listeners",
        Kind::List,
        "PLAINTEXT://127.0.0.1:9092,PLAINTEXT://[::1]:9092",
        "Addresses to listen on.",
    ),
    def("log.dirs", Kind::List, "", "Folders for logs; default: logs in the data dir."),
    def(
        "log.dirs.forget",
        Kind::List,
        "",
        "directory.id of log dirs that are lost for good: the start does not wait for them.",
    ),
    def("log.retention.check.interval.ms", Kind::Long, "300000", "How often old segments are looked for."),
    def(
        "max.connection.creation.rate",
        Kind::Int,
        "500",
        "New connections a second; those above it wait to be accepted.",
    ),
    def(
        "max.connections",
        Kind::Int,
        "-1",
        "Most connections; -1: half of the files that the process may open.",
    ),
    def(
        "max.connections.per.ip",
        Kind::Int,
        "-1",
        "Most connections from one address (IPv6: one /64); -1: half of what the files allow.",
    ),
    def("max.incremental.fetch.session.cache.slots", Kind::Int, "1000", "Most fetch sessions."),
    def("metadata.log.dir", Kind::String, "", "Folder for cluster metadata; default: raft in the data dir."),
    def("node.id", Kind::Int, "1", "Number of this broker in the cluster."),
    def("num.network.threads", Kind::Int, "0", "Threads that serve connections; 0: one for each core."),
    def("num.partitions", Kind::Int, "1", "Partitions of a topic that does not say."),
    def("offset.metadata.max.bytes", Kind::Int, "4096", "Largest metadata of a committed offset."),
    def(
        "offsets.retention.check.interval.ms",
        Kind::Long,
        "600000",
        "How often expired offsets are looked for.",
    ),
    def("offsets.retention.minutes", Kind::Int, "10080", "How long offsets of an empty group are kept."),
    def("offsets.topic.num.partitions", Kind::Int, "50", "Partitions of __consumer_offsets."),
    def("producer.id.expiration.ms", Kind::Int, "86400000", "When a silent producer's state is forgotten."),
    def(
        "queued.max.request.bytes",
        Kind::Long,
        "-1",
        "Memory for requests being read or handled, above it nothing is read; -1: a quarter of the memory.",
    ),
    def(
        "socket.receive.buffer.bytes",
        Kind::Int,
        "-1",
        "SO_RCVBUF of connections; -1: the operating system sizes it.",
    ),
    def("socket.request.max.bytes", Kind::Int, "104857600", "Largest Produce request; others end at 16 MiB."),
    def(
        "socket.request.min.bytes.per.second",
        Kind::Int,
        "1024",
        "A request that takes longer than socket.request.timeout.ms must come at this rate; 0: it may not.",
    ),
    def("socket.request.timeout.ms", Kind::Int, "30000", "Time in which a begun request must be complete."),
    def(
        "socket.send.buffer.bytes",
        Kind::Int,
        "460800",
        "SO_SNDBUF of connections, at most net.core.wmem_max; -1: the operating system sizes it, for clients far away.",
    ),
];

/// Every key of the broker: its own and the topic configs' defaults, under both names where Kafka has two.
pub fn known_keys() -> impl Iterator<Item = &'static str> {
    let own = BROKER_DEFINITIONS.iter().map(|d| d.name);
    let topic = DEFINITIONS.iter().flat_map(|d| [d.name, d.broker_name]);
    let coarser = COARSER.iter().map(|(key, ..)| *key);
    let mut all: Vec<&str> = own.chain(topic).chain(coarser).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}

/// Looks values up and parses them.
pub struct Reader<'a>(&'a Values);

impl Reader<'_> {
    pub fn text(&self, key: &str) -> &str {
        let default = BROKER_DEFINITIONS.iter().find(|d| d.name == key).map_or("", |d| d.default);
        self.0.get(key).map_or(default, String::as_str).trim()
    }

    pub fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &self,
        key: &str,
        lo: T,
        hi: T,
    ) -> Result<T, ConfigError> {
        let text = self.text(key);
        match text.parse::<T>() {
            Ok(n) if n >= lo && n <= hi => Ok(n),
            Ok(_) => Err(ConfigError::invalid(key, text, format!("must be between {lo} and {hi}"))),
            Err(_) => Err(ConfigError::invalid(key, text, "must be a whole number")),
        }
    }

    pub fn flag(&self, key: &str) -> Result<bool, ConfigError> {
        let text = self.text(key);
        text.parse().map_err(|_| ConfigError::invalid(key, text, "must be true or false"))
    }

    pub fn optional(&self, key: &str) -> Option<String> {
        Some(self.text(key).to_string()).filter(|t| !t.is_empty())
    }
}

/// Parses `NAME://host:port,...`; a host in brackets is IPv6.
fn listeners(key: &str, text: &str) -> Result<Vec<ListenerAddress>, ConfigError> {
    let bad = |item: &str, why: &str| ConfigError::invalid(key, item, why);
    let mut out = Vec::new();
    for item in text.split(',').map(str::trim).filter(|i| !i.is_empty()) {
        let (name, address) = item.split_once("://").unwrap_or(("PLAINTEXT", item));
        let (host, port) = address.rsplit_once(':').ok_or_else(|| bad(item, "must be NAME://host:port"))?;
        let port = port.parse().map_err(|_| bad(item, "the port must be between 0 and 65535"))?;
        let host = host.trim().trim_start_matches('[').trim_end_matches(']');
        if !name.eq_ignore_ascii_case("PLAINTEXT") {
            return Err(bad(item, "only PLAINTEXT listeners are supported by this version"));
        }
        out.push(ListenerAddress { name: name.to_uppercase(), host: host.to_string(), port });
    }
    Ok(out)
}

/// Kafka's coarser names for times: key, topic config, milliseconds of one unit. The finest one that is set counts.
const COARSER: &[(&str, &str, i64)] = &[
    ("log.retention.minutes", "retention.ms", 60_000),
    ("log.retention.hours", "retention.ms", 3_600_000),
    ("log.roll.hours", "segment.ms", 3_600_000),
];

/// The topic config that a key of the broker sets, under whichever of its names.
fn topic_config_of(key: &str) -> Option<&'static str> {
    let exact = DEFINITIONS.iter().find(|d| d.name == key || d.broker_name == key).map(|d| d.name);
    exact.or_else(|| COARSER.iter().find(|(k, ..)| *k == key).map(|(_, name, _)| *name))
}

/// Lays a source's values over those of the sources before it. A value under one of a config's names takes the place
/// of one that an earlier source gave under another: which name is finer counts only within a source.
pub fn lay_over(values: &mut Values, over: Values) {
    for key in over.keys() {
        if let Some(name) = topic_config_of(key) {
            values.retain(|k, _| topic_config_of(k) != Some(name));
        }
    }
    values.extend(over);
}

fn coarser(values: &Values, topic_config: &str) -> Result<Option<String>, ConfigError> {
    let mut set = COARSER.iter().filter(|(_, name, _)| *name == topic_config);
    let Some((key, text, unit)) = set.find_map(|(k, _, u)| Some((*k, values.get(*k)?.trim(), *u))) else {
        return Ok(None);
    };
    let n: i64 = text.parse().map_err(|_| ConfigError::invalid(key, text, "must be a whole number"))?;
    let ms = if n < 0 { Some(-1) } else { n.checked_mul(unit) };
    ms.map(|ms| Some(ms.to_string())).ok_or_else(|| ConfigError::invalid(key, text, "is too large"))
}

fn topic_defaults(values: &Values) -> Result<TopicDefaults, ConfigError> {
    let mut out = BTreeMap::new();
    for d in DEFINITIONS {
        let exact = [d.broker_name, d.name].into_iter().find_map(|k| Some((k, values.get(k)?.clone())));
        let set = match exact {
            Some(set) => Some(set),
            None => coarser(values, d.name)?.map(|v| (d.name, v)),
        };
        if let Some((key, v)) = set {
            // The message names what was written, whichever of the names that is.
            d.check(&v).map_err(|e| match e {
                ConfigError::Invalid { value, why, .. } => ConfigError::invalid(key, &value, why),
                e => e,
            })?;
            out.insert(d.name, v);
        }
    }
    Ok(TopicDefaults(out))
}

/// True for the addresses that mean "all interfaces": clients cannot connect to them.
pub fn is_unspecified(host: &str) -> bool {
    host.is_empty() || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_unspecified())
}

/// What clients are told must be something that they can connect to.
fn check_listeners(bound: &[ListenerAddress], advertised: &[ListenerAddress]) -> Result<(), ConfigError> {
    if bound.is_empty() {
        return Err(ConfigError::invalid("listeners", "", "at least one is needed"));
    }
    if let Some(l) = bound.iter().find(|l| is_unspecified(&l.host))
        && advertised.is_empty()
    {
        let why =
            "set advertised.listeners to the address that clients reach, they cannot connect to this one";
        return Err(ConfigError::invalid("listeners", &format!("{}:{}", l.host, l.port), why));
    }
    if advertised.len() > bound.len() {
        let why = "has more addresses than listeners";
        return Err(ConfigError::invalid("advertised.listeners", &advertised.len().to_string(), why));
    }
    if let Some(l) = advertised.iter().find(|l| is_unspecified(&l.host) || l.port == 0) {
        let why = "clients are told this address: it must be one that they can connect to";
        return Err(ConfigError::invalid("advertised.listeners", &format!("{}:{}", l.host, l.port), why));
    }
    Ok(())
}

/// Folders are named absolutely, in messages too: who reads them may be elsewhere.
fn absolute(key: &str, text: &str) -> Result<PathBuf, ConfigError> {
    std::path::absolute(text.trim()).map_err(|e| ConfigError::invalid(key, text, e.to_string()))
}

fn http_listener(text: &str) -> Result<String, ConfigError> {
    let port = text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    if port.is_none() {
        return Err(ConfigError::invalid("http.listeners", text, "must be host:port"));
    }
    Ok(text.to_string())
}

impl BrokerConfig {
    pub fn from_values(values: Values) -> Result<BrokerConfig, ConfigError> {
        for key in values.keys() {
            if !known_keys().any(|k| k == key) {
                return Err(ConfigError::unknown(key, known_keys()));
            }
        }
        let r = Reader(&values);
        let data_dir = absolute("data.dir", r.text("data.dir"))?;
        let log_dirs = match r.optional("log.dirs") {
            Some(text) => {
                text.split(',').map(|d| absolute("log.dirs", d)).collect::<Result<Vec<_>, ConfigError>>()?
            }
            None => vec![data_dir.join("logs")],
        };
        let metadata_log_dir = match r.optional("metadata.log.dir") {
            Some(text) => absolute("metadata.log.dir", &text)?,
            None => data_dir.join("raft"),
        };
        let mut folders: Vec<&PathBuf> = log_dirs.iter().chain([&metadata_log_dir]).collect();
        folders.sort_unstable();
        if let Some([twice, _]) = folders.windows(2).find(|w| w.first() == w.last()) {
            let why = "each log dir and the metadata need a folder of their own";
            return Err(ConfigError::invalid("log.dirs", &twice.display().to_string(), why));
        }
        let advertised = listeners("advertised.listeners", r.text("advertised.listeners"))?;
        let bound = listeners("listeners", r.text("listeners"))?;
        check_listeners(&bound, &advertised)?;
        let group = GroupConfig {
            min_session_timeout_ms: r.number("group.min.session.timeout.ms", 1, i32::MAX)?,
            max_session_timeout_ms: r.number("group.max.session.timeout.ms", 1, i32::MAX)?,
            initial_rebalance_delay_ms: r.number("group.initial.rebalance.delay.ms", 0, 600_000)?,
            max_size: r.number("group.max.size", 1, 100_000)?,
            offsets_retention_ms: r.number("offsets.retention.minutes", 1i64, 1 << 31)? * 60_000,
        };
        if group.min_session_timeout_ms > group.max_session_timeout_ms {
            let why = "is above group.max.session.timeout.ms: no member could join";
            let key = "group.min.session.timeout.ms";
            return Err(ConfigError::invalid(key, &group.min_session_timeout_ms.to_string(), why));
        }
        let replication: i16 = r.number("default.replication.factor", 1, i16::MAX)?;
        if replication != 1 {
            let why = "this version runs one broker, so a topic has one replica";
            return Err(ConfigError::invalid("default.replication.factor", &replication.to_string(), why));
        }
        Ok(BrokerConfig {
            node_id: r.number("node.id", 0, i32::MAX)?,
            log_dirs,
            log_dirs_forget: r
                .optional("log.dirs.forget")
                .map(|text| text.split(',').map(|id| id.trim().to_string()).collect())
                .unwrap_or_default(),
            metadata_log_dir,
            listeners: bound,
            listeners_are_default: !values.contains_key("listeners"),
            advertised_listeners: advertised,
            http_listeners: http_listener(r.text("http.listeners"))?,
            auto_create_topics: r.flag("auto.create.topics.enable")?,
            num_partitions: r.number("num.partitions", 1, limits::CREATED_PARTITIONS_MAX as i32)?,
            default_replication_factor: replication,
            offsets_topic_partitions: r.number("offsets.topic.num.partitions", 1, 1000)?,
            fetch_max_bytes: r.number("fetch.max.bytes", 1024, i32::MAX)?,
            group,
            offset_metadata_max_bytes: r.number("offset.metadata.max.bytes", 0, 1 << 20)?,
            offsets_retention_check_ms: r.number(
                "offsets.retention.check.interval.ms",
                1,
                limits::INTERVAL_MS_MAX as u64,
            )?,
            log_retention_check_ms: r.number(
                "log.retention.check.interval.ms",
                1,
                limits::INTERVAL_MS_MAX as u64,
            )?,
            producer_id_expiration_ms: r.number("producer.id.expiration.ms", 1, i64::MAX)?,
            lake: LakeConfig::read(&r)?,
            rack: r.optional("broker.rack"),
            num_network_threads: r.number("num.network.threads", 0, 256)?,
            net: NetConfig::read(&r)?,
            fetch_sessions_max: r.number("max.incremental.fetch.session.cache.slots", 0, 1_000_000)?,
            topic_defaults: topic_defaults(&values)?,
            data_dir,
            set: values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<BrokerConfig, ConfigError> {
        BrokerConfig::from_values(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
    }

    #[test]
    fn nothing_configured_is_safe() {
        let c = config(&[]).unwrap();
        assert_eq!((c.node_id, c.num_partitions, c.listeners.len()), (1, 1, 2));
        assert_eq!(c.listeners[1].host, "::1");
        let here = std::env::current_dir().unwrap();
        assert_eq!(c.data_dir, here.join("lipno-data"));
        assert_eq!(c.log_dirs, [here.join("lipno-data/logs")]);
        assert_eq!(c.metadata_log_dir, here.join("lipno-data/raft"));
        assert_eq!(c.net, NetConfig::default(), "the table's defaults are those of limits.rs");
        assert_eq!(c.fetch_sessions_max, limits::FETCH_SESSIONS_MAX);
    }

    #[test]
    fn mistakes_are_named() {
        let message = |pairs: &[(&str, &str)]| config(pairs).unwrap_err().to_string();
        assert!(message(&[("num.partition", "3")]).contains("did you mean 'num.partitions'"));
        for all in ["0.0.0.0:9092", "PLAINTEXT://:9092", "[::]:9092", "[::ffff:0.0.0.0]:9092"] {
            let m = message(&[("listeners", all)]);
            assert!(m.contains("advertised.listeners") && m.contains("9092"), "{m}");
        }
        for told in ["0.0.0.0:9092", "h:0"] {
            let m = message(&[("listeners", "127.0.0.1:0"), ("advertised.listeners", told)]);
            assert!(m.starts_with("advertised.listeners"), "{m}");
        }
        assert!(message(&[("listeners", "h:70000")]).contains("between 0 and 65535"));
        assert!(message(&[("listeners", "")]).contains("at least one"));
        assert!(message(&[("http.listeners", "8181")]).contains("host:port"));
        assert!(message(&[("data.dir", "")]).contains("data.dir"));
        assert!(message(&[("log.dirs", "/a,/b,/a")]).contains("/a"));
        assert!(message(&[("log.dirs", "/a"), ("metadata.log.dir", "/a")]).contains("/a"));
        assert!(message(&[("socket.request.max.bytes", "1073741824")]).contains("between"));
        assert!(message(&[("socket.send.buffer.bytes", "0")]).contains("at least 1024"));
        assert!(message(&[("log.retention.ms", "x")]).starts_with("log.retention.ms=x"));
        let (min, max) = ("group.min.session.timeout.ms", "group.max.session.timeout.ms");
        assert!(message(&[(min, "10"), (max, "9")]).contains(max));
        let told = "PLAINTEXT://a:1,PLAINTEXT://b:2";
        assert!(message(&[("listeners", "c:1"), ("advertised.listeners", told)]).contains("more addresses"));
        assert!(message(&[("max.connections", "0")]).contains("at least 1"));
        assert!(message(&[("log.retention.hours", "soon")]).contains("whole number"));
        assert!(message(&[("listeners", "SSL://a:1")]).contains("only PLAINTEXT"));
        assert!(message(&[("node.id", "-1")]).contains("between 0"));
        assert!(message(&[("log.cleanup.policy", "compact")]).contains("not supported"));
        let c =
            config(&[("listeners", "0.0.0.0:0"), ("advertised.listeners", "PLAINTEXT://h:9092")]).unwrap();
        assert_eq!(c.advertised_listeners[0].host, "h");
    }

    #[test]
    fn topic_defaults_have_two_names() {
        let c = config(&[("log.retention.ms", "5"), ("write.caching", "true")]).unwrap();
        assert_eq!(c.topic_defaults.0["retention.ms"], "5");
        assert_eq!(c.topic_defaults.0["write.caching"], "true");
    }

    #[test]
    fn the_finest_time_counts() {
        let of = |pairs: &[(&str, &str)]| config(pairs).unwrap().topic_defaults.0;
        assert_eq!(of(&[("log.retention.hours", "2")])["retention.ms"], "7200000");
        assert_eq!(
            of(&[("log.retention.hours", "2"), ("log.retention.minutes", "3")])["retention.ms"],
            "180000"
        );
        assert_eq!(of(&[("log.retention.hours", "2"), ("log.retention.ms", "4")])["retention.ms"], "4");
        assert_eq!(of(&[("log.retention.hours", "-1")])["retention.ms"], "-1");
        assert_eq!(of(&[("log.roll.hours", "1")])["segment.ms"], "3600000");
    }

    #[test]
    fn a_later_source_wins_whatever_name_it_uses() {
        let of = |layers: &[&[(&str, &str)]]| {
            let mut values = Values::new();
            for l in layers {
                lay_over(&mut values, l.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect());
            }
            BrokerConfig::from_values(values).unwrap().topic_defaults.0["retention.ms"].clone()
        };
        assert_eq!(of(&[&[("log.retention.ms", "1")], &[("retention.ms", "2")]]), "2");
        assert_eq!(of(&[&[("retention.ms", "2")], &[("log.retention.ms", "1")]]), "1");
        assert_eq!(of(&[&[("log.retention.ms", "1")], &[("log.retention.hours", "1")]]), "3600000");
        assert_eq!(of(&[&[("log.retention.ms", "1")], &[("num.partitions", "3")]]), "1");
        assert_eq!(of(&[&[("log.retention.ms", "1"), ("log.retention.hours", "1")]]), "1", "one source");
    }

    #[test]
    fn limits_can_be_set() {
        let c = config(&[
            ("max.connections", "10"),
            ("connections.max.idle.ms", "5"),
            ("queued.max.request.bytes", "4096"),
            ("socket.send.buffer.bytes", "-1"),
            ("socket.receive.buffer.bytes", "65536"),
        ])
        .unwrap();
        assert_eq!((c.net.connections_max, c.net.idle_ms, c.net.request_memory_max), (10, 5, 4096));
        assert_eq!(c.net.connections_per_ip_max, 10, "never more than all");
        assert_eq!((c.net.send_buffer_bytes, c.net.receive_buffer_bytes), (None, Some(65_536)));
    }
}
