//! The faulty disk itself: it loses what it must, keeps what it must, and repeats itself.

use super::*;
use std::collections::BTreeSet;
use storage::disk::{read_exact_at, write_all_at};

fn path(p: &str) -> PathBuf {
    PathBuf::from(p)
}

fn disk_with_file() -> (SimDisk, SimFile) {
    let d = SimDisk::new(1);
    d.create_dir(&path("/a/b")).unwrap();
    for dir in ["/", "/a"] {
        d.sync_dir(&path(dir)).unwrap();
    }
    let f = d.create(&path("/a/b/f")).unwrap();
    d.sync_dir(&path("/a/b")).unwrap();
    (d, f)
}

#[test]
fn synced_bytes_survive_and_others_vary() {
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let (d, f) = disk_with_file();
        write_all_at(&f, &[&[1; 700]], 0).unwrap();
        f.sync_data().unwrap();
        write_all_at(&f, &[&[2; 700]], 700).unwrap();
        write_all_at(&f, &[&[3; 700]], 1400).unwrap();
        let d = d.crash(seed);
        let content = d.content(&path("/a/b/f")).unwrap();
        assert_eq!(&content[..700], &[1; 700]);
        assert!(f.len().is_err(), "a handle from before the crash is dead");
        seen.insert(content);
    }
    let reordered = seen.iter().any(|c| c.len() > 1400 && c[700..1400].contains(&0));
    let torn = seen.iter().any(|c| c.len() < 1400 && c.len() > 700);
    assert!(seen.len() > 10 && reordered && torn);
}

#[test]
fn names_need_the_folders_sync() {
    let outcome = |seed, synced: bool| {
        let (d, f) = disk_with_file();
        write_all_at(&f, &[b"x"], 0).unwrap();
        f.sync_data().unwrap();
        d.rename(&path("/a/b/f"), &path("/a/b/g")).unwrap();
        d.create(&path("/a/b/h")).unwrap();
        if synced {
            d.sync_dir(&path("/a/b")).unwrap();
        }
        d.crash(seed).list(&path("/a/b")).unwrap().join(",")
    };
    let all: BTreeSet<String> = (0..50).map(|s| outcome(s, false)).collect();
    assert_eq!(all.into_iter().collect::<Vec<_>>(), ["f", "f,h", "g", "g,h"]);
    assert!((0..50).all(|s| outcome(s, true) == "g,h"));
}

#[test]
fn a_failed_sync_loses_the_data_and_the_next_one_lies() {
    let (d, f) = disk_with_file();
    write_all_at(&f, &[&[7; 10]], 0).unwrap();
    d.fail_sync_then_lie("/f");
    assert!(f.sync_data().is_err());
    assert!(f.sync_data().is_ok());
    let mut back = [0; 10];
    read_exact_at(&f, &mut back, 0).unwrap();
    assert_eq!(back, [7; 10], "still in the page cache");
    assert_eq!(d.crash(3).content(&path("/a/b/f")), Some(vec![]));
}

#[test]
fn full_short_and_failing_calls() {
    let (d, f) = disk_with_file();
    d.set_capacity(Some(100));
    assert_eq!(f.write_at(&[IoSlice::new(&[1; 150])], 0).unwrap(), 100);
    assert_eq!(f.write_at(&[IoSlice::new(&[1])], 100).unwrap_err().kind(), io::ErrorKind::StorageFull);
    f.set_len(50).unwrap();
    assert_eq!((d.used(), d.space(&path("/")).unwrap()), (50, (50, 100)));
    d.remove_file(&path("/a/b/f")).unwrap();
    assert_eq!(d.used(), 0);
    d.set_capacity(None);
    let g = d.create(&path("/a/b/g")).unwrap();
    d.set_short_writes(1000);
    assert!(g.write_at(&[IoSlice::new(&[1; 100])], 0).unwrap() < 100);
    write_all_at(&g, &[&[5; 300], &[6; 300]], 0).unwrap();
    d.add_fault(Fault { op: Op::Read, path: "/g".into(), skip: 1, times: 1, error: io::ErrorKind::Other });
    let read = || g.read_at(&mut [0; 4], 0).is_ok();
    assert_eq!([read(), read(), read()], [true, false, true]);
}

#[test]
fn a_crash_point_stops_everything_and_runs_repeat() {
    let run = |crash_at| {
        let (d, f) = disk_with_file();
        d.set_crash_at(Some(crash_at));
        let mut done = 0;
        for i in 0..20u64 {
            if write_all_at(&f, &[&[i as u8; 600]], i * 600).is_err() {
                break;
            }
            done += 1;
        }
        assert!(d.is_crashed() && f.sync_data().is_err() && d.list(&path("/")).is_err());
        (done, d.crash(crash_at).content(&path("/a/b/f")))
    };
    assert_eq!(run(8), run(8));
    assert_ne!(run(8).0, run(9).0);
}

#[test]
fn a_killed_process_loses_nothing_and_rot_flips_a_bit() {
    let (d, f) = disk_with_file();
    write_all_at(&f, &[&[0; 4]], 0).unwrap();
    assert!(!d.rot(&path("/a/b/f"), 1, 3), "not synced yet");
    let d = d.kill();
    assert!(f.sync_data().is_err());
    let f = d.open(&path("/a/b/f")).unwrap();
    f.sync_data().unwrap();
    assert!(d.rot(&path("/a/b/f"), 1, 3));
    assert_eq!(d.crash(1).content(&path("/a/b/f")), Some(vec![0, 8, 0, 0]));
}

#[test]
fn a_sync_covers_what_was_written_before_it_began() {
    let (d, f) = disk_with_file();
    write_all_at(&f, &[b"before"], 0).unwrap();
    let other = d.open(&path("/a/b/f")).unwrap();
    d.set_on_sync(move |_, bytes| {
        assert_eq!(bytes, 6);
        write_all_at(&other, &[b" meanwhile"], 6).unwrap();
    });
    f.sync_data().unwrap();
    assert_eq!(f.len().unwrap(), 16);
    let left: BTreeSet<usize> = (0..40)
        .map(|seed| {
            let (d, f) = disk_with_file();
            let g = d.open(&path("/a/b/f")).unwrap();
            write_all_at(&f, &[b"before"], 0).unwrap();
            d.set_on_sync(move |_, _| write_all_at(&g, &[b" meanwhile"], 6).unwrap());
            f.sync_data().unwrap();
            d.crash(seed).content(&path("/a/b/f")).unwrap().len()
        })
        .collect();
    assert!(left.len() > 2 && left.iter().all(|n| *n >= 6), "{left:?}");
}

#[test]
fn hidden_folders_come_back() {
    let (d, f) = disk_with_file();
    write_all_at(&f, &[b"x"], 0).unwrap();
    f.sync_data().unwrap();
    assert!(d.hide(&path("/a/b")) && !d.hide(&path("/a/b")));
    let d = d.crash(1);
    assert_eq!(d.list(&path("/a")).unwrap(), Vec::<String>::new());
    d.create_dir(&path("/a/b")).unwrap();
    d.unhide();
    assert_eq!(d.content(&path("/a/b/f")), Some(b"x".to_vec()));
}
