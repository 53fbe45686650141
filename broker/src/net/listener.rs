//! Accepts connections and spreads them over the network threads.
//!
//! Invariants: total and per-address bounds hold; running out of files pauses accepting instead of ending it.

use super::connection::{Closed, Connection};
use crate::broker::Broker;
use crate::limits::{self, ConnectionLimits};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A socket on its way to a network thread.
pub struct Accepted {
    pub stream: std::net::TcpStream,
    pub address: SocketAddr,
    pub listener: usize,
    pub ticket: Ticket,
}

/// Counts open connections.
#[derive(Default)]
pub struct Connections {
    total: AtomicUsize,
    by_ip: Mutex<HashMap<IpAddr, usize>>,
}

/// Held by a connection for as long as it is open.
pub struct Ticket {
    connections: Arc<Connections>,
    ip: IpAddr,
    gauge: metrics::Gauge,
}

impl Connections {
    fn admit(
        self: &Arc<Self>,
        ip: IpAddr,
        limits: ConnectionLimits,
        gauge: &metrics::Gauge,
    ) -> Option<Ticket> {
        let mut by_ip = self.by_ip.lock();
        let n = by_ip.entry(ip).or_insert(0);
        if *n >= limits.per_ip || self.total.load(Ordering::Relaxed) >= limits.total {
            return None;
        }
        *n += 1;
        self.total.fetch_add(1, Ordering::Relaxed);
        gauge.increment(1);
        Some(Ticket { connections: self.clone(), ip, gauge: gauge.clone() })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut by_ip = self.connections.by_ip.lock();
        if let Some(n) = by_ip.get_mut(&self.ip) {
            *n -= 1;
            if *n == 0 {
                by_ip.remove(&self.ip);
            }
        }
        self.connections.total.fetch_sub(1, Ordering::Relaxed);
        self.gauge.decrement(1);
    }
}

/// Accepts until the task is dropped.
pub async fn accept(
    broker: Arc<Broker>,
    listener: TcpListener,
    index: usize,
    threads: Vec<mpsc::Sender<Accepted>>,
    connections: Arc<Connections>,
) {
    let bounds = limits::connection_limits(limits::files_max());
    let mut next = 0usize;
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(a) => a,
            Err(e) => {
                tracing::warn!("cannot accept connections for a moment: {e}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(ticket) = connections.admit(address.ip(), bounds, &broker.metrics.connections) else {
            broker.metrics.refused.increment(1);
            tracing::warn!("{address}: too many connections, refused");
            continue;
        };
        next = next.wrapping_add(1);
        let Some(thread) = threads.get(next % threads.len().max(1)) else { return };
        if let Err(e) = hand_over(stream, address, index, ticket, thread).await {
            tracing::debug!("{address}: {e}");
        }
    }
}

async fn hand_over(
    stream: TcpStream,
    address: SocketAddr,
    listener: usize,
    ticket: Ticket,
    thread: &mpsc::Sender<Accepted>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let accepted = Accepted { stream: stream.into_std()?, address, listener, ticket };
    thread.send(accepted).await.map_err(|_| io::Error::other("the network thread is gone"))
}

/// One network thread: a runtime of its own, so that a connection never moves.
pub fn network_thread(broker: Arc<Broker>, index: usize) -> io::Result<mpsc::Sender<Accepted>> {
    let (tx, mut rx) = mpsc::channel::<Accepted>(128);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name(format!("network-{index}")).spawn(move || {
        runtime.block_on(async move {
            while let Some(a) = rx.recv().await {
                tokio::spawn(serve(broker.clone(), a));
            }
        });
    })?;
    Ok(tx)
}

async fn serve(broker: Arc<Broker>, a: Accepted) {
    let stream = match TcpStream::from_std(a.stream) {
        Ok(s) => s,
        Err(e) => return tracing::debug!("{}: {e}", a.address),
    };
    let closed = Connection::new(broker, stream, a.address, a.listener).serve().await;
    match closed {
        Closed::ByClient | Closed::Io(_) | Closed::Idle => tracing::debug!("{}: closed: {closed}", a.address),
        other => tracing::info!("{}: closed: {other}", a.address),
    }
    drop(a.ticket);
}
