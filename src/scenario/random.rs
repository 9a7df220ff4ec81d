//! A small seeded generator (splitmix64), so that a seed means the same bytes on every machine and
//! in every version of every dependency. It is no good for secrets and knows no entropy.

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Scatters the bits of a number; different numbers stay different.
pub fn scatter(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A stream of numbers that its seed decides.
pub struct Random {
    state: u64,
}

impl Random {
    /// One of a seed's many streams. Whoever draws from a stream of their own disturbs nobody
    /// else's numbers: leaving one worker out leaves all others as they were.
    pub fn stream(seed: u64, stream: u64) -> Self {
        Self { state: scatter(scatter(seed) ^ scatter(!stream)) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        scatter(self.state)
    }

    /// A number from 0 up to, not including, `limit`; 0 if the limit is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        (((self.next() >> 32) * u64::from(limit)) >> 32) as u32
    }

    /// A number from `least` up to, not including, `limit`; `least` if there is none between.
    pub fn between(&mut self, least: u32, limit: u32) -> u32 {
        least + self.below(limit.saturating_sub(least))
    }

    /// True in about this share of cases, 0.0 to 1.0.
    pub fn chance(&mut self, share: f64) -> bool {
        ((self.next() >> 11) as f64) < share * (1u64 << 53) as f64
    }

    /// An index into `weights`, each as likely as its weight says.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|&weight| {
                let found = rest < weight;
                rest = rest.saturating_sub(weight);
                found
            })
            .unwrap_or(0)
    }

    /// Puts a slice into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}
