//! A set of operations by their places in the graph: one bit each.

/// Places in the graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Set(Vec<u64>);

const BITS: usize = 64;

impl Set {
    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place / BITS).is_some_and(|word| word >> (place % BITS) & 1 == 1)
    }

    pub(super) fn put(&mut self, place: usize) {
        if self.0.len() <= place / BITS {
            self.0.resize(place / BITS + 1, 0);
        }
        self.0[place / BITS] |= 1 << (place % BITS);
    }

    /// Puts in everything of the other.
    pub(super) fn join(&mut self, other: &Set) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    /// Tells whether something is in both.
    pub(super) fn meets(&self, other: &Set) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Returns what is in both.
    pub(super) fn and(&self, other: &Set) -> Set {
        Set(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Returns what is here and not in the other.
    pub(super) fn without(&self, other: &Set) -> Set {
        let word = |at: usize| other.0.get(at).copied().unwrap_or_default();
        Set(self.0.iter().enumerate().map(|(at, mine)| mine & !word(at)).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Returns the places in rising order: ancestors before what follows them.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| bits(*word).map(move |bit| at * BITS + bit))
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Set) -> bool {
        self.without(other).is_empty() && other.without(self).is_empty()
    }
}

fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}
