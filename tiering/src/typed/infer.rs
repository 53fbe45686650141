//! New columns for what found none.
//!
//! Invariants: a pure function of the columns there are and of what a batch held; only adds; the same input gives the
//! same columns in the same order. A path gets its first column when at least one row in `SHARE` has it; what does
//! not fit a path's columns gets a further one at once: `double` for numbers, else a string that takes anything, so a
//! path never has more than three. Objects with more than `MAP_KEYS` keys of one sort of values are maps: one column
//! of JSON text. Called for each batch that is written.

use super::columns::{COLUMNS_MAX, Columns, EVERY_KEY, Kind, NewColumn};
use super::names::{Names, VALUE_REST};
use super::observed::{Counts, Observed, Sort};
use std::collections::{BTreeMap, BTreeSet};

/// A path that fewer than one in so many rows have gets no column.
const SHARE: u64 = 100;
/// Keys of one object above which it is a map and no record.
const MAP_KEYS: usize = 64;
/// Of a thousand strings, so many must be dates for a column of dates.
const DATES_OF_1000: u64 = 999;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether strings that are dates or times become columns of dates and times.
    pub dates: bool,
}

const NUMBERS: [Sort; 3] = [Sort::Int, Sort::BigInt, Sort::Number];
const TEXTS: [Sort; 4] = [Sort::Text, Sort::Date, Sort::Time, Sort::Json];
const VALUES: [Sort; 8] =
    [Sort::Bool, Sort::Int, Sort::BigInt, Sort::Number, Sort::Text, Sort::Date, Sort::Time, Sort::Json];

/// Whether a column takes a value; `is_first` of its path.
fn fits(kind: Kind, is_first: bool, sort: Sort) -> bool {
    match kind {
        Kind::Boolean => sort == Sort::Bool,
        Kind::Long => matches!(sort, Sort::Int | Sort::BigInt),
        Kind::Double => matches!(sort, Sort::Int | Sort::Number),
        Kind::String => !is_first || TEXTS.contains(&sort),
        Kind::Timestamptz => sort == Sort::Time,
        Kind::Date => sort == Sort::Date,
    }
}

/// The kind of a path's first column.
fn first_kind(c: &Counts, o: Options) -> Kind {
    let (bools, numbers, texts) = (c.get(Sort::Bool), c.sum(&NUMBERS), c.sum(&TEXTS));
    if texts >= numbers.max(bools) {
        let is_nearly_all = |sort| o.dates && c.get(sort) * 1000 >= texts * DATES_OF_1000;
        return match () {
            () if is_nearly_all(Sort::Date) => Kind::Date,
            () if is_nearly_all(Sort::Time) => Kind::Timestamptz,
            () => Kind::String,
        };
    }
    match (numbers >= bools, c.get(Sort::Number) > 0, c.get(Sort::BigInt) > 0) {
        (false, ..) => Kind::Boolean,
        (true, true, false) => Kind::Double,
        (true, ..) => Kind::Long,
    }
}

/// The kinds that a path needs beside those it has.
fn kinds(have: &[Kind], c: &Counts, o: Options) -> Vec<Kind> {
    let mut all = have.to_vec();
    loop {
        let is_left = |s: &Sort| {
            let takes = |(i, k): (usize, &Kind)| fits(*k, i == 0, *s);
            c.get(*s) > 0 && !all.iter().enumerate().any(takes)
        };
        let left: Vec<Sort> = VALUES.into_iter().filter(is_left).collect();
        let next = match left.as_slice() {
            [] => break,
            _ if all.is_empty() => first_kind(c, o),
            l if l.iter().all(|s| fits(Kind::Double, false, *s)) => Kind::Double,
            _ => Kind::String,
        };
        all.push(next);
    }
    all.split_off(have.len())
}

/// The coarse sort by which the keys of a map are alike.
fn class(c: &Counts) -> u8 {
    let bits = [c.get(Sort::Bool), c.sum(&NUMBERS), c.sum(&TEXTS), c.get(Sort::Object)];
    bits.iter().enumerate().fold(0, |all, (i, n)| all | u8::from(*n > 0) << i)
}

/// Paths of objects that are maps.
fn maps<'a>(have: &'a Columns, unfit: &'a Observed) -> BTreeSet<&'a [String]> {
    // Of each object its keys, and the sorts of values under them.
    let mut keys: BTreeMap<&[String], (BTreeSet<&str>, u8)> = BTreeMap::new();
    let mut add = |path: &'a [String], class: u8| {
        if let Some((key, parent)) = path.split_last().filter(|(_, parent)| !parent.is_empty()) {
            let (names, classes) = keys.entry(parent).or_default();
            names.insert(key);
            *classes |= class;
        }
    };
    unfit.seen.iter().for_each(|s| add(&s.path, class(&s.counts)));
    for c in have.list().iter().filter(|c| c.path.last().is_some_and(|k| k != EVERY_KEY)) {
        add(&c.path, 0);
    }
    let is_map =
        |(names, classes): &(BTreeSet<&str>, u8)| names.len() > MAP_KEYS && classes.count_ones() == 1;
    keys.iter().filter(|(_, k)| is_map(k)).map(|(path, _)| *path).collect()
}

/// The columns to add to `have` for what found none among `objects` rows.
pub fn infer(have: &Columns, unfit: &Observed, objects: u64, o: Options) -> Vec<NewColumn> {
    let mut paths: BTreeMap<&[String], Vec<(&str, Kind)>> = BTreeMap::new();
    for c in have.list() {
        paths.entry(&c.path).or_default().push((&c.name, c.kind));
    }
    let maps = maps(have, unfit);
    let mut names = Names::new(have.list().iter().map(|c| c.name.as_str()));
    let mut out: Vec<NewColumn> = Vec::new();
    let room = COLUMNS_MAX.saturating_sub(have.list().iter().filter(|c| !c.path.is_empty()).count());
    for map in &maps {
        let path: Vec<String> = map.iter().cloned().chain([EVERY_KEY.to_string()]).collect();
        if !paths.contains_key(path.as_slice()) {
            out.push(NewColumn { name: names.primary(map), path, kind: Kind::String });
        }
    }
    for s in &unfit.seen {
        if (1..s.path.len()).any(|n| s.path.get(..n).is_some_and(|p| maps.contains(p))) {
            continue;
        }
        let had = paths.get(s.path.as_slice()).map_or(&[][..], Vec::as_slice);
        if had.is_empty() && s.counts.sum(&VALUES) * SHARE < objects {
            continue;
        }
        let had_kinds: Vec<Kind> = had.iter().map(|(_, kind)| *kind).collect();
        let mut first = had.first().map(|(name, _)| name.to_string());
        for (n, kind) in (had.len() + 1..).zip(kinds(&had_kinds, &s.counts, o)) {
            let name = match &first {
                Some(first) => names.conflict(first, n),
                None => names.primary(&s.path),
            };
            first.get_or_insert_with(|| name.clone());
            out.push(NewColumn { name, path: s.path.clone(), kind });
        }
    }
    out.truncate(room);
    out
}

/// The column for all that found no column, in a table without the values themselves.
pub fn rest_column() -> NewColumn {
    NewColumn { name: VALUE_REST.to_string(), path: Vec::new(), kind: Kind::String }
}

#[cfg(test)]
mod tests {
    use super::super::json::Decoder;
    use super::*;

    const DATES: Options = Options { dates: true };

    /// What the columns are after these values, each batch after the other: `name:kind`.
    fn after(batches: &[&[&str]]) -> Vec<String> {
        let mut have = Columns::new(Vec::new());
        for batch in batches {
            let mut d = Decoder::json(&have, false);
            batch.iter().for_each(|v| d.push(Some(v.as_bytes())));
            let done = d.finish().unwrap();
            let new = infer(&have, &done.unfit, done.objects, DATES);
            have = have.with(&new, 100 + have.len() as i32);
            let mut d = Decoder::json(&have, false);
            batch.iter().for_each(|v| d.push(Some(v.as_bytes())));
            let done = d.finish().unwrap();
            assert!(infer(&have, &done.unfit, done.objects, DATES).is_empty(), "{:?}", done.unfit);
        }
        have.list().iter().map(|c| format!("{}:{}", c.name, c.kind.name())).collect()
    }

    #[test]
    fn values_have_the_kinds_that_people_expect() {
        let got = after(&[&[
            r#"{"i":1,"d":1.5,"s":"x","b":true,"n":null,"o":{"x":1,"y":{"z":"q"}},"a":[1,2],"e":{}}"#,
            r#"{"i":2,"d":2,"day":"2013-01-01","at":"2013-01-01T05:00:00Z","big":9007199254740993}"#,
        ]]);
        assert_eq!(
            got,
            [
                "i:long",
                "d:double",
                "s:string",
                "b:boolean",
                "o_x:long",
                "o_y_z:string",
                "a:string",
                "day:date",
                "at:timestamptz",
                "big:long"
            ]
        );
    }

    #[test]
    fn what_does_not_fit_gets_a_column_of_its_own() {
        assert_eq!(after(&[&[r#"{"a":1}"#], &[r#"{"a":1.5}"#]]), ["a:long", "a__2:double"]);
        assert_eq!(
            after(&[&[r#"{"a":1}"#], &[r#"{"a":"x"}"#], &[r#"{"a":2.5}"#]]),
            ["a:long", "a__2:string"]
        );
        let three = after(&[&[r#"{"a":1}"#], &[r#"{"a":1.5}"#], &[r#"{"a":"x"}"#], &[r#"{"a":true}"#]]);
        assert_eq!(three, ["a:long", "a__2:double", "a__3:string"]);
        assert_eq!(after(&[&[r#"{"a":"x"}"#, r#"{"a":1}"#, r#"{"a":"y"}"#]]), ["a:string", "a__2:double"]);
        assert_eq!(after(&[&[r#"{"a":"x"}"#], &[r#"{"a":[1]}"#]]), ["a:string"], "JSON text is text");
        assert_eq!(after(&[&[r#"{"a":"2013-01-01"}"#], &[r#"{"a":"soon"}"#]]), ["a:date", "a__2:string"]);
        assert_eq!(after(&[&[r#"{"a":1.5}"#], &[r#"{"a":9007199254740993}"#]]), ["a:double", "a__2:string"]);
        assert_eq!(after(&[&[r#"{"a":{"b":1}}"#], &[r#"{"a":7}"#]]), ["a_b:long", "a:long"]);
        assert_eq!(after(&[&[r#"{"a b":1,"a_b":2}"#]]), ["a_b:long", "a_b_2:long"]);
    }

    #[test]
    fn rare_keys_and_maps_make_no_columns() {
        let values: Vec<String> =
            (0..1_000).map(|i| format!(r#"{{"id":{i},"k{i}":1,"m":{{"u{i}":{i}}}}}"#)).collect();
        let batch: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(after(&[&batch]), ["m:string", "id:long"]);
        let wide: Vec<String> = (0..400).map(|i| format!("\"c{i}\":{i}")).collect();
        assert_eq!(after(&[&[&format!("{{{}}}", wide.join(","))]]).len(), COLUMNS_MAX);
    }
}
