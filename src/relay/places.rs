//! How many connections there may be at a time, in all and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::Limits;

/// The places of one listener.
pub struct Places {
    all: Arc<Semaphore>,
    most: Option<usize>,
    taken: Arc<Taken>,
}

#[derive(Default)]
struct Taken(Mutex<HashMap<IpAddr, usize>>);

/// A place of an address, given back when dropped.
pub struct Place {
    taken: Arc<Taken>,
    address: IpAddr,
}

impl Places {
    pub fn new(limits: Limits) -> Places {
        Places { all: Arc::new(Semaphore::new(limits.connections)), most: limits.per_address, taken: Arc::default() }
    }

    /// Waits until there is one.
    pub async fn any(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.all).acquire_owned().await.expect("never closed")
    }

    /// Takes one for an address; nothing when it has as many as it may.
    pub fn of(&self, address: IpAddr) -> Option<Place> {
        let address = super::reception::network(address);
        let mut taken = self.taken.lock();
        let count = taken.entry(address).or_default();
        let free = self.most.is_none_or(|most| *count < most);
        *count += usize::from(free);
        free.then(|| Place { taken: Arc::clone(&self.taken), address })
    }
}

impl Taken {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        let left = taken.remove(&self.address).unwrap_or(1) - 1;
        if left > 0 {
            taken.insert(self.address, left);
        }
    }
}
