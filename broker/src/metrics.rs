//! Every metric's name, and handles that are made once and then only added to.
//!
//! Rendered by the HTTP listener at /metrics. Names follow Prometheus' rules: base units, `_total` for counters.

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

const SECONDS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Installs the recorder. Once in a process; tests that start several brokers share it.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(h) = HANDLE.get() {
        return Ok(h.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .install_recorder()?;
    describe();
    Ok(HANDLE.get_or_init(|| handle).clone())
}

fn describe() {
    describe_counter!("lipno_topic_bytes_in_total", "Bytes of record batches produced to a topic");
    describe_counter!("lipno_topic_bytes_out_total", "Bytes of record batches fetched from a topic");
    describe_counter!("lipno_topic_records_in_total", "Records produced to a topic");
    describe_counter!("lipno_requests_total", "Requests by API");
    describe_histogram!("lipno_request_seconds", "Time from a request's arrival to its answer, by API");
    describe_gauge!("lipno_connections", "Open client connections");
    describe_counter!("lipno_connections_refused_total", "Connections closed at once because of a limit");
    describe_counter!("lipno_sync_rounds_total", "Group-commit rounds of the log dirs");
    describe_histogram!("lipno_sync_round_seconds", "Length of a group-commit round");
    describe_gauge!("lipno_log_size_bytes", "Size of a partition's log");
    describe_gauge!(
        "lipno_consumer_lag",
        "Records between a group's committed offset and the high watermark"
    );
    describe_gauge!("lipno_lake_lag", "Records between the lake's committed offset and the high watermark");
    describe_counter!("lipno_lake_rows_total", "Rows written to the lake");
    describe_counter!("lipno_lake_files_total", "Files committed to the lake");
}

/// Counters of one topic.
#[derive(Clone)]
pub struct TopicCounters {
    pub bytes_in: Counter,
    pub bytes_out: Counter,
    pub records_in: Counter,
}

impl TopicCounters {
    pub fn new(topic: &str) -> TopicCounters {
        let topic = topic.to_string();
        TopicCounters {
            bytes_in: counter!("lipno_topic_bytes_in_total", "topic" => topic.clone()),
            bytes_out: counter!("lipno_topic_bytes_out_total", "topic" => topic.clone()),
            records_in: counter!("lipno_topic_records_in_total", "topic" => topic),
        }
    }
}

/// Count and latency of one API.
#[derive(Clone)]
pub struct ApiMetrics {
    pub requests: Counter,
    pub seconds: Histogram,
}

/// Handles of the process.
pub struct Metrics {
    apis: Vec<ApiMetrics>,
    pub connections: Gauge,
    pub refused: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    pub fn new() -> Metrics {
        let last = protocol::api::SERVED.iter().max().copied().unwrap_or(0);
        let apis = (0..=last)
            .map(|key| {
                let name = protocol::api::facts(key).map_or("unknown", |f| f.name);
                ApiMetrics {
                    requests: counter!("lipno_requests_total", "api" => name),
                    seconds: histogram!("lipno_request_seconds", "api" => name),
                }
            })
            .collect();
        Metrics {
            apis,
            connections: gauge!("lipno_connections"),
            refused: counter!("lipno_connections_refused_total"),
        }
    }

    pub fn api(&self, key: i16) -> Option<&ApiMetrics> {
        self.apis.get(usize::try_from(key).ok()?)
    }
}

/// One group-commit round took this long.
pub fn sync_round(took: std::time::Duration) {
    counter!("lipno_sync_rounds_total").increment(1);
    histogram!("lipno_sync_round_seconds").record(took.as_secs_f64());
}
