//! A pipeline file's tree into a [`Pipeline`], section by section, noting every problem on the way.

mod alerts;
mod areas;
mod dashboards;
mod dimensions;
mod examples;
mod feeds;
mod formulas;
mod kinds;
mod measures;
mod predicates;
mod rates;
mod sections;

use super::{KINDS_MOST, MEASURES_MOST, Pipeline, SLICES_MOST, Seasons};
use crate::area::AreaTree;
use crate::yaml::{Node, Problems};

pub(super) fn pipeline(node: &Node, text: &str, problems: &mut Problems) -> Option<Pipeline> {
    let mut fields = node.fields(problems)?;
    let place = fields.place().clone();
    let name = fields.required("pipeline", problems).and_then(|n| sections::name(n, problems));
    let title = fields.required("title", problems).and_then(|n| sections::bilingual(n, problems));
    let entity = fields.required("entity", problems).and_then(|n| sections::name(n, problems));
    let season = fields.optional("season");
    let seasons = season.map_or(Some(Seasons::Together), |n| sections::seasons(n, problems));
    let topic = fields.required("source", problems).and_then(|n| sections::topic(n, problems));
    let decode = fields.required("decode", problems).and_then(|n| sections::decode(n, problems));
    let additions = fields.optional("areas");
    let additions = additions.map(|n| areas::read(n, problems)).unwrap_or_default();
    let areas = AreaTree::gbt2260().with(&additions);
    let ignore = fields.optional("ignore");
    let ignored = ignore.map(|n| n.texts(problems)).unwrap_or_default();
    let feeds = fields.optional("feeds").map(|n| feeds::read(n, problems));
    let Some(kinds_node) = fields.required("kinds", problems) else {
        // Without columns there is nothing to say of the rest but which sections there are.
        for section in
            ["measures", "dimensions", "rates", "alerts", "funnel", "service_levels", "tests"]
        {
            fields.optional(section);
        }
        fields.done(problems);
        return None;
    };
    let kinds = kinds::read(kinds_node, problems);
    let heartbeats = feeds.iter().flatten().flat_map(|feeds| &feeds.heartbeats);
    kinds::refuse_type_named_twice(&kinds, ignored.iter().chain(heartbeats), node, problems);
    let columns = kinds::columns(&kinds);
    kinds::refuse_column_named_twice(&columns, kinds_node, problems);
    let measures = fields.required("measures", problems);
    let measures = measures.map(|n| measures::read(n, &columns, problems)).unwrap_or_default();
    let dimensions = fields.optional("dimensions");
    let dimensions =
        dimensions.map(|n| dimensions::read(n, &columns, problems)).unwrap_or_default();
    let rates = fields.required("rates", problems);
    let rates =
        rates.map(|n| rates::read(n, areas, &measures, &dimensions, problems)).unwrap_or_default();
    let alerts = fields.optional("alerts");
    let alerts = alerts.map(|n| alerts::read(n, &rates, problems)).unwrap_or_default();
    let funnel = fields.optional("funnel");
    let funnel = funnel.map(|n| dashboards::funnel(n, &measures, &rates, problems));
    let service_levels = fields.optional("service_levels");
    let service_levels =
        service_levels.map(|n| dashboards::service_levels(n, &rates, problems)).unwrap_or_default();
    let tests = fields.optional("tests");
    let examples =
        tests.map(|n| examples::read(n, &rates, &dimensions, problems)).unwrap_or_default();
    fields.done(problems);

    let slices: usize = dimensions.iter().map(|dimension| dimension.values.len()).sum();
    let limits = [
        ("kinds", kinds.len(), KINDS_MOST),
        ("measures", measures.len(), MEASURES_MOST),
        ("dimension values", slices, SLICES_MOST),
    ];
    for (what, count, most) in limits {
        if count > most {
            problems.note(&place, format!("{count} {what}; at most {most} fit in a pipeline"));
        }
    }
    Some(Pipeline {
        name: name?,
        title: title?,
        entity: entity?,
        seasons: seasons?,
        topic: topic?,
        decode: decode?,
        additions,
        areas,
        kinds,
        ignored,
        feeds: feeds.flatten(),
        columns,
        measures,
        dimensions,
        rates,
        alerts,
        funnel: funnel.unwrap_or_default(),
        service_levels,
        examples,
        source_text: text.to_owned(),
    })
}
