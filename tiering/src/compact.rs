//! Small data files become large ones: which, and how.
//!
//! Invariants: files are merged only with their neighbours in offset order, of the same partition, day and typed columns,
//! so that the rows, their order and what each file says of itself stay the same; the choice is a pure function of the
//! table's files; a file is rewritten once for every size class that it grows through. Called by the broker's upkeep on
//! a thread of the pool.

use crate::convert::Attempts;
use crate::iceberg::manifest::DataFile;
use crate::iceberg::stats;
use crate::layout::{Day, FileName};
use crate::parquet::{CSV_HEADER, DROPPED, FileBuilder, Finished, VALUE_FORMAT, batch_rows};
use crate::pool::StopFlag;
use crate::store::{PutError, Store, StoreError};
use crate::typed::Columns;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::ChunkReader;
use arrow::error::ArrowError;
use protocol::ids::TopicId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file of this size is left as it is, and a new one ends above it.
pub const FULL_BYTES: i64 = 128 << 20;
/// So many neighbours of one size class are merged; of a day that is over, any two.
pub const MERGE_AT: usize = 8;
/// Files below this are one size class; each further class is `MERGE_AT` times as large.
const SMALLEST_CLASS: i64 = 256 << 10;
/// No data file that is read whole is larger.
pub(crate) const INPUT_BYTES_MAX: u64 = 1 << 30;
pub(crate) const BATCH_ROWS: usize = 4_096;

#[derive(Debug, thiserror::Error)]
pub enum CompactError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0} is gone")]
    Gone(String),
    #[error("{0}: {1}")]
    Parquet(String, ParquetError),
    #[error("{0}: {1}")]
    Arrow(String, ArrowError),
    #[error("storing {0}: {1}")]
    Put(String, PutError),
    /// The footers of two inputs say different things of how values were read.
    #[error("{0} was made in another way than its neighbour")]
    Mixed(String),
    #[error("the broker stops")]
    Stopped,
}

impl CompactError {
    /// The input that cannot be merged, if it is one of them that is to blame.
    pub fn input(&self) -> Option<&str> {
        match self {
            Self::Gone(path) | Self::Parquet(path, _) | Self::Arrow(path, _) | Self::Mixed(path) => {
                Some(path)
            }
            Self::Store(_) | Self::Put(..) | Self::Stopped => None,
        }
    }
}

fn class(bytes: i64) -> u32 {
    let (mut class, mut limit) = (0, SMALLEST_CLASS);
    while bytes >= limit {
        class += 1;
        limit = limit.saturating_mul(MERGE_AT as i64);
    }
    class
}

/// A data file with what its name says.
pub type Named = (FileName, DataFile);

/// Files that the next merge makes one of, in offset order; none if all is well. `today` is the day that still grows;
/// what is in `apart`, by its URI, is merged with nothing.
pub fn plan(files: &[Named], today: Day, apart: &BTreeSet<String>) -> Option<Vec<Named>> {
    choose(files, today, apart, |x, y| x.end == y.base)
}

/// The same for dead letters, of which most ranges have none: those are neighbours that lie in the range of one file of
/// the table, or between the same two, so that they never reach further than the table's own files do.
pub fn plan_dead(
    dead: &[Named],
    files: &[Named],
    today: Day,
    apart: &BTreeSet<String>,
) -> Option<Vec<Named>> {
    let mut ranges: Vec<_> = files.iter().map(|(n, _)| (n.partition, n.base, n.end)).collect();
    ranges.sort_unstable();
    let place = |n: &FileName| {
        let before = ranges.partition_point(|(p, base, _)| (*p, *base) <= (n.partition, n.base));
        let last = before.checked_sub(1).and_then(|at| ranges.get(at)).filter(|(p, ..)| *p == n.partition);
        let within = last.is_some_and(|(_, _, end)| n.base < *end);
        let is_across = match last {
            Some((_, _, end)) if within => n.end > *end,
            _ => ranges.get(before).is_some_and(|(p, base, _)| *p == n.partition && n.end > *base),
        };
        (!is_across).then_some((before, within))
    };
    choose(dead, today, apart, |x, y| x.end <= y.base && place(x).is_some_and(|at| place(y) == Some(at)))
}

fn choose(
    files: &[Named],
    today: Day,
    apart: &BTreeSet<String>,
    follows: impl Fn(&FileName, &FileName) -> bool,
) -> Option<Vec<Named>> {
    let mut sorted: Vec<&Named> = files.iter().collect();
    sorted.sort_by_key(|(n, _)| (n.partition, n.base));
    let ids = |f: &DataFile| f.value_counts.keys().copied().collect::<Vec<i32>>();
    let is_next = |a: &Named, b: &Named| {
        let (x, y) = (&a.0, &b.0);
        (x.partition, x.day) == (y.partition, y.day)
            && follows(x, y)
            && ids(&a.1) == ids(&b.1)
            && !apart.contains(&a.1.path)
            && !apart.contains(&b.1.path)
    };
    for neighbours in sorted.chunk_by(|a, b| is_next(a, b)) {
        let is_over = neighbours.first().is_some_and(|(n, _)| n.day < today);
        let small = |f: &&Named| f.1.bytes < FULL_BYTES;
        for run in neighbours
            .chunk_by(|a, b| small(a) == small(b) && (is_over || class(a.1.bytes) == class(b.1.bytes)))
        {
            let mut bytes = 0;
            let fits = |f: &&&Named| {
                let is_first = bytes == 0;
                bytes += f.1.bytes;
                is_first || bytes <= FULL_BYTES * 2
            };
            let chosen: Vec<_> = run.iter().filter(|f| small(f)).take_while(fits).collect();
            let total: i64 = chosen.iter().map(|f| f.1.bytes).sum();
            let enough = if is_over { 2 } else { MERGE_AT };
            if chosen.len() >= enough || (chosen.len() >= 2 && total >= FULL_BYTES) {
                return Some(chosen.into_iter().map(|f| (**f).clone()).collect());
            }
        }
    }
    None
}

/// Merges files into one, which is stored and not committed. `columns` are all typed columns of the table.
pub async fn merge(
    store: &Arc<Store>,
    topic: TopicId,
    location: &str,
    inputs: &[Named],
    columns: &Columns,
    random: u32,
    attempts: &Attempts,
    stop: &StopFlag,
) -> Result<DataFile, CompactError> {
    let (Some((first, file)), Some((last, _))) = (inputs.first(), inputs.last()) else {
        return Err(CompactError::Gone(location.to_string()));
    };
    let has = |id: i32| file.value_counts.contains_key(&id);
    let columns: Columns = Columns::new(columns.list().iter().filter(|c| has(c.id)).cloned().collect());
    let failed = |e: ParquetError| CompactError::Parquet(location.to_string(), e);
    let mut out = FileBuilder::new(topic, first.partition, first.base, &columns).map_err(failed)?;
    let (mut said, mut dropped) = (None, 0);
    for (_, input) in inputs {
        let path = store.path_of(&input.path).ok_or_else(|| StoreError::NotOurs(input.path.clone()))?;
        let says = match store.local_path(&path) {
            Some(local) => {
                let source = std::fs::File::open(&local).map_err(|source| match source.kind() {
                    std::io::ErrorKind::NotFound => CompactError::Gone(path.clone()),
                    _ => StoreError::Io { path: path.clone(), source }.into(),
                })?;
                copy(source, &path, &mut out, stop)?
            }
            None => {
                let bytes = store.get(&path, INPUT_BYTES_MAX).await?;
                copy(bytes.ok_or_else(|| CompactError::Gone(path.clone()))?, &path, &mut out, stop)?
            }
        };
        dropped += says.dropped;
        // Values that were read in another way: what the footer says would be wrong for some rows.
        if said.as_ref().is_some_and(|s| *s != says.made_of) {
            return Err(CompactError::Mixed(path));
        }
        said = Some(says.made_of);
    }
    for (key, value) in said.into_iter().flatten() {
        out.say(key, value);
    }
    if dropped > 0 {
        out.say(DROPPED, dropped.to_string());
    }
    let Finished { parts, leader_epoch, footer, .. } = out.finish(last.end).map_err(failed)?;
    let name = FileName { end: last.end, leader_epoch, random, ..*first };
    let path = name.path(location);
    let bytes: usize = parts.iter().map(|p| p.len()).sum();
    attempts.lock().push(path.clone());
    store.put(&path, parts).await.map_err(|e| CompactError::Put(path.clone(), e))?;
    Ok(stats::data_file(store.uri(&path), first.day.0, bytes as i64, &footer))
}

/// What a footer says of how its rows were made.
struct Says {
    made_of: Vec<(&'static str, String)>,
    dropped: u64,
}

/// Appends all rows of a file.
fn copy<T: ChunkReader + 'static>(
    input: T,
    path: &str,
    out: &mut FileBuilder,
    stop: &StopFlag,
) -> Result<Says, CompactError> {
    let broken = |e: ParquetError| CompactError::Parquet(path.to_string(), e);
    let builder = ParquetRecordBatchReaderBuilder::try_new(input).map_err(broken)?;
    let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let pair = |key: &str| pairs.iter().find(|p| p.key == key).and_then(|p| p.value.clone());
    let made_of = [VALUE_FORMAT, CSV_HEADER].into_iter().filter_map(|key| Some((key, pair(key)?))).collect();
    let dropped = pair(DROPPED).and_then(|n| n.parse().ok()).unwrap_or(0);
    let rows = batch_rows(builder.metadata(), BATCH_ROWS);
    for batch in builder.with_batch_size(rows).build().map_err(broken)? {
        if stop.is_set() {
            return Err(CompactError::Stopped);
        }
        let batch = batch.map_err(|e| CompactError::Arrow(path.to_string(), e))?;
        out.write_again(&batch).map_err(broken)?;
    }
    Ok(Says { made_of, dropped })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(partition: i32, day: i32, base: i64, end: i64, bytes: i64, columns: i32) -> Named {
        let name = FileName { day: Day(day), partition, base, end, leader_epoch: 0, random: base as u32 };
        let value_counts = (100..100 + columns).map(|id| (id, 1)).collect();
        (name, DataFile { bytes, value_counts, path: name.path("ns/t"), ..DataFile::default() })
    }

    fn planned(files: &[Named]) -> Option<Vec<i64>> {
        plan(files, Day(10), &BTreeSet::new()).map(|p| p.iter().map(|(n, _)| n.base).collect())
    }

    #[test]
    fn neighbours_of_one_size_are_merged() {
        let eight = |bytes| (0..8).map(|i| file(0, 10, i * 10, i * 10 + 10, bytes, 2)).collect::<Vec<_>>();
        assert_eq!(planned(&eight(1_000)), Some((0..8).map(|i| i * 10).collect()));
        assert_eq!(planned(&eight(1_000)[..7]), None, "too few");
        assert_eq!(planned(&eight(FULL_BYTES)), None, "large enough");
        let mut gap = eight(1_000);
        gap.remove(4);
        gap.push(file(0, 10, 80, 90, 1_000, 2));
        assert_eq!(planned(&gap), None, "not neighbours");
        let mut other = eight(1_000);
        other[4] = file(0, 10, 40, 50, 1_000, 3);
        assert_eq!(planned(&other), None, "other columns");
        let mut large = eight(1_000);
        large[0] = file(0, 10, 0, 10, 50 << 20, 2);
        assert_eq!(
            planned(&large),
            None,
            "a large one is not written again for the sake of seven small ones"
        );
        let over = [file(0, 9, 0, 10, 50 << 20, 2), file(0, 9, 10, 11, 10, 2)];
        assert_eq!(planned(&over), Some(vec![0, 10]), "a day that is over is tidied");
        assert_eq!(planned(&[file(0, 9, 0, 10, 1, 2), file(1, 9, 10, 11, 1, 2)]), None, "other partitions");
    }

    #[test]
    fn one_that_cannot_be_merged_holds_up_nobody_else() {
        let files: Vec<_> = (0..5).map(|i| file(0, 9, i * 10, i * 10 + 10, 1_000, 2)).collect();
        let apart = |at: usize| [files[at].1.path.clone()].into();
        let bases = |apart| plan(&files, Day(10), &apart).map(|p| p.iter().map(|(n, _)| n.base).collect());
        assert_eq!(bases(apart(0)), Some(vec![10, 20, 30, 40]));
        assert_eq!(bases(apart(2)), Some(vec![0, 10]));
        assert_eq!(bases(files.iter().map(|(_, f)| f.path.clone()).collect()), None::<Vec<i64>>);
    }

    #[test]
    fn dead_letters_are_merged_within_the_range_of_one_file() {
        let plan = |dead: &[Named], files: &[Named]| {
            let chosen = plan_dead(dead, files, Day(10), &BTreeSet::new())?;
            Some(chosen.iter().map(|(n, _)| n.base).collect::<Vec<_>>())
        };
        let dead: Vec<_> = [3, 20, 50, 70, 90].map(|at| file(0, 9, at, at + 5, 100, 2)).into();
        assert_eq!(plan(&dead, &[]), Some(vec![3, 20, 50, 70, 90]), "there is nothing else");
        let two = [file(0, 9, 0, 60, 1_000, 2), file(0, 9, 60, 100, 1_000, 2)];
        assert_eq!(plan(&dead, &two), Some(vec![3, 20, 50]));
        assert_eq!(plan(&dead[3..], &two), Some(vec![70, 90]));
        assert_eq!(plan(&dead[2..4], &two), None, "in two files");
        let gap = [file(0, 9, 0, 10, 1_000, 2), file(0, 9, 60, 100, 1_000, 2)];
        assert_eq!(plan(&dead[..4], &gap), Some(vec![20, 50]), "between two files");
        let across =
            [file(0, 9, 0, 22, 1_000, 2), file(0, 9, 22, 51, 1_000, 2), file(1, 9, 0, 100, 1_000, 2)];
        assert_eq!(plan(&dead[..3], &across), None, "20 and 50 reach into the next range");
        assert_eq!(plan(&dead[3..], &across), Some(vec![70, 90]), "after the last");
        let today: Vec<_> = (0..8).map(|i| file(0, 10, i * 10, i * 10 + 2, 100, 2)).collect();
        assert_eq!(plan(&today[..7], &[]), None, "too few");
        assert_eq!(plan(&today, &[]).map(|p| p.len()), Some(8));
        let other = [file(0, 9, 0, 5, 1, 2), file(1, 9, 5, 9, 1, 2)];
        assert_eq!(plan(&other, &[]), None, "other partitions");
    }

    #[tokio::test]
    async fn an_input_that_is_gone_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        let (name, mut data) = file(0, 9, 0, 10, 1_000, 0);
        data.path = store.uri(&data.path);
        let (topic, columns) = (TopicId(protocol::ids::Uuid([7; 16])), Columns::default());
        let (attempts, stop) = (Attempts::default(), StopFlag::default());
        let inputs = [(name, data.clone())];
        let merged = merge(&store, topic, "ns/t", &inputs, &columns, 1, &attempts, &stop).await;
        let e = merged.unwrap_err();
        assert_eq!(e.input().map(|p| store.uri(p)), Some(data.path), "{e}");
    }

    #[test]
    fn large_rows_are_read_few_at_a_time() {
        use arrow::array::{ArrayRef, BinaryArray, RecordBatch};
        let rows_at_once = |bytes: usize| {
            let value = vec![b'x'; bytes];
            let values: ArrayRef = Arc::new(BinaryArray::from(vec![&value[..]; 32]));
            let batch = RecordBatch::try_from_iter([("v", values)]).unwrap();
            let plain =
                ::parquet::file::properties::WriterProperties::builder().set_dictionary_enabled(false);
            let mut w =
                ::parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), Some(plain.build()))
                    .unwrap();
            w.write(&batch).unwrap();
            batch_rows(&w.close().unwrap(), BATCH_ROWS)
        };
        assert_eq!(rows_at_once(100), BATCH_ROWS);
        assert!((6..=8).contains(&rows_at_once(1 << 20)));
        assert_eq!(rows_at_once(16 << 20), 1);
    }

    #[test]
    fn a_file_is_written_again_once_for_every_size() {
        // A file of 100 kB every minute of a day, compacted as it goes.
        let (mut files, mut written, mut next) = (Vec::new(), 0i64, 0);
        for _ in 0..1_440 {
            files.push(file(0, 10, next, next + 1, 100_000, 2));
            next += 1;
            while let Some(inputs) = plan(&files, Day(10), &BTreeSet::new()) {
                let bytes: i64 = inputs.iter().map(|(_, f)| f.bytes).sum();
                written += bytes;
                let (base, end) = (inputs[0].0.base, inputs[inputs.len() - 1].0.end);
                files.retain(|(n, _)| n.base < base || n.end > end);
                files.push(file(0, 10, base, end, bytes, 2));
            }
        }
        assert!(files.len() < 30, "{} files", files.len());
        assert!(written < 4 * 1_440 * 100_000, "every byte at most four times: {written}");
    }
}
