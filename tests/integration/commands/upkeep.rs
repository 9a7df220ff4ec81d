//! `upkeep`: what it says, and that it changes no figure.

use super::{huli, worker};
use crate::tools::Desk;

#[test]
fn small_files_are_put_together_and_every_figure_stays() {
    let desk = Desk::new();
    for number in 0..9 {
        let subject = format!("w{number}");
        let line = worker("departed", &subject, "2022-01-25T09:00:00+08:00");
        let file = desk.file(&format!("{number}.ndjson"), line);
        desk.replay(&[&file]).with(0);
    }
    let rates = desk.rates(&["--format", "json"]);
    let lake = desk.at("lake");
    let upkeep = || desk.run(&["upkeep", "--lake", &lake, "--pipeline", "return-to-work"]).with(0);
    let said = upkeep().stdout;
    assert!(said.starts_with("return-to-work/ledger: 1 files; put 9 together into 1\n"), "{said}");
    assert!(upkeep().stdout.starts_with("return-to-work/ledger: 1 files\n"));
    assert_eq!(desk.rates(&["--format", "json"]), rates);
    assert_eq!(huli(&desk), (0, 9));
}
