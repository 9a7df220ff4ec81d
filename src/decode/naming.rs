//! What kind of thing a pseudonym is of: the entity of the pipeline, and where seasons are told apart, of which season.
//!
//! So the same worker is another entity each spring, behind whom nothing has to know of it.

use crate::season::Season;
use crate::spec::{Pipeline, Seasons};
use crate::time::{EARLIEST, EventTime};

/// Names the kind of thing at a moment. Remembers the season asked for last, which is nearly always the next one too.
pub struct Naming {
    entity: String,
    seasons: Seasons,
    last: (Season, String),
}

impl Naming {
    /// Of a pipeline's entities.
    pub fn of(pipeline: &Pipeline) -> Self {
        let (entity, season) = (pipeline.entity.clone(), Season::of(EARLIEST));
        let last = (season, in_season(&entity, season));
        Self { entity, seasons: pipeline.seasons, last }
    }

    /// What an entity with an event at this moment is.
    pub fn entity_at(&mut self, time: EventTime) -> &str {
        if self.seasons == Seasons::Together {
            return &self.entity;
        }
        if !self.last.0.contains(time) {
            let season = Season::of(time);
            self.last = (season, in_season(&self.entity, season));
        }
        &self.last.1
    }
}

/// No entity's own name has an `@`.
fn in_season(entity: &str, season: Season) -> String {
    format!("{entity}@{}", season.year)
}
