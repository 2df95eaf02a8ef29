//! A schedule made of a seed: the world's settings, and the steps with their times.

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

/// There and back within `SPREAD_MS`, for which the lock is kept.
pub const VISIBILITY_MS: u64 = 40;

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
    /// The client's clock minus the true time.
    pub skew_ms: i64,
    pub max_replays: u8,
    pub max_waiting: u32,
    /// The developer tools change the store, or it fails: what tabs can know of each other is not checked then.
    pub store_fails: bool,
    /// A write is at the storage service within this time, and a tab hears of it within this time again.
    pub visibility_ms: u64,
}

/// What is special about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    None,
    Fails,
    Slow,
    StepUp,
    OtherScheme,
    LeftOrigin,
}

/// What goes wrong with the next token call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    LostBefore,
    LostAfter,
    HangBefore,
    HangAfter,
    Slow,
    Status(u16),
    RetryAfter(u64),
    Garbage,
    SameAccess,
    DeadOnArrival,
    NoRefreshToken,
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

#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub config: Config,
    pub steps: Vec<Timed>,
}

impl Plan {
    pub fn new(seed: u64) -> Plan {
        let mut rng = Rng::new(seed);
        let config = config(&mut rng);
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
        Plan { seed, config, steps }
    }

    /// The same schedule with another store.
    #[must_use]
    pub fn visible_within(mut self, visibility_ms: u64) -> Plan {
        self.config.visibility_ms = visibility_ms;
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

struct Trouble {
    auth: bool,
    api: bool,
    death: bool,
    frost: bool,
    clock: bool,
    users: bool,
}

fn config(rng: &mut Rng) -> Config {
    let place = match rng.below(20) {
        0..=15 => Place::Web,
        16..=18 => Place::Own,
        _ => Place::Memory,
    };
    let hour = 3_600_000;
    Config {
        tabs: rng.between(1, 4) as usize,
        place,
        signed_in: rng.chance(88),
        rotates: rng.chance(80),
        grace_ms: rng.of(&[0, 0, 2_000, 10_000]),
        lifetime_ms: rng.of(&[2_000, 10_000, 60_000, 60_000, 300_000, hour, hour, 30 * 24 * hour]),
        tells_lifetime: rng.chance(85),
        skew_ms: rng.of(&[0, 0, 0, -600_000, 600_000, 3_000]),
        max_replays: rng.of(&[1, 1, 1, 1, 1, 0, 2]),
        max_waiting: rng.of(&[1 << 17, 1 << 17, 1 << 17, 6]),
        store_fails: rng.chance(25),
        visibility_ms: VISIBILITY_MS,
    }
}

fn gap(rng: &mut Rng, config: &Config) -> u64 {
    match rng.below(100) {
        0..=54 => rng.below(30),
        55..=74 => rng.between(30, 500),
        75..=87 => rng.between(500, 8_000),
        88..=95 => rng.between(8_000, 60_000),
        96..=97 => rng.between(60_000, 600_000),
        // Near the end of the token's life, where the windows are.
        _ => config.lifetime_ms - rng.below(config.lifetime_ms / 4 + 1),
    }
}

fn step(rng: &mut Rng, config: &Config, trouble: &Trouble) -> Step {
    let tab = rng.below(config.tabs as u64) as usize;
    loop {
        let step = match rng.below(100) {
            0..=33 => Step::Fetch {
                tab,
                replayable: rng.chance(90),
                quirk: quirk(rng, trouble),
                abort_after_ms: rng.chance(12).then(|| rng.below(2_000)),
            },
            34..=45 => Step::Short { tab, quirk: quirk(rng, trouble) },
            46..=51 => Step::Burst { tab, count: rng.between(2, 8) as u8 },
            52..=55 => Step::Token { tab, min_validity_ms: rng.of(&[0, 1_000, 30_000, 120_000]) },
            56..=57 => Step::Refresh { tab },
            58..=60 if trouble.users => Step::Login { tab },
            61..=62 if trouble.users => Step::Logout { tab },
            63..=64 if trouble.death => Step::Die { tab },
            65..=66 => Step::Open { tab },
            67 if trouble.death => Step::Close { tab },
            68..=70 if trouble.frost => Step::Freeze { tab, ms: rng.of(&[500, 5_000, 20_000, 50_000, 300_000]) },
            71..=73 => Step::Wake { tab, online: rng.chance(50) },
            74..=75 if trouble.clock => {
                Step::Jump { ms: rng.of(&[-7_200_000, -600_000, -5_000, 5_000, 600_000, 7_200_000]) }
            }
            76 if trouble.clock => Step::Sleep { ms: rng.of(&[60_000, 3_600_000, 28_800_000]), mono: rng.chance(50) },
            77..=85 if trouble.auth => Step::Fault(fault(rng)),
            86..=87 if trouble.api => Step::ApiRejects { all: rng.chance(30) },
            88..=91 => Step::KillAccess,
            92 if trouble.auth => Step::RevokeFamily,
            93..=94 if config.store_fails => Step::Quota { full: rng.chance(60) },
            95 if config.store_fails => Step::Block { tab, on: rng.chance(60) },
            96 if config.store_fails => Step::Garbage,
            97 if config.store_fails => Step::ClearStore,
            98 if config.store_fails => Step::TakeAccess,
            _ => continue,
        };
        return step;
    }
}

fn quirk(rng: &mut Rng, trouble: &Trouble) -> Quirk {
    if !trouble.api || rng.chance(80) {
        return Quirk::None;
    }
    rng.of(&[Quirk::Fails, Quirk::Slow, Quirk::Slow, Quirk::StepUp, Quirk::OtherScheme, Quirk::LeftOrigin])
}

fn fault(rng: &mut Rng) -> Fault {
    match rng.below(16) {
        0 => Fault::LostBefore,
        1 => Fault::LostAfter,
        2 => Fault::HangBefore,
        3 => Fault::HangAfter,
        4 | 5 => Fault::Slow,
        6 => Fault::Status(rng.of(&[500, 502, 503, 403, 404, 408])),
        7 | 8 => Fault::RetryAfter(rng.of(&[0, 1_000, 5_000, 60_000, 20_000_000])),
        9 => Fault::Garbage,
        10 | 11 => Fault::SameAccess,
        12 => Fault::DeadOnArrival,
        13 | 14 => Fault::NoRefreshToken,
        _ => Fault::Ends,
    }
}
