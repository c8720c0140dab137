//! Jumps along the cycle of xoshiro256++, by any distance.
//!
//! A step of the generator is a linear map over GF(2) with the characteristic polynomial p below, so n steps are the
//! polynomial x^n mod p applied to the state (Haramoto, Matsumoto, Nishimura, Panneton and L'Ecuyer 2008, "Efficient
//! jump ahead for F2-linear random number generators").

use crate::isa::LANES;
use std::array::from_fn;
use std::sync::OnceLock;

/// The state of one generator.
pub(super) type State = [u64; 4];

/// x^256 mod p, p being the characteristic polynomial of xoshiro256: bit i of word w is the coefficient of x^(64 w + i).
const REDUCTION: [u64; 4] = [0x9d116f2bb0f0f001, 0x0280002bcefd1a5e, 0x04b4edcf26259f85, 0x0003c03c3f3ecb19];

/// A distance along the cycle, as the polynomial x^distance mod p.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Jump([u64; 4]);

impl Jump {
    const NOWHERE: Jump = Jump([1, 0, 0, 0]);

    /// From one lane to the next, one task to the next, one phase to the next, one seed to the next: by 2^109, 2^112,
    /// 2^176 and 2^192 steps.
    pub(super) const LANE: Jump =
        Jump([0xa26c20feb2ae9f7d, 0xb46fba890f1ca8f6, 0x634ad6497e9d5d70, 0x1cbf90cd7272db76]);
    pub(super) const TASK: Jump =
        Jump([0xff09f37df22eab9a, 0xe903694ada9d6795, 0x9a5475c8d2fb2d20, 0x19809df824096ba1]);
    pub(super) const PHASE: Jump =
        Jump([0x053ff7e4e8581163, 0x0b4df9e68366344a, 0x259022fe05f4023e, 0x2432aaa71d816e63]);
    pub(super) const SEED: Jump =
        Jump([0x76e15d3efefdcbbf, 0xc5004e441c522fb3, 0x77710069854ee241, 0x39109bb02acbe635]);

    /// This jump, so many times.
    pub(super) fn times(self, count: u64) -> Self {
        let (mut jump, mut power) = (Jump::NOWHERE, self);
        for bit in 0..64 - count.leading_zeros() {
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

    /// The state of a generator after the jump: Horner's rule.
    pub(super) fn apply(self, state: &State) -> State {
        let mut moved = [0; 4];
        for word in self.0.iter().rev() {
            for bit in (0..64).rev() {
                moved = step(moved);
                if word >> bit & 1 == 1 {
                    moved = sum(&moved, state);
                }
            }
        }
        moved
    }
}

/// One step of the generator: a multiplication by x.
fn step([a, b, c, d]: State) -> State {
    let (c, d) = (c ^ a, d ^ b);
    [a ^ d, b ^ c, c ^ b << 17, d.rotate_left(45)]
}

/// A jump as the linear map that it is, for many states: for every half byte of a state, and each of its values, the
/// state that it is moved to. A state is moved to the sum of these over its 64 half bytes.
pub(super) struct Map(Box<[[State; 16]; 64]>);

impl Map {
    /// The map under which the state with bit i alone becomes `images(i)`.
    fn new(images: impl Fn(usize) -> State) -> Self {
        let mut table = Box::new([[[0; 4]; 16]; 64]);
        for (place, values) in table.iter_mut().enumerate() {
            let bits: [State; 4] = from_fn(|bit| images(4 * place + bit));
            for value in 1..16usize {
                let highest = value.ilog2() as usize;
                values[value] = sum(&values[value - (1 << highest)], &bits[highest]);
            }
        }
        Map(table)
    }

    /// The state after the jump.
    #[inline]
    pub(super) fn apply(&self, state: &State) -> State {
        let mut moved = [0; 4];
        for (word, places) in state.iter().zip(self.0.as_chunks::<16>().0) {
            for (place, values) in places.iter().enumerate() {
                moved = sum(&moved, &values[(word >> (4 * place) & 15) as usize]);
            }
        }
        moved
    }
}

/// The sum of two states over GF(2).
#[inline(always)]
fn sum(a: &State, b: &State) -> State {
    from_fn(|word| a[word] ^ b[word])
}

/// The state with bit i alone.
fn unit(i: usize) -> State {
    from_fn(|word| if word == i / 64 { 1 << (i % 64) } else { 0 })
}

/// The jumps by 2^0, 2^1, ..., 2^63 tasks, each made when it is first wanted (in about 10 microseconds; 32 kB).
static TASK_JUMPS: [OnceLock<Map>; 64] = [const { OnceLock::new() }; 64];

/// The jump by 2^`bit` tasks.
fn task_jump(bit: usize) -> &'static Map {
    TASK_JUMPS[bit].get_or_init(|| match bit {
        0 => Map::new(|i| Jump::TASK.apply(&unit(i))),
        _ => {
            let half = task_jump(bit - 1);
            Map::new(|i| half.apply(&half.apply(&unit(i))))
        }
    })
}

/// Moves generators to where they are `tasks` tasks later.
pub(super) fn by_tasks(mut states: [State; LANES], tasks: u64) -> [State; LANES] {
    for bit in (0..64).filter(|bit| tasks >> bit & 1 == 1) {
        let jump = task_jump(bit);
        states.iter_mut().for_each(|state| *state = jump.apply(state));
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By 2^`exponent` steps.
    fn power(exponent: u32) -> Jump {
        (0..exponent).fold(Jump([2, 0, 0, 0]), |jump, _| jump.then(jump))
    }

    /// The jumps that Blackman and Vigna publish with the generator.
    #[test]
    fn agrees_with_the_published_jumps() {
        let jump = [0x180ec6d33cfd0aba, 0xd5a61266f0c9392c, 0xa9582618e03fc9aa, 0x39abdc4529b1661c];
        let long_jump = [0x76e15d3efefdcbbf, 0xc5004e441c522fb3, 0x77710069854ee241, 0x39109bb02acbe635];
        assert_eq!(power(128), Jump(jump));
        assert_eq!(power(192), Jump(long_jump));
    }

    #[test]
    fn distances_are_what_their_names_say() {
        assert_eq!(power(109), Jump::LANE);
        assert_eq!(power(112), Jump::TASK);
        assert_eq!(power(176), Jump::PHASE);
        assert_eq!(power(192), Jump::SEED);
    }

    #[test]
    fn distances_add() {
        assert_eq!(power(100).times(3).then(power(60).times(1 << 40)), power(100).times(4));
        assert_eq!(power(7).times(0), Jump::NOWHERE);
        assert_eq!(power(7).times(u64::MAX).then(power(7)), power(71));
        // 2^256 − 1 steps are once around the cycle.
        assert_eq!(power(256), power(0));
    }
}
