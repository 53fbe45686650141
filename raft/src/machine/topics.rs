//! Topics and partitions: create, delete, grow.

use super::known_brokers;
use crate::command::{Outcome, Refusal};
use crate::image::{Image, Partition, Resource, Topic};
use protocol::ids::{BrokerId, LeaderEpoch, TopicId};
use std::sync::Arc;

/// Deleted topics that are remembered: brokers remove the logs at once, or at their next start.
const DELETED_MAX: usize = 1_000;

fn partition(replicas: &[BrokerId]) -> Partition {
    Partition {
        replicas: replicas.to_vec(),
        isr: replicas.to_vec(),
        elr: Vec::new(),
        leader: replicas.first().copied().unwrap_or(BrokerId(-1)),
        leader_epoch: LeaderEpoch(0),
        partition_epoch: 0,
    }
}

pub(super) fn create(
    image: &mut Image,
    name: &str,
    id: TopicId,
    assignment: &[Vec<BrokerId>],
    configs: &[(String, String)],
) -> Result<Outcome, Refusal> {
    if image.names.contains_key(name) {
        return Err(Refusal::TopicExists(name.to_string()));
    }
    // Kafka's rule: metric names cannot tell '.' from '_'.
    if name.contains(['.', '_']) {
        let folded = name.replace('.', "_");
        if let Some(other) = image.names.keys().find(|n| n.replace('.', "_") == folded) {
            return Err(Refusal::NameCollides(name.to_string(), other.clone()));
        }
    }
    known_brokers(image, assignment)?;
    let partitions = assignment.iter().map(|r| partition(r)).collect();
    image.topics.insert(id, Arc::new(Topic { id, name: name.to_string(), partitions }));
    image.names.insert(name.to_string(), id);
    // What a former topic of the name may have left does not become this one's.
    let resource = Resource::Topic(name.to_string());
    image.configs.remove(&resource);
    if !configs.is_empty() {
        image.configs.insert(resource, Arc::new(configs.iter().cloned().collect()));
    }
    Ok(Outcome::Done)
}

pub(super) fn delete(image: &mut Image, id: TopicId, drop_table: bool) -> Result<Outcome, Refusal> {
    let topic = image.topics.remove(&id).ok_or(Refusal::UnknownTopic)?;
    image.names.remove(&topic.name);
    image.deleted.push(id);
    let many = image.deleted.len().saturating_sub(DELETED_MAX);
    image.deleted.drain(..many);
    image.configs.remove(&Resource::Topic(topic.name.clone()));
    super::lake::topic_deleted(image, id, drop_table);
    Ok(Outcome::Done)
}

pub(super) fn add_partitions(
    image: &mut Image,
    id: TopicId,
    added: &[Vec<BrokerId>],
    have: Option<usize>,
) -> Result<Outcome, Refusal> {
    known_brokers(image, added)?;
    let old = image.topics.get(&id).ok_or(Refusal::UnknownTopic)?;
    if added.is_empty() || have.is_some_and(|n| n != old.partitions.len()) {
        return Err(Refusal::PartitionCount(old.partitions.len()));
    }
    let mut topic = (**old).clone();
    topic.partitions.extend(added.iter().map(|r| partition(r)));
    image.topics.insert(id, Arc::new(topic));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::super::apply;
    use super::*;
    use crate::command::Command;
    use crate::image::Broker;
    use protocol::ids::Uuid;

    fn image() -> Image {
        let mut image = Image::default();
        apply(&mut image, &Command::RegisterBroker { id: BrokerId(1), broker: Broker::default() });
        image
    }

    fn create(name: &str, n: u8) -> Command {
        Command::CreateTopic {
            name: name.into(),
            id: TopicId(Uuid([n; 16])),
            assignment: vec![vec![BrokerId(1)]; 3],
            configs: vec![("retention.ms".into(), "5".into())],
        }
    }

    #[test]
    fn a_topic_lives_and_dies() {
        let mut i = image();
        assert_eq!(apply(&mut i, &create("a.b", 1)), Outcome::Done);
        assert_eq!(i.topic("a.b").unwrap().partitions.len(), 3);
        let before = i.clone();
        assert_eq!(apply(&mut i, &create("a.b", 2)), Outcome::Refused(Refusal::TopicExists("a.b".into())));
        assert_eq!(
            apply(&mut i, &create("a_b", 2)),
            Outcome::Refused(Refusal::NameCollides("a_b".into(), "a.b".into()))
        );
        assert_eq!(i, before, "a refusal changes nothing");
        let id = TopicId(Uuid([1; 16]));
        let grow = Command::CreatePartitions { id, added: vec![vec![BrokerId(1)]], have: Some(3) };
        assert_eq!(apply(&mut i, &grow), Outcome::Done);
        assert_eq!(i.topic("a.b").unwrap().partitions.len(), 4);
        let again = Outcome::Refused(Refusal::PartitionCount(4));
        assert_eq!(apply(&mut i, &grow), again, "two that saw three partitions add one, not two");
        assert_eq!(i.topic("a.b").unwrap().partitions.len(), 4);
        assert_eq!(apply(&mut i, &Command::DeleteTopic { id, drop_table: false }), Outcome::Done);
        assert!(i.topic("a.b").is_none() && i.topic_configs("a.b").is_none());
        assert_eq!(apply(&mut i, &grow), Outcome::Refused(Refusal::UnknownTopic));
        assert_eq!(i.deleted, [id]);
        i.deleted = vec![TopicId(Uuid([9; 16])); DELETED_MAX];
        apply(&mut i, &create("t", 3));
        apply(&mut i, &Command::DeleteTopic { id: TopicId(Uuid([3; 16])), drop_table: false });
        assert_eq!((i.deleted.len(), i.deleted.last()), (DELETED_MAX, Some(&TopicId(Uuid([3; 16])))));
    }

    #[test]
    fn configs_belong_to_one_topic_and_not_to_its_name() {
        let mut i = image();
        let alter = |n| Command::AlterConfigs {
            resource: Resource::Topic("t".into()),
            topic: Some(TopicId(Uuid([n; 16]))),
            changes: vec![("segment.ms".into(), Some("7".into()))],
        };
        let unknown = Outcome::Refused(Refusal::UnknownTopic);
        assert_eq!(apply(&mut i, &alter(1)), unknown, "before it is there");
        apply(&mut i, &create("t", 1));
        assert_eq!(apply(&mut i, &alter(1)), Outcome::Done);
        assert_eq!(i.topic_configs("t").unwrap().len(), 2);
        apply(&mut i, &Command::DeleteTopic { id: TopicId(Uuid([1; 16])), drop_table: false });
        assert_eq!(apply(&mut i, &alter(1)), unknown, "after it went");
        apply(&mut i, &create("t", 2));
        assert_eq!(apply(&mut i, &alter(1)), unknown, "another of its name");
        assert_eq!(i.topic_configs("t").unwrap().len(), 1);
    }

    #[test]
    fn unknown_brokers_are_refused() {
        let mut i = Image::default();
        assert_eq!(apply(&mut i, &create("t", 1)), Outcome::Refused(Refusal::UnknownBroker(1)));
        assert!(i.topics.is_empty());
    }

    #[test]
    fn the_image_survives_json() {
        let mut i = image();
        apply(&mut i, &create("t", 1));
        let text = serde_json::to_string(&i).unwrap();
        assert_eq!(serde_json::from_str::<Image>(&text).unwrap(), i);
    }
}
