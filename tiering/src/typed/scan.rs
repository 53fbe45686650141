//! A strict scanner of JSON text: tokens in place, no tree, no allocation.
//!
//! Invariants: accepts what RFC 8259 does and nothing else, with three limits: nesting of `NESTING_MAX`, no lone
//! surrogates in escapes, UTF-8 (by the type of the text). Skipping needs no stack but 128 bits. Called by `json`; the
//! grammar of numbers by `csv` too.

/// Objects and arrays in one another.
pub const NESTING_MAX: u32 = 128;

pub type Fault = &'static str;

pub const NO_VALUE: Fault = "a value was expected";
pub const NO_KEY: Fault = "a key was expected";
pub const NO_COLON: Fault = "':' was expected";
pub const NO_COMMA: Fault = "',' or '}' was expected";
const NO_COMMA_ARRAY: Fault = "',' or ']' was expected";
const TOO_DEEP: Fault = "it is nested too deep";
const OPEN_STRING: Fault = "a string does not end";
const CONTROL: Fault = "a control character in a string";
const ESCAPE: Fault = "an escape that JSON does not know";
const SURROGATE: Fault = "a lone surrogate";
const NUMBER: Fault = "a broken number";

/// Integers up to here are exact as doubles.
pub const EXACT_MAX: u64 = 1 << 53;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Int(i64),
    Float(f64),
    /// Beyond all doubles.
    Huge,
}

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: usize,
    pub to: usize,
}

/// The inside of a string.
#[derive(Clone, Copy, Debug)]
pub struct Quoted {
    pub span: Span,
    pub is_escaped: bool,
}

pub struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pub at: usize,
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Where from `at` on the first byte is that a string cannot hold as it is.
#[inline]
fn run_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    while let Some(chunk) = bytes.get(at..).and_then(|b| b.first_chunk::<8>()) {
        let v = u64::from_le_bytes(*chunk);
        let zero = |x: u64| x.wrapping_sub(ONES) & !x & HIGHS;
        let control = v.wrapping_sub(ONES * 0x20) & !v & HIGHS;
        // Only bits above the lowest may be wrong.
        let found = zero(v ^ (ONES * 0x22)) | zero(v ^ (ONES * 0x5c)) | control;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|b| *b >= 0x20 && *b != b'"' && *b != b'\\') {
        at += 1;
    }
    at
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, bytes: text.as_bytes(), at: 0 }
    }

    /// The byte here; 0, which no token has, at the end.
    #[inline]
    pub fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// The first byte of the next token; 0 at the end.
    #[inline]
    pub fn token(&mut self) -> u8 {
        loop {
            match self.peek() {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                b => return b,
            }
        }
    }

    pub fn is_at_end(&mut self) -> bool {
        self.token();
        self.at >= self.bytes.len()
    }

    pub fn get(&self, span: Span) -> &'a [u8] {
        self.bytes.get(span.from..span.to).unwrap_or_default()
    }

    pub fn text(&self, span: Span) -> &'a str {
        self.text.get(span.from..span.to).unwrap_or_default()
    }

    /// Goes past `key` and its closing quote, if they are here.
    #[inline]
    pub fn passes_key(&mut self, key: &[u8]) -> bool {
        let end = self.at + key.len();
        let is_key = self.bytes.get(end) == Some(&b'"') && self.bytes.get(self.at..end) == Some(key);
        if is_key {
            self.at = end + 1;
        }
        is_key
    }

    /// The string whose opening quote was just before.
    #[inline]
    pub fn string(&mut self) -> Result<Quoted, Fault> {
        let from = self.at;
        let mut is_escaped = false;
        loop {
            self.at = run_end(self.bytes, self.at);
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(CONTROL),
                None => return Err(OPEN_STRING),
            }
        }
        self.at += 1;
        Ok(Quoted { span: Span { from, to: self.at - 1 }, is_escaped })
    }

    fn escape(&mut self) -> Result<(), Fault> {
        self.at += 2;
        match self.bytes.get(self.at - 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                let unit = hex(self.bytes, self.at).ok_or(ESCAPE)?;
                self.at += 4;
                match unit {
                    0xd800..=0xdbff => {
                        let low = self.bytes.get(self.at..self.at + 2) == Some(b"\\u");
                        let low = if low { hex(self.bytes, self.at + 2) } else { None };
                        self.at += 6;
                        low.filter(|u| (0xdc00..=0xdfff).contains(u)).map(|_| ()).ok_or(SURROGATE)
                    }
                    0xdc00..=0xdfff => Err(SURROGATE),
                    _ => Ok(()),
                }
            }
            _ => Err(ESCAPE),
        }
    }

    pub fn literal(&mut self, word: &[u8]) -> Result<(), Fault> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word) {
            return Err(NO_VALUE);
        }
        self.at = end;
        Ok(())
    }

    /// Digits, as a number that wraps, and how many.
    #[inline]
    fn digits(&mut self, mut n: u64) -> (u64, usize) {
        let from = self.at;
        while let d @ 0..=9 = self.peek().wrapping_sub(b'0') {
            n = n.wrapping_mul(10).wrapping_add(u64::from(d));
            self.at += 1;
        }
        (n, self.at - from)
    }

    /// The number that starts here.
    #[inline]
    pub fn number(&mut self) -> Result<Number, Fault> {
        let from = self.at;
        let is_negative = self.peek() == b'-';
        self.at += usize::from(is_negative);
        let starts_with_0 = self.peek() == b'0';
        let (mut n, mut count) = self.digits(0);
        if count == 0 || (starts_with_0 && count > 1) {
            return Err(NUMBER);
        }
        if !matches!(self.peek(), b'.' | b'e' | b'E') {
            if count <= 18 {
                return Ok(Number::Int(if is_negative { -(n as i64) } else { n as i64 }));
            }
            return Ok(self.parse(from));
        }
        let mut power = 0i64;
        if self.peek() == b'.' {
            self.at += 1;
            let (with, more) = self.digits(n);
            if more == 0 {
                return Err(NUMBER);
            }
            (n, count, power) = (with, count + more, -(more as i64));
        }
        if matches!(self.peek(), b'e' | b'E') {
            power = power.saturating_add(self.exponent()?);
        }
        // Both are exact as doubles, so is the result as good as it can be.
        if count <= 19
            && n <= EXACT_MAX
            && let Some(by) = POWERS.get(power.unsigned_abs() as usize)
        {
            let v = if power < 0 { n as f64 / by } else { n as f64 * by };
            return Ok(Number::Float(if is_negative { -v } else { v }));
        }
        Ok(self.parse_float(from))
    }

    fn exponent(&mut self) -> Result<i64, Fault> {
        self.at += 1;
        let is_negative = self.peek() == b'-';
        self.at += usize::from(matches!(self.peek(), b'-' | b'+'));
        let (n, count) = self.digits(0);
        match count {
            0 => Err(NUMBER),
            1..=18 => Ok(if is_negative { -(n as i64) } else { n as i64 }),
            _ => Ok(i64::MAX),
        }
    }

    /// An integer of more than 18 digits. Beyond 64 bits it is none: as a double it would be rounded.
    fn parse(&self, from: usize) -> Number {
        let text = self.text.get(from..self.at).unwrap_or_default();
        text.parse().map_or(Number::Huge, Number::Int)
    }

    fn parse_float(&self, from: usize) -> Number {
        let text = self.text.get(from..self.at).unwrap_or_default();
        match text.parse::<f64>() {
            Ok(v) if v.is_finite() => Number::Float(v),
            _ => Number::Huge,
        }
    }

    /// Goes past the value that starts here, which is inside `depth` others; true if it has spaces between tokens.
    pub fn skip(&mut self, depth: u32) -> Result<(Span, bool), Fault> {
        let from = self.at;
        // One bit each of the open ones, the innermost lowest: 1 is an object.
        let (mut open, mut n) = (0u128, 0u32);
        let mut spaces = 0;
        loop {
            spaces += self.space();
            let is_open = match self.peek() {
                b @ (b'{' | b'[') => {
                    if depth + n >= NESTING_MAX {
                        return Err(TOO_DEEP);
                    }
                    self.at += 1;
                    (open, n) = ((open << 1) | u128::from(b == b'{'), n + 1);
                    spaces += self.space();
                    // The closing one is two after in ASCII.
                    self.peek() != b + 2
                }
                b => {
                    self.scalar(b)?;
                    false
                }
            };
            if is_open {
                if open & 1 == 1 {
                    spaces += self.key()?;
                }
                continue;
            }
            loop {
                if n == 0 {
                    return Ok((Span { from, to: self.at }, spaces > 0));
                }
                spaces += self.space();
                let is_object = open & 1 == 1;
                match self.peek() {
                    b',' => {
                        self.at += 1;
                        if is_object {
                            spaces += self.space() + self.key()?;
                        }
                        break;
                    }
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ => return Err(if is_object { NO_COMMA } else { NO_COMMA_ARRAY }),
                }
                self.at += 1;
                (open, n) = (open >> 1, n - 1);
            }
        }
    }

    #[inline]
    fn space(&mut self) -> usize {
        let from = self.at;
        self.token();
        self.at - from
    }

    fn scalar(&mut self, first: u8) -> Result<(), Fault> {
        match first {
            b'"' => {
                self.at += 1;
                self.string().map(|_| ())
            }
            b'-' | b'0'..=b'9' => self.number().map(|_| ()),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => Err(NO_VALUE),
        }
    }

    /// A key and its colon; how many spaces are between them.
    fn key(&mut self) -> Result<usize, Fault> {
        if self.peek() != b'"' {
            return Err(NO_KEY);
        }
        self.at += 1;
        self.string()?;
        let spaces = self.space();
        if self.peek() != b':' {
            return Err(NO_COLON);
        }
        self.at += 1;
        Ok(spaces)
    }
}

fn hex(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |n, b| Some(n << 4 | char::from(*b).to_digit(16)?))
}

/// Appends what a string that `Scanner::string` accepted stands for.
pub fn unescape(mut raw: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = raw.iter().position(|b| *b == b'\\') {
        let (plain, rest) = raw.split_at(at);
        out.extend_from_slice(plain);
        let mut used = 2;
        let c = match rest.get(1) {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                used = 6;
                let mut unit = hex(rest, 2).unwrap_or(0);
                if (0xd800..0xdc00).contains(&unit) {
                    used = 12;
                    unit = 0x1_0000 + ((unit - 0xd800) << 10) + (hex(rest, 8).unwrap_or(0) & 0x3ff);
                }
                char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            Some(b) => char::from(*b),
            None => return,
        };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        raw = rest.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(raw);
}

/// Appends valid JSON text without the spaces between its tokens.
pub fn compact(mut raw: &[u8], out: &mut Vec<u8>) {
    let mut is_string = false;
    loop {
        let mut is_escape = false;
        let end = raw.iter().position(|b| {
            if is_string {
                is_string = is_escape || *b != b'"';
                is_escape = !is_escape && *b == b'\\';
                return false;
            }
            is_string = *b == b'"';
            matches!(b, b' ' | b'\n' | b'\r' | b'\t')
        });
        let Some(end) = end else { break };
        let (plain, rest) = raw.split_at(end);
        out.extend_from_slice(plain);
        raw = rest.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(raw);
}

/// Appends a JSON string.
pub fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for b in text {
        match b {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *b]),
            0..0x20 => {
                let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(b >> 4), digit(b & 15)]);
            }
            _ => out.push(*b),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Number> {
        let mut s = Scanner::new(text);
        s.number().ok().filter(|_| s.at == text.len())
    }

    #[test]
    fn numbers_are_those_of_json() {
        assert_eq!(number("-0"), Some(Number::Int(0)));
        assert_eq!(number("9223372036854775807"), Some(Number::Int(i64::MAX)));
        assert_eq!(number("-9223372036854775808"), Some(Number::Int(i64::MIN)));
        assert_eq!(number("9223372036854775808"), Some(Number::Huge), "not rounded");
        assert_eq!(number("-18446744073709551615"), Some(Number::Huge));
        assert_eq!(number("1.0"), Some(Number::Float(1.0)));
        assert_eq!(number("-1.5E+2"), Some(Number::Float(-150.0)));
        assert_eq!(number("0.30000000000000004"), Some(Number::Float(0.300_000_000_000_000_04)));
        assert_eq!(number("1e-99999999999999999999"), Some(Number::Float(0.0)));
        assert_eq!(number("1e400"), Some(Number::Huge));
        for bad in ["", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "1.e5"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }

    #[test]
    fn skipping_is_strict() {
        let skips = |text: &str| {
            let mut s = Scanner::new(text);
            s.token();
            s.skip(0).is_ok() && s.is_at_end()
        };
        for good in
            ["[]", "{}", " [1, {\"a\" : [ ] } ,\"\\u00e9\\ud83d\\ude00\"] ", "null", "{\"a\":{},\"a\":[[]]}"]
        {
            assert!(skips(good), "{good}");
        }
        for bad in [
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{,}",
            "[}",
            "{]",
            "nul",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\n\"",
            "[1 2]",
        ] {
            assert!(!skips(bad), "{bad}");
        }
        assert!(skips(&format!("{}{}", "[".repeat(128), "]".repeat(128))));
        assert!(!skips(&format!("{}{}", "[".repeat(129), "]".repeat(129))));
    }

    #[test]
    fn text_is_taken_apart_and_put_together() {
        let mut out = Vec::new();
        compact(b"{ \"a b\\\" \" : [ 1 ,\t2 ] }", &mut out);
        assert_eq!(out, b"{\"a b\\\" \":[1,2]}");
        out.clear();
        unescape(b"x\\n\\u00e9\\ud83d\\ude00\\/", &mut out);
        assert_eq!(out, "x\n\u{e9}\u{1f600}/".as_bytes());
        out.clear();
        quote(b"a\"\\\x01\x1f", &mut out);
        assert_eq!(out, b"\"a\\\"\\\\\\u0001\\u001f\"");
    }
}
