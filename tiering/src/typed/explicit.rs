//! Columns that people name: `id long, "a.b" double as ab, user.name string`.
//!
//! Invariants: what is refused is refused with the words that are wrong; at most `COLUMNS_MAX` columns of at most
//! `DEPTH_MAX` keys. A key is a word, or anything in double quotes (a quote in it twice); `*` as the last key is the
//! whole object as JSON text. Called where a topic's properties are checked and used.

use super::columns::{COLUMNS_MAX, DEPTH_MAX, EVERY_KEY, Kind, NewColumn};
use super::names::{NAME_MAX, Names, is_reserved};

const TEXT_BYTES_MAX: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExplicitError {
    #[error("no columns are named")]
    Empty,
    #[error("more than {TEXT_BYTES_MAX} bytes")]
    TooLong,
    #[error("more than {COLUMNS_MAX} columns")]
    TooMany,
    #[error("column {0} is empty")]
    EmptyColumn(usize),
    #[error("column {0}: a quote is not closed")]
    OpenQuote(usize),
    #[error("column {0}: '{1}' is not a path of keys with '.' between")]
    Path(usize, String),
    #[error("column {0}: more than {DEPTH_MAX} keys")]
    TooDeep(usize),
    #[error("column {0}: a type is missing")]
    NoKind(usize),
    #[error("column {0}: unknown type '{1}'; there are boolean, long, double, string, timestamptz and date")]
    UnknownKind(usize, String),
    #[error("column {0}: a whole object is a string, not a {1}")]
    WholeKind(usize, &'static str),
    #[error("column {0}: '{1}' is not expected after the type; only `as <name>` is")]
    Trailing(usize, String),
    #[error(
        "column {0}: '{1}' cannot be a name: letters, digits and '_', no digit first, at most {NAME_MAX}"
    )]
    Name(usize, String),
    #[error("column {0}: the name '{1}' is reserved")]
    Reserved(usize, String),
    #[error("column {0}: the name '{1}' is used twice")]
    Duplicate(usize, String),
}

use ExplicitError as E;

/// Splits outside of quotes.
fn split(text: &str, at: impl Fn(char) -> bool) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|c| {
        is_quoted ^= c == '"';
        !is_quoted && at(c)
    })
    .collect()
}

/// The columns that `text` names, in its order.
pub fn parse(text: &str) -> Result<Vec<NewColumn>, ExplicitError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(E::TooLong);
    }
    if text.trim().is_empty() {
        return Err(E::Empty);
    }
    let items = split(text, |c| c == ',');
    if items.len() > COLUMNS_MAX {
        return Err(E::TooMany);
    }
    let mut names = Names::new(std::iter::empty());
    items.iter().zip(1..).map(|(item, n)| column(item, n, &mut names)).collect()
}

fn column(item: &str, n: usize, names: &mut Names) -> Result<NewColumn, ExplicitError> {
    if item.matches('"').count() % 2 == 1 {
        return Err(E::OpenQuote(n));
    }
    let words: Vec<&str> = split(item, char::is_whitespace).into_iter().filter(|w| !w.is_empty()).collect();
    let (&path, words) = words.split_first().ok_or(E::EmptyColumn(n))?;
    let path = keys(path, n)?;
    let (&kind, words) = words.split_first().ok_or(E::NoKind(n))?;
    let kind = Kind::from_name(&kind.to_ascii_lowercase()).ok_or_else(|| E::UnknownKind(n, kind.into()))?;
    if path.last().is_some_and(|k| k == EVERY_KEY) && kind != Kind::String {
        return Err(E::WholeKind(n, kind.name()));
    }
    let name = match words {
        [] => super::sanitise(&path),
        [word, name] if word.eq_ignore_ascii_case("as") => check(name, n)?,
        [word, ..] => return Err(E::Trailing(n, (*word).into())),
    };
    if names.take(&name) { Ok(NewColumn { name, path, kind }) } else { Err(E::Duplicate(n, name)) }
}

fn keys(path: &str, n: usize) -> Result<Vec<String>, ExplicitError> {
    let key = |key: &str| match key.strip_prefix('"').and_then(|k| k.strip_suffix('"')) {
        Some(inside) => Some(inside.replace("\"\"", "\"")),
        None => (!key.is_empty() && !key.contains('"')).then(|| key.to_string()),
    };
    let keys: Option<Vec<String>> = split(path, |c| c == '.').into_iter().map(key).collect();
    let keys = keys.ok_or_else(|| E::Path(n, path.into()))?;
    if keys.len() > DEPTH_MAX { Err(E::TooDeep(n)) } else { Ok(keys) }
}

fn check(name: &str, n: usize) -> Result<String, ExplicitError> {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.len() <= NAME_MAX;
    match is_name {
        false => Err(E::Name(n, name.into())),
        true if is_reserved(name) => Err(E::Reserved(n, name.into())),
        true => Ok(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_as_people_write_them() {
        let columns =
            parse("id long, \"a.b\".c DOUBLE as ab ,ts\ttimestamptz, \"say \"\"x\"\"\" string, m.* string")
                .unwrap();
        let short: Vec<_> =
            columns.iter().map(|c| format!("{}={}:{}", c.name, c.path.join("/"), c.kind.name())).collect();
        assert_eq!(
            short,
            [
                "id=id:long",
                "ab=a.b/c:double",
                "ts=ts:timestamptz",
                "say__x_=say \"x\":string",
                "m__=m/*:string"
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        let err = |text: &str| parse(text).unwrap_err();
        assert_eq!(err("  "), E::Empty);
        assert_eq!(err("a long,,b long"), E::EmptyColumn(2));
        assert_eq!(err("a"), E::NoKind(1));
        assert_eq!(err("a int"), E::UnknownKind(1, "int".into()));
        assert_eq!(err("a long b"), E::Trailing(1, "b".into()));
        assert_eq!(err("a long as 1b"), E::Name(1, "1b".into()));
        assert_eq!(err("a long as kafka_a"), E::Reserved(1, "kafka_a".into()));
        assert_eq!(err("a long, A string"), E::Duplicate(2, "a".into()));
        assert_eq!(err("\"a long"), E::OpenQuote(1));
        assert_eq!(err("a..b long"), E::Path(1, "a..b".into()));
        assert_eq!(err("a.b.c.d.e.f long"), E::TooDeep(1));
        assert_eq!(err("a.* long"), E::WholeKind(1, "long"));
        assert_eq!(err(&"a long,".repeat(300)), E::TooMany);
        assert!(err("a int").to_string().contains("unknown type 'int'"));
    }
}
