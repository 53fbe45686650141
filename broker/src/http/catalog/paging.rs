//! Pages of a list: a token names the last entry that was shown, so that nothing is kept between two requests and a
//! table that comes or goes in between moves no other into or out of sight.
//!
//! Invariants: without a token the whole list is one page, as the Iceberg REST spec asks; a page is never empty but
//! for an empty rest. Called by the handlers that list.

use super::errors::{Failure, shown};

/// Entries of one page when the client names no number, and the most that it gets.
pub const PAGE_MAX: usize = 1_000;
/// Of another kind than this a token is not one of ours.
const TOKEN_START: &str = "after-";

/// What a client wants to see of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The entry before the first one; none: from the start.
    after: Option<String>,
    entries_max: usize,
}

impl Page {
    pub fn parse(token: Option<&str>, size: Option<&str>) -> Result<Page, Failure> {
        let size = match size {
            None | Some("") => PAGE_MAX,
            Some(text) => match text.parse::<u64>() {
                Ok(n) if n > 0 => usize::try_from(n).unwrap_or(PAGE_MAX).min(PAGE_MAX),
                _ => {
                    let message = format!("pageSize must be a positive number, it is {}", shown(text));
                    return Err(Failure::bad_request(message));
                }
            },
        };
        match token {
            None => Ok(Page { after: None, entries_max: usize::MAX }),
            Some("") => Ok(Page { after: None, entries_max: size }),
            Some(text) => match name_of(text) {
                Some(name) => Ok(Page { after: Some(name), entries_max: size }),
                None => {
                    let message = format!("pageToken {} is not from this catalog", shown(text));
                    Err(Failure::bad_request(message))
                }
            },
        }
    }

    /// The page's part of a sorted list, and the token of the next page.
    pub fn cut<'a>(&self, sorted: &'a [String]) -> (&'a [String], Option<String>) {
        let start = match &self.after {
            Some(last) => sorted.partition_point(|name| name <= last),
            None => 0,
        };
        let rest = sorted.get(start..).unwrap_or_default();
        match rest.get(..self.entries_max) {
            Some(page) if page.len() < rest.len() => (page, page.last().map(|name| token_of(name))),
            _ => (rest, None),
        }
    }
}

fn token_of(name: &str) -> String {
    let mut out = String::from(TOKEN_START);
    for byte in name.bytes() {
        for half in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    out
}

fn name_of(token: &str) -> Option<String> {
    let digits = token.strip_prefix(TOKEN_START)?.as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let [high, low] = pair else { return None };
        bytes.push(hex(*high)? << 4 | hex(*low)?);
    }
    // An empty name would start from the front again, for ever.
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

/// The value of a hexadecimal digit.
pub fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: std::ops::Range<usize>) -> Vec<String> {
        of.map(|i| format!("t{i:04}")).collect()
    }

    #[test]
    fn every_name_is_shown_once() {
        let all = names(0..2_500);
        for size in [1, 7, 999, 1_000] {
            let (mut seen, mut token) = (Vec::new(), Some(String::new()));
            while let Some(t) = token {
                let page = Page::parse(Some(&t), Some(&size.to_string())).unwrap();
                let (shown, next) = page.cut(&all);
                assert!(!shown.is_empty() && shown.len() <= size);
                seen.extend_from_slice(shown);
                token = next;
            }
            assert_eq!(seen, all);
        }
    }

    #[test]
    fn what_goes_between_two_pages_hides_nothing() {
        let (page, size) = (|t: &str| Page::parse(Some(t), Some("10")).unwrap(), 10);
        let mut all = names(0..30);
        let (_, next) = page("").cut(&all);
        let next = next.unwrap();
        all.remove(size - 1);
        all.insert(0, "a".into());
        assert_eq!(page(&next).cut(&all).0, names(10..20));
        all.truncate(3);
        assert_eq!(page(&next).cut(&all), (&[][..], None));
        let whole = names(0..10);
        assert_eq!(page("").cut(&whole), (&whole[..], None), "a full page that is the last one");
    }

    #[test]
    fn no_token_is_one_page() {
        let all = names(0..2_500);
        let page = Page::parse(None, Some("10")).unwrap();
        assert_eq!(page.cut(&all), (&all[..], None));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for size in ["0", "-1", "x", "1.5", "99999999999999999999"] {
            assert!(Page::parse(Some(""), Some(size)).is_err(), "{size}");
        }
        assert_eq!(Page::parse(Some(""), Some("18446744073709551615")).unwrap().entries_max, PAGE_MAX);
        for token in ["x", "after-", "after-7", "after-zz", "after-ff", "aFter-74", "after-7é"] {
            assert!(Page::parse(Some(token), None).is_err(), "{token}");
        }
        assert_eq!(name_of(&token_of("té.1")), Some("té.1".into()));
    }
}
