//! Random messages as wire bytes, made from the message facts by an encoder of its own.
//!
//! It shares nothing with the generated code but the fact file, so that a mistake of the generator shows. Every
//! sample comes with the fields that a decoder must find in it.

use super::rng::Rng;
use super::tree::{Tree, plain_name};
use std::sync::OnceLock;
use xtask::schema::{Field, Message, Type, parse};

pub fn facts() -> &'static [Message] {
    static FACTS: OnceLock<Vec<Message>> = OnceLock::new();
    FACTS.get_or_init(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/schema/messages.kmn");
        parse(&std::fs::read_to_string(file).unwrap()).unwrap()
    })
}

pub fn message(name: &str) -> &'static Message {
    facts().iter().find(|m| m.name == name).unwrap_or_else(|| panic!("no facts of {name}"))
}

pub struct Sample {
    /// The message as an encoder must write it.
    pub bytes: Vec<u8>,
    /// The same message with tags from the future in its tag sections.
    pub with_unknown_tags: Vec<u8>,
    pub tree: Tree,
}

/// A random message of the given version. The same seed gives the same sample.
pub fn sample(seed: u64, m: &'static Message, version: i16) -> Sample {
    let make = |unknown: Option<Rng>| {
        let mut e = Encoder {
            m,
            v: version,
            flexible: m.flexible.contains(version),
            rng: Rng::new(seed),
            unknown,
            out: Vec::new(),
        };
        let tree = e.fields(&m.fields, Pick::Random);
        (e.out, tree)
    };
    let (bytes, tree) = make(None);
    let (with_unknown_tags, _) = make(Some(Rng::new(seed ^ 0x5eed)));
    Sample { bytes, with_unknown_tags, tree }
}

#[derive(Clone, Copy, PartialEq)]
enum Pick {
    Random,
    /// The value that a field has when it is not sent.
    Default,
}

struct Encoder {
    m: &'static Message,
    v: i16,
    flexible: bool,
    rng: Rng,
    unknown: Option<Rng>,
    out: Vec<u8>,
}

pub fn put_uvarint(out: &mut Vec<u8>, mut n: u64) {
    loop {
        let low = (n & 0x7f) as u8;
        n >>= 7;
        if n == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

impl Encoder {
    /// A length or count; `None` is null. `wide`: int32 in the classic form, else int16.
    fn length(&mut self, n: Option<usize>, flexible: bool, wide: bool) {
        match (flexible, wide) {
            (true, _) => put_uvarint(&mut self.out, n.map_or(0, |n| n as u64 + 1)),
            (_, true) => self.out.extend(n.map_or(-1, |n| n as i32).to_be_bytes()),
            (_, false) => self.out.extend(n.map_or(-1, |n| n as i16).to_be_bytes()),
        }
    }

    fn fields(&mut self, fields: &'static [Field], pick: Pick) -> Tree {
        let mut found = std::collections::BTreeMap::new();
        let mut tagged: Vec<(u32, Vec<u8>)> = Vec::new();
        for f in fields {
            let name = plain_name(&f.name);
            let (value, tree) = if f.tagged(self.v) {
                let (absent, _) = self.apart(f, Pick::Default);
                let sent = if self.rng.one_in(2) { pick } else { Pick::Default };
                let (value, tree) = self.apart(f, sent);
                if value != absent {
                    tagged.push((f.tag.unwrap().0, value));
                }
                (Vec::new(), tree)
            } else if f.versions.contains(self.v) {
                self.apart(f, pick)
            } else {
                // Not of this version: it must read as its default.
                let (_, tree) = self.apart(f, Pick::Default);
                (Vec::new(), tree)
            };
            self.out.extend(value);
            found.insert(name, tree);
        }
        if self.flexible {
            self.tags(tagged, pick);
        }
        Tree::Struct(found)
    }

    /// One value, written apart from the rest.
    fn apart(&mut self, f: &'static Field, pick: Pick) -> (Vec<u8>, Tree) {
        let before = std::mem::take(&mut self.out);
        let tree = self.nullable(f, pick);
        (std::mem::replace(&mut self.out, before), tree)
    }

    fn tags(&mut self, mut tagged: Vec<(u32, Vec<u8>)>, pick: Pick) {
        if let Some(rng) = &mut self.unknown
            && pick == Pick::Random
            && rng.one_in(2)
        {
            for i in 0..=rng.below(3) as u32 {
                let len = [0, 1, 5, 130][rng.below(4)];
                tagged.push((40 + 100 * i, rng.bytes(len)));
            }
        }
        tagged.sort_by_key(|(tag, _)| *tag);
        put_uvarint(&mut self.out, tagged.len() as u64);
        for (tag, value) in tagged {
            put_uvarint(&mut self.out, tag.into());
            put_uvarint(&mut self.out, value.len() as u64);
            self.out.extend(value);
        }
    }

    fn nullable(&mut self, f: &'static Field, pick: Pick) -> Tree {
        let null_allowed = f.nullable.contains(self.v);
        let is_null = match pick {
            Pick::Random => null_allowed && self.rng.one_in(4),
            // Null records are the default of records, and where nothing was sent null needs no permission.
            Pick::Default => {
                f.default.as_deref() == Some("null") || (f.ty == Type::Records && !f.nullable.is_none())
            }
        };
        let flexible = self.flexible && !f.never_flexible;
        if is_null {
            match f.ty {
                Type::String => self.length(None, flexible, false),
                Type::Struct(_) => self.out.push(0xff),
                _ => self.length(None, flexible, true),
            }
            return Tree::Null;
        }
        if matches!(f.ty, Type::Struct(_)) && null_allowed {
            self.out.push(1);
        }
        self.value(f, &f.ty, pick)
    }

    fn int(&mut self, f: &Field, pick: Pick, size: usize, unsigned: bool) -> Tree {
        let n = match pick {
            Pick::Random => self.rng.int(),
            Pick::Default => match f.default.as_deref().unwrap_or("0") {
                d if d.starts_with("0x") => i64::from_str_radix(&d[2..], 16).unwrap(),
                d => d.parse().unwrap(),
            },
        };
        let bytes = &n.to_be_bytes()[8 - size..];
        self.out.extend(bytes);
        let mut wide = if !unsigned && bytes[0] >= 0x80 { [0xff; 8] } else { [0; 8] };
        wide[8 - size..].copy_from_slice(bytes);
        Tree::Text(i64::from_be_bytes(wide).to_string())
    }

    fn value(&mut self, f: &'static Field, ty: &'static Type, pick: Pick) -> Tree {
        let flexible = self.flexible && !f.never_flexible;
        let random = pick == Pick::Random;
        match ty {
            Type::Int8 => self.int(f, pick, 1, false),
            Type::Int16 => self.int(f, pick, 2, false),
            Type::Uint16 => self.int(f, pick, 2, true),
            Type::Int32 => self.int(f, pick, 4, false),
            Type::Uint32 => self.int(f, pick, 4, true),
            Type::Int64 => self.int(f, pick, 8, false),
            Type::Bool => {
                let b = if random { self.rng.one_in(2) } else { f.default.as_deref() == Some("true") };
                self.out.push(b.into());
                Tree::Text(b.to_string())
            }
            Type::Float64 => {
                let x = if random { self.rng.below(1 << 20) as f64 / 8.0 } else { 0.0 };
                self.out.extend(x.to_be_bytes());
                Tree::Text(format!("{x:?}"))
            }
            Type::Uuid => {
                let b = if random { self.rng.bytes(16) } else { vec![0; 16] };
                self.out.extend(&b);
                let h = super::files::hex(&b);
                let parts = [&h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..]];
                Tree::Text(parts.join("-"))
            }
            Type::String => {
                let text = if random {
                    let len = [0, 1, 7, 126, 127, 200][self.rng.below(6)];
                    (0..len).map(|_| ['a', 'Z', '0', '-', '.', 'é', '✓'][self.rng.below(7)]).collect()
                } else {
                    f.default.clone().unwrap_or_default()
                };
                self.length(Some(text.len()), flexible, false);
                self.out.extend(text.as_bytes());
                Tree::Text(text)
            }
            Type::Bytes | Type::Records => {
                let len = if random { [0, 1, 30, 127, 300][self.rng.below(5)] } else { 0 };
                let b = self.rng.bytes(len);
                self.length(Some(len), flexible, true);
                self.out.extend(&b);
                Tree::Bytes(b)
            }
            Type::Array(item) => {
                let n = if random { [0, 1, 1, 2, 3][self.rng.below(5)] } else { 0 };
                self.length(Some(n), flexible, true);
                Tree::List((0..n).map(|_| self.value(f, item, pick)).collect())
            }
            Type::Struct(name) => {
                let m = self.m;
                self.fields(m.fields_of(name).unwrap(), pick)
            }
        }
    }
}
