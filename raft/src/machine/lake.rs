//! The lake's tables: where they live, which metadata file is current, how far each partition is committed.
//!
//! Invariants: version, metadata and offsets move together, by CAS; an offset never goes back; what a commit leaves out
//! is on record as a gap; a typed column, once there, stays as it is. Called by `apply`.

use crate::command::{LakeMove, NewLakeColumn, Outcome, Refusal};
use crate::image::{DeadLetters, Image, LakeColumn, LakeTable};
use protocol::ids::TopicId;
use std::sync::Arc;

/// `name`, or with the first 8 digits of the topic's id if that is taken, or with more of them (somebody may have
/// named a topic like that).
fn free(name: &str, joint: &str, topic: TopicId, taken: impl Fn(&str) -> bool) -> String {
    if taken(name) { apart(name, joint, topic, taken) } else { name.to_string() }
}

/// `name` with the first 8 digits of the topic's id, or with more of them if that is taken.
fn apart(name: &str, joint: &str, topic: TopicId, taken: impl Fn(&str) -> bool) -> String {
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
    let is_taken = |t: &Arc<LakeTable>, name: &str| {
        t.table == name || t.dead_letters.as_ref().is_some_and(|d| d.table == name)
    };
    let table_name = free(table, "_", topic, |name| image.lake.values().any(|t| is_taken(t, name)));
    let place = free(location, "__", topic, |place| image.lake.values().any(|t| t.location == place));
    let table = LakeTable { table: table_name, location: place, ..LakeTable::default() };
    image.lake.insert(topic, Arc::new(table));
    Ok(Outcome::Done)
}

/// The topic is gone: its name is free for another table, and its own table stays under another one, or goes.
pub(super) fn topic_deleted(image: &mut Image, topic: TopicId, drop_table: bool) {
    let Some(old) = image.lake.get(&topic) else { return };
    let name = apart(&old.table, "__", topic, |name| image.lake.values().any(|t| t.table == name));
    let mut table = LakeTable { table: name, dropped: drop_table, rebuild: None, ..(**old).clone() };
    if let Some(d) = &mut table.dead_letters {
        d.table = format!("{}_dlq", table.table);
    }
    image.lake.insert(topic, Arc::new(table));
}

/// The files of a dropped table are gone.
pub(super) fn forget(image: &mut Image, topic: TopicId) -> Result<Outcome, Refusal> {
    match image.lake.get(&topic) {
        Some(t) if t.dropped => {
            image.lake.remove(&topic);
            Ok(Outcome::Done)
        }
        Some(_) => Err(Refusal::LakeTableInUse),
        None => Ok(Outcome::Done),
    }
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

/// Ids of typed columns count from here; those below are the frozen columns'.
const COLUMN_ID_FIRST: i32 = 100;
/// Gaps of one partition that are told apart; further ones widen the last.
const GAPS_MAX: usize = 1_000;

pub(super) fn commit_table(
    image: &mut Image,
    topic: TopicId,
    base: u64,
    metadata: &str,
    moves: &[LakeMove],
    dead_letters: Option<&DeadLetters>,
    rebuild: Option<&str>,
) -> Result<Outcome, Refusal> {
    let table = image.lake.get(&topic).ok_or(Refusal::UnknownTopic)?;
    if table.dropped {
        return Err(Refusal::UnknownTopic);
    }
    if table.version != base {
        return Err(Refusal::LakeVersion { version: table.version, expected: base });
    }
    let mut table = (**table).clone();
    if rebuild.is_some() && table.rebuild.take_if(|r| rebuild == Some(r.location.as_str())).is_none() {
        return Err(Refusal::LakeRebuildGone);
    }
    for m in moves {
        let committed = table.offsets.get(&m.partition).copied();
        if committed != m.from || committed.is_some_and(|c| m.start < c) || m.to < m.start {
            return Err(Refusal::LakeConflict { committed, expected: m.from });
        }
        if let Some(from) = committed.filter(|c| *c < m.start) {
            add_gap(table.gaps.entry(m.partition).or_default(), from, m.start);
        }
        table.offsets.insert(m.partition, m.to);
    }
    table.version += 1;
    table.metadata = metadata.to_string();
    if let Some(d) = dead_letters {
        table.dead_letters = Some(d.clone());
    }
    image.lake.insert(topic, Arc::new(table));
    Ok(Outcome::Done)
}

fn add_gap(gaps: &mut Vec<(i64, i64)>, start: i64, end: i64) {
    let is_full = gaps.len() >= GAPS_MAX;
    match gaps.last_mut() {
        Some((_, last)) if is_full || *last >= start => *last = end,
        _ => gaps.push((start, end)),
    }
}

pub(super) fn add_columns(
    image: &mut Image,
    topic: TopicId,
    have: usize,
    columns: &[NewLakeColumn],
) -> Result<Outcome, Refusal> {
    let table = image.lake.get(&topic).ok_or(Refusal::UnknownTopic)?;
    if table.columns.len() != have {
        return Err(Refusal::LakeColumns { have: table.columns.len(), expected: have });
    }
    let mut table = (**table).clone();
    let first = table.columns.last().map_or(COLUMN_ID_FIRST, |c| c.id + 1);
    let new = columns.iter().zip(first..).map(|(c, id)| LakeColumn {
        id,
        name: c.name.clone(),
        path: c.path.clone(),
        kind: c.kind.clone(),
    });
    table.columns.extend(new);
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

    #[test]
    fn a_deleted_topic_leaves_its_name() {
        let mut i = Image::default();
        apply(&mut i, &Command::RegisterBroker { id: BrokerId(1), broker: Broker::default() });
        let id = |n| TopicId(Uuid([n; 16]));
        let make = |i: &mut Image, n| {
            let c = Command::CreateTopic {
                name: "t".into(),
                id: id(n),
                assignment: vec![vec![BrokerId(1)]],
                configs: vec![],
            };
            apply(i, &c);
            let location = "lipno/t".into();
            apply(i, &Command::CreateLakeTable { topic: id(n), table: "t".into(), location });
        };
        make(&mut i, 1);
        apply(&mut i, &Command::DeleteTopic { id: id(1), drop_table: false });
        make(&mut i, 2);
        assert_eq!((i.lake[&id(1)].table.as_str(), i.lake[&id(2)].table.as_str()), ("t__01010101", "t"));
        assert_eq!(i.lake[&id(2)].location, "lipno/t__02020202", "files never mix");
        assert!(matches!(apply(&mut i, &Command::ForgetLakeTable { topic: id(1) }), Outcome::Refused(_)));
        apply(&mut i, &Command::DeleteTopic { id: id(2), drop_table: true });
        let late = Command::CommitLakeTable {
            topic: id(2),
            base: 0,
            metadata: "m".into(),
            moves: vec![],
            dead_letters: None,
            rebuild: None,
        };
        assert!(matches!(apply(&mut i, &late), Outcome::Refused(_)), "nothing is committed to it any more");
        assert_eq!(apply(&mut i, &Command::ForgetLakeTable { topic: id(2) }), Outcome::Done);
        assert_eq!(i.lake.len(), 1);
    }

    fn with_table() -> (Image, TopicId) {
        let mut i = Image::default();
        let topic = TopicId(Uuid([1; 16]));
        let table = LakeTable { table: "t".into(), location: "lipno/t".into(), ..LakeTable::default() };
        i.lake.insert(topic, Arc::new(table));
        (i, topic)
    }

    #[test]
    fn a_table_moves_whole_or_not_at_all() {
        let (mut i, topic) = with_table();
        let commit = |base, metadata: &str, moves: &[(i32, Option<i64>, i64, i64)]| {
            let one = |&(partition, from, start, to): &_| LakeMove { partition, from, start, to };
            let moves = moves.iter().map(one).collect();
            Command::CommitLakeTable {
                topic,
                base,
                metadata: metadata.into(),
                moves,
                dead_letters: None,
                rebuild: None,
            }
        };
        assert_eq!(apply(&mut i, &commit(0, "m1", &[(0, None, 0, 10), (1, None, 5, 7)])), Outcome::Done);
        let before = i.clone();
        for (refused, why) in [
            (commit(0, "m", &[(0, Some(10), 10, 20)]), "an old base"),
            (commit(1, "m", &[(1, Some(7), 7, 9), (0, Some(9), 10, 20)]), "an old offset"),
            (commit(1, "m", &[(1, Some(7), 7, 9), (0, Some(10), 9, 20)]), "rows twice"),
            (commit(1, "m", &[(0, Some(10), 12, 11)]), "backwards"),
        ] {
            assert!(matches!(apply(&mut i, &refused), Outcome::Refused(_)), "{why}");
            assert_eq!(i, before, "{why}");
        }
        assert_eq!(apply(&mut i, &commit(1, "m2", &[(0, Some(10), 12, 20)])), Outcome::Done);
        assert_eq!(apply(&mut i, &commit(2, "m3", &[])), Outcome::Done, "upkeep moves no offset");
        let t = &i.lake[&topic];
        assert_eq!((t.version, t.metadata.as_str()), (3, "m3"));
        assert_eq!(t.offsets, [(0, 20), (1, 7)].into());
        assert_eq!(t.gaps, [(0, vec![(10, 12)])].into());
    }

    #[test]
    fn gaps_are_bounded() {
        let mut gaps = Vec::new();
        for n in 0..2_000i64 {
            add_gap(&mut gaps, n * 10, n * 10 + 1);
        }
        assert_eq!((gaps.len(), gaps.last()), (GAPS_MAX, Some(&(9_990, 19_991))));
    }

    #[test]
    fn columns_are_only_added() {
        let (mut i, topic) = with_table();
        let new =
            |name: &str| NewLakeColumn { name: name.into(), path: vec![name.into()], kind: "long".into() };
        let add = |have, names: &[&str]| Command::AddLakeColumns {
            topic,
            have,
            columns: names.iter().map(|n| new(n)).collect(),
        };
        assert_eq!(apply(&mut i, &add(0, &["a", "b"])), Outcome::Done);
        let refused = Refusal::LakeColumns { have: 2, expected: 0 };
        assert_eq!(apply(&mut i, &add(0, &["c"])), Outcome::Refused(refused));
        assert_eq!(apply(&mut i, &add(2, &["c"])), Outcome::Done);
        let t = &i.lake[&topic];
        let ids: Vec<(i32, &str)> = t.columns.iter().map(|c| (c.id, c.name.as_str())).collect();
        assert_eq!(ids, [(100, "a"), (101, "b"), (102, "c")]);
        assert_eq!(t.version, 0, "columns alone are no commit");
    }
}
