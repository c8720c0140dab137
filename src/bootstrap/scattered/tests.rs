//! Sums of parts against statistics of the whole.

use crate::bootstrap::statistic::sum;
use crate::bootstrap::summed::{Summed, pivots};
use crate::bootstrap::{Column, LeastSquares, Mean, MeanDifference, Pearson, Ratio, Spread};
use crate::bootstrap::{Estimator, Sample, Table};
use std::sync::Arc;

fn table(rows: std::ops::Range<usize>) -> Table {
    let column = |name: &str, of: fn(f64) -> f64| Column::new(name, rows.clone().map(|row| of(row as f64)).collect());
    // Large values that vary little: a plain sum of squares would lose them.
    Table::new(vec![
        column("x", |row| 1e6 + libm::sin(row)),
        column("y", |row| 5.0 + libm::cos(1.7 * row) + 0.5 * libm::sin(row)),
        column("group", |row| row % 3.0),
    ])
    .unwrap()
}

fn estimators() -> Vec<Estimator> {
    let of = |name: &str, statistic: Arc<dyn crate::bootstrap::Statistic>, columns: &[usize]| Estimator {
        name: name.into(),
        statistic,
        columns: columns.to_vec(),
    };
    vec![
        of("mean", Arc::new(Mean), &[0]),
        of("sd", Arc::new(Spread { root: true, divisor: Default::default() }), &[0]),
        of("ratio", Arc::new(Ratio), &[0, 1]),
        of("difference", Arc::new(MeanDifference::new([2.0, 0.0]).unwrap()), &[0, 2]),
        of("pearson", Arc::new(Pearson), &[0, 1]),
        of("fit", Arc::new(LeastSquares::new(&["x".into()])), &[1, 0]),
    ]
}

fn sums(summed: &Summed<'_>, table: &Table) -> Vec<f64> {
    summed.rows(table, table.rows()).iter().map(|term| sum(term.len(), |row| term[row])).collect()
}

/// Statistics from the sums of three parts.
fn from_parts(pivot_of: &Table) -> Vec<f64> {
    let estimators = estimators();
    let pivots = pivots(&estimators, pivot_of);
    let summed = Summed::new(&estimators, &pivots);
    let mut all = vec![0.0; summed.terms()];
    for part in [0..400, 400..800, 800..1000] {
        all.iter_mut().zip(sums(&summed, &table(part))).for_each(|(all, sum)| *all += sum);
    }
    let mut out = vec![f64::NAN; summed.outputs()];
    summed.evaluate(1000.0, 1000.0, &all, &mut out).unwrap();
    out
}

fn from_whole() -> Vec<f64> {
    let whole = table(0..1000);
    let of = |estimator: &Estimator| {
        let mut out = vec![f64::NAN; estimator.count()];
        estimator.statistic.evaluate(&Sample::new(&whole, &estimator.columns), &mut out).unwrap();
        out
    };
    estimators().iter().flat_map(of).collect()
}

#[test]
fn parts_say_what_the_whole_does() {
    let near = |found: Vec<f64>| {
        let pairs = found.into_iter().zip(from_whole());
        // The difference of two means near 1e6, itself near 0, has lost digits in the whole.
        pairs.map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
    };
    let off = near(from_parts(&table(0..400)));
    assert!(off < 1e-9, "{off}");
    // Without a pivot near the values the digits would be lost.
    let zero = Table::new(["x", "y", "group"].map(|name| Column::new(name, vec![0.0])).to_vec()).unwrap();
    let off = near(from_parts(&zero));
    assert!(off > 1e-6, "{off}");
}
