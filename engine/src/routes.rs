//! Routes that refuse a token which others accept (A6).

use super::policy::ROUTES_MAX;
use super::session::Stamp;

/// The tokens came because it refused the ones before, and it could not be asked again by the same call.
pub(crate) const AWAITED: u32 = 1;
/// It has refused these, too.
pub(crate) const REFUSED: u32 = 2;
/// And another route has accepted them, later than it refused: tokens may die between an acceptance and a refusal.
pub(crate) const ODD: u32 = 3;

/// A route is a number that the shell makes of method, origin and path, a multiple of four; 0 is one that is not known.
/// In the place of a known one stands also what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Routes {
    /// The tokens that this is about.
    of: Stamp,
    /// So many as are remembered, the oldest overwritten first; or none.
    known: Vec<u32>,
    next: usize,
}

impl Routes {
    /// Nothing is known yet of any route and these tokens.
    pub fn new(of: Stamp) -> Self {
        Routes { of, known: Vec::new(), next: 0 }
    }

    fn find(&mut self, route: u32) -> Option<&mut u32> {
        self.known.iter_mut().find(|known| **known & !ODD == route && **known != 0)
    }

    /// What is known of the route and these tokens; 0: nothing.
    pub fn refusal(&mut self, route: u32, stamp: Stamp) -> u32 {
        if self.of == stamp { self.find(route).map_or(0, |known| *known & ODD) } else { 0 }
    }

    /// Notes what is known of the route and these tokens.
    pub fn refuse(&mut self, route: u32, stamp: Stamp, mut refusal: u32) {
        // If the tokens before these were accepted elsewhere it is the route's fault now, too.
        if self.find(route).is_some_and(|known| *known & ODD == ODD) {
            refusal = ODD;
        }
        if self.of != stamp {
            *self = Routes { of: stamp, known: vec![0; ROUTES_MAX], next: 0 };
        }
        if let Some(known) = self.find(route) {
            *known = route | refusal;
        } else if route != 0 {
            self.next = (self.next + 1) % ROUTES_MAX;
            if let Some(oldest) = self.known.get_mut(self.next) {
                *oldest = route | refusal;
            }
        }
    }

    /// Is there a route of which an acceptance says something new?
    pub fn watches(&self, stamp: Stamp) -> bool {
        self.of == stamp && self.known.iter().any(|known| *known != 0)
    }

    /// The route accepted these tokens.
    pub fn accept(&mut self, route: u32, stamp: Stamp) {
        if self.of == stamp {
            for known in &mut self.known {
                if *known & !ODD == route {
                    *known = 0;
                } else if *known & ODD == REFUSED {
                    *known |= ODD;
                }
            }
        }
    }
}
