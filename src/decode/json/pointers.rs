//! The wanted pointers as a tree of member names.

/// The pointers that any pipeline wants, and the slot that each is picked into.
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

impl At {
    /// Inside a value that nobody wants.
    pub const NOWHERE: At = At(None);
}

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
        self.member(at, name).map_or(At::NOWHERE, |(_, child)| child)
    }

    /// The member of this name, and which of its siblings it is.
    pub(super) fn member(&self, at: At, name: &str) -> Option<(usize, At)> {
        let children = at.0.map_or(&[][..], |node| &self.nodes[node].children);
        let index = children.iter().position(|(known, _)| **known == *name)?;
        Some((index, At(Some(children[index].1))))
    }

    /// The slot that the value here is picked into.
    pub fn slot(&self, at: At) -> Option<usize> {
        at.0.and_then(|node| self.nodes[node].slot)
    }

    /// The names and slots right below the root: the envelope's attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.nodes[0]
            .children
            .iter()
            .filter_map(|(name, child)| Some((&**name, self.nodes[*child].slot?)))
    }
}
