//! A histogram of nanoseconds with a fixed relative error, after the idea of HdrHistogram.
//!
//! Invariants: values below 256 are exact, larger ones are kept to 1/128; recording allocates nothing; percentiles
//! are upper ends of buckets, so they never flatter. Called by every mode that reports a latency.

use std::time::Duration;

const SUB_BITS: u32 = 7;
const BUCKETS: usize = (64 - SUB_BITS as usize) * (1 << SUB_BITS) + (1 << SUB_BITS);

#[derive(Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { counts: vec![0; BUCKETS], total: 0, max: 0 }
    }
}

fn shift(v: u64) -> u32 {
    (64 - v.leading_zeros()).saturating_sub(SUB_BITS + 1)
}

fn index(v: u64) -> usize {
    let s = shift(v);
    ((s as usize) << SUB_BITS) + (v >> s) as usize
}

/// Largest value of a bucket.
fn upper(i: usize) -> u64 {
    let s = (i >> SUB_BITS).saturating_sub(1);
    let top = (i - (s << SUB_BITS)) as u128;
    u64::try_from(((top + 1) << s) - 1).unwrap_or(u64::MAX)
}

impl Histogram {
    pub fn record(&mut self, d: Duration) {
        self.add(u64::try_from(d.as_nanos()).unwrap_or(u64::MAX));
    }

    fn add(&mut self, v: u64) {
        if let Some(c) = self.counts.get_mut(index(v)) {
            *c += 1;
        }
        self.total += 1;
        self.max = self.max.max(v);
    }

    pub fn merge(&mut self, other: &Histogram) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a += b;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    pub fn len(&self) -> u64 {
        self.total
    }

    /// Milliseconds below which `percent` of the values lie; 0 if there are none.
    pub fn ms(&self, percent: f64) -> f64 {
        let wanted = ((percent / 100.0) * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (i, c) in self.counts.iter().enumerate() {
            seen += c;
            if seen >= wanted {
                return upper(i).min(self.max) as f64 / 1e6;
            }
        }
        0.0
    }

    pub fn max_ms(&self) -> f64 {
        self.max as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_contiguous_and_tight() {
        let mut last = None;
        for v in (0..3_000u64).chain((12..63).flat_map(|b| [(1 << b) - 1, 1 << b, (1 << b) + 1])) {
            let i = index(v);
            assert!(i < BUCKETS && upper(i) >= v, "{v}");
            assert!(upper(i) - v <= v / 128, "{v} is kept as {}", upper(i));
            assert!(last.is_none_or(|l| i >= l));
            last = Some(i);
        }
        assert!(index(u64::MAX) < BUCKETS);
    }

    #[test]
    fn percentiles_of_a_ramp() {
        let mut h = Histogram::default();
        (1..=1_000u64).for_each(|us| h.add(us * 1_000));
        for (p, want) in [(50.0, 0.5), (99.0, 0.99), (99.9, 0.999), (100.0, 1.0)] {
            let got = h.ms(p);
            assert!(got >= want && got <= want * 1.01, "p{p}: {got}");
        }
        assert_eq!((h.len(), h.max_ms()), (1_000, 1.0));
    }
}
