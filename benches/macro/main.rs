//! `load`: a load generator and benchmark for anything that speaks Kafka's protocol. `cargo xtask bench` and
//! `cargo xtask compare` build and call it.
//!
//! One mode a file: `produce`, `fetch` (with delivery to a waiting consumer), `crowd`, `lake`; `rows` is the table,
//! `compare` runs it, `report` and `plot` show it. `wire` and `conn` are the client, `system` reads /proc.

mod admin;
mod broker;
mod clock;
mod compare;
mod conn;
mod crowd;
mod fetch;
mod histogram;
mod lake;
mod plot;
mod produce;
mod report;
mod rows;
mod system;
mod wire;

use broker::{Broker, Flavour, Recipe, Scratch, System};
use clap::{Parser, ValueEnum};
use produce::{Content, Done, Load, Pace, Producers, Until};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// The benchmark's rows on a fresh Lipno, quickly (default)
    Rows,
    /// The rows on Apache Kafka and on Lipno in alternating pairs
    Compare,
    /// Produce: as fast as acks come back, or at --rate
    Produce,
    /// Fill a topic, then read it again and again
    Fetch,
    /// Produce single records at --rate; time until a waiting consumer has each
    Delivery,
    /// What one fdatasync takes in the target folder now
    Sync,
}

#[derive(Clone, Copy, ValueEnum)]
enum Acks {
    #[value(name = "0")]
    None,
    #[value(name = "1")]
    Leader,
    All,
}

/// Puts load on a broker of Kafka's protocol and says what it cost and how long it took.
#[derive(Parser)]
#[command(name = "cargo xtask bench", max_term_width = 110)]
struct Args {
    #[arg(value_enum, default_value_t = Mode::Rows)]
    mode: Mode,
    /// The broker; without it a Lipno is started on an empty folder and stopped at the end
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// The broker's process, to report its CPU and memory (known if we start it)
    #[arg(long)]
    pid: Option<u32>,
    /// Topic; made if it is not there, and removed at the end if we made it
    #[arg(long, default_value = "load")]
    topic: String,
    /// Partitions to make or use; requests go to them in turn
    #[arg(long, default_value_t = 1)]
    partitions: i32,
    /// Bytes of each record's value
    #[arg(long, default_value_t = 1024)]
    record_size: usize,
    /// Largest batch, one batch a request
    #[arg(long, default_value_t = 1_000_000)]
    batch_bytes: usize,
    /// Records of a batch, instead of --batch-bytes
    #[arg(long)]
    records: Option<usize>,
    /// Which acks a produce waits for
    #[arg(long, value_enum, default_value_t = Acks::All)]
    acks: Acks,
    /// Unanswered requests on one connection
    #[arg(long, default_value_t = 5)]
    in_flight: usize,
    /// Connections, each with its own thread
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Requests a second over all connections; latency then runs from the intended send time
    #[arg(long)]
    rate: Option<f64>,
    /// Seconds to measure
    #[arg(long, default_value_t = 10.0)]
    duration: f64,
    /// Bytes of record batches after which the measurement ends, if earlier
    #[arg(long)]
    bytes: Option<u64>,
    /// Seconds of the same load beforehand, not measured
    #[arg(long, default_value_t = 2.0)]
    warm_up: f64,
    /// fetch: most bytes of a partition in one answer
    #[arg(long, default_value_t = 1 << 20)]
    partition_bytes: i32,
    /// A broker we start syncs before it acks (Lipno's default); without it write.caching=true
    #[arg(long)]
    durable: bool,
    /// Which broker we start
    #[arg(long, value_enum, default_value_t = Started::Lipno)]
    start: Started,
    /// Further configs of a broker we start
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// rows, compare: only these, by name and comma
    #[arg(long, value_delimiter = ',')]
    rows: Vec<String>,
    /// rows, compare: passes of each
    #[arg(long)]
    pairs: Option<usize>,
    /// rows, compare: a tenth of the load (rows: unless --full)
    #[arg(long)]
    quick: bool,
    /// rows: the whole load
    #[arg(long)]
    full: bool,
    /// rows, compare: only relaxed or only durable
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// rows, compare: folder for the report (compare: benches/results)
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Started {
    Lipno,
    Kafka,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    Relaxed,
    Durable,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.mode {
        Mode::Rows | Mode::Compare => table(&args),
        _ => single(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn head() -> report::Head {
    let git = |args: &[&str]| {
        let out = std::process::Command::new("git").args(args).current_dir(broker::project()).output();
        out.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_string()).unwrap_or_default()
    };
    let dirty =
        if git(&["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { "-dirty" };
    let typed: Vec<String> = std::env::args().skip(1).collect();
    report::Head {
        date: clock::date(),
        commit: format!("{}{dirty}", git(&["rev-parse", "--short=10", "HEAD"])),
        command: std::env::var("LIPNO_COMMAND").unwrap_or_else(|_| format!("load {}", typed.join(" "))),
        machine: String::new(),
    }
}

fn table(a: &Args) -> Result<(), String> {
    let compare = a.mode == Mode::Compare;
    let mine = if a.start == Started::Kafka { System::Kafka } else { System::Lipno };
    let flavours = match a.only {
        Some(Only::Relaxed) => vec![Flavour::Relaxed],
        Some(Only::Durable) => vec![Flavour::Durable],
        None => vec![Flavour::Relaxed, Flavour::Durable],
    };
    let options = compare::Options {
        rows: a.rows.clone(),
        systems: if compare { vec![System::Kafka, System::Lipno] } else { vec![mine] },
        flavours,
        pairs: a.pairs.unwrap_or(if compare { 3 } else { 1 }),
        quick: if compare { a.quick } else { !a.full },
        out: a.out.clone().or_else(|| compare.then(|| broker::project().join("benches/results"))),
    };
    compare::run(&options, &head())
}

/// The broker that a single load goes to.
struct Target {
    address: String,
    pid: Option<u32>,
    dir: PathBuf,
    /// In the order in which they must end.
    started: Option<Broker>,
    _scratch: Scratch,
}

impl Target {
    fn of(a: &Args) -> Result<Target, String> {
        let scratch = Scratch::new()?;
        let dir = scratch.folder("broker")?;
        if let Some(address) = &a.bootstrap {
            return Ok(Target {
                address: address.clone(),
                pid: a.pid,
                dir,
                started: None,
                _scratch: scratch,
            });
        }
        let flavour = if a.durable { Flavour::Durable } else { Flavour::Relaxed };
        let system = if a.start == Started::Kafka { System::Kafka } else { System::Lipno };
        let recipe = a.set.iter().fold(Recipe::new(system, flavour, dir.clone())?, |r, s| r.with(s));
        let b = recipe.start()?;
        println!(
            "{} {} on {}, ready in {:.1?}, pid {}",
            system.name(),
            flavour.name(),
            b.address,
            b.ready,
            b.pid()
        );
        Ok(Target {
            address: b.address.clone(),
            pid: Some(b.pid()),
            dir,
            started: Some(b),
            _scratch: scratch,
        })
    }

    /// Runs `f` and prints what it did and what it cost.
    fn report(&self, f: impl FnOnce() -> Result<Done, String>) -> Result<(), String> {
        let used = |pid: Option<u32>| pid.map(system::cpu_seconds).transpose();
        let (cpu, machine, me) =
            (used(self.pid)?, system::machine_seconds()?, system::cpu_seconds(std::process::id())?);
        let done = f()?;
        println!(
            "{} requests, {} records, {:.1} MB in {:.2} s: {:.0} requests/s, {:.0} records/s, {:.1} MB/s",
            done.requests,
            done.records,
            done.bytes as f64 / 1e6,
            done.time.as_secs_f64(),
            done.requests as f64 / done.time.as_secs_f64(),
            done.records as f64 / done.time.as_secs_f64(),
            done.mb_per_second()
        );
        latency("latency", &done.latency);
        let mine = system::cpu_seconds(std::process::id())? - me;
        let all = system::machine_seconds()? - machine;
        if let (Some(before), Some(now), Some(pid)) = (cpu, used(self.pid)?, self.pid) {
            let cpu = now - before;
            println!(
                "broker {cpu:.2} CPU-s: {:.3} a GB, {:.1} us a request; RSS {:.1} MiB; load {mine:.2}, rest of the machine {:.2} CPU-s",
                cpu / done.gb(),
                cpu * 1e6 / done.requests.max(1) as f64,
                system::rss(pid)? as f64 / 1_048_576.0,
                (all - cpu - mine).max(0.0)
            );
        }
        Ok(())
    }
}

fn latency(what: &str, h: &histogram::Histogram) {
    println!(
        "{what}: p50 {:.3} p90 {:.3} p99 {:.3} p99.9 {:.3} p99.99 {:.3} max {:.3} ms",
        h.ms(50.0),
        h.ms(90.0),
        h.ms(99.0),
        h.ms(99.9),
        h.ms(99.99),
        h.max_ms()
    );
}

fn load_of(a: &Args) -> Load {
    Load {
        topic: a.topic.clone(),
        partitions: a.partitions.max(1),
        acks: match a.acks {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        },
        record_size: a.record_size,
        records: a.records.unwrap_or_else(|| wire::records_that_fit(a.batch_bytes, a.record_size)),
        in_flight: a.in_flight.max(1),
        content: Content::Noise,
    }
}

fn single(a: &Args) -> Result<(), String> {
    let target = Target::of(a)?;
    let seconds = |s: f64| Duration::try_from_secs_f64(s).map_err(|e| format!("{s} s: {e}"));
    let (time, warm) = (seconds(a.duration)?, seconds(a.warm_up)?);
    let load = load_of(a);
    if a.mode == Mode::Sync {
        latency("fdatasync", &system::sync_time(&target.dir)?);
        return Ok(());
    }
    let mut admin = conn::Conn::open(&target.address)?;
    let partitions = if a.mode == Mode::Delivery { 1 } else { load.partitions };
    let made = admin::led(&mut admin, &load.topic)? == 0;
    if made {
        admin::create_serving(&mut admin, &load.topic, partitions)?;
    }
    let until = Until { bytes: a.bytes.unwrap_or(u64::MAX / 2), time };
    let pace = Pace { rate: a.rate.unwrap_or(1_000.0), warm_up: warm, time };
    match a.mode {
        Mode::Fetch => {
            produce::Producer::open(&target.address, &load, 0)?
                .saturate(Until { bytes: a.bytes.unwrap_or(1_000_000_000), time: warm.max(time) })?;
            let mut f =
                fetch::Fetcher::open(&target.address, &load.topic, load.partitions, a.partition_bytes)?;
            f.run(Until::time(warm))?;
            system::settle(&target.dir)?;
            target.report(|| f.run(Until::time(time)))?;
        }
        Mode::Delivery => {
            let single = Load { in_flight: a.in_flight.max(1_000), ..load.clone() };
            let mut seen = histogram::Histogram::default();
            target.report(|| {
                let (done, h) = fetch::delivery(&target.address, &single, &pace)?;
                seen = h;
                Ok(done)
            })?;
            latency("until the consumer had it", &seen);
        }
        _ if a.rate.is_some() => {
            let mut p = Producers::open(&target.address, &load, a.connections)?;
            target.report(|| p.paced(&pace))?;
        }
        _ => {
            let mut p = Producers::open(&target.address, &load, a.connections)?;
            p.saturate(Until { time: warm, ..until })?;
            system::settle(&target.dir)?;
            target.report(|| p.saturate(until))?;
        }
    }
    if made {
        admin::delete(&mut admin, &load.topic)?;
    }
    match target.started {
        Some(b) => b.stop(),
        None => Ok(()),
    }
}
