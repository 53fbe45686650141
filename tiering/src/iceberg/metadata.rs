//! A table's metadata JSON: schemas, spec, snapshots, and what a commit makes of it.
//!
//! Invariants: a commit is a pure function of the metadata before it; sequence numbers and times never go back; the
//! committed offsets are in the snapshot's summary and in a table property of the same commit, so that a foreign
//! expiry of snapshots cannot take them; snapshots thin out instead of piling up, the current one always stays.
//! Called by the committer and the upkeep.

use super::expire::Retention;
use super::schema;
use crate::typed::Columns;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Key of the committed offsets, `partition:next offset` with commas: in the summary and in the properties.
pub const OFFSETS: &str = "lipno.offsets";
/// Key of the first offsets of partitions that lost older rows to `lake.retention.ms`: in the summary of each snapshot
/// since, and in the properties.
pub const STARTS: &str = "lipno.offsets.start";
pub const TOPIC: &str = "lipno.topic";
pub const TOPIC_ID: &str = "lipno.topic.id";
const NAME_MAPPING: &str = "schema.name-mapping.default";
const MAIN: &str = "main";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TableMetadata {
    pub format_version: u8,
    pub table_uuid: String,
    pub location: String,
    pub last_sequence_number: i64,
    pub last_updated_ms: i64,
    pub last_column_id: i32,
    pub current_schema_id: i32,
    pub schemas: Vec<Value>,
    pub default_spec_id: i32,
    pub partition_specs: Vec<Value>,
    pub last_partition_id: i32,
    pub default_sort_order_id: i32,
    pub sort_orders: Vec<Value>,
    pub properties: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_snapshot_id: Option<i64>,
    pub refs: BTreeMap<String, SnapshotRef>,
    pub snapshots: Vec<Snapshot>,
    pub snapshot_log: Vec<SnapshotLog>,
    pub metadata_log: Vec<MetadataLog>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SnapshotRef {
    pub snapshot_id: i64,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    pub snapshot_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_snapshot_id: Option<i64>,
    pub sequence_number: i64,
    pub timestamp_ms: i64,
    pub manifest_list: String,
    pub summary: BTreeMap<String, String>,
    pub schema_id: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SnapshotLog {
    pub snapshot_id: i64,
    pub timestamp_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetadataLog {
    pub metadata_file: String,
    pub timestamp_ms: i64,
}

/// What a commit adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Random, never used before.
    pub snapshot_id: i64,
    pub now_ms: i64,
    pub manifest_list: String,
    pub files: i64,
    pub rows: i64,
    pub bytes: i64,
    /// Next offset of each partition, after this commit.
    pub offsets: BTreeMap<i32, i64>,
    /// All typed columns of the table.
    pub columns: Columns,
    /// What is taken out.
    pub removed: Removed,
    /// First offsets that the table still has, of partitions that lose older ones.
    pub starts: BTreeMap<i32, i64>,
}

/// Data files that a commit takes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub files: i64,
    pub rows: i64,
    pub bytes: i64,
}

fn offsets_text(offsets: &BTreeMap<i32, i64>) -> String {
    offsets.iter().map(|(p, o)| format!("{p}:{o}")).collect::<Vec<_>>().join(",")
}

/// Reads what `OFFSETS` holds; `None` if it is not ours.
pub fn parse_offsets(text: &str) -> Option<BTreeMap<i32, i64>> {
    let one = |item: &str| {
        let (partition, offset) = item.split_once(':')?;
        Some((partition.parse().ok()?, offset.parse().ok()?))
    };
    text.split(',').filter(|i| !i.is_empty()).map(one).collect()
}

impl TableMetadata {
    /// A new, empty table at `location`, an absolute URI.
    pub fn new(uuid: &str, location: &str, now_ms: i64, topic: &str, topic_id: &str) -> TableMetadata {
        let none = Columns::default();
        let properties = [
            (TOPIC, topic.to_string()),
            (TOPIC_ID, topic_id.to_string()),
            (NAME_MAPPING, schema::name_mapping(&none).to_string()),
            // Only the broker removes files: engines that expire or clean are told not to.
            ("gc.enabled", "false".to_string()),
            ("write.parquet.compression-codec", "zstd".to_string()),
        ];
        TableMetadata {
            format_version: 2,
            table_uuid: uuid.to_string(),
            location: location.to_string(),
            last_sequence_number: 0,
            last_updated_ms: now_ms,
            last_column_id: schema::last_column_id(&none),
            current_schema_id: schema::SCHEMA_ID,
            schemas: vec![schema::table(schema::SCHEMA_ID, &none)],
            default_spec_id: schema::SPEC_ID,
            partition_specs: vec![
                json!({ "spec-id": schema::SPEC_ID, "fields": schema::partition_fields() }),
            ],
            last_partition_id: schema::PARTITION_FIELD_ID,
            default_sort_order_id: schema::SORT_ORDER_ID,
            sort_orders: vec![schema::sort_order()],
            properties: properties.map(|(k, v)| (k.to_string(), v)).into(),
            current_snapshot_id: None,
            refs: BTreeMap::new(),
            snapshots: Vec::new(),
            snapshot_log: Vec::new(),
            metadata_log: Vec::new(),
        }
    }

    pub fn current_schema(&self) -> Option<&Value> {
        self.schemas.iter().find(|s| s["schema-id"] == self.current_schema_id)
    }

    /// Makes a schema with these typed columns the current one.
    pub fn evolve(&mut self, columns: &Columns) {
        let id_of =
            |s: &Value| s["schema-id"].as_i64().and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
        let next = schema::table(self.schemas.iter().map(id_of).max().unwrap_or_default() + 1, columns);
        let is_same = |s: &Value| s.get("fields") == next.get("fields");
        if self.current_schema().is_some_and(is_same) {
            return;
        }
        self.current_schema_id = match self.schemas.iter().find(|s| is_same(s)) {
            Some(had) => id_of(had),
            None => {
                self.schemas.push(next.clone());
                id_of(&next)
            }
        };
        self.last_column_id = self.last_column_id.max(schema::last_column_id(columns));
        self.properties.insert(NAME_MAPPING.into(), schema::name_mapping(columns).to_string());
    }

    pub fn current(&self) -> Option<&Snapshot> {
        let id = self.current_snapshot_id?;
        self.snapshots.iter().find(|s| s.snapshot_id == id)
    }

    /// Committed offsets, from the property.
    pub fn offsets(&self) -> Option<BTreeMap<i32, i64>> {
        match self.properties.get(OFFSETS) {
            Some(text) => parse_offsets(text),
            None => Some(BTreeMap::new()),
        }
    }

    /// First offsets of partitions that lost older rows.
    pub fn starts(&self) -> BTreeMap<i32, i64> {
        self.properties.get(STARTS).and_then(|text| parse_offsets(text)).unwrap_or_default()
    }

    /// The sequence number of the next commit; its manifests carry it in their list.
    pub fn next_sequence(&self) -> i64 {
        self.last_sequence_number + 1
    }

    fn total(&self, key: &str) -> i64 {
        self.current().and_then(|s| s.summary.get(key)?.parse().ok()).unwrap_or(0)
    }

    /// The table after an append. `at` is where this metadata was read from.
    pub fn append(mut self, a: &Append, at: Option<&str>, keep: &Retention) -> TableMetadata {
        // Clocks of brokers differ, the table's does not go back.
        let now_ms = a.now_ms.max(self.last_updated_ms);
        let sequence_number = self.next_sequence();
        let gone = a.removed;
        let operation = match (a.files > 0, gone.files > 0) {
            (_, false) => "append",
            (true, true) => "replace",
            (false, true) => "delete",
        };
        let counted = [
            ("data-files", a.files, "deleted-data-files", gone.files),
            ("records", a.rows, "deleted-records", gone.rows),
            ("files-size", a.bytes, "removed-files-size", gone.bytes),
        ];
        let mut summary = BTreeMap::from([
            ("operation".to_string(), operation.to_string()),
            (OFFSETS.to_string(), offsets_text(&a.offsets)),
        ]);
        for (what, n, lost, m) in counted {
            let (added, total) = (format!("added-{what}"), format!("total-{what}"));
            summary.insert(total.clone(), (self.total(&total) + n - m).to_string());
            if gone.files > 0 {
                summary.insert(lost.to_string(), m.to_string());
            }
            summary.insert(added, n.to_string());
        }
        let (parent_snapshot_id, former_ms) = (self.current_snapshot_id, self.last_updated_ms);
        self.evolve(&a.columns);
        let schema_id = self.current_schema_id;
        let mut next = self;
        next.properties.insert(OFFSETS.into(), offsets_text(&a.offsets));
        let mut starts = next.starts();
        starts.extend(&a.starts);
        if !starts.is_empty() {
            next.properties.insert(STARTS.into(), offsets_text(&starts));
            summary.insert(STARTS.into(), offsets_text(&starts));
        }
        next.snapshots.push(Snapshot {
            snapshot_id: a.snapshot_id,
            parent_snapshot_id,
            sequence_number,
            timestamp_ms: now_ms,
            manifest_list: a.manifest_list.clone(),
            summary,
            schema_id,
        });
        next.snapshot_log.push(SnapshotLog { snapshot_id: a.snapshot_id, timestamp_ms: now_ms });
        next.current_snapshot_id = Some(a.snapshot_id);
        next.refs.insert(MAIN.into(), SnapshotRef { snapshot_id: a.snapshot_id, kind: "branch".into() });
        next.last_sequence_number = sequence_number;
        next.last_updated_ms = now_ms;
        if let Some(at) = at {
            let former = MetadataLog { metadata_file: at.to_string(), timestamp_ms: former_ms };
            next.metadata_log.push(former);
            // Kept as long as nobody can hold them for current; readers need none of them.
            let many = next.metadata_log.len().saturating_sub(METADATA_LOG_MAX);
            next.metadata_log.drain(..many);
        }
        next.expire(now_ms, keep);
        next
    }
}

/// Former metadata files that the table names.
const METADATA_LOG_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typed::{Column, Kind};

    fn table() -> TableMetadata {
        TableMetadata::new("0a1b2c3d-0000-4000-8000-000000000001", "file:///lake/lipno/t", 1_000, "t", "id")
    }

    fn append(n: i64, now_ms: i64) -> Append {
        Append {
            snapshot_id: n,
            now_ms,
            manifest_list: format!(
                "file:///lake/lipno/t/metadata/snap-{n}-0a1b2c3d-0000-4000-8000-000000000001.avro"
            ),
            files: 1,
            rows: 10,
            bytes: 100,
            offsets: BTreeMap::from([(0, n * 10), (7, 3)]),
            columns: Columns::default(),
            removed: Removed::default(),
            starts: BTreeMap::new(),
        }
    }

    #[test]
    fn a_commit_moves_offsets_totals_and_sequence() {
        let keep = Retention::default();
        let one = table().append(&append(1, 2_000), None, &keep);
        let two = one.append(&append(2, 1_500), Some("m1"), &keep);
        assert_eq!(two.current().unwrap().parent_snapshot_id, Some(1));
        assert_eq!((two.last_sequence_number, two.last_updated_ms), (2, 2_000), "time does not go back");
        assert_eq!(two.current().unwrap().summary["total-records"], "20");
        assert_eq!(two.offsets(), Some(BTreeMap::from([(0, 20), (7, 3)])));
        assert_eq!(two.metadata_log[0].metadata_file, "m1");
        let text = serde_json::to_string(&two).unwrap();
        assert!(text.contains("\"format-version\":2") && text.contains("\"current-snapshot-id\":2"));
        assert_eq!(serde_json::from_str::<TableMetadata>(&text).unwrap(), two);
        assert_eq!(parse_offsets("0:x"), None);
    }

    #[test]
    fn new_columns_make_a_schema_and_old_ones_go_with_their_snapshots() {
        let columns = |n: i32| {
            let one = |i: i32| Column {
                id: 100 + i,
                name: format!("c{i}"),
                path: vec![format!("c{i}")],
                kind: Kind::Long,
            };
            Columns::new((0..n).map(one).collect())
        };
        let keep = Retention { all_ms: 0, min: 2, hourly_ms: 0 };
        let mut t = table();
        for (n, c) in [(1, 0), (2, 2), (3, 2), (4, 3)] {
            t = t.append(&Append { columns: columns(c), ..append(n, n * 1_000) }, None, &keep);
        }
        assert_eq!((t.current_schema_id, t.last_column_id), (2, 102));
        let of_snapshots: Vec<i32> = t.snapshots.iter().map(|s| s.schema_id).collect();
        assert_eq!(of_snapshots, [1, 2], "a snapshot has the schema that it was written with");
        let ids: Vec<i64> = t.schemas.iter().map(|s| s["schema-id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [1, 2]);
        let fields = t.current_schema().unwrap()["fields"].as_array().unwrap();
        assert_eq!(
            fields.last().unwrap(),
            &json!({"id": 102, "name": "c2", "required": false, "type": "long"})
        );
        assert!(t.properties[NAME_MAPPING].contains("\"c2\""));
        let fewer = t.clone().append(&Append { columns: columns(2), ..append(5, 5_000) }, None, &keep);
        assert_eq!((fewer.current_schema_id, fewer.last_column_id), (1, 102), "ids are never used again");
    }
}
