//! A data folder's life: the clients that load its brokers, and the model that judges what each restart shows.
//!
//! Invariants: workers run only inside `load`; a check reads everything while nobody writes. Driven by `rounds`.

use crate::client::Client;
use crate::lake;
use crate::load::admin::Admin;
use crate::load::consumer::{Committer, Member};
use crate::load::producer::{Kind, Producer};
use crate::load::{self, Note, Phase, Worker};
use crate::model::{Crash, Existence, Model, Problem};
use crate::rng::Rng;
use crate::verify::{self, Checked};
use crate::wait;
use protocol::ErrorCode;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Topics that are there from the start: name, partitions, `write.caching`.
const TOPICS: [(&str, i32, bool); 3] =
    [("durable-a", 3, false), ("durable-b", 1, false), ("cached", 2, true)];

/// The lake commits twice a second.
const LAKE_BOUND: Duration = Duration::from_secs(30);

/// A topic whose log the kill watches for a segment that rolls.
pub const ROLLING_TOPIC: &str = "durable-b";

pub struct World {
    /// The brokers' data folder.
    data: PathBuf,
    pub model: Model,
    producers: Vec<Producer>,
    admin: Admin,
    member: Member,
    committer: Committer,
    is_set_up: bool,
}

impl World {
    pub fn new(data: &Path, rng: &mut Rng) -> World {
        use Kind::{Idempotent, Plain};
        let mut p = |number, topic: usize, kind| {
            let (name, partitions, caching) = TOPICS[topic];
            Producer::new(number, name, partitions, kind, caching, rng.fork())
        };
        let producers = vec![
            p(1, 0, Idempotent),
            p(2, 0, Idempotent),
            p(3, 0, Plain),
            p(4, 1, Idempotent),
            p(5, 2, Idempotent),
            p(6, 2, Plain),
        ];
        let read = [(TOPICS[0].0, TOPICS[0].1), (TOPICS[1].0, TOPICS[1].1)];
        World {
            data: data.to_path_buf(),
            model: Model::default(),
            producers,
            admin: Admin::new("late", rng.fork()),
            member: Member::new("readers", &read, rng.fork()),
            committer: Committer::new(&["plain-0", "plain-1", "plain-2"], ROLLING_TOPIC),
            is_set_up: false,
        }
    }

    /// Makes the topics that are there from the start.
    pub fn set_up(&mut self, address: SocketAddr) -> Result<(), String> {
        if self.is_set_up {
            return Ok(());
        }
        let mut client = Client::connect(address, load::ANSWER_BOUND).map_err(|e| e.to_string())?;
        for (name, partitions, caching) in TOPICS {
            let configs: &[(&str, &str)] = if caching { &[("write.caching", "true")] } else { &[] };
            let id = client.create_topic(name, partitions, configs).map_err(|e| format!("{name}: {e}"))?;
            let t = self.model.topic(name, partitions, caching);
            t.existence = Existence::Created;
            t.id = Some(id.0);
        }
        self.is_set_up = true;
        Ok(())
    }

    /// The producers write until they are refused.
    pub fn without_pace(&mut self) {
        self.producers.iter_mut().for_each(Producer::without_pace);
    }

    fn workers(&mut self) -> Vec<&mut dyn Worker> {
        let mut out: Vec<&mut dyn Worker> = Vec::new();
        out.extend(self.producers.iter_mut().map(|p| p as &mut dyn Worker));
        out.push(&mut self.admin);
        out.push(&mut self.member);
        out.push(&mut self.committer);
        out
    }

    /// Runs the load against a broker while `during` decides when it ends; the workers have stopped on return.
    pub fn load<T>(
        &mut self,
        address: SocketAddr,
        during: impl FnOnce(&Phase) -> Result<T, String>,
    ) -> Result<T, String> {
        let phase = Phase::new(address);
        let result = std::thread::scope(|s| {
            for w in self.workers() {
                s.spawn(|| load::run(w, &phase));
            }
            let result = during(&phase);
            phase.stop();
            result
        });
        let mut notes: Vec<Note> = Vec::new();
        self.workers().into_iter().for_each(|w| notes.append(w.notes()));
        let problems = load::learn(&mut self.model, &mut notes);
        fail_on(problems)?;
        result
    }

    /// Lets the load finish what is in flight, with a bound.
    pub fn drain(&mut self, address: SocketAddr) -> Result<(), String> {
        let phase = Phase::new(address);
        phase.drain();
        std::thread::scope(|s| {
            for w in self.workers() {
                s.spawn(|| load::run(w, &phase));
            }
        });
        let mut notes: Vec<Note> = Vec::new();
        self.workers().into_iter().for_each(|w| notes.append(w.notes()));
        fail_on(load::learn(&mut self.model, &mut notes))
    }

    /// Reads all that a restarted broker shows and judges it.
    pub fn check(&mut self, address: SocketAddr, crash: Crash) -> Result<Checked, String> {
        self.check_except(address, crash, "")
    }

    /// The same, where a topic was made that no worker knows.
    pub fn check_except(
        &mut self,
        address: SocketAddr,
        crash: Crash,
        other: &str,
    ) -> Result<Checked, String> {
        let (mut checked, mut problems) = verify::verify(&mut self.model, address, crash)?;
        problems.retain(|p| *p != verify::uninvited(other));
        // Against logs that are not what they should be the lake says nothing more.
        fail_on(problems)?;
        let lake = lake::check(&self.data, &self.model)?;
        fail_on(lake.problems)?;
        checked.rows = lake.rows;
        Ok(checked)
    }

    /// Waits until the lake has every record that the last check found.
    pub fn wait_for_lake(&self) -> Result<(), String> {
        let mut missing = 0;
        let done = wait::until("every record in the lake", LAKE_BOUND, || {
            let lake = lake::check(&self.data, &self.model)?;
            fail_on(lake.problems)?;
            missing = lake.missing;
            wait::pause(Duration::from_millis(100));
            Ok((missing == 0).then_some(()))
        });
        done.map_err(|e| format!("{e} ({missing} records are not there)"))
    }

    /// The workers hear how the broker died.
    pub fn after(&mut self, crash: Crash) {
        let power_cut = crash == Crash::Power;
        self.producers.iter_mut().for_each(|p| p.on_restart(power_cut));
        self.member.on_restart();
    }
}

/// Problems as one error, each on its line.
pub fn fail_on(problems: Vec<Problem>) -> Result<(), String> {
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    Err(format!("{} broken promises:\n{}", problems.len(), lines.join("\n")))
}

/// Connects as soon as the broker lets it.
pub fn connect(address: SocketAddr) -> Result<Client, String> {
    wait::until("a connection", Duration::from_secs(5), || {
        Ok(Client::connect(address, load::ANSWER_BOUND).ok())
    })
}

/// True for an error that only says "not yet".
pub fn not_yet(code: Option<ErrorCode>) -> bool {
    code.is_some_and(load::is_retriable)
}
