//! What a manifest says of a data file, from the footer that its writer just made.
//!
//! Invariants: numbers are by field id and summed over row groups; bounds only where every row group with values has
//! them, and only of fixed-size columns: keys, values and headers have none. Called when a file is finished.

use super::manifest::DataFile;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::statistics::Statistics;
use std::collections::{BTreeMap, BTreeSet};

/// The field id of a column chunk; columns without one are not the table's.
fn id_of(c: &ColumnChunkMetaData) -> Option<i32> {
    let info = c.column_descr().self_type().get_basic_info();
    info.has_id().then(|| info.id())
}

fn add(map: &mut BTreeMap<i32, i64>, id: i32, n: i64) {
    *map.entry(id).or_default() += n;
}

/// Smallest and largest value seen of each column, as numbers that compare.
#[derive(Default)]
struct Bounds {
    seen: BTreeMap<i32, (i64, i64, usize)>,
    unknown: BTreeSet<i32>,
}

impl Bounds {
    fn widen(&mut self, id: i32, min: i64, max: i64, width: usize) {
        let (a, b, _) = self.seen.get(&id).copied().unwrap_or((min, max, width));
        self.seen.insert(id, (a.min(min), b.max(max), width));
    }

    fn add(&mut self, id: i32, c: &ColumnChunkMetaData) {
        match c.statistics() {
            Some(Statistics::Int32(s)) => match (s.min_opt(), s.max_opt()) {
                (Some(min), Some(max)) => self.widen(id, i64::from(*min), i64::from(*max), 4),
                _ => self.miss(id, c),
            },
            Some(Statistics::Int64(s)) => match (s.min_opt(), s.max_opt()) {
                (Some(min), Some(max)) => self.widen(id, *min, *max, 8),
                _ => self.miss(id, c),
            },
            _ => self.miss(id, c),
        }
    }

    /// A chunk of nulls alone has no bounds and needs none.
    fn miss(&mut self, id: i32, c: &ColumnChunkMetaData) {
        let nulls = c.statistics().and_then(Statistics::null_count_opt);
        if nulls != Some(c.num_values() as u64) {
            self.unknown.insert(id);
        }
    }

    fn known(&self) -> impl Iterator<Item = (i32, Vec<u8>, Vec<u8>)> + '_ {
        let bytes = |v: i64, width: usize| v.to_le_bytes().into_iter().take(width).collect::<Vec<u8>>();
        self.seen
            .iter()
            .filter(|(id, _)| !self.unknown.contains(id))
            .map(move |(id, (min, max, width))| (*id, bytes(*min, *width), bytes(*max, *width)))
    }
}

/// The entry of a file of `bytes` bytes whose rows are all of one day.
pub fn data_file(path: String, day: i32, bytes: i64, footer: &ParquetMetaData) -> DataFile {
    let mut f = DataFile { path, day, bytes, ..DataFile::default() };
    let mut bounds = Bounds::default();
    for group in footer.row_groups() {
        f.rows += group.num_rows();
        let starts =
            group.columns().iter().map(|c| c.dictionary_page_offset().unwrap_or(c.data_page_offset()));
        f.splits.extend(starts.min());
        for c in group.columns() {
            let Some(id) = id_of(c) else { continue };
            add(&mut f.column_sizes, id, c.compressed_size());
            add(&mut f.value_counts, id, c.num_values());
            if let Some(n) = c.statistics().and_then(Statistics::null_count_opt) {
                add(&mut f.null_counts, id, n as i64);
            }
            bounds.add(id, c);
        }
    }
    for (id, min, max) in bounds.known() {
        f.lower.insert(id, min);
        f.upper.insert(id, max);
    }
    f
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iceberg::schema::id_by_name;
    use crate::parquet::FileBuilder;
    use crate::schema;
    use crate::typed::Columns;
    use protocol::ids::{TopicId, Uuid};
    use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};

    #[test]
    fn a_file_is_described_by_its_footer() {
        let mut file = FileBuilder::new(TopicId(Uuid([1; 16])), 3, 0, &Columns::default()).unwrap();
        let mut b = BatchBuilder::new(Codec::None);
        for i in 0..10 {
            let key = (i % 2 == 0).then_some(&b"k"[..]);
            b.push(NewRecord { timestamp: 1_000 + i, key, value: Some(b"v"), ..NewRecord::default() });
        }
        let batch = b.finish().unwrap();
        file.push(&BatchHeader::read(&batch).unwrap(), &batch, 5_000).unwrap();
        let done = file.finish(10).unwrap();
        let bytes: usize = done.parts.iter().map(|p| p.len()).sum();
        let f = data_file("file:///x.parquet".into(), 0, bytes as i64, &done.footer);
        let id = id_by_name;
        assert_eq!((f.rows, f.bytes, f.splits.as_slice()), (10, bytes as i64, &[4i64][..]));
        assert_eq!(f.lower[&id(schema::PARTITION)], 3i32.to_le_bytes());
        assert_eq!(f.lower[&id(schema::OFFSET)], 0i64.to_le_bytes());
        assert_eq!(f.upper[&id(schema::OFFSET)], 9i64.to_le_bytes());
        assert_eq!(f.upper[&id(schema::TIMESTAMP)], 1_009_000i64.to_le_bytes());
        assert_eq!(f.null_counts[&id(schema::ERROR)], 10);
        assert_eq!(f.value_counts[&id(schema::KEY)], 10);
        // Neither bounds nor null counts of what has no statistics, nor bounds of what is null alone.
        for name in [schema::KEY, schema::VALUE, schema::ERROR] {
            assert!(!f.lower.contains_key(&id(name)) && !f.upper.contains_key(&id(name)), "{name}");
        }
        assert!(!f.lower.contains_key(&11) && f.column_sizes[&id(schema::VALUE)] > 0);
        assert!(f.column_sizes.values().sum::<i64>() < f.bytes);
    }
}
