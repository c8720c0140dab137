//! Lines as drawings need them: cut at the edge of a panel, and no longer than what can be seen.

/// The pieces of a line that lie within a range across and a range upwards. A point that is not a number ends a piece.
pub fn within(points: &[(f64, f64)], x: (f64, f64), y: (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    for pair in points.windows(2) {
        let Some((start, end)) = segment_within((pair[0], pair[1]), x, y) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&start) => piece.push(end),
            _ => pieces.push(vec![start, end]),
        }
    }
    pieces
}

/// The part of a segment within a rectangle (Liang and Barsky 1984).
fn segment_within(
    ((x0, y0), (x1, y1)): ((f64, f64), (f64, f64)),
    x: (f64, f64),
    y: (f64, f64),
) -> Option<((f64, f64), (f64, f64))> {
    if ![x0, y0, x1, y1].iter().all(|number| number.is_finite()) {
        return None;
    }
    let (dx, dy) = (x1 - x0, y1 - y0);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (step, room) in [(-dx, x0 - x.0), (dx, x.1 - x0), (-dy, y0 - y.0), (dy, y.1 - y0)] {
        if step == 0.0 && room < 0.0 {
            return None;
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else if step > 0.0 {
            leave = leave.min(room / step);
        }
    }
    let at = |t: f64| (x0 + t * dx, y0 + t * dy);
    let start = if enter == 0.0 { (x0, y0) } else { at(enter) };
    let end = if leave == 1.0 { (x1, y1) } else { at(leave) };
    (enter <= leave).then_some((start, end))
}

/// A stretch of a long series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The number of its first value.
    pub start: usize,
    /// The number after that of its last value.
    pub end: usize,
    /// The smallest value that is a number.
    pub low: f64,
    /// The largest value that is a number.
    pub high: f64,
    /// The mean of the values that are numbers.
    pub mean: f64,
}

/// A series cut into at most `most` stretches of equal length, the last perhaps shorter: no extreme is lost. Stretches
/// without a number are left out.
pub fn stretches(values: &[f64], most: usize) -> Vec<Stretch> {
    let length = values.len().div_ceil(most.max(1)).max(1);
    let stretch = |(number, values): (usize, &[f64])| {
        let (mut low, mut high, mut sum, mut n) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0);
        for value in values.iter().copied().filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
            sum += value;
            n += 1.0;
        }
        let start = number * length;
        (n > 0.0).then_some(Stretch { start, end: start + values.len(), low, high, mean: sum / n })
    };
    values.chunks(length).enumerate().filter_map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_cut_at_the_edge() {
        let line = [(0.0, 0.0), (1.0, 2.0), (2.0, 0.0), (3.0, f64::NAN), (4.0, 0.5), (5.0, 0.5)];
        let pieces = within(&line, (0.0, 4.5), (-1.0, 1.0));
        let expected: [&[(f64, f64)]; 3] =
            [&[(0.0, 0.0), (0.5, 1.0)], &[(1.5, 1.0), (2.0, 0.0)], &[(4.0, 0.5), (4.5, 0.5)]];
        assert_eq!(pieces, expected);
        assert!(within(&[(0.0, 5.0), (9.0, 5.0)], (0.0, 4.5), (-1.0, 1.0)).is_empty());
    }

    proptest! {
        #[test]
        fn no_extreme_is_lost(values in prop::collection::vec(-1e9f64..1e9, 1..2000), most in 1usize..300) {
            let stretches = stretches(&values, most);
            prop_assert!(stretches.len() <= most);
            prop_assert_eq!(stretches.last().unwrap().end, values.len());
            for Stretch { start, end, low, high, mean } in stretches {
                let part = &values[start..end];
                prop_assert!(part.contains(&low) && part.contains(&high) && low <= mean + 1e-3 && mean <= high + 1e-3);
                prop_assert!(part.iter().all(|value| low <= *value && *value <= high));
            }
        }
    }
}
