//! Routes that refuse a token which others accept (A6).

use super::policy::ROUTES_MAX;
use super::session::Stamp;

/// What is known of a route and the current tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Refusal {
    /// The tokens came because it refused the ones before, and it could not be asked again by the same call.
    Awaited,
    /// It has refused these, too.
    Known,
    /// And another route has accepted them, later than it refused: tokens may die between an acceptance and a refusal.
    Odd,
}

/// A route is a number that the shell makes of method, origin and path; 0 is one that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Routes {
    /// The tokens that this is about.
    of: Option<Stamp>,
    /// The latest last.
    refused: Vec<(u32, Refusal)>,
}

impl Routes {
    /// Notes it of the route and these tokens.
    pub fn refuse(&mut self, route: u32, stamp: Stamp, refusal: Refusal) {
        // If the tokens before these were accepted elsewhere it is the route's fault now, too.
        let is_odd = self.refused.contains(&(route, Refusal::Odd));
        if self.of != Some(stamp) {
            self.of = Some(stamp);
            self.refused.clear();
        }
        self.forget(route);
        if route != 0 {
            if self.refused.len() >= ROUTES_MAX {
                self.refused.remove(0);
            }
            self.refused.push((route, if is_odd { Refusal::Odd } else { refusal }));
        }
    }

    /// What is known of the route and these tokens.
    pub fn refusal(&self, route: u32, stamp: Stamp) -> Option<Refusal> {
        let known = self.refused.iter().filter(|_| self.of == Some(stamp));
        known.into_iter().find(|(refused, _)| *refused == route).map(|(_, refusal)| *refusal)
    }

    /// Is there a route of which an acceptance says something new?
    pub fn watches(&self, stamp: Stamp) -> bool {
        self.of == Some(stamp) && !self.refused.is_empty()
    }

    /// The route accepted these tokens.
    pub fn accept(&mut self, route: u32, stamp: Stamp) {
        if self.of != Some(stamp) {
            return;
        }
        self.forget(route);
        for (_, refusal) in &mut self.refused {
            if *refusal == Refusal::Known {
                *refusal = Refusal::Odd;
            }
        }
    }

    fn forget(&mut self, route: u32) {
        self.refused.retain(|(known, _)| *known != route);
    }
}
