//! File systems whose power can be cut: an image file, loop-mounted, shut down without writing anything more.
//!
//! Invariants: whatever is mounted is unmounted again (`Drop`; `sweep` removes what a killed run left); an image is
//! removed unless it is kept for inspection. Needs root and loop devices.

use crate::process::has;
use crate::wait;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    Ext4,
    Xfs,
}

impl FileSystem {
    pub fn name(self) -> &'static str {
        match self {
            FileSystem::Ext4 => "ext4",
            FileSystem::Xfs => "xfs",
        }
    }
}

/// What is missing here for loop-mounted file systems; `None` if nothing is.
pub fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("not root".into());
    }
    if !Path::new("/dev/loop-control").exists() {
        return Some("no loop devices".into());
    }
    let tools = ["mount", "umount", "mkfs.ext4", "mkfs.xfs"];
    tools.iter().find(|t| !has(t)).map(|t| format!("{t} is not installed"))
}

fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let out = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&out.stderr).trim().to_string();
    Err(format!("{program} {}: {} {why}", args.join(" "), out.status))
}

/// A file system in an image file.
pub struct Disk {
    pub fs: FileSystem,
    image: PathBuf,
    point: PathBuf,
    is_mounted: bool,
    is_kept: bool,
}

impl Disk {
    /// Makes and mounts a file system of `bytes` (sparse) under `dir`.
    pub fn create(dir: &Path, name: &str, fs: FileSystem, bytes: u64) -> Result<Disk, String> {
        let image = dir.join(format!("{name}.img"));
        let point = dir.join(format!("{name}.mnt"));
        std::fs::create_dir_all(&point).map_err(|e| format!("{}: {e}", point.display()))?;
        let file = File::create(&image).map_err(|e| format!("{}: {e}", image.display()))?;
        file.set_len(bytes).map_err(|e| format!("{}: {e}", image.display()))?;
        let mut disk = Disk { fs, image, point, is_mounted: false, is_kept: false };
        let text = disk.image.display().to_string();
        match fs {
            FileSystem::Ext4 => run("mkfs.ext4", &["-q", "-F", &text])?,
            FileSystem::Xfs => run("mkfs.xfs", &["-q", "-f", &text])?,
        }
        disk.mount()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.point
    }

    /// The image stays after this run, under a name that no sweep touches.
    pub fn keep(&mut self, seed: u64) -> Result<PathBuf, String> {
        let kept = self.image.with_extension(format!("{seed}.kept"));
        std::fs::rename(&self.image, &kept).map_err(|e| format!("{}: {e}", kept.display()))?;
        self.image.clone_from(&kept);
        self.is_kept = true;
        Ok(kept)
    }

    pub fn mount(&mut self) -> Result<(), String> {
        let (image, point) = (self.image.display().to_string(), self.point.display().to_string());
        run("mount", &["-t", self.fs.name(), "-o", "loop,noatime", &image, &point])?;
        self.is_mounted = true;
        Ok(())
    }

    /// From now on nothing reaches the image, and every write and sync of this file system fails.
    pub fn cut_power(&self) -> Result<(), String> {
        let dir = File::open(&self.point).map_err(|e| format!("{}: {e}", self.point.display()))?;
        shutdown(&dir).map_err(|e| format!("FS_IOC_SHUTDOWN on {}: {e}", self.point.display()))
    }

    /// Unmounts once nobody uses it any more.
    pub fn unmount(&mut self) -> Result<(), String> {
        let point = self.point.display().to_string();
        let mut last = String::new();
        let done = wait::until("umount", Duration::from_secs(10), || match run("umount", &[&point]) {
            Ok(()) => Ok(Some(())),
            Err(e) => {
                last = e;
                Ok(None)
            }
        });
        done.map_err(|e| format!("{e} ({last})"))?;
        self.is_mounted = false;
        Ok(())
    }

    /// What a power cut leaves: the image as it was at the cut, mounted again (the journal is replayed).
    pub fn restore(&mut self) -> Result<(), String> {
        self.unmount()?;
        self.mount()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let point = self.point.display().to_string();
            // Lazily, since after a failure the broker may still be ending.
            if let Err(e) = run("umount", &["-l", &point]) {
                eprintln!("left behind: {e}");
            }
        }
        if !self.is_kept {
            drop(std::fs::remove_file(&self.image));
        }
        drop(std::fs::remove_dir(&self.point));
    }
}

/// FS_IOC_SHUTDOWN, the same number on ext4 and XFS: `_IOR('X', 125, u32)`.
const FS_IOC_SHUTDOWN: rustix::ioctl::Opcode = rustix::ioctl::opcode::read::<u32>(b'X', 125);
/// The journal is not flushed either: what was not synced is lost.
const NO_LOG_FLUSH: u32 = 2;

#[allow(unsafe_code, reason = "an ioctl that no safe wrapper has")]
fn shutdown(dir: &File) -> rustix::io::Result<()> {
    // SAFETY: the kernel reads one u32 through the pointer, which `Setter` passes to a value that lives through the
    // call; the opcode is only understood by file systems, which take it as this (include/uapi/linux/fs.h).
    unsafe {
        let setter = rustix::ioctl::Setter::<FS_IOC_SHUTDOWN, u32>::new(NO_LOG_FLUSH);
        rustix::ioctl::ioctl(dir, setter)
    }
}

/// Unmounts what an earlier run left under `dir` and removes its images and mount points.
pub fn sweep(dir: &Path) -> Result<(), String> {
    let Ok(dir) = dir.canonicalize() else { return Ok(()) };
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for line in mounts.lines() {
        let Some(point) = line.split(' ').nth(1) else { continue };
        let path = Path::new(point);
        if path.starts_with(&dir) {
            println!("unmounting {point}, left by an earlier run");
            run("umount", &["-l", point])?;
        }
    }
    for entry in std::fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let path = entry.map_err(|e| e.to_string())?.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("img") => std::fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?,
            // Only ever a mount point: an empty folder.
            Some("mnt") => std::fs::remove_dir(&path).map_err(|e| format!("{}: {e}", path.display()))?,
            _ => {}
        }
    }
    Ok(())
}
