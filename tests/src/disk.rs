//! A deterministic disk in memory that fails in every way a real one does.
//!
//! What was written and what a crash leaves are kept apart: a file has its synced bytes and the writes since, a
//! folder its synced entries and the changes since. `crash` applies a random part of what was not synced (torn,
//! reordered, entry by entry) and kills every open handle. Faults are switched on by the test; every choice comes
//! from one seed, so that a run can be repeated. Used by the storage suite and the simulator.

use crate::rng::Rng;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use storage::disk::{Disk, DiskFile, Slice};

/// The kinds of calls, for hooks and faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    Create,
    Open,
    List,
    CreateDir,
    Exists,
    Rename,
    RemoveFile,
    RemoveDir,
    SyncDir,
    Space,
    Read,
    Write,
    Sync,
    Forget,
    Allocate,
    SetLen,
    Len,
    Slice,
}

/// A call that is about to happen.
#[derive(Debug)]
pub struct Call<'a> {
    /// Counts from 1 over the disk's life.
    pub number: u64,
    pub op: Op,
    pub path: &'a Path,
}

/// What a hook wants to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// The machine stops before the call: it and every later one fails until `crash`.
    Crash,
    Fail(io::ErrorKind),
}

/// One fault that waits for its call.
#[derive(Clone, Debug)]
pub struct Fault {
    pub op: Op,
    /// Part of the path; empty fits all.
    pub path: String,
    /// Fitting calls that still pass.
    pub skip: u32,
    pub times: u32,
    pub error: io::ErrorKind,
}

type Hook = Box<dyn FnMut(&Call<'_>) -> Verdict + Send>;
type OnSync = Box<dyn FnMut(&Path, u64) + Send>;

#[derive(Clone, Debug)]
enum Pending {
    Write { at: u64, bytes: Vec<u8> },
    SetLen(u64),
}

#[derive(Debug, Default)]
struct FileNode {
    now: Vec<u8>,
    synced: Vec<u8>,
    pending: Vec<Pending>,
    /// Bytes counted against the capacity.
    charged: u64,
    /// Reachable by a name; a file without one lives as long as its handles.
    linked: bool,
    path: PathBuf,
}

#[derive(Clone, Debug)]
enum Change {
    Set(String, u64),
    Remove(String),
    /// Within one folder a rename is one change.
    Rename(String, String, u64),
}

#[derive(Debug, Default)]
struct DirNode {
    now: BTreeMap<String, u64>,
    synced: BTreeMap<String, u64>,
    pending: Vec<Change>,
}

#[derive(Debug)]
enum Node {
    File(FileNode),
    Dir(DirNode),
}

struct World {
    nodes: BTreeMap<u64, Node>,
    next_node: u64,
    used: u64,
    capacity: Option<u64>,
    incarnation: u64,
    crashed: bool,
    calls: u64,
    crash_at: Option<u64>,
    rng: Rng,
    short_writes: u32,
    faults: Vec<Fault>,
    /// Paths whose next sync fails and loses what it should have saved.
    lying_syncs: Vec<String>,
    hidden: Vec<(PathBuf, u64)>,
    syncs: u64,
}

const ROOT: u64 = 0;
const SECTOR: usize = 512;

/// A handle on the disk; clones share it. A handle from before a crash is dead.
#[derive(Clone)]
pub struct SimDisk {
    world: Arc<Mutex<World>>,
    hook: Arc<Mutex<Option<Hook>>>,
    on_sync: Arc<Mutex<Option<OnSync>>>,
    incarnation: u64,
}

pub struct SimFile {
    disk: SimDisk,
    node: u64,
    path: PathBuf,
}

fn crashed() -> io::Error {
    io::Error::other("crashed")
}

fn put(into: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if into.len() < at + bytes.len() {
        into.resize(at + bytes.len(), 0);
    }
    into[at..at + bytes.len()].copy_from_slice(bytes);
}

impl FileNode {
    fn apply(content: &mut Vec<u8>, p: &Pending) {
        match p {
            Pending::Write { at, bytes } => put(content, *at as usize, bytes),
            Pending::SetLen(n) => content.resize(*n as usize, 0),
        }
    }

    /// The first `n` writes are safe now.
    fn sync(&mut self, n: usize) {
        for p in self.pending.drain(..n) {
            FileNode::apply(&mut self.synced, &p);
        }
    }

    /// What a crash leaves of the file.
    fn crash(&mut self, rng: &mut Rng) {
        let mut pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            match rng.below(6) {
                0 => {}
                1 => pending.iter().for_each(|p| FileNode::apply(&mut self.synced, p)),
                2 | 3 => self.crash_in_order(rng, &pending),
                4 => {
                    // The length got out, the data did not.
                    let longest = self.now.len().max(self.synced.len());
                    let len = rng.within(self.synced.len() as i64, longest as i64);
                    self.synced.resize(len as usize, 0);
                }
                _ => {
                    rng.shuffle(&mut pending);
                    pending.iter().for_each(|p| self.crash_in_pieces(rng, p));
                }
            }
        }
        self.now = self.synced.clone();
    }

    /// A prefix of the writes, the last one cut at any byte.
    fn crash_in_order(&mut self, rng: &mut Rng, pending: &[Pending]) {
        let n = rng.below(pending.len() as u64) as usize;
        pending[..n].iter().for_each(|p| FileNode::apply(&mut self.synced, p));
        if let Pending::Write { at, bytes } = &pending[n] {
            let cut = rng.below(bytes.len() as u64 + 1) as usize;
            put(&mut self.synced, *at as usize, &bytes[..cut]);
        }
    }

    /// Each sector of a write is there or not.
    fn crash_in_pieces(&mut self, rng: &mut Rng, p: &Pending) {
        let keep = 200 + rng.below(800) as u32;
        match p {
            Pending::SetLen(_) if rng.chance(keep) => FileNode::apply(&mut self.synced, p),
            Pending::SetLen(_) => {}
            Pending::Write { at, bytes } => {
                let mut from = 0;
                while from < bytes.len() {
                    let to_boundary = SECTOR - (*at as usize + from) % SECTOR;
                    let to = (from + to_boundary).min(bytes.len());
                    if rng.chance(keep) {
                        put(&mut self.synced, *at as usize + from, &bytes[from..to]);
                    }
                    from = to;
                }
            }
        }
    }
}

impl DirNode {
    fn apply(entries: &mut BTreeMap<String, u64>, c: &Change) {
        match c {
            Change::Set(name, node) => drop(entries.insert(name.clone(), *node)),
            Change::Remove(name) => drop(entries.remove(name)),
            Change::Rename(from, to, node) => {
                if entries.get(from) == Some(node) {
                    entries.remove(from);
                }
                entries.insert(to.clone(), *node);
            }
        }
    }

    fn change(&mut self, c: Change) {
        DirNode::apply(&mut self.now, &c);
        self.pending.push(c);
    }

    fn sync(&mut self) {
        for c in self.pending.drain(..) {
            DirNode::apply(&mut self.synced, &c);
        }
    }

    fn crash(&mut self, rng: &mut Rng) {
        let keep = *rng.pick(&[0, 300, 500, 700, 1000]).unwrap_or(&500);
        for c in std::mem::take(&mut self.pending) {
            if rng.chance(keep) {
                DirNode::apply(&mut self.synced, &c);
            }
        }
        self.now = self.synced.clone();
    }
}

impl World {
    fn dir(&mut self, node: u64) -> io::Result<&mut DirNode> {
        match self.nodes.get_mut(&node) {
            Some(Node::Dir(d)) => Ok(d),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn file(&mut self, node: u64) -> io::Result<&mut FileNode> {
        match self.nodes.get_mut(&node) {
            Some(Node::File(f)) => Ok(f),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn find(&self, path: &Path) -> Option<u64> {
        let mut at = ROOT;
        for name in names(path) {
            match self.nodes.get(&at) {
                Some(Node::Dir(d)) => at = *d.now.get(&name)?,
                _ => return None,
            }
        }
        Some(at)
    }

    /// The folder that holds `path`, and the last name.
    fn parent(&self, path: &Path) -> io::Result<(u64, String)> {
        let name = names(path).pop().ok_or(io::ErrorKind::InvalidInput)?;
        let dir = path.parent().and_then(|p| self.find(p)).ok_or(io::ErrorKind::NotFound)?;
        Ok((dir, name))
    }

    fn add(&mut self, node: Node) -> u64 {
        self.next_node += 1;
        self.nodes.insert(self.next_node, node);
        self.next_node
    }

    fn unlink(&mut self, node: u64) {
        if let Some(Node::File(f)) = self.nodes.get_mut(&node) {
            f.linked = false;
            self.used -= f.charged;
            f.charged = 0;
        }
    }

    /// Bytes up to which the file may grow now, at most `want`.
    fn grow(&mut self, node: u64, want: u64) -> io::Result<u64> {
        let free = self.capacity.map_or(u64::MAX, |c| c.saturating_sub(self.used));
        let f = self.file(node)?;
        let (charged, linked) = (f.charged, f.linked);
        let allowed = want.min(charged.saturating_add(free));
        if allowed > charged && linked {
            f.charged = allowed;
            self.used += allowed - charged;
        }
        Ok(allowed)
    }

    fn remove_tree(&mut self, node: u64) {
        let below: Vec<(String, u64)> = match self.nodes.get_mut(&node) {
            Some(Node::Dir(d)) => {
                let all: Vec<_> = d.now.iter().map(|(n, i)| (n.clone(), *i)).collect();
                all.iter().for_each(|(n, _)| d.change(Change::Remove(n.clone())));
                all
            }
            _ => Vec::new(),
        };
        self.unlink(node);
        below.into_iter().for_each(|(_, n)| self.remove_tree(n));
    }

    fn crash(&mut self, mut rng: Rng) {
        for n in self.nodes.values_mut() {
            match n {
                Node::File(f) => f.crash(&mut rng),
                Node::Dir(d) => d.crash(&mut rng),
            }
        }
        // What no name leads to is gone.
        let mut live = BTreeMap::new();
        let mut todo = vec![(ROOT, PathBuf::from("/"))];
        todo.extend(self.hidden.iter().map(|(p, n)| (*n, p.clone())));
        while let Some((node, path)) = todo.pop() {
            if let Some(Node::Dir(d)) = self.nodes.get(&node) {
                todo.extend(d.now.iter().map(|(n, i)| (*i, path.join(n))));
            }
            live.insert(node, path);
        }
        self.nodes.retain(|n, _| live.contains_key(n));
        self.used = 0;
        for (n, node) in &mut self.nodes {
            if let Node::File(f) = node {
                f.linked = true;
                f.charged = f.now.len() as u64;
                f.path = live.remove(n).unwrap_or_default();
                self.used += f.charged;
            }
        }
        self.incarnation += 1;
        self.crashed = false;
    }
}

fn names(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|c| match c {
            Component::Normal(n) => Some(n.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

impl SimDisk {
    pub fn new(seed: u64) -> SimDisk {
        let world = World {
            nodes: BTreeMap::from([(ROOT, Node::Dir(DirNode::default()))]),
            next_node: ROOT,
            used: 0,
            capacity: None,
            incarnation: 0,
            crashed: false,
            calls: 0,
            crash_at: None,
            rng: Rng::new(seed),
            short_writes: 0,
            faults: Vec::new(),
            lying_syncs: Vec::new(),
            hidden: Vec::new(),
            syncs: 0,
        };
        SimDisk {
            world: Arc::new(Mutex::new(world)),
            hook: Arc::default(),
            on_sync: Arc::default(),
            incarnation: 0,
        }
    }

    /// Asked before every call but those that the hook itself makes.
    pub fn set_hook(&self, hook: impl FnMut(&Call<'_>) -> Verdict + Send + 'static) {
        *self.hook.lock() = Some(Box::new(hook));
    }

    /// Told of every sync with the bytes it covers, while it runs: a slow one spends virtual time here, and what is
    /// written meanwhile is not part of it.
    pub fn set_on_sync(&self, f: impl FnMut(&Path, u64) + Send + 'static) {
        *self.on_sync.lock() = Some(Box::new(f));
    }

    /// Stops the machine before the call with this number (see `calls`).
    pub fn set_crash_at(&self, call: Option<u64>) {
        self.world.lock().crash_at = call;
    }

    /// True while such a stop is ahead.
    pub fn has_crash_point(&self) -> bool {
        self.world.lock().crash_at.is_some()
    }

    /// Bytes that fit in all; `None` is endless.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.world.lock().capacity = bytes;
    }

    /// This many of 1,000 writes are short.
    pub fn set_short_writes(&self, per_mille: u32) {
        self.world.lock().short_writes = per_mille;
    }

    pub fn add_fault(&self, fault: Fault) {
        self.world.lock().faults.push(fault);
    }

    pub fn clear_faults(&self) {
        let mut w = self.world.lock();
        w.faults.clear();
        w.lying_syncs.clear();
    }

    /// The next sync of a file whose path holds `path` fails, and later ones succeed although the data is lost.
    pub fn fail_sync_then_lie(&self, path: &str) {
        self.world.lock().lying_syncs.push(path.to_string());
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.world.lock().calls
    }

    /// Syncs of files so far.
    pub fn syncs(&self) -> u64 {
        self.world.lock().syncs
    }

    /// Bytes that count against the capacity.
    pub fn used(&self) -> u64 {
        self.world.lock().used
    }

    /// True from a `Verdict::Crash` (or `stop`) until `crash`.
    pub fn is_crashed(&self) -> bool {
        let w = self.world.lock();
        w.crashed || w.incarnation != self.incarnation
    }

    /// Stops the machine now.
    pub fn stop(&self) {
        self.world.lock().crashed = true;
    }

    /// Power is gone: a random part of what was not synced survives. Returns the disk as the next start sees it;
    /// every older handle is dead.
    pub fn crash(&self, seed: u64) -> SimDisk {
        let mut w = self.world.lock();
        w.crash(Rng::new(seed));
        w.crash_at = None;
        let incarnation = w.incarnation;
        drop(w);
        SimDisk { incarnation, ..self.clone() }
    }

    /// The process died, the machine did not: nothing is lost, every older handle is dead.
    pub fn kill(&self) -> SimDisk {
        let mut w = self.world.lock();
        w.incarnation += 1;
        w.crashed = false;
        w.crash_at = None;
        let incarnation = w.incarnation;
        drop(w);
        SimDisk { incarnation, ..self.clone() }
    }

    /// All files with their lengths, in order of their paths.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let w = self.world.lock();
        let mut out = Vec::new();
        let mut todo = vec![(ROOT, PathBuf::from("/"))];
        while let Some((node, path)) = todo.pop() {
            match w.nodes.get(&node) {
                Some(Node::Dir(d)) => todo.extend(d.now.iter().map(|(n, i)| (*i, path.join(n)))),
                Some(Node::File(f)) => out.push((path, f.now.len() as u64)),
                None => {}
            }
        }
        out.sort();
        out
    }

    /// A file's content past all faults.
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let mut w = self.world.lock();
        let node = w.find(path)?;
        w.file(node).ok().map(|f| f.now.clone())
    }

    /// Takes a folder or file out of sight, as a file system that is not mounted; `unhide` brings it back. False if
    /// there is nothing of that name.
    pub fn hide(&self, path: &Path) -> bool {
        let mut w = self.world.lock();
        let (Some(node), Ok((dir, name))) = (w.find(path), w.parent(path)) else { return false };
        if let Ok(d) = w.dir(dir) {
            d.now.remove(&name);
            d.synced.remove(&name);
            d.pending.retain(|c| !matches!(c, Change::Set(n, _) if *n == name));
        }
        w.hidden.push((path.to_path_buf(), node));
        true
    }

    /// Brings back all that is hidden, in place of what was made there meanwhile.
    pub fn unhide(&self) {
        let mut w = self.world.lock();
        for (path, node) in std::mem::take(&mut w.hidden) {
            if let Ok((dir, name)) = w.parent(&path)
                && let Ok(d) = w.dir(dir)
            {
                d.now.insert(name.clone(), node);
                d.synced.insert(name, node);
            }
        }
    }

    /// Flips one synced bit, as a decaying medium does. False if there is no such synced byte.
    pub fn rot(&self, path: &Path, at: u64, bit: u32) -> bool {
        let mut w = self.world.lock();
        let Some(Ok(f)) = w.find(path).map(|n| w.file(n)) else { return false };
        let at = at as usize;
        let mask = 1u8 << (bit % 8);
        match (f.synced.get_mut(at), f.now.get_mut(at)) {
            (Some(s), Some(n)) => {
                *s ^= mask;
                *n ^= mask;
                true
            }
            _ => false,
        }
    }

    /// Counts the call, asks the hook, and lets waiting faults strike.
    fn enter(&self, op: Op, path: &Path) -> io::Result<()> {
        let number = {
            let mut w = self.world.lock();
            if w.crashed || w.incarnation != self.incarnation {
                return Err(crashed());
            }
            w.calls += 1;
            if w.crash_at.is_some_and(|n| w.calls >= n) {
                w.crashed = true;
                return Err(crashed());
            }
            w.calls
        };
        let hook = self.hook.lock().take();
        let mut verdict = Verdict::Go;
        if let Some(mut hook) = hook {
            verdict = hook(&Call { number, op, path });
            self.hook.lock().get_or_insert(hook);
        }
        match verdict {
            Verdict::Go => {}
            Verdict::Crash => {
                self.world.lock().crashed = true;
                return Err(crashed());
            }
            Verdict::Fail(kind) => return Err(kind.into()),
        }
        let mut w = self.world.lock();
        if w.crashed || w.incarnation != self.incarnation {
            return Err(crashed());
        }
        if w.faults.is_empty() {
            return Ok(());
        }
        let text = path.to_string_lossy();
        let fits = |f: &&mut Fault| f.op == op && f.times > 0 && text.contains(f.path.as_str());
        match w.faults.iter_mut().find(fits) {
            Some(f) if f.skip > 0 => {
                f.skip -= 1;
                Ok(())
            }
            Some(f) => {
                f.times -= 1;
                Err(f.error.into())
            }
            None => Ok(()),
        }
    }
}

impl Disk for SimDisk {
    type File = SimFile;

    fn create(&self, path: &Path) -> io::Result<SimFile> {
        self.enter(Op::Create, path)?;
        let mut w = self.world.lock();
        if w.find(path).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let (dir, name) = w.parent(path)?;
        let file = FileNode { linked: true, path: path.to_path_buf(), ..FileNode::default() };
        let node = w.add(Node::File(file));
        w.dir(dir)?.change(Change::Set(name, node));
        Ok(SimFile { disk: self.clone(), node, path: path.to_path_buf() })
    }

    fn open(&self, path: &Path) -> io::Result<SimFile> {
        self.enter(Op::Open, path)?;
        let mut w = self.world.lock();
        let node = w.find(path).ok_or(io::ErrorKind::NotFound)?;
        w.file(node)?;
        Ok(SimFile { disk: self.clone(), node, path: path.to_path_buf() })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.enter(Op::List, dir)?;
        let mut w = self.world.lock();
        let node = w.find(dir).ok_or(io::ErrorKind::NotFound)?;
        Ok(w.dir(node)?.now.keys().cloned().collect())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.enter(Op::CreateDir, dir)?;
        let mut w = self.world.lock();
        let mut at = ROOT;
        for name in names(dir) {
            at = match w.dir(at)?.now.get(&name).copied() {
                Some(n) => n,
                None => {
                    let n = w.add(Node::Dir(DirNode::default()));
                    w.dir(at)?.change(Change::Set(name, n));
                    n
                }
            };
        }
        Ok(())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.enter(Op::Exists, path)?;
        Ok(self.world.lock().find(path).is_some())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.enter(Op::Rename, from)?;
        let mut w = self.world.lock();
        let node = w.find(from).ok_or(io::ErrorKind::NotFound)?;
        let (from_dir, from_name) = w.parent(from)?;
        let (to_dir, to_name) = w.parent(to)?;
        if let Some(old) = w.find(to).filter(|o| *o != node) {
            w.unlink(old);
        }
        if from_dir == to_dir {
            w.dir(from_dir)?.change(Change::Rename(from_name, to_name, node));
        } else {
            w.dir(from_dir)?.change(Change::Remove(from_name));
            w.dir(to_dir)?.change(Change::Set(to_name, node));
        }
        if let Ok(f) = w.file(node) {
            f.path = to.to_path_buf();
        }
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.enter(Op::RemoveFile, path)?;
        let mut w = self.world.lock();
        let node = w.find(path).ok_or(io::ErrorKind::NotFound)?;
        w.file(node)?;
        let (dir, name) = w.parent(path)?;
        w.dir(dir)?.change(Change::Remove(name));
        w.unlink(node);
        Ok(())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.enter(Op::RemoveDir, path)?;
        let mut w = self.world.lock();
        let node = w.find(path).ok_or(io::ErrorKind::NotFound)?;
        w.dir(node)?;
        let (dir, name) = w.parent(path)?;
        w.remove_tree(node);
        w.dir(dir)?.change(Change::Remove(name));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.enter(Op::SyncDir, dir)?;
        let mut w = self.world.lock();
        let node = w.find(dir).ok_or(io::ErrorKind::NotFound)?;
        w.dir(node)?.sync();
        Ok(())
    }

    fn space(&self, dir: &Path) -> io::Result<(u64, u64)> {
        self.enter(Op::Space, dir)?;
        let w = self.world.lock();
        let size = w.capacity.unwrap_or(1 << 50);
        Ok((size.saturating_sub(w.used), size))
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.disk.enter(Op::Read, &self.path)?;
        let mut w = self.disk.world.lock();
        let f = w.file(self.node)?;
        let rest = f.now.get(at as usize..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }

    fn write_at(&self, parts: &[IoSlice<'_>], at: u64) -> io::Result<usize> {
        self.disk.enter(Op::Write, &self.path)?;
        let mut bytes: Vec<u8> = parts.iter().flat_map(|p| p.iter().copied()).collect();
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut w = self.disk.world.lock();
        let short = w.short_writes;
        if w.rng.chance(short) && bytes.len() > 1 {
            let n = 1 + w.rng.below(bytes.len() as u64 - 1) as usize;
            bytes.truncate(n);
        }
        let allowed = w.grow(self.node, at + bytes.len() as u64)?;
        if allowed <= at {
            return Err(io::ErrorKind::StorageFull.into());
        }
        bytes.truncate((allowed - at) as usize);
        let n = bytes.len();
        let f = w.file(self.node)?;
        put(&mut f.now, at as usize, &bytes);
        f.pending.push(Pending::Write { at, bytes });
        Ok(n)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.enter(Op::Sync, &self.path)?;
        let (covered, bytes) = {
            let mut w = self.disk.world.lock();
            w.syncs += 1;
            let text = self.path.to_string_lossy();
            if let Some(i) = w.lying_syncs.iter().position(|p| text.contains(p.as_str())) {
                w.lying_syncs.remove(i);
                w.file(self.node)?.pending.clear();
                return Err(io::Error::from_raw_os_error(5));
            }
            let f = w.file(self.node)?;
            let bytes = f.pending.iter().map(|p| match p {
                Pending::Write { bytes, .. } => bytes.len() as u64,
                Pending::SetLen(_) => 0,
            });
            (f.pending.len(), bytes.sum())
        };
        let on_sync = self.disk.on_sync.lock().take();
        if let Some(mut f) = on_sync {
            f(&self.path, bytes);
            self.disk.on_sync.lock().get_or_insert(f);
        }
        let mut w = self.disk.world.lock();
        if w.crashed || w.incarnation != self.disk.incarnation {
            return Err(crashed());
        }
        w.file(self.node)?.sync(covered);
        Ok(())
    }

    fn forget_clean_pages(&self, at: u64) -> io::Result<()> {
        self.disk.enter(Op::Forget, &self.path)?;
        let mut w = self.disk.world.lock();
        let f = w.file(self.node)?;
        let mut there = f.synced.clone();
        f.pending.iter().for_each(|p| FileNode::apply(&mut there, p));
        // The length is metadata: it does not come from the cache.
        there.resize(f.now.len(), 0);
        let at = (at as usize).min(there.len());
        f.now[at..].copy_from_slice(&there[at..]);
        Ok(())
    }

    fn allocate(&self, at: u64, len: u64) -> io::Result<()> {
        self.disk.enter(Op::Allocate, &self.path)?;
        let allowed = self.disk.world.lock().grow(self.node, at + len)?;
        // As ext4 does: what fitted stays taken.
        if allowed < at + len { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.enter(Op::SetLen, &self.path)?;
        let mut w = self.disk.world.lock();
        let f = w.file(self.node)?;
        f.now.resize(len as usize, 0);
        f.pending.push(Pending::SetLen(len));
        let freed = f.charged.saturating_sub(len);
        f.charged -= freed;
        w.used -= freed;
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.disk.enter(Op::Len, &self.path)?;
        Ok(self.disk.world.lock().file(self.node)?.now.len() as u64)
    }

    fn slice(&self, at: u64, len: usize, _capacity: u64) -> io::Result<Slice> {
        self.disk.enter(Op::Slice, &self.path)?;
        let mut w = self.disk.world.lock();
        let f = w.file(self.node)?;
        let bytes = f.now.get(at as usize..at as usize + len).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(Slice::Bytes(Bytes::copy_from_slice(bytes)))
    }
}

#[cfg(test)]
#[path = "disk_test.rs"]
mod tests;
