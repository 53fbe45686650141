//! A broker in this process, and the frame of a case: alone, watched by bystanders, without panics.

use crate::bystander::Bystander;
use lipno::config::BrokerConfig;
use lipno::net::admission::Net;
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Once, mpsc};
use tokio::sync::oneshot;

static ALONE: Mutex<()> = Mutex::new(());
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

/// Cases run one after another: they measure memory, and share a small machine.
pub fn alone() -> MutexGuard<'static, ()> {
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // The test's own threads may fail; the broker's may not.
            let name = std::thread::current().name().unwrap_or("?").to_string();
            if is_broker_thread(&name) {
                PANICS.lock().push(format!("{name}: {info}"));
            }
            usual(info);
        }));
    });
    ALONE.lock()
}

fn is_broker_thread(name: &str) -> bool {
    ["broker", "network-", "raft", "log-dir", "tokio-"].iter().any(|p| name.starts_with(p))
}

pub fn assert_no_panics() {
    let seen = std::mem::take(&mut *PANICS.lock());
    assert!(seen.is_empty(), "the broker panicked: {seen:#?}");
}

pub struct Server {
    pub address: SocketAddr,
    pub http: SocketAddr,
    pub net: Arc<Net>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What every case sets: small, local, and not paced.
const BASE: &[(&str, &str)] = &[
    ("listeners", "PLAINTEXT://127.0.0.1:0"),
    ("http.listeners", "127.0.0.1:0"),
    ("max.connection.creation.rate", "1000000"),
    ("num.network.threads", "2"),
    ("offsets.topic.num.partitions", "2"),
    ("lake.mode", "off"),
    ("group.min.session.timeout.ms", "100"),
];

pub fn config(dir: &Path, set: &[(&str, &str)]) -> BrokerConfig {
    let mut values: BTreeMap<String, String> =
        BASE.iter().chain(set).map(|(k, v)| (k.to_string(), v.to_string())).collect();
    values.insert("data.dir".into(), dir.to_str().unwrap().into());
    BrokerConfig::from_values(values).unwrap()
}

impl Server {
    pub fn start(dir: &Path, set: &[(&str, &str)]) -> Result<Server, String> {
        let config = config(dir, set);
        let (started, starts) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("broker".into())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async move {
                    match lipno::run::start(config).await {
                        Ok(running) => {
                            started
                                .send(Ok((running.addresses[0], running.http, running.net.clone())))
                                .unwrap();
                            drop(stopped.await);
                            running.stop().await;
                        }
                        Err(e) => started.send(Err(e.to_string())).unwrap(),
                    }
                });
            })
            .unwrap();
        let (address, http, net) = starts.recv().expect("the broker's thread ended")?;
        Ok(Server { address, http, net, stop: Some(stop), thread: Some(thread) })
    }

    /// Drains and waits until everything is written.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(t) = self.thread.take() {
            t.join().expect("the broker's thread panicked");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also when the case failed: a broker whose folder goes away ends the process.
        drop(self.stop.take());
        if let Some(t) = self.thread.take() {
            drop(t.join());
        }
    }
}

/// One broker, two clients that must not notice what happens beside them.
pub struct Case {
    bystanders: Vec<Bystander>,
    pub server: Server,
    _dir: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Case {
    pub fn new(set: &[(&str, &str)]) -> Case {
        let alone = alone();
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path(), set).unwrap();
        // Connections are dealt out in turn: one for each network thread.
        let bystanders = (0..2).map(|i| Bystander::start(server.address, i)).collect();
        Case { bystanders, server, _dir: dir, _alone: alone }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The others still get their answers, nothing panicked, and every connection of the case is gone.
    pub fn finish(self) {
        for b in &self.bystanders {
            b.assert_alive();
        }
        for b in self.bystanders {
            b.stop();
        }
        crate::client::until("all connections are closed", || self.server.net.connections() == 0);
        assert_eq!(self.server.net.memory.used(), 0, "memory of requests is given back");
        self.server.stop();
        assert_no_panics();
    }
}

#[test]
fn a_panic_of_the_broker_is_seen() {
    let _alone = alone();
    assert_no_panics();
    let thread = std::thread::Builder::new().name("network-9".into()).spawn(|| panic!("on purpose"));
    assert!(thread.unwrap().join().is_err());
    assert!(std::panic::catch_unwind(assert_no_panics).is_err());
    assert_no_panics();
}
