//! The decoder: values in, one Arrow array per column out, in one pass over each value.
//!
//! Invariants: a row decodes wholly or not at all; what a broken value had set is taken back. The last of equal keys
//! counts, with all below it. Null and a missing key are the same. Objects are taken apart to `DEPTH_MAX` keys, deeper
//! ones and arrays are JSON text. A string that has escapes is never a date. No allocation per record but for what a
//! record adds to the columns. Memory of a batch is its rows times its used columns: decode a few thousand rows at a
//! time. Called by whoever writes tables.

use super::columns::{Columns, DEPTH_MAX};
use super::csv::Csv;
use super::observed::{Observed, Sort};
use super::scan::{self, Fault, Number, Scanner, Span};
use super::slots::{Slot, Text, Value};
use super::tree::{NONE, ROOT, Tree};
use arrow::array::{Array, ArrayRef, BinaryArray};
use arrow::error::ArrowError;
use std::collections::BTreeSet;

/// Bytes of values in one batch: what a column of text can address.
const BATCH_BYTES_MAX: usize = i32::MAX as usize;

pub use super::csv::HeaderError;

/// What the values of a batch came to.
pub struct Decoded {
    pub rows: usize,
    /// Rows that decoded: what shares of rows are counted by.
    pub objects: u64,
    /// In the order of the columns.
    pub columns: Vec<ArrayRef>,
    /// Of each row, the JSON object of the keys whose value no column took, or not all of it; only if asked for.
    pub rest: Option<ArrayRef>,
    /// Rows that could not be decoded, and why, in order.
    pub problems: Vec<(usize, String)>,
    pub unfit: Observed,
}

/// What the row at hand has done so far.
#[derive(Clone, Copy)]
enum Event {
    Set(u32),
    Unfit(u32, Sort),
    /// Taken back.
    Undone,
}

/// A key of the outermost object that no column took, or not all of it.
#[derive(Clone, Copy)]
struct Kept {
    key: Span,
    value: Span,
    is_undone: bool,
}

pub struct Decoder {
    columns: Columns,
    /// The tree at the start of each batch, if it is not that of the columns.
    base: Option<Tree>,
    tree: Tree,
    pub(super) csv: Option<Csv>,
    slots: Vec<Slot>,
    row: usize,
    /// Tells rows apart for longer than a batch.
    stamp: u64,
    log: Vec<Event>,
    has_unfit: bool,
    pub(super) rest: Option<Text>,
    kept: Vec<Kept>,
    scratch: Vec<u8>,
    bytes: usize,
    objects: u64,
    untracked: u64,
    problems: Vec<(usize, String)>,
}

impl Decoder {
    /// For values that are JSON objects; with `rest` it keeps what no column took.
    pub fn json(columns: &Columns, rest: bool) -> Decoder {
        let mut paths = BTreeSet::new();
        let slot = |c: &super::Column| (c.kind, c.path.clone());
        let slots = columns.list().iter().map(slot).map(|(kind, path)| Slot::new(kind, paths.insert(path)));
        Decoder {
            base: None,
            tree: columns.tree().clone(),
            csv: None,
            slots: slots.collect(),
            row: 0,
            stamp: 0,
            log: Vec::new(),
            has_unfit: false,
            rest: rest.then(Text::new),
            kept: Vec::new(),
            scratch: Vec::new(),
            bytes: 0,
            objects: 0,
            untracked: 0,
            problems: Vec::new(),
            columns: columns.clone(),
        }
    }

    /// For values that are one CSV record each, with fields named by `header`.
    pub fn csv(columns: &Columns, rest: bool, header: &str) -> Result<Decoder, HeaderError> {
        let mut d = Decoder::json(columns, rest);
        d.csv = Some(Csv::new(header, &mut d.tree)?);
        d.tree.fix();
        d.base = Some(d.tree.clone());
        Ok(d)
    }

    /// Adds a row of each value; null where there is none or it is not wanted.
    pub fn decode(&mut self, values: &BinaryArray, wanted: impl Fn(usize) -> bool) {
        for i in 0..values.len() {
            self.push((values.is_valid(i) && wanted(i)).then(|| values.value(i)));
        }
    }

    /// Adds a row.
    pub fn push(&mut self, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.stamp += 1;
            let what = if self.csv.is_some() { "a CSV record" } else { "a JSON object" };
            match self.decode_row(value) {
                Ok(()) => self.accept(),
                Err(why) => {
                    self.undo(0..self.log.len());
                    self.problems.push((self.row, format!("value is not {what}: {why}")));
                }
            }
            self.log.clear();
            self.kept.clear();
            self.has_unfit = false;
        }
        self.row += 1;
    }

    /// The rows so far; the decoder starts again.
    pub fn finish(&mut self) -> Result<Decoded, ArrowError> {
        let rows = std::mem::take(&mut self.row);
        let columns = self.slots.iter_mut().map(|s| s.finish(rows)).collect::<Result<_, _>>()?;
        let rest = self.rest.as_mut().map(|r| r.finish(rows)).transpose()?;
        let unfit = self.tree.observed(std::mem::take(&mut self.untracked));
        if self.tree.has_grown() {
            self.tree = self.base.as_ref().unwrap_or_else(|| self.columns.tree()).clone();
        } else if !unfit.seen.is_empty() {
            self.tree.reset_counts();
        }
        self.bytes = 0;
        let objects = std::mem::take(&mut self.objects);
        Ok(Decoded { rows, objects, columns, rest, problems: std::mem::take(&mut self.problems), unfit })
    }

    fn decode_row(&mut self, value: &[u8]) -> Result<(), String> {
        self.bytes = self.bytes.saturating_add(value.len());
        if self.bytes > BATCH_BYTES_MAX {
            return Err("the batch is full".into());
        }
        let text = std::str::from_utf8(value)
            .map_err(|e| format!("it is not UTF-8 from byte {} on", e.valid_up_to()))?;
        if self.csv.is_some() {
            return self.record(text);
        }
        let mut s = Scanner::new(text);
        match s.token() {
            b'{' => {}
            b'[' => return Err("it is an array".into()),
            b'"' => return Err("it is a string".into()),
            _ if s.at >= text.len() => return Err("it is empty".into()),
            _ => return Err("it does not begin with '{'".into()),
        }
        let start = s.at;
        self.outermost(&mut s, start).map_err(|why| format!("{why} at byte {}", s.at.min(text.len())))?;
        self.keep_rest(&s);
        Ok(())
    }

    fn outermost(&mut self, s: &mut Scanner<'_>, start: usize) -> Result<(), Fault> {
        let is_covered = self.whole(s, ROOT)?;
        s.at = start + 1;
        self.object(s, ROOT, 0, is_covered)?;
        if s.is_at_end() { Ok(()) } else { Err("something follows") }
    }

    /// Gives the object here to the column that takes it whole, if there is one.
    fn whole(&mut self, s: &mut Scanner<'_>, node: u32) -> Result<bool, Fault> {
        let Some(n) = self.tree.get(node).filter(|n| n.whole != NONE) else { return Ok(false) };
        let (slot, depth) = (n.whole, n.depth);
        let (span, has_spaces) = s.skip(depth)?;
        let text = s.get(span);
        let value = if has_spaces { Value::SpacedJson(text) } else { Value::Json(text) };
        let is_set = self.slots.get_mut(slot as usize).is_some_and(|c| c.set(self.row, value));
        if is_set {
            self.log.push(Event::Set(slot));
        }
        Ok(is_set)
    }

    /// The members of an object whose brace was just before. True if columns have all there is in it.
    fn object(
        &mut self,
        s: &mut Scanner<'_>,
        node: u32,
        depth: u32,
        is_covered: bool,
    ) -> Result<bool, Fault> {
        if s.token() == b'}' {
            s.at += 1;
            return Ok(is_covered);
        }
        let keeps = node == ROOT && self.rest.is_some();
        let (mut all_taken, mut last) = (true, NONE);
        loop {
            if s.token() != b'"' {
                return Err(scan::NO_KEY);
            }
            s.at += 1;
            let (child, key) = self.key(s, node, last)?;
            if s.token() != b':' {
                return Err(scan::NO_COLON);
            }
            s.at += 1;
            s.token();
            let from = s.at;
            let is_taken = self.member(s, child, depth + 1, is_covered)?;
            all_taken &= is_taken;
            if keeps && !is_taken {
                self.keep(child, key, Span { from, to: s.at });
            }
            if child != NONE {
                last = child;
            }
            match s.token() {
                b',' => s.at += 1,
                b'}' => break,
                _ => return Err(scan::NO_COMMA),
            }
        }
        s.at += 1;
        Ok(all_taken)
    }

    /// The node of the key here, after `last` in the same object, and the key as it is written.
    #[inline]
    fn key(&mut self, s: &mut Scanner<'_>, node: u32, last: u32) -> Result<(u32, Span), Fault> {
        let from = s.at;
        let expected = if last == NONE {
            self.tree.get(node).map_or(NONE, |n| n.first)
        } else {
            self.tree.get(last).map_or(NONE, |n| n.next)
        };
        if let Some(n) = self.tree.get(expected)
            && n.is_plain
            && s.passes_key(n.key.as_bytes())
        {
            return Ok((expected, Span { from, to: s.at - 1 }));
        }
        let quoted = s.string()?;
        let mut key = s.text(quoted.span);
        if quoted.is_escaped {
            self.scratch.clear();
            scan::unescape(key.as_bytes(), &mut self.scratch);
            key = std::str::from_utf8(&self.scratch).unwrap_or_default();
        }
        let child = self.tree.child(node, key);
        if child != NONE {
            let before = self.tree.get_mut(if last == NONE { node } else { last });
            match before {
                Some(n) if last == NONE => n.first = child,
                Some(n) => n.next = child,
                None => {}
            }
        }
        Ok((child, quoted.span))
    }

    /// The value of a key. True if columns have all there is in it.
    #[inline]
    fn member(
        &mut self,
        s: &mut Scanner<'_>,
        child: u32,
        depth: u32,
        is_covered: bool,
    ) -> Result<bool, Fault> {
        let log_from = self.log.len() as u32;
        match self.tree.get_mut(child) {
            None => {
                let is_null = s.peek() == b'n';
                s.skip(depth)?;
                self.untracked += u64::from(!is_covered && !is_null);
                return Ok(is_covered || is_null);
            }
            Some(n) if n.row == self.stamp => {
                let (log, kept) = (n.log, n.kept);
                n.kept = NONE;
                self.undo(log.0 as usize..log.1 as usize);
                if let Some(k) = self.kept.get_mut(kept as usize) {
                    k.is_undone = true;
                }
            }
            Some(n) => (n.row, n.kept) = (self.stamp, NONE),
        }
        let is_taken = self.value(s, child, depth, is_covered)?;
        let log = (log_from, self.log.len() as u32);
        if let Some(n) = self.tree.get_mut(child) {
            n.log = log;
        }
        Ok(is_taken)
    }

    #[inline]
    fn value(&mut self, s: &mut Scanner<'_>, node: u32, depth: u32, is_covered: bool) -> Result<bool, Fault> {
        let from = s.at;
        let value = match s.peek() {
            b'"' => {
                s.at += 1;
                let q = s.string()?;
                let raw = s.get(q.span);
                if q.is_escaped { Value::Escaped(raw) } else { Value::Plain(raw) }
            }
            b'-' | b'0'..=b'9' => {
                let n = s.number()?;
                let raw = s.get(Span { from, to: s.at });
                match n {
                    Number::Int(v) => Value::Int(v, raw),
                    Number::Float(v) => Value::Float(v, raw),
                    Number::Huge => Value::Json(raw),
                }
            }
            b'n' => return s.literal(b"null").map(|()| true),
            b't' => s.literal(b"true").map(|()| Value::Bool(true))?,
            b'f' => s.literal(b"false").map(|()| Value::Bool(false))?,
            b'{' if (depth as usize) < DEPTH_MAX => return self.nested(s, node, depth, is_covered),
            b'{' | b'[' => {
                let (span, has_spaces) = s.skip(depth)?;
                let raw = s.get(span);
                if has_spaces { Value::SpacedJson(raw) } else { Value::Json(raw) }
            }
            _ => return Err(scan::NO_VALUE),
        };
        Ok(self.place(node, value, is_covered))
    }

    fn nested(
        &mut self,
        s: &mut Scanner<'_>,
        node: u32,
        depth: u32,
        is_covered: bool,
    ) -> Result<bool, Fault> {
        let start = s.at;
        let carries = self.tree.get(node).is_some_and(|n| n.carries);
        let is_covered = self.whole(s, node)? || is_covered;
        if is_covered && !carries && s.at > start {
            return Ok(true);
        }
        s.at = start + 1;
        if !is_covered && !carries {
            self.note(node, Sort::Object);
        }
        self.object(s, node, depth, is_covered)
    }

    fn note(&mut self, node: u32, sort: Sort) {
        self.log.push(Event::Unfit(node, sort));
        self.has_unfit = true;
    }

    /// Gives a value to the first column of its path that it fits.
    #[inline]
    pub(super) fn place(&mut self, node: u32, value: Value<'_>, is_covered: bool) -> bool {
        let Some(n) = self.tree.get(node) else {
            self.untracked += u64::from(!is_covered);
            return is_covered;
        };
        for slot in &n.slots {
            if self.slots.get_mut(*slot as usize).is_some_and(|s| s.set(self.row, value)) {
                self.log.push(Event::Set(*slot));
                return true;
            }
        }
        if !is_covered {
            self.note(node, value.sort());
        }
        is_covered
    }

    /// Takes back what a part of the row's log says.
    fn undo(&mut self, log: std::ops::Range<usize>) {
        for event in self.log.get_mut(log).unwrap_or_default() {
            if let Event::Set(slot) = *event
                && let Some(s) = self.slots.get_mut(slot as usize)
            {
                s.undo(self.row);
            }
            *event = Event::Undone;
        }
    }

    /// The row at hand is whole.
    fn accept(&mut self) {
        self.objects += 1;
        if self.has_unfit {
            for event in &self.log {
                if let Event::Unfit(node, sort) = *event {
                    self.tree.count(node, sort);
                }
            }
        }
    }

    fn keep(&mut self, child: u32, key: Span, value: Span) {
        let at = self.kept.len() as u32;
        if let Some(n) = self.tree.get_mut(child) {
            n.kept = at;
        }
        self.kept.push(Kept { key, value, is_undone: false });
    }

    /// Writes what no column took.
    fn keep_rest(&mut self, s: &Scanner<'_>) {
        let Some(rest) = &mut self.rest else { return };
        let kept = self.kept.iter().filter(|k| !k.is_undone);
        if kept.clone().next().is_none() {
            return;
        }
        rest.set(self.row, |out| {
            for (i, k) in kept.enumerate() {
                out.extend_from_slice(if i == 0 { b"{\"" } else { b",\"" });
                out.extend_from_slice(s.get(k.key));
                out.extend_from_slice(b"\":");
                scan::compact(s.get(k.value), out);
            }
            out.push(b'}');
        });
    }

    /// Writes what no column took, of a record; false if there is no room.
    pub(super) fn keep_members(&mut self, members: &[u8]) -> bool {
        let Some(rest) = self.rest.as_mut().filter(|_| !members.is_empty()) else { return true };
        if rest.bytes() + members.len() + 2 > BATCH_BYTES_MAX {
            return false;
        }
        rest.set(self.row, |out| {
            out.push(b'{');
            out.extend_from_slice(members);
            out.push(b'}');
        })
    }
}
