//! Values that are made in blocks, handed out one by one or in bulk.

/// Holds what is left of a block of `N` values.
///
/// The sequence of values does not depend on how the requests are cut: ten values by [`next`](Reader::next) and ninety
/// by [`fill`](Reader::fill) are the same as a hundred by `fill`.
#[derive(Clone)]
pub(super) struct Reader<T, const N: usize> {
    block: [T; N],
    used: usize,
}

impl<T: Copy + Default, const N: usize> Reader<T, N> {
    pub(super) fn new() -> Self {
        Reader { block: [T::default(); N], used: N }
    }

    /// The next value; `make` gives the next block when this one is used up.
    #[inline(always)]
    pub(super) fn next(&mut self, make: impl FnOnce(&mut [T; N])) -> T {
        if self.used == N {
            make(&mut self.block);
            self.used = 0;
        }
        let value = self.block[self.used];
        self.used += 1;
        value
    }

    /// The next `out.len()` values: what is left, then whole blocks straight into `out`, then the start of one more.
    #[inline(always)]
    pub(super) fn fill(&mut self, out: &mut [T], mut make: impl FnMut(&mut [[T; N]])) {
        let left = out.len().min(N - self.used);
        let (first, out) = out.split_at_mut(left);
        first.copy_from_slice(&self.block[self.used..self.used + left]);
        self.used += left;
        let (blocks, last) = out.as_chunks_mut::<N>();
        make(blocks);
        for value in last {
            *value = self.next(|block| make(std::slice::from_mut(block)));
        }
    }

    /// What is left of the block.
    pub(super) fn rest(&self) -> &[T] {
        &self.block[self.used..]
    }

    /// With so much left of its block; `None` if that is more than a block.
    pub(super) fn with_rest(rest: &[T]) -> Option<Self> {
        let used = N.checked_sub(rest.len())?;
        let mut block = [T::default(); N];
        block[used..].copy_from_slice(rest);
        Some(Reader { block, used })
    }

    /// How many values are left of the block.
    #[inline(always)]
    pub(super) fn left(&self) -> usize {
        N - self.used
    }
}
