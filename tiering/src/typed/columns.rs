//! The typed columns of a table: name, kind, and the keys that lead to the value.
//!
//! Invariants: a set of columns never changes, a larger one is made from it; the order is that of the ids. Several
//! columns may have the same path: a value goes to the first that it fits, and all but the first are there for what
//! did not fit, so a string column among those takes any value as JSON text. A path longer than `DEPTH_MAX` finds
//! nothing. Called by the decoders, `infer` and whoever keeps the columns.

use super::tree::Tree;
use arrow::datatypes::{DataType, Field};
use std::collections::HashMap;
use std::sync::Arc;

/// Most typed columns of one table.
pub const COLUMNS_MAX: usize = 256;
/// Keys on the longest path that is taken apart; what lies deeper stays JSON text.
pub const DEPTH_MAX: usize = 5;
/// Last key of the path of a column that takes a whole object.
pub const EVERY_KEY: &str = "*";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Long,
    Double,
    String,
    Timestamptz,
    Date,
}

impl Kind {
    pub const ALL: [Kind; 6] =
        [Kind::Boolean, Kind::Long, Kind::Double, Kind::String, Kind::Timestamptz, Kind::Date];

    /// Iceberg's name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Long => "long",
            Kind::Double => "double",
            Kind::String => "string",
            Kind::Timestamptz => "timestamptz",
            Kind::Date => "date",
        }
    }

    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.name() == name)
    }

    pub fn data_type(self) -> DataType {
        match self {
            Kind::Boolean => DataType::Boolean,
            Kind::Long => DataType::Int64,
            Kind::Double => DataType::Float64,
            Kind::String => DataType::Utf8,
            Kind::Timestamptz => crate::schema::timestamp(),
            Kind::Date => DataType::Date32,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub id: i32,
    pub name: String,
    /// Keys on the way to the value, from the outermost object.
    pub path: Vec<String>,
    pub kind: Kind,
}

impl Column {
    /// The column in an Arrow schema, with its id for Parquet.
    pub fn field(&self) -> Field {
        Field::new(&self.name, self.kind.data_type(), true)
            .with_metadata(HashMap::from([("PARQUET:field_id".to_string(), self.id.to_string())]))
    }
}

/// A column before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewColumn {
    pub name: String,
    pub path: Vec<String>,
    pub kind: Kind,
}

/// All typed columns of a table; cheap to clone.
#[derive(Clone)]
pub struct Columns {
    list: Arc<[Column]>,
    tree: Arc<Tree>,
}

impl Default for Columns {
    fn default() -> Self {
        Columns::new(Vec::new())
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for Columns {}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list.iter()).finish()
    }
}

impl Columns {
    pub fn new(list: Vec<Column>) -> Columns {
        let tree = Tree::new(list.iter().map(|c| (c.path.as_slice(), c.kind)));
        Columns { list: list.into(), tree: Arc::new(tree) }
    }

    /// These and more, whose ids count from `first_id`.
    pub fn with(&self, new: &[NewColumn], first_id: i32) -> Columns {
        let more = new.iter().zip(first_id..).map(|(c, id)| Column {
            id,
            name: c.name.clone(),
            path: c.path.clone(),
            kind: c.kind,
        });
        Columns::new(self.list.iter().cloned().chain(more).collect())
    }

    pub fn list(&self) -> &[Column] {
        &self.list
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// In the order of the columns.
    pub fn fields(&self) -> Vec<Field> {
        self.list.iter().map(Column::field).collect()
    }

    /// Place of the column for all that found no other, if there is one.
    pub fn rest(&self) -> Option<usize> {
        self.list.iter().position(|c| c.path.is_empty())
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_icebergs_names() {
        for k in Kind::ALL {
            assert_eq!(Kind::from_name(k.name()), Some(k));
        }
        assert_eq!(Kind::from_name("int"), None);
    }

    #[test]
    fn a_field_has_its_id_and_is_nullable() {
        let c = Column { id: 100, name: "at".into(), path: vec!["at".into()], kind: Kind::Timestamptz };
        let f = c.field();
        assert_eq!((crate::iceberg::schema::id_of(&f), f.is_nullable()), (100, true));
        assert_eq!(f.data_type(), &crate::schema::timestamp());
    }
}
