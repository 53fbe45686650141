//! Decoded fields as a tree, read from a value's `Debug` text, so that two implementations can be compared.
//!
//! Field names are compared without case and underscores; newtypes and `Some` are looked through.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    /// Numbers, booleans, uuids and strings, as text.
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Tree>),
    Struct(BTreeMap<String, Tree>),
}

pub fn plain_name(name: &str) -> String {
    name.chars().filter(|c| *c != '_').collect::<String>().to_lowercase()
}

impl Tree {
    /// Parses what `{:?}` prints.
    pub fn parse(text: &str) -> Tree {
        let mut p = Parser { text: text.as_bytes(), at: 0 };
        let tree = p.value();
        assert_eq!(p.at, text.len(), "all of it is read: {text}");
        tree
    }

    /// The first place where `self` is not as `want` says; fields that `want` does not name are free.
    pub fn differs_from(&self, want: &Tree) -> Option<String> {
        match (want, self) {
            (Tree::Struct(w), Tree::Struct(g)) => w.iter().find_map(|(name, want)| match g.get(name) {
                None => Some(format!(".{name} is missing")),
                Some(got) => got.differs_from(want).map(|d| format!(".{name}{d}")),
            }),
            (Tree::List(w), Tree::List(g)) if w.len() == g.len() => g
                .iter()
                .zip(w)
                .enumerate()
                .find_map(|(i, (got, want))| got.differs_from(want).map(|d| format!("[{i}]{d}"))),
            (w, g) if w == g => None,
            (w, g) => Some(format!(" is {g:?}, not {w:?}")),
        }
    }

    /// Drops the fields of structs that `other` has not, and those named in `drop`, at every depth.
    pub fn common(&self, other: &Tree, drop: &[&str]) -> Tree {
        match (self, other) {
            (Tree::Struct(a), Tree::Struct(b)) => Tree::Struct(
                a.iter()
                    .filter(|(name, _)| !drop.contains(&name.as_str()))
                    .filter_map(|(name, t)| Some((name.clone(), t.common(b.get(name)?, drop))))
                    .collect(),
            ),
            (Tree::List(a), Tree::List(b)) if a.len() == b.len() => {
                Tree::List(a.iter().zip(b).map(|(a, b)| a.common(b, drop)).collect())
            }
            _ => self.clone(),
        }
    }
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn take(&mut self, c: u8) -> bool {
        let found = self.peek() == c;
        self.at += usize::from(found);
        found
    }

    fn spaces(&mut self) {
        while self.take(b' ') {}
    }

    fn value(&mut self) -> Tree {
        self.spaces();
        if self.peek() == b'"' {
            return Tree::Text(String::from_utf8(self.quoted()).unwrap());
        }
        if self.text[self.at..].starts_with(b"b\"") {
            self.at += 1;
            return Tree::Bytes(self.quoted());
        }
        if self.take(b'[') {
            return Tree::List(self.items(b']'));
        }
        if self.take(b'{') {
            return Tree::Struct(self.fields());
        }
        let start = self.at;
        while !matches!(self.peek(), 0 | b' ' | b',' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b':') {
            self.at += 1;
        }
        let word = std::str::from_utf8(&self.text[start..self.at]).unwrap().to_string();
        if self.take(b'(') {
            let mut items = self.items(b')');
            return if items.len() == 1 { items.remove(0) } else { Tree::List(items) };
        }
        if self.text[self.at..].starts_with(b" {") {
            self.at += 2;
            return Tree::Struct(self.fields());
        }
        if word == "None" { Tree::Null } else { Tree::Text(word) }
    }

    fn items(&mut self, end: u8) -> Vec<Tree> {
        let mut out = Vec::new();
        loop {
            self.spaces();
            if self.take(end) {
                return out;
            }
            out.push(self.value());
            self.spaces();
            self.take(b',');
        }
    }

    fn fields(&mut self) -> BTreeMap<String, Tree> {
        let mut out = BTreeMap::new();
        loop {
            self.spaces();
            if self.take(b'}') {
                return out;
            }
            let name = match self.value() {
                Tree::Text(n) => plain_name(&n),
                other => panic!("a field's name is {other:?}"),
            };
            self.spaces();
            assert!(self.take(b':'), "no value after {name}");
            out.insert(name, self.value());
            self.spaces();
            self.take(b',');
        }
    }

    /// A quoted text or byte string, unescaped.
    fn quoted(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let c = self.peek();
            self.at += 1;
            match c {
                b'"' => return out,
                b'\\' => self.escape(&mut out),
                0 if self.at > self.text.len() => panic!("no end of text"),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let c = self.peek();
        self.at += 1;
        match c {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'0' => out.push(0),
            b'x' => {
                let hex = std::str::from_utf8(&self.text[self.at..self.at + 2]).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
                self.at += 2;
            }
            b'u' => {
                let end = self.at + self.text[self.at..].iter().position(|c| *c == b'}').unwrap();
                let hex = std::str::from_utf8(&self.text[self.at + 1..end]).unwrap();
                let c = char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
                out.extend(c.to_string().as_bytes());
                self.at = end + 1;
            }
            c => out.push(c),
        }
    }
}
