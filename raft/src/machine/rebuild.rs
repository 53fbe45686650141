//! Rebuilds of the lake's tables: how far the files are that will take the place of a table's own.
//!
//! Invariants: a table has at most one; its state moves by compare-and-set; an offset never goes back; the table itself
//! is untouched until one commit of its own takes the files in and ends the rebuild (`lake::commit_table`), or it is
//! given up. Called by `apply`.

use crate::command::{Outcome, Refusal};
use crate::image::{Image, LakeRebuild, LakeTable};
use protocol::ids::TopicId;
use std::sync::Arc;

fn change(
    image: &mut Image,
    topic: TopicId,
    how: impl FnOnce(&mut LakeTable) -> Result<(), Refusal>,
) -> Result<Outcome, Refusal> {
    let there = image.lake.get(&topic).filter(|t| !t.dropped).ok_or(Refusal::UnknownTopic)?;
    let mut table = (**there).clone();
    how(&mut table)?;
    image.lake.insert(topic, Arc::new(table));
    Ok(Outcome::Done)
}

pub(super) fn start(
    image: &mut Image,
    topic: TopicId,
    location: &str,
    format: &str,
) -> Result<Outcome, Refusal> {
    change(image, topic, |t| {
        if t.rebuild.as_ref().is_none_or(|r| r.format != format) {
            let (location, format) = (location.to_string(), format.to_string());
            t.rebuild = Some(LakeRebuild { location, format, ..LakeRebuild::default() });
        }
        Ok(())
    })
}

/// `is_on`: location and version of the rebuild as its owner knows it.
pub(super) fn commit(
    image: &mut Image,
    topic: TopicId,
    is_on: (&str, u64),
    metadata: &str,
    (partition, to, from_log): (i32, i64, Option<i64>),
) -> Result<Outcome, Refusal> {
    change(image, topic, |t| {
        let (location, base) = is_on;
        let r = t.rebuild.as_mut().filter(|r| r.location == location).ok_or(Refusal::LakeRebuildGone)?;
        if r.version != base {
            return Err(Refusal::LakeVersion { version: r.version, expected: base });
        }
        let committed = r.offsets.get(&partition).copied();
        if committed.is_some_and(|c| to < c) {
            return Err(Refusal::LakeConflict { committed, expected: Some(to) });
        }
        r.version += 1;
        r.metadata = metadata.to_string();
        r.offsets.insert(partition, to);
        if let Some(from) = from_log {
            r.log_from.entry(partition).or_insert(from);
        }
        Ok(())
    })
}

pub(super) fn end(image: &mut Image, topic: TopicId, location: &str) -> Result<Outcome, Refusal> {
    change(image, topic, |t| {
        t.rebuild.take_if(|r| r.location == location);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::super::apply;
    use super::*;
    use crate::command::Command;
    use protocol::ids::Uuid;

    const TOPIC: TopicId = TopicId(Uuid([1; 16]));

    fn start(format: &str, location: &str) -> Command {
        Command::StartLakeRebuild { topic: TOPIC, location: location.into(), format: format.into() }
    }

    fn step(location: &str, base: u64, to: i64, from_log: Option<i64>) -> Command {
        Command::CommitLakeRebuild {
            topic: TOPIC,
            location: location.into(),
            base,
            metadata: format!("m{base}"),
            partition: 0,
            to,
            from_log,
        }
    }

    fn swap(base: u64, rebuild: &str) -> Command {
        Command::CommitLakeTable {
            topic: TOPIC,
            base,
            metadata: "swapped".into(),
            moves: vec![],
            dead_letters: None,
            rebuild: Some(rebuild.into()),
        }
    }

    #[test]
    fn a_rebuild_moves_by_itself_and_ends_with_one_commit_of_the_table() {
        let mut i = Image::default();
        assert!(matches!(apply(&mut i, &start("a", "r1")), Outcome::Refused(Refusal::UnknownTopic)));
        i.lake.insert(TOPIC, Arc::new(LakeTable { table: "t".into(), version: 7, ..LakeTable::default() }));
        assert!(matches!(apply(&mut i, &swap(7, "r1")), Outcome::Refused(Refusal::LakeRebuildGone)));
        apply(&mut i, &start("a", "r1"));
        assert_eq!(apply(&mut i, &step("r1", 0, 10, None)), Outcome::Done);
        apply(&mut i, &start("a", "r2"));
        let of = |i: &Image| i.lake[&TOPIC].rebuild.clone();
        assert_eq!(of(&i).unwrap().location, "r1", "the same is resumed");
        assert_eq!(apply(&mut i, &step("r1", 1, 20, Some(10))), Outcome::Done);
        assert_eq!(apply(&mut i, &step("r1", 2, 30, Some(20))), Outcome::Done);
        for refused in [step("r1", 1, 40, None), step("r2", 3, 40, None), step("r1", 3, 29, None)] {
            assert!(matches!(apply(&mut i, &refused), Outcome::Refused(_)), "{refused:?}");
        }
        let r = of(&i).unwrap();
        assert_eq!((r.version, r.metadata.as_str()), (3, "m2"));
        assert_eq!((r.offsets, r.log_from), ([(0, 30)].into(), [(0, 10)].into()));
        assert_eq!(i.lake[&TOPIC].version, 7, "the table is as it was");
        assert!(matches!(apply(&mut i, &swap(6, "r1")), Outcome::Refused(_)), "an append was faster");
        assert!(of(&i).is_some());
        assert_eq!(apply(&mut i, &swap(7, "r1")), Outcome::Done);
        assert_eq!((of(&i), i.lake[&TOPIC].version), (None, 8));
        // Another format begins anew; the former one's owner is told.
        apply(&mut i, &start("a", "r3"));
        apply(&mut i, &start("b", "r4"));
        assert!(matches!(apply(&mut i, &step("r3", 0, 1, None)), Outcome::Refused(Refusal::LakeRebuildGone)));
        let end = |location: &str| Command::EndLakeRebuild { topic: TOPIC, location: location.into() };
        apply(&mut i, &end("r3"));
        assert!(of(&i).is_some());
        apply(&mut i, &end("r4"));
        assert!(of(&i).is_none());
    }
}
