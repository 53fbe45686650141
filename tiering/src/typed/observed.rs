//! What a batch held that found no column: which paths, how often, of which sorts.
//!
//! Invariants: paths in the order in which they were first seen; at most `tree::NODES_MAX` of them, what came after
//! is only counted; only rows that decode are counted. Made by the decoders, read by `infer`.

/// Sorts of values that make a difference for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Bool,
    /// An integer that a double holds exactly.
    Int,
    /// Another integer of 64 bits.
    BigInt,
    /// Any other number that a double holds.
    Number,
    Text,
    /// A string YYYY-MM-DD.
    Date,
    /// A string that is a date and time of RFC 3339.
    Time,
    /// An array, an object that lies too deep, a number beyond all doubles.
    Json,
    Object,
}

impl Sort {
    pub const ALL: [Sort; 9] = [
        Sort::Bool,
        Sort::Int,
        Sort::BigInt,
        Sort::Number,
        Sort::Text,
        Sort::Date,
        Sort::Time,
        Sort::Json,
        Sort::Object,
    ];
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u32; Sort::ALL.len()]);

impl Counts {
    pub fn get(&self, sort: Sort) -> u64 {
        self.0.get(sort as usize).map_or(0, |n| u64::from(*n))
    }

    pub fn add(&mut self, sort: Sort, n: u32) {
        if let Some(c) = self.0.get_mut(sort as usize) {
            *c = c.saturating_add(n);
        }
    }

    pub fn sum(&self, sorts: &[Sort]) -> u64 {
        sorts.iter().map(|s| self.get(*s)).sum()
    }

    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|n| *n == 0)
    }
}

/// Values at a path that no column took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub path: Vec<String>,
    pub counts: Counts,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    pub seen: Vec<Seen>,
    /// Values whose path was not remembered: too many paths, or too long a key.
    pub untracked: u64,
}

impl Observed {
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.untracked == 0
    }
}
