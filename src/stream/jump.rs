//! Jumps along the cycle of xoshiro256++, by any distance.
//!
//! A step of the generator is a linear map over GF(2) with the characteristic polynomial p below, so n steps are the
//! polynomial x^n mod p applied to the state (Haramoto, Matsumoto, Nishimura, Panneton and L'Ecuyer 2008, "Efficient
//! jump ahead for F2-linear random number generators").

use std::sync::LazyLock;

/// x^256 mod p, p being the characteristic polynomial of xoshiro256: bit i of word w is the coefficient of x^(64 w + i).
const REDUCTION: [u64; 4] = [0x9d116f2bb0f0f001, 0x0280002bcefd1a5e, 0x04b4edcf26259f85, 0x0003c03c3f3ecb19];

/// A distance along the cycle, as the polynomial x^distance mod p.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Jump(pub(super) [u64; 4]);

impl Jump {
    const NOWHERE: Jump = Jump([1, 0, 0, 0]);

    /// The jump by `count` · 2^`exponent` steps.
    pub(super) fn by(count: u64, exponent: u32) -> Self {
        let mut power = Jump([2, 0, 0, 0]);
        for _ in 0..exponent {
            power = power.then(power);
        }
        let mut jump = Jump::NOWHERE;
        for bit in 0..64 {
            if count >> bit & 1 == 1 {
                jump = jump.then(power);
            }
            power = power.then(power);
        }
        jump
    }

    /// This jump, and then `other`: the product of the two polynomials mod p.
    pub(super) fn then(self, other: Self) -> Self {
        let mut product = [0u64; 4];
        for word in other.0.iter().rev() {
            for bit in (0..64).rev() {
                let overflow = 0u64.wrapping_sub(product[3] >> 63);
                let take = 0u64.wrapping_sub(word >> bit & 1);
                for i in (0..4).rev() {
                    let carry = if i == 0 { 0 } else { product[i - 1] >> 63 };
                    product[i] = (product[i] << 1 | carry) ^ (REDUCTION[i] & overflow) ^ (self.0[i] & take);
                }
            }
        }
        Jump(product)
    }
}

/// The jumps from task 0 to task v · 256^b for every byte value v and place b: any task is at most eight jumps away.
pub(super) struct TaskJumps(Vec<[Jump; 256]>);

impl TaskJumps {
    /// Tasks are 2^`exponent` steps apart.
    fn new(exponent: u32) -> Self {
        let mut unit = Jump::by(1, exponent);
        TaskJumps(
            (0..8)
                .map(|_| {
                    let mut jumps = [Jump::NOWHERE; 256];
                    for v in 1..256 {
                        jumps[v] = jumps[v - 1].then(unit);
                    }
                    unit = jumps[255].then(unit);
                    jumps
                })
                .collect(),
        )
    }

    /// The jumps that lead from task 0 to `task`.
    pub(super) fn to(&self, task: u64) -> impl Iterator<Item = &[u64; 4]> {
        let bytes = task.to_le_bytes();
        self.0.iter().zip(bytes).filter(|(_, byte)| *byte != 0).map(|(jumps, byte)| &jumps[usize::from(byte)].0)
    }
}

/// Made at first use, in about a millisecond.
pub(super) static TASK_JUMPS: LazyLock<TaskJumps> = LazyLock::new(|| TaskJumps::new(super::TASK_EXPONENT));

#[cfg(test)]
mod tests {
    use super::*;

    /// The jumps that Blackman and Vigna publish with the generator.
    #[test]
    fn agrees_with_the_published_jumps() {
        let jump = [0x180ec6d33cfd0aba, 0xd5a61266f0c9392c, 0xa9582618e03fc9aa, 0x39abdc4529b1661c];
        let long_jump = [0x76e15d3efefdcbbf, 0xc5004e441c522fb3, 0x77710069854ee241, 0x39109bb02acbe635];
        assert_eq!(Jump::by(1, 128), Jump(jump));
        assert_eq!(Jump::by(1, 192), Jump(long_jump));
    }

    #[test]
    fn distances_add() {
        assert_eq!(Jump::by(3, 100).then(Jump::by(1 << 40, 60)), Jump::by(4, 100));
        assert_eq!(Jump::by(0, 7), Jump::NOWHERE);
        // 2^256 − 1 steps are once around the cycle.
        assert_eq!(Jump::by(1, 256), Jump::by(1, 0));
    }
}
