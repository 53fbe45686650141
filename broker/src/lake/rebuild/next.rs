//! What a rebuild does next with a partition, and which files of the table its own take the place of.
//!
//! Invariants: pure functions; a row is rebuilt once, from the log or from the file that has it; where the log takes over,
//! no file of dead letters reaches across, so that each is replaced as a whole or not at all. Called by the rebuild.

use std::collections::BTreeSet;
use tiering::iceberg::manifest::DataFile;
use tiering::layout::FileName;

/// A partition of a version of the table.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its data files, in the order of their offsets.
    pub files: Vec<(FileName, DataFile)>,
    pub dead: Vec<(FileName, DataFile)>,
    /// Next offset of the table.
    pub committed: i64,
    pub log_start: i64,
    /// First offset that `lake.retention.ms` left in the table.
    pub expired: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// All that is committed is rebuilt.
    Done,
    /// From the log.
    Log { start: i64, to: i64 },
    /// From this file, of which rows below `start` are rebuilt already.
    File { index: usize, start: i64, to: i64 },
    /// There is nothing up to here.
    Nothing { to: i64 },
    /// The log has lost rows that were to be rebuilt from it.
    Lost,
}

/// `at`: next offset of the rebuild; `from_log`: it has begun with the log.
pub fn next(known: &Known, at: Option<i64>, from_log: bool) -> Next {
    let first = known.files.first().map_or(known.committed, |(n, _)| n.base);
    let start = at.unwrap_or_else(|| first.min(known.log_start.max(known.expired)).min(known.committed));
    let to = known.committed;
    if start >= to {
        return Next::Done;
    }
    let in_log = known.log_start <= start;
    if from_log {
        return if in_log { Next::Log { start, to } } else { Next::Lost };
    }
    let is_across = |(n, _): &(FileName, DataFile)| n.base < start && start < n.end;
    if in_log && !known.dead.iter().any(is_across) {
        return Next::Log { start, to };
    }
    match known.files.iter().position(|(n, _)| n.end > start) {
        Some(index) => {
            let end = known.files.get(index).map_or(to, |(n, _)| n.end);
            Next::File { index, start, to: end.min(to) }
        }
        None => Next::Nothing { to },
    }
}

/// A rebuild cannot take the table's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A file reaches further than the rebuild does: there is more to rebuild.
    Short,
    /// A file of dead letters reaches across the place where the log took over: they were merged meanwhile.
    Merged,
}

/// Which files of a table go, and which of the rebuild's come, by their URIs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    pub removed: BTreeSet<String>,
    pub dead_removed: BTreeSet<String>,
    /// Files of the table that stay, since the rebuild has nothing better.
    pub kept: usize,
}

/// What partition's files a rebuild up to `to` replaces, `ours` being all files of the rebuild. `log_from`: where the log
/// took over.
pub fn exchange(
    known: &Known,
    to: i64,
    log_from: Option<i64>,
    ours: &BTreeSet<String>,
) -> Result<Exchange, Unfit> {
    let is_across = |at: i64| move |(n, _): &(FileName, DataFile)| n.base < at && at < n.end;
    if log_from.is_some_and(|from| known.dead.iter().any(is_across(from))) {
        return Err(Unfit::Merged);
    }
    if known.files.iter().chain(&known.dead).any(is_across(to)) {
        return Err(Unfit::Short);
    }
    let mut out = Exchange::default();
    for (_, f) in known.files.iter().filter(|(n, _)| n.end <= to) {
        if ours.contains(&f.path) {
            out.kept += 1;
        } else {
            out.removed.insert(f.path.clone());
        }
    }
    let is_replaced = |n: &FileName| n.end <= to && log_from.is_some_and(|from| n.base >= from);
    out.dead_removed =
        known.dead.iter().filter(|(n, _)| is_replaced(n)).map(|(_, f)| f.path.clone()).collect();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiering::layout::Day;

    fn file(base: i64, end: i64) -> (FileName, DataFile) {
        let name = FileName { day: Day(1), partition: 0, base, end, leader_epoch: 0, random: 0 };
        (name, DataFile { path: format!("{base}-{end}"), ..DataFile::default() })
    }

    fn known(files: &[(i64, i64)], dead: &[(i64, i64)], log_start: i64) -> Known {
        let all = |of: &[(i64, i64)]| of.iter().map(|(a, b)| file(*a, *b)).collect::<Vec<_>>();
        Known { files: all(files), dead: all(dead), committed: 100, log_start, expired: 0 }
    }

    #[test]
    fn the_log_is_taken_as_far_as_it_goes_back() {
        let k = known(&[(0, 40), (40, 100)], &[], 0);
        assert_eq!(next(&k, None, false), Next::Log { start: 0, to: 100 });
        assert_eq!(next(&k, Some(70), true), Next::Log { start: 70, to: 100 });
        assert_eq!(next(&k, Some(100), true), Next::Done);
        let k = known(&[(0, 40), (40, 60), (60, 100)], &[], 50);
        assert_eq!(next(&k, None, false), Next::File { index: 0, start: 0, to: 40 });
        assert_eq!(
            next(&k, Some(40), false),
            Next::File { index: 1, start: 40, to: 60 },
            "the log has a part of it"
        );
        assert_eq!(next(&k, Some(60), false), Next::Log { start: 60, to: 100 });
        assert_eq!(next(&k, Some(40), true), Next::Lost, "retention was faster");
        // A merge put more into one file than the rebuild has.
        let k = known(&[(0, 80), (80, 100)], &[], 100);
        assert_eq!(next(&k, Some(40), false), Next::File { index: 0, start: 40, to: 80 });
        assert_eq!(next(&known(&[], &[], 100), Some(40), false), Next::Nothing { to: 100 });
        // What retention took out of the table is not brought back, what was never in it is.
        let k = Known { expired: 30, ..known(&[(30, 100)], &[], 10) };
        assert_eq!(next(&k, None, false), Next::Log { start: 30, to: 100 });
        assert_eq!(next(&known(&[(30, 100)], &[], 10), None, false), Next::Log { start: 10, to: 100 });
        assert_eq!(next(&known(&[], &[], 0), None, false), Next::Log { start: 0, to: 100 });
        assert_eq!(next(&Known::default(), None, false), Next::Done);
    }

    #[test]
    fn files_of_dead_letters_are_replaced_as_a_whole() {
        let k = known(&[(0, 30), (30, 60), (60, 100)], &[(0, 60), (60, 100)], 10);
        assert_eq!(
            next(&k, Some(30), false),
            Next::File { index: 1, start: 30, to: 60 },
            "the letters reach to 60"
        );
        assert_eq!(next(&k, Some(60), false), Next::Log { start: 60, to: 100 });
        let ours = BTreeSet::from(["0-30".to_string()]);
        let e = exchange(&k, 100, Some(60), &ours).unwrap();
        assert_eq!(e.removed, ["30-60".to_string(), "60-100".to_string()].into());
        assert_eq!((e.dead_removed, e.kept), (["60-100".to_string()].into(), 1));
        assert_eq!(exchange(&k, 80, Some(60), &ours), Err(Unfit::Short), "not as far as the file");
        let merged = Known { dead: vec![file(0, 100)], ..k.clone() };
        assert_eq!(exchange(&merged, 100, Some(60), &ours), Err(Unfit::Merged), "some rows are in both");
        assert_eq!(exchange(&merged, 100, None, &ours).map(|e| e.dead_removed.len()), Ok(0));
        let e = exchange(&k, 60, None, &BTreeSet::new()).unwrap();
        assert_eq!((e.removed.len(), e.dead_removed.len()), (2, 0), "what came later stays");
    }
}
