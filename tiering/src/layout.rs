//! Names of tables and of objects in the lake: built here and read back here, nowhere else.
//!
//! ```text
//! <lake.url>/<namespace>/<table>/data/dt=2026-03-09/kp=00003/<base>-<end>-<leader epoch>-<8 hex>.parquet
//! ```
//! Base and end (exclusive) have 20 digits, so that names sort by offset. Only the exact form that `FileName`
//! writes is read back: what somebody else put into the folder is never taken for ours. Pure; called by the
//! conversion, the clean-up at start and tests.

use std::fmt;

/// Kinds of files below a table's location.
const DATA: &str = "data";
const SUFFIX: &str = ".parquet";

/// A calendar day in UTC: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    pub fn of_ms(wall_ms: i64) -> Day {
        let last = i64::from(LAST_DAY);
        Day(wall_ms.div_euclid(86_400_000).clamp(0, last) as i32)
    }

    fn parse(text: &str) -> Option<Day> {
        let mut parts = text.splitn(3, '-').map(|p| p.parse::<i32>().ok());
        let (y, m, d) = (parts.next()??, parts.next()??, parts.next()??);
        if !(1970..=9999).contains(&y) || !(1..=12).contains(&m) || !(1..=31).contains(&d) {
            return None;
        }
        // Days from civil: years start in March, so that the leap day comes last.
        let (y, m) = if m <= 2 { (y - 1, m + 9) } else { (y, m - 3) };
        let (era, yoe) = (y.div_euclid(400), y.rem_euclid(400));
        let doy = (153 * m + 2) / 5 + d - 1;
        let day = Day(era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468);
        (day.to_string() == text).then_some(day)
    }
}

/// 9999-12-31.
const LAST_DAY: i32 = 2_932_896;

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let z = self.0 + 719_468;
        let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i32::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// What a data file's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileName {
    /// Day of the rows' append time.
    pub day: Day,
    pub partition: i32,
    /// Offsets [base, end).
    pub base: i64,
    pub end: i64,
    /// Leader epoch of the last batch.
    pub leader_epoch: i32,
    /// Makes a second attempt another object.
    pub random: u32,
}

impl FileName {
    /// Path below the table's location.
    fn below(&self) -> String {
        let FileName { day, partition, base, end, leader_epoch, random } = self;
        format!("dt={day}/kp={partition:05}/{base:020}-{end:020}-{leader_epoch}-{random:08x}{SUFFIX}")
    }

    pub fn path(&self, location: &str) -> String {
        format!("{}/{}", data_prefix(location), self.below())
    }

    /// Reads the last three parts of a path back.
    pub fn parse(path: &str) -> Option<FileName> {
        let mut parts = path.rsplitn(4, '/');
        let (file, kp, dt) = (parts.next()?, parts.next()?, parts.next()?);
        let mut fields = file.strip_suffix(SUFFIX)?.splitn(4, '-');
        let name = FileName {
            day: Day::parse(dt.strip_prefix("dt=")?)?,
            partition: kp.strip_prefix("kp=")?.parse().ok()?,
            base: fields.next()?.parse().ok()?,
            end: fields.next()?.parse().ok()?,
            leader_epoch: fields.next()?.parse().ok()?,
            random: u32::from_str_radix(fields.next()?, 16).ok()?,
        };
        (name.below() == format!("{dt}/{kp}/{file}")).then_some(name)
    }
}

/// Folder of a table's data files.
pub fn data_prefix(location: &str) -> String {
    format!("{location}/{DATA}")
}

/// Folder of a table's metadata: metadata files, manifest lists, manifests.
fn metadata_prefix(location: &str) -> String {
    format!("{location}/metadata")
}

/// The metadata file of a table's version.
pub fn metadata_file(location: &str, version: u64, uuid: &str) -> String {
    format!("{}/{version:05}-{uuid}.metadata.json", metadata_prefix(location))
}

/// The version in the name of a metadata file of ours.
pub fn parse_metadata_file(path: &str) -> Option<u64> {
    let (_, name) = path.rsplit_once("/metadata/")?;
    let (version, uuid) = name.strip_suffix(".metadata.json")?.split_once('-')?;
    let is_ours = version.len() >= 5 && version.bytes().all(|b| b.is_ascii_digit()) && is_uuid(uuid);
    is_ours.then(|| version.parse().ok()).flatten()
}

/// True for manifests and manifest lists of ours.
pub fn is_manifest(path: &str) -> bool {
    let Some(name) = path.rsplit_once("/metadata/").and_then(|(_, name)| name.strip_suffix(".avro")) else {
        return false;
    };
    if let Some((snapshot, uuid)) = name.strip_prefix("snap-").and_then(|n| n.split_once('-')) {
        return snapshot.parse::<i64>().is_ok() && is_uuid(uuid);
    }
    name.rsplit_once("-m").is_some_and(|(uuid, n)| is_uuid(uuid) && n.parse::<u32>().is_ok())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Its copy for readers without a catalog, and the object that names the newest of these.
pub fn metadata_copy(location: &str, version: u64) -> String {
    format!("{}/v{version}.metadata.json", metadata_prefix(location))
}
pub fn version_hint(location: &str) -> String {
    format!("{}/version-hint.text", metadata_prefix(location))
}

/// The manifest list of a snapshot.
pub fn manifest_list(location: &str, snapshot_id: i64, uuid: &str) -> String {
    format!("{}/snap-{snapshot_id}-{uuid}.avro", metadata_prefix(location))
}

/// A commit's manifest: `m0` lists its own files, `m1` what it merged.
pub fn manifest(location: &str, number: usize, uuid: &str) -> String {
    format!("{}/{uuid}-m{number}.avro", metadata_prefix(location))
}

/// Where a table lives, below the lake's root.
pub fn location(namespace: &str, table: &str) -> String {
    format!("{namespace}/{table}")
}

/// The namespace in which a location is.
pub fn namespace(location: &str) -> &str {
    location.split_once('/').map_or(location, |(namespace, _)| namespace)
}

/// A location that no other topic had: for a place where something lies already.
pub fn location_apart(location: &str, topic: &str) -> String {
    let short: String = topic.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    format!("{location}__{short}")
}

/// Where the dead letters of a table live: beside it, for what is below a table is the table's. With a part of the topic's
/// id, which no other place has.
pub fn dead_letters(location: &str, topic: &str) -> String {
    let short: String = topic.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    format!("{location}__dlq_{short}")
}

/// A topic's table name: lower case, `_` for every other character. Never empty, never a path.
pub fn table_name(topic: &str) -> String {
    topic.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// True for names that every engine takes: `[a-z0-9_]+`.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_the_calendars() {
        for (ms, text) in [
            (0, "1970-01-01"),
            (86_399_999, "1970-01-01"),
            (86_400_000, "1970-01-02"),
            (951_782_400_000, "2000-02-29"),
            (1_709_164_800_000, "2024-02-29"),
            (1_773_014_400_000, "2026-03-09"),
            (4_107_542_400_000, "2100-03-01"),
            (i64::MAX, "9999-12-31"),
            (-1, "1970-01-01"),
        ] {
            assert_eq!(Day::of_ms(ms).to_string(), text);
        }
        assert_eq!(Day::parse("2100-02-29"), None);
        assert_eq!(Day::parse("2026-3-9"), None);
    }

    #[test]
    fn names_are_as_documented() {
        let n = FileName {
            day: Day::of_ms(1_773_014_400_000),
            partition: 3,
            base: 17,
            end: 4711,
            leader_epoch: 2,
            random: 0xbeef,
        };
        let path = "lipno/flights/data/dt=2026-03-09/kp=00003/\
                    00000000000000000017-00000000000000004711-2-0000beef.parquet";
        assert_eq!(n.path("lipno/flights"), path);
        assert_eq!(FileName::parse(path), Some(n));
        for other in [
            "lipno/flights/data/dt=2026-03-09/kp=3/00000000000000000017-00000000000000004711-2-0000beef.parquet",
            "lipno/flights/data/dt=2026-03-09/kp=00003/17-4711-2-0000beef.parquet",
            "lipno/flights/data/dt=2026-03-09/kp=00003/part-0.parquet",
            "00000000000000000017-00000000000000004711-2-0000beef.parquet",
        ] {
            assert_eq!(FileName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn metadata_is_recognised() {
        let uuid = "0a1b2c3d-0000-4000-8000-000000000001";
        assert_eq!(parse_metadata_file(&metadata_file("ns/t", 42, uuid)), Some(42));
        assert_eq!(parse_metadata_file(&metadata_file("ns/t", 1_234_567, uuid)), Some(1_234_567));
        assert!(
            is_manifest(&manifest_list("ns/t", i64::MAX, uuid)) && is_manifest(&manifest("ns/t", 1, uuid))
        );
        for other in
            ["v42.metadata.json", "version-hint.text", "00042-x.metadata.json", "x.avro", "snap-1-x.avro"]
        {
            let path = format!("ns/t/metadata/{other}");
            assert!(parse_metadata_file(&path).is_none() && !is_manifest(&path), "{other}");
        }
        assert!(!is_manifest(&format!("ns/t/data/{uuid}-m0.avro")));
    }

    #[test]
    fn tables_have_plain_names() {
        assert_eq!(table_name("My.Topic-1_x"), "my_topic_1_x");
        assert_eq!(location_apart("lipno/t", "0a1b2c3d-4e5f-0000"), "lipno/t__0a1b2c3d");
        assert_eq!(namespace(&location("lipno", "t")), "lipno");
        assert!(is_plain(&table_name("..")) && !is_plain("a/b") && !is_plain(""));
    }

    proptest! {
        #[test]
        fn every_name_is_read_back(
            day in 0..=LAST_DAY, partition in 0i32.., base in 0i64.., len in 0i64..1 << 40,
            leader_epoch in 0i32.., random: u32,
        ) {
            let end = base.saturating_add(len);
            let n = FileName { day: Day(day), partition, base, end, leader_epoch, random };
            prop_assert_eq!(FileName::parse(&n.path("ns/t")), Some(n));
        }
    }
}
