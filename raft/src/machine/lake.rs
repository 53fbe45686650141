//! The lake's tables: where they live and how far each partition is committed. The offset moves by CAS.

use crate::command::{Outcome, Refusal};
use crate::image::{Image, LakeTable};
use protocol::ids::TopicId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `name`, or with the first 8 digits of the topic's id if that is taken, or with more of them (somebody may have
/// named a topic like that).
fn free(name: &str, joint: &str, topic: TopicId, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_string();
    }
    let id: String = topic.to_string().chars().filter(char::is_ascii_hexdigit).collect();
    let longer = (8..=id.len()).map(|n| format!("{name}{joint}{}", id.chars().take(n).collect::<String>()));
    let numbered = (2u64..).map(|n| format!("{name}{joint}{id}{joint}{n}"));
    longer.chain(numbered).find(|n| !taken(n)).unwrap_or_default()
}

pub(super) fn create(
    image: &mut Image,
    topic: TopicId,
    table: &str,
    location: &str,
) -> Result<Outcome, Refusal> {
    if image.lake.contains_key(&topic) {
        return Ok(Outcome::Done);
    }
    if !image.topics.contains_key(&topic) {
        return Err(Refusal::UnknownTopic);
    }
    // A table or a place that another topic has (or had) gets this topic's id: never merged.
    let table_name = free(table, "_", topic, |name| image.lake.values().any(|t| t.table == name));
    let place = free(location, "__", topic, |place| image.lake.values().any(|t| t.location == place));
    let table = LakeTable { table: table_name, location: place, offsets: BTreeMap::new() };
    image.lake.insert(topic, Arc::new(table));
    Ok(Outcome::Done)
}

pub(super) fn commit(
    image: &mut Image,
    topic: TopicId,
    partition: i32,
    from: Option<i64>,
    to: i64,
) -> Result<Outcome, Refusal> {
    let table = image.lake.get(&topic).ok_or(Refusal::UnknownTopic)?;
    let committed = table.offsets.get(&partition).copied();
    if committed != from || committed.is_some_and(|c| to < c) {
        return Err(Refusal::LakeConflict { committed, expected: from });
    }
    let mut table = (**table).clone();
    table.offsets.insert(partition, to);
    image.lake.insert(topic, Arc::new(table));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::super::apply;
    use super::*;
    use crate::command::Command;
    use crate::image::Broker;
    use protocol::ids::{BrokerId, Uuid};

    #[test]
    fn offsets_move_only_from_where_they_are() {
        let mut i = Image::default();
        apply(&mut i, &Command::RegisterBroker { id: BrokerId(1), broker: Broker::default() });
        let id = |n| TopicId(Uuid([n; 16]));
        for n in [1, 2, 3, 4] {
            let c = Command::CreateTopic {
                name: format!("t{n}"),
                id: id(n),
                assignment: vec![vec![BrokerId(1)]],
                configs: vec![],
            };
            apply(&mut i, &c);
            // The third is named like the second would have been.
            let name = if n == 3 { "t_04040404" } else { "t" };
            let location = format!("lipno/{name}");
            let t = Command::CreateLakeTable { topic: id(n), table: name.into(), location };
            assert_eq!(apply(&mut i, &t), Outcome::Done);
            assert_eq!(apply(&mut i, &t), Outcome::Done, "repeating it changes nothing");
        }
        assert_eq!(i.lake[&id(1)].table, "t");
        assert_eq!(i.lake[&id(2)].table, "t_02020202");
        assert_eq!(i.lake[&id(2)].location, "lipno/t__02020202");
        assert_eq!(i.lake[&id(4)].table, "t_040404040");
        assert_eq!(i.lake[&id(4)].location, "lipno/t__04040404");
        let commit = |from, to| Command::CommitLake { topic: id(1), partition: 0, from, to };
        assert_eq!(apply(&mut i, &commit(None, 10)), Outcome::Done);
        let conflict = Refusal::LakeConflict { committed: Some(10), expected: None };
        assert_eq!(apply(&mut i, &commit(None, 10)), Outcome::Refused(conflict));
        assert_eq!(apply(&mut i, &commit(Some(10), 25)), Outcome::Done);
        assert_eq!(i.lake[&id(1)].offsets[&0], 25);
        assert!(matches!(apply(&mut i, &commit(Some(25), 20)), Outcome::Refused(_)), "never back");
    }
}
