//! Brokers as child processes: Lipno from the same build, Apache Kafka from benches/peers/kafka.
//!
//! Invariants: a broker never outlives its handle (killed on drop; where `setpriv` exists the kernel also kills it
//! with us); its folder lies in a scratch folder that is removed at the end. Called by the rows.

use crate::clock;
use crate::conn::Conn;
use crate::{admin, system};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a broker's first answer.
const START_MAX: Duration = Duration::from_secs(180);
const STOP_MAX: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum System {
    Lipno,
    Kafka,
}

impl System {
    pub fn name(self) -> &'static str {
        match self {
            System::Lipno => "Lipno",
            System::Kafka => "Kafka",
        }
    }
}

/// When an ack may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub enum Flavour {
    /// Written to the page cache: Kafka's default, Lipno with `write.caching=true`.
    Relaxed,
    /// Synced: Lipno's default, Kafka with `log.flush.interval.messages=1`.
    Durable,
}

impl Flavour {
    pub fn name(self) -> &'static str {
        match self {
            Flavour::Relaxed => "relaxed",
            Flavour::Durable => "durable",
        }
    }
}

pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A folder under target/ that goes with its owner.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Result<Scratch, String> {
        let path = project().join("target/bench-data").join(std::process::id().to_string());
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Scratch(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// An empty folder of this name.
    pub fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let dir = self.0.join(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        }
        fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        Ok(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_dir_all(&self.0) {
            eprintln!("{}: {e}", self.0.display());
        }
    }
}

/// How to start a broker on a folder.
#[derive(Clone)]
pub struct Recipe {
    pub system: System,
    pub flavour: Flavour,
    pub dir: PathBuf,
    /// Further `name=value` configs.
    pub settings: Vec<String>,
    /// Killed with us even if we are killed; off where the extra exec would be measured.
    pub guarded: bool,
    /// The clients' and, for Kafka, the controller's; the same after a restart.
    ports: (u16, u16),
}

/// A running broker.
pub struct Broker {
    child: Child,
    pub address: String,
    pub recipe: Recipe,
    pub began: Instant,
    /// From exec to the first Metadata answer.
    pub ready: Duration,
}

fn free_ports() -> Result<(u16, u16), String> {
    let bound = || TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no free port: {e}"));
    let (a, b) = (bound()?, bound()?);
    let port = |l: TcpListener| l.local_addr().map(|a| a.port()).map_err(|e| e.to_string());
    Ok((port(a)?, port(b)?))
}

/// The broker's binary lies beside ours, or where `LIPNO_BINARY` says.
fn lipno_binary() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("LIPNO_BINARY") {
        return Ok(path.into());
    }
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let path = me.with_file_name("lipno");
    path.exists().then_some(path).ok_or_else(|| "lipno is not built: use `cargo xtask bench`".into())
}

fn lipno_command(r: &Recipe) -> Result<Vec<String>, String> {
    let mut out = vec![lipno_binary()?.display().to_string(), "--data-dir".into()];
    out.push(r.dir.display().to_string());
    let mut set = vec![
        format!("listeners=PLAINTEXT://127.0.0.1:{}", r.ports.0),
        "http.listeners=127.0.0.1:0".into(),
        format!("write.caching={}", r.flavour == Flavour::Relaxed),
    ];
    if !r.settings.iter().any(|s| s.starts_with("lake.mode=")) {
        set.push("lake.mode=off".into());
    }
    for s in set.iter().chain(&r.settings) {
        out.extend(["--set".into(), s.clone()]);
    }
    Ok(out)
}

/// Asks the start script for the server's command; that also brings the jars and formats a new folder.
fn kafka_command(r: &Recipe) -> Result<Vec<String>, String> {
    let script = project().join("benches/peers/kafka/start");
    let mut c = Command::new(&script);
    c.args(["--print-command", &r.ports.0.to_string()]).arg(&r.dir).args(&r.settings);
    c.env("CONTROLLER_PORT", r.ports.1.to_string());
    if r.flavour == Flavour::Durable {
        c.arg("log.flush.interval.messages=1");
    }
    let out = c.stderr(Stdio::inherit()).output().map_err(|e| format!("{}: {e}", script.display()))?;
    if !out.status.success() {
        return Err(format!("{}: {}", script.display(), out.status));
    }
    Ok(String::from_utf8_lossy(&out.stdout).lines().map(str::to_string).collect())
}

fn has_setpriv() -> bool {
    Path::new("/usr/bin/setpriv").exists()
}

impl Recipe {
    pub fn new(system: System, flavour: Flavour, dir: PathBuf) -> Result<Recipe, String> {
        Ok(Recipe { system, flavour, dir, settings: Vec::new(), guarded: true, ports: free_ports()? })
    }

    pub fn with(mut self, setting: &str) -> Recipe {
        self.settings.push(setting.into());
        self
    }

    /// Starts the broker and returns once it answers Metadata.
    pub fn start(&self) -> Result<Broker, String> {
        let mut words = match self.system {
            System::Lipno => lipno_command(self)?,
            System::Kafka => kafka_command(self)?,
        };
        if self.guarded && has_setpriv() {
            let guard = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"].map(String::from);
            words.splice(0..0, guard);
        }
        let (program, args) = words.split_first().ok_or("no command to start the broker")?;
        let log = fs::File::create(self.log_path()).map_err(|e| e.to_string())?;
        let err = log.try_clone().map_err(|e| e.to_string())?;
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(log).stderr(err);
        // To the broker every LIPNO_* variable is a config, and ours are not.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("LIPNO_") {
                command.env_remove(name);
            }
        }
        let began = clock::now();
        let child = command.spawn().map_err(|e| format!("{program}: {e}"))?;
        let address = format!("127.0.0.1:{}", self.ports.0);
        let mut broker = Broker { child, address, recipe: self.clone(), began, ready: Duration::ZERO };
        broker.wait_ready().map_err(|e| format!("{e}; see {}", self.log_path().display()))?;
        broker.ready = began.elapsed();
        Ok(broker)
    }

    fn log_path(&self) -> PathBuf {
        self.dir.with_extension("log")
    }

    /// What the broker printed.
    pub fn printed(&self) -> Result<String, String> {
        fs::read_to_string(self.log_path()).map_err(|e| format!("{}: {e}", self.log_path().display()))
    }
}

impl Broker {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn connect(&self) -> Result<Conn, String> {
        Conn::open(&self.address)
    }

    fn wait_ready(&mut self) -> Result<(), String> {
        let address = self.address.clone();
        let child = &mut self.child;
        clock::poll_every(Duration::from_micros(500), "the broker's first answer", START_MAX, || {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(format!("the broker ended: {status}"));
            }
            if !Conn::is_up(&address)? {
                return Ok(false);
            }
            // A broker that is not through its start may close a connection or know nobody yet.
            let answer = Conn::open(&address).and_then(|mut c| admin::metadata(&mut c, None));
            Ok(answer.is_ok_and(|m| !m.brokers.is_empty()))
        })
    }

    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// CPU seconds that the broker used while `f` ran.
    pub fn cpu_of<T>(&self, f: impl FnOnce() -> Result<T, String>) -> Result<(T, f64), String> {
        let before = system::cpu_seconds(self.pid())?;
        let out = f()?;
        Ok((out, system::cpu_seconds(self.pid())? - before))
    }

    fn signal(&self, signal: rustix::process::Signal) -> Result<(), String> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).map_err(|e| format!("stopping the broker: {e}"))
    }

    /// SIGTERM, and SIGKILL if that is not heard.
    pub fn stop(mut self) -> Result<(), String> {
        self.signal(rustix::process::Signal::TERM)?;
        let child = &mut self.child;
        clock::poll("the broker's end", STOP_MAX, || {
            child.try_wait().map(|s| s.is_some()).map_err(|e| e.to_string())
        })
    }

    /// SIGKILL.
    pub fn kill(mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|e| e.to_string())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // Ended already: both calls are without effect.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
