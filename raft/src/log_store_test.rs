//! A damaged log: a torn tail is cut, committed entries are never dropped in silence.

use super::*;
use crate::command::Command;
use crate::metadata::{Metadata, MetadataError, Start};
use storage::RealDisk;

async fn start(dir: &Path, may_form: bool) -> Result<Metadata, MetadataError> {
    let listener: crate::state_store::Listener = Arc::new(|_| {});
    let dir = dir.to_path_buf();
    Metadata::start(Start { disk: Arc::new(RealDisk), dir, raft_node: 7, listener, may_form }).await
}

/// A log of thirty commands; returns its bytes.
async fn written(dir: &Path) -> Vec<u8> {
    let m = start(dir, true).await.unwrap();
    for _ in 0..30 {
        m.propose(Command::AllocateProducerIds { count: 1 }).await.unwrap();
    }
    m.stop().await;
    std::fs::read(dir.join(FILE)).unwrap()
}

/// Where each record starts.
fn records(content: &[u8]) -> Vec<usize> {
    let mut at = 0;
    let mut out = Vec::new();
    while let Some(head) = content.get(at..).and_then(|r| r.first_chunk::<4>()) {
        let len = u32::from_be_bytes(*head) as usize;
        if len == 0 {
            break;
        }
        out.push(at);
        at += 8 + len;
    }
    out
}

#[tokio::test]
async fn damage_before_a_commit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let good = written(dir.path()).await;
    let places = records(&good);
    for at in [places[0], places[3], places[places.len() / 2]] {
        let mut bad = good.clone();
        bad[at + 9] ^= 1;
        std::fs::write(dir.path().join(FILE), &bad).unwrap();
        let refused = start(dir.path(), true).await.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(refused.contains("is damaged at byte"), "damage at {at}: {refused:?}");
        assert_eq!(std::fs::read(dir.path().join(FILE)).unwrap(), bad, "nothing is cut");
    }
}

#[tokio::test]
async fn a_torn_tail_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut torn = written(dir.path()).await;
    torn.extend([0, 0, 0, 40, 1, 2, 3, 4, ENTRY, b'{']);
    std::fs::write(dir.path().join(FILE), &torn).unwrap();
    let m = start(dir.path(), true).await.unwrap();
    m.propose(Command::AllocateProducerIds { count: 1 }).await.unwrap();
    assert_eq!(m.image().next_producer_id, 31);
    m.stop().await;
}

#[tokio::test]
async fn an_emptied_log_is_not_a_new_cluster() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path()).await;
    std::fs::write(dir.path().join(FILE), b"").unwrap();
    let refused = start(dir.path(), false).await.err();
    assert!(matches!(refused, Some(MetadataError::Lost(_))), "{refused:?}");
}

/// Whatever the file holds: an error or a log, never a panic, and what is cut is not more than what was torn.
#[tokio::test]
async fn any_bytes_are_a_log_or_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let good = written(dir.path()).await;
    let places = records(&good);
    let mut seed = 7u64;
    let mut next = |n: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % n
    };
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..600 {
        let mut bad = good.clone();
        match next(4) {
            0 => bad.truncate(next(good.len())),
            1 => bad[next(good.len())] ^= 1 << next(8),
            // A length or kind that is whole otherwise: the CRC is made right again.
            2 => {
                let at = places[next(places.len())];
                let len = u32::from_be_bytes(*bad[at..].first_chunk().unwrap()) as usize;
                bad[at + 8 + next(len)] = next(256) as u8;
                let crc = crc32c::crc32c(&bad[at + 8..at + 8 + len]).to_be_bytes();
                bad[at + 4..at + 8].copy_from_slice(&crc);
            }
            _ => {
                let piece = bad[next(good.len())..].to_vec();
                bad.extend(piece);
            }
        }
        std::fs::write(dir.path().join(FILE), &bad).unwrap();
        match LogStore::open(Arc::new(RealDisk), dir.path()) {
            Ok(_) => opened += 1,
            Err(e) => {
                refused += 1;
                assert!(!e.to_string().is_empty());
            }
        }
    }
    assert!(opened > 20 && refused > 20, "{opened} opened, {refused} refused");
}
