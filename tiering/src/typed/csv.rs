//! Values that are one CSV record each, as RFC 4180 has it, with the names from a header line.
//!
//! Invariants: comma, double quotes, one record with or without a line end; as many fields as the header has names. A
//! field is null if empty, a number if it is one in JSON's grammar (so `007` is a string), true or false, else a
//! string; quotes make no difference. Called by `json`.

use super::json::Decoder;
use super::scan::{self, Number, Scanner};
use super::slots::Value;
use super::tree::{ROOT, Tree};
use std::borrow::Cow;
use std::collections::BTreeSet;

const HEADER_BYTES_MAX: usize = 64 << 10;

/// Why a header line cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("the header is empty")]
    Empty,
    #[error("the header has {0} bytes, more than {HEADER_BYTES_MAX}")]
    TooLong(usize),
    #[error("the header has the name '{0}' twice")]
    Twice(String),
    #[error("the header is not a CSV record: {0}")]
    Broken(&'static str),
}

pub struct Csv {
    /// Of each field: its node, and its name as a JSON string with the colon.
    fields: Vec<(u32, Vec<u8>)>,
    members: Vec<u8>,
}

impl Csv {
    pub fn new(header: &str, tree: &mut Tree) -> Result<Csv, HeaderError> {
        if header.len() > HEADER_BYTES_MAX {
            return Err(HeaderError::TooLong(header.len()));
        }
        if header.trim().is_empty() {
            return Err(HeaderError::Empty);
        }
        let mut names = BTreeSet::new();
        let mut fields = Vec::new();
        for name in Fields::new(header) {
            let name = name.map_err(HeaderError::Broken)?;
            let mut member = Vec::new();
            scan::quote(name.as_bytes(), &mut member);
            member.push(b':');
            fields.push((tree.child(ROOT, &name), member));
            if !names.insert(name.to_string()) {
                return Err(HeaderError::Twice(name.into_owned()));
            }
        }
        Ok(Csv { fields, members: Vec::new() })
    }
}

/// The fields of one record.
struct Fields<'a> {
    /// What is left, after the comma; none after the last field.
    rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn new(record: &'a str) -> Fields<'a> {
        let record = record.strip_suffix('\n').unwrap_or(record);
        Fields { rest: Some(record.strip_suffix('\r').unwrap_or(record)) }
    }

    fn bare(&mut self, text: &'a str) -> Result<Cow<'a, str>, &'static str> {
        let (field, rest) = match text.split_once(',') {
            Some((field, rest)) => (field, Some(rest)),
            None => (text, None),
        };
        self.rest = rest;
        match field.bytes().find(|b| matches!(b, b'"' | b'\n' | b'\r')) {
            None => Ok(Cow::Borrowed(field)),
            Some(b'"') => Err("a quote inside a field that does not begin with one"),
            Some(_) => Err("more than one line"),
        }
    }

    /// A field whose opening quote was just before.
    fn quoted(&mut self, mut text: &'a str) -> Result<Cow<'a, str>, &'static str> {
        let mut field = Cow::Borrowed("");
        loop {
            let (part, rest) = text.split_once('"').ok_or("a quoted field does not end")?;
            if field.is_empty() {
                field = Cow::Borrowed(part);
            } else {
                field.to_mut().push_str(part);
            }
            match rest.as_bytes().first() {
                Some(b'"') => {
                    field.to_mut().push('"');
                    text = rest.get(1..).unwrap_or_default();
                    continue;
                }
                Some(b',') => self.rest = rest.get(1..),
                None => self.rest = None,
                Some(_) => return Err("text after a closing quote"),
            }
            return Ok(field);
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Cow<'a, str>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest.take()?;
        Some(match text.strip_prefix('"') {
            Some(inside) => self.quoted(inside),
            None => self.bare(text),
        })
    }
}

/// What a field stands for, if it is not empty.
fn value(field: &str) -> Option<Value<'_>> {
    let raw = field.as_bytes();
    match raw.first()? {
        b't' if field == "true" => return Some(Value::Bool(true)),
        b'f' if field == "false" => return Some(Value::Bool(false)),
        b'-' | b'0'..=b'9' => {
            let mut s = Scanner::new(field);
            match s.number() {
                Ok(Number::Int(v)) if s.at == raw.len() => return Some(Value::Int(v, raw)),
                Ok(Number::Float(v)) if s.at == raw.len() => return Some(Value::Float(v, raw)),
                _ => {}
            }
        }
        _ => {}
    }
    Some(Value::Plain(raw))
}

impl Decoder {
    pub(super) fn record(&mut self, text: &str) -> Result<(), String> {
        let Some(mut csv) = self.csv.take() else { return Ok(()) };
        csv.members.clear();
        let result = self.fields(text, &mut csv);
        let fits = result.is_err() || self.keep_members(&csv.members);
        self.csv = Some(csv);
        if fits { result } else { Err("the batch is full".into()) }
    }

    fn fields(&mut self, text: &str, csv: &mut Csv) -> Result<(), String> {
        let mut n = 0;
        for field in Fields::new(text) {
            let field = field?;
            n += 1;
            let Some((node, member)) = csv.fields.get(n - 1) else { continue };
            let Some(v) = value(&field) else { continue };
            if self.place(*node, v, false) || self.rest.is_none() {
                continue;
            }
            if !csv.members.is_empty() {
                csv.members.push(b',');
            }
            csv.members.extend_from_slice(member);
            match v {
                Value::Plain(text) => scan::quote(text, &mut csv.members),
                _ => csv.members.extend_from_slice(field.as_bytes()),
            }
        }
        if n == csv.fields.len() {
            return Ok(());
        }
        Err(format!("it has {n} fields, not {}", csv.fields.len()))
    }
}
