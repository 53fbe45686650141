//! DescribeConfigs (32), versions 1-4. Topics and brokers; sources and types as Kafka numbers them.

use super::topic_admin::check_name;
use crate::broker::Broker;
use crate::config::Kind;
use crate::config::broker::BROKER_DEFINITIONS;
use crate::config::topic::DEFINITIONS;
use crate::dispatch::Head;
use protocol::message::k32_describe_configs::request::DescribeConfigsResource;
use protocol::message::k32_describe_configs::response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use protocol::message::k32_describe_configs::{DescribeConfigsRequest, DescribeConfigsResponse};
use protocol::{ErrorCode, Str};
use std::collections::BTreeSet;
use std::sync::Arc;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const SOURCE_TOPIC: i8 = 1;
const SOURCE_STATIC_BROKER: i8 = 4;
const SOURCE_DEFAULT: i8 = 5;

/// One value with where it could also come from, nearest first.
struct Entry {
    name: &'static str,
    kind: i8,
    doc: &'static str,
    read_only: bool,
    sources: Vec<(i8, &'static str, String)>,
}

fn topic_entries(broker: &Broker, name: &str) -> Vec<Entry> {
    let image = broker.metadata.image();
    let own = image.topic_configs(name);
    DEFINITIONS
        .iter()
        .map(|d| {
            let mut sources = Vec::new();
            if let Some(v) = own.and_then(|o| o.get(d.name)) {
                sources.push((SOURCE_TOPIC, d.name, v.clone()));
            }
            let (v, set) = broker.replicas.defaults().value(d);
            if set {
                sources.push((SOURCE_STATIC_BROKER, d.broker_name, v.to_string()));
            }
            sources.push((SOURCE_DEFAULT, d.broker_name, d.default.to_string()));
            Entry { name: d.name, kind: d.kind as i8, doc: d.doc, read_only: false, sources }
        })
        .collect()
}

fn broker_entries(broker: &Broker) -> Vec<Entry> {
    let set = &broker.config.set;
    let own = BROKER_DEFINITIONS.iter().map(|d| (d.name, d.name, d.kind, d.default, d.doc));
    let topic = DEFINITIONS.iter().map(|d| (d.broker_name, d.name, d.kind, d.default, d.doc));
    own.chain(topic)
        .map(|(name, other, kind, default, doc)| {
            let mut sources = Vec::new();
            let topic_default = broker.replicas.defaults().0.get(other);
            if let Some(v) = set.get(name).or(topic_default) {
                sources.push((SOURCE_STATIC_BROKER, name, v.clone()));
            }
            sources.push((SOURCE_DEFAULT, name, default.to_string()));
            Entry { name, kind: kind as i8, doc, read_only: true, sources }
        })
        .collect()
}

fn describe(
    broker: &Broker,
    q: &DescribeConfigsRequest,
    r: &DescribeConfigsResource,
) -> DescribeConfigsResult {
    let mut a = DescribeConfigsResult {
        resource_type: r.resource_type,
        resource_name: r.resource_name.clone(),
        ..Default::default()
    };
    let mut fail = |e: ErrorCode, why: &str| {
        a.error_code = e.0;
        a.error_message = Some(Str::from(why));
    };
    let entries = match r.resource_type {
        TOPIC if check_name(&r.resource_name).is_err() => {
            fail(ErrorCode::INVALID_TOPIC_EXCEPTION, "this cannot be a topic's name");
            return a;
        }
        TOPIC if broker.metadata.image().topic(&r.resource_name).is_none() => {
            fail(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "this topic does not exist");
            return a;
        }
        TOPIC => topic_entries(broker, &r.resource_name),
        // The empty name is the cluster-wide default: nothing can be set there in this version.
        BROKER if r.resource_name.is_empty() => Vec::new(),
        BROKER if r.resource_name == broker.me.0.to_string().as_str() => broker_entries(broker),
        BROKER => {
            fail(ErrorCode::INVALID_REQUEST, "this is not the broker that was asked for");
            return a;
        }
        _ => {
            fail(ErrorCode::INVALID_REQUEST, "this version describes topics and brokers");
            return a;
        }
    };
    let keys = r.configuration_keys.as_ref().filter(|k| !k.is_empty());
    a.configs = entries
        .into_iter()
        .filter(|e| keys.is_none_or(|k| k.iter().any(|x| *x == e.name)))
        .map(|e| entry(e, q))
        .collect();
    a
}

/// What is secret is never told, as in Kafka: its value is null.
const PASSWORD: i8 = Kind::Password as i8;

fn entry(e: Entry, q: &DescribeConfigsRequest) -> DescribeConfigsResourceResult {
    let (source, _, value) = e.sources.first().cloned().unwrap_or((SOURCE_DEFAULT, "", String::new()));
    let synonyms = e
        .sources
        .iter()
        .filter(|_| q.include_synonyms)
        .map(|(source, name, value)| DescribeConfigsSynonym {
            name: Str::from_static(name),
            value: Some(Str::from(value)).filter(|_| e.kind != PASSWORD),
            source: *source,
        })
        .collect();
    DescribeConfigsResourceResult {
        name: Str::from_static(e.name),
        value: Some(Str::from(value)).filter(|v| e.kind != PASSWORD && !(e.read_only && v.is_empty())),
        is_sensitive: e.kind == PASSWORD,
        read_only: e.read_only,
        config_source: source,
        synonyms,
        config_type: e.kind,
        documentation: q.include_documentation.then(|| Str::from_static(e.doc)),
    }
}

pub async fn handle(broker: Arc<Broker>, _head: Head, q: DescribeConfigsRequest) -> DescribeConfigsResponse {
    // Each once, however often it is asked for: an answer is some hundred times as long as its question.
    let mut seen = BTreeSet::new();
    let asked = q.resources.iter().filter(|r| seen.insert((r.resource_type, &r.resource_name)));
    let results = asked.map(|r| describe(&broker, &q, r)).collect();
    DescribeConfigsResponse { results, ..Default::default() }
}
