//! The broker as a process: started from its binary, killed without warning, its words kept in a file.
//!
//! Invariants: no broker outlives the harness (`Drop`, and the kernel's parent-death signal where `setpriv` is
//! there); `ready` has a bound and shows the log's end when it is missed.

use crate::wait;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const READY_BOUND: Duration = Duration::from_secs(30);
const EXIT_BOUND: Duration = Duration::from_secs(20);

/// How to start a broker.
#[derive(Clone, Debug)]
pub struct Spec {
    pub program: PathBuf,
    pub data: PathBuf,
    /// Its stdout goes here, one run after the other.
    pub log: PathBuf,
    pub sets: Vec<String>,
    pub env: Vec<(&'static str, OsString)>,
}

impl Spec {
    pub fn new(program: &Path, data: &Path, log: &Path) -> Spec {
        let sets = [
            "listeners=PLAINTEXT://127.0.0.1:0",
            "http.listeners=127.0.0.1:0",
            // The smallest there is, so that segments roll all the time.
            "log.segment.bytes=1048576",
            "log.retention.ms=-1",
            "offsets.topic.num.partitions=4",
            "lake.commit.interval.ms=500",
            "lake.commit.bytes=1048576",
        ];
        Spec {
            program: program.to_path_buf(),
            data: data.to_path_buf(),
            log: log.to_path_buf(),
            sets: sets.map(String::from).to_vec(),
            env: Vec::new(),
        }
    }

    pub fn set(mut self, key_value: impl Into<String>) -> Spec {
        self.sets.push(key_value.into());
        self
    }

    pub fn env(mut self, key: &'static str, value: impl Into<OsString>) -> Spec {
        self.env.push((key, value.into()));
        self
    }

    /// Starts it; returns before it serves.
    pub fn start(&self) -> Result<Starting, String> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.map_err(|e| format!("{}: {e}", self.log.display()))?;
        let said = log.metadata().map_err(|e| e.to_string())?.len();
        let mut c = if has("setpriv") {
            let mut c = Command::new("setpriv");
            c.args(["--pdeathsig", "KILL"]).arg(&self.program);
            c
        } else {
            Command::new(&self.program)
        };
        c.arg("--data-dir").arg(&self.data);
        self.sets.iter().for_each(|s| {
            c.args(["--set", s]);
        });
        c.env("NO_COLOR", "1");
        let ours = std::env::vars_os().map(|(k, _)| k).filter(|k| k.to_string_lossy().starts_with("LIPNO_"));
        for k in ours {
            c.env_remove(k);
        }
        c.envs(self.env.iter().map(|(k, v)| (k, v)));
        c.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = c.spawn().map_err(|e| format!("{}: {e}", self.program.display()))?;
        let (tx, lines) = mpsc::channel();
        let out = child.stdout.take().ok_or("no stdout")?;
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if tx.send(line).is_err() {
                    return;
                }
            }
        });
        let process = Process { child, log: self.log.clone(), said };
        Ok(Starting { process, lines, began: wait::now() })
    }

    pub fn start_and_wait(&self) -> Result<Broker, String> {
        self.start()?.ready()
    }
}

/// True if `program` is on the PATH.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|d| d.join(program).is_file())
}

pub struct Process {
    child: Child,
    log: PathBuf,
    /// Length of the log file before this broker's first word.
    said: u64,
}

impl Process {
    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) -> Result<(), String> {
        self.child.kill().map_err(|e| format!("kill: {e}"))?;
        self.child.wait().map_err(|e| format!("wait: {e}"))?;
        self.no_panic()
    }

    /// A broker never panics, whatever happens to it.
    pub fn no_panic(&self) -> Result<(), String> {
        let said = self.words();
        let mut lines = said.lines().skip_while(|l| !l.contains("panicked at"));
        match lines.next() {
            None => Ok(()),
            Some(first) => Err(format!("the broker panicked: {first} {}", lines.next().unwrap_or_default())),
        }
    }

    pub fn exited(&mut self) -> Result<Option<ExitStatus>, String> {
        self.child.try_wait().map_err(|e| format!("wait: {e}"))
    }

    /// Waits for it to end by itself.
    pub fn wait_exit(&mut self) -> Result<ExitStatus, String> {
        wait::until("the broker's exit", EXIT_BOUND, || self.exited())
    }

    /// SIGTERM, and waits for an orderly end.
    pub fn terminate(mut self) -> Result<(), String> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .map_err(|e| format!("kill: {e}"))?;
        let status = self.wait_exit()?;
        self.no_panic()?;
        if status.success() { Ok(()) } else { Err(format!("after SIGTERM the broker ended with {status}")) }
    }

    /// What this broker said so far.
    fn words(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(self.said as usize..).unwrap_or_default()).into_owned()
    }

    fn log_end(&self) -> String {
        let text = self.words();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; nothing else could be done about a failure here.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A broker that may still be recovering.
pub struct Starting {
    pub process: Process,
    lines: mpsc::Receiver<String>,
    began: Instant,
}

impl Starting {
    /// Waits for the line that says where it listens.
    pub fn ready(mut self) -> Result<Broker, String> {
        let address = loop {
            match self.lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => {
                    if let Some(a) = address_in(&line) {
                        break a;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let status = self.process.wait_exit()?;
                    let log = self.process.log_end();
                    return Err(format!("the broker ended at its start with {status}:\n{log}"));
                }
            }
            wait::check_interrupt()?;
            if self.began.elapsed() > READY_BOUND {
                let log = self.process.log_end();
                return Err(format!("the broker was not ready in {} s:\n{log}", READY_BOUND.as_secs()));
            }
        };
        Ok(Broker { process: self.process, address, started_in: self.began.elapsed() })
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let rest = line.strip_prefix("lipno is ready: kafka ")?;
    rest.split([',', ' ']).next()?.parse().ok()
}

/// A broker that serves.
pub struct Broker {
    pub process: Process,
    pub address: SocketAddr,
    pub started_in: Duration,
}
