//! The load: clients that keep their state over the broker's deaths, and what they learn.
//!
//! Invariants: a worker never waits without a bound; a lost connection makes what was in flight unknown; an error
//! that no correct broker gives, or no answer at all from one that lives, is a problem. Run by `world`, one thread
//! each.

pub mod admin;
pub mod consumer;
pub mod producer;

use crate::client::{CallError, Client};
use crate::model::{Existence, Fact, Model, Problem};
use crate::wait;
use protocol::ErrorCode;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A broker that does not answer for so long hangs.
pub const ANSWER_BOUND: Duration = Duration::from_secs(20);

/// Something a client knows after an answer, or (commits, creations, deletions) after asking.
#[derive(Debug)]
pub enum Note {
    Facts {
        topic: Arc<str>,
        partition: i32,
        facts: Vec<Fact>,
    },
    End {
        topic: Arc<str>,
        partition: i32,
        end: i64,
    },
    Commit {
        group: String,
        topic: String,
        partition: i32,
        offset: i64,
        acked: bool,
    },
    Pid(i64),
    Topic {
        name: String,
        partitions: i32,
        caching: bool,
        existence: Existence,
        id: Option<[u8; 16]>,
    },
    /// This producer leaves no gaps in this partition.
    Gapless {
        topic: Arc<str>,
        partition: i32,
        producer: u16,
    },
    Problem(Problem),
}

/// One life of the broker under load.
pub struct Phase {
    pub address: SocketAddr,
    /// The broker is gone or going: what is in flight stays unknown.
    stop: AtomicBool,
    /// The power is going: any error is to be expected, and no answer counts. A machine without power sends none, but
    /// this one goes on running, and in the moment of the shutdown the kernel can take a sync whose journal was thrown
    /// away for one that was done (seen on XFS).
    powerless: Arc<AtomicBool>,
    /// The broker is about to end by itself: any error is to be expected, an ack counts.
    ending: AtomicBool,
    /// Nothing new is sent; what is in flight is waited for.
    drain: AtomicBool,
    began: Instant,
    /// Records acknowledged in this phase.
    pub acked: AtomicU64,
    /// Produce requests that were refused.
    pub refused: AtomicU64,
}

impl Phase {
    pub fn new(address: SocketAddr) -> Phase {
        Phase {
            address,
            stop: AtomicBool::new(false),
            powerless: Arc::default(),
            ending: AtomicBool::new(false),
            drain: AtomicBool::new(false),
            began: wait::now(),
            acked: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }
    pub fn power_goes(&self) {
        self.powerless.store(true, Ordering::Release);
    }
    pub fn will_end(&self) {
        self.ending.store(true, Ordering::Release);
    }
    fn expects_errors(&self) -> bool {
        self.powerless.load(Ordering::Acquire) || self.ending.load(Ordering::Acquire)
    }
    pub fn drain(&self) {
        self.drain.store(true, Ordering::Release);
    }
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
    pub fn draining(&self) -> bool {
        self.drain.load(Ordering::Acquire)
    }
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
    pub fn acked(&self) -> u64 {
        self.acked.load(Ordering::Relaxed)
    }
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// What a worker's turn on a connection ended with.
pub enum Turn {
    /// Nothing is left to do in this phase.
    Done,
    /// The connection is of no more use.
    Reconnect,
}

pub trait Worker: Send {
    fn name(&self) -> String;
    /// Works on a fresh connection until the phase ends or the connection does.
    fn turn(&mut self, client: &mut Client, phase: &Phase) -> Result<Turn, CallError>;
    fn notes(&mut self) -> &mut Vec<Note>;
}

/// Runs a worker for a phase, over as many connections as it takes.
pub fn run(worker: &mut dyn Worker, phase: &Phase) {
    while !phase.stopped() {
        let Ok(mut client) = Client::connect(phase.address, ANSWER_BOUND) else {
            wait::pause(Duration::from_millis(5));
            continue;
        };
        client = client.doubting(phase.powerless.clone());
        match worker.turn(&mut client, phase) {
            Ok(Turn::Done) => return,
            Ok(Turn::Reconnect) => {}
            // Whatever it was, the broker was being killed.
            Err(_) if phase.stopped() => return,
            Err(_) if phase.expects_errors() => wait::pause(Duration::from_millis(5)),
            Err(e) if e.is_timeout() => {
                let what = format!("{}: no answer within {} s", worker.name(), ANSWER_BOUND.as_secs());
                worker.notes().push(Note::Problem(Problem::Other(what)));
                return;
            }
            Err(CallError::Unknown(_)) => {}
            Err(e @ CallError::Refused(..)) if e.code().is_some_and(is_retriable) => {
                wait::pause(Duration::from_millis(5));
            }
            Err(e) => {
                let what = format!("{}: {e}", worker.name());
                worker.notes().push(Note::Problem(Problem::Other(what)));
                return;
            }
        }
    }
}

/// Errors that a client answers with another try.
pub fn is_retriable(code: ErrorCode) -> bool {
    const CODES: [ErrorCode; 9] = [
        ErrorCode::LEADER_NOT_AVAILABLE,
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::REQUEST_TIMED_OUT,
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_COORDINATOR,
        ErrorCode::NOT_ENOUGH_REPLICAS,
        ErrorCode::KAFKA_STORAGE_ERROR,
        ErrorCode::NOT_CONTROLLER,
    ];
    CODES.contains(&code)
}

/// Moves what a worker learned into the model; its problems come back.
pub fn learn(model: &mut Model, notes: &mut Vec<Note>) -> Vec<Problem> {
    let mut out = Vec::new();
    for note in notes.drain(..) {
        match note {
            Note::Facts { topic, partition, facts } => {
                if let Some(p) = model.partition(&topic, partition) {
                    facts.into_iter().for_each(|f| p.learn(f));
                }
            }
            Note::End { topic, partition, end } => {
                if let Some(p) = model.partition(&topic, partition) {
                    p.saw_end(end);
                }
            }
            Note::Commit { group, topic, partition, offset, acked } => {
                model.committed(&group, &topic, partition, offset, acked);
            }
            Note::Pid(pid) => out.extend(model.pid_given(pid)),
            Note::Topic { name, partitions, caching, existence, id } => {
                let t = model.topic(&name, partitions, caching);
                t.existence = existence;
                if id.is_some_and(|i| t.id.is_some_and(|was| was != i)) {
                    out.push(Problem::TopicLost { topic: name, what: "it has another topic id".into() });
                }
                t.id = id.or(t.id);
            }
            Note::Gapless { topic, partition, producer } => {
                if let Some(p) = model.partition(&topic, partition) {
                    p.expect_gapless(producer);
                }
            }
            Note::Problem(p) => out.push(p),
        }
    }
    out
}
