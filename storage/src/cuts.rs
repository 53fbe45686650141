//! Where a log was truncated: which files count, and how far.
//!
//! ```text
//!  | "cuts" | n u32 | n x cut | crc32c u32 |            one small file in the log's folder, replaced whole
//!  cut: generation u32 | offset i64 | has point u8 | point (checkpoint.rs)
//! ```
//! Invariants: a file of generation g counts only if its base is below the offset of every cut of a later
//! generation; the point of a cut bounds the file that held its offset, for ever; generations only grow. A damaged
//! file is never taken for an empty one. Written by `truncate`, read by `open`.

use crate::checkpoint::TailPoint;
use crate::disk::{Disk, read_file, replace_file};
use crate::error::LogError;
use bytes::{Buf, BufMut};
use std::path::Path;

pub const FILE: &str = "cuts";
const MAGIC: &[u8; 4] = b"cuts";
/// Far more than a log ever has at once.
const FILE_MAX: u64 = 1 << 20;
const CUT_MIN: usize = 13;

/// One truncation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What is appended after it has this generation.
    pub generation: u32,
    /// The log's end right after it.
    pub offset: i64,
    /// The logical end of the file that the cut went through; `None` if it fell between two files.
    pub point: Option<TailPoint>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cuts(Vec<Cut>);

impl Cuts {
    /// Generation of new files.
    pub fn generation(&self) -> u32 {
        self.0.last().map_or(0, |c| c.generation)
    }

    /// True if the file is part of the log.
    pub fn is_live(&self, base: i64, generation: u32) -> bool {
        self.0.iter().all(|c| c.generation <= generation || base < c.offset)
    }

    /// The logical end of a file that was cut: where, and at which offset.
    pub fn end_of(&self, base: i64, generation: u32) -> Option<(TailPoint, i64)> {
        // The latest one is the lowest.
        self.0.iter().rev().find_map(|c| {
            let point = c.point.filter(|p| p.base == base && p.generation == generation)?;
            Some((point, c.offset))
        })
    }

    /// The lowest offset at which a log of `generation` was cut since.
    pub fn lowest_since(&self, generation: u32) -> Option<i64> {
        self.0.iter().filter(|c| c.generation > generation).map(|c| c.offset).min()
    }

    /// With one more cut, without those that tell nothing any more: no file on disk depends on them, and a later one
    /// cut as deep (a checkpoint of a generation before both must still learn the deepest).
    pub fn with(&self, cut: Cut, is_there: impl Fn(i64, u32) -> bool) -> Cuts {
        let kept = self.0.iter().filter(|c| {
            let needed = c.point.is_some_and(|p| p.base < cut.offset && is_there(p.base, p.generation));
            let same = |p: TailPoint| (p.base, p.generation);
            c.offset < cut.offset || (needed && cut.point.map(same) != c.point.map(same))
        });
        Cuts(kept.copied().chain([cut]).collect())
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut b = Vec::new();
        b.put_slice(MAGIC);
        b.put_u32(self.0.len() as u32);
        for c in &self.0 {
            b.put_u32(c.generation);
            b.put_i64(c.offset);
            b.put_u8(u8::from(c.point.is_some()));
            if let Some(p) = &c.point {
                p.encode(&mut b);
            }
        }
        let crc = crc32c::crc32c(&b);
        b.put_u32(crc);
        b
    }

    fn decode(raw: &[u8]) -> Option<Cuts> {
        let (body, crc) = raw.split_last_chunk::<4>()?;
        if crc32c::crc32c(body).to_be_bytes() != *crc {
            return None;
        }
        let mut b = body.strip_prefix(MAGIC)?;
        let n = b.try_get_u32().ok()? as usize;
        if n > b.len() / CUT_MIN {
            return None;
        }
        let mut out = Vec::with_capacity(n);
        for _ in 0..n {
            let generation = b.try_get_u32().ok()?;
            let offset = b.try_get_i64().ok()?;
            let has_point = b.try_get_u8().ok()? != 0;
            let point = if has_point { Some(TailPoint::decode(&mut b)?) } else { None };
            out.push(Cut { generation, offset, point });
        }
        let grows = out.iter().zip(out.iter().skip(1)).all(|(a, b)| a.generation < b.generation);
        (b.is_empty() && grows).then_some(Cuts(out))
    }

    /// The cuts of the log in `dir`; none if it was never truncated.
    pub fn read<D: Disk>(disk: &D, dir: &Path) -> Result<Cuts, LogError> {
        let path = dir.join(FILE);
        match read_file(disk, &path, FILE_MAX)? {
            None => Ok(Cuts::default()),
            Some(raw) => {
                Cuts::decode(&raw).ok_or_else(|| LogError::Offline(format!("{} is damaged", path.display())))
            }
        }
    }

    /// Replaces the file on disk. On any doubt about which one a crash would leave, the error is fatal.
    pub fn write<D: Disk>(&self, disk: &D, dir: &Path) -> Result<(), LogError> {
        let Err(e) = replace_file(disk, dir, FILE, &self.encode()) else { return Ok(()) };
        match Cuts::read(disk, dir) {
            Ok(there) if there != *self => Err(LogError::of_write(e)),
            // A damaged file is the old one.
            Err(LogError::Offline(_)) => Err(LogError::of_write(e)),
            _ => Err(LogError::Sync(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(generation: u32, offset: i64, file: Option<(i64, u32)>) -> Cut {
        let point = file.map(|(base, generation)| TailPoint { base, generation, ..TailPoint::default() });
        Cut { generation, offset, point }
    }

    #[test]
    fn later_cuts_decide_what_counts() {
        let c = Cuts::default().with(cut(1, 100, Some((50, 0))), |_, _| true);
        assert_eq!((c.is_live(50, 0), c.is_live(100, 0), c.is_live(100, 1)), (true, false, true));
        assert_eq!(c.end_of(50, 0).map(|e| e.1), Some(100));
        assert_eq!(c.end_of(0, 0), None);
        let c = c.with(cut(2, 150, Some((100, 1))), |_, _| true);
        assert_eq!(c.end_of(50, 0).map(|e| e.1), Some(100), "the file stays cut");
        assert_eq!((c.is_live(120, 0), c.is_live(150, 1), c.is_live(100, 1)), (false, false, true));
        assert_eq!((c.lowest_since(0), c.lowest_since(1), c.lowest_since(2)), (Some(100), Some(150), None));
        // Lower than both: of the old cuts none is needed.
        let c = c.with(cut(3, 70, Some((50, 0))), |_, _| true);
        assert_eq!(c, Cuts(vec![cut(3, 70, Some((50, 0)))]));
        assert!(!c.is_live(100, 1));
        // Retention removed the cut file; that the log was cut deeper before is still to be known.
        let c = c.with(cut(4, 90, None), |_, _| false);
        assert_eq!((c.lowest_since(0), c.lowest_since(3)), (Some(70), Some(90)));
        assert_eq!(c.with(cut(5, 60, None), |_, _| false), Cuts(vec![cut(5, 60, None)]));
    }

    #[test]
    fn any_damage_is_seen() {
        let c = Cuts::default().with(cut(1, 100, Some((50, 0))), |_, _| true);
        let c = c.with(cut(2, 150, None), |_, _| true);
        let raw = c.encode();
        assert_eq!(Cuts::decode(&raw), Some(c));
        for i in 0..raw.len() {
            let mut bad = raw.clone();
            bad[i] ^= 4;
            assert_eq!(Cuts::decode(&bad), None);
            assert_eq!(Cuts::decode(&raw[..i]), None);
        }
    }
}
