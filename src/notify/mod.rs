//! From Alertmanager to the group robots that people have: WeCom, DingTalk, Feishu.
//!
//! Alertmanager cannot sign as they ask, does not know their limits, and takes their "200, but no" for a yes. Each robot has a courier
//! that keeps to its pace: what comes faster is put together into one message. A call is answered when its alerts have been
//! delivered, so that Alertmanager calls again where they were not; a message may therefore come twice, and none is lost. Knows no
//! rate and no pipeline: what is said is in the annotations that `generate` wrote.

mod call;
mod courier;
mod digest;
mod http;
mod pace;
mod robot;
mod settings;

#[cfg(test)]
mod tests;

pub use self::http::{Notifying, serve};
pub use self::settings::{NotifySettings, read};
