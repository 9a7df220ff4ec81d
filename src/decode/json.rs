//! One strict pass over a JSON object that keeps only what the pointers name.
//!
//! serde_json does the parsing; this adds what an event stream needs and a document model would cost: values are
//! borrowed from the record, a member named twice is refused at every level, and depth is bounded.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Picked, Reason};

/// No event is nested this deep; it also bounds the stack.
const DEPTH_MOST: usize = 64;

/// Up to so many members are compared pairwise, more are sorted.
const COMPARED_PAIRWISE: usize = 24;

/// The wanted pointers as a tree of member names.
#[derive(Debug, Default)]
pub struct PointerTree {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    children: Vec<(Box<str>, usize)>,
    slot: Option<usize>,
}

/// A node of the tree, or nowhere: inside a value that nobody wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At(Option<usize>);

impl PointerTree {
    /// A tree without pointers.
    pub fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// Adds a JSON pointer and returns the slot its value is picked into. The same pointer has one slot.
    pub fn want(&mut self, pointer: &str) -> usize {
        let mut node = 0;
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            node = match self.child(At(Some(node)), &name).0 {
                Some(child) => child,
                None => {
                    self.nodes.push(Node::default());
                    let child = self.nodes.len() - 1;
                    self.nodes[node].children.push((name.into(), child));
                    child
                }
            };
        }
        let next_slot = self.slots();
        *self.nodes[node].slot.get_or_insert(next_slot)
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.nodes.iter().filter(|node| node.slot.is_some()).count()
    }

    /// The root.
    pub fn root(&self) -> At {
        At(Some(0))
    }

    /// The member of this name.
    pub fn child(&self, at: At, name: &str) -> At {
        let children = self.children(at);
        At(children.iter().find(|(known, _)| **known == *name).map(|(_, child)| *child))
    }

    fn children(&self, at: At) -> &[(Box<str>, usize)] {
        at.0.map_or(&[][..], |node| &self.nodes[node].children)
    }

    /// The names and slots right below the root: the envelope's attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.nodes[0]
            .children
            .iter()
            .filter_map(|(name, child)| Some((&**name, self.nodes[*child].slot?)))
    }

    /// Parses `text` from `at` on and fills the slots it finds.
    pub fn pick<'a>(&self, at: At, text: &'a str, picks: &mut Picks<'a>) -> Result<(), Reason> {
        let reason = Cell::new(None);
        let mut parser = serde_json::Deserializer::from_str(text);
        parser.disable_recursion_limit(); // ours is tighter, and says why
        let walk = Walk { tree: self, at, depth: 0, picks, reason: &reason };
        walk.deserialize(&mut parser)
            .and_then(|()| parser.end())
            .map_err(|_| reason.get().unwrap_or(Reason::InvalidJson))
    }
}

/// The slots of one record, and scratch space that is kept from record to record.
#[derive(Default, Debug)]
pub struct Picks<'a> {
    slots: Vec<Picked<'a>>,
    /// The names of unwanted members of the objects being read, innermost last.
    names: Vec<Cow<'a, str>>,
}

impl<'a> Picks<'a> {
    /// Empty slots for a tree.
    pub fn of(tree: &PointerTree) -> Self {
        Self { slots: vec![Picked::Absent; tree.slots()], names: Vec::new() }
    }

    /// Empties every slot.
    pub fn clear(&mut self) {
        self.slots.fill(Picked::Absent);
        self.names.clear();
    }

    /// What was picked into a slot.
    pub fn get(&self, slot: usize) -> &Picked<'a> {
        self.slots.get(slot).unwrap_or(&Picked::Absent)
    }

    /// Puts a value into a slot.
    pub fn set(&mut self, slot: usize, value: Picked<'a>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    /// Takes every value that is there, without borrowing from its record.
    pub fn into_owned(self) -> impl Iterator<Item = (usize, Picked<'static>)> {
        let filled = |(_, value): &(usize, Picked)| *value != Picked::Absent;
        self.slots
            .into_iter()
            .enumerate()
            .filter(filled)
            .map(|(slot, value)| (slot, value.into_owned()))
    }
}

struct Walk<'w, 'a> {
    tree: &'w PointerTree,
    at: At,
    depth: usize,
    picks: &'w mut Picks<'a>,
    reason: &'w Cell<Option<Reason>>,
}

impl<'a> Walk<'_, 'a> {
    fn refuse<E: serde::de::Error>(&self, reason: Reason) -> E {
        self.reason.set(Some(reason));
        E::custom(reason.code())
    }

    fn fill(&mut self, value: Picked<'a>) {
        if let Some(slot) = self.at.0.and_then(|node| self.tree.nodes[node].slot) {
            self.picks.set(slot, value);
        }
    }

    fn inside(&mut self, at: At) -> Walk<'_, 'a> {
        Walk { tree: self.tree, at, depth: self.depth + 1, picks: self.picks, reason: self.reason }
    }

    /// Notes a member of the object whose names begin at `first`. Returns whether it was there already; in an object of
    /// many members [`Walk::repeated_among_many`] tells.
    fn repeats(&mut self, first: usize, name: Cow<'a, str>) -> bool {
        let present = &self.picks.names[first..];
        let repeated = present.len() < COMPARED_PAIRWISE && present.contains(&name);
        self.picks.names.push(name);
        repeated
    }

    fn repeated_among_many(&mut self, first: usize) -> bool {
        let names = &mut self.picks.names[first..];
        if names.len() <= COMPARED_PAIRWISE {
            return false;
        }
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.depth >= DEPTH_MOST {
            return Err(self.refuse(Reason::TooDeep));
        }
        self.fill(Picked::Composite);
        Ok(())
    }
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for Walk<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Walk<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        self.enter()?;
        let (first, mut seen) = (self.picks.names.len(), 0_u64);
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            let children = self.tree.children(self.at);
            let wanted = children.iter().position(|(known, _)| **known == *name);
            // A wanted member is a bit, only the others are compared by name.
            let repeated = match wanted.filter(|index| *index < 64) {
                Some(index) => {
                    let before = seen;
                    seen |= 1 << index;
                    before == seen
                }
                None => self.repeats(first, name),
            };
            if repeated {
                return Err(self.refuse(Reason::DuplicateKey));
            }
            let child = At(wanted.map(|index| children[index].1));
            map.next_value_seed(self.inside(child))?;
        }
        if self.repeated_among_many(first) {
            return Err(self.refuse(Reason::DuplicateKey));
        }
        self.picks.names.truncate(first);
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut seq: S) -> Result<(), S::Error> {
        if self.depth == 0 {
            return Err(self.refuse(Reason::NotAnObject));
        }
        self.enter()?;
        while seq.next_element_seed(self.inside(At(None)))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.scalar(Picked::Absent)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Picked::Boolean(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.scalar(Picked::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        let picked = i64::try_from(value).map_or(Picked::Number(value as f64), Picked::Integer);
        self.scalar(picked)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.scalar(Picked::Number(value))
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<(), E> {
        self.scalar(Picked::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        // Only a wanted text with escapes is copied.
        let wanted = self.at.0.is_some();
        let text = if wanted { Cow::Owned(value.to_owned()) } else { Cow::Borrowed("") };
        self.scalar(Picked::Text(text))
    }
}

impl<'a> Walk<'_, 'a> {
    fn scalar<E: serde::de::Error>(mut self, value: Picked<'a>) -> Result<(), E> {
        if self.depth == 0 {
            return Err(self.refuse(Reason::NotAnObject));
        }
        self.fill(value);
        Ok(())
    }
}

/// A member's name, borrowed unless it has escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Name)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
