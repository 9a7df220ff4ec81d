//! The only window arithmetic: where a pane ends, and where a window begins.
//!
//! A pane is open on the left and closed on the right, so that the level at a pane's end is the sum of all panes up to
//! it. Panes are one second wide until a board has passed them, then one minute for two days, one hour for sixty, and
//! one day. The far end of a window is rounded down to the panes of its age, which is what makes a change over 24 h an
//! exact figure and not an estimate: it is the level now less the level at a whole minute 24 h ago.

use crate::season::{Against, Alignment, counterpart};
use crate::spec::Window;
use crate::time::EventTime;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Days begin at midnight in Shanghai, eight hours ahead of UTC all year since 1992.
const DAY_OFFSET: i64 = 8 * HOUR;

/// Windows up to this long are rounded to minutes.
const MINUTES_UP_TO: i64 = 2 * DAY;
/// Windows up to this long are rounded to hours, longer ones to days.
const HOURS_UP_TO: i64 = 60 * DAY;

/// No day of a season is longer ago than this on the day of the next one.
const SPRING_AGO_MOST: i64 = 420 * DAY;

/// The widths of panes, widest first, and the age at which a whole pane of that width may form. A window of two days
/// may ask for a boundary that is up to a minute older, one of sixty days for one up to an hour older.
const WIDTHS: [(i64, i64); 3] =
    [(DAY, HOURS_UP_TO + HOUR), (HOUR, MINUTES_UP_TO + MINUTE), (MINUTE, 0)];

/// Where the pane of `time` ends, as seen from a board at `frontier`.
pub fn pane_end(time: EventTime, frontier: EventTime) -> EventTime {
    WIDTHS
        .into_iter()
        .map(|(width, age)| (round_up(time, width), age))
        .find(|(end, age)| frontier.seconds() - end.seconds() >= *age)
        .map_or(time, |(end, _)| end)
}

/// The frontier from which on the pane that ends here is part of a wider one that ends later; `None` if never.
pub(super) fn widens_at(end: EventTime, frontier: EventTime) -> Option<EventTime> {
    let wider = WIDTHS.into_iter().map(|(width, age)| (round_up(end, width), age));
    let later = wider.filter(|(wide_end, _)| *wide_end != end);
    later.map(|(wide_end, age)| wide_end.plus(age)).filter(|at| *at > frontier).min()
}

/// Where a window of this length begins for a board at `as_of`: the level there is compared with the level now.
pub fn window_start(as_of: EventTime, window_seconds: i64) -> EventTime {
    let width = match window_seconds {
        _ if window_seconds > HOURS_UP_TO => DAY,
        _ if window_seconds > MINUTES_UP_TO => HOUR,
        _ => MINUTE,
    };
    round_down(as_of.plus(-window_seconds), width)
}

/// The midnight before a moment, or the moment itself: what is a year old is told of midnights alone, so that this is the
/// newest moment of which two springs are told alike.
pub fn last_midnight(moment: EventTime) -> EventTime {
    round_down(moment, DAY)
}

/// The last midnight, and the same one of the spring before, where it is known.
pub fn same_midnights(as_of: EventTime, alignment: Alignment) -> Option<[EventTime; 2]> {
    let midnight = last_midnight(as_of);
    let then = counterpart(midnight, alignment, Against::Last).ok()?;
    Some([midnight, then])
}

/// Up to where movements need no panes of their own, because neither a window nor the last midnight lies behind it.
pub(super) fn horizon(windows: &[Window], frontier: EventTime) -> EventTime {
    let starts = windows.iter().map(|window| window_start(frontier, window.seconds));
    starts.fold(last_midnight(frontier), EventTime::min)
}

/// The same where the spring before is looked at, whose day may be later of today than it was of yesterday: festivals are
/// up to 385 days apart, working days of the same number some more.
pub(super) fn spring_horizon(frontier: EventTime) -> EventTime {
    last_midnight(frontier.plus(-SPRING_AGO_MOST))
}

fn round_down(time: EventTime, width: i64) -> EventTime {
    let offset = if width == DAY { DAY_OFFSET } else { 0 };
    let seconds = time.seconds() + offset;
    EventTime::from_seconds(seconds - seconds.rem_euclid(width) - offset)
}

fn round_up(time: EventTime, width: i64) -> EventTime {
    round_down(time.plus(width - 1), width)
}
