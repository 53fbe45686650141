//! The rules of cluster metadata: `apply(&mut Image, &Command) -> Outcome`. Pure: no clock, no randomness, no IO.
//!
//! Invariant: a refused command leaves the image as it was. Called by the state machine store for each committed
//! entry, on every broker alike.

mod lake;
mod rebuild;
mod topics;

use crate::command::{Command, Outcome, Refusal};
use crate::image::{Image, Resource};
use protocol::ids::TopicId;
use std::sync::Arc;

pub fn apply(image: &mut Image, command: &Command) -> Outcome {
    let result = match command {
        Command::FormatCluster { cluster_id } => {
            if image.cluster_id.is_empty() {
                image.cluster_id = cluster_id.clone();
            }
            Ok(Outcome::Done)
        }
        Command::RegisterBroker { id, broker } => {
            let epoch = image.version as i64 + 1;
            image.brokers.insert(*id, crate::image::Broker { epoch, ..broker.clone() });
            Ok(Outcome::Done)
        }
        Command::CreateTopic { name, id, assignment, configs } => {
            topics::create(image, name, *id, assignment, configs)
        }
        Command::DeleteTopic { id, drop_table } => topics::delete(image, *id, *drop_table),
        Command::ForgetLakeTable { topic } => lake::forget(image, *topic),
        Command::CreatePartitions { id, added, have } => topics::add_partitions(image, *id, added, *have),
        Command::AlterConfigs { resource, topic, changes } => alter_configs(image, resource, *topic, changes),
        Command::AllocateProducerIds { count } => {
            let first = image.next_producer_id;
            image.next_producer_id += (*count).max(0);
            Ok(Outcome::ProducerIds { first, count: (*count).max(0) })
        }
        Command::CreateLakeTable { topic, table, location } => lake::create(image, *topic, table, location),
        Command::CommitLake { topic, partition, from, to } => {
            lake::commit(image, *topic, *partition, *from, *to)
        }
        Command::CommitLakeTable { topic, base, metadata, moves, dead_letters, rebuild } => {
            let (dead_letters, rebuild) = (dead_letters.as_ref(), rebuild.as_deref());
            lake::commit_table(image, *topic, *base, metadata, moves, dead_letters, rebuild)
        }
        Command::StartLakeRebuild { topic, location, format } => {
            rebuild::start(image, *topic, location, format)
        }
        Command::CommitLakeRebuild { topic, location, base, metadata, partition, to, from_log } => {
            rebuild::commit(image, *topic, (location, *base), metadata, (*partition, *to, *from_log))
        }
        Command::EndLakeRebuild { topic, location } => rebuild::end(image, *topic, location),
        Command::AddLakeColumns { topic, have, columns } => lake::add_columns(image, *topic, *have, columns),
    };
    match result {
        Ok(outcome) => {
            image.version += 1;
            outcome
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn alter_configs(
    image: &mut Image,
    resource: &Resource,
    topic: Option<TopicId>,
    changes: &[(String, Option<String>)],
) -> Result<Outcome, Refusal> {
    if let Resource::Topic(name) = resource {
        let there = image.names.get(name).ok_or(Refusal::UnknownTopic)?;
        if topic.is_some_and(|t| t != *there) {
            return Err(Refusal::UnknownTopic);
        }
    }
    let mut values = image.configs.get(resource).map(|c| (**c).clone()).unwrap_or_default();
    for (key, value) in changes {
        match value {
            Some(v) => values.insert(key.clone(), v.clone()),
            None => values.remove(key),
        };
    }
    if values.is_empty() {
        image.configs.remove(resource);
    } else {
        image.configs.insert(resource.clone(), Arc::new(values));
    }
    Ok(Outcome::Done)
}

fn known_brokers(image: &Image, assignment: &[Vec<protocol::ids::BrokerId>]) -> Result<(), Refusal> {
    match assignment.iter().flatten().find(|b| !image.brokers.contains_key(b)) {
        Some(b) => Err(Refusal::UnknownBroker(b.0)),
        None => Ok(()),
    }
}
