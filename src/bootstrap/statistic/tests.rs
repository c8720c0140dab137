//! Statistics against their definitions.

use super::*;
use crate::bootstrap::{Column, Table};
use proptest::prelude::*;

fn table(columns: &[&[f64]]) -> Table {
    Table::new(columns.iter().enumerate().map(|(i, values)| Column::new(i.to_string(), values.to_vec())).collect())
        .unwrap()
}

fn evaluate(statistic: &dyn Statistic, sample: &Sample<'_>) -> Vec<f64> {
    let mut out = vec![f64::NAN; statistic.outputs().len().max(1)];
    statistic.evaluate(sample, &mut out).unwrap();
    out
}

/// Every statistic, on the columns 0, 1, ... of a table; column 3 holds groups.
fn all() -> Vec<(Box<dyn Statistic>, Vec<usize>)> {
    vec![
        (Box::new(Mean), vec![0]),
        (Box::new(Sum), vec![0]),
        (Box::new(Ratio), vec![0, 1]),
        (Box::new(MeanDifference::new([1.0, 0.0]).unwrap()), vec![0, 3]),
        (Box::new(Spread { root: false, divisor: Divisor::SizeLessOne }), vec![0]),
        (Box::new(Spread { root: true, divisor: Divisor::Size }), vec![0]),
        (Box::new(TrimmedMean::new(0.2).unwrap()), vec![0]),
        (Box::new(Quantile::new(0.5).unwrap()), vec![0]),
        (Box::new(Quantile::new(0.3).unwrap()), vec![1]),
        (Box::new(Pearson), vec![0, 1]),
        (Box::new(Spearman), vec![0, 1]),
        (Box::new(LeastSquares::new(&["a".into(), "b".into()])), vec![0, 1, 2]),
    ]
}

/// Values with ties, away from zero.
fn rows() -> impl Strategy<Value = Vec<(f64, f64, f64, f64, u8)>> {
    let value = || (1i32..40).prop_map(|x| f64::from(x) / 4.0);
    prop::collection::vec((value(), value(), value(), (0i32..2).prop_map(f64::from), 0u8..4), 6..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// A row with count c is as good as c rows.
    #[test]
    fn counts_are_repeated_rows(rows in rows()) {
        let column = |of: fn(&(f64, f64, f64, f64, u8)) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let table = table(&[&column(|r| r.0), &column(|r| r.1), &column(|r| r.2), &column(|r| r.3)]);
        let counts = column(|r| f64::from(r.4));
        let drawn: Vec<u32> = (0..rows.len()).flat_map(|i| std::iter::repeat_n(i as u32, usize::from(rows[i].4))).collect();
        prop_assume!(drawn.len() > 2);
        let mut own = Table::default();
        own.take_rows(&table, &drawn);
        for (statistic, columns) in all() {
            let counted = evaluate(&*statistic, &Sample::new(&table, &columns).counted(&counts, drawn.len()));
            let repeated = evaluate(&*statistic, &Sample::new(&own, &columns));
            for (a, b) in counted.iter().zip(&repeated) {
                // Nearly collinear regressors lose digits.
                let near = (a - b).abs() <= 1e-6 * (1.0 + b.abs()) || a.is_nan() && b.is_nan();
                prop_assert!(near || columns.len() == 3, "{:?} {:?}", counted, repeated);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// From sums about a pivot comes the same as from the sample.
    #[test]
    fn functions_of_sums_are_the_same(rows in rows(), pivot in -5.0..15.0) {
        let column = |of: fn(&(f64, f64, f64, f64, u8)) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let table = table(&[&column(|r| r.0), &column(|r| r.1), &column(|r| r.2), &column(|r| r.3)]);
        let counts = column(|r| f64::from(r.4));
        let total: f64 = counts.iter().sum();
        prop_assume!(total > 2.0);
        let mut compared = 0;
        for (statistic, columns) in all() {
            let Some(of_sums) = statistic.of_sums() else { continue };
            compared += 1;
            let sample = Sample::new(&table, &columns);
            let pivots = vec![pivot; columns.len()];
            let sum_of = |number: usize| {
                let mut term = vec![f64::NAN; rows.len()];
                of_sums.term(number, &sample, &pivots, &mut term);
                counts.iter().zip(&term).map(|(count, term)| count * term).sum::<f64>()
            };
            let terms: Vec<f64> = (0..of_sums.terms()).map(sum_of).collect();
            let expected = evaluate(&*statistic, &sample.counted(&counts, total as usize));
            let mut found = vec![f64::NAN; expected.len()];
            let sums = Sums { rows: total, weight: total, terms: &terms, pivots: &pivots };
            of_sums.evaluate(&sums, &mut found).unwrap();
            for (a, b) in found.iter().zip(&expected) {
                let near = (a - b).abs() <= 1e-6 * (1.0 + b.abs()) || !a.is_finite() && !b.is_finite();
                // Nearly collinear regressors and tiny variances lose digits.
                prop_assert!(near || columns.len() == 3 || b.is_nan() || b.abs() < 1e-6, "{columns:?} {found:?} {expected:?}");
            }
        }
        prop_assert_eq!(compared, 8);
    }
}

/// Where all rows of a resample are the same and far from the pivot, sums have nothing to say but rounding errors.
#[test]
fn sums_of_equal_values_have_no_variance() {
    for n in 2..50 {
        let x = vec![0.7; n];
        let y: Vec<f64> = (0..n).map(|row| (row * 7 % 5) as f64).collect();
        let table = table(&[&y, &x]);
        let spread: Box<dyn Statistic> = Box::new(Spread { root: false, divisor: Divisor::Size });
        let least_squares: Box<dyn Statistic> = Box::new(LeastSquares::new(&["x".into()]));
        let pearson: Box<dyn Statistic> = Box::new(Pearson);
        for (statistic, columns, expected) in
            [(spread, vec![1], 0.0), (least_squares, vec![0, 1], f64::NAN), (pearson, vec![0, 1], f64::NAN)]
        {
            let of_sums = statistic.of_sums().unwrap();
            let (sample, pivots) = (Sample::new(&table, &columns), vec![0.013; columns.len()]);
            let sum_of = |number: usize| {
                let mut term = vec![f64::NAN; n];
                of_sums.term(number, &sample, &pivots, &mut term);
                term.iter().sum::<f64>()
            };
            let terms: Vec<f64> = (0..of_sums.terms()).map(sum_of).collect();
            let mut found = vec![0.5; statistic.outputs().len().max(1)];
            let sums = Sums { rows: n as f64, weight: n as f64, terms: &terms, pivots: &pivots };
            of_sums.evaluate(&sums, &mut found).unwrap();
            assert!(
                found.iter().all(|x| x.to_bits() == expected.to_bits() || x.is_nan() && expected.is_nan()),
                "{n}: {found:?}"
            );
        }
    }
}

/// Influence values are derivatives with respect to weights, and add up to nothing.
#[test]
fn influence_is_a_derivative() {
    let table = table(&[
        &[1.5, 2.0, 7.25, 3.0, 9.0, 4.5, 6.0, 2.5],
        &[2.0, 3.5, 5.0, 1.0, 8.0, 6.0, 7.5, 4.0],
        &[1.0, 0.5, 2.0, 3.0, 1.5, 2.5, 0.0, 1.25],
        &[0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0],
    ]);
    let n = table.rows();
    let mut checked = 0;
    for (statistic, columns) in all() {
        let sample = Sample::new(&table, &columns);
        for output in 0..statistic.outputs().len().max(1) {
            let mut influence = vec![0.0; n];
            if !statistic.influence(&sample, output, &mut influence).unwrap() {
                continue;
            }
            checked += 1;
            assert!(influence.iter().sum::<f64>().abs() < 1e-10, "{columns:?}");
            for (row, influence) in influence.into_iter().enumerate() {
                let moved = |step: f64| {
                    let weights: Vec<f64> =
                        (0..n).map(|i| 1.0 - step + if i == row { step * n as f64 } else { 0.0 }).collect();
                    evaluate(&*statistic, &Sample::new(&table, &columns).weighted(&weights))[output]
                };
                // A trimmed mean has a derivative where no value is at the edge; the smallest step from both sides.
                let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                let near = (slope - influence).abs() < 1e-5 * (1.0 + slope.abs());
                assert!(near || columns == [0] && checked == 7, "{columns:?} {output} {row}: {slope}, {influence}");
            }
        }
    }
    assert_eq!(checked, 11);
}

#[test]
fn by_hand() {
    let table = table(&[&[3.0, 1.0, 2.0, 10.0], &[1.0, 2.0, 3.0, 5.0], &[0.0, 1.0, 1.0, 0.0]]);
    let value = |statistic: &dyn Statistic, columns: &[usize]| evaluate(statistic, &Sample::new(&table, columns));
    assert_eq!(value(&Mean, &[0]), [4.0]);
    assert_eq!(value(&Sum, &[0]), [16.0]);
    assert_eq!(value(&Ratio, &[0, 1]), [16.0 / 11.0]);
    assert_eq!(value(&MeanDifference::new([0.0, 1.0]).unwrap(), &[0, 2]), [5.0]);
    assert_eq!(value(&Spread { root: false, divisor: Divisor::SizeLessOne }, &[0]), [50.0 / 3.0]);
    assert_eq!(value(&Quantile::new(0.5).unwrap(), &[0]), [2.5]);
    assert_eq!(value(&Quantile::new(0.25).unwrap(), &[0]), [1.75]);
    assert_eq!(value(&Quantile::new(1.0).unwrap(), &[0]), [10.0]);
    assert_eq!(value(&TrimmedMean::new(0.25).unwrap(), &[0]), [2.5]);
    assert_eq!(value(&TrimmedMean::new(0.2).unwrap(), &[0]), [4.0]);
    // Ranks 3 1 2 4 and 1 2 3 4: 1 - 6 * 6 / (4 * 15).
    assert!((value(&Spearman, &[0, 1])[0] - 0.4).abs() < 1e-15);
    // y = 2 + 3 x exactly.
    let line = super::tests::table(&[&[5.0, 8.0, 14.0], &[1.0, 2.0, 4.0]]);
    let fit = evaluate(&LeastSquares::new(&["x".into()]), &Sample::new(&line, &[0, 1]));
    assert!((fit[0] - 2.0).abs() < 1e-13 && (fit[1] - 3.0).abs() < 1e-13, "{fit:?}");
}

#[test]
fn what_does_not_exist_is_nan() {
    let table = table(&[&[2.5, 2.5, 2.5], &[1.0, 2.0, 4.0], &[1.0, 1.0, 1.0], &[3.0, 3.0, 3.0]]);
    let value = |statistic: &dyn Statistic, columns: &[usize]| evaluate(statistic, &Sample::new(&table, columns))[0];
    assert!(value(&Pearson, &[0, 1]).is_nan());
    assert!(value(&Spearman, &[0, 1]).is_nan());
    assert!(value(&MeanDifference::new([1.0, 0.0]).unwrap(), &[1, 2]).is_nan());
    let collinear = evaluate(&LeastSquares::new(&["a".into(), "b".into()]), &Sample::new(&table, &[1, 2, 3]));
    assert!(collinear.iter().all(|coefficient| coefficient.is_nan()), "{collinear:?}");
}
