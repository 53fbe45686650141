//! The real program: what it prints, what it refuses and how it says so, how it ends.

use crate::client::{Client, PATIENCE, encode, framed, until};
use crate::requests::{batch, list_offsets, make_topic, produce};
use crate::server::{Server, alone};
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k02_list_offsets::ListOffsetsResponse;
use protocol::message::k18_api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::Duration;

/// Built beside the tests: `cargo build --workspace` comes first in the gate.
fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let path = here.parent().and_then(Path::parent).unwrap().join("lipno");
    assert!(path.exists(), "{} is missing: cargo build --workspace", path.display());
    path
}

fn command(dir: &Path) -> Command {
    let mut c = Command::new(program());
    c.current_dir(dir).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    c
}

/// Ports that are free, and a small offsets topic.
const ANY_PORT: &[&str] = &["--set", "listeners=127.0.0.1:0", "--set", "http.listeners=127.0.0.1:0"];

/// Runs to the end; for what must not start.
fn output(dir: &Path, args: &[&str], vars: &[(&str, &str)]) -> Output {
    let mut child = command(dir).args(args).envs(vars.iter().copied()).spawn().unwrap();
    until("the program ends", || child.try_wait().unwrap().is_some());
    child.wait_with_output().unwrap()
}

fn message(dir: &Path, args: &[&str], vars: &[(&str, &str)]) -> String {
    let out = output(dir, args, vars);
    let text = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(!text.contains("panicked") && text.starts_with("lipno: "), "{text}");
    text
}

struct Broker {
    child: Child,
    line: String,
    address: SocketAddr,
    stderr: Option<ChildStderr>,
}

impl Broker {
    fn start(dir: &Path, args: &[&str]) -> Broker {
        Broker::spawn(command(dir).args(ANY_PORT).args(args))
    }

    fn spawn(c: &mut Command) -> Broker {
        let mut child = c.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let stderr = child.stderr.take();
        if line.is_empty() {
            let mut text = String::new();
            stderr.unwrap().read_to_string(&mut text).unwrap();
            panic!("it did not start: {text}");
        }
        let first = line.split("kafka ").nth(1).unwrap().split([',', ' ']).next().unwrap();
        let address = first.parse().unwrap();
        Broker { child, line, address, stderr }
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Exit code and everything that was logged.
    fn end(mut self) -> (Option<i32>, String) {
        until("the broker ends", || self.child.try_wait().unwrap().is_some());
        let mut text = String::new();
        self.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text)
    }

    fn stop(self) -> String {
        self.signal("-TERM");
        let (code, text) = self.end();
        assert_eq!(code, Some(0), "{text}");
        text
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn help_and_version() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let text = |args: &[&str]| {
        let out = output(dir.path(), args, &[]);
        assert_eq!(out.status.code(), Some(0));
        String::from_utf8(out.stdout).unwrap()
    };
    let help = text(&["--help"]);
    for word in ["--config", "--data-dir", "--set", "LIPNO_", "RUST_LOG", "./lipno-data"] {
        assert!(help.contains(word), "{word} is not in --help");
    }
    assert!(text(&["--version"]).starts_with(&format!("lipno {}", env!("CARGO_PKG_VERSION"))));
    assert_eq!(output(dir.path(), &["--nonsense"], &[]).status.code(), Some(2));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is made on the way");
}

#[test]
fn mistakes_in_configs_are_named() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lipno.toml");
    let with_file = |text: &str| {
        std::fs::write(&file, text).unwrap();
        message(dir.path(), &["--config", "lipno.toml"], &[])
    };
    assert!(with_file("num.partition = 3").contains("did you mean 'num.partitions'"));
    assert!(with_file("[log.retention]\nmss = 3").contains("did you mean 'log.retention.ms'"));
    assert!(with_file("num.partitions = [").contains("lipno.toml"));
    assert!(with_file("num.partitions = \"many\"").contains("whole number"));
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    assert!(message(dir.path(), &["--config", "lipno.toml"], &[]).contains("lipno.toml"));
    assert!(message(dir.path(), &["--config", "no.toml"], &[]).contains("no.toml"));
    let set = |s: &str| message(dir.path(), &["--set", s], &[]);
    assert!(set("node.idd=1").contains("did you mean 'node.id'"));
    assert!(set("node.id").contains("key=value"));
    assert!(set("listeners=PLAINTEXT://0.0.0.0:0").contains("advertised.listeners"));
    assert!(set("listeners=SASL_SSL://h:1").contains("only PLAINTEXT"));
    assert!(set("log.cleanup.policy=compact").contains("not supported"));
    assert!(set("default.replication.factor=3").contains("one replica"));
    let var = |k: &str, v: &str| message(dir.path(), &[], &[(k, v)]);
    assert!(var("LIPNO_NODE_IDD", "1").contains("did you mean 'LIPNO_NODE_ID'"));
    assert!(var("LIPNO_NODE_ID", "x").contains("node.id"));
    assert!(var("RUST_LOG", "lipno=loud").contains("RUST_LOG"));
    assert!(!dir.path().join("lipno-data").exists(), "refused before anything is made");
}

#[test]
fn where_configs_come_from_and_what_is_printed() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("lipno.toml"),
        "node.id = 4\nhttp.listeners = \"127.0.0.1:0\"\n[log]\nretention.ms = 5000\n[data]\ndir = \"from-file\"",
    )
    .unwrap();
    let mut c = command(dir.path());
    c.args(["--config", "lipno.toml", "--set", "listeners=127.0.0.1:0,[::1]:0"]);
    // Not ours, and not text.
    use std::os::unix::ffi::OsStrExt;
    c.env("ODD", std::ffi::OsStr::from_bytes(b"\xff")).env("LIPNO_DATA_DIR", "from-env");
    let b = Broker::spawn(&mut c);
    let data = std::fs::canonicalize(dir.path()).unwrap().join("from-env");
    assert!(b.line.contains(&format!("data {}", data.display())), "{}", b.line);
    assert!(b.line.contains("kafka 127.0.0.1:") && b.line.contains("http 127.0.0.1:"), "{}", b.line);
    assert!(
        !b.line.contains(":0 ") && !b.line.contains(":0,"),
        "ports are those that were bound: {}",
        b.line
    );
    for folder in ["raft", "logs"] {
        assert!(data.join(folder).is_dir());
    }
    let text = b.stop();
    assert!(!text.contains('\u{1b}'), "no colours where nobody sees them");
    // A flag wins over the environment, and the folder keeps its node.
    let mut c = command(dir.path());
    c.args(ANY_PORT).args(["--data-dir", "from-flag"]).env("LIPNO_DATA_DIR", "from-env");
    Broker::spawn(&mut c).stop();
    assert!(dir.path().join("from-flag/raft").is_dir());
    let mut args = ANY_PORT.to_vec();
    args.extend(["--data-dir", "from-env"]);
    let e = message(dir.path(), &args, &[]);
    assert!(
        e.contains("belongs to node 4") && e.contains("node.id") && e.contains(data.to_str().unwrap()),
        "{e}"
    );
}

#[test]
fn a_folder_in_use_names_the_process() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let b = Broker::start(dir.path(), &[]);
    let e = message(dir.path(), ANY_PORT, &[]);
    let pid = format!("process {}", b.child.id());
    assert!(e.contains("in use") && e.contains(&pid) && e.contains("--data-dir"), "{e}");
    assert!(e.contains(std::fs::canonicalize(dir.path()).unwrap().to_str().unwrap()), "absolute: {e}");
    // A port in use names itself, too.
    let port = b.address.port();
    let listeners = format!("listeners=127.0.0.1:{port}");
    let args = ["--data-dir", "other", "--set", "http.listeners=127.0.0.1:0", "--set", &listeners];
    let e = message(dir.path(), &args, &[]);
    assert!(e.contains(&port.to_string()) && e.contains("another broker"), "{e}");
    // The first one did not notice.
    let mut c = Client::connect(b.address);
    make_topic(&mut c, "t", 1);
    drop(c);
    b.stop();
    // After kill -9 the folder is free at once.
    let b = Broker::start(dir.path(), &[]);
    b.signal("-KILL");
    drop(b);
    Broker::start(dir.path(), &[]).stop();
}

/// Produces as fast as it can until the broker ends; counts what was acknowledged.
fn produce_until_closed(address: SocketAddr) -> i64 {
    let mut c = Client::connect(address);
    let request = framed(&encode(0, 9, 7, None, &produce("t", 0, batch(&[&[7; 500]]), -1)));
    let mut sender = c.stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || while sender.write_all(&request).is_ok() {});
    let mut acknowledged = 0;
    while let Some(a) = c.read_answer::<ProduceResponse>(0, 9) {
        let p = &a.responses[0].partition_responses[0];
        assert_eq!((p.error_code, p.base_offset), (0, acknowledged));
        acknowledged += 1;
    }
    drop(c);
    sending.join().unwrap();
    acknowledged
}

#[test]
fn sigterm_answers_what_is_in_flight_and_leaves_a_clean_folder() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let b = Broker::start(dir.path(), &[]);
    let address = b.address;
    let mut c = Client::connect(address);
    make_topic(&mut c, "t", 1);
    // A long poll and a connection that says nothing are no reason to wait.
    let mut waiting = Client::connect(address);
    let q = protocol::message::k01_fetch::FetchRequest {
        max_wait_ms: 600_000,
        min_bytes: i32::MAX,
        max_bytes: i32::MAX,
        ..crate::requests::fetch("t", 0)
    };
    waiting.send_request(1, 12, &q);
    let producing = std::thread::spawn(move || produce_until_closed(address));
    let end_of = |c: &mut Client| {
        let a: ListOffsetsResponse = c.call(2, 7, &list_offsets("t", -1));
        a.topics[0].partitions[0].offset
    };
    until("it is under way", || end_of(&mut c) > 100);
    b.signal("-TERM");
    let acknowledged = producing.join().unwrap();
    assert!(waiting.read_frame().is_some(), "the long poll is answered");
    let (code, text) = b.end();
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("cut off") && !text.contains("ERROR"), "{text}");
    // Every answer arrived, and whatever is in the log was answered: nothing was taken and then dropped.
    let b = Broker::start(dir.path(), &[]);
    let mut c = Client::connect(b.address);
    assert_eq!(end_of(&mut c), acknowledged);
    drop(c);
    let text = b.stop();
    assert!(
        !text.contains("torn") && !text.contains("WARN"),
        "a clean stop leaves nothing to repair: {text}"
    );
}

#[test]
fn a_second_signal_does_not_wait() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let b = Broker::start(dir.path(), &[]);
    // A member that waits for another holds the broker up.
    let mut c = Client::connect(b.address);
    let mut other = Client::connect(b.address);
    c.send_request(11, 5, &crate::requests::join("g", "", Some("a")));
    assert!(c.read_frame().is_some());
    other.send_request(11, 5, &crate::requests::join("g", "", Some("b")));
    std::thread::sleep(Duration::from_millis(100));
    b.signal("-TERM");
    let mut b = b;
    std::thread::sleep(Duration::from_millis(300));
    assert!(b.child.try_wait().unwrap().is_none(), "it waits for the request in flight");
    b.signal("-INT");
    let (code, text) = b.end();
    assert_eq!(code, Some(1), "{text}");
}

#[test]
fn out_of_files() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    // Soft and hard limit: there is nothing to raise.
    let mut shell = Command::new("sh");
    let script = "ulimit -n 100; exec \"$0\" \"$@\"";
    shell.current_dir(dir.path()).env_clear().stdin(Stdio::null());
    shell.stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.args(["-c", script]).arg(program()).args(ANY_PORT);
    shell.args(["--set", "max.connections=1000", "--set", "max.connections.per.ip=1000"]);
    let b = Broker::spawn(&mut shell);
    let mut c = Client::connect(b.address);
    make_topic(&mut c, "t", 1);
    let round = |c: &mut Client| {
        let a: ProduceResponse = c.call(0, 9, &produce("t", 0, batch(&[b"x"]), -1));
        a.responses[0].partition_responses[0].error_code
    };
    assert_eq!(round(&mut c), 0);
    // More than it has files for: those that it cannot take wait in the kernel.
    let crowd: Vec<Client> = (0..150).map(|_| Client::connect(b.address)).collect();
    for _ in 0..20 {
        assert_eq!(round(&mut c), 0, "who is connected is served");
    }
    drop(crowd);
    let mut late = Client::connect(b.address);
    late.stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let a: ApiVersionsResponse = late.call(18, 0, &ApiVersionsRequest::default());
    assert_eq!(a.error_code, 0, "accepting went on");
    assert_eq!(round(&mut c), 0);
    drop((c, late));
    let text = b.stop();
    assert!(text.contains("cannot accept connections for a moment"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_hostile_line_is_escaped_in_the_log() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let b = Broker::start(dir.path(), &[]);
    let mut c = Client::connect(b.address);
    let hostile = format!("x\nERROR forged\u{1b}[31m{}", "y".repeat(5000));
    let q = protocol::message::k22_init_producer_id::InitProducerIdRequest {
        transactional_id: Some(hostile.as_str().into()),
        ..Default::default()
    };
    let a: protocol::message::k22_init_producer_id::InitProducerIdResponse = c.call(22, 5, &q);
    assert_eq!(a.error_code, 53);
    drop(c);
    let text = b.stop();
    assert!(text.contains("x\\nERROR forged\\u{1b}"), "{text}");
    assert!(!text.contains("\nERROR forged") && !text.contains('\u{1b}') && !text.contains(&"y".repeat(300)));
}

#[test]
fn the_limit_on_files_is_raised() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.current_dir(dir.path()).env_clear().stdin(Stdio::null());
    shell.stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.args(["-c", "ulimit -Sn 64; exec \"$0\" \"$@\""]).arg(program()).args(ANY_PORT);
    let b = Broker::spawn(&mut shell);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", b.child.id())).unwrap();
    let line = limits.lines().find(|l| l.starts_with("Max open files")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[3], words[4], "soft and hard: {line}");
    b.stop();
    // Kept as is where a server is started inside a process.
    drop(Server::start(dir.path(), &[]).unwrap());
}
