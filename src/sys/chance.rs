//! Random bytes as an argument, so that nothing draws them unseen.

/// A source of random bytes.
pub trait Chance {
    /// Fills the slice with random bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&mut self, bytes: &mut [u8]) {
        // A system without randomness can keep no secret: stopping is the only safe answer.
        getrandom::getrandom(bytes).expect("the system gives random bytes");
    }
}

/// Draws an array of random bytes.
pub fn draw<const N: usize>(chance: &mut dyn Chance) -> [u8; N] {
    let mut bytes = [0; N];
    chance.fill(&mut bytes);
    bytes
}
