//! The decoder beside serde_json: the same values in the same columns, the same values refused.

use super::*;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int64Type};
use proptest::prelude::*;
use serde_json::Value;

fn columns(of: &[(&str, Kind)]) -> Columns {
    let one = |(id, (path, kind)): (i32, &(&str, Kind))| Column {
        id,
        name: path.replace('.', "_"),
        path: path.split('.').map(str::to_string).collect(),
        kind: *kind,
    };
    Columns::new((100..).zip(of).map(one).collect())
}

fn decode(columns: &Columns, values: &[&[u8]]) -> Decoded {
    let mut d = Decoder::json(columns, true);
    values.iter().for_each(|v| d.push(Some(v)));
    d.finish().unwrap()
}

#[test]
fn values_go_to_their_columns_and_the_rest_is_kept() {
    let c = columns(&[("a", Kind::Long), ("o.s", Kind::String), ("m.*", Kind::String)]);
    let d = decode(
        &c,
        &[
            br#"{"a":7,"o":{"s":"x\ny"},"m":{"k": [1, 2]},"other":{"deep" : 1}}"#,
            br#"{"a":"seven","a":8}"#,
            br#"{"a":9,"a":"nine"}"#,
            b"[1]",
            br#"{"a":1"#,
            br#"{"o":{"s":"z","t":1}}"#,
        ],
    );
    let a = d.columns[0].as_primitive::<Int64Type>();
    assert_eq!(
        (0..6).map(|i| a.is_valid(i).then(|| a.value(i))).collect::<Vec<_>>(),
        [Some(7), Some(8), None, None, None, None]
    );
    assert_eq!(d.columns[1].as_string::<i32>().value(0), "x\ny");
    assert_eq!(d.columns[2].as_string::<i32>().value(0), r#"{"k":[1,2]}"#);
    let rest = d.rest.unwrap();
    let rest = rest.as_string::<i32>();
    assert_eq!(rest.value(0), r#"{"other":{"deep":1}}"#);
    assert!(rest.is_null(1), "the last of equal keys counts");
    assert_eq!((rest.value(2), rest.value(5)), (r#"{"a":"nine"}"#, r#"{"o":{"s":"z","t":1}}"#));
    assert_eq!(d.problems.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [3, 4]);
    assert!(d.problems[0].1.contains("array") && d.objects == 4);
}

#[test]
fn csv_records_have_the_names_of_the_header() {
    let c = columns(&[("id", Kind::Long), ("name", Kind::String), ("x", Kind::Double)]);
    let mut d = Decoder::csv(&c, true, "id,name,x,more").unwrap();
    for v in ["1,\"a, \"\"b\"\"\",2.5,z\n", "2,,3,", "x,y,1,2", "1,2,3"] {
        d.push(Some(v.as_bytes()));
    }
    let done = d.finish().unwrap();
    let name = done.columns[1].as_string::<i32>();
    assert_eq!((name.value(0), name.is_null(1)), ("a, \"b\"", true));
    assert_eq!(done.columns[2].as_primitive::<Float64Type>().value(1), 3.0);
    let rest = done.rest.unwrap();
    assert_eq!(rest.as_string::<i32>().value(0), r#"{"more":"z"}"#);
    assert_eq!(rest.as_string::<i32>().value(2), r#"{"id":"x","more":2}"#);
    assert_eq!(done.problems, [(3, "value is not a CSV record: it has 3 fields, not 4".to_string())]);
    assert!(Decoder::csv(&c, false, "a,a").is_err() && Decoder::csv(&c, false, " ").is_err());
}

/// JSON of every kind, now and then broken.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_string()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(|f| serde_json::to_string(&f).unwrap()),
        ".{0,8}".prop_map(|s: String| serde_json::to_string(&s).unwrap()),
        Just("2013-02-29".to_string()),
        Just("\"\\ud83d\\ude00\\u00e9\"".to_string()),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let key = prop_oneof!["[a-d]".prop_map(|k| k), "\\PC{0,3}".prop_map(|k| k)];
        let member =
            (key, inner.clone()).prop_map(|(k, v)| format!("{}: {v}", serde_json::to_string(&k).unwrap()));
        prop_oneof![
            prop::collection::vec(member, 0..5).prop_map(|m| format!("{{{}}}", m.join(", "))),
            prop::collection::vec(inner, 0..4).prop_map(|m| format!("[{}]", m.join(" ,"))),
        ]
    })
}

/// The value at a path, if it is there and no null.
fn at<'a>(v: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(v, |v, key| v.get(key)).filter(|v| !v.is_null())
}

fn check(text: &str) {
    let c = columns(&[
        ("a", Kind::Long),
        ("a", Kind::Double),
        ("a", Kind::String),
        ("b", Kind::String),
        ("c.a", Kind::Boolean),
        ("c.b", Kind::Double),
    ]);
    let d = decode(&c, &[text.as_bytes()]);
    let want: Option<Value> = match serde_json::from_str(text) {
        // JSON has no largest number, serde_json has: nothing to compare with.
        Err(e) if e.to_string().contains("out of range") => return,
        parsed => parsed.ok().filter(Value::is_object),
    };
    assert_eq!(d.problems.is_empty(), want.is_some(), "{text}: {:?}", d.problems);
    let Some(want) = want else { return };
    for (column, array) in c.list().iter().zip(&d.columns) {
        let v = at(&want, &column.path);
        match column.kind {
            Kind::Long => {
                let got = array.is_valid(0).then(|| array.as_primitive::<Int64Type>().value(0));
                assert_eq!(got, v.and_then(Value::as_i64), "{text}");
            }
            Kind::Boolean => {
                let got = array.is_valid(0).then(|| array.as_boolean().value(0));
                assert_eq!(got, v.and_then(Value::as_bool), "{text}");
            }
            Kind::String if column.path == ["b"] => {
                let got = array.is_valid(0).then(|| array.as_string::<i32>().value(0).to_string());
                // An object is taken apart, and here nobody asked for what is in it.
                let want = match v {
                    Some(Value::String(s)) => Some(s.clone()),
                    Some(Value::Array(_)) => {
                        got.clone().filter(|t| serde_json::from_str::<Value>(t).ok().as_ref() == v)
                    }
                    _ => None,
                };
                assert_eq!(got, want, "{text}");
            }
            _ => {}
        }
    }
    let taken = c.list().iter().zip(&d.columns).filter(|(c, a)| c.path == ["a"] && a.is_valid(0)).count();
    let is_object = at(&want, &["a".into()]).is_some_and(Value::is_object);
    assert_eq!(
        taken,
        usize::from(at(&want, &["a".into()]).is_some() && !is_object),
        "one column of a path: {text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn serde_json_agrees(text in json()) {
        check(&text);
    }

    #[test]
    fn serde_json_agrees_on_broken_text(text in json(), at in any::<prop::sample::Index>(), with in "[\\PC\"{}\\[\\],:\\\\]") {
        let cut: Vec<char> = text.chars().collect();
        let i = at.index(cut.len().max(1));
        let broken: String = cut.iter().take(i).copied().chain(with.chars()).chain(cut.iter().skip(i + 1).copied()).collect();
        check(&broken);
    }
}
