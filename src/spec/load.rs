//! From a folder or a text to validated pipelines, with every problem of every file told at once.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::formula::{Elsewhere, Formula};
use super::{Pipeline, read};
use crate::area::Addition;
use crate::error::{Error, ErrorKind, Result};
use crate::yaml::{self, Problems};

/// Reads one pipeline file's text. `file` is how problems name it.
pub fn load_text(file: &str, text: &str) -> std::result::Result<Pipeline, Problems> {
    let mut problems = Problems::default();
    let pipeline = yaml::parse(file, text, &mut problems)
        .and_then(|node| read::pipeline(&node, text, &mut problems));
    match pipeline {
        Some(pipeline) if problems.is_empty() => Ok(pipeline),
        _ => Err(problems),
    }
}

/// Reads every `*.yaml` of a folder, in the order of their names.
pub fn load_folder(folder: &Path) -> Result<Vec<Pipeline>> {
    let mut problems = Problems::default();
    let mut pipelines = Vec::new();
    for path in pipeline_files(folder)? {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        match load_text(&path.to_string_lossy(), &text) {
            Ok(pipeline) => pipelines.push(pipeline),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    refuse_name_taken_twice(&pipelines)?;
    refuse_area_with_two_meanings(&pipelines)?;
    refuse_rates_across_to_nowhere(&pipelines)?;
    Ok(pipelines)
}

fn pipeline_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        let message = format!("no pipeline file in {}", folder.display());
        return Err(Error::new(ErrorKind::Invalid, message)
            .advise("name the folder that holds the `*.yaml` pipeline files"));
    }
    Ok(paths)
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let message = format!("cannot read {}: {error}", path.display());
    Error::new(ErrorKind::Invalid, message).because(error)
}

fn refuse_name_taken_twice(pipelines: &[Pipeline]) -> Result<()> {
    let mut names: Vec<&str> = pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let message = format!("two pipeline files are named `{}`", pair[0]);
            Err(Error::new(ErrorKind::Invalid, message).advise("give one of them another name"))
        }
    }
}

/// What is shown of several pipelines side by side is of one map.
fn refuse_area_with_two_meanings(pipelines: &[Pipeline]) -> Result<()> {
    let mut known: HashMap<&str, (&Addition, &str)> = HashMap::new();
    for pipeline in pipelines {
        for addition in &pipeline.additions {
            let (first, by) = known.entry(&addition.code).or_insert((addition, &pipeline.name));
            if *first != addition {
                let (code, name) = (&addition.code, &pipeline.name);
                let message = format!("the area `{code}` is another one in {by} than in {name}");
                let advice = "give it the same names and the same place in both";
                return Err(Error::new(ErrorKind::Invalid, message).advise(advice));
            }
        }
    }
    Ok(())
}

/// What lies across pipelines is made of counts that are there, and of whole numbers.
fn refuse_rates_across_to_nowhere(pipelines: &[Pipeline]) -> Result<()> {
    let counts = |elsewhere: &Elsewhere| {
        let pipeline = pipelines.iter().find(|pipeline| pipeline.name == elsewhere.pipeline);
        let rate = pipeline.and_then(|p| p.rates.iter().find(|rate| rate.name == elsewhere.rate));
        rate.is_some_and(|rate| {
            matches!(rate.formula, Formula::Counted { .. }) && rate.numerator_scale == 0
        })
    };
    for pipeline in pipelines {
        for rate in &pipeline.rates {
            let Some(across) = rate.formula.across() else { continue };
            let both = [&across.numerator, &across.denominator];
            let Some(nowhere) = both.into_iter().find(|elsewhere| !counts(elsewhere)) else {
                continue;
            };
            let (name, rate) = (&pipeline.name, &rate.name);
            let message = format!(
                "{name}: `{rate}` goes by {}/{}, and no pipeline here has such a count",
                nowhere.pipeline, nowhere.rate
            );
            let advice =
                "name a rate of a pipeline in the same folder whose numerator has no decimals";
            return Err(Error::new(ErrorKind::Invalid, message).advise(advice));
        }
    }
    Ok(())
}
