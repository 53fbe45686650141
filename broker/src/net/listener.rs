//! Accepts connections and spreads them over the network threads.
//!
//! Invariants: what is above the bounds is closed at once, what comes too fast waits in the kernel's queue; running
//! out of files pauses accepting instead of ending it.

use super::admission::{Net, Ticket};
use super::buffers;
use super::connection::Connection;
use crate::broker::Broker;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Pause after a failed accept: out of files, most likely.
const RETRY: Duration = Duration::from_millis(100);
/// How often a network thread looks for buffers that nobody needs.
const TRIM_EVERY: Duration = Duration::from_secs(30);

/// A socket on its way to a network thread.
pub struct Accepted {
    pub stream: std::net::TcpStream,
    pub address: SocketAddr,
    pub listener: usize,
    pub ticket: Ticket,
}

/// Accepts until the task is dropped.
pub async fn accept(
    broker: Arc<Broker>,
    net: Arc<Net>,
    listener: TcpListener,
    index: usize,
    threads: Vec<mpsc::Sender<Accepted>>,
) {
    let mut next = 0usize;
    loop {
        let now = broker.clock.now().mono_ms;
        let (stream, address) = match listener.accept().await {
            Ok(a) => a,
            Err(e) => {
                if let Some(more) = net.may_log(now) {
                    tracing::warn!("cannot accept connections for a moment: {e} ({more} lines left out)");
                }
                tokio::time::sleep(RETRY).await;
                continue;
            }
        };
        let now = broker.clock.now().mono_ms;
        match net.admit(address.ip()) {
            Some(ticket) => {
                next = next.wrapping_add(1);
                let Some(thread) = threads.get(next % threads.len().max(1)) else { return };
                if let Err(e) = hand_over(stream, address, index, ticket, thread).await {
                    tracing::debug!("{address}: {e}");
                }
            }
            None => {
                broker.metrics.refused.increment(1);
                if let Some(more) = net.may_log(now) {
                    tracing::warn!("{address}: too many connections, refused ({more} lines left out)");
                }
            }
        }
        let early_ms = net.pace(now);
        if early_ms > 0 {
            tokio::time::sleep(Duration::from_millis(early_ms)).await;
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
            let mut trim = tokio::time::interval(TRIM_EVERY);
            loop {
                tokio::select! {
                    a = rx.recv() => match a {
                        Some(a) => serve(broker.clone(), a),
                        None => return,
                    },
                    _ = trim.tick() => buffers::trim(),
                }
            }
        });
    })?;
    Ok(tx)
}

/// The connection itself is the task: nothing is wrapped around it.
fn serve(broker: Arc<Broker>, a: Accepted) {
    match TcpStream::from_std(a.stream) {
        Ok(s) => drop(tokio::spawn(Connection::new(broker, s, a.address, a.listener, a.ticket))),
        Err(e) => tracing::debug!("{}: {e}", a.address),
    }
}
