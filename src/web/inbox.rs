//! What the browser says: one function for the port to call, with a number for the kind of input.

use std::rc::Rc;

use relatch_engine::challenge::{self, Challenge};
use relatch_engine::verdict::{AnswerFacts, is_terminal, retry_after_ms};
use relatch_engine::{Answer, CallId, Failure, FlightId, Reply, Stamp, Stored, Want};

use super::pump::{pump, schedule};
use super::shell::{Shell, now};
use super::sys::{Row, act};
use super::token::JsToken;
use super::wire::{self, Effect, Found, Grant, Input, Replaced};

/// The inputs are described in wire.rs, with what `subject`, `bits` and `row` are in each. `asks`: a challenge's field.
pub fn receive(shell: &Rc<Shell>, input: u32, subject: u32, bits: u32, row: &Row, asks: Option<Vec<u8>>) -> f64 {
    let Some(input) = Input::from_number(input) else { return wire::FULL };
    let at = now();
    let (call, flight, stamp) = (CallId(subject), FlightId(subject), Stamp(subject));
    let of_flight = (subject != 0).then_some(flight);
    let yes = bits != 0;
    if asks.is_some() {
        // What an earlier challenge asks for is told before this one is read: there is one place for it.
        pump(shell);
    }
    let reply = read_reply(shell, bits, asks);
    // One borrow for all inputs: every place that borrows costs its own check.
    let mut engine = shell.engine();
    let opened = match input {
        // S1, S2: what is not the session's business is never opened.
        Input::Open => engine.open(Want::Fetch { replayable: subject != 0 }, at),
        Input::Challenged => engine.challenged(stamp, true, reply, at),
        Input::Token => engine.open(Want::Token { min_validity_ms: u64::from(subject) }, at),
        Input::Refresh => engine.open(Want::Refresh, at),
        Input::Status => return f64::from(engine.status(at) as u32),
        Input::Access => {
            drop(engine);
            act(&shell.port, Effect::Access as u32, 0, 0.0, &shell.access());
            return 0.0;
        }
        other => {
            match other {
                Input::Responded => engine.handle_response(call, reply, at),
                Input::Rejected => engine.handle_failure(call),
                Input::Aborted => engine.handle_abort(call),
                Input::Locked => engine.handle_lock(flight, yes, at),
                Input::Marked => engine.handle_mark(flight, yes.then_some(bits), at),
                Input::Timer => {
                    shell.armed.set(None);
                    engine.handle_timeout(at);
                }
                Input::Scheduled => shell.scheduled.set(false),
                Input::Woken => engine.handle_wake(yes, at),
                Input::Leaving => engine.handle_leaving(),
                Input::Proven => engine.handle_proven(stamp, reply.route),
                Input::Listening => engine.set_tells_calls(yes),
                Input::SetTokens => {
                    if let Some(grant) = row.grant() {
                        engine.set_tokens(grant, at);
                    }
                }
                Input::Clear => engine.clear(at),
                Input::Close => engine.close(at),
                Input::Stored => engine.handle_read(of_flight, stored(bits, row), at),
                Input::Restored => engine.handle_restored(of_flight, stored(bits, row), at),
                Input::Replaced => {
                    let epoch = |place: Replaced| row.finite(place as u32).map(|epoch| epoch as u32);
                    engine.handle_replaced(epoch(Replaced::Before), epoch(Replaced::After));
                }
                Input::Written => engine.handle_written(of_flight, yes, at),
                Input::Answered => engine.handle_answer(flight, read_answer(bits, row, at.wall_ms), at),
                // Handled above.
                Input::Open | Input::Challenged | Input::Token | Input::Refresh | Input::Status | Input::Access => {}
            }
            drop(engine);
            pump(shell);
            return 0.0;
        }
    };
    drop(engine);
    schedule(shell);
    opened.map_or(wire::FULL, |call| f64::from(call.0))
}

fn read_reply(shell: &Shell, bits: u32, asks: Option<Vec<u8>>) -> Reply {
    let mut reply = Reply {
        challenge: bits & wire::reply::CHALLENGE != 0,
        left_origin: bits & wire::reply::LEFT_ORIGIN != 0,
        route: bits & !(wire::ROUTE - 1),
        ..Reply::default()
    };
    if let Some(field) = asks {
        let asked = challenge::read(&field);
        reply.asks = asked.challenge;
        if asked.challenge == Challenge::StepUp {
            shell.asked.set(places(&field, asked.said));
        }
    }
    reply
}

/// Where the parts of the field stand: each begin and length as one number. In bytes, and so in characters of the
/// port's field: it has one for each.
fn places(field: &[u8], parts: [&[u8]; 4]) -> [f64; 4] {
    parts.map(|part| {
        let begin = (part.as_ptr() as usize).saturating_sub(field.as_ptr() as usize);
        begin as f64 * f64::from(wire::PLACE) + part.len() as f64
    })
}

fn stored(found: u32, row: &Row) -> Stored<JsToken> {
    match Found::from_number(found) {
        Some(Found::Record) => Stored::Record(row.record()),
        Some(Found::Absent) => Stored::Absent,
        Some(Found::Unreadable) => Stored::Unreadable,
        Some(Found::Unavailable) | None => Stored::Unavailable,
    }
}

fn read_answer(bits: u32, row: &Row, wall_ms: u64) -> Answer<JsToken> {
    if let Some(grant) = row.grant() {
        return Answer::Tokens(grant);
    }
    let has = |bit| bits & bit != 0;
    let number = |place: Grant| row.number(place as u32);
    let status = number(Grant::Status) as u16;
    let facts = AnswerFacts {
        status,
        well_formed: has(wire::answer::WELL_FORMED),
        invalid_grant: has(wire::answer::INVALID_GRANT),
        empty: has(wire::answer::EMPTY),
    };
    Answer::Failed(Failure {
        terminal: if has(wire::answer::ASKED) { has(wire::answer::TERMINAL) } else { is_terminal(facts) },
        status,
        retry_after_ms: retry_after_ms(number(Grant::RetryAfter), number(Grant::RetryAt), number(Grant::Date), wall_ms),
    })
}
