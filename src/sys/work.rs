//! Work on every core. Results come in the order of the items, so that nothing depends on who was faster.

use std::thread;

/// Most threads that work at once: more only cost memory.
const MAX_THREADS: usize = 4;
/// Fewest items worth a thread of their own.
const WORTH: usize = 32;

/// Does the same with every item, on every core.
pub fn on_every_core<T: Send, R: Send>(mut items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let share = items.len().div_ceil(cores).max(WORTH);
    thread::scope(|scope| {
        let work = &work;
        let later = std::iter::from_fn(|| (items.len() > share).then(|| items.split_off((items.len() - 1) / share * share)));
        let mut later: Vec<_> = later.map(|some| scope.spawn(move || some.into_iter().map(work).collect::<Vec<R>>())).collect();
        later.reverse();
        let mut done: Vec<R> = items.into_iter().map(work).collect();
        later.into_iter().for_each(|thread| done.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        done
    })
}
