//! A mapping read key by key: what is asked for is known, and what is left over is a mistake.

use super::{Key, Node, Place, Problems};

/// A mapping being read.
pub struct Fields<'n> {
    place: Place,
    entries: &'n [(Key, Node)],
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn new(place: Place, entries: &'n [(Key, Node)]) -> Self {
        Self { place, entries, known: Vec::new() }
    }

    /// Where the mapping begins.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The value of a key that may be absent.
    pub fn optional(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        self.entries.iter().find(|(candidate, _)| candidate.text == key).map(|(_, node)| node)
    }

    /// The value of a key that must be there.
    pub fn required(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'n Node> {
        let found = self.optional(key);
        if found.is_none() {
            problems.note(&self.place, format!("`{key}` is missing"));
        }
        found
    }

    /// Notes every key that nobody asked for. Call it last.
    pub fn done(self, problems: &mut Problems) {
        for (key, _) in self.entries {
            if !self.known.contains(&key.text.as_str()) {
                let message = format!("unknown key `{}`", key.text);
                let instead = match nearest(&key.text, self.known.iter().copied()) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("known here: {}", self.known.join(", ")),
                };
                problems.suggest(&key.place, message, instead);
            }
        }
    }
}

/// The known name closest to the written one, upper and lower case alike, if it is close enough to be what was meant.
pub fn nearest<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = (written.chars().count() / 3).max(1);
    let written = written.to_lowercase();
    known
        .map(|name| (edit_distance(&written, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance. `row` holds, for each beginning of `right`, its distance from the part of `left` read so far.
fn edit_distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (1..=right.chars().count()).collect();
    let mut distance = row.len();
    for (i, l) in left.chars().enumerate() {
        let mut diagonal = i;
        distance = i + 1;
        for (r, above) in right.chars().zip(row.iter_mut()) {
            let substituted = diagonal + usize::from(l != r);
            diagonal = *above;
            distance = substituted.min(*above + 1).min(distance + 1);
            *above = distance;
        }
    }
    distance
}
