//! The table: what is measured, in which unit, what is asked for, and how each row is run.
//!
//! Invariants: a row measures one pass and says nothing about medians; rows that share a broker leave no topic
//! behind; everything is bounded by bytes or time. Called by `compare`.

use crate::broker::{Broker, Flavour, Recipe, Scratch, System};
use crate::crowd;
use crate::fetch::{self, Fetcher};
use crate::histogram::Histogram;
use crate::produce::{Done, Load, Pace, Producer, Producers, Until};
use crate::{admin, clock, lake, system};
use std::time::Duration;

/// What is asked of a metric. Infinite or zero: nothing.
#[derive(Clone, Copy)]
pub struct Goal {
    pub most: f64,
    pub least: f64,
    /// At most this share of Kafka's.
    pub of_kafka: f64,
}

const ANY: Goal = Goal { most: f64::INFINITY, least: 0.0, of_kafka: f64::INFINITY };

const fn most(n: f64) -> Goal {
    Goal { most: n, ..ANY }
}
const fn least(n: f64) -> Goal {
    Goal { least: n, ..ANY }
}
const fn of_kafka(n: f64) -> Goal {
    Goal { of_kafka: n, ..ANY }
}
const fn both(n: f64, share: f64) -> Goal {
    Goal { most: n, of_kafka: share, ..ANY }
}

pub struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    /// What it must reach and what it should, relaxed and durable.
    pub relaxed: (Goal, Goal),
    pub durable: (Goal, Goal),
}

const fn metric(name: &'static str, unit: &'static str) -> Metric {
    Metric { name, unit, relaxed: (ANY, ANY), durable: (ANY, ANY) }
}

impl Metric {
    const fn relaxed(self, floor: Goal, aim: Goal) -> Metric {
        Metric { relaxed: (floor, aim), ..self }
    }
    const fn durable(self, floor: Goal, aim: Goal) -> Metric {
        Metric { durable: (floor, aim), ..self }
    }
    pub fn goals(&self, flavour: Flavour) -> (Goal, Goal) {
        if flavour == Flavour::Relaxed { self.relaxed } else { self.durable }
    }
}

type Pass = fn(&Context<'_>) -> Result<Vec<f64>, String>;

/// How a row gets its broker.
pub enum Run {
    /// One broker serves all rows of this kind, one after another.
    Shared(Pass),
    /// The row starts its own on an empty folder.
    Own(Pass),
}

pub struct Row {
    pub name: &'static str,
    pub title: &'static str,
    pub metrics: &'static [Metric],
    /// Kafka has nothing like it.
    pub only_lipno: bool,
    /// Durability makes no difference.
    pub once: bool,
    pub run: Run,
}

/// Where and how much a row runs.
pub struct Context<'a> {
    pub system: System,
    pub flavour: Flavour,
    pub scratch: &'a Scratch,
    /// A tenth of the load: to see quickly, not to publish.
    pub quick: bool,
    pub broker: Option<&'a Broker>,
}

impl Context<'_> {
    fn shared(&self) -> Result<&Broker, String> {
        self.broker.ok_or_else(|| "this row needs a running broker".into())
    }

    pub fn recipe(&self, name: &str) -> Result<Recipe, String> {
        let name = format!("{}-{}-{name}", self.system.name(), self.flavour.name()).to_lowercase();
        Recipe::new(self.system, self.flavour, self.scratch.folder(&name)?)
    }

    fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    fn seconds(&self, full: u64, quick: u64) -> Duration {
        Duration::from_secs(self.pick(full, quick))
    }
}

const CPU_GB: &str = "CPU-s/GB";

pub static ROWS: &[Row] = &[
    Row {
        name: "produce-1mb-p1",
        title: "produce, 1 MB batches of 1 KiB records, 1 partition",
        metrics: &[
            metric("cpu", CPU_GB).relaxed(both(0.65, 0.6), both(0.5, 0.45)).durable(most(0.8), most(0.6)),
            metric("rate", "MB/s"),
        ],
        only_lipno: false,
        once: false,
        run: Run::Shared(|c| produce_large(c, 1)),
    },
    Row {
        name: "produce-1mb-p6",
        title: "produce, 1 MB batches of 1 KiB records, 6 partitions",
        metrics: &[
            metric("cpu", CPU_GB).relaxed(both(0.65, 0.6), both(0.5, 0.45)).durable(most(0.8), most(0.6)),
            metric("rate", "MB/s"),
        ],
        only_lipno: false,
        once: false,
        run: Run::Shared(|c| produce_large(c, 6)),
    },
    Row {
        name: "produce-16kb",
        title: "produce, 16 KB requests of 100 B records, 5 in flight",
        metrics: &[metric("cpu a request", "us").relaxed(most(45.0), most(28.0)), metric("requests", "1/s")],
        only_lipno: false,
        once: false,
        run: Run::Shared(|c| produce_small(c, Load::batches("small", 1, 16_384, 100))),
    },
    Row {
        name: "produce-single",
        title: "produce, one 100 B record a request, 5 in flight",
        metrics: &[metric("cpu a request", "us").relaxed(most(30.0), most(18.0)), metric("requests", "1/s")],
        only_lipno: false,
        once: false,
        run: Run::Shared(|c| produce_small(c, Load { in_flight: 5, ..Load::singles("single", 100) })),
    },
    Row {
        name: "fetch-1mib",
        title: "fetch, hot, 1 MiB a partition",
        metrics: &[metric("cpu", CPU_GB).relaxed(most(0.30), most(0.22)), metric("rate", "MB/s")],
        only_lipno: false,
        once: true,
        run: Run::Shared(|c| fetch_hot(c, 1 << 20)),
    },
    Row {
        name: "fetch-16mib",
        title: "fetch, hot, 16 MiB a partition",
        metrics: &[metric("cpu", CPU_GB).relaxed(most(0.22), most(0.15)), metric("rate", "MB/s")],
        only_lipno: false,
        once: true,
        run: Run::Shared(|c| fetch_hot(c, 16 << 20)),
    },
    Row {
        name: "ack",
        title: "ack at 1,000/s of 1 KiB, acks=all, from the intended send time",
        metrics: &[
            metric("p50", "ms").relaxed(of_kafka(1.0), ANY),
            metric("p99", "ms").relaxed(of_kafka(1.0), of_kafka(0.5)).durable(of_kafka(0.3), ANY),
            metric("p99.9", "ms"),
            metric("F p50", "ms"),
            metric("F p99", "ms"),
        ],
        only_lipno: false,
        once: false,
        run: Run::Shared(ack),
    },
    Row {
        name: "delivery",
        title: "due time until a waiting consumer has it, 1,000/s of 1 KiB",
        metrics: &[
            metric("p50", "ms").relaxed(of_kafka(1.0), ANY),
            metric("p99", "ms").relaxed(of_kafka(1.0), of_kafka(0.5)).durable(of_kafka(0.3), ANY),
            metric("p99.9", "ms"),
            metric("F p50", "ms"),
            metric("F p99", "ms"),
        ],
        only_lipno: false,
        once: false,
        run: Run::Shared(delivery),
    },
    Row {
        name: "start",
        title: "exec to first Metadata answer",
        metrics: &[
            metric("empty folder", "ms").relaxed(most(60.0), ANY),
            metric("restart", "ms").relaxed(most(60.0), ANY),
            metric("F p50", "ms"),
        ],
        only_lipno: false,
        once: true,
        run: Run::Own(start),
    },
    Row {
        name: "idle",
        title: "idle",
        metrics: &[
            metric("RSS", "MiB").relaxed(most(30.0), most(16.0)),
            metric("CPU of a core", "%").relaxed(most(0.5), most(0.1)),
        ],
        only_lipno: false,
        once: true,
        run: Run::Own(idle),
    },
    Row {
        name: "connections",
        title: "1,000 idle connections",
        metrics: &[metric("RSS each", "KiB").relaxed(most(12.0), most(5.0))],
        only_lipno: false,
        once: true,
        run: Run::Own(connections),
    },
    Row {
        name: "partitions-1000",
        title: "1,000 partitions",
        metrics: &[
            metric("created until led", "ms").relaxed(most(150.0), most(40.0)),
            metric("RSS", "MiB").relaxed(most(40.0), most(22.0)),
            metric("restart until led", "ms").relaxed(most(100.0), most(30.0)),
            metric("open files", ""),
        ],
        only_lipno: false,
        once: true,
        run: Run::Own(|c| partitions(c, 1_000)),
    },
    Row {
        name: "partitions-10000",
        title: "10,000 partitions",
        metrics: &[
            metric("created until led", "ms").relaxed(most(3_000.0), most(500.0)),
            metric("RSS", "MiB"),
            metric("restart until led", "ms").relaxed(most(1_500.0), most(300.0)),
            metric("open files", "").relaxed(most(1_000.0), most(1_000.0)),
        ],
        only_lipno: false,
        once: true,
        run: Run::Own(|c| partitions(c, 10_000)),
    },
    Row {
        name: "crash",
        title: "kill -9 after 1 GB in 100 partitions",
        metrics: &[metric("first acked produce", "ms")
            .relaxed(most(500.0), most(100.0))
            .durable(most(500.0), most(100.0))],
        only_lipno: false,
        once: false,
        run: Run::Own(crash),
    },
    Row {
        name: "parked",
        title: "1,000 parked long polls, max wait 30 s",
        metrics: &[
            metric("CPU of a core", "%").relaxed(most(1.0), most(1.0)),
            metric("wake-up p50", "ms").relaxed(most(2.0), most(2.0)),
            metric("wake-up p99", "ms"),
            metric("all on one partition p50", "ms"),
        ],
        only_lipno: false,
        once: true,
        run: Run::Own(parked),
    },
    Row {
        name: "parquet",
        title: "log to Parquet, uncompressed JSON flights",
        metrics: &[metric("log a core-second", "MB/s").relaxed(least(110.0), least(150.0))],
        only_lipno: true,
        once: true,
        run: Run::Own(parquet),
    },
    Row {
        name: "parquet-beside",
        title: "produce at 1,000/s of 1 KiB while a backlog goes to Parquet",
        metrics: &[
            metric("p99 over without", "x").relaxed(most(1.5), most(1.3)),
            metric("p99 without", "ms"),
            metric("p99 with", "ms"),
        ],
        only_lipno: true,
        once: true,
        run: Run::Own(parquet_beside),
    },
];

/// Runs a load on a fresh topic: warm-up, then `parts` measured ones with everything settled before each. Parts are
/// short where much is written: the host takes free memory back within seconds.
fn measured(
    c: &Context<'_>,
    load: &Load,
    warm: Until,
    parts: usize,
    until: Until,
) -> Result<(Done, f64), String> {
    let broker = c.shared()?;
    let mut admin = broker.connect()?;
    admin::create_serving(&mut admin, &load.topic, load.partitions)?;
    let mut p = Producers::open(&broker.address, load, 1)?;
    let mut sent = p.saturate(warm)?.records;
    let (mut all, mut cpu) = (Done::default(), 0.0);
    for _ in 0..parts {
        system::settle(&broker.recipe.dir)?;
        let (done, used) = broker.cpu_of(|| p.saturate(until))?;
        all.then(&done);
        cpu += used;
    }
    sent += all.records;
    let held: i64 = admin::latest(&mut admin, &load.topic, load.partitions)?.iter().sum();
    if held != sent as i64 {
        return Err(format!("{sent} records were acked, the topic holds {held}"));
    }
    admin::delete(&mut admin, &load.topic)?;
    Ok((all, cpu))
}

fn produce_large(c: &Context<'_>, partitions: i32) -> Result<Vec<f64>, String> {
    let load = Load::batches(&format!("large-{partitions}"), partitions, 1_000_000, 1024);
    let warm = Until { bytes: c.pick(2_000_000_000, 300_000_000), time: c.seconds(6, 1) };
    let (done, cpu) = measured(c, &load, warm, c.pick(4, 1), Until::bytes(c.pick(800_000_000, 600_000_000)))?;
    Ok(vec![cpu / done.gb(), done.mb_per_second()])
}

fn produce_small(c: &Context<'_>, load: Load) -> Result<Vec<f64>, String> {
    let (warm, time) = (Until::time(c.seconds(6, 1)), Until::time(c.seconds(8, 2)));
    let (done, cpu) = measured(c, &load, warm, 1, time)?;
    Ok(vec![cpu * 1e6 / done.requests as f64, done.requests as f64 / done.time.as_secs_f64()])
}

fn fetch_hot(c: &Context<'_>, partition_bytes: i32) -> Result<Vec<f64>, String> {
    let broker = c.shared()?;
    let topic = format!("hot-{partition_bytes}");
    let mut admin = broker.connect()?;
    admin::create_serving(&mut admin, &topic, 1)?;
    let load = Load::batches(&topic, 1, 1_000_000, 1024);
    Producer::open(&broker.address, &load, 0)?.saturate(Until::bytes(c.pick(1_000_000_000, 300_000_000)))?;
    let mut f = Fetcher::open(&broker.address, &topic, 1, partition_bytes)?;
    f.run(Until { bytes: c.pick(6_000_000_000, 600_000_000), time: c.seconds(6, 2) })?;
    system::settle(&broker.recipe.dir)?;
    let (done, cpu) = broker.cpu_of(|| f.run(Until::bytes(c.pick(10_000_000_000, 2_000_000_000))))?;
    admin::delete(&mut admin, &topic)?;
    Ok(vec![cpu / done.gb(), done.mb_per_second()])
}

fn pace(c: &Context<'_>) -> Pace {
    Pace { rate: 1_000.0, warm_up: c.seconds(6, 1), time: c.seconds(20, 5) }
}

fn with_sync(h: &Histogram, f: &Histogram) -> Vec<f64> {
    vec![h.ms(50.0), h.ms(99.0), h.ms(99.9), f.ms(50.0), f.ms(99.0)]
}

fn ack(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.shared()?;
    let mut admin = broker.connect()?;
    admin::create_serving(&mut admin, "ack", 1)?;
    let mut p = Producer::open(&broker.address, &Load::singles("ack", 1024), 0)?;
    system::settle(&broker.recipe.dir)?;
    let f = system::sync_time(&broker.recipe.dir)?;
    let done = p.paced(&pace(c), |_| {})?;
    admin::delete(&mut admin, "ack")?;
    Ok(with_sync(&done.latency, &f))
}

fn delivery(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.shared()?;
    let mut admin = broker.connect()?;
    admin::create_serving(&mut admin, "delivery", 1)?;
    system::settle(&broker.recipe.dir)?;
    let f = system::sync_time(&broker.recipe.dir)?;
    let (_, seen) = fetch::delivery(&broker.address, &Load::singles("delivery", 1024), &pace(c))?;
    admin::delete(&mut admin, "delivery")?;
    Ok(with_sync(&seen, &f))
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1e3
}

const MIB: f64 = 1_048_576.0;

fn start(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let mut recipe = c.recipe("start")?;
    recipe.guarded = false;
    system::settle(&recipe.dir)?;
    let f = system::sync_time(c.scratch.path())?;
    let first = recipe.start()?;
    let empty = first.ready;
    first.stop()?;
    let again = recipe.start()?;
    let restart = again.ready;
    again.stop()?;
    Ok(vec![ms(empty), ms(restart), f.ms(50.0)])
}

fn idle(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.recipe("idle")?.start()?;
    clock::sleep(c.seconds(10, 3));
    let time = c.seconds(30, 5);
    let ((), cpu) = broker.cpu_of(|| {
        clock::sleep(time);
        Ok(())
    })?;
    let rss = system::rss(broker.pid())?;
    broker.stop()?;
    Ok(vec![rss as f64 / MIB, cpu / time.as_secs_f64() * 100.0])
}

fn connections(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.recipe("connections")?.start()?;
    let each = crowd::idle_connections(&broker, 1_000)?;
    broker.stop()?;
    Ok(vec![each / 1024.0])
}

fn partitions(c: &Context<'_>, n: i32) -> Result<Vec<f64>, String> {
    let recipe = c.recipe("partitions")?;
    let broker = recipe.start()?;
    system::settle(&recipe.dir)?;
    let mut conn = broker.connect()?;
    // Kafka refuses to create 10,000 partitions with one request.
    let topics: Vec<(String, i32)> =
        (0..n).step_by(2_000).map(|i| (format!("wide-{i}"), (n - i).min(2_000))).collect();
    let began = clock::now();
    for (topic, partitions) in &topics {
        admin::create(&mut conn, topic, *partitions, &[])?;
    }
    let created = began.elapsed();
    clock::sleep(c.seconds(3, 1));
    let (rss, files) = (system::rss(broker.pid())?, system::open_files(broker.pid())?);
    broker.stop()?;
    let again = recipe.start()?;
    let mut conn = again.connect()?;
    for (topic, partitions) in &topics {
        admin::wait_led(&mut conn, topic, *partitions)?;
    }
    let restart = again.began.elapsed();
    again.stop()?;
    Ok(vec![ms(created), rss as f64 / MIB, ms(restart), files as f64])
}

fn crash(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let recipe = c.recipe("crash")?;
    let broker = recipe.start()?;
    admin::create_serving(&mut broker.connect()?, "crash", 100)?;
    let load = Load::batches("crash", 100, 100_000, 1024);
    let mut p = Producer::open(&broker.address, &load, 0)?;
    p.saturate(Until::bytes(c.pick(1_000_000_000, 200_000_000)))?;
    broker.kill()?;
    let again = recipe.start()?;
    let one = Load { in_flight: 1, ..Load::singles("crash", 100) };
    clock::poll("the first acked produce", Duration::from_secs(120), || {
        // A partition without a leader yet is not an answer.
        let sent = Producer::open(&again.address, &one, 0)
            .and_then(|mut p| p.saturate(Until { bytes: 1, time: Duration::from_secs(1) }));
        Ok(sent.is_ok())
    })?;
    let acked = again.began.elapsed();
    again.stop()?;
    Ok(vec![ms(acked)])
}

fn parked(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.recipe("parked")?.start()?;
    let (quiet, wakes) = (c.seconds(20, 4), c.pick(200, 40));
    let spread = crowd::parked(&broker, 1_000, 100, quiet, wakes)?;
    let herd = crowd::parked(&broker, 1_000, 1, Duration::from_secs(1), wakes)?;
    broker.stop()?;
    let w = &spread.wake_up;
    if w.len() < wakes * 10 || herd.wake_up.len() < wakes * 1_000 {
        return Err(format!("only {} and {} wake-ups", w.len(), herd.wake_up.len()));
    }
    Ok(vec![spread.cpu * 100.0, w.ms(50.0), w.ms(99.0), herd.wake_up.ms(50.0)])
}

fn parquet(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.recipe("parquet")?.start()?;
    let speed = lake::conversion(&broker, c.pick(1_000_000_000, 200_000_000))?;
    broker.stop()?;
    Ok(vec![speed])
}

fn parquet_beside(c: &Context<'_>) -> Result<Vec<f64>, String> {
    let broker = c.recipe("parquet-beside")?.start()?;
    let pace = Pace { rate: 1_000.0, warm_up: c.seconds(3, 1), time: c.seconds(5, 3) };
    let (without, with) = lake::beside_conversion(&broker, c.pick(6_000_000_000, 3_000_000_000), &pace)?;
    broker.stop()?;
    let (a, b) = (without.ms(99.0), with.ms(99.0));
    Ok(vec![b / a, a, b])
}
