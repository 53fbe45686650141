//! Starting and stopping a broker: folders, metadata, logs, threads, listeners, in this order.
//!
//! Invariants: nothing is served before every log is recovered; a folder in use, or of another cluster or node, is
//! refused before anything in it changes; stopping writes checkpoints.

use crate::broker::Broker;
use crate::clock::Clock;
use crate::config::{BrokerConfig, ListenerAddress, NetConfig};
use crate::coordinator::{self, Call, Groups};
use crate::net::admission::Net;
use crate::net::listener::{self, Accepted};
use crate::replicas::{Dir, Replicas};
use crate::{housekeeping, http, limits, metrics, tier_link};
use protocol::Uuid;
use protocol::ids::{BrokerId, TopicPartition};
use raft::{Command, Image, Metadata, Start};
use rustix::net::sockopt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;
use storage::dir::{DirLock, LogDir, Meta, lock};
use storage::{Disk, RealDisk};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    Dir(#[from] storage::dir::DirError),
    #[error("{0}")]
    Metadata(#[from] raft::MetadataError),
    #[error("{0}")]
    Log(#[from] storage::LogError),
    #[error("{0}")]
    Other(String),
}

fn other(e: impl std::fmt::Display) -> StartError {
    StartError::Other(e.to_string())
}

/// A broker that serves.
pub struct Running {
    pub broker: Arc<Broker>,
    pub addresses: Vec<SocketAddr>,
    pub http: SocketAddr,
    pub net: Arc<Net>,
    lake: Arc<crate::lake::Lake>,
    /// The network threads live as long as these.
    threads: Vec<mpsc::Sender<Accepted>>,
    dirs: Vec<(Arc<Dir>, std::thread::JoinHandle<()>)>,
    accepting: Vec<tokio::task::JoinHandle<()>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    _locks: Vec<DirLock>,
    _raft: RaftThread,
}

/// Raft's own thread: it touches no log of a partition.
struct RaftThread(
    #[expect(dead_code, reason = "dropping it ends the thread")] tokio::sync::oneshot::Sender<()>,
);

struct Identity {
    cluster_id: String,
    raft_node: u64,
    log_dirs: Vec<Uuid>,
    /// The log dirs have logs of partitions.
    has_logs: bool,
}

fn random_uuid() -> Uuid {
    Uuid(*uuid::Uuid::new_v4().as_bytes())
}

/// Reads the folders' meta files, or writes them where everything is empty.
fn identify(config: &BrokerConfig) -> Result<Identity, StartError> {
    let disk = RealDisk;
    let found = Meta::read(&disk, &config.metadata_log_dir)?;
    let is_new = found.is_none();
    let mut logs = Vec::new();
    for dir in &config.log_dirs {
        logs.push(Meta::read(&disk, dir)?);
    }
    if let (true, Some((dir, m))) =
        (is_new, config.log_dirs.iter().zip(&logs).find_map(|(d, m)| Some((d, m.as_ref()?))))
    {
        return Err(StartError::Other(format!(
            "{} holds logs of cluster {} but {} has no metadata: point metadata.log.dir at that cluster's folder",
            dir.display(),
            m.cluster_id,
            config.metadata_log_dir.display()
        )));
    }
    let meta = found.unwrap_or_else(|| Meta {
        cluster_id: random_uuid().to_base64(),
        node_id: config.node_id,
        directory_id: random_uuid(),
    });
    meta.check(&config.metadata_log_dir, &meta.cluster_id, config.node_id)?;
    // First the metadata folder: a format that was cut short goes on with the same cluster id.
    if is_new {
        meta.write(&disk, &config.metadata_log_dir)?;
    }
    let mut log_dirs = Vec::new();
    for (dir, m) in config.log_dirs.iter().zip(logs) {
        let m = match m {
            Some(m) => {
                m.check(dir, &meta.cluster_id, config.node_id)?;
                m
            }
            None => {
                let m = Meta { directory_id: random_uuid(), ..meta.clone() };
                m.write(&disk, dir)?;
                m
            }
        };
        log_dirs.push(m.directory_id);
    }
    let raft_node = u64::from_be_bytes(*meta.directory_id.0.first_chunk().unwrap_or(&[0; 8]));
    let mut has_logs = false;
    for dir in &config.log_dirs {
        let names = disk.list(dir).map_err(|e| StartError::Other(format!("{}: {e}", dir.display())))?;
        has_logs |= names.iter().any(|n| TopicPartition::parse(n).is_some());
    }
    Ok(Identity { cluster_id: meta.cluster_id, raft_node, log_dirs, has_logs })
}

async fn bind(config: &BrokerConfig) -> Result<Vec<(ListenerAddress, TcpListener)>, StartError> {
    let mut out = Vec::new();
    for l in &config.listeners {
        match TcpListener::bind((l.host.as_str(), l.port)).await {
            Ok(bound) => {
                size_buffers(&bound, &config.net).map_err(|e| {
                    other(format!("socket.send.buffer.bytes or socket.receive.buffer.bytes: {e}"))
                })?;
                // A name may stand for it, too.
                let all = bound.local_addr().map_err(other)?.ip().is_unspecified();
                if all && config.advertised_listeners.is_empty() {
                    return Err(StartError::Other(format!(
                        "listeners: {} means all interfaces: set advertised.listeners to the address that clients reach",
                        l.host
                    )));
                }
                out.push((l.clone(), bound));
            }
            Err(e)
                if config.listeners_are_default
                    && l.host == "::1"
                    && e.kind() != std::io::ErrorKind::AddrInUse =>
            {
                tracing::warn!("no IPv6 here ({e}): listening on IPv4 only");
            }
            Err(e) => {
                let port = l.port;
                let hint = if e.kind() == std::io::ErrorKind::AddrInUse {
                    format!(
                        "; is another broker running? Choose another port with --set listeners={}:0",
                        l.host
                    )
                } else {
                    String::new()
                };
                return Err(StartError::Other(format!("cannot listen on {}:{port}: {e}{hint}", l.host)));
            }
        }
    }
    Ok(out)
}

/// Connections inherit their listener's buffers.
fn size_buffers(listener: &TcpListener, net: &NetConfig) -> std::io::Result<()> {
    if let Some(bytes) = net.send_buffer_bytes {
        sockopt::set_socket_send_buffer_size(listener, bytes)?;
    }
    if let Some(bytes) = net.receive_buffer_bytes {
        sockopt::set_socket_recv_buffer_size(listener, bytes)?;
    }
    Ok(())
}

/// What clients are told of each listener, in their order.
fn advertised(
    config: &BrokerConfig,
    bound: &[(ListenerAddress, TcpListener)],
) -> Result<Vec<raft::Listener>, StartError> {
    bound
        .iter()
        .enumerate()
        .map(|(i, (l, s))| {
            let port = s.local_addr().map_err(other)?.port();
            let told = config.advertised_listeners.get(i).or_else(|| config.advertised_listeners.first());
            Ok(match told {
                Some(a) => raft::Listener { name: a.name.clone(), host: a.host.clone(), port: a.port },
                None => raft::Listener { name: l.name.clone(), host: l.host.clone(), port },
            })
        })
        .collect()
}

type OnImage = Arc<OnceLock<Box<dyn Fn(&Arc<Image>) + Send + Sync>>>;

async fn start_metadata(
    config: &BrokerConfig,
    identity: &Identity,
    on_image: OnImage,
) -> Result<(Metadata, RaftThread), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(other)?;
    let listener: Arc<dyn Fn(&Arc<Image>) + Send + Sync> = Arc::new(move |image| {
        if let Some(f) = on_image.get() {
            f(image);
        }
    });
    let dir = config.metadata_log_dir.clone();
    let raft_node = identity.raft_node;
    let start = Start { disk: Arc::new(RealDisk), dir, raft_node, listener, may_form: !identity.has_logs };
    let (tx, rx) = tokio::sync::oneshot::channel();
    let (keep, kept) = tokio::sync::oneshot::channel::<()>();
    std::thread::Builder::new()
        .name("raft".into())
        .spawn(move || {
            runtime.block_on(async move {
                let started = Metadata::start(start).await;
                let metadata = started.as_ref().ok().cloned();
                if tx.send(started).is_ok()
                    && let Some(metadata) = metadata
                {
                    tokio::select! {
                        // The broker lets go of its end.
                        _ = kept => {}
                        why = metadata.failed() => {
                            // What was proposed last may or may not be on disk: only a restart can tell.
                            tracing::error!("cluster metadata failed: {why}; stopping");
                            std::process::exit(1);
                        }
                    }
                }
            });
        })
        .map_err(other)?;
    let metadata = rx.await.map_err(|_| StartError::Other("the Raft thread ended early".into()))??;
    Ok((metadata, RaftThread(keep)))
}

fn open_dirs(config: &BrokerConfig) -> Result<Vec<Arc<Dir>>, StartError> {
    let only = config.log_dirs.len() == 1;
    config
        .log_dirs
        .iter()
        .map(|path| {
            let on_failure = move |why: &str| {
                if only {
                    // Nothing can be served any more; a restart recovers what is on disk.
                    tracing::error!("{why}: the only log dir failed, stopping");
                    std::process::exit(1);
                }
            };
            Ok(Arc::new(LogDir::open(Arc::new(RealDisk), path, on_failure, metrics::sync_round)?))
        })
        .collect()
}

/// A log dir of the last start that is not here is a disk that is not mounted: its partitions must not start empty.
fn check_dirs(config: &BrokerConfig, identity: &Identity, image: &Image) -> Result<(), StartError> {
    let before =
        image.brokers.get(&BrokerId(config.node_id)).map(|b| b.log_dirs.as_slice()).unwrap_or_default();
    let is_lost =
        |id: &&Uuid| !identity.log_dirs.contains(id) && !config.log_dirs_forget.contains(&id.to_string());
    match before.iter().find(is_lost) {
        Some(id) if !image.topics.is_empty() => Err(StartError::Other(format!(
            "the log dir with directory.id={id} of the last start is not among log.dirs ({}): is a disk not mounted? \
             To go on without what was in it, set log.dirs.forget={id}",
            config.log_dirs.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(", ")
        ))),
        _ => Ok(()),
    }
}

/// Starts a broker; returns once it serves.
pub async fn start(config: BrokerConfig) -> Result<Running, StartError> {
    let clock = Clock::new();
    let recorder = metrics::install().map_err(other)?;
    let folders: Vec<&Path> =
        std::iter::once(&config.metadata_log_dir).chain(&config.log_dirs).map(|p| p.as_path()).collect();
    let locks = folders.into_iter().map(lock).collect::<Result<Vec<_>, _>>()?;
    let identity = identify(&config)?;
    let bound = bind(&config).await?;
    let http_listener = TcpListener::bind(&config.http_listeners).await.map_err(|e| {
        StartError::Other(format!("cannot listen on {} (http.listeners): {e}", config.http_listeners))
    })?;
    let on_image: OnImage = Arc::default();
    let (metadata, raft_thread) = start_metadata(&config, &identity, on_image.clone()).await?;
    // Changes nothing in a formatted cluster; after it the image has everything that was committed before.
    metadata.propose(Command::FormatCluster { cluster_id: identity.cluster_id.clone() }).await?;
    check_dirs(&config, &identity, &metadata.image())?;
    let registration = raft::Broker {
        incarnation: random_uuid(),
        epoch: 0,
        listeners: advertised(&config, &bound)?,
        rack: config.rack.clone(),
        log_dirs: identity.log_dirs.clone(),
        raft_node: identity.raft_node,
    };
    // Committed last of all that is in the log: after it the image is complete.
    metadata.propose(Command::RegisterBroker { id: BrokerId(config.node_id), broker: registration }).await?;
    let dirs = open_dirs(&config)?;
    let replicas =
        Arc::new(Replicas::new(BrokerId(config.node_id), config.topic_defaults.clone(), dirs.clone()));
    let (groups, calls) = Groups::channel();
    follow_images(&on_image, &replicas, &groups, clock);
    replicas.refuse_unknown(&metadata.image()).map_err(StartError::Other)?;
    replicas.recover(&metadata.image(), clock.now())?;
    let broker = Arc::new(Broker::new(config, clock, metadata, replicas, groups));
    let lake = crate::lake::prepare(&broker).await.map_err(other)?;
    let dir_threads = dirs.into_iter().map(dir_thread).collect::<Result<Vec<_>, _>>()?;
    let mut tasks = vec![
        tokio::spawn(coordinator::run(broker.clone(), calls)),
        tokio::spawn(housekeeping::run(broker.clone())),
        tokio::spawn(tier_link::run(broker.clone(), lake.clone())),
        tokio::spawn(crate::lake::upkeep::run(broker.clone(), lake.clone())),
    ];
    let net = Net::new(broker.config.net, broker.metrics.connections.clone());
    let (addresses, accepting, threads) = serve(&broker, &net, bound)?;
    let http = http_listener.local_addr().map_err(other)?;
    let router = http::router(broker.clone(), lake.clone(), recorder);
    tasks.push(tokio::spawn(async move {
        if let Err(e) = axum::serve(http::Bounded::new(http_listener), router).await {
            tracing::error!("the HTTP listener ended: {e}");
        }
    }));
    let (dirs, _raft, _locks) = (dir_threads, raft_thread, locks);
    Ok(Running { broker, addresses, http, net, lake, threads, dirs, accepting, tasks, _locks, _raft })
}

/// Every new image reaches the partitions before the proposer of the change hears of it.
fn follow_images(on_image: &OnImage, replicas: &Arc<Replicas>, groups: &Groups, clock: Clock) {
    let (replicas, groups) = (replicas.clone(), groups.clone());
    let set = on_image.set(Box::new(move |image| {
        let gone = replicas.apply(image, clock.now());
        for topic in gone {
            groups.tell(Call::TopicDeleted { topic });
        }
    }));
    debug_assert!(set.is_ok());
}

fn dir_thread(dir: Arc<Dir>) -> Result<(Arc<Dir>, std::thread::JoinHandle<()>), StartError> {
    let runner = dir.clone();
    let handle =
        std::thread::Builder::new().name("log-dir".into()).spawn(move || runner.run()).map_err(other)?;
    Ok((dir, handle))
}

type Serving = (Vec<SocketAddr>, Vec<tokio::task::JoinHandle<()>>, Vec<mpsc::Sender<Accepted>>);

fn serve(
    broker: &Arc<Broker>,
    net: &Arc<Net>,
    bound: Vec<(ListenerAddress, TcpListener)>,
) -> Result<Serving, StartError> {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let n = if broker.config.num_network_threads == 0 { cores } else { broker.config.num_network_threads };
    let threads = (0..n)
        .map(|i| listener::network_thread(broker.clone(), i))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(other)?;
    let mut addresses = Vec::new();
    let mut accepting = Vec::new();
    for (index, (_, l)) in bound.into_iter().enumerate() {
        addresses.push(l.local_addr().map_err(other)?);
        let task = listener::accept(broker.clone(), net.clone(), l, index, threads.clone());
        accepting.push(tokio::spawn(task));
    }
    Ok((addresses, accepting, threads))
}

impl Running {
    /// Takes no more connections and requests, answers those in flight, writes checkpoints, leaves Raft.
    pub async fn stop(self) {
        for t in &self.accepting {
            t.abort();
        }
        // Not waited for: a coordinator that is stuck must not hold the stop up.
        self.broker.groups.tell(Call::Drain);
        let left = self.net.drain(Duration::from_millis(limits::DRAIN_MS_MAX)).await;
        if left > 0 {
            tracing::warn!("{left} connections did not end in time and are cut off");
        }
        drop(self.threads);
        self.lake.stop().await;
        for t in &self.tasks {
            t.abort();
        }
        for (dir, thread) in self.dirs {
            dir.queue.stop();
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("a log dir's thread ended badly");
            }
        }
        self.broker.metadata.stop().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_have_the_buffers_that_are_set() {
        for (send, receive) in [(Some(65_536), None), (None, Some(32_768))] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let net =
                NetConfig { send_buffer_bytes: send, receive_buffer_bytes: receive, ..NetConfig::default() };
            size_buffers(&listener, &net).unwrap();
            let _client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (served, _) = listener.accept().await.unwrap();
            // Linux doubles what is asked for, for its own bookkeeping.
            let sizes = |n: usize| [n, 2 * n];
            if let Some(n) = send {
                assert!(sizes(n).contains(&sockopt::socket_send_buffer_size(&served).unwrap()));
            }
            if let Some(n) = receive {
                assert!(sizes(n).contains(&sockopt::socket_recv_buffer_size(&served).unwrap()));
            }
        }
    }
}
