//! The name of a feed as metrics may show it.

/// A CloudEvents source with every run of digits that may be a person's masked: telephone numbers have 11 digits, or 12
/// and a zero in front, identity numbers 15 or 18. Area codes, of up to 9 digits and of 12, stay.
pub fn feed_name(source: &str) -> String {
    let mut name = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, behind) = from.split_at(end);
        name.push_str(before);
        let is_village = digits.len() == 12 && !digits.starts_with('0');
        name.push_str(if digits.len() <= 10 || is_village { digits } else { "*" });
        rest = behind;
    }
    name.push_str(rest);
    name
}
