//! Dates and times in strings: `YYYY-MM-DD`, and date-times of RFC 3339 with their zone.
//!
//! Invariants: dates are those of the proleptic Gregorian calendar, years 0000 to 9999; no leap seconds; a fraction that
//! microseconds cannot hold makes it another string. Called by `slots` and the decoders.

fn number(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Days since 1970-01-01.
pub fn date(text: &[u8]) -> Option<i32> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text else { return None };
    let (year, month, day) = (number(&[y0, y1, y2, y3])?, number(&[m0, m1])?, number(&[d0, d1])?);
    let longest = match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    // Years that begin in March, in eras of 400.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    i32::try_from(days).ok()
}

/// Microseconds since 1970 in UTC.
pub fn timestamp(text: &[u8]) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let (&[b'T' | b't' | b' ', h0, h1, b':', m0, m1, b':', s0, s1], mut rest) =
        rest.split_first_chunk::<9>()?
    else {
        return None;
    };
    let (hour, minute, second) = (number(&[h0, h1])?, number(&[m0, m1])?, number(&[s0, s1])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut micros = 0;
    if let Some((b'.', more)) = rest.split_first() {
        let n = more.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, zone) = more.split_at_checked(n)?;
        if n == 0 || digits.iter().skip(6).any(|d| *d != b'0') {
            return None;
        }
        micros = (0..6).fold(0, |us, i| us * 10 + digits.get(i).map_or(0, |b| i64::from(b - b'0')));
        rest = zone;
    }
    let seconds = i64::from(date(day)?) * 86_400 + hour * 3_600 + minute * 60 + second - zone(rest)?;
    Some(seconds * 1_000_000 + micros)
}

/// Seconds east of UTC.
fn zone(text: &[u8]) -> Option<i64> {
    let (sign, h0, h1, m0, m1) = match text {
        [b'Z' | b'z'] => return Some(0),
        &[sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => (sign, h0, h1, m0, m1),
        _ => return None,
    };
    let (hours, minutes) = (number(&[h0, h1])?, number(&[m0, m1])?);
    let seconds = hours * 3_600 + minutes * 60;
    (hours <= 23 && minutes <= 59).then_some(if sign == b'-' { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2013-01-01", 15_706),
            ("0000-01-01", -719_528),
            ("9999-12-31", 2_932_896),
        ] {
            assert_eq!(date(text.as_bytes()), Some(days), "{text}");
        }
        for text in [
            "",
            "1900-02-29",
            "2013-13-01",
            "2013-00-01",
            "2013-01-00",
            "2013-1-1",
            "2013-01-01 ",
            "+013-01-01",
        ] {
            assert_eq!(date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn times_are_microseconds_in_utc() {
        for (text, us) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1970-01-01 00:00:01.5-00:30", 1_801_500_000),
            ("2013-01-01t05:00:00.123456000z", 1_357_016_400_123_456),
            ("1969-12-31T23:59:59.999999Z", -1),
        ] {
            assert_eq!(timestamp(text.as_bytes()), Some(us), "{text}");
        }
        for text in [
            "",
            "2013-01-01",
            "2013-01-01T05:00:00",
            "2013-01-01T24:00:00Z",
            "2013-01-01T05:00:00.Z",
            "2013-01-01T05:00:00.1234567Z",
            "2013-01-01T05:00:00+0100",
            "2013-01-01T05:00Z",
            "ä013-01-01T05:00:00Z",
        ] {
            assert_eq!(timestamp(text.as_bytes()), None, "{text}");
        }
    }
}
