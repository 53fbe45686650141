//! The broker's handle on cluster metadata: read the image, propose a command.
//!
//! Invariants: `propose` returns after the command is committed and its image published; an error may leave the
//! outcome unknown and says so; a lone voter leads at once and sends itself nothing. Owned by the broker.

use crate::command::{Command, Outcome};
use crate::image::Image;
use crate::log_store::LogStore;
use crate::network::NoPeers;
use crate::state_store::{Listener, StateStore};
use crate::types::{NodeId, TypeConfig};
use arc_swap::ArcSwap;
use openraft::error::{ClientWriteError, Fatal, RaftError};
use openraft::{BasicNode, Config, Raft, SnapshotPolicy};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use storage::Disk;

#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error("cluster metadata in {dir} cannot be opened: {source}")]
    Open { dir: String, source: io::Error },
    #[error(
        "{0} holds no metadata, but the log dirs hold records of its cluster: restore it from a copy, or move the \
         log dirs away to begin anew"
    )]
    Lost(String),
    #[error("this node is not the metadata leader")]
    NotLeader,
    #[error("the metadata log failed, this node must restart: {0}")]
    Fatal(String),
}

/// What starting needs.
pub struct Start<D: Disk> {
    pub disk: Arc<D>,
    pub dir: PathBuf,
    /// Minted once per disk, kept in the folder's meta file.
    pub raft_node: u64,
    pub listener: Listener,
    /// False if this node was in a cluster before: an empty folder is then a lost one, not a new one.
    pub may_form: bool,
}

/// How the quorum stands, for DescribeQuorum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuorumView {
    pub leader: Option<u64>,
    pub term: u64,
    pub voters: Vec<u64>,
    pub learners: Vec<u64>,
    pub last_log_index: i64,
    pub committed_index: i64,
}

#[derive(Clone)]
pub struct Metadata {
    raft: Raft<TypeConfig>,
    log: LogStore,
    image: Arc<ArcSwap<Image>>,
}

fn config() -> Config {
    Config {
        cluster_name: "lipno".into(),
        // A lone voter elects itself by hand: no timer runs while nobody else could lead.
        enable_tick: false,
        enable_heartbeat: false,
        enable_elect: false,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(2_000),
        max_in_snapshot_log_to_keep: 500,
        ..Config::default()
    }
}

impl Metadata {
    /// Opens the folder, forms a cluster of one if it is pristine, and leads.
    pub async fn start<D: Disk>(start: Start<D>) -> Result<Metadata, MetadataError> {
        let image = Arc::new(ArcSwap::from_pointee(Image::default()));
        let dir = start.dir.display().to_string();
        let unopened = |source| MetadataError::Open { dir: dir.clone(), source };
        let log = LogStore::open(start.disk.clone(), &start.dir).map_err(unopened)?;
        let pristine = log.is_pristine();
        if pristine && !start.may_form {
            return Err(MetadataError::Lost(dir));
        }
        let state =
            StateStore::open(start.disk, &start.dir, image.clone(), start.listener).map_err(unopened)?;
        if log.purged() > state.last_applied() {
            let file = crate::state_store::FILE;
            let why = format!("{file} is missing or older than the log: restore the folder from a copy");
            return Err(unopened(io::Error::other(why)));
        }
        let config = config().validate().map_err(|e| MetadataError::Fatal(e.to_string()))?;
        let fatal = |e: &dyn std::fmt::Display| MetadataError::Fatal(e.to_string());
        let raft = Raft::new(start.raft_node, Arc::new(config), NoPeers, log.clone(), state)
            .await
            .map_err(|e| fatal(&e))?;
        if pristine {
            let members = BTreeMap::from([(start.raft_node, BasicNode::default())]);
            raft.initialize(members).await.map_err(|e| fatal(&e))?;
        } else if raft.current_leader().await.is_none() {
            raft.trigger().elect().await.map_err(|e| fatal(&e))?;
        }
        let wait = raft.wait(Some(std::time::Duration::from_secs(30)));
        wait.metrics(|m| m.current_leader == Some(start.raft_node), "a lone voter leads")
            .await
            .map_err(|e| fatal(&e))?;
        Ok(Metadata { raft, log, image })
    }

    pub fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// Commits one command. `Refused` is an answer, not an error.
    pub async fn propose(&self, command: Command) -> Result<Outcome, MetadataError> {
        match self.raft.client_write(command).await {
            Ok(r) => Ok(r.data),
            Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_))) => Err(MetadataError::NotLeader),
            Err(e) => Err(MetadataError::Fatal(e.to_string())),
        }
    }

    pub fn quorum(&self) -> QuorumView {
        let m = self.raft.metrics().borrow().clone();
        let voters: Vec<NodeId> = m.membership_config.membership().voter_ids().collect();
        QuorumView {
            leader: m.current_leader,
            term: m.current_term,
            learners: m.membership_config.membership().learner_ids().collect(),
            voters,
            last_log_index: m.last_log_index.map_or(-1, |i| i as i64),
            committed_index: m.last_applied.map_or(-1, |l| l.index as i64),
        }
    }

    /// Returns when the metadata log or its snapshot has failed: nothing can be proposed any more, and what was in
    /// flight is unknown until a restart. An orderly stop is no failure.
    pub async fn failed(&self) -> String {
        let mut metrics = self.raft.metrics();
        loop {
            match &metrics.borrow_and_update().running_state {
                Ok(()) | Err(Fatal::Stopped) => {}
                Err(e) => return e.to_string(),
            }
            if metrics.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    pub async fn stop(&self) {
        if let Err(e) = self.raft.shutdown().await {
            tracing::warn!("stopping Raft: {e}");
        }
        // What is queued still reaches the file: nobody writes to it once this returns.
        if let Err(e) = self.log.flush().await {
            tracing::warn!("stopping Raft's log: {e}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Broker;
    use protocol::ids::BrokerId;
    use storage::RealDisk;

    async fn start(dir: &std::path::Path) -> Metadata {
        let listener: Listener = Arc::new(|_| {});
        let dir = dir.to_path_buf();
        Metadata::start(Start { disk: Arc::new(RealDisk), dir, raft_node: 7, listener, may_form: true })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_lone_voter_leads_and_remembers() {
        let dir = tempfile::tempdir().unwrap();
        let m = start(dir.path()).await;
        m.propose(Command::FormatCluster { cluster_id: "c1".into() }).await.unwrap();
        m.propose(Command::RegisterBroker { id: BrokerId(1), broker: Broker::default() }).await.unwrap();
        for _ in 0..30 {
            m.propose(Command::AllocateProducerIds { count: 1000 }).await.unwrap();
        }
        m.stop().await;
        let m = start(dir.path()).await;
        let got = m.propose(Command::AllocateProducerIds { count: 1000 }).await.unwrap();
        assert_eq!(got, Outcome::ProducerIds { first: 30_000, count: 1000 });
        assert_eq!(m.image().cluster_id, "c1");
        assert_eq!(m.quorum().voters, [7]);
    }

    #[tokio::test]
    async fn snapshots_replace_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let m = start(dir.path()).await;
        for _ in 0..2_600 {
            m.propose(Command::AllocateProducerIds { count: 1 }).await.unwrap();
        }
        m.stop().await;
        assert!(dir.path().join(crate::state_store::FILE).exists());
        let m = start(dir.path()).await;
        let got = m.propose(Command::AllocateProducerIds { count: 1 }).await.unwrap();
        assert_eq!(got, Outcome::ProducerIds { first: 2_600, count: 1 });
    }
}
