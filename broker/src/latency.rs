//! Latency histograms that cost two relaxed atomic additions per observation and never grow.
//!
//! The exporter's own histograms queue every observation until somebody scrapes; a broker answers millions of
//! requests between two scrapes. Rendered as Prometheus text beside the exporter's counters and gauges.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets in microseconds; the last bucket has none.
const BOUNDS_US: [u64; 17] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];

/// One histogram. Shared by all threads.
#[derive(Debug, Default)]
pub struct Latency {
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Latency {
    pub const fn new() -> Latency {
        Latency { buckets: [const { AtomicU64::new(0) }; BOUNDS_US.len() + 1], sum_us: AtomicU64::new(0) }
    }

    pub fn record(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let i = BOUNDS_US.partition_point(|b| *b < us);
        if let Some(b) = self.buckets.get(i) {
            b.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|b| b.load(Ordering::Relaxed)).sum()
    }

    /// Appends the series `name` with `labels` (`api="Fetch"`, or empty).
    pub fn render(&self, out: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut total = 0;
        for (i, b) in self.buckets.iter().enumerate() {
            total += b.load(Ordering::Relaxed);
            let le = BOUNDS_US.get(i).map_or_else(|| "+Inf".to_string(), |us| (*us as f64 / 1e6).to_string());
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"{le}\"}} {total}");
        }
        let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let sum = self.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "{name}_sum{braces} {sum}\n{name}_count{braces} {total}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative() {
        let l = Latency::new();
        for us in [10, 50, 51, 2_000, 99_000_000] {
            l.record(Duration::from_micros(us));
        }
        let mut text = String::new();
        l.render(&mut text, "x_seconds", "api=\"Fetch\"");
        for line in [
            "x_seconds_bucket{api=\"Fetch\",le=\"0.00005\"} 2",
            "x_seconds_bucket{api=\"Fetch\",le=\"0.0001\"} 3",
            "x_seconds_bucket{api=\"Fetch\",le=\"0.0025\"} 4",
            "x_seconds_bucket{api=\"Fetch\",le=\"+Inf\"} 5",
            "x_seconds_sum{api=\"Fetch\"} 99.002111",
            "x_seconds_count{api=\"Fetch\"} 5",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert_eq!(l.count(), 5);
    }
}
