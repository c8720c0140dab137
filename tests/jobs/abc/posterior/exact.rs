//! The exact ABC posterior of a normal sample, by quadrature: no Monte Carlo, and nothing of the library.
//!
//! x_1 to x_n ~ N(mu, sigma²); summaries: the mean m and the standard deviation s (divisor n). For given parameters
//! they are independent, √n (m − mu) / sigma being standard normal and n s² / sigma² chi-square with n − 1 degrees of
//! freedom. An acceptance region that is, for each s, an interval of m of half-width h(s) around the observed mean
//! thus has the probability
//!
//! P(mu, sigma) = ∫ [Φ((ȳ + h(s) − mu) √n / sigma) − Φ((ȳ − h(s) − mu) √n / sigma)] dF_sigma(s),
//!
//! and the ABC posterior is prior(mu, sigma) · P(mu, sigma) / ∫∫ prior · P. That integral is the acceptance rate.

use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF};
use std::f64::consts::{FRAC_PI_2, SQRT_2};

/// Quadrature nodes in a panel.
const NODES: usize = 8;
/// Panels along each parameter.
const PANELS: usize = 48;
/// Nodes in each half of the acceptance region, where that is no rectangle.
const SLICES: usize = 10;

/// A prior: what a run file says, and its density.
pub struct Prior {
    pub toml: String,
    pub density: Box<dyn Fn(f64) -> f64>,
    /// Where the density is not 0.
    pub support: (f64, f64),
}

impl Prior {
    fn of<D: Continuous<f64, f64> + 'static>(toml: String, distribution: D, support: (f64, f64)) -> Prior {
        Prior { toml, density: Box::new(move |x| distribution.pdf(x)), support }
    }

    pub fn normal(mean: f64, sd: f64) -> Prior {
        let toml = format!("normal = {{ mean = {mean:?}, sd = {sd:?} }}");
        Prior::of(toml, statrs::distribution::Normal::new(mean, sd).unwrap(), (f64::NEG_INFINITY, f64::INFINITY))
    }

    pub fn student_t(df: f64, location: f64, scale: f64) -> Prior {
        let toml = format!("student_t = {{ df = {df:?}, location = {location:?}, scale = {scale:?} }}");
        let distribution = statrs::distribution::StudentsT::new(location, scale, df).unwrap();
        Prior::of(toml, distribution, (f64::NEG_INFINITY, f64::INFINITY))
    }

    pub fn uniform(low: f64, high: f64) -> Prior {
        let toml = format!("uniform = {{ low = {low:?}, high = {high:?} }}");
        Prior { toml, density: Box::new(move |_| 1.0 / (high - low)), support: (low, high) }
    }

    pub fn gamma(shape: f64, rate: f64) -> Prior {
        let toml = format!("gamma = {{ shape = {shape:?}, rate = {rate:?} }}");
        Prior::of(toml, statrs::distribution::Gamma::new(shape, rate).unwrap(), (0.0, f64::INFINITY))
    }

    pub fn half_normal(sd: f64) -> Prior {
        let normal = statrs::distribution::Normal::new(0.0, sd).unwrap();
        let density = Box::new(move |x| 2.0 * normal.pdf(x));
        Prior { toml: format!("half_normal = {{ sd = {sd:?} }}"), density, support: (0.0, f64::INFINITY) }
    }

    pub fn lognormal(meanlog: f64, sdlog: f64) -> Prior {
        let toml = format!("lognormal = {{ meanlog = {meanlog:?}, sdlog = {sdlog:?} }}");
        Prior::of(toml, statrs::distribution::LogNormal::new(meanlog, sdlog).unwrap(), (0.0, f64::INFINITY))
    }
}

/// Which draws are accepted.
#[derive(Clone, Copy)]
pub enum Rule {
    /// |m − ȳ| < mean and |s − observed s| < sd.
    Each { mean: f64, sd: f64 },
    /// The p-norm of the weighted differences is below the tolerance; p is 1 or 2.
    Distance { p: f64, weights: (f64, f64), tolerance: f64 },
}

/// What `abc` is asked to solve.
pub struct Problem {
    pub data: Vec<f64>,
    pub mu: Prior,
    pub sigma: Prior,
    pub rule: Rule,
}

impl Problem {
    /// Mean and standard deviation (divisor n) of the data.
    pub fn observed(&self) -> (f64, f64) {
        let n = self.data.len() as f64;
        let mean = self.data.iter().sum::<f64>() / n;
        (mean, (self.data.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    /// The run file without an acceptance rule, of which `[distance]` tables of several kinds can be made.
    pub fn run_file_without_rule(&self) -> String {
        let Problem { data, mu, sigma, .. } = self;
        let (mu, sigma) = (&mu.toml, &sigma.toml);
        format!(
            "[data]\nvalues = {data:?}\n[model]\nname = \"normal\"\n[prior]\nmu = {{ {mu} }}\nsigma = {{ {sigma} }}\n"
        )
    }

    /// The whole run file.
    pub fn run_file(&self) -> String {
        let rule = match self.rule {
            Rule::Each { mean, sd } => format!("[tolerance]\nmean = {mean:?}\nsd = {sd:?}\n"),
            Rule::Distance { p, weights: (mean, sd), tolerance } => format!(
                "[distance]\nnorm = {p:?}\nscale = \"none\"\nweights = {{ mean = {mean:?}, sd = {sd:?} }}\n\
                 tolerance = {tolerance:?}\n"
            ),
        };
        self.run_file_without_rule() + &rule
    }

    /// The acceptance region at one sigma, in slices: the probability of the standard deviation to lie in the slice,
    /// and the half-width of the region there.
    fn slices(&self, sigma: f64) -> Vec<(f64, f64)> {
        let n = self.data.len() as f64;
        let (_, observed) = self.observed();
        let square = ChiSquared::new(n - 1.0).unwrap();
        let variable = |s: f64| n * (s / sigma).powi(2);
        match self.rule {
            Rule::Each { mean, sd } => {
                let below = |s: f64| if s > 0.0 { square.cdf(variable(s)) } else { 0.0 };
                vec![(below(observed + sd) - below(observed - sd), mean)]
            }
            Rule::Distance { p, weights: (of_mean, of_sd), tolerance } => {
                assert!(tolerance / of_sd < observed, "the region must not reach s = 0");
                // s = observed ± tolerance / of_sd · sin(t) makes the half-widths smooth at the region's ends.
                let at = |side: f64, (t, weight): (f64, f64)| {
                    let difference = tolerance * t.sin();
                    let s = observed + side * difference / of_sd;
                    let density = square.pdf(variable(s)) * 2.0 * n * s / sigma.powi(2);
                    let width = (tolerance.powf(p) - difference.powf(p)).powf(1.0 / p) / of_mean;
                    (density * weight * tolerance * t.cos() / of_sd, width)
                };
                let nodes = || legendre_nodes(SLICES).into_iter().map(|(x, w)| (0.5 * (x + 1.0), 0.5 * w));
                let quarter = || nodes().map(|(x, w)| (FRAC_PI_2 * x, FRAC_PI_2 * w));
                [-1.0, 1.0].into_iter().flat_map(|side| quarter().map(move |node| at(side, node))).collect()
            }
        }
    }
}

/// The posterior of one parameter.
pub struct Marginal {
    /// Ends of the panels.
    pub edges: Vec<f64>,
    /// P(parameter ≤ edge).
    cumulative: Vec<f64>,
    /// In each panel, the density times the panel's half-width, in Legendre polynomials.
    series: Vec<[f64; NODES]>,
    pub mean: f64,
    pub variance: f64,
    /// The fourth central moment.
    pub fourth: f64,
}

impl Marginal {
    /// From the edges, and the mass at each node of each panel.
    fn new(edges: Vec<f64>, masses: &[f64]) -> Marginal {
        let rule = legendre_nodes(NODES);
        let nodes = nodes_of(&edges);
        let moment = |f: &dyn Fn(f64) -> f64| nodes.iter().zip(masses).map(|(node, mass)| f(node.0) * mass).sum();
        let mean: f64 = moment(&|x| x);
        let mut cumulative = vec![0.0];
        let mut series = Vec::new();
        for panel in masses.chunks(NODES) {
            cumulative.push(cumulative[cumulative.len() - 1] + panel.iter().sum::<f64>());
            series.push(std::array::from_fn(|k| {
                let inner: f64 = rule.iter().zip(panel).map(|((x, _), mass)| legendre(k, *x) * mass).sum();
                (k as f64 + 0.5) * inner
            }));
        }
        let (variance, fourth) = (moment(&|x| (x - mean).powi(2)), moment(&|x| (x - mean).powi(4)));
        Marginal { edges, cumulative, series, mean, variance, fourth }
    }

    /// P(parameter ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        let panel = match self.edges.partition_point(|edge| *edge <= x) {
            0 => return 0.0,
            after if after == self.edges.len() => return 1.0,
            after => after - 1,
        };
        let (low, high) = (self.edges[panel], self.edges[panel + 1]);
        let t = (2.0 * x - low - high) / (high - low);
        // The integral of P_k from −1 to t is (P_{k+1}(t) − P_{k−1}(t)) / (2k + 1).
        let integral = |k: usize| match k {
            0 => t + 1.0,
            k => (legendre(k + 1, t) - legendre(k - 1, t)) / (2 * k + 1) as f64,
        };
        let inside: f64 = self.series[panel].iter().enumerate().map(|(k, c)| c * integral(k)).sum();
        self.cumulative[panel] + inside
    }

    pub fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (self.edges[0], self.edges[self.edges.len() - 1]);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            *(if self.cdf(middle) < p { &mut low } else { &mut high }) = middle;
        }
        low
    }

    /// The panels' edges that come nearest to the quantiles at 1/groups, 2/groups, ..., and both ends.
    fn cuts(&self, groups: usize) -> Vec<usize> {
        let nearest = |group: usize| {
            let distance = |edge: &usize| (self.cumulative[*edge] - group as f64 / groups as f64).abs();
            (1..self.edges.len() - 1).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap()
        };
        let mut cuts: Vec<usize> = (1..groups).map(nearest).collect();
        cuts.dedup();
        [vec![0], cuts, vec![self.edges.len() - 1]].concat()
    }
}

/// The exact posterior.
pub struct Exact {
    pub mu: Marginal,
    pub sigma: Marginal,
    pub acceptance_rate: f64,
    /// The posterior probability of each pair of panels, those of mu first.
    panels: Vec<Vec<f64>>,
}

/// A partition of the (mu, sigma) plane in rectangles.
pub struct Cells {
    mu: Vec<f64>,
    sigma: Vec<f64>,
    /// The posterior probability of each rectangle, those with the same mu beside each other.
    pub probabilities: Vec<f64>,
}

impl Cells {
    /// Which rectangle a draw is in.
    pub fn of(&self, mu: f64, sigma: f64) -> usize {
        let place = |edges: &[f64], x: f64| edges[1..edges.len() - 1].partition_point(|edge| *edge <= x);
        place(&self.mu, mu) * (self.sigma.len() - 1) + place(&self.sigma, sigma)
    }
}

impl Exact {
    pub fn new(problem: &Problem) -> Exact {
        Exact::with_panels(problem, PANELS)
    }

    /// The posterior by a quadrature of so many panels along each parameter.
    pub fn with_panels(problem: &Problem, panels: usize) -> Exact {
        let (mean, sd) = problem.observed();
        let root = (problem.data.len() as f64).sqrt();
        let reach = match problem.rule {
            Rule::Each { mean, .. } => mean,
            Rule::Distance { weights, tolerance, .. } => tolerance / weights.0,
        };
        // Narrow panels in the middle, wide ones in the tails.
        let core = sd / root + reach;
        let stretch = (60.0 * sd / core).asinh();
        let mu_edges = edges(panels, problem.mu.support, |u| mean + core * (stretch * (2.0 * u - 1.0)).sinh());
        let sigma_edges = edges(panels, problem.sigma.support, |u| 0.05 * sd * 1200f64.powf(u));

        let (mu_nodes, sigma_nodes) = (nodes_of(&mu_edges), nodes_of(&sigma_edges));
        let mu_prior: Vec<f64> = mu_nodes.iter().map(|(mu, weight)| weight * (problem.mu.density)(*mu)).collect();
        let mut mu_masses = vec![0.0; mu_nodes.len()];
        let mut sigma_masses = vec![0.0; sigma_nodes.len()];
        let mut masses = vec![vec![0.0; panels]; panels];
        for (j, (sigma, weight)) in sigma_nodes.iter().enumerate() {
            let prior = weight * (problem.sigma.density)(*sigma);
            let slices = problem.slices(*sigma);
            if slices.iter().map(|slice| slice.0).sum::<f64>() * prior < 1e-25 {
                continue;
            }
            for (i, (mu, _)) in mu_nodes.iter().enumerate() {
                let phi = |edge: f64| normal_cdf((edge - mu) * root / sigma);
                let inside = slices.iter().map(|(probability, h)| probability * (phi(mean + h) - phi(mean - h)));
                let mass = prior * mu_prior[i] * inside.sum::<f64>();
                mu_masses[i] += mass;
                sigma_masses[j] += mass;
                masses[i / NODES][j / NODES] += mass;
            }
        }
        let acceptance_rate: f64 = mu_masses.iter().sum();
        mu_masses.iter_mut().chain(&mut sigma_masses).chain(masses.iter_mut().flatten()).for_each(|mass| {
            *mass /= acceptance_rate;
        });
        let tail = |masses: &[f64], open: (bool, bool)| {
            let (first, last) = (&masses[..NODES], &masses[masses.len() - NODES..]);
            let sum = |panel: &[f64], open| if open { panel.iter().sum() } else { 0.0 };
            f64::max(sum(first, open.0), sum(last, open.1))
        };
        let (mu, sigma) = (problem.mu.support, problem.sigma.support);
        let lost = f64::max(
            tail(&mu_masses, (mu.0.is_infinite(), mu.1.is_infinite())),
            tail(&sigma_masses, (sigma.0 == 0.0, sigma.1.is_infinite())),
        );
        assert!(lost < 1e-7, "the posterior reaches {lost} beyond the panels");
        let (mu, sigma) = (Marginal::new(mu_edges, &mu_masses), Marginal::new(sigma_edges, &sigma_masses));
        Exact { mu, sigma, acceptance_rate, panels: masses }
    }

    /// At most `groups` × `groups` rectangles, in lines of about the same probability: their edges are those of panels.
    pub fn cells(&self, groups: usize) -> Cells {
        let (mu, sigma) = (self.mu.cuts(groups), self.sigma.cuts(groups));
        let ranges = |cuts: &[usize]| cuts.windows(2).map(|pair| pair[0]..pair[1]).collect::<Vec<_>>();
        let cell = |rows: &std::ops::Range<usize>, columns: &std::ops::Range<usize>| {
            self.panels[rows.clone()].iter().flat_map(|row| &row[columns.clone()]).sum()
        };
        let columns = ranges(&sigma);
        let probabilities =
            ranges(&mu).iter().flat_map(|rows| columns.iter().map(move |columns| cell(rows, columns))).collect();
        let at = |cuts: Vec<usize>, marginal: &Marginal| cuts.into_iter().map(|cut| marginal.edges[cut]).collect();
        Cells { mu: at(mu, &self.mu), sigma: at(sigma, &self.sigma), probabilities }
    }
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// `panels` + 1 increasing numbers, from a function of 0 to 1, within the support.
fn edges(panels: usize, support: (f64, f64), at: impl Fn(f64) -> f64) -> Vec<f64> {
    // In u, the part that lies in the support.
    let within = |target: f64, outside: f64| {
        if at(outside) >= support.0 && at(outside) <= support.1 {
            return outside;
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            *(if at(middle) < target { &mut low } else { &mut high }) = middle;
        }
        high
    };
    let (first, last) = (within(support.0, 0.0), within(support.1, 1.0));
    let mut edges: Vec<f64> = (0..=panels).map(|i| at(first + (last - first) * i as f64 / panels as f64)).collect();
    edges[0] = edges[0].max(support.0);
    edges[panels] = edges[panels].min(support.1);
    edges
}

/// Nodes and weights of all panels.
fn nodes_of(edges: &[f64]) -> Vec<(f64, f64)> {
    let rule = legendre_nodes(NODES);
    let panel = |pair: &[f64]| {
        let (middle, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
        rule.iter().map(|(x, w)| (middle + half * x, half * w)).collect::<Vec<_>>()
    };
    edges.windows(2).flat_map(panel).collect()
}

/// The Legendre polynomial P_k(x), by Bonnet's recursion.
fn legendre(k: usize, x: f64) -> f64 {
    let (mut before, mut value) = (0.0, 1.0);
    for j in 0..k {
        let j = j as f64;
        (before, value) = (value, ((2.0 * j + 1.0) * x * value - j * before) / (j + 1.0));
    }
    value
}

/// Gauss-Legendre nodes and weights on −1 to 1, by Newton's method.
fn legendre_nodes(n: usize) -> Vec<(f64, f64)> {
    let node = |i: usize| {
        let mut x = -(std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let slope = |x: f64| n as f64 * (x * legendre(n, x) - legendre(n - 1, x)) / (x * x - 1.0);
        for _ in 0..10 {
            x -= legendre(n, x) / slope(x);
        }
        (x, 2.0 / ((1.0 - x * x) * slope(x).powi(2)))
    };
    (0..n).map(node).collect()
}
