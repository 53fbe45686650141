//! What the machine says: a process's CPU and memory from /proc, one sync's time, memory handed to us beforehand.
//!
//! Invariant: broker CPU is user + system time of all its threads, as /proc/<pid>/stat counts it (10 ms steps).
//! Called around every measured pass.

use crate::clock;
use crate::histogram::Histogram;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const SYNCS: usize = 200;
const SYNC_TIME_MAX: Duration = Duration::from_secs(2);
const TOUCH_BYTES: u64 = 2_500_000_000;
const PAGE: usize = 4096;

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))
}

/// User and system seconds so far.
pub fn cpu_seconds(pid: u32) -> Result<f64, String> {
    let stat = read(&format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<u64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(u), Some(s)) => Ok((u + s) as f64 / rustix::param::clock_ticks_per_second() as f64),
        _ => Err(format!("/proc/{pid}/stat has another form")),
    }
}

/// Busy seconds of the whole machine: what is beyond broker and load is the kernel's writeback, mostly.
pub fn machine_seconds() -> Result<f64, String> {
    let stat = read("/proc/stat")?;
    let ticks: Vec<u64> =
        stat.lines().next().unwrap_or_default().split_whitespace().skip(1).flat_map(str::parse).collect();
    // user nice system (idle iowait) irq softirq steal
    let busy: u64 = ticks.iter().take(3).chain(ticks.iter().skip(5).take(2)).sum();
    Ok(busy as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn kib_of(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|l| l.strip_prefix(key)?.trim().split(' ').next()?.parse().ok())
}

/// Resident bytes.
pub fn rss(pid: u32) -> Result<u64, String> {
    let status = read(&format!("/proc/{pid}/status"))?;
    kib_of(&status, "VmRSS:").map(|k| k * 1024).ok_or_else(|| format!("no VmRSS of {pid}"))
}

pub fn open_files(pid: u32) -> Result<usize, String> {
    let dir = format!("/proc/{pid}/fd");
    Ok(fs::read_dir(&dir).map_err(|e| format!("{dir}: {e}"))?.count())
}

/// Writes one byte into 2.5 GB of fresh pages and gives them back, so that the host backs the memory that the
/// page cache is about to take. Without it the first pass pays for the host's page faults.
pub fn touch_memory() -> Result<(), String> {
    let free = kib_of(&read("/proc/meminfo")?, "MemAvailable:").unwrap_or(0) * 1024;
    let mut pages = vec![0u8; TOUCH_BYTES.min(free / 2) as usize];
    for p in pages.chunks_mut(PAGE) {
        if let Some(b) = p.first_mut() {
            *b = 1;
        }
    }
    std::hint::black_box(&pages);
    Ok(())
}

/// What one append of 4 KiB and its `fdatasync` takes in `dir`, now.
pub fn sync_time(dir: &Path) -> Result<Histogram, String> {
    let path = dir.join("sync-time");
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let mut file = File::create(&path).map_err(failed)?;
    let mut h = Histogram::default();
    let began = clock::now();
    while h.len() < SYNCS as u64 && began.elapsed() < SYNC_TIME_MAX {
        file.write_all(&[7; PAGE]).map_err(failed)?;
        let at = clock::now();
        file.sync_data().map_err(failed)?;
        h.record(at.elapsed());
    }
    fs::remove_file(&path).map_err(failed)?;
    Ok(h)
}

/// Brings the machine to the same state before each measured pass: nothing dirty, memory backed.
pub fn settle(dir: &Path) -> Result<(), String> {
    let f = File::open(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    rustix::fs::syncfs(&f).map_err(|e| format!("syncfs: {e}"))?;
    touch_memory()
}

/// A line that says what machine this is.
pub fn describe(dir: &Path) -> Result<String, String> {
    let cpu = read("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split(": ").nth(1)).unwrap_or("?");
    let cores = cpu.lines().filter(|l| l.starts_with("processor")).count();
    let memory = kib_of(&read("/proc/meminfo")?, "MemTotal:").unwrap_or(0) >> 20;
    let kernel = read("/proc/sys/kernel/osrelease")?;
    Ok(format!("{cores} cores of {model}, {memory} GiB, Linux {}, {}", kernel.trim(), file_system(dir)?))
}

/// Type of the file system that holds `dir`: the longest mount point above it.
fn file_system(dir: &Path) -> Result<String, String> {
    let dir = dir.canonicalize().map_err(|e| format!("{}: {e}", dir.display()))?;
    let mounts = read("/proc/self/mounts")?;
    let fields = mounts.lines().map(|l| l.split(' ').collect::<Vec<_>>());
    let best = fields
        .filter(|f| f.get(1).is_some_and(|at| dir.starts_with(at)))
        .max_by_key(|f| f.get(1).map_or(0, |at| at.len()));
    Ok(best.and_then(|f| f.get(2).map(|t| t.to_string())).unwrap_or_else(|| "?".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_this_process() {
        let me = std::process::id();
        let before = cpu_seconds(me).unwrap();
        let end = clock::now() + Duration::from_millis(60);
        while clock::now() < end {
            std::hint::spin_loop();
        }
        assert!(cpu_seconds(me).unwrap() > before, "spinning costs CPU time");
        assert!(rss(me).unwrap() > 1 << 20);
        assert!(open_files(me).unwrap() >= 3);
        assert!(machine_seconds().unwrap() > 0.0);
    }

    #[test]
    fn syncs_are_timed() {
        let h = sync_time(&std::env::temp_dir()).unwrap();
        assert!(h.len() > 0 && h.ms(99.0) >= h.ms(50.0));
    }
}
