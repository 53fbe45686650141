//! openraft's state machine: applies commands to the image, publishes it, builds and installs snapshots.
//!
//! Invariants: a new image is published before the command's proposer hears of it; a snapshot is a synced file
//! that replaces the former atomically; the listener sees each published image once, in order.

use crate::command::Outcome;
use crate::image::Image;
use crate::machine;
use crate::types::{Entry, LogId, NodeId, StorageError, StoredMembership, TypeConfig};
use arc_swap::ArcSwap;
use openraft::storage::{RaftStateMachine, Snapshot};
use openraft::{BasicNode, EntryPayload, OptionalSend, RaftSnapshotBuilder, SnapshotMeta, StorageIOError};
use serde::{Deserialize, Serialize};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use storage::disk::{Disk, is_scarcity, read_file, replace_file};

pub const FILE: &str = "snapshot";
const FILE_MAX: u64 = 1 << 30;

/// Hears of every published image.
pub type Listener = Arc<dyn Fn(&Arc<Image>) + Send + Sync>;

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    last_applied: Option<LogId>,
    membership: StoredMembership,
    image: Image,
}

pub struct StateStore<D: Disk> {
    disk: Arc<D>,
    dir: PathBuf,
    last_applied: Option<LogId>,
    membership: StoredMembership,
    working: Image,
    published: Arc<ArcSwap<Image>>,
    listener: Listener,
}

impl<D: Disk> Clone for StateStore<D> {
    fn clone(&self) -> Self {
        StateStore {
            disk: self.disk.clone(),
            dir: self.dir.clone(),
            last_applied: self.last_applied,
            membership: self.membership.clone(),
            working: self.working.clone(),
            published: self.published.clone(),
            listener: self.listener.clone(),
        }
    }
}

fn corrupt(dir: &Path, e: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("{}: {e}", dir.join(FILE).display()))
}

/// The stored form: CRC-32C, then JSON.
fn seal(stored: &Stored) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(stored)?;
    let mut out = crc32c::crc32c(&json).to_be_bytes().to_vec();
    out.extend(json);
    Ok(out)
}

fn unseal(bytes: &[u8]) -> io::Result<Stored> {
    let (crc, json) = bytes.split_first_chunk::<4>().ok_or_else(|| io::Error::other("too short"))?;
    if crc32c::crc32c(json) != u32::from_be_bytes(*crc) {
        return Err(io::Error::other("the snapshot fails its CRC"));
    }
    Ok(serde_json::from_slice(json)?)
}

fn error(e: io::Error) -> StorageError {
    StorageIOError::<NodeId>::write_snapshot(None, &e).into()
}

impl<D: Disk> StateStore<D> {
    pub fn open(
        disk: Arc<D>,
        dir: &Path,
        published: Arc<ArcSwap<Image>>,
        listener: Listener,
    ) -> io::Result<StateStore<D>> {
        let mut s = StateStore {
            disk,
            dir: dir.to_path_buf(),
            last_applied: None,
            membership: StoredMembership::default(),
            working: Image::default(),
            published,
            listener,
        };
        if let Some(bytes) = read_file(&*s.disk, &dir.join(FILE), FILE_MAX)? {
            let stored = unseal(&bytes).map_err(|e| corrupt(dir, e))?;
            s.adopt(stored);
        }
        Ok(s)
    }

    /// The last entry that the state holds; at the start, the snapshot's.
    pub fn last_applied(&self) -> Option<LogId> {
        self.last_applied
    }

    fn adopt(&mut self, stored: Stored) {
        self.last_applied = stored.last_applied;
        self.membership = stored.membership;
        self.working = stored.image;
        self.publish();
    }

    fn publish(&self) {
        let image = Arc::new(self.working.clone());
        self.published.store(image.clone());
        (self.listener)(&image);
    }

    fn stored(&self) -> Stored {
        Stored {
            last_applied: self.last_applied,
            membership: self.membership.clone(),
            image: self.working.clone(),
        }
    }

    fn meta(&self) -> SnapshotMeta<NodeId, BasicNode> {
        let id = self.last_applied.map_or_else(|| "empty".into(), |l| format!("{}-{}", l.leader_id, l.index));
        SnapshotMeta {
            last_log_id: self.last_applied,
            last_membership: self.membership.clone(),
            snapshot_id: id,
        }
    }
}

impl<D: Disk> StateStore<D> {
    /// A full disk, or a process out of files, has no room for a snapshot: the log keeps its entries and the next one is tried soon. Raft takes a
    /// snapshot that is not newer than what it knows of for no news.
    async fn keep_former(&mut self, why: &io::Error) -> Result<Snapshot<TypeConfig>, StorageError> {
        tracing::warn!("{}: not replaced: {why}", self.dir.join(FILE).display());
        let none = Snapshot { meta: SnapshotMeta::default(), snapshot: Box::new(Cursor::new(Vec::new())) };
        Ok(self.get_current_snapshot().await?.unwrap_or(none))
    }
}

impl<D: Disk> RaftSnapshotBuilder<TypeConfig> for StateStore<D> {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, StorageError> {
        let bytes = seal(&self.stored()).map_err(error)?;
        match replace_file(&*self.disk, &self.dir, FILE, &bytes) {
            Ok(_) => Ok(Snapshot { meta: self.meta(), snapshot: Box::new(Cursor::new(bytes)) }),
            Err(e) if is_scarcity(&e) => self.keep_former(&e).await,
            Err(e) => Err(error(e)),
        }
    }
}

impl<D: Disk> RaftStateMachine<TypeConfig> for StateStore<D> {
    type SnapshotBuilder = StateStore<D>;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        Ok((self.last_applied, self.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Outcome>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut outcomes = Vec::new();
        for e in entries {
            self.last_applied = Some(e.log_id);
            outcomes.push(match &e.payload {
                EntryPayload::Blank => Outcome::Done,
                EntryPayload::Normal(command) => machine::apply(&mut self.working, command),
                EntryPayload::Membership(m) => {
                    self.membership = StoredMembership::new(Some(e.log_id), m.clone());
                    Outcome::Done
                }
            });
        }
        if self.published.load().version != self.working.version {
            self.publish();
        }
        Ok(outcomes)
    }

    async fn get_snapshot_builder(&mut self) -> StateStore<D> {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, StorageError> {
        Ok(Box::new(Cursor::new(Vec::new())))
    }

    async fn install_snapshot(
        &mut self,
        _meta: &SnapshotMeta<NodeId, BasicNode>,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), StorageError> {
        let bytes = snapshot.into_inner();
        let stored = unseal(&bytes).map_err(error)?;
        replace_file(&*self.disk, &self.dir, FILE, &bytes).map_err(error)?;
        self.adopt(stored);
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, StorageError> {
        let Some(bytes) = read_file(&*self.disk, &self.dir.join(FILE), FILE_MAX).map_err(error)? else {
            return Ok(None);
        };
        let stored = unseal(&bytes).map_err(error)?;
        let held = StateStore {
            last_applied: stored.last_applied,
            membership: stored.membership,
            working: Image::default(),
            ..self.clone()
        };
        Ok(Some(Snapshot { meta: held.meta(), snapshot: Box::new(Cursor::new(bytes)) }))
    }
}
