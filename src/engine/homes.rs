//! Numbers for homes: within an engine a home is a small number, in the lake it has its name.

use std::sync::{Arc, Mutex, PoisonError};

use crate::lake::Home;
use crate::roster::HomeId;

/// Every home that the engine has met, by its number. Shared by whoever tells shards of homes.
#[derive(Clone, Default)]
pub struct Homes(Arc<Mutex<Vec<Home>>>);

impl Homes {
    /// The number of a home.
    pub fn id(&self, home: &Home) -> HomeId {
        let mut homes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = homes.iter().position(|known| known == home).unwrap_or_else(|| {
            homes.push(home.clone());
            homes.len() - 1
        });
        HomeId(index as u16)
    }

    /// The home of a number that [`Homes::id`] gave.
    pub fn home(&self, id: HomeId) -> Home {
        let homes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        homes.get(usize::from(id.0)).cloned().unwrap_or(Home::Elsewhere)
    }
}
