//! The checkpoint file: what counts after tears, rot, failed writes and compaction.

use super::*;
use crate::RealDisk;

fn tp(n: i32) -> TopicPartition {
    TopicPartition { topic: TopicId(Uuid([7; 16])), partition: PartitionIndex(n) }
}

fn log(n: i64) -> LogCheckpoint {
    LogCheckpoint {
        recovery_point: n,
        log_start: 1,
        high_watermark: n,
        generation: 3,
        sealed: 99,
        epochs: vec![(0, 0), (3, n)],
        tail: (n % 2 == 0).then_some(TailPoint { base: n, position: 7, ..TailPoint::default() }),
        producers: Bytes::from(vec![n as u8; 100]),
    }
}

fn open(dir: &Path) -> Checkpoints<RealDisk> {
    Checkpoints::open(&RealDisk, dir).unwrap()
}

fn got(c: &Checkpoints<RealDisk>, n: i32) -> Option<LogCheckpoint> {
    c.get(&tp(n)).unwrap()
}

#[test]
fn last_record_counts_and_a_torn_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut c = open(dir.path());
    for i in 0..200 {
        c.write(&RealDisk, vec![(tp(i % 3), Some(log(i.into())))]).unwrap();
    }
    c.write(&RealDisk, vec![(tp(2), None)]).unwrap();
    let path = dir.path().join(FILE);
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size < 60 * 250, "stale records are dropped: {size}");
    let check = |c: &Checkpoints<RealDisk>| {
        assert_eq!(got(c, 0), Some(log(198)));
        assert_eq!(got(c, 1), Some(log(199)));
        assert_eq!((got(c, 2), c.is_listed(&tp(2))), (None, false));
    };
    check(&c);
    check(&open(dir.path()));
    let whole = std::fs::read(&path).unwrap();
    let torn = group(size, &encode(&tp(0), Some(&log(500))));
    for n in 1..torn.len() {
        std::fs::write(&path, [&whole, &torn[..n]].concat()).unwrap();
        check(&open(dir.path()));
        assert_eq!(std::fs::metadata(&path).unwrap().len(), size);
    }
}

#[test]
fn a_damaged_middle_falls_back_to_older_records_and_loses_no_later_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut c = open(dir.path());
    c.write(&RealDisk, vec![(tp(0), Some(log(1))), (tp(1), Some(log(2)))]).unwrap();
    let from = c.len as usize;
    c.write(&RealDisk, vec![(tp(0), Some(log(3)))]).unwrap();
    let to = c.len as usize;
    c.write(&RealDisk, vec![(tp(2), Some(log(4)))]).unwrap();
    let path = dir.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    for at in from..to {
        let mut rotten = whole.clone();
        rotten[at] ^= 0x20;
        std::fs::write(&path, &rotten).unwrap();
        let mut c = open(dir.path());
        assert_eq!((got(&c, 0), got(&c, 1), got(&c, 2)), (Some(log(1)), Some(log(2)), Some(log(4))));
        c.write(&RealDisk, vec![(tp(0), Some(log(5)))]).unwrap();
        assert_eq!(got(&open(dir.path()), 0), Some(log(5)));
    }
}

#[test]
fn what_a_longer_failed_write_left_behind_never_counts() {
    let dir = tempfile::tempdir().unwrap();
    let mut c = open(dir.path());
    c.write(&RealDisk, vec![(tp(0), Some(log(1)))]).unwrap();
    // A write of many records that failed at its end, as on a full disk.
    let mut many = Vec::new();
    (0..20).for_each(|i| many.extend(encode(&tp(i), Some(&log(900)))));
    let failed = group(c.len, &many);
    write_all_at(c.file.as_ref().unwrap(), &[&failed[..failed.len() - 5]], c.len).unwrap();
    c.write(&RealDisk, vec![(tp(0), Some(log(2)))]).unwrap();
    let c = open(dir.path());
    assert_eq!(got(&c, 0), Some(log(2)));
    assert_eq!(c.listed().count(), 1);
}
