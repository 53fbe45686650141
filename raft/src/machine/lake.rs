//! The lake's tables: where they live and how far each partition is committed. The offset moves by CAS.

use crate::command::{Outcome, Refusal};
use crate::image::{Image, LakeTable};
use protocol::ids::TopicId;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn create(
    image: &mut Image,
    topic: TopicId,
    table: &str,
    location: &str,
) -> Result<Outcome, Refusal> {
    if !image.topics.contains_key(&topic) {
        return Err(Refusal::UnknownTopic);
    }
    // A table or a place that another topic has (or had) gets this topic's id: never merged.
    let taken = |f: &dyn Fn(&LakeTable) -> bool| image.lake.iter().any(|(id, t)| *id != topic && f(t));
    let short: String = topic.to_string().chars().take(8).collect();
    let table_name =
        if taken(&|t| t.table == table) { format!("{table}_{short}") } else { table.to_string() };
    let place = if taken(&|t| t.location == location) {
        format!("{location}__{short}")
    } else {
        location.to_string()
    };
    image.lake.entry(topic).or_insert_with(|| {
        Arc::new(LakeTable { table: table_name, location: place, offsets: BTreeMap::new() })
    });
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
        for n in [1, 2] {
            let c = Command::CreateTopic {
                name: format!("t{n}"),
                id: id(n),
                assignment: vec![vec![BrokerId(1)]],
                configs: vec![],
            };
            apply(&mut i, &c);
            let t = Command::CreateLakeTable { topic: id(n), table: "t".into(), location: "lipno/t".into() };
            assert_eq!(apply(&mut i, &t), Outcome::Done);
            assert_eq!(apply(&mut i, &t), Outcome::Done, "repeating it changes nothing");
        }
        assert_eq!(i.lake[&id(1)].table, "t");
        assert_eq!(i.lake[&id(2)].table, "t_02020202");
        assert_eq!(i.lake[&id(2)].location, "lipno/t__02020202");
        let commit = |from, to| Command::CommitLake { topic: id(1), partition: 0, from, to };
        assert_eq!(apply(&mut i, &commit(None, 10)), Outcome::Done);
        let conflict = Refusal::LakeConflict { committed: Some(10), expected: None };
        assert_eq!(apply(&mut i, &commit(None, 10)), Outcome::Refused(conflict));
        assert_eq!(apply(&mut i, &commit(Some(10), 25)), Outcome::Done);
        assert_eq!(i.lake[&id(1)].offsets[&0], 25);
        assert!(matches!(apply(&mut i, &commit(Some(25), 20)), Outcome::Refused(_)), "never back");
    }
}
