//! `chunfeng upkeep`: one pass of upkeep over a lake's tables, told table by table.

use clap::Args;

use super::visit::VisitFlags;
use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::lake::{PipelineLake, TableUpkeep};
use crate::settings::Raw;

/// Put small files together, trim the log and remove what nobody needs. May run beside everything else.
#[derive(Args)]
pub struct Upkeep {
    #[command(flatten)]
    place: VisitFlags,
}

impl Upkeep {
    pub fn run(&self) -> Result<()> {
        let visit = self.place.visit(Raw::default())?;
        let keep_up = async |mut tables: PipelineLake| {
            Ok(tables.keep_up(&visit.lake, SystemClock.now()).await?)
        };
        for done in visit.ask_each(keep_up) {
            let (name, done) = done?;
            done.iter().for_each(|done| println!("{name}/{}", told(done)));
        }
        Ok(())
    }
}

/// `ledger: 12 files; put 600 together into 1; wrote a checkpoint; trimmed 700 of the log; removed 3 leftovers`.
fn told(done: &TableUpkeep) -> String {
    let mut said = format!("{}: {} files", done.table, done.files);
    if done.merged > 0 {
        said += &format!("; put {} together into {}", done.merged, done.into);
    }
    if done.checkpoint {
        said += "; wrote a checkpoint";
    }
    if done.trimmed > 0 {
        said += &format!("; trimmed {} of the log", done.trimmed);
    }
    if done.removed > 0 {
        said += &format!("; removed {} leftovers", done.removed);
    }
    if done.yielded {
        said += "; left off, because another upkeep is at work on it";
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_with_what_was_done_and_nothing_else() {
        let nothing = TableUpkeep { table: "rates", files: 2, ..TableUpkeep::default() };
        assert_eq!(told(&nothing), "rates: 2 files");
        let much = TableUpkeep {
            table: "ledger",
            files: 12,
            merged: 600,
            into: 1,
            checkpoint: true,
            trimmed: 700,
            removed: 3,
            yielded: true,
        };
        assert_eq!(
            told(&much),
            "ledger: 12 files; put 600 together into 1; wrote a checkpoint; trimmed 700 of the log; removed 3 \
             leftovers; left off, because another upkeep is at work on it"
        );
    }
}
