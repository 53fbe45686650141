//! What all connections of a broker share: how many there are, what their requests hold, and when they must end.
//!
//! Invariants: total and per-address bounds hold; a connection is counted until its ticket is dropped; after
//! `drain` every connection ends once its requests are answered. Made by `run`, used by listeners and connections.

use super::memory::RequestMemory;
use super::pace::Pace;
use crate::config::NetConfig;
use crate::limits;
use crate::partition::wake::Mailbox;
use parking_lot::Mutex;
use slab::Slab;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

struct Open {
    by_address: HashMap<IpAddr, usize>,
    mailboxes: Slab<Arc<Mailbox>>,
    arrivals: Pace,
    lines: Pace,
    unlogged: u64,
}

pub struct Net {
    pub config: NetConfig,
    pub memory: RequestMemory,
    open: Mutex<Open>,
    draining: AtomicBool,
    emptied: Notify,
    gauge: metrics::Gauge,
}

/// Held by a connection for as long as it is open.
pub struct Ticket {
    net: Arc<Net>,
    key: usize,
    address: IpAddr,
    pub mailbox: Arc<Mailbox>,
}

impl Ticket {
    pub fn net(&self) -> &Net {
        &self.net
    }
}

/// Whom an address counts for: an IPv6 client has a whole /64 to choose from.
fn owner(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

impl Net {
    pub fn new(config: NetConfig, gauge: metrics::Gauge) -> Arc<Net> {
        let open = Open {
            by_address: HashMap::new(),
            mailboxes: Slab::new(),
            arrivals: Pace::per_second(config.connections_per_second_max),
            lines: Pace::per_second(limits::LOGGED_LINES_PER_SECOND),
            unlogged: 0,
        };
        Arc::new(Net {
            memory: RequestMemory::new(config.request_memory_max),
            config,
            open: Mutex::new(open),
            draining: AtomicBool::new(false),
            emptied: Notify::new(),
            gauge,
        })
    }

    /// Counts a new connection; `None` if there are too many.
    pub fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Ticket> {
        let address = owner(ip);
        let mailbox = Arc::new(Mailbox::default());
        let mut open = self.open.lock();
        if open.mailboxes.len() >= self.config.connections_max {
            return None;
        }
        let n = open.by_address.entry(address).or_insert(0);
        if *n >= self.config.connections_per_ip_max {
            return None;
        }
        *n += 1;
        let key = open.mailboxes.insert(mailbox.clone());
        self.gauge.increment(1);
        Some(Ticket { net: self.clone(), key, address, mailbox })
    }

    /// Milliseconds that the next connection must wait to be accepted.
    pub fn pace(&self, now_ms: i64) -> u64 {
        self.open.lock().arrivals.take(now_ms)
    }

    /// Whether one more line about a bad client may be logged, and how many were not since the last one.
    pub fn may_log(&self, now_ms: i64) -> Option<u64> {
        let mut open = self.open.lock();
        if open.lines.allows(now_ms) {
            return Some(std::mem::take(&mut open.unlogged));
        }
        open.unlogged += 1;
        None
    }

    pub fn connections(&self) -> usize {
        self.open.lock().mailboxes.len()
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Ends every connection once its requests are answered; returns how many were still open after `wait`.
    pub async fn drain(&self, wait: Duration) -> usize {
        self.draining.store(true, Ordering::Release);
        let all: Vec<Arc<Mailbox>> = self.open.lock().mailboxes.iter().map(|(_, m)| m.clone()).collect();
        all.iter().for_each(|m| m.wake());
        let empty = async {
            while self.connections() > 0 {
                self.emptied.notified().await;
            }
        };
        // Those that are left are cut off with the process.
        match tokio::time::timeout(wait, empty).await {
            Ok(()) => 0,
            Err(_) => self.connections(),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut open = self.net.open.lock();
        open.mailboxes.try_remove(self.key);
        if let Some(n) = open.by_address.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                open.by_address.remove(&self.address);
            }
        }
        let last = open.mailboxes.is_empty();
        drop(open);
        self.net.gauge.decrement(1);
        if last {
            // Kept for the one who drains, if there is one.
            self.net.emptied.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(total: usize, per_ip: usize) -> Arc<Net> {
        let config =
            NetConfig { connections_max: total, connections_per_ip_max: per_ip, ..NetConfig::default() };
        Net::new(config, metrics::Gauge::noop())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn bounds_hold_and_places_come_back() {
        let n = net(3, 2);
        let a = n.admit(ip("10.0.0.1")).unwrap();
        let _b = n.admit(ip("::ffff:10.0.0.1")).unwrap();
        assert!(n.admit(ip("10.0.0.1")).is_none(), "two of one address, however it is written");
        let _c = n.admit(ip("2001:db8::1")).unwrap();
        assert!(n.admit(ip("10.0.0.2")).is_none(), "three in all");
        drop(a);
        assert!(n.admit(ip("10.0.0.2")).is_some());
        assert_eq!(n.connections(), 2);
        assert_eq!(owner(ip("2001:db8::1")), owner(ip("2001:db8::2:3:4:5")));
    }

    #[tokio::test]
    async fn draining_waits_for_the_last_one() {
        let n = net(3, 3);
        let a = n.admit(ip("10.0.0.1")).unwrap();
        assert_eq!(n.drain(Duration::from_millis(1)).await, 1);
        assert!(n.is_draining() && a.mailbox.take_readable(), "the connection is told");
        let (left, ()) = tokio::join!(n.drain(Duration::from_secs(60)), async { drop(a) });
        assert_eq!(left, 0);
    }
}
