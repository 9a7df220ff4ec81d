//! The name that was probably meant, by edit distance. Does not know what the names are of.

/// The known name closest to the written one, upper and lower case alike, if it is close enough to be what was meant.
pub(super) fn nearest<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
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
