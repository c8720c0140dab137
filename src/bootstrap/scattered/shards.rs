//! Data in pieces, each with its home.

use crate::bootstrap::{Column, Table};
use crate::error::{Error, Result};
use crate::world::{ROOT, Tag, World, guarded};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The shards of the data whose home is this rank.
pub struct Shards {
    own: BTreeMap<u64, Table>,
    count: u64,
    rows: u64,
    /// How many rows each shard has, but for the last one.
    shard_rows: usize,
    /// The columns, without values.
    like: Vec<Column>,
}

/// A shard on its way.
#[derive(Serialize, Deserialize)]
struct Sent {
    number: u64,
    columns: Vec<(String, Vec<f64>)>,
}

/// What every rank is told at the end. For each column of labels, those that there are, in the order in which the
/// numbers in the shards stand for them.
#[derive(Serialize, Deserialize)]
struct Told {
    names: Vec<String>,
    count: u64,
    rows: u64,
    labels: Vec<Option<Vec<String>>>,
}

impl Shards {
    /// Deals out what `feed`, on root, hands on in pieces of `shard_rows` rows (of which the last may have fewer); it
    /// returns the labels of columns of labels, whose values are places in that list. Every rank calls it.
    ///
    /// # Errors
    /// Those of `feed`, and data without a row; all ranks learn of it.
    pub fn scatter(
        world: &World,
        shard_rows: usize,
        feed: impl FnOnce(&mut dyn FnMut(Vec<Column>) -> Result<()>) -> Result<Vec<Option<Vec<String>>>>,
    ) -> Result<Self> {
        let mut own = BTreeMap::new();
        let mut fed = None;
        if world.is_root() {
            fed = Some(guarded(|| deal(world, shard_rows, feed, &mut own)).and_then(|fed| fed));
            for rank in 1..world.size() {
                world.send_value(rank, Tag::Scatter, &None::<Sent>)?;
            }
        } else {
            while let Some(Sent { number, columns }) = world.receive_value::<Option<Sent>>(ROOT, Tag::Scatter)? {
                own.insert(number, columns.into_iter().map(|(name, values)| Column::new(name, values)).collect());
            }
        }
        let Told { names, count, rows, labels } =
            world.on_root(|| fed.unwrap_or_else(|| unreachable!("root was fed")))?;
        let sort = |columns: &mut [Column]| {
            for (column, labels) in columns.iter_mut().zip(&labels) {
                labels.iter().for_each(|labels| column.sort_labels(labels));
            }
        };
        let mut like: Vec<Column> = names.into_iter().map(|name| Column::new(name, Vec::new())).collect();
        sort(&mut like);
        let table = |(number, mut columns): (u64, Vec<Column>)| {
            sort(&mut columns);
            Ok((number, Table::new(columns)?))
        };
        let own = world.agree(own.into_iter().map(table).collect::<Result<_>>())?;
        Ok(Shards { own, count, rows, shard_rows, like })
    }

    /// How many shards all ranks have.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many rows all shards have.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The columns that every shard has, without values.
    pub fn like(&self) -> &[Column] {
        &self.like
    }

    /// A shard whose home is this rank.
    ///
    /// # Errors
    /// When it isn't here.
    pub fn shard(&self, number: u64) -> Result<&Table> {
        self.own.get(&number).ok_or_else(|| Error::other(format!("shard {number} is not on this rank: a defect")))
    }

    /// The rank on which a row of the data is.
    pub(super) fn home(&self, row: u64, ranks: usize) -> usize {
        (row / self.shard_rows as u64 % ranks as u64) as usize
    }

    /// A row of the data that is here: its shard, and its place there.
    pub(super) fn find(&self, row: u64) -> Result<(&Table, usize)> {
        let shard_rows = self.shard_rows as u64;
        Ok((self.shard(row / shard_rows)?, (row % shard_rows) as usize))
    }
}

/// Root's side.
fn deal(
    world: &World,
    shard_rows: usize,
    feed: impl FnOnce(&mut dyn FnMut(Vec<Column>) -> Result<()>) -> Result<Vec<Option<Vec<String>>>>,
    own: &mut BTreeMap<u64, Vec<Column>>,
) -> Result<Told> {
    let (mut number, mut rows, mut names) = (0, 0, Vec::new());
    let labels = feed(&mut |columns| {
        let length = columns.first().map_or(0, |column| column.values.len());
        if rows != number * shard_rows as u64 || length == 0 || length > shard_rows {
            return Err(Error::other(format!("shard {number} has {length} rows, where {shard_rows} belong: a defect")));
        }
        if number == 0 {
            names = columns.iter().map(|column| column.name.clone()).collect();
        }
        match (number % world.size() as u64) as usize {
            ROOT => {
                own.insert(number, columns);
            }
            home => {
                let columns = columns.into_iter().map(|column| (column.name, column.values)).collect();
                world.send_value(home, Tag::Scatter, &Some(Sent { number, columns }))?;
            }
        }
        (number, rows) = (number + 1, rows + length as u64);
        Ok(())
    })?;
    match number {
        0 => Err(Error::other("the data has no row")),
        count => Ok(Told { names, count, rows, labels }),
    }
}
