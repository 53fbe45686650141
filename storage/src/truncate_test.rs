//! Truncation by generation: what is cut never comes back, what is kept is served as before.

use super::*;
use crate::cuts::FILE;
use crate::disk::Slice;
use crate::read::ReadPlan;
use crate::rig::Rig;

/// 14 batches of two records, three to a segment, an epoch for every four.
fn rig() -> Rig {
    let mut r = Rig::new();
    for i in 0..14 {
        r.epoch = i / 4;
        r.append(2, 100 + i64::from(i));
    }
    r
}

fn evens(to: i64) -> Vec<i64> {
    (0..to / 2).map(|i| i * 2).collect()
}

#[test]
fn every_cut_gives_the_prefix_and_survives_a_restart() {
    for to in 0..30 {
        let mut r = rig();
        let before = r.checkpoint();
        let end = r.truncate(to);
        assert_eq!(end, (to / 2 * 2).min(28), "whole batches only");
        assert_eq!(r.log.end(), end);
        assert_eq!(r.bases(), evens(end), "cut at {to}");
        assert_eq!(r.producers, evens(end).iter().map(|b| *b as u8).collect::<Vec<_>>());
        assert!(r.log.last_epoch().is_none_or(|e| i64::from(e) * 8 < end.max(1)));
        // The record of the longer log, as after a crash.
        r.reopen(Some(&before));
        assert_eq!((r.log.end(), r.bases()), (end, evens(end)), "cut at {to}, restarted");
        assert_eq!(r.producers, evens(end).iter().map(|b| *b as u8).collect::<Vec<_>>());
        r.upkeep();
        r.epoch = 9;
        assert_eq!(r.append(3, 500).base_offset, end);
        let after = r.checkpoint();
        let report = r.reopen(Some(&after));
        assert_eq!(report.scanned_bytes, 0, "cut at {to}: {report:?}");
        assert_eq!(r.bases(), [evens(end), vec![end]].concat());
        assert!(r.log_files().iter().all(|n| !n.ends_with(".deleted")));
    }
}

#[test]
fn cuts_upon_cuts() {
    let mut r = rig();
    r.truncate(21);
    for i in 0..4 {
        r.append(1, i);
    }
    r.truncate(23);
    r.append(1, 0);
    r.truncate(9);
    r.append(1, 0);
    r.truncate(20);
    let c = r.checkpoint();
    let want = [evens(8), vec![8]].concat();
    assert_eq!((r.log.end(), r.bases()), (9, want.clone()));
    for from in [None, Some(&c)] {
        r.reopen(from);
        assert_eq!((r.log.generation(), r.log.end(), r.bases()), (3, 9, want.clone()));
    }
}

#[test]
fn slices_stay_and_stale_plans_are_refused() {
    let mut r = rig();
    let reader = r.reader();
    let plan = ReadPlan {
        generation: reader.generation(),
        from: 18,
        bound: r.log.end(),
        max_bytes: 10_000,
        whole_first: true,
    };
    let taken = reader.read(&plan).unwrap();
    let bytes = |s: &Slice| s.for_writev(0).to_vec();
    let before = bytes(&taken);
    assert!(!before.is_empty());
    r.truncate(19);
    r.epoch = 9;
    r.append(5, 0);
    assert_eq!(bytes(&taken), before, "a published byte is never rewritten");
    assert!(matches!(reader.read(&plan), Err(LogError::Stale)));
    let now = ReadPlan { generation: reader.generation(), bound: r.log.end(), ..plan };
    let slice = reader.read(&now).unwrap();
    assert_ne!(bytes(&slice), before);
    assert_eq!(reader.batch_at(20, 99).unwrap().unwrap().header.base_offset, 18);
}

#[test]
fn look_ups_by_time_see_only_what_is_left() {
    let mut r = rig();
    r.truncate(15);
    let reader = r.reader();
    let at = |t| reader.batch_by_time(t, 0, 99).unwrap().map(|b| b.header.base_offset);
    assert_eq!((at(106), at(107), at(113)), (Some(12), None, None));
    assert_eq!(reader.batch_of_max_timestamp(0, 99).unwrap().unwrap().header.base_offset, 12);
    r.append(1, 108);
    assert_eq!(at(107), Some(14));
}

#[test]
fn a_damaged_cuts_file_is_never_an_empty_one() {
    let mut r = rig();
    r.truncate(15);
    let c = r.checkpoint();
    let path = r.folder().join(FILE);
    let mut raw = std::fs::read(&path).unwrap();
    raw[9] ^= 1;
    std::fs::write(&path, raw).unwrap();
    let found = r.try_reopen(Some(&c));
    assert!(matches!(found, Err(LogError::Offline(_))), "{found:?}");
}

#[test]
fn nothing_is_taken_while_a_truncation_runs() {
    let mut r = rig();
    let plan = r.log.plan_truncation(10).unwrap().unwrap();
    assert!(matches!(r.try_append(1, 0), Err(LogError::NotReady)));
    assert!(r.log.capture().is_none() && r.log.plan_upkeep(true).is_none());
    // The disk refused before anything changed: the log goes on as it was.
    drop(plan);
    r.log.finish_truncation(Err(LogError::Full)).unwrap_err();
    assert_eq!(r.append(1, 0).base_offset, 28);
}
