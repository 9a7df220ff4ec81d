//! What commands share that ask a lake something, pipeline by pipeline, and end.

use clap::Args;
use tokio::runtime::Runtime;

use super::LakeFlags;
use crate::area::{AreaId, AreaTree};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, PipelineLake};
use crate::settings::{Raw, Settings};

/// Which lake to ask, and of which pipelines.
#[derive(Args)]
pub struct VisitFlags {
    #[command(flatten)]
    place: LakeFlags,
    /// Only this pipeline.
    #[arg(long, value_name = "P")]
    pipeline: Option<String>,
}

impl VisitFlags {
    pub fn visit(&self, raw: Raw) -> Result<Visit> {
        let settings = self.place.load(raw)?;
        let (lake, runtime) = (settings.lake()?, super::runtime()?);
        let names = match &self.pipeline {
            Some(name) => vec![name.clone()],
            None => runtime.block_on(lake.pipelines())?,
        };
        Ok(Visit { settings, lake, runtime, names })
    }
}

/// The area of a code, or what to write instead.
pub fn area(areas: &AreaTree, code: &str) -> Result<AreaId> {
    areas.resolve(code).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("`{code}` is no area"))
            .advise("write a code of GB/T 2260, such as 350206")
    })
}

/// No pipeline that was asked has such a rate.
pub fn no_rate(name: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("no pipeline of the lake has a rate `{name}`"))
        .advise("`chunfeng rates` shows which there are")
}

/// A lake that is being asked.
pub struct Visit {
    pub settings: Settings,
    pub lake: Lake,
    runtime: Runtime,
    names: Vec<String>,
}

impl Visit {
    /// What each pipeline answers, by its name.
    pub fn ask_each<T>(
        &self,
        ask: impl AsyncFn(PipelineLake) -> Result<T>,
    ) -> impl Iterator<Item = Result<(&str, T)>> {
        self.names.iter().map(move |name| {
            let answer = self.runtime.block_on(async {
                ask(PipelineLake::open_existing(&self.lake, name).await?).await
            });
            Ok((name.as_str(), answer?))
        })
    }
}
