//! What schemes claim, and a wrong scheme that is found out.

use super::*;
use crate::bootstrap::Column;
use crate::stream::Streams;

const RESAMPLES: u64 = 5000;

fn table(columns: &[Vec<f64>]) -> Table {
    Table::new(columns.iter().enumerate().map(|(i, values)| Column::new(i.to_string(), values.clone())).collect())
        .unwrap()
}

fn series(n: usize) -> Table {
    table(&[(0..n).map(|i| i as f64).collect()])
}

/// The rows of every resample.
fn rows(scheme: Scheme, table: &Table, resamples: u64) -> Vec<Vec<u32>> {
    let resampler = Resampler::new(scheme, table, resamples, 17).unwrap();
    let (mut stream, mut space) = (Streams::new(17, 0).stream(0), Space::default());
    let draw = |replicate| {
        assert_eq!(resampler.draw(table, replicate, true, &mut stream, &mut space), Drawn::Rows);
        space.rows.clone()
    };
    (0..resamples).map(draw).collect()
}

fn counts(rows: &[u32], n: usize) -> Vec<f64> {
    let mut counts = vec![0.0; n];
    rows.iter().for_each(|row| counts[*row as usize] += 1.0);
    counts
}

/// Chi-square of observed against equal counts.
fn chi_square(counts: &[f64]) -> f64 {
    let expected = counts.iter().sum::<f64>() / counts.len() as f64;
    counts.iter().map(|count| (count - expected) * (count - expected) / expected).sum()
}

/// Mean over resamples and rows of (count − 1)².
fn spread_of_counts(resamples: &[Vec<u32>], n: usize) -> f64 {
    let of =
        |rows: &Vec<u32>| counts(rows, n).iter().map(|count| (count - 1.0) * (count - 1.0)).sum::<f64>() / n as f64;
    resamples.iter().map(of).sum::<f64>() / resamples.len() as f64
}

#[test]
fn gamma_is_not_fitted_to_what_does_not_vary() {
    for (value, n) in (1..100).flat_map(|k| [(0.1 * f64::from(k), 3), (1.7 * f64::from(k), 7), (1e300, k as usize)]) {
        // An error, or some narrow distribution: where all values are the same, that is up to rounding.
        let _ = fit("gamma", &vec![value; n]);
    }
}

/// Rows are drawn equally often: chi-square with 19 degrees of freedom is below 43.8 with probability 0.999. Counts
/// have the variance 1 − 1/n; 5000 resamples of 20 rows tell it from that of drawing without replacement, and from 1.
#[test]
fn ordinary_rows_are_independent() {
    let drawn = rows(Scheme::Ordinary, &series(20), RESAMPLES);
    let all: Vec<u32> = drawn.concat();
    assert!(chi_square(&counts(&all, 20)) < 43.8);
    let variance = spread_of_counts(&drawn, 20);
    assert!((variance - 0.95).abs() < 0.02, "{variance}");
}

/// How often each row is drawn, with draws by blocks: means over rows in turn of a table of one block, of whole blocks, of
/// two and a part, of one row more than a block. Chi-square of all resamples together, per row, is 1 ± 5 √(2 / rows); the
/// variance of a row's count, 1 − 1/n, is found with an error of 5 √(2 / (resamples · rows)) + 5 / resamples at most.
#[test]
fn rows_drawn_by_blocks_are_independent() {
    for (n, resamples) in [(25, 20_000), (2048, 400), (4096, 200), (5000, 200), (2049, 400), (6143, 150)] {
        let table = series(n);
        let resampler = Resampler::new(Scheme::Ordinary, &table, 0, 1).unwrap();
        let (mut stream, mut space) = (Streams::new(23, 0).stream(n as u64), Space::default());
        let (mut all, mut first_block, mut spread) = (vec![0.0; n], Vec::new(), 0.0);
        for replicate in 0..resamples {
            assert_eq!(resampler.draw(&table, replicate, false, &mut stream, &mut space), Drawn::Counts);
            assert_eq!(space.weights.iter().sum::<f64>(), n as f64);
            all.iter_mut().zip(&space.weights).for_each(|(all, weight)| *all += weight);
            first_block.push(space.weights[..n.min(BLOCK)].iter().sum::<f64>());
            spread += space.weights.iter().map(|weight| (weight - 1.0) * (weight - 1.0)).sum::<f64>() / n as f64;
        }
        let (rows, resamples) = (n as f64, resamples as f64);
        let chi_square = chi_square(&all) / (rows - 1.0);
        assert!((chi_square - 1.0).abs() < 5.0 * (2.0 / rows).sqrt(), "{n}: {chi_square}");
        let variance = spread / resamples;
        let error = 5.0 * (2.0 / (resamples * rows)).sqrt() + 5.0 / resamples;
        assert!((variance - (1.0 - 1.0 / rows)).abs() < error, "{n}: {variance}");
        // The first block's number of draws is binomial.
        let share = (BLOCK as f64 / rows).min(1.0);
        let expected = rows * share * (1.0 - share);
        let variance = first_block.iter().map(|x| (x - rows * share) * (x - rows * share)).sum::<f64>() / resamples;
        let error = 5.0 * (2.0 / resamples).sqrt() * expected;
        assert!((variance - expected).abs() <= error, "{n}: {variance}, {expected}");
    }
}

/// Every row exactly R times in all; within a resample a row's count is hypergeometric, with the variance
/// (1 − 1/n) (nR − n) / (nR − 1).
#[test]
fn balanced_rows_are_drawn_equally_often() {
    for (n, resamples) in [(20, 1000), (7, 13), (3, 1), (50, 2000)] {
        let drawn = rows(Scheme::Balanced, &series(n), resamples);
        assert!(counts(&drawn.concat(), n).iter().all(|count| *count == resamples as f64));
        if resamples >= 1000 {
            let places = (n as u64 * resamples) as f64;
            let expected = (1.0 - 1.0 / n as f64) * (places - n as f64) / (places - 1.0);
            let variance = spread_of_counts(&drawn, n);
            assert!((variance / expected - 1.0).abs() < 0.05, "{variance}, {expected}");
            // A permutation that leaves things near their places would draw the same rows in resamples side by side.
            let shared = |pair: &[Vec<u32>]| {
                counts(&pair[0], n).iter().zip(counts(&pair[1], n)).map(|(a, b)| (a - 1.0) * (b - 1.0)).sum::<f64>()
                    / n as f64
            };
            let covariance = drawn.windows(2).map(shared).sum::<f64>() / (drawn.len() - 1) as f64;
            assert!(covariance.abs() < 5.0 / (drawn.len() as f64 * n as f64).sqrt(), "{covariance}");
        }
    }
}

#[test]
fn strata_and_clusters_are_kept() {
    let data = table(&[(0..10).map(f64::from).collect(), vec![1., 0., 1., 1., 0., 2., 2., 1., 0., 2.]]);
    let group = |row: &u32| data.columns()[1].values[*row as usize];
    for drawn in rows(Scheme::Stratified { strata: 1 }, &data, 200) {
        let size = |wanted: f64| drawn.iter().filter(|row| group(row) == wanted).count();
        assert_eq!([size(0.0), size(1.0), size(2.0)], [3, 4, 3]);
    }
    let sizes: Vec<usize> = rows(Scheme::Clustered { clusters: 1 }, &data, 200)
        .iter()
        .map(|drawn| {
            // Rows of a cluster come as often as each other.
            let counts = counts(drawn, 10);
            for row in 0..10 {
                let mates = (0..10).filter(|other| group(&(*other as u32)) == group(&(row as u32)));
                mates.for_each(|mate| assert_eq!(counts[mate], counts[row]));
            }
            drawn.len()
        })
        .collect();
    assert!(sizes.iter().min() == Some(&9) && sizes.iter().max() == Some(&12));
}

/// How long the runs of consecutive rows are, on the circle.
fn runs(rows: &[u32], n: u32) -> Vec<usize> {
    rows.chunk_by(|a, b| (a + 1) % n == *b).map(<[u32]>::len).collect()
}

/// Whether all runs but the last are made of whole blocks, and none begins where a block can't.
fn has_blocks(drawn: &[Vec<u32>], n: u32, length: usize, circle: bool) -> bool {
    let starts: Vec<u32> = drawn.iter().flat_map(|rows| rows.iter().step_by(length)).copied().collect();
    let blocks = drawn.iter().all(|rows| {
        let runs = runs(rows, n);
        runs[..runs.len() - 1].iter().all(|run| run % length == 0)
    });
    let last = if circle { n } else { n - length as u32 + 1 };
    blocks
        && starts.iter().all(|start| *start < last)
        && chi_square(&counts(&starts, last as usize)) < 2.0 * f64::from(last) + 20.0
}

#[test]
fn blocks_have_the_structure_that_they_claim() {
    let (n, length, data) = (23u32, 4, series(23));
    let moving = rows(Scheme::MovingBlock { length }, &data, RESAMPLES);
    let circular = rows(Scheme::CircularBlock { length }, &data, RESAMPLES);
    assert!(moving.iter().chain(&circular).all(|rows| rows.len() == n as usize));
    assert!(has_blocks(&moving, n, length, false) && has_blocks(&circular, n, length, true));
    // Wrong schemes are found out: circular for moving blocks, another length, single rows.
    assert!(!has_blocks(&circular, n, length, false) && !has_blocks(&moving, n, length, true));
    assert!(!has_blocks(&rows(Scheme::CircularBlock { length: 3 }, &data, RESAMPLES), n, length, true));
    assert!(!has_blocks(&rows(Scheme::Ordinary, &data, RESAMPLES), n, length, true));
}

/// After a row comes its neighbour with probability 1 − 1/L + 1/(L n): 5 standard errors. Blocks of a fixed length
/// have the same mean, but not the geometric share of blocks of length 1, which is 1/L.
#[test]
fn stationary_blocks_are_geometric() {
    let (n, length) = (50u32, 5.0);
    let single = |drawn: &[Vec<u32>]| {
        let runs: Vec<usize> = drawn
            .iter()
            .flat_map(|rows| {
                let runs = runs(rows, n);
                runs[..runs.len() - 1].to_vec()
            })
            .collect();
        runs.iter().filter(|run| **run == 1).count() as f64 / runs.len() as f64
    };
    let drawn = rows(Scheme::Stationary { length }, &series(n as usize), RESAMPLES);
    let pairs = RESAMPLES as f64 * f64::from(n - 1);
    let follows =
        drawn.iter().flat_map(|rows| rows.windows(2)).filter(|pair| (pair[0] + 1) % n == pair[1]).count() as f64;
    let expected = 1.0 - 1.0 / length + 1.0 / (length * f64::from(n));
    assert!((follows / pairs - expected).abs() < 5.0 * (expected * (1.0 - expected) / pairs).sqrt());
    let geometric = |share: f64| (share - (1.0 - expected)).abs() < 0.02;
    assert!(geometric(single(&drawn)), "{}", single(&drawn));
    assert!(!geometric(single(&rows(Scheme::CircularBlock { length: 5 }, &series(50), RESAMPLES))));
}

/// Weights sum to n and have the variance (n − 1) / (n + 1) of n times a flat Dirichlet distribution.
#[test]
fn bayesian_weights_are_dirichlet() {
    let data = series(10);
    let resampler = Resampler::new(Scheme::Bayesian, &data, RESAMPLES, 17).unwrap();
    let (mut stream, mut space) = (Streams::new(17, 0).stream(0), Space::default());
    let mut squares = 0.0;
    for replicate in 0..RESAMPLES {
        assert_eq!(resampler.draw(&data, replicate, true, &mut stream, &mut space), Drawn::Weights);
        assert!((space.weights.iter().sum::<f64>() - 10.0).abs() < 1e-12);
        squares += space.weights.iter().map(|weight| (weight - 1.0) * (weight - 1.0)).sum::<f64>();
    }
    let variance = squares / (10 * RESAMPLES) as f64;
    assert!((variance - 9.0 / 11.0).abs() < 0.03, "{variance}");
}

/// Mean and variance of what is drawn, over all resamples.
fn moments(scheme: Scheme, data: &Table) -> (f64, f64) {
    let resampler = Resampler::new(scheme, data, RESAMPLES, 17).unwrap();
    let (mut stream, mut space) = (Streams::new(17, 0).stream(0), Space::default());
    let mut all = Vec::new();
    for replicate in 0..RESAMPLES {
        assert_eq!(resampler.draw(data, replicate, true, &mut stream, &mut space), Drawn::Table);
        all.extend(&space.table.columns()[0].values);
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    (mean, all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / all.len() as f64)
}

#[test]
fn new_rows_have_the_moments_of_their_model() {
    let data = series(10); // mean 4.5, variance 8.25
    let (mean, variance) = moments(Scheme::Smoothed { bandwidths: vec![2.0] }, &data);
    assert!((mean - 4.5).abs() < 0.1 && (variance - 12.25).abs() < 0.4, "{mean}, {variance}");
    let models = vec![Some(fit("normal", &data.columns()[0].values).unwrap())];
    let (mean, variance) = moments(Scheme::Parametric { models }, &data);
    assert!((mean - 4.5).abs() < 0.1 && (variance - 8.25).abs() < 0.3, "{mean}, {variance}");
}
