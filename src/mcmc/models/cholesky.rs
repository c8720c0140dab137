//! Cholesky's decomposition of small matrices. (A library's would choose its instructions by the machine, and with them
//! the last bits of results.)

/// The lower triangle L of a matrix A = L L', row by row.
#[derive(Clone, Debug)]
pub(super) struct Cholesky(Vec<Vec<f64>>);

impl Cholesky {
    /// The decomposition of the symmetric matrix of this size whose lower triangle (row ≥ column) `entry` gives.
    ///
    /// Where a row's own part, that rows before it leave, is not above `singular` times its diagonal entry, the matrix
    /// counts as singular: the error is that row.
    pub(super) fn new(size: usize, singular: f64, entry: impl Fn(usize, usize) -> f64) -> Result<Self, usize> {
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for i in 0..size {
            let mut row: Vec<f64> = Vec::new();
            for (j, above) in rows.iter().enumerate() {
                row.push((entry(i, j) - dot(&row, above)) / above[j]);
            }
            let own = entry(i, i);
            let rest = own - dot(&row, &row);
            if !(rest > singular * own) {
                return Err(i);
            }
            row.push(rest.sqrt());
            rows.push(row);
        }
        Ok(Cholesky(rows))
    }

    /// Solves L x = `vector` in place.
    pub(super) fn forward(&self, vector: &mut [f64]) {
        for (i, row) in self.0.iter().enumerate() {
            vector[i] = (vector[i] - dot(row, &vector[..i])) / row[i];
        }
    }

    /// Solves L' x = `vector` in place.
    pub(super) fn backward(&self, vector: &mut [f64]) {
        for (i, row) in self.0.iter().enumerate().rev() {
            vector[i] /= row[i];
            for j in 0..i {
                vector[j] -= row[j] * vector[i];
            }
        }
    }

    /// The sum of the squares of L' x: the quadratic form x' A x.
    pub(super) fn quadratic(&self, x: &[f64]) -> f64 {
        let entry = |column: usize| -> f64 { self.0.iter().zip(x).skip(column).map(|(row, x)| row[column] * x).sum() };
        (0..x.len()).map(|column| entry(column) * entry(column)).sum()
    }
}

/// The sum of products, as far as the shorter goes.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: [[f64; 3]; 3] = [[4.0, 2.0, -2.0], [2.0, 10.0, 5.0], [-2.0, 5.0, 6.0]];

    #[test]
    fn solutions_solve() {
        let cholesky = Cholesky::new(3, 0.0, |i, j| MATRIX[i][j]).unwrap();
        let mut x = [1.0, -2.0, 3.0].map(|x: f64| x);
        let product = MATRIX.map(|row| dot(&row, &x));
        let quadratic = dot(&product, &x);
        assert!((cholesky.quadratic(&x) - quadratic).abs() < 1e-12 * quadratic);
        x = product;
        cholesky.forward(&mut x);
        cholesky.backward(&mut x);
        assert!(x.iter().zip([1.0, -2.0, 3.0]).all(|(x, known)| (x - known).abs() < 1e-12), "{x:?}");
    }

    #[test]
    fn singular_rows_are_named() {
        // The last row is the sum of the others.
        let rows: [[f64; 3]; 3] = [[1.0, 0.5, 1.5], [0.5, 1.0, 1.5], [1.5, 1.5, 3.0]];
        assert_eq!(Cholesky::new(3, 1e-12, |i, j| rows[i][j]).unwrap_err(), 2);
        assert_eq!(Cholesky::new(1, 0.0, |_, _| f64::NAN).unwrap_err(), 0);
    }
}
