//! The scenario against what the articles printed and what its options promise, all counted from
//! the JSON alone.

mod fold;
mod figures;
mod deliveries;
mod workload;
mod tools;
