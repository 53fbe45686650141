//! Which snapshots of a table stay, and what goes with those that do not.
//!
//! Invariants: the current snapshot always stays; the log of snapshots is a history without holes; a metadata file is
//! at most `METADATA_BYTES_MAX` long as long as one snapshot alone fits, whatever the intervals of commits and the
//! number of partitions: then the table forgets snapshots that it would otherwise keep, those in the middle first.
//! Called by every commit.

use super::metadata::{Snapshot, TableMetadata};
use std::collections::BTreeSet;

/// A metadata file of more bytes than this is not written: every commit writes one and every reader reads one.
pub const METADATA_BYTES_MAX: usize = 1_000_000;
/// Where thinning stops, so that not every commit has to thin.
const METADATA_BYTES_THINNED: usize = METADATA_BYTES_MAX / 4 * 3;

/// Which snapshots stay (`lake.snapshot.retention.ms`, `lake.snapshots.min`, `lake.snapshot.hourly.days`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub all_ms: i64,
    pub min: usize,
    pub hourly_ms: i64,
}

const HOUR_MS: i64 = 3_600_000;

impl Default for Retention {
    fn default() -> Self {
        Retention { all_ms: HOUR_MS, min: 20, hourly_ms: 3 * 24 * HOUR_MS }
    }
}

/// Intervals of which one snapshot stays when a table has too many, each a divisor of the next: what stayed for one
/// stays for the next only if it is the first of that, too.
const THINNED_MS: [i64; 9] = [1_000, 2_000, 4_000, 12_000, 60_000, 300_000, 900_000, 1_800_000, HOUR_MS];

/// Ids of the snapshots that stay: all young ones, at least `min`, then the first of each hour.
fn retained(snapshots: &[Snapshot], now_ms: i64, keep: &Retention) -> BTreeSet<i64> {
    let newest = snapshots.len().saturating_sub(keep.min);
    let hours = first_of_each(snapshots, HOUR_MS);
    let mut stay = BTreeSet::new();
    for (i, s) in snapshots.iter().enumerate() {
        let age = now_ms.saturating_sub(s.timestamp_ms);
        if i >= newest || age <= keep.all_ms || (hours.contains(&s.snapshot_id) && age <= keep.hourly_ms) {
            stay.insert(s.snapshot_id);
        }
    }
    stay
}

/// Ids of the first snapshot of each interval.
fn first_of_each(snapshots: &[Snapshot], interval_ms: i64) -> BTreeSet<i64> {
    let interval = |s: &Snapshot| s.timestamp_ms.div_euclid(interval_ms);
    let chunks = snapshots.chunk_by(|a, b| interval(a) == interval(b));
    chunks.filter_map(|c| c.first()).map(|s| s.snapshot_id).collect()
}

impl TableMetadata {
    /// Forgets snapshots that need not stay.
    pub fn expire(&mut self, now_ms: i64, keep: &Retention) {
        let stay = retained(&self.snapshots, now_ms, keep);
        self.forget_others(&stay);
    }

    /// The metadata file's bytes, at most `METADATA_BYTES_MAX` of them if snapshots that may be forgotten can help.
    pub fn to_bytes_within(&mut self, keep: &Retention) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        if bytes.len() <= METADATA_BYTES_MAX {
            return Ok(bytes);
        }
        // The newest stay next to each other as long as they can: whoever reads now reads one of them.
        let thinner = THINNED_MS.map(|ms| (ms, keep.min));
        let fewer = std::iter::successors(Some(keep.min.max(1)), |n| Some(n / 2).filter(|n| *n > 0));
        let fewer = fewer.map(|newest| (i64::MAX, newest));
        for (interval_ms, newest) in thinner.into_iter().chain(fewer) {
            let mut stay = match interval_ms {
                i64::MAX => BTreeSet::new(),
                ms => first_of_each(&self.snapshots, ms),
            };
            stay.extend(self.snapshots.iter().rev().take(newest).map(|s| s.snapshot_id));
            self.forget_others(&stay);
            bytes = serde_json::to_vec(self)?;
            if bytes.len() <= METADATA_BYTES_THINNED {
                break;
            }
        }
        Ok(bytes)
    }

    fn forget_others(&mut self, stay: &BTreeSet<i64>) {
        let is_gone =
            |s: &Snapshot| !stay.contains(&s.snapshot_id) && Some(s.snapshot_id) != self.current_snapshot_id;
        let gone: BTreeSet<i64> =
            self.snapshots.iter().filter(|s| is_gone(s)).map(|s| s.snapshot_id).collect();
        self.snapshots.retain(|s| !gone.contains(&s.snapshot_id));
        // A schema that no snapshot was written with is of no use to anybody.
        let used: BTreeSet<i32> =
            self.snapshots.iter().map(|s| s.schema_id).chain([self.current_schema_id]).collect();
        self.schemas
            .retain(|s| s["schema-id"].as_i64().is_some_and(|id| used.iter().any(|u| i64::from(*u) == id)));
        // The log must be a history without holes: it starts behind the last that is gone.
        let behind =
            self.snapshot_log.iter().rposition(|l| gone.contains(&l.snapshot_id)).map_or(0, |i| i + 1);
        self.snapshot_log.drain(..behind);
    }
}

#[cfg(test)]
mod tests {
    use super::super::metadata::{Append, Removed};
    use super::*;
    use crate::typed::{Column, Columns, Kind};
    use std::collections::BTreeMap;

    fn table() -> TableMetadata {
        TableMetadata::new("0a1b2c3d-0000-4000-8000-000000000001", "file:///lake/lipno/t", 1_000, "t", "id")
    }

    fn append(n: i64, now_ms: i64) -> Append {
        Append {
            snapshot_id: n,
            now_ms,
            manifest_list: format!(
                "file:///lake/lipno/t/metadata/snap-{n}-0a1b2c3d-0000-4000-8000-000000000001.avro"
            ),
            files: 1,
            rows: 10,
            bytes: 100,
            offsets: BTreeMap::from([(0, n * 10), (7, 3)]),
            columns: Columns::default(),
            removed: Removed::default(),
            starts: BTreeMap::new(),
        }
    }

    const AT: Option<&str> = Some("file:///lake/lipno/t/metadata/00001-0a1b2c3d.json");

    /// The ages in hours of snapshots that are older than one.
    fn hours(t: &TableMetadata) -> Vec<i64> {
        let old = t.snapshots.iter().filter(|s| t.last_updated_ms - s.timestamp_ms > HOUR_MS);
        old.map(|s| s.timestamp_ms / HOUR_MS).collect()
    }

    #[test]
    fn a_hundred_thousand_commits_stay_small() {
        let (mut t, keep, mut largest) = (table(), Retention::default(), 0);
        // One every ten seconds, for eleven days and more.
        for n in 1..=100_000i64 {
            t = t.append(&append(n, n * 10_000), AT, &keep);
            if n % 500 == 0 {
                largest = largest.max(t.to_bytes_within(&keep).unwrap().len());
            }
        }
        assert!(largest < METADATA_BYTES_MAX, "{largest}");
        let now = t.last_updated_ms;
        let young = t.snapshots.iter().filter(|s| now - s.timestamp_ms <= HOUR_MS).count();
        assert_eq!(young, 361, "all of the last hour");
        let old = hours(&t);
        assert!((70..=72).contains(&old.len()) && old.windows(2).all(|w| w[1] == w[0] + 1), "{old:?}");
        assert_eq!(t.snapshot_log.first().unwrap().snapshot_id, t.snapshots[old.len()].snapshot_id);
    }

    #[test]
    fn a_hundred_thousand_commits_of_a_second_each_stay_small_too() {
        let (mut t, keep, mut largest) = (table(), Retention::default(), 0);
        for n in 1..=100_000i64 {
            t = t.append(&append(n, n * 1_000), AT, &keep);
            // Every commit does; fewer are enough here, the file grows by less than a KB each.
            if n % 10 == 0 {
                largest = largest.max(t.to_bytes_within(&keep).unwrap().len());
            }
        }
        assert!(largest > METADATA_BYTES_THINNED, "it had to be thinned: {largest}");
        assert!(largest <= METADATA_BYTES_MAX, "{largest}");
        let times: Vec<i64> = t.snapshots.iter().map(|s| s.timestamp_ms).collect();
        assert!(times.windows(2).all(|w| w[1] - w[0] <= HOUR_MS), "no hole");
        let now = t.last_updated_ms;
        let young: Vec<i64> = times.iter().copied().filter(|ms| now - ms <= HOUR_MS).collect();
        assert!(young.windows(2).all(|w| w[1] - w[0] <= 12_000), "the last hour in steps of seconds");
        assert_eq!(
            young[young.len() - 20..],
            *(now / 1_000 - 19..=now / 1_000).map(|s| s * 1_000).collect::<Vec<_>>()
        );
        let old = hours(&t);
        assert!((25..=28).contains(&old.len()) && old.windows(2).all(|w| w[1] == w[0] + 1), "{old:?}");
    }

    #[test]
    fn many_partitions_and_many_schemas_take_the_room_of_snapshots() {
        let keep = Retention::default();
        let column = |i: i32| Column {
            id: 100 + i,
            name: format!("a_column_with_a_name_{i}"),
            path: vec![format!("a_column_with_a_name_{i}")],
            kind: Kind::Long,
        };
        let mut t = table();
        for n in 1..=256i64 {
            let columns = Columns::new((0..n as i32).map(column).collect());
            let offsets = (0..5_000).map(|p| (p, 1_000_000 * n)).collect();
            t = t.append(&Append { columns, offsets, ..append(n, n * 10_000) }, AT, &keep);
            let bytes = t.to_bytes_within(&keep).unwrap();
            assert!(bytes.len() <= METADATA_BYTES_MAX, "{n}: {}", bytes.len());
            assert_eq!(
                serde_json::from_slice::<TableMetadata>(&bytes).unwrap(),
                t,
                "the bytes are the state's"
            );
            assert_eq!(t.current().unwrap().snapshot_id, n);
            assert!(t.current_schema().is_some());
        }
        assert!(t.snapshots.len() >= 3, "{}", t.snapshots.len());
    }

    #[test]
    fn few_commits_all_stay_and_the_current_one_always() {
        let keep = Retention::default();
        let mut t = table();
        for n in 1..=20 {
            t = t.append(&append(n, n * 40 * 24 * HOUR_MS), None, &keep);
        }
        assert_eq!(t.snapshots.len(), 20, "however old");
        t.expire(i64::MAX, &Retention { all_ms: 0, min: 0, hourly_ms: 0 });
        assert_eq!(t.snapshots.iter().map(|s| s.snapshot_id).collect::<Vec<_>>(), [20]);
    }
}
