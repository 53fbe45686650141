//! Small damage to good bytes: what a hostile client, a broken one or a bad disk would send.

use lipno_tests::wire::rng::Rng;

const INTS: [i64; 14] =
    [0, 1, -1, 2, 127, 128, 255, 0x7fff, 0x8000, 0x7fff_ffff, -0x8000_0000, 1_000_000, i64::MAX, i64::MIN];
const VARINTS: [&[u8]; 7] = [
    &[0],
    &[1],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0xda, 0xc4, 0x09],
];
/// No mutation makes an input longer than this.
const LONGEST: usize = 16 * 1024;

/// Damages `b` one to five times.
pub fn mutate(rng: &mut Rng, b: &mut Vec<u8>) {
    for _ in 0..1 + rng.below(5) {
        once(rng, b);
    }
    b.truncate(LONGEST);
}

/// Makes `b` long and claims, somewhere in it, about as many items as there are bytes: the shape of an attack on
/// memory, where an item takes one byte on the wire and many when decoded.
pub fn inflate(rng: &mut Rng, b: &mut Vec<u8>) {
    let at = rng.below(b.len() + 1);
    let n = 2_000 + rng.below(LONGEST - 2_000);
    let filler = [0, 0, 1, 2, 0xff][rng.below(5)];
    b.resize(b.len().max(n), filler);
    let left = b.len() - at;
    let count = left / (1 + rng.below(12)) + 1;
    let mut claim = Vec::new();
    if rng.one_in(2) {
        protocol::primitive::put_uvarint(&mut claim, count as u32);
    } else {
        claim.extend((count as i32).to_be_bytes());
    }
    overwrite(b, at, &claim);
}

fn once(rng: &mut Rng, b: &mut Vec<u8>) {
    if b.is_empty() {
        let n = 1 + rng.below(16);
        *b = rng.bytes(n);
        return;
    }
    let at = rng.below(b.len());
    match rng.below(10) {
        0 => b[at] ^= 1 << rng.below(8),
        1 => b[at] = rng.next() as u8,
        2 => b[at] = [0, 1, 0x7f, 0x80, 0xff][rng.below(5)],
        3 => b.truncate(at),
        4 => {
            let n = 1 + rng.below(8);
            let new = rng.bytes(n);
            b.splice(at..at, new);
        }
        5 => {
            let end = b.len().min(at + 1 + rng.below(16));
            b.drain(at..end);
        }
        6 => overwrite(b, at, VARINTS[rng.below(7)]),
        7 => {
            // A length field of any width, also one that is off by one.
            let width = [2, 4, 8][rng.below(3)];
            let n =
                if rng.one_in(3) { (b.len() as i64) + rng.below(3) as i64 - 1 } else { INTS[rng.below(14)] };
            overwrite(b, at, &n.to_be_bytes()[8 - width..]);
        }
        8 => {
            let end = b.len().min(at + 1 + rng.below(64));
            let piece = b[at..end].repeat(1 + rng.below(8));
            let to = rng.below(b.len());
            b.splice(to..to, piece);
        }
        _ => {
            let from = rng.below(b.len());
            let piece = b[from..b.len().min(from + 16)].to_vec();
            overwrite(b, at, &piece);
        }
    }
}

fn overwrite(b: &mut [u8], at: usize, with: &[u8]) {
    let n = with.len().min(b.len() - at);
    b[at..at + n].copy_from_slice(&with[..n]);
}
