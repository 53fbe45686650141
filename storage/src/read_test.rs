//! Look-ups by offset and time against a walk over everything, with the index in memory and from its file.

use super::*;
use crate::rig::Rig;

/// Timestamps that go up, down and stand still.
fn stamp(i: i64) -> i64 {
    (i * 37) % 23 * 10 - (i % 3) * 5
}

fn rig() -> (Rig, Vec<(i64, i64, i64)>) {
    let mut r = Rig::new();
    let mut all = Vec::new();
    for i in 0..40 {
        let n = 1 + (i % 3) as usize;
        let a = r.append(n, stamp(i));
        all.push((a.base_offset, a.end_offset, stamp(i)));
    }
    (r, all)
}

fn check(r: &Rig, all: &[(i64, i64, i64)]) {
    let reader = r.reader();
    let end = all.last().unwrap().1;
    for t in -20..240 {
        for start in [0, 7, 33] {
            let want = all.iter().find(|b| b.2 >= t && b.1 > start).map(|b| b.0);
            let got = reader.batch_by_time(t, start, end).unwrap().map(|b| b.header.base_offset);
            assert_eq!(got, want, "time {t} from {start}");
        }
    }
    for bound in 0..=end {
        let below = |b: &&(i64, i64, i64)| b.0 < bound;
        let newest = all.iter().filter(below).map(|b| b.2).max();
        let want = newest.and_then(|t| all.iter().find(|b| b.2 == t)).map(|b| b.0);
        let got = reader.batch_of_max_timestamp(0, bound).unwrap().map(|b| b.header.base_offset);
        assert_eq!(got, want.filter(|_| newest >= Some(0)), "newest below {bound}");
    }
    for offset in 0..end {
        let want = all.iter().find(|b| b.1 > offset).unwrap().0;
        assert_eq!(reader.batch_at(offset, end).unwrap().unwrap().header.base_offset, want);
        let chunk = reader.chunk_at(offset, end, 700).unwrap().unwrap();
        assert_eq!(BatchHeader::read(&chunk.bytes).unwrap().base_offset, want);
        assert!(chunk.append_ms(0) > 1000);
    }
}

#[test]
fn offsets_that_left_are_counted() {
    let (mut r, all) = rig();
    let check = |r: &Rig| {
        let (reader, end) = (r.reader(), all.last().unwrap().1);
        for from in 0..end {
            for max in [1, 90, 200, 700, 1_000, 1 << 20] {
                let slice = reader.slice(from, end, max, true).unwrap();
                let mut bytes = Vec::new();
                std::io::Write::write_all(&mut bytes, &slice.for_writev(0)).unwrap();
                let (mut at, mut want) = (0, from);
                while let Some(h) = bytes.get(at..).and_then(BatchHeader::read) {
                    at += h.total_len().unwrap();
                    if at <= bytes.len() {
                        want = h.next_offset();
                    }
                }
                let got = reader.offsets_in(from, end, slice.len()).unwrap();
                assert_eq!(got, want - from, "{max} bytes from {from}");
            }
        }
        assert_eq!(reader.offsets_in(end, end, 0).unwrap(), 0);
    };
    check(&r);
    r.sync();
    r.files.sweep();
    r.files.sweep();
    check(&r);
    let c = r.checkpoint();
    r.reopen(Some(&c));
    check(&r);
}

#[test]
fn look_ups_agree_with_a_walk() {
    let (mut r, all) = rig();
    check(&r, &all);
    r.sync();
    r.files.sweep();
    r.files.sweep();
    check(&r, &all);
    let c = r.checkpoint();
    r.reopen(Some(&c));
    check(&r, &all);
    r.reopen(None);
    check(&r, &all);
}

#[test]
fn slices_end_at_the_bound_and_begin_with_the_batch_that_holds_the_offset() {
    let (r, all) = rig();
    let reader = r.reader();
    let end = all.last().unwrap().1;
    for from in 0..end {
        for (bound, _, _) in &all {
            let s = reader.slice(from, *bound, 400, true).unwrap();
            let bytes = s.for_writev(0).to_vec();
            if from >= *bound {
                assert!(bytes.is_empty());
                continue;
            }
            let first = BatchHeader::read(&bytes).unwrap();
            assert!(first.base_offset <= from && first.next_offset() > from);
            let mut at = 0;
            while let Some(h) = BatchHeader::read(bytes.get(at..).unwrap_or_default()) {
                assert!(h.base_offset < *bound, "a batch past the bound {bound}");
                at += h.total_len().unwrap();
            }
            assert!(bytes.len() <= 400 || bytes.len() == first.total_len().unwrap());
        }
    }
    assert!(reader.slice(0, end, 10, false).unwrap().is_empty(), "not even one batch fits");
    assert_eq!(reader.available(0, end, u64::MAX).unwrap(), reader.size());
    assert!(reader.available(0, end, 300).unwrap() >= 300);
}

#[test]
fn ages_become_known_oldest_first() {
    let (mut r, _) = rig();
    let c = r.checkpoint();
    r.reopen(Some(&c));
    let now = 1_000_000;
    let sealed = r.log.reader().read().segments.len() - 1;
    assert_eq!(r.log.plan_retention(now, 1000, -1, i64::MAX).delete, 0, "nothing is known yet");
    r.reader().know_ages(now, 1000).unwrap();
    assert_eq!(r.log.plan_retention(now, 1000, -1, i64::MAX).delete, sealed);
}
