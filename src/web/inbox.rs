//! What the browser says: one function for `port.js` to call, with a number for the kind of input.

use std::rc::Rc;

use super::outbox;
use super::shell::{Shell, now};
use super::sys::Row;
use relatch_engine::challenge::{self, Challenge};
use relatch_engine::verdict::{AnswerFacts, is_terminal, retry_after_ms};
use relatch_engine::{Answer, CallId, Failure, FlightId, Pass, Reply, Stamp, Stored, Want};

/// Kinds of inputs, as at the head of `port.js`.
const OPEN: u32 = 0;
const CHALLENGED: u32 = 1;
const TOKEN: u32 = 2;
const REFRESH: u32 = 3;
const STATUS: u32 = 4;
const ACCESS: u32 = 5;
const LANDED: u32 = 6;
const FELL: u32 = 7;
const ABORTED: u32 = 8;
const LOCKED: u32 = 9;
const TIMER: u32 = 10;
const WOKEN: u32 = 11;
const PROVEN: u32 = 12;
const LISTENED: u32 = 13;
const SET_TOKENS: u32 = 14;
const CLEAR: u32 = 15;
const CLOSE: u32 = 16;
const STORED: u32 = 17;
const WRITTEN: u32 = 18;
const ANSWER: u32 = 19;
pub const TICKET: u32 = 20;

/// An answer that is no call's id: no room for another call.
const FULL: f64 = -1.0;

impl Shell {
    /// The kinds are those at the head of `port.js`. `id` is a call, a flight, a stamp, a duration, or whether a request can
    /// be sent again.
    pub fn receive(self: &Rc<Self>, kind: u32, id: u32, bits: u32, row: &Row, asks: Option<Vec<u8>>) -> f64 {
        let (call, flight, at) = (CallId(id), FlightId(id), now());
        let mut reply = Reply { challenge: bits & 1 != 0, left_origin: bits & 2 != 0, ..Reply::default() };
        if let Some(field) = asks {
            let asked = challenge::read(&field, &self.scheme);
            reply.asks = asked.challenge;
            if asked.challenge == Challenge::StepUp {
                self.asked.set(places(&field, asked.said));
            }
        }
        // One borrow for all kinds: every place that borrows costs its own check.
        let mut engine = self.engine();
        let opened = match kind {
            // S1, S2: what is not the session's business is never opened.
            OPEN => engine.open(Want::Fetch { replayable: id != 0 }, at),
            CHALLENGED => engine.challenged(Stamp(id), true, reply, at),
            TOKEN => engine.open(Want::Token { min_validity_ms: u64::from(id) }, at),
            REFRESH => engine.open(Want::Refresh, at),
            STATUS => return f64::from(engine.status(at) as u32),
            ACCESS => {
                drop(engine);
                self.port.act(outbox::ACCESS, 0, 0.0, &self.access());
                return 0.0;
            }
            other => {
                let mut pass = 0.0;
                match other {
                    LANDED => engine.handle_response(call, reply, at),
                    FELL => engine.handle_failure(call),
                    ABORTED => engine.handle_abort(call),
                    LOCKED => engine.handle_lock(flight, bits != 0, at),
                    TIMER => {
                        self.armed.set(None);
                        engine.handle_timeout(at);
                    }
                    WOKEN => engine.handle_wake(bits != 0, at),
                    PROVEN => engine.handle_proven(Stamp(id)),
                    LISTENED => engine.set_tells_calls(bits != 0),
                    SET_TOKENS => {
                        if let Some(grant) = row.grant() {
                            engine.set_tokens(grant, at);
                        }
                    }
                    CLEAR => engine.clear(at),
                    CLOSE => engine.close(at),
                    STORED => {
                        let stored = match bits {
                            0 => Stored::Record(row.record()),
                            1 => Stored::Absent,
                            2 => Stored::Unreadable,
                            _ => Stored::Unavailable,
                        };
                        engine.handle_read((id != 0).then_some(flight), stored, at);
                    }
                    WRITTEN => engine.handle_written((id != 0).then_some(flight), bits != 0, at),
                    ANSWER => engine.handle_answer(flight, answer(bits, row, at.wall_ms), at),
                    TICKET => {
                        pass = match engine.ticket(at) {
                            Pass::With(stamp) => f64::from(stamp.0),
                            Pass::Bare => -1.0,
                            Pass::Hold => 0.0,
                        }
                    }
                    _ => {}
                }
                drop(engine);
                self.pump();
                return pass;
            }
        };
        drop(engine);
        self.schedule();
        opened.map_or(FULL, |call| f64::from(call.0))
    }
}

/// Where the parts of the field stand: each begin and length as one number. In bytes, and so in characters of `port.js`'
/// field: it has one for each.
fn places(field: &[u8], parts: [&[u8]; 4]) -> [f64; 4] {
    parts.map(|part| {
        let begin = (part.as_ptr() as usize).saturating_sub(field.as_ptr() as usize);
        begin as f64 * f64::from(1 << 26) + part.len() as f64
    })
}

/// `[access, refresh, expires_in, iat, exp, status, Retry-After in seconds, or as a date, Date]`. Bits: the body is an
/// object with members; its error is `invalid_grant`; the caller's own word about the end is known; and is yes.
fn answer(bits: u32, row: &Row, wall_ms: u64) -> Answer<super::token::JsToken> {
    if let Some(grant) = row.grant() {
        return Answer::Tokens(grant);
    }
    let status = row.number(5) as u16;
    let facts = AnswerFacts { status, well_formed: bits & 1 != 0, invalid_grant: bits & 2 != 0 };
    Answer::Failed(Failure {
        terminal: if bits & 4 != 0 { bits & 8 != 0 } else { is_terminal(facts) },
        status,
        retry_after_ms: retry_after_ms(row.number(6), row.number(7), row.number(8), wall_ms),
    })
}
