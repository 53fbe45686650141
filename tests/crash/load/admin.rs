//! Topics that come and go while the broker dies: made, written to at once, sometimes deleted.
//!
//! Invariants: a step whose outcome is unknown is done again; "exists already" after an unknown creation and
//! "unknown topic" after an unknown deletion mean that it had happened. Each new topic gets a new producer id.

use super::{Note, Phase, Turn, Worker};
use crate::client::{CallError, Client, by_topic, produce_request, refusal};
use crate::model::{Existence, Fact, Strength};
use crate::rng::Rng;
use crate::value::{self, Value};
use crate::wait;
use bytes::Bytes;
use protocol::ErrorCode;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The number of this worker's producers, in topics that nobody else writes to.
pub const NUMBER: u16 = 1000;
/// Records of a new topic's first batch.
const FIRST_RECORDS: u32 = 3;

enum Step {
    Create,
    Write { pid: Option<(i64, i16)> },
    Delete,
}

pub struct Admin {
    prefix: String,
    rng: Rng,
    number: u32,
    partitions: i32,
    step: Step,
    /// The step may have been carried out already.
    repeated: bool,
    alive: Vec<String>,
    notes: Vec<Note>,
}

/// Between two steps, so that the number of topics stays small.
const PACE: Duration = Duration::from_millis(60);

impl Admin {
    pub fn new(prefix: &str, rng: Rng) -> Admin {
        Admin {
            prefix: prefix.to_string(),
            rng,
            number: 0,
            partitions: 1,
            step: Step::Create,
            repeated: false,
            alive: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn topic(&self) -> String {
        format!("{}-{:04}", self.prefix, self.number)
    }

    fn note(&mut self, name: &str, existence: Existence, id: Option<[u8; 16]>) {
        let (name, partitions) = (name.to_string(), self.partitions);
        self.notes.push(Note::Topic { name, partitions, caching: false, existence, id });
    }

    fn create(&mut self, client: &mut Client) -> Result<(), CallError> {
        let name = self.topic();
        if !self.repeated {
            self.partitions = self.rng.between(1, 3) as i32;
            self.note(&name, Existence::MaybeCreated, None);
        }
        match client.create_topic(&name, self.partitions, &[]) {
            Ok(id) => self.note(&name, Existence::Created, Some(id.0)),
            Err(e) if self.repeated && e.code() == Some(ErrorCode::TOPIC_ALREADY_EXISTS) => {
                self.note(&name, Existence::Created, None);
            }
            Err(e) => return Err(e),
        }
        self.step = Step::Write { pid: None };
        Ok(())
    }

    /// The first batch of every partition, with a new producer.
    fn write(&mut self, client: &mut Client, phase: &Phase) -> Result<(), CallError> {
        let name = self.topic();
        let pid = match self.step {
            Step::Write { pid: Some(p) } => p,
            _ => {
                let p = client.init_producer_id()?;
                self.notes.push(Note::Pid(p.0));
                self.step = Step::Write { pid: Some(p) };
                p
            }
        };
        let batches = (0..self.partitions)
            .map(|p| Ok((name.clone(), p, first_batch(pid, p)?)))
            .collect::<Result<Vec<_>, CallError>>()?;
        let answer = client.call(&produce_request(-1, 15_000, by_topic(batches)))?;
        for p in answer.responses.iter().flat_map(|t| &t.partition_responses) {
            if p.error_code != 0 {
                phase.refused.fetch_add(1, Ordering::Relaxed);
            }
            refusal(p.error_code, p.error_message.as_ref())?;
            let facts = (0..FIRST_RECORDS)
                .map(|counter| Fact {
                    offset: p.base_offset + i64::from(counter),
                    value: Value { producer: NUMBER, counter },
                    strength: Strength::Durable,
                })
                .collect();
            let (topic, partition): (Arc<str>, i32) = (Arc::from(name.as_str()), p.index);
            self.notes.push(Note::Gapless { topic: topic.clone(), partition, producer: NUMBER });
            self.notes.push(Note::Facts { topic, partition, facts });
            phase.acked.fetch_add(FIRST_RECORDS.into(), Ordering::Relaxed);
        }
        self.alive.push(name);
        self.number += 1;
        self.step = if self.alive.len() > 4 && self.rng.percent(50) { Step::Delete } else { Step::Create };
        Ok(())
    }

    fn delete(&mut self, client: &mut Client) -> Result<(), CallError> {
        let Some(name) = self.alive.first().cloned() else {
            self.step = Step::Create;
            return Ok(());
        };
        self.note(&name, Existence::MaybeDeleted, None);
        match client.delete_topic(&name) {
            Ok(()) => {}
            Err(e) if self.repeated && e.code() == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) => {}
            Err(e) => return Err(e),
        }
        self.note(&name, Existence::Deleted, None);
        self.alive.remove(0);
        self.step = Step::Create;
        Ok(())
    }
}

fn first_batch((pid, epoch): (i64, i16), partition: i32) -> Result<Bytes, CallError> {
    let mut b = BatchBuilder::new(Codec::None).producer(pid, epoch, 0);
    for counter in 0..FIRST_RECORDS {
        let v = value::encode(Value { producer: NUMBER, counter }, partition, 20);
        b.push(NewRecord { timestamp: 1, value: Some(&v), ..Default::default() });
    }
    b.finish().map_err(|e| CallError::Broken(e.to_string()))
}

impl Worker for Admin {
    fn name(&self) -> String {
        format!("admin of {}", self.prefix)
    }

    fn notes(&mut self) -> &mut Vec<Note> {
        &mut self.notes
    }

    fn turn(&mut self, client: &mut Client, phase: &Phase) -> Result<Turn, CallError> {
        loop {
            if phase.stopped() {
                return Ok(Turn::Done);
            }
            if phase.draining() && !self.repeated {
                return Ok(Turn::Done);
            }
            let result = match self.step {
                Step::Create => self.create(client),
                Step::Write { .. } => self.write(client, phase),
                Step::Delete => self.delete(client),
            };
            self.repeated = result.is_err();
            result?;
            wait::pause(PACE);
        }
    }
}
