//! Appends, rolls, retention and what a failed write leaves behind.

use super::*;
use crate::rig::{CONFIG, Rig, batch};
use std::os::unix::fs::FileExt;

#[test]
fn appends_roll_into_the_prepared_file_and_get_a_name() {
    let mut r = Rig::new();
    for i in 0..20 {
        assert_eq!(r.append(2, i).base_offset, i * 2);
    }
    assert_eq!(r.bases(), (0..20).map(|i| i * 2).collect::<Vec<_>>());
    // A batch has some 280 bytes: three in a segment of 1,000.
    let names: Vec<String> = r.log_files();
    assert_eq!(names.first().map(String::as_str), Some("00000000000000000000-0.log"));
    assert!(names.contains(&"00000000000000000006-0.log".to_string()), "{names:?}");
    assert_eq!(names.iter().filter(|n| n.as_str() != NEXT_FILE).count(), 7);
    assert!(r.log.unsealed.is_empty() && r.log.bases.is_empty());
    assert_eq!(r.log.size(), r.reader().size());
}

#[test]
fn a_late_next_file_does_not_stop_appends() {
    let mut r = Rig::new();
    for i in 0..10 {
        r.try_append(2, i).unwrap();
    }
    assert_eq!(r.log.reader().read().segments.len(), 1, "ran on past segment.bytes");
    assert!(r.log.wants_upkeep());
    r.upkeep();
    assert!(r.append(2, 0).rolled);
}

#[test]
fn a_capture_needs_names_and_takes_the_end_before_the_sync() {
    let mut r = Rig::new();
    while !r.try_append(2, 0).unwrap().rolled {
        let plan = r.log.plan_upkeep(false);
        if let Some(p) = plan {
            r.log.finish_upkeep(p.run()).unwrap();
        }
    }
    assert!(r.log.capture().is_none(), "the active segment is still called next.log");
    r.upkeep();
    let c = r.log.capture().unwrap();
    r.try_append(1, 0).unwrap();
    assert_eq!(c.end + 1, r.log.end());
    let active = r.log.active.clone().unwrap();
    c.sync().unwrap();
    assert!(!active.is_dirty(), "one sync covers all that was written when it began");
    r.try_append(1, 0).unwrap();
    assert!(active.is_dirty());
}

#[test]
fn append_times_never_go_down_even_across_segments() {
    let mut r = Rig::new();
    r.now_ms = 5000;
    for i in 0..12 {
        r.now_ms -= 100;
        r.append(2, i);
    }
    let times: Vec<i64> = r.batches(0).iter().map(|b| b.1).collect();
    assert!(times.windows(2).all(|w| w[0] <= w[1]), "{times:?}");
    assert!(times.iter().all(|t| *t == times[0]));
}

#[test]
fn what_a_failed_append_left_is_gone_before_the_next() {
    let mut r = Rig::new();
    r.append(3, 0);
    let active = r.log.active.clone().unwrap();
    let size = active.state.read().size;
    // A part of a batch, longer than the next batch, as a full disk leaves it.
    let path = r.folder().join("00000000000000000000-0.log");
    let f = std::fs::File::options().write(true).open(&path).unwrap();
    f.write_all_at(&batch(20, 0)[..1500], size.into()).unwrap();
    r.log.has_debris = true;
    r.append(1, 0);
    let want = u64::from(size) + batch(1, 0).len() as u64;
    assert_eq!(std::fs::metadata(&path).unwrap().len(), want);
    assert_eq!(r.bases(), [0, 3]);
}

#[test]
fn epochs_and_log_start() {
    let mut r = Rig::new();
    for epoch in [0, 2, 5] {
        r.epoch = epoch;
        r.append(2, 0);
    }
    assert_eq!(r.log.epoch_end(0), Some((0, 2)));
    assert_eq!((r.log.epoch_end(1), r.log.epoch_end(4)), (Some((0, 2)), Some((2, 4))));
    assert_eq!((r.log.epoch_end(9), r.log.epoch_end(-1)), (Some((5, 6)), None));
    r.log.advance_start(3);
    r.log.advance_start(1);
    assert_eq!((r.log.log_start(), r.log.epoch_end(0), r.log.epoch_end(2)), (3, None, Some((2, 4))));
}

#[test]
fn retention_closes_an_old_active_segment_and_deletes_it_later() {
    let mut r = Rig::new();
    for i in 0..7 {
        r.append(2, i);
    }
    let now = 1_000_000;
    let plan = r.log.plan_retention(now, 1000, -1, i64::MAX);
    assert_eq!((plan.delete, plan.roll), (2, true));
    assert_eq!(r.log.plan_retention(now, 1000, -1, 7).delete, 1, "what lies above the floor stays");
    r.log.request_roll();
    r.upkeep();
    let plan = r.log.plan_retention(now, 1000, -1, i64::MAX);
    assert_eq!((plan.delete, plan.roll, plan.log_start), (3, false, 14));
    r.log.advance_start(plan.log_start);
    let gone = r.log.detach(plan.delete);
    unlink(&**r.files.disk(), &r.folder(), &gone).unwrap();
    assert_eq!(r.log_files(), ["00000000000000000014-0.log"]);
    let c = r.checkpoint();
    r.reopen(Some(&c));
    assert_eq!((r.log.log_start(), r.log.end()), (14, 14));
    assert_eq!(r.append(1, 0).base_offset, 14);
}

#[test]
fn a_roll_that_is_asked_for_happens_also_when_the_next_file_is_there() {
    let mut r = Rig::new();
    // More than half a segment: the next file was made with it.
    r.append(6, 0);
    assert!(r.log_files().contains(&"next.log".to_string()), "{:?}", r.log_files());
    assert!(!r.log.wants_upkeep());
    r.log.request_roll();
    assert!(r.log.wants_upkeep());
    // Only an append clears what a failed one left; until then there is nothing to be done again and again.
    r.log.has_debris = true;
    assert!(r.log.plan_upkeep(true).is_none());
    r.log.has_debris = false;
    r.upkeep();
    assert_eq!(r.log.plan_retention(1_000_000, 1000, -1, i64::MAX).delete, 1);
}

#[test]
fn files_close_when_idle_but_never_unsynced_and_open_again() {
    let mut r = Rig::new();
    for i in 0..10 {
        r.append(2, i);
    }
    let active = r.log.active.clone().unwrap();
    assert!(active.is_dirty());
    assert_eq!(r.bases().len(), 10);
    let open = r.files.open_files();
    assert!(open >= 4, "{open}");
    r.files.sweep();
    assert_eq!(r.files.open_files(), open, "all were used");
    r.files.sweep();
    assert_eq!(r.files.open_files(), 1, "all but the one with unsynced bytes");
    r.sync();
    r.files.sweep();
    r.files.sweep();
    assert_eq!(r.files.open_files(), 0);
    assert_eq!(r.bases().len(), 10);
    r.append(2, 0);
    assert_eq!(r.bases().len(), 11);
}

#[test]
fn the_cache_stays_near_its_limit() {
    let mut r = Rig::new();
    r.files = FileCache::new(r.files.disk().clone(), 3);
    r.log = Log::empty(r.files.clone(), r.temp.path().join("other"), CONFIG, 0);
    r.upkeep();
    for i in 0..60 {
        r.append(2, i);
        r.sync();
    }
    assert_eq!(r.bases().len(), 60);
    assert!(r.files.open_files() <= 5, "{}", r.files.open_files());
}
