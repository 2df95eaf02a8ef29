//! A schedule made of a seed: the world's settings, and the steps with their times.

use crate::draw::{Trouble, config, gap, step};
use crate::rng::Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// localStorage.
    Web,
    /// The caller's own store, whose operations take time.
    Own,
    /// Memory: every tab is alone.
    Memory,
}

/// How late a write may be, there and back again: seen on busy machines, and when a browser's storage service stops.
pub const VISIBILITY_MS: u64 = 2_000;
/// On an idle machine. Only in such worlds are there logins and logouts in two tabs at once: which of two sessions the
/// store keeps, with seconds of delay and a refresh of each in between, nothing decides.
pub const VISIBILITY_IDLE_MS: u64 = 40;
/// One world in so many is of that kind.
const IDLE: u64 = 4;
/// Where no mark can be kept: there and back within `SPREAD_MS`, for which the lock is kept then.
const VISIBILITY_UNMARKED_MS: u64 = 400;
/// One world in so many has no place for marks.
const UNMARKED: u64 = 8;

/// The world that the steps happen in.
#[derive(Clone, Debug)]
pub struct Config {
    pub tabs: usize,
    pub place: Place,
    pub signed_in: bool,
    pub rotates: bool,
    pub grace_ms: u64,
    pub lifetime_ms: u64,
    pub tells_lifetime: bool,
    /// The tokens say whom they are of (G9).
    pub tells_subject: bool,
    /// The client's clock minus the true time.
    pub skew_ms: i64,
    pub max_replays: u8,
    pub max_waiting: u32,
    /// The developer tools change the store, or it fails: what tabs can know of each other is not checked then.
    pub store_fails: bool,
    /// A write is at the storage service within this time, and a tab hears of it within this time again.
    pub visibility_ms: u64,
    /// There is a place for marks (G1).
    pub marks: bool,
}

/// What is special about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    None,
    Fails,
    Slow,
    StepUp,
    LeftOrigin,
    /// Goes to one of the routes that refuse for a while what the others accept; they are numbered from 1.
    Picky(u32),
}

impl Quirk {
    /// Of those that say nothing special of themselves.
    pub fn route(self) -> u32 {
        match self {
            Quirk::Picky(route) => route * 4,
            _ => COMMON_ROUTE,
        }
    }
}

const COMMON_ROUTE: u32 = 400;
const PICKY_ROUTES: u64 = 3;

/// What goes wrong with the next token call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    LostBefore,
    LostAfter,
    HangBefore,
    HangAfter,
    /// The refresh does not hear that it is given up, and answers after its deadline.
    Late,
    Slow,
    Status(u16),
    RetryAfter(u64),
    Garbage,
    SameAccess,
    DeadOnArrival,
    NoRefreshToken,
    /// The answer is another user's: somebody signed in over the same cookie.
    OtherUser,
    Ends,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Fetch {
        tab: usize,
        replayable: bool,
        quirk: Quirk,
        abort_after_ms: Option<u64>,
    },
    /// The short way.
    Short {
        tab: usize,
        quirk: Quirk,
    },
    Burst {
        tab: usize,
        count: u8,
    },
    Token {
        tab: usize,
        min_validity_ms: u64,
    },
    Refresh {
        tab: usize,
    },
    Login {
        tab: usize,
    },
    Logout {
        tab: usize,
    },
    Close {
        tab: usize,
    },
    Die {
        tab: usize,
    },
    Open {
        tab: usize,
    },
    Freeze {
        tab: usize,
        ms: u64,
    },
    Wake {
        tab: usize,
        online: bool,
    },
    /// `pagehide`: what is shown again is woken.
    Leave {
        tab: usize,
    },
    /// The wall clock is set.
    Jump {
        ms: i64,
    },
    /// The machine sleeps: the wall clock goes on, the monotonic one may not.
    Sleep {
        ms: u64,
        mono: bool,
    },
    Fault(Fault),
    /// The API rejects everything from now on, or stops doing so.
    ApiRejects {
        all: bool,
    },
    KillAccess,
    RevokeFamily,
    Quota {
        full: bool,
    },
    Block {
        tab: usize,
        on: bool,
    },
    Garbage,
    /// The developer tools clear the store, or take the access token out of the record.
    ClearStore,
    TakeAccess,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timed {
    /// The step's number in the whole schedule, which shrinking keeps.
    pub number: u32,
    pub after_ms: u64,
    pub step: Step,
}

/// Two of sixteen seeds, and none of the corpus, which must go on to show what it once showed.
const ODD_SEEDS: [u64; 2] = [8, 9];

/// Much of what is asked for goes to routes that refuse, and pages leave.
fn change(seed: u64, steps: &mut [Timed]) {
    let mut rng = Rng::new(!seed);
    for timed in steps {
        if let Step::Wake { tab, .. } = timed.step
            && rng.chance(40)
        {
            timed.step = Step::Leave { tab };
        }
        if let Step::Fetch { quirk: quirk @ Quirk::None, .. } | Step::Short { quirk: quirk @ Quirk::None, .. } =
            &mut timed.step
            && rng.chance(35)
        {
            *quirk = Quirk::Picky(rng.between(1, PICKY_ROUTES) as u32);
        }
    }
}

/// Likewise: tokens that say whom they are of, answers of another user, and such as come too late.
const STRANGE_SEEDS: [u64; 3] = [10, 11, 12];

fn estrange(seed: u64, config: &mut Config, steps: &mut [Timed]) {
    let mut rng = Rng::new(!seed);
    config.tells_subject = rng.chance(80);
    for timed in steps {
        if let Step::Fault(fault) = &mut timed.step
            && rng.chance(50)
        {
            *fault = if rng.chance(50) { Fault::Late } else { Fault::OtherUser };
        }
    }
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub config: Config,
    pub steps: Vec<Timed>,
}

impl Plan {
    pub fn new(seed: u64) -> Plan {
        let mut rng = Rng::new(seed);
        let mut config = config(&mut rng);
        config.marks = !seed.is_multiple_of(UNMARKED);
        // Which kinds of trouble this schedule has: all at once would drown each.
        let trouble = Trouble {
            auth: rng.chance(65),
            api: rng.chance(45),
            death: rng.chance(40),
            frost: rng.chance(30),
            clock: rng.chance(30),
            users: rng.chance(55),
        };
        let count = rng.between(30, 100);
        let mut steps = Vec::with_capacity(count as usize);
        for number in 0..count as u32 {
            let after_ms = gap(&mut rng, &config);
            steps.push(Timed { number, after_ms, step: step(&mut rng, &config, &trouble) });
        }
        if ODD_SEEDS.contains(&(seed % 16)) {
            change(seed, &mut steps);
        }
        if STRANGE_SEEDS.contains(&(seed % 16)) {
            estrange(seed, &mut config, &mut steps);
        }
        Plan { seed, config, steps }.visible_within(VISIBILITY_MS)
    }

    /// The same schedule with another store.
    #[must_use]
    pub fn visible_within(mut self, visibility_ms: u64) -> Plan {
        let idle = self.seed % IDLE == 1;
        let promised = match self.config.marks {
            _ if idle => VISIBILITY_IDLE_MS,
            true => u64::MAX,
            false => VISIBILITY_UNMARKED_MS,
        };
        self.config.visibility_ms = visibility_ms.min(promised);
        self
    }

    /// Only the steps with these numbers. The time of the others stays in the schedule.
    pub fn keep(&self, numbers: &[u32]) -> Plan {
        let mut steps: Vec<Timed> = Vec::with_capacity(numbers.len());
        let mut skipped_ms = 0;
        for timed in &self.steps {
            if numbers.contains(&timed.number) {
                steps.push(Timed { after_ms: timed.after_ms + skipped_ms, ..*timed });
                skipped_ms = 0;
            } else {
                skipped_ms += timed.after_ms;
            }
        }
        Plan { steps, ..self.clone() }
    }
}
