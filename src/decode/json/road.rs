//! The members of the last event, in the order in which it had them.
//!
//! A guess and no more: whoever takes a member for the one that stood here last time has compared its name, and whether a
//! member stands twice in an object is asked of the object itself.

use smallvec::SmallVec;

use super::pointers::At;

/// An event with more members than this is recognised up to here.
const MILESTONES_MOST: usize = 256;

/// A name up to this long lies in its milestone.
const INLINE_BYTES: usize = 24;

/// The way through an event.
#[derive(Default, Debug)]
pub struct Road {
    milestones: Vec<Milestone>,
    next: usize,
}

/// A member that was met.
#[derive(Debug)]
struct Milestone {
    parent: At,
    /// The name in its quotes, and the colon.
    name: SmallVec<[u8; INLINE_BYTES]>,
    member: Member,
}

/// What a name means below its parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    /// Which of the wanted siblings it is; `None` where nobody wants it.
    pub index: Option<usize>,
    /// Where its value is.
    pub at: At,
}

impl Road {
    /// Back to where events begin.
    pub fn begin(&mut self) {
        self.next = 0;
    }

    /// The member that the text begins with, and how many bytes its name and the colon are, if it is the one that stood
    /// here last time, or the one behind that.
    pub fn recognise(&mut self, parent: At, text: &[u8]) -> Option<(Member, usize)> {
        let ahead = self.milestones.get(self.next..)?.iter().take(2);
        let is_met =
            |milestone: &Milestone| milestone.parent == parent && text.starts_with(&milestone.name);
        let (skipped, milestone) = ahead.enumerate().find(|(_, milestone)| is_met(milestone))?;
        self.next += skipped + 1;
        Some((milestone.member, milestone.name.len()))
    }

    /// Another member stands here: it is what is guessed next time.
    pub fn learn(&mut self, parent: At, name: &[u8], member: Member) {
        let milestone = Milestone { parent, name: SmallVec::from_slice(name), member };
        match self.milestones.get_mut(self.next) {
            Some(known) => *known = milestone,
            None if self.next < MILESTONES_MOST => self.milestones.push(milestone),
            None => return,
        }
        self.next += 1;
    }
}
