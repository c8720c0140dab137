//! Multisets of rows, in the order of their numbers.

/// How many multisets of n of n rows there are: C(2n − 1, n); `None` when more than 2^64.
pub fn multisets(n: usize) -> Option<u64> {
    ways(n as u64, n as u64)
}

/// In how many ways `places` counts add up to `total`: C(total + places − 1, total).
fn ways(places: u64, total: u64) -> Option<u64> {
    if places == 0 {
        return Some(u64::from(total == 0));
    }
    let mut product: u128 = 1;
    for i in 1..=total {
        product = product.checked_mul(u128::from(places - 1 + i))? / u128::from(i);
    }
    u64::try_from(product).ok()
}

/// n! / n^n, and then 1 / c! for c from 0 to n. Their products are probabilities; no factor leaves the range of floats,
/// for n for which enumeration is possible.
pub(super) fn factors(n: usize) -> Vec<f64> {
    let mut inverse = vec![1.0];
    (1..=n).for_each(|c| inverse.push(inverse[c - 1] / c as f64));
    let whole = (1..=n).fold(1.0, |product, c| product * c as f64 / n as f64);
    std::iter::once(whole).chain(inverse).collect()
}

/// Counts that add up to n, in lexicographic order.
pub(super) struct Multiset {
    pub(super) counts: Vec<u32>,
    /// Room for the same as floats.
    pub(super) weights: Vec<f64>,
}

impl Multiset {
    /// The multiset of this number.
    pub(super) fn number(mut number: u64, n: usize) -> Self {
        let mut counts = vec![0; n];
        let mut left = n as u64;
        for (place, counted) in counts.iter_mut().enumerate() {
            let after = (n - place - 1) as u64;
            let mut count = 0;
            // How many have this count here; there are fewer than 2^64 of all.
            while count < left {
                let with = ways(after, left - count).unwrap_or(u64::MAX);
                if number < with {
                    break;
                }
                number -= with;
                count += 1;
            }
            *counted = count as u32; // at most n
            left -= count;
        }
        Multiset { counts, weights: vec![0.0; n] }
    }

    /// The next one; nothing after the last.
    pub(super) fn advance(&mut self) {
        let last = self.counts.len() - 1;
        // The last place gives one to the place before it, or what it has is brought back from where it is.
        let Some(from) = (1..=last).rev().find(|place| self.counts[*place] > 0) else { return };
        let rest = self.counts[from] - 1;
        self.counts[from] = 0;
        self.counts[from - 1] += 1;
        self.counts[last] = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multisets_are_counted_and_numbered() {
        assert_eq!([1, 2, 3, 10, 12, 15].map(multisets), [1, 3, 10, 92_378, 1_352_078, 77_558_760].map(Some));
        assert_eq!(multisets(100), None);
        for n in 1..7 {
            let mut multiset = Multiset::number(0, n);
            let mut total = 0.0;
            let weights = factors(n);
            for number in 0..multisets(n).unwrap() {
                assert_eq!(multiset.counts, Multiset::number(number, n).counts, "{number} of {n}");
                assert_eq!(multiset.counts.iter().sum::<u32>(), n as u32);
                total +=
                    multiset.counts.iter().fold(weights[0], |product, count| product * weights[*count as usize + 1]);
                multiset.advance();
            }
            assert!((total - 1.0).abs() < 1e-14, "{n}: {total}");
        }
    }
}
