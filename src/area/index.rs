//! From a code to its area in two array reads, for every event asks.
//!
//! The first four digits choose a block, the last two a cell in it. Some 400 of the 10 000 possible
//! blocks are in use, so the index takes some 350 KB, and what a pipeline sees of it stays in the cache.

use super::code::Code;
use super::id::AreaId;

const PREFIXES: usize = 10_000;

type Block = [Option<AreaId>; 100];

/// A map from code to area.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// By the first four digits: which of `blocks`. Zero is the block that stays empty.
    block_of: Vec<u16>,
    blocks: Vec<Block>,
}

impl Index {
    pub(super) fn new() -> Index {
        Index { block_of: vec![0; PREFIXES], blocks: vec![[None; 100]] }
    }

    /// The area that was set for a code.
    pub(super) fn get(&self, code: Code) -> Option<AreaId> {
        let (prefix, rest) = code.split();
        let block = usize::from(*self.block_of.get(prefix)?);
        *self.blocks.get(block)?.get(rest)?
    }

    /// Sets the area of a code, in place of one set before.
    pub(super) fn set(&mut self, code: Code, area: AreaId) {
        let (prefix, rest) = code.split();
        if self.block_of[prefix] == 0 {
            // At most one block a prefix, and their number fits.
            self.block_of[prefix] = self.blocks.len() as u16;
            self.blocks.push([None; 100]);
        }
        self.blocks[usize::from(self.block_of[prefix])][rest] = Some(area);
    }
}
