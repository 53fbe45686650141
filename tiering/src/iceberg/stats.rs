//! What a manifest says of a data file, from the footer that its writer just made.
//!
//! Invariants: numbers are by field id and summed over row groups; bounds only where every row group with values has
//! them, of texts only their first characters; keys, values and headers have none. Called when a file is finished.

use super::manifest::DataFile;
use parquet::basic::LogicalType;
use parquet::data_type::ByteArray;
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

/// Code points of a string that a bound has.
const STRING_BOUND_CHARS: usize = 16;

/// The smallest and the largest value of a column so far.
#[derive(Clone, Debug, PartialEq)]
enum Bound {
    Int(i64, i64, usize),
    Double(f64, f64),
    Text(String, String),
}

impl Bound {
    /// The values of a column chunk; `None` if its statistics do not say.
    fn of(c: &ColumnChunkMetaData) -> Option<Bound> {
        match c.statistics()? {
            Statistics::Int32(s) => Some(Bound::Int((*s.min_opt()?).into(), (*s.max_opt()?).into(), 4)),
            Statistics::Int64(s) => Some(Bound::Int(*s.min_opt()?, *s.max_opt()?, 8)),
            Statistics::Double(s) => {
                let (min, max) = (*s.min_opt()?, *s.max_opt()?);
                // Zeros of both signs are one value and compare as two: each bound has the one further out.
                let (min, max) = (if min == 0.0 { -0.0 } else { min }, if max == 0.0 { 0.0 } else { max });
                (!min.is_nan() && !max.is_nan()).then_some(Bound::Double(min, max))
            }
            Statistics::ByteArray(s) if is_text(c) => {
                let text = |b: &ByteArray| String::from_utf8(b.data().to_vec()).ok();
                Some(Bound::Text(text(s.min_opt()?)?, text(s.max_opt()?)?))
            }
            _ => None,
        }
    }

    /// Of two chunks of one column.
    fn with(self, other: Bound) -> Option<Bound> {
        match (self, other) {
            (Bound::Int(a, b, width), Bound::Int(c, d, _)) => Some(Bound::Int(a.min(c), b.max(d), width)),
            (Bound::Double(a, b), Bound::Double(c, d)) => Some(Bound::Double(a.min(c), b.max(d))),
            (Bound::Text(a, b), Bound::Text(c, d)) => Some(Bound::Text(a.min(c), b.max(d))),
            _ => None,
        }
    }

    /// As Iceberg writes single values.
    fn lower(&self) -> Vec<u8> {
        match self {
            Bound::Int(min, _, width) => min.to_le_bytes().into_iter().take(*width).collect(),
            Bound::Double(min, _) => min.to_le_bytes().into(),
            Bound::Text(min, _) => min.chars().take(STRING_BOUND_CHARS).collect::<String>().into_bytes(),
        }
    }

    /// `None`: there is no short text above the largest one.
    fn upper(&self) -> Option<Vec<u8>> {
        match self {
            Bound::Int(_, max, width) => Some(max.to_le_bytes().into_iter().take(*width).collect()),
            Bound::Double(_, max) => Some(max.to_le_bytes().into()),
            Bound::Text(_, max) => Some(text_above(max)?.into_bytes()),
        }
    }
}

/// A text of at most `STRING_BOUND_CHARS` code points that is not below this one.
fn text_above(max: &str) -> Option<String> {
    let mut kept: Vec<char> = max.chars().take(STRING_BOUND_CHARS).collect();
    if max.chars().count() <= STRING_BOUND_CHARS {
        return Some(kept.into_iter().collect());
    }
    // The last code point that has a successor gets it, and what follows is left out.
    while let Some(last) = kept.pop() {
        let next = u32::from(last) + 1;
        // The surrogates are no code points of texts.
        if let Some(next) = char::from_u32(if next == 0xd800 { 0xe000 } else { next }) {
            kept.push(next);
            return Some(kept.into_iter().collect());
        }
    }
    None
}

fn is_text(c: &ColumnChunkMetaData) -> bool {
    matches!(c.column_descr().logical_type_ref(), Some(LogicalType::String))
}

#[derive(Default)]
struct Bounds {
    seen: BTreeMap<i32, Bound>,
    unknown: BTreeSet<i32>,
}

impl Bounds {
    fn add(&mut self, id: i32, c: &ColumnChunkMetaData) {
        let Some(found) = Bound::of(c) else { return self.miss(id, c) };
        let all = match self.seen.remove(&id) {
            Some(seen) => seen.with(found),
            None => Some(found),
        };
        match all {
            Some(all) => drop(self.seen.insert(id, all)),
            None => drop(self.unknown.insert(id)),
        }
    }

    /// A chunk of nulls alone has no bounds and needs none.
    fn miss(&mut self, id: i32, c: &ColumnChunkMetaData) {
        let nulls = c.statistics().and_then(Statistics::null_count_opt);
        if nulls != Some(c.num_values() as u64) {
            self.unknown.insert(id);
        }
    }

    fn known(&self) -> impl Iterator<Item = (i32, &Bound)> {
        self.seen.iter().filter(|(id, _)| !self.unknown.contains(id)).map(|(id, b)| (*id, b))
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
    for (id, b) in bounds.known() {
        f.lower.insert(id, b.lower());
        if let Some(max) = b.upper() {
            f.upper.insert(id, max);
        }
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

    #[test]
    fn bounds_of_texts_are_short_and_still_bounds() {
        let above = |s: &str| text_above(s);
        assert_eq!(above("short").as_deref(), Some("short"));
        assert_eq!(above("0123456789abcdef").as_deref(), Some("0123456789abcdef"));
        assert_eq!(above("0123456789abcdef!").as_deref(), Some("0123456789abcdeg"));
        let last = char::MAX.to_string();
        assert_eq!(above(&format!("{}{}", "a".repeat(15), last.repeat(2))).unwrap(), "a".repeat(14) + "b");
        assert_eq!(above(&last.repeat(17)), None, "nothing is above");
        assert_eq!(above(&format!("{}\u{d7ff}x", "a".repeat(15))).unwrap(), "a".repeat(15) + "\u{e000}");
        let text = |s: &str| Bound::Text(s.into(), s.into());
        assert_eq!(text("b").with(text("a")), Some(Bound::Text("a".into(), "b".into())));
        assert_eq!(Bound::Text("\u{e9}".repeat(20), String::new()).lower(), "\u{e9}".repeat(16).into_bytes());
    }

    #[test]
    fn zeros_of_both_signs_are_inside() {
        use crate::typed::{Column, Kind};
        use arrow::array::{ArrayRef, Float64Array, StringArray};
        use std::sync::Arc;
        let column = |id, name: &str, kind| Column { id, name: name.into(), path: vec![name.into()], kind };
        let columns = Columns::new(vec![column(100, "d", Kind::Double), column(101, "s", Kind::String)]);
        let mut file = FileBuilder::new(TopicId(Uuid([1; 16])), 3, 0, &columns).unwrap();
        let mut b = BatchBuilder::new(Codec::None);
        (0..3).for_each(|_| b.push(NewRecord::default()));
        let batch = b.finish().unwrap();
        let mut rows = crate::rows::RowBuilder::new(3, 0);
        rows.push(&BatchHeader::read(&batch).unwrap(), &batch, 5_000);
        let d: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.0), None, Some(-0.0)]));
        let s: ArrayRef = Arc::new(StringArray::from(vec![Some("z\u{fc}rich"), Some(""), None]));
        let typed = crate::rows::Typed { columns: vec![d, s], ..Default::default() };
        file.write(rows.take().unwrap(), Some(typed), &[]).unwrap();
        let f = data_file("file:///x.parquet".into(), 0, 1, &file.finish(3).unwrap().footer);
        assert_eq!(f.lower[&100], (-0.0f64).to_le_bytes());
        assert_eq!(f.upper[&100], 0.0f64.to_le_bytes());
        assert_eq!(
            (f.lower[&101].as_slice(), f.upper[&101].as_slice()),
            (&b""[..], "z\u{fc}rich".as_bytes())
        );
        assert!(!f.lower.contains_key(&18) && !f.lower.contains_key(&7), "errors and keys have none");
    }
}
