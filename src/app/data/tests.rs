//! Tables in files of every kind, right and wrong.

use super::*;
use crate::store::{Coordinates, ResultFile};
use std::fs;

fn write(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// The message without the folder.
fn said(path: &Path, error: &Error) -> String {
    error.to_string().replace(&format!("{}/", path.parent().unwrap().display()), "")
}

fn one(text: &str) -> Result<Vec<f64>, String> {
    let (_folder, path) = write("y.csv", text.as_bytes());
    column(&path).map_err(|error| said(&path, &error))
}

#[derive(Debug)]
struct Data {
    columns: Vec<Column>,
    dropped: u64,
}

/// All that is wanted of a file, read in blocks of `limit` rows.
fn read_all(path: &Path, wanted: &Wanted<'_>, limit: usize) -> Result<Data> {
    let mut columns: Vec<Column> = Vec::new();
    let read = read(path, wanted, limit, &mut |block| {
        assert!(block.iter().all(|column| (1..=limit).contains(&column.values.len())));
        match columns.is_empty() {
            true => columns = block,
            false => columns.iter_mut().zip(block).for_each(|(all, part)| all.values.extend(part.values)),
        }
        Ok(())
    })?;
    assert_eq!(read.rows as usize, columns[0].values.len());
    for (column, labels) in columns.iter_mut().zip(&read.labels) {
        labels.iter().for_each(|labels| column.sort_labels(labels));
    }
    Ok(Data { columns, dropped: read.dropped })
}

/// The same, whether read in one block or in several.
fn table(name: &str, bytes: &[u8], wanted: &Wanted<'_>) -> Result<Data, String> {
    let (_folder, path) = write(name, bytes);
    let [whole, parts] = [usize::MAX, 2].map(|limit| read_all(&path, wanted, limit));
    match (&whole, &parts) {
        (Ok(whole), Ok(parts)) => {
            assert_eq!(whole.dropped, parts.dropped);
            for (whole, parts) in whole.columns.iter().zip(&parts.columns) {
                assert_eq!((&whole.values, &whole.labels), (&parts.values, &parts.labels));
            }
        }
        (whole, parts) => {
            assert_eq!(whole.as_ref().err().map(ToString::to_string), parts.as_ref().err().map(ToString::to_string))
        }
    }
    whole.map_err(|error| said(&path, &error))
}

fn columns<'a>(names: &[&'a str]) -> Wanted<'a> {
    Wanted { columns: Some(names.to_vec()), ..Wanted::default() }
}

#[test]
fn header_spaces_and_line_ends_are_optional() {
    for text in [
        "y\n1\n-2.5\n3e2",
        "1\n-2.5\n3e2\n",
        " y \r\n 1\r\n\r\n-2.5 \r\n3e2\r\n",
        "\"y\"\n\"1\"\n-2.5\n300",
        "\u{feff}y\n1\n-2.5\n300\n",
        "\u{feff}1\n-2.5\n300\n",
    ] {
        assert_eq!(one(text), Ok(vec![1.0, -2.5, 300.0]), "{text:?}");
    }
}

#[test]
fn mistakes_have_a_line() {
    let message = |text: &str| one(text).unwrap_err();
    assert_eq!(message("y\n1\nabc\n"), "y.csv:3: 'abc' is not a number");
    assert_eq!(message("y\ninf\n"), "y.csv:2: 'inf' is not a finite number");
    assert_eq!(message("y\n1\n\n\nNaN\n"), "y.csv:5: 'NaN' is not a number");
    assert_eq!(message("y\n1\n\"\"\n"), "y.csv:3: '' is not a number");
    assert_eq!(message("1,2\n"), "y.csv:1: has 2 columns, but the data is one column");
    assert_eq!(message("1\n2,3\n"), "y.csv:2: has 2 columns, but the data is one column");
    assert_eq!(message("y\n"), "y.csv: the column is empty: there is no number in it");
    assert_eq!(message(""), "y.csv: the column is empty: there is no number in it");
    assert!(message("y\n1\n\"2\n3\n4\n").starts_with("y.csv:3: the cell that begins with '2' goes on over lines"));
    assert!(
        message("y\n1\t2\n").ends_with("'1\\t2' is not a number: a file with tabs between its cells is called .tsv")
    );
    // A first line that is no header.
    for cell in ["NA", "1.5O", "-", "4.1;5", "null"] {
        assert_eq!(message(&format!("{cell}\n1\n")), format!("y.csv:1: '{cell}' is not a number"));
    }
    let (_folder, path) = write("y.csv", b"y\n1\n\xff\n");
    assert_eq!(said(&path, &column(&path).unwrap_err()), "y.csv: can't read the data: line 3 is not UTF-8");
}

#[test]
fn columns_by_name() {
    let text = b"group,x,\"y\"\nb,1,2\na,3,4\nb,5,6\n";
    let wanted = Wanted { labels: vec!["group"], ..columns(&["y", "group"]) };
    let data = table("t.csv", text, &wanted).unwrap();
    assert_eq!((data.columns[0].name.as_str(), &data.columns[0].values), ("y", &vec![2.0, 4.0, 6.0]));
    assert_eq!(data.columns[1].values, [1.0, 0.0, 1.0]);
    assert_eq!(data.columns[1].labels, Some(vec!["a".to_owned(), "b".to_owned()]));
    let tabs = table("t.TSV", b"x\ty\n1\t2\n", &columns(&["y"])).unwrap();
    assert_eq!(tabs.columns[0].values, [2.0]);
    let message = |text: &str, names: &[&str]| table("t.csv", text.as_bytes(), &columns(names)).unwrap_err();
    assert_eq!(message("x,y\n1,2\n", &["z"]), "t.csv: there is no column 'z'; there are x, y");
    assert_eq!(message("x,x\n1,2\n", &["x"]), "t.csv: the column 'x' is there twice");
    assert_eq!(message("x,y\n1,2\n3\n", &["x"]), "t.csv:3: has 1 cells, but the first line has 2");
    assert_eq!(message("x,y\n1,2\n3,z\n", &["y"]), "t.csv:3: column y: 'z' is not a number");
    // What isn't asked for isn't looked at.
    assert_eq!(table("t.csv", b"x,y\n1,2\n3,z\n", &columns(&["x"])).unwrap().columns[0].values, [1.0, 3.0]);
}

#[test]
fn missing_cells() {
    let text = b"x,y\n1,2\nNA,4\n5,\n7,n/a\n9,10\n";
    let drop = Wanted { missing: Missing::Drop, ..columns(&["x", "y"]) };
    let data = table("t.csv", text, &drop).unwrap();
    assert_eq!((data.dropped, &data.columns[1].values), (3, &vec![2.0, 10.0]));
    let error = table("t.csv", text, &columns(&["x", "y"])).unwrap_err();
    assert_eq!(error, "t.csv:3: column x: 'NA' is not a number: missing = \"drop\" would leave such rows out");
}

/// An array as NumPy writes it.
fn npy(header: &str, cells: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), cells].concat()
}

#[test]
fn numpy_files() {
    let cells: Vec<u8> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0f64].iter().flat_map(|x| x.to_le_bytes()).collect();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n";
    let data = table("a.npy", &npy(header, &cells), &Wanted::default()).unwrap();
    assert_eq!((data.columns[1].name.as_str(), &data.columns[1].values), ("1", &vec![2.0, 4.0, 6.0]));
    let fortran = header.replace("False", "True");
    assert_eq!(table("a.npy", &npy(&fortran, &cells), &columns(&["1"])).unwrap().columns[0].values, [4.0, 5.0, 6.0]);
    let message = |bytes: &[u8]| table("a.npy", bytes, &Wanted::default()).unwrap_err();
    assert_eq!(message(b"nothing"), "a.npy: is not a NumPy file");
    assert_eq!(message(&npy(header, &cells[..40])), "a.npy: is cut off");
    assert_eq!(message(&npy(&header.replace("(3, 2)", "(3000000000000, 2)"), &cells)), "a.npy: is cut off");
    assert_eq!(message(&npy(&header.replace("(3, 2)", "(18446744073709551615, 2)"), &cells)), "a.npy: is cut off");
    assert!(message(&npy(&header.replace("(3, 2)", "(3, 1, 2)"), &cells)).contains("3 dimensions"));
    // Nothing is made room for, and nothing is gone through, for a dimension that costs the file no byte.
    for shape in ["(0, 3000000000000)", "(3000000000000, 0)", "(0,)"] {
        let said = message(&npy(&header.replace("(3, 2)", shape), &cells));
        assert_eq!(said, "a.npy: is an array without cells: there is no number in it");
    }
    for cut in 0..70 {
        message(&npy(header, &cells)[..cut]);
    }
    let nan = [1.0, f64::NAN].map(f64::to_le_bytes).concat();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n";
    assert!(message(&npy(header, &nan)).starts_with("a.npy: row 1: column 0: is not a number"));
    // The first row with a mistake, in whatever column.
    let later = [1.0, 2.0, 3.0, f64::NAN, f64::NAN, 6.0].map(f64::to_le_bytes).concat();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n";
    assert!(message(&npy(header, &later)).starts_with("a.npy: row 1: column 1: is not a number"));
}

#[test]
fn hdf5_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let mut file = ResultFile::create(&path, false).unwrap();
    let row = file.axis("row", Coordinates::Index(3));
    let pair = file.axis("pair", Coordinates::Index(2));
    let x = file.variable::<f64>("x", &[row]).unwrap();
    file.write(x, &[1.0, f64::NAN, 3.0]).unwrap();
    let both = file.variable::<i64>("group/both", &[row, pair]).unwrap();
    file.write(both, &[1, 2, 3, 4, 5, 6]).unwrap();
    let label = file.variable::<String>("label", &[row]).unwrap();
    file.write(label, &["b", "a", "b"].map(str::to_owned)).unwrap();
    file.finish().unwrap();
    let drop = Wanted { missing: Missing::Drop, labels: vec!["label"], ..columns(&["x", "label"]) };
    let data = read_all(&path, &drop, usize::MAX).unwrap();
    assert_eq!((data.dropped, &data.columns[0].values), (1, &vec![1.0, 3.0]));
    assert_eq!(data.columns[1].labels, Some(vec!["b".to_owned()]));
    let of = |dataset| read_all(&path, &Wanted { dataset: Some(dataset), ..Wanted::default() }, 2);
    assert_eq!(of("group/both").unwrap().columns[1].values, [2.0, 4.0, 6.0]);
    assert!(of("nothing").unwrap_err().to_string().contains("nothing: there is no such variable"));
    let which = read_all(&path, &Wanted::default(), 2).unwrap_err().to_string();
    assert!(which.ends_with("say which dataset is the data: there are x, label"), "{which}");
}
