//! A seeded generator (SplitMix64): the same seed gives the same bytes everywhere.

#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    #[expect(clippy::should_implement_trait, reason = "a generator has no end and no options")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Integers as they matter: small ones, edges, anything.
    pub fn int(&mut self) -> i64 {
        match self.below(6) {
            0 => self.below(200) as i64,
            1 => -(self.below(200) as i64),
            2 => [i64::MAX, i64::MIN, 0, -1, 1][self.below(5)],
            _ => self.next() as i64,
        }
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}
