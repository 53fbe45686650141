//! What a topic's rows look like: `lake.format`, `lake.value.format`, `lake.columns`, `lake.bad.records`.
//!
//! Invariant: plain data, checked when it was made. Made of a topic's configs, used by the conversion and by whoever
//! proves tables equal to logs.

use super::columns::{Column, Columns, NewColumn};
use super::json::Decoder;
use super::names::Names;

/// `lake.value.format`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ValueFormat {
    /// JSON objects, if most values are.
    #[default]
    Auto,
    Json,
    /// With the names of the fields, or none: then nothing can be named and values stay as they are.
    Csv(String),
}

/// `lake.bad.records`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRecords {
    /// The row is there, with the value, without typed columns, with an error.
    #[default]
    Raw,
    /// The row is in the table's dead letters instead.
    Dlq,
    /// There is no row; how many are missing is counted.
    Drop,
    /// Nothing more of the partition is converted until somebody has decided.
    Suspend,
}

/// How a topic's values become columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// `kafka_value` holds every value, not only those that did not decode.
    pub raw: bool,
    pub typed: bool,
    pub value: ValueFormat,
    pub bad: BadRecords,
    /// Strings that are dates or times become columns of these.
    pub dates: bool,
    /// `lake.columns`: only these, nothing is inferred.
    pub pinned: Option<Vec<NewColumn>>,
}

impl Default for Format {
    fn default() -> Self {
        Format {
            raw: true,
            typed: true,
            value: ValueFormat::Auto,
            bad: BadRecords::Raw,
            dates: true,
            pinned: None,
        }
    }
}

impl Format {
    /// Rows as they were before there were typed columns.
    pub fn raw() -> Format {
        Format { typed: false, ..Format::default() }
    }

    pub fn decoder(&self, columns: &Columns) -> Option<Decoder> {
        let rest = columns.rest().is_some();
        match &self.value {
            _ if !self.typed => None,
            ValueFormat::Csv(header) => Decoder::csv(columns, rest, header).ok(),
            ValueFormat::Auto | ValueFormat::Json => Some(Decoder::json(columns, rest)),
        }
    }

    /// Of a table's columns those that this format fills.
    pub fn active(&self, all: &Columns) -> Columns {
        let is_wanted = |c: &&Column| {
            let is_pinned = |p: &[NewColumn]| p.iter().any(|p| p.path == c.path && p.kind == c.kind);
            if c.path.is_empty() { !self.raw } else { self.pinned.as_deref().is_none_or(is_pinned) }
        };
        Columns::new(all.list().iter().filter(is_wanted).cloned().collect())
    }

    /// Pinned columns that the table does not have.
    pub fn missing(&self, all: &Columns) -> Vec<NewColumn> {
        let mut names = Names::new(all.list().iter().map(|c| c.name.as_str()));
        let is_there = |p: &&NewColumn| all.list().iter().any(|c| c.path == p.path && c.kind == p.kind);
        let mut missing: Vec<NewColumn> =
            self.pinned.iter().flatten().filter(|p| !is_there(p)).cloned().collect();
        for m in &mut missing {
            // The name may be that of a column that was inferred before.
            if !names.take(&m.name) {
                m.name = names.conflict(&m.name, 2);
            }
        }
        missing
    }
}
