//! LAW at the level of shards: the same facts give the same board, whatever their order, batches and shards, and
//! whatever was asked of the shards on the way; and that board is the one that folding entity by entity gives.

mod feeds;
mod homes;
mod kill_points;
mod law;
mod naive;
mod returns;
mod scenarios;
mod simulation;
pub(super) mod world;
