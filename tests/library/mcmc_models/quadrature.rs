//! Exact expectations by quadrature: Gauss-Legendre nodes in panels.

const NODES: usize = 4;

/// A distribution of one or two numbers, as points with masses.
pub struct Exact {
    points: Vec<([f64; 2], f64)>,
    /// The ends of the panels along each number.
    edges: [Vec<f64>; 2],
}

impl Exact {
    /// Of the logarithm of a density, up to a constant, on panels with these ends.
    pub fn new(ln_density: impl Fn(f64, f64) -> f64, edges: [Vec<f64>; 2]) -> Self {
        let [first, second] = edges.each_ref().map(|edges| nodes(edges));
        let at = |&(x, w): &(f64, f64)| -> Vec<_> {
            second.iter().map(|(y, v)| ([x, *y], ln_density(x, *y), w * v)).collect()
        };
        let values: Vec<([f64; 2], f64, f64)> = first.iter().flat_map(at).collect();
        let largest = values.iter().fold(f64::NEG_INFINITY, |largest, value| largest.max(value.1));
        let masses = values.iter().map(|(point, ln, weight)| (*point, weight * (ln - largest).exp()));
        let total: f64 = masses.clone().map(|(_, mass)| mass).sum();
        let points = masses.map(|(point, mass)| (point, mass / total)).filter(|(_, mass)| *mass > 1e-18).collect();
        Exact { points, edges }
    }

    /// Of one number; the other is 1/2.
    pub fn of_one(ln_density: impl Fn(f64) -> f64, edges: Vec<f64>) -> Self {
        Exact::new(|x, _| ln_density(x), [edges, vec![0.0, 1.0]])
    }

    /// The expectation of a function of the two.
    pub fn mean(&self, of: impl Fn(f64, f64) -> f64) -> f64 {
        self.points.iter().map(|([x, y], mass)| mass * of(*x, *y)).sum()
    }

    /// The covariance of two functions of the two.
    pub fn covariance(&self, f: impl Fn(f64, f64) -> f64, g: impl Fn(f64, f64) -> f64) -> f64 {
        let (mean_f, mean_g) = (self.mean(&f), self.mean(&g));
        self.mean(|x, y| (f(x, y) - mean_f) * (g(x, y) - mean_g))
    }

    /// The inner end of a panel along the first or second number that is nearest to the quantile `p`, and the
    /// probability below it.
    pub fn near_quantile(&self, axis: usize, p: f64) -> (f64, f64) {
        let edges = &self.edges[axis];
        let mut masses = vec![0.0; edges.len()];
        for (point, mass) in &self.points {
            masses[edges.partition_point(|edge| *edge <= point[axis])] += mass;
        }
        let mut below = 0.0;
        let cumulative = edges.iter().zip(&masses).map(|(edge, mass)| {
            below += mass;
            (*edge, below)
        });
        cumulative
            .filter(|(_, below)| (1e-6..0.999999).contains(below))
            .min_by(|a, b| (a.1 - p).abs().total_cmp(&(b.1 - p).abs()))
            .unwrap()
    }
}

/// `panels` + 1 numbers from `at(0)` to `at(1)`.
pub fn edges(panels: usize, at: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..=panels).map(|i| at(i as f64 / panels as f64)).collect()
}

/// All nodes in all panels, with their weights.
fn nodes(edges: &[f64]) -> Vec<(f64, f64)> {
    let rule = legendre_nodes();
    let panel = |pair: &[f64]| {
        let (middle, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
        rule.iter().map(|(x, w)| (middle + half * x, half * w)).collect::<Vec<_>>()
    };
    edges.windows(2).flat_map(panel).collect()
}

/// The roots of the Legendre polynomial by Newton's method, and the Gauss weights.
fn legendre_nodes() -> Vec<(f64, f64)> {
    let n = NODES as f64;
    let node = |i: usize| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 0.0;
        for _ in 0..20 {
            let (mut before, mut value) = (1.0, x);
            for k in 1..NODES {
                let k = k as f64;
                (before, value) = (value, ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0));
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..NODES).map(node).collect()
}

/// The moments of a normal variable, and a probability that is exact at the end of a panel only.
#[test]
fn the_quadrature_knows_the_normal_distribution() {
    let normal = |u: f64| -0.5 * ((u - 3.0) / 2.0).powi(2);
    let exact = Exact::of_one(normal, edges(80, |u| -20.0 + 46.0 * u));
    let near = |value: f64, known: f64| assert!((value / known - 1.0).abs() < 1e-12, "{value} {known}");
    near(exact.mean(|x, _| x), 3.0);
    near(exact.covariance(|x, _| x, |x, _| x), 4.0);
    near(exact.mean(|x, _| (x - 3.0).powi(4)), 48.0);
    let (x, p) = exact.near_quantile(0, 0.9);
    near(p, 0.5 * libm::erfc((3.0 - x) / 8f64.sqrt()));
    assert!((p - 0.9).abs() < 0.1);
}
