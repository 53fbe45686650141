//! Restarts: trusted without a look, scanned from the recovery point, offline when durable data is gone.

use super::*;
use crate::rig::{Rig, batch};
use protocol::records::{BatchHeader, Placement};
use std::os::unix::fs::FileExt;

fn rig(batches: i64) -> Rig {
    let mut r = Rig::new();
    for i in 0..batches {
        r.append(2, i);
    }
    r
}

fn evens(to: i64) -> Vec<i64> {
    (0..to / 2).map(|i| i * 2).collect()
}

fn flip(r: &Rig, name: &str, at: u64) {
    let f = std::fs::File::options().read(true).write(true).open(r.folder().join(name)).unwrap();
    let mut b = [0];
    f.read_exact_at(&mut b, at).unwrap();
    f.write_all_at(&[b[0] ^ 8], at).unwrap();
}

fn file(base: i64) -> String {
    format!("{base:020}-0.log")
}

#[test]
fn after_a_stop_in_good_order_no_file_is_opened() {
    let mut r = rig(11);
    let c = r.checkpoint();
    let before = r.batches(0);
    let report = r.reopen(Some(&c));
    assert_eq!((report, r.files.open_files()), (Recovery::default(), 0));
    assert_eq!(r.log.appended_since_checkpoint(), 0);
    assert_eq!(r.batches(0), before, "with the append times");
    assert_eq!(r.producers, evens(22).iter().map(|b| *b as u8).collect::<Vec<_>>());
    r.now_ms = 1;
    assert_eq!(r.append(1, 0).base_offset, 22);
    let times: Vec<i64> = r.batches(0).iter().map(|b| b.1).collect();
    assert!(times.windows(2).all(|w| w[0] <= w[1]), "{times:?}");
}

#[test]
fn only_what_follows_the_checkpoint_is_read() {
    let mut r = rig(8);
    let c = r.checkpoint();
    for i in 0..5 {
        r.append(2, i);
    }
    let size = batch(2, 0).len() as u64;
    let report = r.reopen(Some(&c));
    assert_eq!(report, Recovery { scanned_bytes: 5 * size, cut_bytes: 0 });
    assert_eq!(r.bases(), evens(26));
    assert_eq!(r.log.appended_since_checkpoint(), 5 * size, "the next checkpoint is due for it");
    assert_eq!(r.producers.len(), 13);
    let c = r.checkpoint();
    assert_eq!(r.reopen(Some(&c)), Recovery::default());
    assert_eq!(r.bases(), evens(26));
    // Without any record everything is read.
    assert_eq!(r.reopen(None).scanned_bytes, 13 * size);
    assert_eq!((r.bases(), r.producers.len()), (evens(26), 13));
}

#[test]
fn a_torn_tail_is_cut_at_every_byte() {
    for cut in [1, 15, 17, 60, 61, 100, 270, 279] {
        let mut r = rig(5);
        let c = r.checkpoint();
        let done = r.append(2, 0);
        let path = r.folder().join(file(6));
        let len = std::fs::metadata(&path).unwrap().len();
        let f = std::fs::File::options().write(true).open(&path).unwrap();
        f.set_len(len - cut).unwrap();
        let report = r.reopen(Some(&c));
        assert_eq!((r.log.end(), r.bases()), (done.base_offset, evens(10)), "{cut} bytes short");
        assert_eq!(report.cut_bytes, batch(2, 0).len() as u64 - cut);
        assert_eq!(r.append(1, 0).base_offset, done.base_offset);
        r.reopen(Some(&c));
        assert_eq!(r.log.end(), done.base_offset + 1);
    }
}

#[test]
fn zeros_are_the_end_and_later_files_after_a_tear_go() {
    let mut r = rig(8);
    let c = r.checkpoint();
    for i in 0..6 {
        r.append(2, i);
    }
    // The recovery point lies in the segment at 12; the one at 18 follows it.
    flip(&r, &file(12), 2 * batch(2, 0).len() as u64 + 70);
    let report = r.reopen(Some(&c));
    assert_eq!((r.log.end(), r.bases()), (16, evens(16)));
    assert!(report.cut_bytes > 0 && !r.log_files().contains(&file(18)));
    let path = r.folder().join(file(12));
    let f = std::fs::File::options().write(true).open(&path).unwrap();
    f.set_len(std::fs::metadata(&path).unwrap().len() + 5000).unwrap();
    assert_eq!(r.reopen(Some(&c)).cut_bytes, 5000);
    assert_eq!(r.log.end(), 16);
}

#[test]
fn gone_or_damaged_below_the_recovery_point_is_offline_and_nothing_is_touched() {
    let damage: [(&str, fn(&Rig)); 5] = [
        ("a missing middle", |r| std::fs::remove_file(r.folder().join(file(6))).unwrap()),
        ("a missing first", |r| std::fs::remove_file(r.folder().join(file(0))).unwrap()),
        ("a shorter sealed segment", |r| {
            let f = std::fs::File::options().write(true).open(r.folder().join(file(6))).unwrap();
            f.set_len(500).unwrap();
        }),
        ("a shorter active segment", |r| {
            let f = std::fs::File::options().write(true).open(r.folder().join(file(12))).unwrap();
            f.set_len(500).unwrap();
        }),
        ("all gone", |r| {
            for n in r.log_files() {
                std::fs::remove_file(r.folder().join(n)).unwrap();
            }
        }),
    ];
    for (what, f) in damage {
        let mut r = rig(8);
        let c = r.checkpoint();
        r.append(2, 0);
        f(&r);
        let before = r.log_files();
        let found = r.try_reopen(Some(&c));
        assert!(matches!(found, Err(LogError::Offline(_))), "{what}: {found:?}");
        assert_eq!(r.log_files(), before, "{what}");
    }
}

#[test]
fn rot_in_a_sealed_segment_is_an_error_for_its_reader_and_no_shorter_log() {
    let mut r = rig(8);
    let c = r.checkpoint();
    flip(&r, &file(6), 300 + 80);
    r.reopen(Some(&c));
    assert_eq!(r.log.end(), 16);
    let reader = r.reader();
    assert!(reader.batch_at(6, 16).is_ok());
    assert!(matches!(reader.batch_at(8, 16), Err(LogError::Corrupt(_))));
    assert!(reader.batch_at(10, 16).is_ok());
    // With its index gone too the segment must be read, and is found out.
    std::fs::remove_file(r.folder().join(file(6).replace(".log", ".index"))).unwrap();
    r.reopen(Some(&c));
    assert!(matches!(r.reader().batch_at(10, 16), Err(LogError::Corrupt(_))));
    let other = LogCheckpoint { sealed: 1, ..c };
    assert!(matches!(r.try_reopen(Some(&other)), Err(LogError::Offline(_))));
}

#[test]
fn damaged_index_files_are_made_anew() {
    let mut r = rig(12);
    let c = r.checkpoint();
    let before = r.bases();
    for n in names(&r).filter(|n| n.ends_with(".index")) {
        flip(&r, &n, 20);
    }
    r.reopen(Some(&c));
    assert_eq!(r.bases(), before);
    let reader = r.reader();
    for t in 0..12 {
        let found = reader.batch_by_time(t, 0, 99).unwrap().unwrap();
        assert_eq!(found.header.base_offset, t * 2);
    }
    let times: Vec<i64> = r.batches(0).iter().map(|b| b.1).collect();
    assert!(times.windows(2).all(|w| w[0] <= w[1]), "{times:?}");
}

fn names(r: &Rig) -> impl Iterator<Item = String> + use<> {
    crate::Disk::list(&crate::RealDisk, &r.folder()).unwrap().into_iter()
}

#[test]
fn a_used_next_file_is_named_and_a_stray_one_is_not() {
    let mut r = rig(8);
    let c = r.checkpoint();
    while !r.try_append(2, 0).unwrap().rolled {
        let p = r.log.plan_upkeep(false);
        p.map(|p| r.log.finish_upkeep(p.run()).unwrap());
    }
    let end = r.log.end();
    r.reopen(Some(&c));
    assert_eq!((r.log.end(), r.bases()), (end, evens(end)));
    assert!(!r.log_files().contains(&NEXT_FILE.to_string()));
    r.upkeep();
    // One whose first batch does not go on where the log ends, or is no batch at all.
    let mut stray = batch(1, 0).to_vec();
    let h = BatchHeader::read(&stray).unwrap();
    stray[..Placement::LEN].copy_from_slice(&Placement::new(-5, h.batch_length, 0).0);
    std::fs::write(r.folder().join(NEXT_FILE), &stray).unwrap();
    r.reopen(Some(&c));
    assert_eq!((r.log.end(), r.log_files().contains(&NEXT_FILE.to_string())), (end, false));
}

#[test]
fn leftovers_of_an_interrupted_retention_go() {
    let mut r = rig(12);
    r.log.advance_start(13);
    let c = r.checkpoint();
    assert_eq!(r.log_files()[0], file(0), "not unlinked yet");
    r.reopen(Some(&c));
    assert_eq!(r.log_files()[0], file(12));
    assert_eq!((r.log.log_start(), r.log.end()), (13, 24));
}
