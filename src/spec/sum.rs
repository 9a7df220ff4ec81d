//! What a measure adds up, where it does more than count: an amount, or the time between two moments.

use super::amount::Denomination;
use super::column::{Column, ColumnType, Value};
use super::unit::Unit;

/// Something of a state row that can be added up.
#[derive(Clone, Debug)]
pub struct Sum {
    /// As typed: the very text that data teams put into `sum( … )`.
    pub sql: String,
    /// What the total is in.
    pub denomination: Denomination,
    summed: Summed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Summed {
    Amount(usize),
    /// In seconds.
    Elapsed {
        from: usize,
        to: usize,
    },
}

impl Sum {
    /// Reads `<amount column>` or `<time column> - <time column>`. What is wrong is told as one sentence.
    pub fn compile(sql: &str, columns: &[Column]) -> Result<Self, String> {
        let find = |name: &str| {
            let index = columns.iter().position(|column| column.name == name);
            index.ok_or_else(|| format!("no column is named `{name}`"))
        };
        let time = |name: &str| match find(name) {
            Ok(index) if columns[index].column_type == ColumnType::Time => Ok(index),
            Ok(_) => Err(format!("`{name}` is no time, and only times are subtracted")),
            Err(unknown) => Err(unknown),
        };
        let (summed, denomination) = match sql.split_once(" - ") {
            Some((to, from)) => {
                let summed = Summed::Elapsed { from: time(from.trim())?, to: time(to.trim())? };
                (summed, Denomination { unit: Unit::second(), scale: 0 })
            }
            None => {
                let index = find(sql.trim())?;
                let ColumnType::Amount(denomination) = columns[index].column_type else {
                    return Err(format!(
                        "`{}` is no amount, and only amounts are summed",
                        sql.trim()
                    ));
                };
                (Summed::Amount(index), denomination)
            }
        };
        Ok(Self { sql: sql.trim().to_owned(), denomination, summed })
    }

    /// What a row adds, in last decimals or seconds; what is NULL adds nothing, as in SQL.
    pub fn of(&self, row: &[Value]) -> i64 {
        let value = |column: usize| row.get(column).copied().and_then(Value::get);
        match self.summed {
            Summed::Amount(column) => value(column).unwrap_or(0),
            Summed::Elapsed { from, to } => {
                value(to).zip(value(from)).map_or(0, |(to, from)| to - from)
            }
        }
    }
}
