//! The pass itself.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Visitor};

use super::DEPTH_MOST;
use super::picks::Picks;
use super::pointers::{At, PointerTree};
use super::road::Member;
use super::string::{Stop, plain_run};
use crate::decode::{Picked, Reason};

/// Up to so many members are compared pairwise, more are sorted.
const COMPARED_PAIRWISE: usize = 24;

/// A whole number of up to so many digits fits 64 bits.
const DIGITS_MOST: usize = 18;

impl PointerTree {
    /// Parses `text` from `at` on and fills the slots it finds.
    pub fn pick<'a>(&self, at: At, text: &'a str, picks: &mut Picks<'a>) -> Result<(), Reason> {
        let mut scan = Scan { tree: self, text, next: 0, depth: 0, picks };
        scan.whitespace();
        let is_object = scan.peek() == Some(b'{');
        scan.value(at)?;
        if !is_object {
            return Err(Reason::NotAnObject);
        }
        scan.whitespace();
        if scan.next < text.len() { Err(Reason::InvalidJson) } else { Ok(()) }
    }
}

struct Scan<'s, 'a> {
    tree: &'s PointerTree,
    text: &'a str,
    /// The byte to be read next.
    next: usize,
    /// How many objects and lists are open.
    depth: usize,
    picks: &'s mut Picks<'a>,
}

impl<'a> Scan<'_, 'a> {
    /// A value and all that lies in it, into its slot if it has one.
    fn value(&mut self, at: At) -> Result<(), Reason> {
        self.whitespace();
        let value = match self.peek() {
            Some(b'"') => Picked::Text(self.string()?),
            Some(b'{') => self.object(at)?,
            Some(b'[') => self.list()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Picked::Boolean(true))?,
            Some(b'f') => self.word("false", Picked::Boolean(false))?,
            Some(b'n') => self.word("null", Picked::Absent)?,
            _ => return Err(Reason::InvalidJson),
        };
        if let Some(slot) = self.tree.slot(at) {
            self.picks.set(slot, value);
        }
        Ok(())
    }

    fn object(&mut self, at: At) -> Result<Picked<'a>, Reason> {
        self.open()?;
        let (first, mut seen) = (self.picks.names.len(), 0);
        let mut is_more = self.is_more_of(b'}')?;
        while is_more {
            let member = self.member(at, first, &mut seen)?;
            self.value(member)?;
            is_more = self.is_another(b'}')?;
        }
        if self.repeats_among_many(first) {
            return Err(Reason::DuplicateKey);
        }
        self.picks.names.truncate(first);
        self.depth -= 1;
        Ok(Picked::Composite)
    }

    fn list(&mut self) -> Result<Picked<'a>, Reason> {
        if self.depth == 0 {
            return Err(Reason::NotAnObject);
        }
        self.open()?;
        let mut is_more = self.is_more_of(b']')?;
        while is_more {
            self.value(At::NOWHERE)?;
            is_more = self.is_another(b']')?;
        }
        self.depth -= 1;
        Ok(Picked::Composite)
    }

    fn open(&mut self) -> Result<(), Reason> {
        if self.depth >= DEPTH_MOST {
            return Err(Reason::TooDeep);
        }
        (self.depth, self.next) = (self.depth + 1, self.next + 1);
        Ok(())
    }

    /// Whether what has just been opened is not empty.
    fn is_more_of(&mut self, closing: u8) -> Result<bool, Reason> {
        self.whitespace();
        let is_closed = self.peek().ok_or(Reason::InvalidJson)? == closing;
        self.next += usize::from(is_closed);
        Ok(!is_closed)
    }

    /// Whether a comma follows a member or an element, and not the end.
    fn is_another(&mut self, closing: u8) -> Result<bool, Reason> {
        self.whitespace();
        let byte = self.peek().ok_or(Reason::InvalidJson)?;
        self.next += 1;
        match byte {
            b',' => {
                self.whitespace();
                Ok(true)
            }
            _ if byte == closing => Ok(false),
            _ => Err(Reason::InvalidJson),
        }
    }

    /// A member's name and the colon behind it. Returns where its value is.
    fn member(&mut self, parent: At, first: usize, seen: &mut u64) -> Result<At, Reason> {
        let begin = self.next;
        if let Some((member, length)) = self.picks.road.recognise(parent, self.rest()) {
            self.next += length;
            let name = self.text.get(begin + 1..self.next - 2).unwrap_or_default();
            self.note(member, name.into(), first, seen)?;
            return Ok(member.at);
        }
        if self.peek() != Some(b'"') {
            return Err(Reason::InvalidJson);
        }
        let name = self.string()?;
        let known = self.tree.member(parent, &name);
        let member = Member {
            index: known.map(|(index, _)| index),
            at: known.map_or(At::NOWHERE, |(_, at)| at),
        };
        let is_plain = matches!(name, Cow::Borrowed(_));
        self.note(member, name, first, seen)?;
        if is_plain && self.peek() == Some(b':') {
            let name = &self.text.as_bytes()[begin..=self.next];
            self.picks.road.learn(parent, name, member);
        }
        self.whitespace();
        match self.peek() {
            Some(b':') => self.next += 1,
            _ => return Err(Reason::InvalidJson),
        }
        Ok(member.at)
    }

    /// Notes a member of the object whose unwanted names begin at `first`. A wanted one is a bit of those `seen`, only the
    /// others are compared by name; in an object of many members [`Scan::repeats_among_many`] tells.
    fn note(
        &mut self,
        member: Member,
        name: Cow<'a, str>,
        first: usize,
        seen: &mut u64,
    ) -> Result<(), Reason> {
        let is_repeated = match member.index.filter(|index| *index < 64) {
            Some(index) => {
                let before = *seen;
                *seen |= 1 << index;
                before == *seen
            }
            None => {
                let present = &self.picks.names[first..];
                let is_repeated = present.len() < COMPARED_PAIRWISE && present.contains(&name);
                self.picks.names.push(name);
                is_repeated
            }
        };
        if is_repeated { Err(Reason::DuplicateKey) } else { Ok(()) }
    }

    fn repeats_among_many(&mut self, first: usize) -> bool {
        let names = &mut self.picks.names[first..];
        if names.len() <= COMPARED_PAIRWISE {
            return false;
        }
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// What stands between two quotes, borrowed unless it has escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, Reason> {
        let begin = self.next;
        self.next += 1;
        loop {
            let (length, stop) = plain_run(self.rest()).ok_or(Reason::InvalidJson)?;
            self.next += length + 1;
            match stop {
                Stop::Quote if self.next == begin + length + 2 => {
                    let text = self.text.get(begin + 1..self.next - 1);
                    return Ok(text.unwrap_or_default().into());
                }
                Stop::Quote => break,
                Stop::Escape => self.next += 1, // whatever is escaped, it does not end the string
            }
        }
        let quoted = self.text.get(begin..self.next).ok_or(Reason::InvalidJson)?;
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| Reason::InvalidJson)
    }

    fn number(&mut self) -> Result<Picked<'a>, Reason> {
        let rest = self.rest();
        let sign = usize::from(rest[0] == b'-');
        let digits = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = sign + digits;
        let is_whole = !matches!(rest.get(end), Some(b'.' | b'e' | b'E' | b'+' | b'-'));
        let is_canonical = rest.get(sign) != Some(&b'0') || (digits == 1 && sign == 0);
        if is_whole && is_canonical && (1..=DIGITS_MOST).contains(&digits) {
            let digit = |byte: &u8| i64::from(byte - b'0');
            let number = rest[sign..end].iter().fold(0, |number, byte| number * 10 + digit(byte));
            self.next += end;
            return Ok(Picked::Integer(if sign == 1 { -number } else { number }));
        }
        let is_part = |byte: &&u8| matches!(**byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(is_part).count();
        let number = self.text.get(self.next..self.next + length).ok_or(Reason::InvalidJson)?;
        self.next += length;
        unusual_number(number).ok_or(Reason::InvalidJson)
    }

    fn word(&mut self, word: &str, value: Picked<'a>) -> Result<Picked<'a>, Reason> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(Reason::InvalidJson);
        }
        self.next += word.len();
        Ok(value)
    }

    #[inline]
    fn whitespace(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.next += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.next).copied()
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.next..).unwrap_or_default()
    }
}

/// Fractions, exponents, and whole numbers that are long: what serde_json makes of them.
fn unusual_number(text: &str) -> Option<Picked<'static>> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let number = parser.deserialize_any(NumberVisitor).ok()?;
    parser.end().ok()?;
    Some(number)
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Picked<'static>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Picked::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Picked::Number(value as f64), Picked::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Picked::Number(value))
    }
}
