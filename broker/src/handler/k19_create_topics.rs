//! CreateTopics (19), versions 2-7.
//!
//! Like Kafka 4: -1 for partitions or replication is the broker's default; configs are checked before anything is
//! created and a value without effect is refused with 40; a name that stands twice in a request is refused.

use super::topic_admin::{self, Failed};
use crate::broker::Broker;
use crate::config::topic;
use crate::dispatch::Head;
use crate::limits;
use crate::replicas::{METADATA_TOPIC, is_internal};
use protocol::ids::{BrokerId, TopicId};
use protocol::message::k19_create_topics::request::CreatableTopic;
use protocol::message::k19_create_topics::response::{CreatableTopicConfigs, CreatableTopicResult};
use protocol::message::k19_create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use protocol::{ErrorCode, Str};
use raft::{Command, Image};
use std::collections::BTreeMap;
use std::sync::Arc;

struct Plan {
    assignment: Vec<Vec<BrokerId>>,
    configs: Vec<(String, String)>,
}

fn plan(broker: &Broker, t: &CreatableTopic) -> Result<Plan, Failed> {
    topic_admin::check_name(&t.name)?;
    if is_internal(&t.name) {
        return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, "internal topics are made by the broker".into()));
    }
    if *t.name == *METADATA_TOPIC {
        let why = format!("{METADATA_TOPIC} is the metadata quorum, not a topic");
        return Err((ErrorCode::TOPIC_AUTHORIZATION_FAILED, why));
    }
    let assignment = if t.assignments.is_empty() {
        let c = &broker.config;
        let count = if t.num_partitions == -1 { c.num_partitions } else { t.num_partitions };
        let replication =
            if t.replication_factor == -1 { c.default_replication_factor } else { t.replication_factor };
        topic_admin::assignment(broker, count, replication)?
    } else {
        manual(t)?
    };
    let mut configs: BTreeMap<String, String> = BTreeMap::new();
    for c in &t.configs {
        let bad = |why: String| (ErrorCode::INVALID_CONFIG, why);
        let named = || limits::logged(&c.name);
        let value = c.value.as_ref().ok_or_else(|| bad(format!("{}: a value is needed", named())))?;
        topic::check(&c.name, value).map_err(|e| bad(e.to_string()))?;
        if configs.insert(c.name.to_string(), value.trim().to_string()).is_some() {
            return Err(bad(format!("{} stands twice", named())));
        }
    }
    let configs = configs.into_iter().collect();
    Ok(Plan { assignment, configs })
}

fn manual(t: &CreatableTopic) -> Result<Vec<Vec<BrokerId>>, Failed> {
    let bad = |why: &str| Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, why.to_string()));
    if t.num_partitions != -1 || t.replication_factor != -1 {
        return Err((ErrorCode::INVALID_REQUEST, "either an assignment or counts, not both".into()));
    }
    topic_admin::check_partition_count(t.assignments.len() as i32)?;
    let mut out = vec![Vec::new(); t.assignments.len()];
    for a in &t.assignments {
        let slot = usize::try_from(a.partition_index).ok().and_then(|i| out.get_mut(i));
        match slot {
            Some(s) if s.is_empty() && a.broker_ids.len() == 1 => {
                *s = a.broker_ids.iter().map(|b| BrokerId(*b)).collect()
            }
            Some(s) if !s.is_empty() => return bad("a partition is assigned twice"),
            Some(_) => return bad("each partition needs exactly one replica: there is one broker"),
            None => return bad("partitions must be numbered from 0 without gaps"),
        }
    }
    Ok(out)
}

/// Effective configs for the answer (version 5 and later).
fn described(broker: &Broker, set: &[(String, String)]) -> Vec<CreatableTopicConfigs> {
    topic::DEFINITIONS
        .iter()
        .map(|d| {
            let own = set.iter().find(|(k, _)| k == d.name).map(|(_, v)| v.as_str());
            let (default, from_broker) = broker.replicas.defaults().value(d);
            let source = if own.is_some() {
                1
            } else if from_broker {
                4
            } else {
                5
            };
            CreatableTopicConfigs {
                name: Str::from_static(d.name),
                value: Some(Str::from(own.unwrap_or(default))),
                config_source: source,
                ..Default::default()
            }
        })
        .collect()
}

async fn create(
    broker: &Broker,
    t: &CreatableTopic,
    rehearsal: Option<&mut Image>,
    partitions_left: &mut usize,
) -> Result<(TopicId, Plan), Failed> {
    let p = plan(broker, t)?;
    if broker.metadata.image().topic(&t.name).is_some() {
        let why = format!("topic '{}' already exists", t.name.as_str());
        return Err((ErrorCode::TOPIC_ALREADY_EXISTS, why));
    }
    topic_admin::take_partitions(broker, p.assignment.len(), partitions_left)?;
    if let Some(image) = rehearsal {
        let (name, id) = (t.name.to_string(), TopicId(broker.fresh_uuid()));
        let (assignment, configs) = (p.assignment.clone(), p.configs.clone());
        topic_admin::rehearse(image, &Command::CreateTopic { name, id, assignment, configs })?;
        return Ok((TopicId::default(), p));
    }
    let id = topic_admin::create(broker, &t.name, p.assignment.clone(), p.configs.clone()).await?;
    Ok((id, p))
}

pub async fn handle(broker: Arc<Broker>, _head: Head, q: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut topics = Vec::with_capacity(q.topics.len());
    let twice = topic_admin::repeated(q.topics.iter().map(|t| &t.name));
    let mut partitions_left = limits::CREATED_PARTITIONS_MAX;
    let mut rehearsal = q.validate_only.then(|| (*broker.metadata.image()).clone());
    for t in &q.topics {
        let mut a = CreatableTopicResult { name: t.name.clone(), configs: None, ..Default::default() };
        let result = if twice.contains(&t.name) {
            Err((ErrorCode::INVALID_REQUEST, "the topic stands twice in the request".to_string()))
        } else {
            create(&broker, t, rehearsal.as_mut(), &mut partitions_left).await
        };
        match result {
            Ok((id, p)) => {
                a.topic_id = id.0;
                a.num_partitions = p.assignment.len() as i32;
                a.replication_factor = p.assignment.first().map_or(-1, |r| r.len() as i16);
                a.configs = Some(described(&broker, &p.configs));
            }
            Err((e, why)) => {
                a.error_code = e.0;
                a.error_message = Some(Str::from(why));
            }
        }
        topics.push(a);
    }
    CreateTopicsResponse { topics, ..Default::default() }
}
