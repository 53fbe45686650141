//! Manifests and manifest lists: which data files a snapshot has, in Avro, format version 2.
//!
//! Invariants: what is written is read back the same; an added entry carries no sequence number, so that it inherits
//! that of the commit which wins and a manifest is written once however often a commit is tried; existing and deleted
//! ones carry theirs. Only data files, no delete files. Called by the committer and the upkeep.

use super::avro::{AvroError, Decoder, Encoder, read_file, write_file};
use super::schema;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Status of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Existing = 0,
    Added = 1,
    Deleted = 2,
}

/// A data file and what planners want to know of it. Bounds are in Iceberg's binary form, by field id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataFile {
    pub path: String,
    /// Day since 1970-01-01 of all its rows.
    pub day: i32,
    pub rows: i64,
    pub bytes: i64,
    pub column_sizes: BTreeMap<i32, i64>,
    pub value_counts: BTreeMap<i32, i64>,
    pub null_counts: BTreeMap<i32, i64>,
    pub lower: BTreeMap<i32, Vec<u8>>,
    pub upper: BTreeMap<i32, Vec<u8>>,
    /// Where its row groups start.
    pub splits: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub status: Status,
    pub snapshot_id: Option<i64>,
    pub sequence_number: Option<i64>,
    pub file_sequence_number: Option<i64>,
    pub file: DataFile,
}

/// A manifest in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestFile {
    pub path: String,
    pub bytes: i64,
    pub sequence_number: i64,
    pub min_sequence_number: i64,
    pub added_snapshot_id: i64,
    pub added_files: i32,
    pub existing_files: i32,
    pub deleted_files: i32,
    pub added_rows: i64,
    pub existing_rows: i64,
    pub deleted_rows: i64,
    /// First and last day of its files.
    pub days: Option<(i32, i32)>,
}

fn field(id: i32, name: &str, of: Value) -> Value {
    json!({ "name": name, "type": of, "field-id": id })
}

fn optional(id: i32, name: &str, of: Value) -> Value {
    json!({ "name": name, "type": ["null", of], "default": null, "field-id": id })
}

/// A map with int keys: in Avro, an array of pairs.
fn pairs(id: i32, name: &str, key: i32, value: i32, of: &str) -> Value {
    let pair = json!({
        "type": "record",
        "name": format!("k{key}_v{value}"),
        "fields": [field(key, "key", json!("int")), field(value, "value", json!(of))],
    });
    optional(id, name, json!({ "type": "array", "items": pair, "logicalType": "map" }))
}

fn longs(id: i32, name: &str, element: i32) -> Value {
    optional(id, name, json!({ "type": "array", "items": "long", "element-id": element }))
}

fn entry_schema() -> Value {
    let day = optional(
        schema::PARTITION_FIELD_ID,
        schema::PARTITION_FIELD,
        json!({ "type": "int", "logicalType": "date" }),
    );
    let file = json!({ "type": "record", "name": "r2", "fields": [
        field(134, "content", json!("int")),
        field(100, "file_path", json!("string")),
        field(101, "file_format", json!("string")),
        field(102, "partition", json!({ "type": "record", "name": "r102", "fields": [day] })),
        field(103, "record_count", json!("long")),
        field(104, "file_size_in_bytes", json!("long")),
        pairs(108, "column_sizes", 117, 118, "long"),
        pairs(109, "value_counts", 119, 120, "long"),
        pairs(110, "null_value_counts", 121, 122, "long"),
        pairs(125, "lower_bounds", 126, 127, "bytes"),
        pairs(128, "upper_bounds", 129, 130, "bytes"),
        longs(132, "split_offsets", 133),
        optional(140, "sort_order_id", json!("int")),
    ]});
    json!({ "type": "record", "name": "manifest_entry", "fields": [
        field(0, "status", json!("int")),
        optional(1, "snapshot_id", json!("long")),
        optional(3, "sequence_number", json!("long")),
        optional(4, "file_sequence_number", json!("long")),
        field(2, "data_file", file),
    ]})
}

fn list_schema() -> Value {
    let summary = json!({ "type": "record", "name": "r508", "fields": [
        field(509, "contains_null", json!("boolean")),
        optional(518, "contains_nan", json!("boolean")),
        optional(510, "lower_bound", json!("bytes")),
        optional(511, "upper_bound", json!("bytes")),
    ]});
    json!({ "type": "record", "name": "manifest_file", "fields": [
        field(500, "manifest_path", json!("string")),
        field(501, "manifest_length", json!("long")),
        field(502, "partition_spec_id", json!("int")),
        field(517, "content", json!("int")),
        field(515, "sequence_number", json!("long")),
        field(516, "min_sequence_number", json!("long")),
        field(503, "added_snapshot_id", json!("long")),
        field(504, "added_files_count", json!("int")),
        field(505, "existing_files_count", json!("int")),
        field(506, "deleted_files_count", json!("int")),
        field(512, "added_rows_count", json!("long")),
        field(513, "existing_rows_count", json!("long")),
        field(514, "deleted_rows_count", json!("long")),
        optional(507, "partitions", json!({ "type": "array", "items": summary, "element-id": 508 })),
    ]})
}

fn put_map<V>(e: &mut Encoder, map: &BTreeMap<i32, V>, put: impl Fn(&mut Encoder, &V)) {
    e.optional(Some(map), |e, map| {
        e.array(map.iter(), |e, (k, v)| {
            e.int(*k);
            put(e, v);
        });
    });
}

fn take_map<V>(
    d: &mut Decoder<'_>,
    take: impl Fn(&mut Decoder<'_>) -> Result<V, AvroError>,
) -> Result<BTreeMap<i32, V>, AvroError> {
    let pairs = d.optional(|d| d.array(|d| Ok((d.int()?, take(d)?))))?;
    Ok(pairs.unwrap_or_default().into_iter().collect())
}

fn put_file(e: &mut Encoder, f: &DataFile) {
    e.int(0);
    e.string(&f.path);
    e.string("PARQUET");
    e.optional(Some(f.day), |e, day| e.int(day));
    e.long(f.rows);
    e.long(f.bytes);
    for map in [&f.column_sizes, &f.value_counts, &f.null_counts] {
        put_map(e, map, |e, v| e.long(*v));
    }
    for map in [&f.lower, &f.upper] {
        put_map(e, map, |e, v| e.bytes(v));
    }
    e.optional(Some(&f.splits), |e, s| e.array(s.iter(), |e, v| e.long(*v)));
    e.optional(Some(schema::SORT_ORDER_ID), |e, id| e.int(id));
}

fn take_file(d: &mut Decoder<'_>) -> Result<DataFile, AvroError> {
    if d.int()? != 0 {
        return Err(AvroError("it lists delete files".into()));
    }
    let path = d.string()?.to_string();
    d.string()?;
    let day = d.optional(|d| d.int())?.unwrap_or_default();
    let (rows, bytes) = (d.long()?, d.long()?);
    let column_sizes = take_map(d, |d| d.long())?;
    let value_counts = take_map(d, |d| d.long())?;
    let null_counts = take_map(d, |d| d.long())?;
    let lower = take_map(d, |d| Ok(d.bytes()?.to_vec()))?;
    let upper = take_map(d, |d| Ok(d.bytes()?.to_vec()))?;
    let splits = d.optional(|d| d.array(|d| d.long()))?.unwrap_or_default();
    d.optional(|d| d.int())?;
    Ok(DataFile { path, day, rows, bytes, column_sizes, value_counts, null_counts, lower, upper, splits })
}

/// A manifest's bytes. `schema` is the table's at this time, in JSON; `sync` is of this file alone.
pub fn write(entries: &[Entry], table_schema: &Value, sync: [u8; 16]) -> Vec<u8> {
    let mut e = Encoder::default();
    for x in entries {
        e.int(x.status as i32);
        for n in [x.snapshot_id, x.sequence_number, x.file_sequence_number] {
            e.optional(n, |e, n| e.long(n));
        }
        put_file(&mut e, &x.file);
    }
    let (avro, table) = (entry_schema().to_string(), table_schema.to_string());
    let (spec, id) = (schema::partition_fields().to_string(), schema::SPEC_ID.to_string());
    let schema_id = table_schema["schema-id"].to_string();
    let meta = [
        ("avro.schema", avro.as_str()),
        ("schema", table.as_str()),
        ("schema-id", schema_id.as_str()),
        ("partition-spec", spec.as_str()),
        ("partition-spec-id", id.as_str()),
        ("format-version", "2"),
        ("content", "data"),
    ];
    write_file(&meta, sync, entries.len(), &e.0)
}

/// The entries of a manifest that `write` made.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>, AvroError> {
    let file = read_file(bytes)?;
    let mut d = Decoder(&file.records);
    let mut out = Vec::new();
    for _ in 0..file.count {
        let status = match d.int()? {
            0 => Status::Existing,
            1 => Status::Added,
            2 => Status::Deleted,
            n => return Err(AvroError(format!("status {n}"))),
        };
        let snapshot_id = d.optional(|d| d.long())?;
        let sequence_number = d.optional(|d| d.long())?;
        let file_sequence_number = d.optional(|d| d.long())?;
        let file = take_file(&mut d)?;
        out.push(Entry { status, snapshot_id, sequence_number, file_sequence_number, file });
    }
    Ok(out)
}

impl ManifestFile {
    /// What a list says of a manifest with these entries.
    pub fn of(
        path: String,
        bytes: usize,
        entries: &[Entry],
        snapshot_id: i64,
        sequence_number: i64,
    ) -> ManifestFile {
        let mut m = ManifestFile {
            path,
            bytes: bytes as i64,
            sequence_number,
            min_sequence_number: sequence_number,
            added_snapshot_id: snapshot_id,
            ..ManifestFile::default()
        };
        for e in entries {
            let (files, rows) = match e.status {
                Status::Added => (&mut m.added_files, &mut m.added_rows),
                Status::Existing => (&mut m.existing_files, &mut m.existing_rows),
                Status::Deleted => (&mut m.deleted_files, &mut m.deleted_rows),
            };
            *files += 1;
            *rows += e.file.rows;
            if e.status != Status::Deleted {
                let own = e.sequence_number.unwrap_or(sequence_number);
                m.min_sequence_number = m.min_sequence_number.min(own);
            }
            let day = e.file.day;
            m.days = Some(m.days.map_or((day, day), |(a, b)| (a.min(day), b.max(day))));
        }
        m
    }
}

/// A manifest list's bytes.
pub fn write_list(
    manifests: &[ManifestFile],
    snapshot_id: i64,
    parent: Option<i64>,
    sequence_number: i64,
    sync: [u8; 16],
) -> Vec<u8> {
    let mut e = Encoder::default();
    for m in manifests {
        e.string(&m.path);
        e.long(m.bytes);
        e.int(schema::SPEC_ID);
        e.int(0);
        [m.sequence_number, m.min_sequence_number, m.added_snapshot_id].into_iter().for_each(|n| e.long(n));
        [m.added_files, m.existing_files, m.deleted_files].into_iter().for_each(|n| e.int(n));
        [m.added_rows, m.existing_rows, m.deleted_rows].into_iter().for_each(|n| e.long(n));
        e.optional(m.days, |e, (first, last)| {
            e.array([(first, last)].into_iter(), |e, (first, last)| {
                e.bool(false);
                e.optional(Some(false), |e, v| e.bool(v));
                e.optional(Some(first), |e, day| e.bytes(&day.to_le_bytes()));
                e.optional(Some(last), |e, day| e.bytes(&day.to_le_bytes()));
            });
        });
    }
    let avro = list_schema().to_string();
    let (id, sequence) = (snapshot_id.to_string(), sequence_number.to_string());
    let parent = parent.map_or_else(|| "null".to_string(), |p| p.to_string());
    let meta = [
        ("avro.schema", avro.as_str()),
        ("snapshot-id", id.as_str()),
        ("parent-snapshot-id", parent.as_str()),
        ("sequence-number", sequence.as_str()),
        ("format-version", "2"),
    ];
    write_file(&meta, sync, manifests.len(), &e.0)
}

/// The manifests of a list that `write_list` made.
pub fn read_list(bytes: &[u8]) -> Result<Vec<ManifestFile>, AvroError> {
    let file = read_file(bytes)?;
    let mut d = Decoder(&file.records);
    let mut out = Vec::new();
    let day = |b: &[u8]| {
        b.first_chunk()
            .map(|d| i32::from_le_bytes(*d))
            .ok_or_else(|| AvroError("a day has four bytes".into()))
    };
    for _ in 0..file.count {
        let (path, bytes) = (d.string()?.to_string(), d.long()?);
        if (d.int()?, d.int()?) != (schema::SPEC_ID, 0) {
            return Err(AvroError("another partition spec, or delete files".into()));
        }
        let (sequence_number, min_sequence_number, added_snapshot_id) = (d.long()?, d.long()?, d.long()?);
        let (added_files, existing_files, deleted_files) = (d.int()?, d.int()?, d.int()?);
        let (added_rows, existing_rows, deleted_rows) = (d.long()?, d.long()?, d.long()?);
        let summaries = d.optional(|d| {
            d.array(|d| {
                d.bool()?;
                d.optional(|d| d.bool())?;
                let first = d.optional(|d| day(d.bytes()?))?;
                Ok(first.zip(d.optional(|d| day(d.bytes()?))?))
            })
        })?;
        let days = summaries.unwrap_or_default().into_iter().flatten().next();
        out.push(ManifestFile {
            path,
            bytes,
            sequence_number,
            min_sequence_number,
            added_snapshot_id,
            added_files,
            existing_files,
            deleted_files,
            added_rows,
            existing_rows,
            deleted_rows,
            days,
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file() -> impl Strategy<Value = DataFile> {
        let map = || prop::collection::btree_map(1..20i32, any::<i64>(), 0..4);
        let bounds = || prop::collection::btree_map(1..20i32, prop::collection::vec(any::<u8>(), 0..9), 0..4);
        let splits = prop::collection::vec(0..i64::MAX, 0..3);
        (
            "[a-z/:]{1,30}",
            any::<i32>(),
            0..1i64 << 40,
            0..1i64 << 40,
            map(),
            map(),
            map(),
            bounds(),
            bounds(),
            splits,
        )
            .prop_map(
                |(path, day, rows, bytes, column_sizes, value_counts, null_counts, lower, upper, splits)| {
                    DataFile {
                        path,
                        day,
                        rows,
                        bytes,
                        column_sizes,
                        value_counts,
                        null_counts,
                        lower,
                        upper,
                        splits,
                    }
                },
            )
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let status = prop::sample::select(vec![Status::Existing, Status::Added, Status::Deleted]);
        let id = || prop::option::of(any::<i64>());
        (status, id(), id(), id(), file()).prop_map(
            |(status, snapshot_id, sequence_number, file_sequence_number, file)| Entry {
                status,
                snapshot_id,
                sequence_number,
                file_sequence_number,
                file,
            },
        )
    }

    proptest! {
        #[test]
        fn manifests_are_read_back(entries in prop::collection::vec(entry(), 0..5)) {
            let bytes = write(&entries, &schema::table(0, &crate::typed::Columns::default()), [3; 16]);
            prop_assert_eq!(read(&bytes).unwrap(), entries.clone());
            let listed = ManifestFile::of("m".into(), bytes.len(), &entries, 7, 9);
            let list = write_list(std::slice::from_ref(&listed), 7, None, 9, [4; 16]);
            prop_assert_eq!(read_list(&list).unwrap(), vec![listed]);
        }
    }

    #[test]
    fn schemas_carry_icebergs_ids() {
        let s = entry_schema();
        let file = &s["fields"][4];
        assert_eq!((&file["name"], &file["field-id"]), (&json!("data_file"), &json!(2)));
        let sizes = &file["type"]["fields"][6];
        assert_eq!(sizes["type"][1]["items"]["name"], "k117_v118");
        assert_eq!(list_schema()["fields"][13]["type"][1]["element-id"], 508);
    }
}
