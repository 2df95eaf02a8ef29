//! The questions, each with its plans and its table.

use std::sync::atomic::Ordering::Relaxed;

use relatch_engine::policy::tuning::{CAP_MS, PERCENT, RESERVE};
use relatch_engine::policy::{ADVISORY_PERCENT, ADVISORY_RESERVE};

use crate::report::{Chart, Line, Report, Table, count, ratio};
use crate::run::{mean, peak, peaks_by_cycle, timed};
use crate::service::{Down, Service, Stretch};
use crate::shard::{Plan, Start};
use crate::tally::Tally;
use crate::user::{Habit, PERSON};

const MINUTE_MS: u64 = 60_000;
const CYCLES: usize = 10;
/// A tab that is in use all the time; see [`Habit::Always`].
const ALWAYS: Habit = Habit::Always { every_ms: 30_000.0 };
/// The same, with less to simulate: for tokens of an hour a minute is no time.
const SELDOM: Habit = Habit::Always { every_ms: 60_000.0 };

fn service(lifetime_min: u64) -> Service {
    Service { lifetime_ms: lifetime_min * MINUTE_MS, outage: None, key_change_ms: None }
}

fn plan(users: u32, seconds: u64, lifetime_min: u64) -> Plan {
    Plan {
        users,
        tabs: 1,
        seconds: seconds as usize,
        habit: ALWAYS,
        start: Start::Steady,
        service: service(lifetime_min),
        same_draws: false,
    }
}

/// No invariant may break, whatever the scenario.
fn check(report: &mut Report, what: &str, tally: &Tally) {
    report.claim(&format!("{what}: no user signed out"), tally.signed_out == 0, tally.signed_out as f64);
    report.claim(&format!("{what}: no rotated refresh token sent again"), tally.reused == 0, tally.reused as f64);
}

pub fn steady(report: &mut Report, users: u32) {
    let mut table = Table::new(
        "Steady load",
        "Tokens of all ages; one hour after one lifetime. *Always*: a burst of 1 to 6 calls every 30 s on average. \
         *People*: such visits of 15 minutes, and 2 h 25 min between them.",
        &[
            "users",
            "lifetime",
            "mean /s",
            "busiest second /s",
            "busiest / mean",
            "refreshes per user and hour",
            "calls per refresh",
        ],
    );
    for (name, habit) in [("always", ALWAYS), ("people", PERSON)] {
        for lifetime in [5, 15, 60] {
            let warm = lifetime * 60;
            let plan = Plan { habit, ..plan(users, warm + 3_600, lifetime) };
            let (tally, _) = timed(&format!("steady, {name}, {lifetime} min"), &plan);
            check(report, &format!("steady, {name}, {lifetime} min"), &tally);
            let load = &tally.load[warm as usize..];
            let per_hour = mean(load) * 3_600.0 / f64::from(users);
            table.row(vec![
                name.into(),
                format!("{lifetime} min"),
                count(mean(load)),
                count(peak(load, 1)),
                ratio(peak(load, 1) / mean(load)),
                format!("{per_hour:.2}"),
                count(tally.calls as f64 / mean(&tally.load) / tally.load.len() as f64),
            ]);
        }
    }
    report.tables.push(table);
}

fn sign_in(users: u32, lifetime: u64) -> Plan {
    // Ten cycles of the longest interval between two refreshes, and a half.
    let seconds = lifetime * 60 * 95 / 100 * (CYCLES as u64 + 1);
    let habit = if lifetime < 60 { ALWAYS } else { SELDOM };
    Plan { start: Start::SignIn { within_ms: MINUTE_MS }, habit, ..plan(users, seconds, lifetime) }
}

fn cycle_columns(first: &[&'static str]) -> Vec<&'static str> {
    let cycles = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
    first.iter().copied().chain(["mean /s"]).chain(cycles).collect()
}

pub fn synchronised(report: &mut Report, users: u32) {
    let mut table = Table::new(
        "Everyone signs in within one minute",
        "Busiest second of each cycle over the mean load. All users *always* active, which is the worst case. Without \
         jitter: all engines draw the same numbers.",
        &cycle_columns(&["lifetime", "jitter"]),
    );
    let mut chart = Chart::new("sign-in", "Everyone signs in within one minute: refreshes per second (15 min tokens)");
    for lifetime in [5, 15, 60] {
        for same_draws in [true, false] {
            let plan = Plan { same_draws, ..sign_in(users, lifetime) };
            let name = if same_draws { "without" } else { "default" };
            let what = format!("sign-in, {lifetime} min, {name}");
            let (tally, _) = timed(&what, &plan);
            check(report, &what, &tally);
            let (mean, peaks) = peaks_by_cycle(&tally.load, users, CYCLES);
            if !same_draws {
                report.claim(&format!("{what}: peak-to-mean at most 3 in cycle 2"), peaks[1] <= 3.0, peaks[1]);
            }
            let mut row = vec![format!("{lifetime} min"), name.into(), count(mean)];
            row.extend(peaks.iter().map(|p| ratio(*p)));
            table.row(row);
            if lifetime == 15 {
                chart.lines.push(Line::per_second(&format!("{name} jitter"), &tally.load[..5_400]));
            }
        }
    }
    chart.logarithmic = true;
    report.tables.push(table);
    report.charts.push(chart);
}

/// What the default was chosen from.
pub fn windows(report: &mut Report, users: u32) {
    let mut table = Table::new(
        "The choice of the advisory window",
        "As above with 15 min and 60 min tokens and a quarter of the users, for other windows: part of the lifetime, the part of the window that \
         stays in reserve, and a cap. *Cost*: refreshes more than without any window.",
        &["window", "reserve", "cap", "lifetime", "mean /s", "cost", "cycle 1", "cycle 2", "cycle 3", "cycle 10"],
    );
    let (none, users) = (u64::MAX, users / 4);
    for (percent, reserve, cap_ms) in [
        (20, 4, 300_000),
        (20, 4, none),
        (25, 5, none),
        (30, 6, none),
        (35, 7, none),
        (ADVISORY_PERCENT, ADVISORY_RESERVE, none),
        (50, 10, none),
    ] {
        for lifetime in [15, 60] {
            PERCENT.store(percent, Relaxed);
            RESERVE.store(reserve, Relaxed);
            CAP_MS.store(cap_ms, Relaxed);
            let what = format!("window {percent} %, 1/{reserve}, {lifetime} min");
            let (tally, _) = timed(&what, &sign_in(users, lifetime));
            let (mean, peaks) = peaks_by_cycle(&tally.load, users, CYCLES);
            let cost = mean * lifetime as f64 * 60.0 / f64::from(users) - 1.0;
            let default = percent == ADVISORY_PERCENT;
            table.row(vec![
                if default { format!("**{percent} %**") } else { format!("{percent} %") },
                format!("1/{reserve}"),
                if cap_ms == none { "none".into() } else { format!("{} s", cap_ms / 1000) },
                format!("{lifetime} min"),
                count(mean),
                format!("{:.0} %", cost * 100.0),
                ratio(peaks[0]),
                ratio(peaks[1]),
                ratio(peaks[2]),
                ratio(peaks[9]),
            ]);
        }
    }
    PERCENT.store(ADVISORY_PERCENT, Relaxed);
    RESERVE.store(ADVISORY_RESERVE, Relaxed);
    CAP_MS.store(none, Relaxed);
    report.tables.push(table);
}

pub fn outage(report: &mut Report, users: u32) {
    let mut table = Table::new(
        "The auth service is away for ten minutes",
        "*Always* active users, tokens of all ages, over the mean load of the time before. The API itself works: calls \
         fail only where the token has run out. *Recovery*: the five minutes after.",
        &[
            "client",
            "lifetime",
            "mean before /s",
            "busiest in outage",
            "token calls in outage / mean",
            "busiest in recovery",
            "calls failed",
            "users signed out",
        ],
    );
    let mut chart =
        Chart::new("outage", "Ten minutes without the auth service: token calls per second (15 min tokens)");
    let stretch = Stretch { from_ms: 20 * MINUTE_MS, until_ms: 30 * MINUTE_MS };
    for (name, down) in [
        ("without backoff", Down::NoBackoff),
        ("backoff (default)", Down::Backoff),
        ("`Retry-After: 60`", Down::RetryAfter(60)),
        ("no answer at all", Down::Silent),
    ] {
        for lifetime in [5, 15, 60] {
            let mut plan = plan(users, 50 * 60, lifetime);
            plan.service.outage = Some((stretch, down));
            let what = format!("outage, {name}, {lifetime} min");
            let (tally, _) = timed(&what, &plan);
            check(report, &what, &tally);
            let part = |from: usize, to: usize| &tally.load[from * 60..to * 60];
            let before = mean(part(10, 20));
            let failed: u64 = tally.failed_calls.iter().map(|n| u64::from(*n)).sum();
            table.row(vec![
                name.into(),
                format!("{lifetime} min"),
                count(before),
                ratio(peak(part(20, 30), 1) / before),
                ratio(mean(part(20, 30)) / before),
                ratio(peak(part(30, 35), 1) / before),
                format!("{} ({:.2} %)", count(failed as f64), failed as f64 / tally.calls as f64 * 100.0),
                tally.signed_out.to_string(),
            ]);
            if lifetime == 15 {
                chart.lines.push(Line::per_second(&name.replace('`', ""), &tally.load[15 * 60..]));
            }
        }
    }
    chart.logarithmic = true;
    report.tables.push(table);
    report.charts.push(chart);
}

pub fn key_change(report: &mut Report, users: u32) {
    let mut table = Table::new(
        "The service changes its keys: every access token is rejected at once",
        "*Always* active users, tokens of all ages; busiest second over the mean of the time before. Cycle 0 is the \
         change itself: everyone's next call.",
        &["lifetime", "mean before /s", "cycle 0", "1", "2", "3", "calls failed", "users signed out"],
    );
    for lifetime in [5u64, 15, 60] {
        let (change, cycle) = ((lifetime * 60) as usize, lifetime as f64 * 60.0 * 0.8);
        let mut plan = plan(users, lifetime * 60 * 5, lifetime);
        plan.service.key_change_ms = Some(change as u64 * 1000);
        let what = format!("key change, {lifetime} min");
        let (tally, _) = timed(&what, &plan);
        check(report, &what, &tally);
        let before = mean(&tally.load[change / 2..change]);
        let of = |k: f64| {
            let at = |k: f64| ((change as f64 + k * cycle) as usize).min(tally.load.len());
            peak(&tally.load[at((k - 0.5).max(0.0))..at(k + 0.5)], 1) / before
        };
        let failed: u64 = tally.failed_calls.iter().map(|n| u64::from(*n)).sum();
        report.claim(&format!("{what}: no call failed"), failed == 0, failed as f64);
        let mut row = vec![format!("{lifetime} min"), count(before)];
        row.extend([0.0, 1.0, 2.0, 3.0].map(|k| ratio(of(k))));
        row.extend([failed.to_string(), tally.signed_out.to_string()]);
        table.row(row);
    }
    report.tables.push(table);
}

pub fn tabs(report: &mut Report, users: u32) {
    let mut table = Table::new(
        "Five tabs for each user",
        "As many users as would make the same number of engines. After a sign-in within one minute, 15 min tokens; each \
         tab is *always* active and shares the record with the user's others.",
        &[
            "tabs",
            "users",
            "refreshes per user and lifetime",
            "adoptions per refresh",
            "busiest / mean in cycle 1",
            "2",
            "3",
        ],
    );
    for tabs in [1, 5] {
        let users = users / tabs;
        let plan = Plan { tabs, ..sign_in(users, 15) };
        let what = format!("{tabs} tabs");
        let (tally, _) = timed(&what, &plan);
        check(report, &what, &tally);
        let (mean, peaks) = peaks_by_cycle(&tally.load, users, CYCLES);
        table.row(vec![
            tabs.to_string(),
            count(f64::from(users)),
            format!("{:.2}", mean * 900.0 / f64::from(users)),
            format!("{:.2}", tally.adoptions as f64 / tally.refreshes as f64),
            ratio(peaks[0]),
            ratio(peaks[1]),
            ratio(peaks[2]),
        ]);
    }
    report.tables.push(table);
}

pub fn day(report: &mut Report, users: u32) {
    let plan = Plan { habit: PERSON, ..plan(users, 86_400, 15) };
    let (tally, seconds) = timed("one day", &plan);
    check(report, "one day", &tally);
    let mut table = Table::new(
        "One simulated day",
        "*People* with 15 min tokens, on this machine.",
        &["engines", "simulated", "took", "calls", "refreshes", "held calls"],
    );
    table.row(vec![
        count(f64::from(users)),
        "24 h".into(),
        format!("{seconds:.0} s"),
        count(tally.calls as f64),
        count(tally.refreshes as f64),
        count(tally.held as f64),
    ]);
    report.claim("one day: under five minutes", seconds < 300.0, seconds);
    report.tables.push(table);
}

pub fn memory(report: &mut Report) {
    let mut table = Table::new(
        "Memory of an engine",
        "`size_of` and heap, after half an hour of use with 5 min tokens, and in the middle of an outage.",
        &["", "bytes"],
    );
    let inline = size_of::<relatch_engine::Engine<crate::shard::Tok>>();
    table.row(vec!["the engine itself".into(), inline.to_string()]);
    crate::memory::count(true);
    let (users, mut largest) = (20_000, 0.0f64);
    for (what, outage) in [
        ("after use, heap included", None),
        ("in an outage, heap included", Some((Stretch { from_ms: 1_500_000, until_ms: 9_000_000 }, Down::Backoff))),
    ] {
        let mut plan = plan(users, 1_800, 5);
        plan.service.outage = outage;
        let tally = crate::shard::Shard::new(&plan, users, 1).run();
        let bytes = tally.engine_bytes as f64 / f64::from(users);
        largest = largest.max(bytes);
        table.row(vec![what.into(), format!("{bytes:.0}")]);
    }
    crate::memory::count(false);
    report.claim("at most 512 bytes for each engine", largest <= 512.0, largest);
    report.tables.push(table);
}
