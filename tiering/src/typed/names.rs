//! Names of typed columns, made from the keys that lead to them.
//!
//! Invariants: `[a-z0-9_]`, 1 to 100 bytes, no digit first; never a name of ours; never ending in `__` and a number,
//! which means "what did not fit the column without it"; unique without regard to case. Called by `infer` and
//! `explicit`.

use std::collections::BTreeSet;

pub const NAME_MAX: usize = 100;
/// The column of all that found no column.
pub const VALUE_REST: &str = "value_rest";
const OURS: &str = "kafka_";

/// Whether a typed column must not have this name.
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(OURS) || name == VALUE_REST
}

/// Whether the name ends in `__` and a number.
fn looks_like_conflict(name: &str) -> bool {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    base.len() < name.len() && base.ends_with("__")
}

fn cut(name: &mut String, len: usize) {
    // All bytes are ASCII by now.
    name.truncate(len);
}

/// The name that a path asks for.
pub fn sanitise(path: &[String]) -> String {
    let mut name = String::new();
    for c in
        path.iter().enumerate().flat_map(|(i, key)| (i > 0).then_some('_').into_iter().chain(key.chars()))
    {
        if name.len() >= NAME_MAX {
            break;
        }
        name.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if is_reserved(&name) {
        name.insert_str(0, "v_");
    }
    cut(&mut name, NAME_MAX);
    if looks_like_conflict(&name) {
        cut(&mut name, NAME_MAX - 1);
        name.push('_');
    }
    name
}

fn with_suffix(base: &str, suffix: &str) -> String {
    let mut name = base.to_string();
    if !name.is_ascii() {
        name = sanitise(&[name]);
    }
    cut(&mut name, NAME_MAX.saturating_sub(suffix.len()));
    name.push_str(suffix);
    name
}

/// Names in use.
pub struct Names(BTreeSet<String>);

impl Names {
    pub fn new<'a>(used: impl Iterator<Item = &'a str>) -> Names {
        Names(used.map(str::to_ascii_lowercase).collect())
    }

    /// Takes a name; false if it is in use.
    pub fn take(&mut self, name: &str) -> bool {
        self.0.insert(name.to_ascii_lowercase())
    }

    /// A name for the first column of a path: the plain one, else `_2`, `_3`, ...
    pub fn primary(&mut self, path: &[String]) -> String {
        let name = sanitise(path);
        if self.take(&name) {
            return name;
        }
        // Without what would make it look like a conflict.
        let base = name.trim_end_matches('_');
        self.first_free(2, |n| with_suffix(base, &format!("_{n}")))
    }

    /// A name for the `n`th column of a path whose first is `first`: `__n`.
    pub fn conflict(&mut self, first: &str, n: usize) -> String {
        self.first_free(n.max(2), |n| with_suffix(first, &format!("__{n}")))
    }

    fn first_free(&mut self, from: usize, name: impl Fn(usize) -> String) -> String {
        let mut n = from;
        loop {
            let name = name(n);
            // Ends: there are fewer names than numbers.
            if self.take(&name) {
                return name;
            }
            n = n.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(keys: &[&str]) -> String {
        sanitise(&keys.iter().map(|k| k.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn names_are_plain_and_not_ours() {
        assert_eq!(of(&["user", "First Name"]), "user_first_name");
        assert_eq!(of(&["Größe"]), "gr__e");
        assert_eq!(of(&["2nd"]), "_2nd");
        assert_eq!((of(&[""]), of(&[])), ("_".into(), "_".into()));
        assert_eq!(of(&["kafka", "offset"]), "v_kafka_offset");
        assert_eq!(of(&["VALUE_REST"]), "v_value_rest");
        assert_eq!(of(&["delay__2"]), "delay__2_");
        assert_eq!(of(&[&"x".repeat(300)]).len(), 100);
        assert_eq!(
            of(&[&format!("{}__2", "x".repeat(97))]),
            format!("{}__2_", "x".repeat(97)).split_at(99).0.to_string() + "_"
        );
    }

    #[test]
    fn a_name_in_use_gets_a_number() {
        let mut n = Names::new(["A_B"].into_iter());
        let p = |k: &[&str]| k.iter().map(|k| k.to_string()).collect::<Vec<_>>();
        assert_eq!(n.primary(&p(&["a", "b"])), "a_b_2");
        assert_eq!(n.primary(&p(&["a.b"])), "a_b_3");
        assert_eq!(n.conflict("a_b_2", 2), "a_b_2__2");
        assert_eq!(n.conflict("a_b_2", 2), "a_b_2__3");
        assert_eq!((n.primary(&p(&["_"])), n.primary(&p(&["-"]))), ("_".into(), "_2".into()));
    }
}
