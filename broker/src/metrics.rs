//! Every metric's name, and handles that are made once and then only added to.
//!
//! Rendered by the HTTP listener at /metrics. Names follow Prometheus' rules: base units, `_total` for counters.

use crate::latency::Latency;
use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Installs the recorder. Once in a process; tests that start several brokers share it.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    // Brokers that start at the same moment in one process: one installs, the others wait for it.
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut held = HANDLE.lock();
    if let Some(h) = held.as_ref() {
        return Ok(h.clone());
    }
    let handle = PrometheusBuilder::new().install_recorder()?;
    describe();
    *held = Some(handle.clone());
    Ok(handle)
}

/// A fetch found its records out of memory.
pub fn fetched_cold() {
    counter!("lipno_fetch_cold_total").increment(1);
}

fn describe() {
    describe_counter!("lipno_fetch_cold_total", "Fetches that had to wait for the disk");
    describe_gauge!("lipno_connections", "Open client connections");
    describe_counter!("lipno_connections_refused_total", "Connections closed at once because of a limit");
    describe_counter!("lipno_lake_rows_total", "Rows committed to the lake");
    describe_counter!("lipno_lake_files_total", "Files committed to the lake");
    describe_counter!(
        "lipno_lake_swept_objects_total",
        "Objects removed from the lake: nothing referred to them"
    );
    describe_counter!("lipno_lake_swept_bytes_total", "Bytes of these");
    describe_counter!("lipno_lake_compacted_files_total", "Data files that were merged into larger ones");
    describe_counter!("lipno_lake_expired_files_total", "Data files that lake.retention.ms took out");
    describe_counter!("lipno_lake_sampled_rows_total", "Rows of the lake that samples compared with the log");
    describe_gauge!(
        "lipno_lake_sampled_faults",
        "Rows that samples found missing, twice or different since the start: anything but 0 is a defect"
    );
    describe_counter!("lipno_lake_errors_total", "Failures on the way into the lake; each is retried");
}

/// Counters of one topic; they last as long as it does.
#[derive(Default)]
pub struct TopicCounters {
    pub bytes_in: AtomicU64,
    pub records_in: AtomicU64,
    pub bytes_out: AtomicU64,
    pub records_out: AtomicU64,
}

/// Adds to one of them.
pub fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

/// Handles of the process.
pub struct Metrics {
    /// By API key; an API that is not served has a histogram that stays empty.
    apis: Vec<Latency>,
    pub connections: Gauge,
    pub refused: Counter,
    pub lake: LakeMetrics,
}

/// What the lake does.
#[derive(Default)]
pub struct LakeMetrics {
    commits: Latency,
}

impl LakeMetrics {
    /// A range was committed, this long after it was cut.
    pub fn committed(&self, topic: &str, rows: u64, files: u64, took: Duration) {
        counter!("lipno_lake_rows_total", "topic" => topic.to_string()).increment(rows);
        counter!("lipno_lake_files_total", "topic" => topic.to_string()).increment(files);
        self.commits.record(took);
    }

    /// Objects that nothing referred to were removed.
    pub fn swept(&self, objects: u64, bytes: u64) {
        counter!("lipno_lake_swept_objects_total").increment(objects);
        counter!("lipno_lake_swept_bytes_total").increment(bytes);
    }

    /// Counts data files that were merged into larger ones, and such as were too old.
    pub fn tidied(&self, merged: u64, expired: u64) {
        counter!("lipno_lake_compacted_files_total").increment(merged);
        counter!("lipno_lake_expired_files_total").increment(expired);
    }

    /// A sample of a table was compared with the log.
    pub fn sampled(&self, rows: u64, faults: u64) {
        counter!("lipno_lake_sampled_rows_total").increment(rows);
        gauge!("lipno_lake_sampled_faults").increment(faults as f64);
    }

    /// Something failed and will be tried again.
    pub fn failed(&self, why: &str) {
        counter!("lipno_lake_errors_total").increment(1);
        tracing::warn!("lake: {why}");
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    pub fn new() -> Metrics {
        let last = protocol::api::SERVED.iter().max().copied().unwrap_or(0);
        let apis = (0..=last).map(|_| Latency::new()).collect();
        Metrics {
            apis,
            connections: gauge!("lipno_connections"),
            refused: counter!("lipno_connections_refused_total"),
            lake: LakeMetrics::default(),
        }
    }

    /// A request of this API was answered.
    pub fn answered(&self, key: i16, took: Duration) {
        if let Some(l) = usize::try_from(key).ok().and_then(|k| self.apis.get(k)) {
            l.record(took);
        }
    }

    /// Request counts and latencies by API, and sync rounds, as Prometheus text.
    pub fn render(&self, out: &mut String) {
        out.push_str("# HELP lipno_request_seconds Time from a request's arrival to its answer, by API\n");
        out.push_str("# TYPE lipno_request_seconds histogram\n");
        for (key, l) in self.apis.iter().enumerate().filter(|(_, l)| l.count() > 0) {
            let name = protocol::api::facts(key as i16).map_or("unknown", |f| f.name);
            l.render(out, "lipno_request_seconds", &format!("api=\"{name}\""));
        }
        out.push_str("# HELP lipno_sync_round_seconds Length of a group-commit round of a log dir\n");
        out.push_str("# TYPE lipno_sync_round_seconds histogram\n");
        SYNC_ROUNDS.render(out, "lipno_sync_round_seconds", "");
        out.push_str(
            "# HELP lipno_lake_commit_seconds Time from the cut of a range to its commit in the lake\n",
        );
        out.push_str("# TYPE lipno_lake_commit_seconds histogram\n");
        self.lake.commits.render(out, "lipno_lake_commit_seconds", "");
    }
}

static SYNC_ROUNDS: Latency = Latency::new();

/// One group-commit round took this long.
pub fn sync_round(took: Duration) {
    SYNC_ROUNDS.record(took);
}
