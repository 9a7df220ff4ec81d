//! The same walk by way of serde_json, as one would write it first: slow, short, and what the scanner is held against.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::decode::json::{At, DEPTH_MOST, PointerTree};
use crate::decode::{Picked, Reason};

/// What is picked out of a text, by slot.
pub fn pick(tree: &PointerTree, text: &str) -> Result<Vec<Picked<'static>>, Reason> {
    let (mut slots, reason) = (vec![Picked::Absent; tree.slots()], Cell::new(None));
    let mut parser = serde_json::Deserializer::from_str(text);
    parser.disable_recursion_limit();
    let walk = Walk { tree, at: tree.root(), depth: 0, slots: &mut slots, reason: &reason };
    walk.deserialize(&mut parser)
        .and_then(|()| parser.end())
        .map_err(|_| reason.get().unwrap_or(Reason::InvalidJson))?;
    Ok(slots)
}

struct Walk<'w> {
    tree: &'w PointerTree,
    at: At,
    depth: usize,
    slots: &'w mut Vec<Picked<'static>>,
    reason: &'w Cell<Option<Reason>>,
}

impl Walk<'_> {
    fn refuse<T, E: Error>(&self, reason: Reason) -> Result<T, E> {
        self.reason.set(Some(reason));
        Err(E::custom(reason.code()))
    }

    fn inside(&mut self, at: At) -> Walk<'_> {
        Walk { tree: self.tree, at, depth: self.depth + 1, slots: self.slots, reason: self.reason }
    }

    fn fill(&mut self, value: Picked<'static>) {
        if let Some(slot) = self.tree.slot(self.at) {
            self.slots[slot] = value;
        }
    }

    fn enter<E: Error>(&mut self) -> Result<(), E> {
        if self.depth >= DEPTH_MOST {
            return self.refuse(Reason::TooDeep);
        }
        self.fill(Picked::Composite);
        Ok(())
    }

    fn scalar<E: Error>(mut self, value: Picked<'static>) -> Result<(), E> {
        if self.depth == 0 {
            return self.refuse(Reason::NotAnObject);
        }
        self.fill(value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        self.enter()?;
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let child = self.tree.child(self.at, &name);
            if !names.insert(name) {
                return self.refuse(Reason::DuplicateKey);
            }
            map.next_value_seed(self.inside(child))?;
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut seq: S) -> Result<(), S::Error> {
        if self.depth == 0 {
            return self.refuse(Reason::NotAnObject);
        }
        self.enter()?;
        while seq.next_element_seed(self.inside(At::NOWHERE))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(Picked::Absent)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Picked::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(Picked::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(i64::try_from(value).map_or(Picked::Number(value as f64), Picked::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(Picked::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(Picked::Text(value.to_owned().into()))
    }
}
