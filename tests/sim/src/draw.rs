//! The draws of a schedule: its world, its steps and the times between them.

use crate::plan::{Config, Fault, Place, Quirk, Step, VISIBILITY_MS};
use crate::rng::Rng;

pub struct Trouble {
    pub auth: bool,
    pub api: bool,
    pub death: bool,
    pub frost: bool,
    pub clock: bool,
    pub users: bool,
}

pub fn config(rng: &mut Rng) -> Config {
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
        tells_subject: false,
        visibility_ms: VISIBILITY_MS,
        marks: true,
    }
}

pub fn gap(rng: &mut Rng, config: &Config) -> u64 {
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

pub fn step(rng: &mut Rng, config: &Config, trouble: &Trouble) -> Step {
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
    rng.of(&[Quirk::Fails, Quirk::Slow, Quirk::Slow, Quirk::StepUp, Quirk::StepUp, Quirk::LeftOrigin])
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
