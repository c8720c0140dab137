//! Histograms and smoothed densities of draws, over a range in which they can be seen.

use super::figure::Axis;

/// Cells of the grid on which densities are computed.
const CELLS: usize = 512;
/// Integers over a longer range than this are drawn as if they were continuous.
const MOST_VALUES: f64 = 60.0;

/// The numbers among the draws, in ascending order.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The quantile at `p` of sorted numbers, between two of them linearly; NaN of none.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = last as f64 * p;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (place - place.floor()) * (high - low)
}

/// Where the draws are, and how they are to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Extent {
    /// The range to draw.
    pub range: (f64, f64),
    /// How many numbers lie beyond it.
    pub beyond: usize,
    /// How many numbers there are.
    pub count: usize,
    /// Whether they are few different integers, whose shares are to be drawn instead of a density.
    pub discrete: bool,
    /// Edges of equally wide bins over the range, at least two; of discrete numbers, halfway between them.
    pub edges: Vec<f64>,
}

impl Extent {
    /// Of sorted numbers; `None` of none, or if all are equal.
    pub fn of(sorted: &[f64]) -> Option<Self> {
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        if low == high {
            return None;
        }
        let discrete = high - low <= MOST_VALUES && sorted.iter().all(|x| x.fract() == 0.0);
        let range = if discrete { (low - 0.5, high + 0.5) } else { visible(sorted) };
        let within = within(sorted, range);
        let edges = match discrete {
            true => (0..=(high - low) as usize + 1).map(|step| low - 0.5 + step as f64).collect(),
            false => edges(range, bin_count(within, range)),
        };
        Some(Extent { range, beyond: sorted.len() - within.len(), count: sorted.len(), discrete, edges })
    }

    /// The same, closer: from the first to the last of 99.6 % of the numbers, and something around them.
    pub fn closer(&self, sorted: &[f64]) -> Self {
        if self.discrete {
            return self.clone();
        }
        let (low, high) = (quantile(sorted, 0.002), quantile(sorted, 0.998));
        let pad = 0.1 * (high - low);
        let range = (self.range.0.max(low - pad), self.range.1.min(high + pad));
        if range.0 >= range.1 {
            return self.clone();
        }
        let within = within(sorted, range);
        let edges = edges(range, bin_count(within, range));
        Extent { range, beyond: sorted.len() - within.len(), edges, ..*self }
    }

    /// The axis, for numbers of this kind.
    pub fn axis(&self, axis: Axis) -> Axis {
        if self.discrete { axis.whole() } else { axis }
    }

    /// How many of what it is about lie beyond the range, in words; nothing if none does.
    pub fn note(&self, one: &str, many: &str) -> String {
        match self.beyond {
            0 => String::new(),
            1 => format!(" 1 {one} lies beyond the axis."),
            n => format!(" {} {many} lie beyond the axis.", super::number::count(n as u64)),
        }
    }

    /// Density (of discrete numbers: share) in each bin, of all numbers among `values`.
    pub fn heights(&self, values: &[f64]) -> Vec<f64> {
        let (start, width) = (self.edges[0], self.edges[1] - self.edges[0]);
        let mut counts = vec![0usize; self.edges.len() - 1];
        let mut numbers = 0;
        for value in values.iter().copied().filter(|value| value.is_finite()) {
            numbers += 1;
            if self.range.0 <= value && value <= self.range.1 {
                let last = counts.len() - 1;
                counts[(((value - start) / width) as usize).min(last)] += 1;
            }
        }
        counts.into_iter().map(|count| count as f64 / (numbers.max(1) as f64 * width)).collect()
    }

    /// The bins and their heights, as rectangles.
    pub fn bars(&self, values: &[f64]) -> Vec<((f64, f64), (f64, f64))> {
        let bins = self.edges.windows(2).map(|edges| (edges[0], edges[1]));
        bins.zip(self.heights(values)).map(|(bin, height)| (bin, (0.0, height))).collect()
    }

    /// The density of sorted numbers, smoothed by a Gaussian kernel, as points over the range.
    ///
    /// The bandwidth is Silverman's (1986, equation 3.31), 0.9 min(sd, interquartile range / 1.34) n^(−1/5). What the
    /// kernel would carry over the smallest or largest number is reflected, so that a density that ends abruptly, as
    /// that of a standard deviation at 0, does not seem to fall.
    pub fn density(&self, sorted: &[f64]) -> Vec<(f64, f64)> {
        let (low, high) = self.range;
        let cell = (high - low) / CELLS as f64;
        let mut counts = vec![0.0; CELLS];
        let inside = within(sorted, self.range);
        for value in inside {
            counts[(((value - low) / cell) as usize).min(CELLS - 1)] += 1.0;
        }
        let kernel = kernel(bandwidth(inside) / cell);
        // Where the numbers end within the range, or the range itself does: there the density is reflected.
        let ends = [inside.first(), inside.last()]
            .map(|end| end.map_or(0, |end| ((end - low) / cell) as usize).min(CELLS - 1));
        let smoothed = smoothed(&counts, &kernel, ends);
        let scale = 1.0 / (sorted.len().max(1) as f64 * cell);
        (ends[0]..=ends[1]).map(|at| (low + (at as f64 + 0.5) * cell, smoothed[at] * scale)).collect()
    }
}

/// The range that shows the bulk: all numbers, unless few of them make it long.
fn visible(sorted: &[f64]) -> (f64, f64) {
    let all = (sorted[0], sorted[sorted.len() - 1]);
    let (low, high) = (quantile(sorted, 0.0025), quantile(sorted, 0.9975));
    let pad = 0.25 * (high - low);
    let bulk = (all.0.max(low - pad), all.1.min(high + pad));
    if bulk.1 > bulk.0 && all.1 - all.0 > 2.5 * (bulk.1 - bulk.0) { bulk } else { all }
}

fn within(sorted: &[f64], (low, high): (f64, f64)) -> &[f64] {
    let start = sorted.partition_point(|x| *x < low);
    let end = sorted.partition_point(|x| *x <= high);
    &sorted[start..end.max(start)]
}

/// As many bins as Freedman and Diaconis (1981) would have, from 10 to 60.
fn bin_count(sorted: &[f64], (low, high): (f64, f64)) -> usize {
    let width = 2.0 * (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / libm::cbrt(sorted.len() as f64);
    let bins = (high - low) / width;
    if bins.is_finite() { (bins.ceil() as usize).clamp(10, 60) } else { 10 }
}

fn edges((low, high): (f64, f64), bins: usize) -> Vec<f64> {
    (0..=bins).map(|edge| low + (high - low) * edge as f64 / bins as f64).collect()
}

fn bandwidth(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let sd = (sorted.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
    let spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
    0.9 * if spread > 0.0 { sd.min(spread) } else { sd } * libm::pow(n, -0.2)
}

/// One side of a Gaussian kernel with this standard deviation in cells, from its middle; both sides sum to 1.
fn kernel(sd: f64) -> Vec<f64> {
    let sd = sd.clamp(0.3, CELLS as f64 / 4.0);
    let reach = ((4.0 * sd).ceil() as usize).max(1);
    let weights: Vec<f64> = (0..=reach).map(|at| libm::exp(-0.5 * (at as f64 / sd) * (at as f64 / sd))).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    weights.into_iter().map(|weight| weight / sum).collect()
}

fn smoothed(counts: &[f64], kernel: &[f64], [first, last]: [usize; 2]) -> Vec<f64> {
    let (first, last) = (first as isize, last as isize);
    let reflected = |at: isize| {
        if at < first {
            2 * first - 1 - at
        } else if at > last {
            2 * last + 1 - at
        } else {
            at
        }
    };
    let mut smoothed = vec![0.0; counts.len()];
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        for (distance, weight) in kernel.iter().enumerate() {
            let sides = if distance == 0 { 1 } else { 2 };
            for side in [-1, 1].into_iter().take(sides) {
                let to = reflected(at as isize + side * distance as isize).clamp(first, last);
                smoothed[to as usize] += count * weight;
            }
        }
    }
    smoothed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    fn normal(n: usize) -> Vec<f64> {
        let mut stream = Streams::new(3, 0).stream(0);
        sorted(&(0..n).map(|_| stream.normal()).collect::<Vec<_>>())
    }

    #[test]
    fn a_histogram_and_a_density_have_area_one() {
        let values = normal(20_000);
        let extent = Extent::of(&values).unwrap();
        assert_eq!((extent.beyond, extent.discrete), (0, false));
        let area: f64 = extent.bars(&values).iter().map(|(bin, height)| (bin.1 - bin.0) * height.1).sum();
        assert!((area - 1.0).abs() < 1e-9, "{area}");
        let density = extent.density(&values);
        let area: f64 = density.windows(2).map(|pair| (pair[1].0 - pair[0].0) * pair[0].1).sum();
        assert!((area - 1.0).abs() < 0.01, "{area}");
        for (x, height) in density {
            let exact = libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt();
            assert!((height - exact).abs() < 0.03, "{height} instead of {exact} at {x}");
        }
    }

    #[test]
    fn a_density_does_not_fall_where_the_draws_end() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i) / 10_000.0).collect();
        let density = Extent::of(&values).unwrap().density(&values);
        assert!(density.iter().all(|(_, height)| (height - 1.0).abs() < 0.1), "{density:?}");
    }

    #[test]
    fn few_far_draws_do_not_hide_the_others() {
        let mut values = normal(10_000);
        values.push(1e6);
        let extent = Extent::of(&values).unwrap();
        assert!(extent.range.1 < 10.0, "{extent:?}");
        assert_eq!((extent.beyond, extent.note("draw", "draws").trim()), (1, "1 draw lies beyond the axis."));
    }

    #[test]
    fn integers_are_counted_each() {
        let values = sorted(&[0.0, 1.0, 1.0, 3.0, f64::NAN]);
        let extent = Extent::of(&values).unwrap();
        assert!(extent.discrete);
        assert_eq!(extent.heights(&values), [0.25, 0.5, 0.0, 0.25]);
        assert_eq!(Extent::of(&[2.0, 2.0]), None);
        assert_eq!(Extent::of(&[]), None);
    }
}
