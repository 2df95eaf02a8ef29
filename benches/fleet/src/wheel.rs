//! A calendar queue: one drawer for each second of the whole run, and a heap for the second that is under way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What happens to a tab. The order decides between things of the same millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The user signs in.
    SignIn,
    /// The auth service's answer arrives.
    Answer,
    /// A deadline of the engine.
    Timer,
    /// The user does something: some API calls at once.
    Burst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Milliseconds into its second.
    ms: u16,
    pub kind: Kind,
    pub tab: u32,
}

pub struct Wheel {
    seconds: Vec<Vec<Due>>,
    at: usize,
    current: BinaryHeap<Reverse<Due>>,
}

impl Wheel {
    pub fn new(seconds: usize) -> Self {
        Wheel { seconds: vec![Vec::new(); seconds], at: 0, current: BinaryHeap::new() }
    }

    /// What is due after the end of the run is forgotten.
    pub fn push(&mut self, at_ms: u64, kind: Kind, tab: u32) {
        let (second, due) = ((at_ms / 1000) as usize, Due { ms: (at_ms % 1000) as u16, kind, tab });
        if second == self.at {
            self.current.push(Reverse(due));
        } else if let Some(drawer) = self.seconds.get_mut(second) {
            debug_assert!(second > self.at, "the past is over");
            drawer.push(due);
        }
    }

    pub fn pop(&mut self) -> Option<(u64, Due)> {
        loop {
            if let Some(Reverse(due)) = self.current.pop() {
                return Some((self.at as u64 * 1000 + u64::from(due.ms), due));
            }
            self.at += 1;
            let drawer = std::mem::take(self.seconds.get_mut(self.at)?);
            self.current = drawer.into_iter().map(Reverse).collect();
        }
    }
}
