//! The lake's folder after a crash: a glob over it must count each offset once, with the log's own values.
//!
//! Invariants: every row of every file is read, whoever wrote the file and whether or not it was ever committed;
//! a table's rows are a prefix of its topic without a hole. The names are built here from the documented layout, not
//! by the product's code. Called by `World::check` and at the end of a data folder's life.

use crate::model::{Existence, Model, Problem};
use crate::value::{self, Value};
use arrow::array::AsArray;
use arrow::datatypes::{Int32Type, Int64Type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Problems of one table that are worth printing.
const SHOWN_MAX: usize = 5;

/// What the lake holds of the topics that exist.
#[derive(Debug, Default)]
pub struct Found {
    pub rows: u64,
    /// Rows that the logs have and the lake does not have yet.
    pub missing: u64,
    pub problems: Vec<Problem>,
}

fn table_of(topic: &str) -> String {
    topic.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// Compares the lake in a data folder with what the topics were last found to hold.
pub fn check(data: &Path, model: &Model) -> Result<Found, String> {
    let mut found = Found::default();
    for (topic, t) in model.topics.iter().filter(|(_, t)| t.existence == Existence::Created) {
        let folder = data.join("lake/lipno").join(table_of(topic)).join("data");
        let rows = rows(&folder, topic, &mut found.problems)?;
        found.rows += rows.len() as u64;
        for (i, p) in t.partitions.iter().enumerate() {
            let of = |offset| (i as i32, offset);
            let mine = rows.range(of(i64::MIN)..=of(i64::MAX)).map(|((_, o), v)| (*o, *v));
            let (n, problems) = compare(&format!("lake of {topic}-{i}"), mine, p.content());
            found.missing += (p.content().len() as u64).saturating_sub(n);
            found.problems.extend(problems);
        }
    }
    Ok(found)
}

/// Rows of one partition, in offset order, against its log. Gives how many rows there are.
fn compare(at: &str, rows: impl Iterator<Item = (i64, Option<Value>)>, log: &[Value]) -> (u64, Vec<Problem>) {
    let mut out = Vec::new();
    let mut next = 0;
    for (offset, value) in rows {
        if out.len() >= SHOWN_MAX {
            break;
        }
        if offset != next {
            out.push(Problem::Other(format!("LAKE GAP {at}: offset {offset} follows {}", next - 1)));
        }
        let known = usize::try_from(offset).ok().and_then(|o| log.get(o)).copied();
        if known.is_none() || value != known {
            let show = |v: Option<Value>| v.map_or_else(|| "nothing".to_string(), |v| v.to_string());
            let (value, known) = (show(value), show(known));
            out.push(Problem::Other(format!("LAKE {at} offset {offset}: {value}, the log has {known}")));
        }
        next = offset + 1;
    }
    (next.max(0) as u64, out)
}

type Rows = BTreeMap<(i32, i64), Option<Value>>;

fn rows(folder: &Path, topic: &str, problems: &mut Vec<Problem>) -> Result<Rows, String> {
    let mut out = Rows::new();
    let mut shown = 0;
    for path in glob(folder) {
        for (partition, offset, value) in read(&path).map_err(|e| format!("{}: {e}", path.display()))? {
            if out.insert((partition, offset), value).is_some() && shown < SHOWN_MAX {
                shown += 1;
                let at = format!("{topic}-{partition} offset {offset}");
                let what = format!("LAKE TWICE {at}, the second time in {}", path.display());
                problems.push(Problem::Other(what));
            }
        }
    }
    Ok(out)
}

/// `**/*.parquet`, as a query engine sees it.
fn glob(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return out };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            out.extend(glob(&path));
        } else if path.extension().is_some_and(|e| e == "parquet") {
            out.push(path);
        }
    }
    out
}

/// Partition, offset and value of a file's rows.
fn read(path: &Path) -> Result<Vec<(i32, i64, Option<Value>)>, String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let file = File::open(path).map_err(|e| text(&e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| text(&e))?;
    let columns = ["kafka_partition", "kafka_offset", "kafka_value"];
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
    let mut out = Vec::new();
    for batch in builder.with_projection(mask).build().map_err(|e| text(&e))? {
        let batch = batch.map_err(|e| text(&e))?;
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("no column {name}"));
        let partitions = column("kafka_partition")?.as_primitive::<Int32Type>();
        let offsets = column("kafka_offset")?.as_primitive::<Int64Type>();
        let values = column("kafka_value")?.as_binary::<i32>();
        for i in 0..batch.num_rows() {
            let partition = partitions.value(i);
            out.push((partition, offsets.value(i), value::decode(values.value(i), partition)));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_a_prefix_of_the_log() {
        let v = |counter| Value { producer: 1, counter };
        let log = [v(0), v(1), v(2)];
        let check = |rows: &[(i64, Option<Value>)]| {
            let (n, problems) = compare("t-0", rows.iter().copied(), &log);
            (n, problems.len())
        };
        assert_eq!(check(&[]), (0, 0));
        assert_eq!(check(&[(0, Some(v(0))), (1, Some(v(1)))]), (2, 0));
        assert_eq!(check(&[(1, Some(v(1)))]).1, 1, "a hole at the start");
        assert_eq!(check(&[(0, Some(v(0))), (2, Some(v(2)))]).1, 1, "a hole");
        assert_eq!(check(&[(0, Some(v(9)))]).1, 1, "another value");
        assert_eq!(check(&[(0, None)]).1, 1, "damage");
        assert_eq!(check(&[(0, Some(v(0))), (1, Some(v(1))), (2, Some(v(2))), (3, Some(v(3)))]).1, 1);
    }
}
