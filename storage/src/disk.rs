//! The seam to the file system: `Disk`, `DiskFile`, and the real ones. The faulty ones live in tests/.
//!
//! Invariants: a write may be short and the caller loops; a failed sync is never retried; bytes of a mapped file
//! are only handed to `writev`, where the kernel answers EFAULT instead of SIGBUS. Called by `log`, `dir` and the
//! Raft log.

use crate::wrong::{self, Rule};
use bytes::Bytes;
use parking_lot::Mutex;
use rustix::fs as sys;
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;

pub trait Disk: Send + Sync + 'static {
    type File: DiskFile;
    /// Makes a new file for reading and writing; it must not exist.
    fn create(&self, path: &Path) -> io::Result<Self::File>;
    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Self::File>;
    /// Names in a folder, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes a folder and its parents; fine if it is there.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// Length of a file that need not be open for it.
    fn file_len(&self, path: &Path) -> io::Result<u64> {
        self.open(path)?.len()
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Bytes that may still be written, and the size of the file system.
    fn space(&self, dir: &Path) -> io::Result<(u64, u64)>;
}

pub trait DiskFile: Send + Sync + 'static {
    /// Reads at an offset; short only at the end of the file.
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize>;
    /// Writes at an offset; may be short.
    fn write_at(&self, parts: &[IoSlice<'_>], at: u64) -> io::Result<usize>;
    fn sync_data(&self) -> io::Result<()>;
    /// Drops cached pages from `at` on that the kernel thinks are on disk, so that reads come from there. Dirty ones
    /// stay.
    fn forget_clean_pages(&self, at: u64) -> io::Result<()>;
    /// Reserves blocks without changing the file's length.
    fn allocate(&self, at: u64, len: u64) -> io::Result<()>;
    fn set_len(&self, len: u64) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// `len` published bytes at `at`, without copying where the platform allows. `capacity` is how far the file
    /// may grow, so that one map serves it while it does.
    fn slice(&self, at: u64, len: usize, capacity: u64) -> io::Result<Slice>;
}

/// Writes all of `parts`, looping over short writes.
pub fn write_all_at(file: &impl DiskFile, parts: &[&[u8]], at: u64) -> io::Result<()> {
    let total: usize = parts.iter().map(|p| p.len()).sum();
    let mut done = 0usize;
    while done < total {
        let mut skip = done;
        let mut slices: smallvec::SmallVec<[IoSlice<'_>; 8]> = smallvec::SmallVec::new();
        for p in parts {
            let cut = skip.min(p.len());
            skip -= cut;
            if let Some(rest) = p.get(cut..)
                && !rest.is_empty()
            {
                slices.push(IoSlice::new(rest));
            }
        }
        match file.write_at(&slices, at + done as u64) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(_) if wrong::is(Rule::ShortWriteTrusted) => return Ok(()),
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Fills `buf` from `at`; an early end of file is an error.
pub fn read_exact_at(file: &impl DiskFile, buf: &mut [u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|r| !r.is_empty()) {
        match file.read_at(rest, at + done as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Writes a small file so that after a crash either the old or the new content is there.
/// Returns the new file, open.
pub fn replace_file<D: Disk>(disk: &D, dir: &Path, name: &str, content: &[u8]) -> io::Result<D::File> {
    let temp = dir.join(format!("{name}.tmp"));
    if disk.exists(&temp)? {
        disk.remove_file(&temp)?;
    }
    let f = disk.create(&temp)?;
    if let Err(e) = write_all_at(&f, &[content], 0).and_then(|()| f.sync_data()) {
        // A full disk needs the room of the half that was written. If removing fails too, the next try does it.
        drop(f);
        if let Err(kept) = disk.remove_file(&temp) {
            tracing::debug!("{}: {kept}", temp.display());
        }
        return Err(e);
    }
    disk.rename(&temp, &dir.join(name))?;
    disk.sync_dir(dir)?;
    Ok(f)
}

/// True for what goes by when others give something back: disk space, open files.
pub fn is_scarcity(e: &io::Error) -> bool {
    e.kind() == io::ErrorKind::StorageFull || matches!(e.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// The whole content of a small file; `None` if it does not exist, an error above `max` bytes.
pub fn read_file<D: Disk>(disk: &D, path: &Path, max: u64) -> io::Result<Option<Vec<u8>>> {
    if !disk.exists(path)? {
        return Ok(None);
    }
    let f = disk.open(path)?;
    let len = f.len()?;
    if len > max {
        return Err(io::Error::other(format!("{}: {len} bytes, expected at most {max}", path.display())));
    }
    // What an earlier run failed to sync may be in the cache as if it were on disk.
    f.forget_clean_pages(0)?;
    let mut buf = vec![0; len as usize];
    read_exact_at(&f, &mut buf, 0)?;
    Ok(Some(buf))
}

/// A read-only map of a whole file.
pub struct Map {
    map: memmap2::Mmap,
}

/// Smallest page of any machine that this runs on; a larger one is asked about more than once.
const PAGE: usize = 4096;
/// Pages asked about in one call.
const PAGES_ASKED: usize = 512;

impl Map {
    fn is_resident(&self, at: usize, len: usize) -> bool {
        let mut answers = [0u8; PAGES_ASKED];
        let mut from = at / PAGE * PAGE;
        while from < at + len {
            let to = (at + len).min(from + PAGES_ASKED * PAGE);
            let Some(part) = self.map.get(from..to) else { return false };
            #[expect(unsafe_code, reason = "mincore has no safe wrapper")]
            // SAFETY: `part` lies inside the map, which `self` keeps alive; its address is that of a page, because
            // a map starts at one and `from` is a multiple of the page size; one answer is written for each page
            // that `part` touches, at most `PAGES_ASKED`. The call reads no byte of the map.
            let done = unsafe {
                libc::mincore(part.as_ptr().cast_mut().cast(), part.len(), answers.as_mut_ptr().cast())
            };
            let pages = part.len().div_ceil(PAGE);
            if done != 0 || answers.iter().take(pages).any(|a| a & 1 == 0) {
                return false;
            }
            from = to;
        }
        true
    }

    fn populate(&self, at: usize, len: usize) -> io::Result<()> {
        match self.map.advise_range(memmap2::Advice::PopulateRead, at, len) {
            // A kernel before 5.14: the write itself will wait for the disk.
            Err(e) if e.raw_os_error() == Some(libc::EINVAL) => Ok(()),
            r => r,
        }
    }
}

/// Bytes of a log on their way to a socket. There is no `Deref`: touching a mapped page in user space could
/// raise SIGBUS, so the bytes only go into `writev`.
#[derive(Clone)]
pub enum Slice {
    Mapped { map: Arc<Map>, at: usize, len: usize },
    Bytes(Bytes),
}

impl Slice {
    pub fn len(&self) -> usize {
        match self {
            Slice::Mapped { len, .. } => *len,
            Slice::Bytes(b) => b.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if a `writev` of these bytes would not wait for the disk (`mincore`). Asked on a network thread.
    pub fn is_resident(&self) -> bool {
        match self {
            Slice::Mapped { map, at, len } => map.is_resident(*at, *len),
            Slice::Bytes(_) => true,
        }
    }

    /// Brings the bytes into memory (`MADV_POPULATE_READ`). Waits for the disk, so it belongs on a bounded blocking
    /// pool; a page that cannot be read is an error here and not a signal.
    pub fn populate(&self) -> io::Result<()> {
        match self {
            Slice::Mapped { map, at, len } => map.populate(*at, *len),
            Slice::Bytes(_) => Ok(()),
        }
    }

    /// The bytes from `skip` on, for a vectored write and nothing else.
    pub fn for_writev(&self, skip: usize) -> IoSlice<'_> {
        match self {
            Slice::Mapped { map, at, len } => {
                IoSlice::new(map.map.get(at + skip.min(*len)..at + len).unwrap_or_default())
            }
            Slice::Bytes(b) => IoSlice::new(b.get(skip..).unwrap_or_default()),
        }
    }
}

/// The operating system's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

pub struct RealFile {
    file: File,
    /// Made on first use; replaced by a larger one when the file outgrew it. Older slices keep the older map.
    map: Mutex<Option<Arc<Map>>>,
}

impl RealFile {
    fn new(file: File) -> RealFile {
        RealFile { file, map: Mutex::new(None) }
    }

    fn mapped(&self, need: u64, capacity: u64) -> io::Result<Arc<Map>> {
        let mut held = self.map.lock();
        if let Some(m) = held.as_ref()
            && m.map.len() as u64 >= need
        {
            return Ok(m.clone());
        }
        let len = need.max(capacity).next_multiple_of(4096) as usize;
        #[expect(unsafe_code, reason = "mapping a file is unsafe because others may shrink it")]
        // SAFETY: the map is read-only, its pages are only read by the kernel on our behalf (see `Slice`), log
        // files are never truncated while mapped, and pages past the end of the file are never sliced.
        let map = unsafe { memmap2::MmapOptions::new().len(len).map(&self.file)? };
        let map = Arc::new(Map { map });
        *held = Some(map.clone());
        Ok(map)
    }
}

/// Debug builds only: a sync of a path that contains CRASH_TEST_SYNC_OFF does nothing. `cargo xtask crash` shows with
/// it that its power cuts find lost data; release builds do not contain it.
#[cfg(debug_assertions)]
fn is_sync_off(file: &File) -> bool {
    use std::os::fd::AsRawFd;
    use std::sync::LazyLock;
    static PART: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("CRASH_TEST_SYNC_OFF").ok());
    let Some(part) = PART.as_ref() else { return false };
    let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    path.is_ok_and(|p| p.to_string_lossy().contains(part))
}

#[cfg(not(debug_assertions))]
const fn is_sync_off(_file: &File) -> bool {
    false
}

impl Disk for RealDisk {
    type File = RealFile;

    fn create(&self, path: &Path) -> io::Result<RealFile> {
        File::options().read(true).write(true).create_new(true).open(path).map(RealFile::new)
    }
    fn open(&self, path: &Path) -> io::Result<RealFile> {
        File::options().read(true).write(true).open(path).map(RealFile::new)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            // A name that is not UTF-8 is not ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        std::fs::create_dir_all(dir)
    }
    fn exists(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }
    fn file_len(&self, path: &Path) -> io::Result<u64> {
        std::fs::metadata(path).map(|m| m.len())
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        std::fs::remove_dir_all(dir)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let dir = File::open(dir)?;
        if is_sync_off(&dir) {
            return Ok(());
        }
        Ok(sys::fsync(dir.as_fd())?)
    }
    fn space(&self, dir: &Path) -> io::Result<(u64, u64)> {
        let s = sys::statvfs(dir)?;
        Ok((s.f_bavail.saturating_mul(s.f_frsize), s.f_blocks.saturating_mul(s.f_frsize)))
    }
}

impl DiskFile for RealFile {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buf, at)
    }
    fn write_at(&self, parts: &[IoSlice<'_>], at: u64) -> io::Result<usize> {
        Ok(rustix::io::pwritev(&self.file, parts, at)?)
    }
    fn sync_data(&self) -> io::Result<()> {
        if is_sync_off(&self.file) {
            return Ok(());
        }
        Ok(sys::fdatasync(&self.file)?)
    }
    fn forget_clean_pages(&self, at: u64) -> io::Result<()> {
        // The kernel rounds the start up to a page: the page that `at` lies in goes, too.
        Ok(sys::fadvise(&self.file, at - at % PAGE as u64, None, sys::Advice::DontNeed)?)
    }
    fn allocate(&self, at: u64, len: u64) -> io::Result<()> {
        match sys::fallocate(&self.file, sys::FallocateFlags::KEEP_SIZE, at, len) {
            // Blocks ahead are a speed-up; a file system that has none is fine.
            Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
            r => Ok(r?),
        }
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        Ok(sys::ftruncate(&self.file, len)?)
    }
    fn len(&self) -> io::Result<u64> {
        self.file.metadata().map(|m| m.len())
    }
    fn slice(&self, at: u64, len: usize, capacity: u64) -> io::Result<Slice> {
        let map = self.mapped(at + len as u64, capacity)?;
        Ok(Slice::Mapped { map, at: at as usize, len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_left_memory_are_brought_back() {
        // Not in a tmpfs, whose pages never leave.
        let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let path = dir.path().join("f");
        let f = RealDisk.create(&path).unwrap();
        let content: Vec<u8> = (0..3_000_000u32).map(|i| i as u8).collect();
        write_all_at(&f, &[&content], 0).unwrap();
        f.sync_data().unwrap();
        let s = f.slice(5_000, 2_990_000, 1 << 30).unwrap();
        assert!(s.is_resident());
        sys::fadvise(&f.file, 0, None, sys::Advice::DontNeed).unwrap();
        if !s.is_resident() {
            s.populate().unwrap();
            assert!(s.is_resident());
        }
        let past_the_end = f.slice(4_000_000, 10, 1 << 30).unwrap();
        assert!(!past_the_end.is_resident());
        assert!(past_the_end.populate().is_err(), "an error, not a signal");
    }

    #[test]
    fn small_files_are_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        replace_file(&RealDisk, dir.path(), "a", b"one").unwrap();
        replace_file(&RealDisk, dir.path(), "a", b"three").unwrap();
        let path = dir.path().join("a");
        assert_eq!(read_file(&RealDisk, &path, 5).unwrap().unwrap(), b"three");
        assert!(read_file(&RealDisk, &path, 4).is_err());
        assert_eq!(read_file(&RealDisk, &dir.path().join("b"), 4).unwrap(), None);
        assert_eq!(RealDisk.file_len(&path).unwrap(), 5);
    }
}
