//! The message facts (`protocol/schema/messages.kmn`) as values. The grammar is at the top of that file.
//!
//! Invariant: parsing is strict; a line that is not understood is an error that names it, so that a new
//! fact file cannot be half read. Called by `gen` and by the tests that make random wire bytes from it.

use std::collections::BTreeMap;

/// An inclusive range of versions; `None` for "none".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub lo: i16,
    pub hi: i16,
}

impl Range {
    pub const NONE: Range = Range { lo: 1, hi: 0 };
    pub fn parse(s: &str) -> Result<Range, String> {
        let num = |t: &str| t.parse::<i16>().map_err(|_| format!("bad version range {s:?}"));
        if s == "none" || s == "?" {
            return Ok(Range::NONE);
        }
        if let Some(lo) = s.strip_suffix('+') {
            return Ok(Range { lo: num(lo)?, hi: i16::MAX });
        }
        match s.split_once('-') {
            Some((a, b)) => Ok(Range { lo: num(a)?, hi: num(b)? }),
            None => Ok(Range { lo: num(s)?, hi: num(s)? }),
        }
    }
    pub fn contains(&self, v: i16) -> bool {
        self.lo <= v && v <= self.hi
    }
    pub fn is_none(&self) -> bool {
        self.lo > self.hi
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Float64,
    String,
    Uuid,
    Bytes,
    Records,
    Array(Box<Type>),
    Struct(String),
}

impl Type {
    fn parse(s: &str) -> Type {
        if let Some(item) = s.strip_prefix("[]") {
            return Type::Array(Box::new(Type::parse(item)));
        }
        match s {
            "bool" => Type::Bool,
            "int8" => Type::Int8,
            "int16" => Type::Int16,
            "uint16" => Type::Uint16,
            "int32" => Type::Int32,
            "uint32" => Type::Uint32,
            "int64" => Type::Int64,
            "float64" => Type::Float64,
            "string" => Type::String,
            "uuid" => Type::Uuid,
            "bytes" => Type::Bytes,
            "records" => Type::Records,
            other => Type::Struct(other.to_string()),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    pub versions: Range,
    pub nullable: Range,
    pub tag: Option<(u32, Range)>,
    pub default: Option<String>,
    /// `flex=none`: never compact, e.g. the client id of the request header.
    pub never_flexible: bool,
}

impl Field {
    /// Versions in which the field is on the wire at all, inline or tagged.
    pub fn present(&self, v: i16) -> bool {
        self.versions.contains(v) || self.tag.is_some_and(|(_, r)| r.contains(v))
    }
    pub fn tagged(&self, v: i16) -> bool {
        self.tag.is_some_and(|(_, r)| r.contains(v))
    }
}

#[derive(Clone, Debug)]
pub struct Message {
    pub name: String,
    pub kind: String,
    pub key: Option<i16>,
    pub valid: Range,
    pub flexible: Range,
    pub listeners: Vec<String>,
    pub unstable: bool,
    pub fields: Vec<Field>,
    /// Every struct of the message by name, in order of first sight.
    pub structs: Vec<(String, Vec<Field>)>,
}

impl Message {
    pub fn fields_of(&self, name: &str) -> Option<&[Field]> {
        self.structs.iter().find(|(n, _)| n == name).map(|(_, f)| f.as_slice())
    }
}

/// Parses the whole fact file.
pub fn parse(text: &str) -> Result<Vec<Message>, String> {
    let mut out: Vec<Message> = Vec::new();
    // Stack of (depth, struct name); the empty name is the message's root.
    let mut stack: Vec<(usize, String)> = Vec::new();
    for (i, raw) in text.lines().enumerate() {
        let line = i + 1;
        let err = |m: String| format!("messages.kmn:{line}: {m}");
        if raw.starts_with('#') || raw.trim().is_empty() {
            continue;
        }
        if let Some(head) = raw.strip_prefix('@') {
            out.push(parse_head(head).map_err(err)?);
            stack = vec![(0, String::new())];
            continue;
        }
        let message = out.last_mut().ok_or_else(|| err("a field before any message".into()))?;
        if let Some(block) = raw.strip_prefix('%') {
            let name = block.split_whitespace().next().ok_or_else(|| err("no struct name".into()))?;
            message.structs.push((name.to_string(), Vec::new()));
            stack = vec![(0, name.to_string())];
            continue;
        }
        let depth = raw.len() - raw.trim_start_matches(' ').len();
        let field = parse_field(raw.trim()).map_err(err)?;
        while stack.last().is_some_and(|(d, _)| *d >= depth) && stack.len() > 1 {
            stack.pop();
        }
        let owner = stack.last().map(|(_, n)| n.clone()).unwrap_or_default();
        let inner = match &field.ty {
            Type::Struct(n) => Some(n.clone()),
            Type::Array(item) => match item.as_ref() {
                Type::Struct(n) => Some(n.clone()),
                _ => None,
            },
            _ => None,
        };
        if owner.is_empty() {
            message.fields.push(field);
        } else {
            match message.structs.iter_mut().find(|(n, _)| *n == owner) {
                Some((_, f)) => f.push(field),
                None => message.structs.push((owner, vec![field])),
            }
        }
        if let Some(n) = inner {
            stack.push((depth, n));
        }
    }
    check(&out)?;
    Ok(out)
}

fn parse_head(head: &str) -> Result<Message, String> {
    let mut words = head.split_whitespace();
    let name = words.next().ok_or("no name")?.to_string();
    let kind = words.next().ok_or("no kind")?.to_string();
    let mut m = Message {
        name,
        kind,
        key: None,
        valid: Range::NONE,
        flexible: Range::NONE,
        listeners: Vec::new(),
        unstable: false,
        fields: Vec::new(),
        structs: Vec::new(),
    };
    for w in words {
        match w.split_once('=') {
            Some(("valid", r)) => m.valid = Range::parse(r)?,
            Some(("flex", r)) => m.flexible = Range::parse(r)?,
            Some(("on", l)) => m.listeners = l.split(',').map(str::to_string).collect(),
            Some(("depr", _)) => {}
            None if w == "unstable" => m.unstable = true,
            None if w.starts_with('k') => m.key = w[1..].parse().ok(),
            _ => return Err(format!("unknown word {w:?}")),
        }
    }
    Ok(m)
}

fn parse_field(line: &str) -> Result<Field, String> {
    let mut words = line.split_whitespace();
    let name = words.next().ok_or("no field name")?.to_string();
    let ty = Type::parse(words.next().ok_or("no field type")?);
    let mut f = Field {
        name,
        ty,
        versions: Range::NONE,
        nullable: Range::NONE,
        tag: None,
        default: None,
        never_flexible: false,
    };
    for w in words {
        if w == "ign" || w == "key" || w == "zc" || w.starts_with("e:") {
        } else if let Some(d) = w.strip_prefix("d=") {
            f.default = Some(if d == "''" { String::new() } else { d.to_string() });
        } else if w == "flex=none" {
            f.never_flexible = true;
        } else if let Some((t, r)) = w.strip_prefix('t').and_then(|t| t.split_once('@')) {
            f.tag = Some((t.parse().map_err(|_| format!("bad tag {w:?}"))?, Range::parse(r)?));
        } else if let Some(r) = w.strip_prefix('v') {
            f.versions = Range::parse(r)?;
        } else if let Some(r) = w.strip_prefix('n') {
            f.nullable = Range::parse(r)?;
        } else {
            return Err(format!("unknown word {w:?}"));
        }
    }
    Ok(f)
}

fn check(messages: &[Message]) -> Result<(), String> {
    for m in messages {
        let mut all: Vec<&Field> = m.fields.iter().collect();
        all.extend(m.structs.iter().flat_map(|(_, f)| f));
        for f in all {
            let mut ty = &f.ty;
            while let Type::Array(item) = ty {
                ty = item;
            }
            if let Type::Struct(n) = ty
                && m.fields_of(n).is_none()
            {
                return Err(format!("{}.{}: struct {n} is not defined", m.name, f.name));
            }
        }
    }
    Ok(())
}

/// The request and response of each API that a broker's client listener may see, by key.
pub fn client_apis(messages: &[Message]) -> BTreeMap<i16, (&Message, &Message)> {
    let mut out = BTreeMap::new();
    for req in messages.iter().filter(|m| m.kind == "request") {
        let Some(key) = req.key else { continue };
        if !req.listeners.iter().any(|l| l == "broker") {
            continue;
        }
        if let Some(resp) = messages.iter().find(|m| m.kind == "response" && m.key == Some(key)) {
            out.insert(key, (req, resp));
        }
    }
    out
}
