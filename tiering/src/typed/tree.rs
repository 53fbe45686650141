//! Keys by nesting level: the paths of columns, and during a batch the paths seen without one.
//!
//! Invariants: node 0 is the object itself; the children of a node are sorted by key; at most `CHILDREN_MAX` new keys
//! at one node, `NODES_MAX` in all and `KEY_MAX` bytes in a key, so that no value can make it large. Each node
//! remembers which key followed it last, which is nearly always the next one too. Called by the decoders.

use super::columns::{COLUMNS_MAX, DEPTH_MAX, EVERY_KEY, Kind};
use super::observed::{Counts, Observed, Seen, Sort};

pub const NODES_MAX: usize = 8_192;
pub const CHILDREN_MAX: usize = 1_024;
pub const KEY_MAX: usize = 512;
pub const ROOT: u32 = 0;
pub const NONE: u32 = u32::MAX;

#[derive(Clone)]
pub struct Node {
    pub key: Box<str>,
    /// The key is written without escapes.
    pub is_plain: bool,
    pub depth: u32,
    parent: u32,
    /// Columns of this path, in order.
    pub slots: Vec<u32>,
    /// The column that takes the whole object, or `NONE`.
    pub whole: u32,
    /// Some path below has a column.
    pub carries: bool,
    children: Vec<u32>,
    /// The first key of the last object here.
    pub first: u32,
    /// The key that came after this one last time.
    pub next: u32,
    /// The row that had this key last.
    pub row: u64,
    /// What that row's log says about it.
    pub log: (u32, u32),
    /// Its place among that row's values without a column, or `NONE`.
    pub kept: u32,
    pub counts: Counts,
}

impl Node {
    fn new(key: &str, parent: u32, depth: u32) -> Node {
        Node {
            key: key.into(),
            is_plain: !key.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\'),
            depth,
            parent,
            slots: Vec::new(),
            whole: NONE,
            carries: false,
            children: Vec::new(),
            first: NONE,
            next: NONE,
            row: 0,
            log: (0, 0),
            kept: NONE,
            counts: Counts::default(),
        }
    }
}

#[derive(Clone)]
pub struct Tree {
    nodes: Vec<Node>,
    /// How many there were before the first batch.
    fixed: usize,
}

impl Tree {
    pub fn new<'a>(columns: impl Iterator<Item = (&'a [String], Kind)>) -> Tree {
        let mut tree = Tree { nodes: vec![Node::new("", NONE, 0)], fixed: 1 };
        for (slot, (path, kind)) in (0..).zip(columns) {
            if !path.is_empty() && path.len() <= DEPTH_MAX {
                tree.add_column(slot, path, kind);
            }
        }
        tree.fixed = tree.nodes.len();
        tree
    }

    fn add_column(&mut self, slot: u32, path: &[String], kind: Kind) {
        let is_whole = path.last().is_some_and(|k| k == EVERY_KEY);
        let keys = if is_whole { path.get(..path.len() - 1).unwrap_or_default() } else { path };
        let mut at = ROOT;
        for key in keys {
            if let Some(n) = self.get_mut(at) {
                n.carries = true;
            }
            at = match self.find(at, key) {
                Ok(child) => child,
                Err(place) => self.insert(at, place, key),
            };
        }
        let Some(n) = self.get_mut(at) else { return };
        match (is_whole, kind) {
            (false, _) => n.slots.push(slot),
            (true, Kind::String) if n.whole == NONE => n.whole = slot,
            (true, _) => {}
        }
    }

    #[inline]
    pub fn get(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    #[inline]
    pub fn get_mut(&mut self, at: u32) -> Option<&mut Node> {
        self.nodes.get_mut(at as usize)
    }

    /// The child with this key, or where among the children it belongs.
    fn find(&self, parent: u32, key: &str) -> Result<u32, usize> {
        let children = self.get(parent).map_or(&[][..], |n| n.children.as_slice());
        let by = |child: &u32| self.get(*child).map_or("", |n| &*n.key).cmp(key);
        children.binary_search_by(by).map(|i| children.get(i).copied().unwrap_or(NONE))
    }

    fn insert(&mut self, parent: u32, place: usize, key: &str) -> u32 {
        let id = self.nodes.len() as u32;
        let Some(n) = self.get_mut(parent) else { return NONE };
        n.children.insert(place.min(n.children.len()), id);
        let depth = n.depth + 1;
        self.nodes.push(Node::new(key, parent, depth));
        id
    }

    /// The child with this key, made if there is room, else `NONE`.
    pub fn child(&mut self, parent: u32, key: &str) -> u32 {
        match self.find(parent, key) {
            Ok(child) => child,
            Err(place) => {
                let siblings = self.get(parent).map_or(0, |n| n.children.len());
                let is_full = self.nodes.len() >= self.fixed.saturating_add(NODES_MAX)
                    || siblings >= CHILDREN_MAX + COLUMNS_MAX;
                if is_full || key.len() > KEY_MAX { NONE } else { self.insert(parent, place, key) }
            }
        }
    }

    /// Makes what is there the tree before the first batch.
    pub fn fix(&mut self) {
        self.fixed = self.nodes.len();
    }

    fn path(&self, mut at: u32) -> Vec<String> {
        let mut keys = Vec::new();
        while let Some(n) = self.get(at).filter(|n| n.parent != NONE) {
            keys.push(n.key.to_string());
            at = n.parent;
        }
        keys.reverse();
        keys
    }

    pub fn count(&mut self, at: u32, sort: Sort) {
        if let Some(n) = self.get_mut(at) {
            n.counts.add(sort, 1);
        }
    }

    /// What was counted, in the order of first sight.
    pub fn observed(&self, untracked: u64) -> Observed {
        let seen = (0..).zip(&self.nodes).filter(|(_, n)| !n.counts.is_zero());
        let seen = seen.map(|(at, n)| Seen { path: self.path(at), counts: n.counts }).collect();
        Observed { seen, untracked }
    }

    /// Whether paths were added during the batch.
    pub fn has_grown(&self) -> bool {
        self.nodes.len() > self.fixed
    }

    pub fn reset_counts(&mut self) {
        for n in &mut self.nodes {
            n.counts = Counts::default();
        }
    }
}
