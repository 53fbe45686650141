//! A topic table's columns, partition spec and sort order in Iceberg's JSON.
//!
//! Invariants: derived from the frozen columns of `crate::schema`, so that ids, names and nullability cannot differ
//! from the data files'; one partition field, `day(kafka_append_time)`; sorted by (partition, offset).

use crate::schema;
use crate::typed::Columns;
use arrow::datatypes::{DataType, Field, Fields};
use serde_json::{Value, json};
use std::sync::Arc;

/// Iceberg's number of the only schema, spec and sort order of a new table.
pub const SCHEMA_ID: i32 = 0;
pub const SPEC_ID: i32 = 0;
pub const SORT_ORDER_ID: i32 = 1;
/// Partition fields count from here.
pub const PARTITION_FIELD_ID: i32 = 1000;
pub const PARTITION_FIELD: &str = "kafka_append_time_day";

const FIELD_ID: &str = "PARQUET:field_id";

/// The field id of a column.
pub fn id_of(field: &Field) -> i32 {
    field.metadata().get(FIELD_ID).and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn type_of(data_type: &DataType) -> Value {
    match data_type {
        DataType::Boolean => json!("boolean"),
        DataType::Int32 => json!("int"),
        DataType::Int64 => json!("long"),
        DataType::Float64 => json!("double"),
        DataType::Date32 => json!("date"),
        DataType::Timestamp(..) => json!("timestamptz"),
        DataType::Utf8 => json!("string"),
        DataType::List(item) => json!({
            "type": "list",
            "element-id": id_of(item),
            "element-required": !item.is_nullable(),
            "element": type_of(item.data_type()),
        }),
        DataType::Struct(fields) => json!({ "type": "struct", "fields": fields_of(fields) }),
        _ => json!("binary"),
    }
}

fn fields_of(fields: &Fields) -> Vec<Value> {
    let one = |f: &Arc<Field>| {
        json!({
            "id": id_of(f),
            "name": f.name(),
            "required": !f.is_nullable(),
            "type": type_of(f.data_type()),
        })
    };
    fields.iter().map(one).collect()
}

/// The fields of a table with these typed columns, which come last here: a table's columns only grow at the end.
fn all(columns: &Columns) -> Fields {
    let typed = columns.fields().into_iter().map(Arc::new);
    schema::TABLE.fields().iter().cloned().chain(typed).collect()
}

/// The schema of a table with these typed columns.
pub fn table(id: i32, columns: &Columns) -> Value {
    json!({ "type": "struct", "schema-id": id, "fields": fields_of(&all(columns)) })
}

/// Largest field id.
pub fn last_column_id(columns: &Columns) -> i32 {
    fn largest(fields: &Fields) -> i32 {
        let below = |f: &Field| match f.data_type() {
            DataType::List(item) => id_of(item).max(match item.data_type() {
                DataType::Struct(inner) => largest(inner),
                _ => 0,
            }),
            _ => 0,
        };
        fields.iter().map(|f| id_of(f).max(below(f))).max().unwrap_or(0)
    }
    largest(&all(columns))
}

/// The partition spec's fields.
pub fn partition_fields() -> Value {
    json!([{
        "name": PARTITION_FIELD,
        "transform": "day",
        "source-id": id_by_name(schema::APPEND_TIME),
        "field-id": PARTITION_FIELD_ID,
    }])
}

/// The declared sort order.
pub fn sort_order() -> Value {
    let by = |name: &str| {
        json!({
            "transform": "identity",
            "source-id": id_by_name(name),
            "direction": "asc",
            "null-order": "nulls-first",
        })
    };
    json!({ "order-id": SORT_ORDER_ID, "fields": [by(schema::PARTITION), by(schema::OFFSET)] })
}

/// Ids by name, for readers of files without ids (`schema.name-mapping.default`).
pub fn name_mapping(columns: &Columns) -> Value {
    fn names(fields: &Fields) -> Vec<Value> {
        let one = |f: &Arc<Field>| {
            let inner = match f.data_type() {
                DataType::List(item) => names(&Fields::from(vec![item.clone()])),
                DataType::Struct(inner) => names(inner),
                _ => return json!({ "field-id": id_of(f), "names": [f.name()] }),
            };
            json!({ "field-id": id_of(f), "names": [f.name()], "fields": inner })
        };
        fields.iter().map(one).collect()
    }
    Value::Array(names(&all(columns)))
}

pub fn id_by_name(name: &str) -> i32 {
    schema::TABLE.field_with_name(name).map_or(0, id_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_frozen_ones() {
        let none = &Columns::new(Vec::new());
        let t = table(SCHEMA_ID, none);
        let fields = t["fields"].as_array().unwrap();
        let of = |name: &str| fields.iter().find(|f| f["name"] == name).unwrap();
        assert_eq!(
            of("kafka_partition"),
            &json!({"id": 1, "name": "kafka_partition", "required": true, "type": "int"})
        );
        assert_eq!(of("kafka_append_time")["type"], "timestamptz");
        assert_eq!(
            of("kafka_value"),
            &json!({"id": 8, "name": "kafka_value", "required": false, "type": "binary"})
        );
        let headers = &of("kafka_headers")["type"];
        assert_eq!((&headers["element-id"], &headers["type"]), (&json!(10), &json!("list")));
        assert_eq!(headers["element"]["fields"][1]["id"], 12);
        assert_eq!(last_column_id(none), 18);
        assert_eq!(partition_fields()[0]["source-id"], 4);
        assert_eq!(sort_order()["fields"][1]["source-id"], 2);
        let mapping = name_mapping(none);
        let headers = mapping.as_array().unwrap().iter().find(|m| m["field-id"] == 9).unwrap();
        assert_eq!(headers["fields"][0]["fields"][0], json!({"field-id": 11, "names": ["key"]}));
    }
}
