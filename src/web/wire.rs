//! The border's vocabulary: every number that crosses between Rust and JavaScript has its name here and nowhere else.
//!
//! `src/web/port/wire.js` is written from these lists by `cargo xtask build`, and a test checks that it is current. A
//! list's order is its numbering. Nothing here knows the browser, so that the build can read it natively.

/// An enum whose variants are numbered in order, with its names for JavaScript.
macro_rules! numbered {
    ($(#[$about:meta])* $list:ident { $($(#[$doc:meta])* $name:ident $js:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(dead_code)] // some are used by JavaScript alone
        pub enum $list { $($(#[$doc])* $name,)* }

        #[allow(dead_code)] // the names are for the build, and not every list is decoded in Rust
        impl $list {
            pub const ALL: &'static [$list] = &[$($list::$name,)*];
            pub const NAMES: &'static [&'static str] = &[$($js,)*];

            /// `None` for a number that this list does not have.
            pub fn from_number(number: u32) -> Option<$list> {
                $list::ALL.get(number as usize).copied()
            }
        }
    };
}

numbered! {
    /// What the port reports. The subject is one number whose meaning the input says; `bits` and `row` likewise.
    Input {
        /// A request on the slow path. Subject: 1 if it can be sent again. Gives the call, or −1: no room.
        Open "OPEN",
        /// A fast-path request was challenged. Subject: its stamp; bits: [`Reply`]. Gives the call, or −1: no room.
        Challenged "CHALLENGED",
        /// The access token is asked for. Subject: the validity it must have left, in ms. Gives the call, or −1.
        Token "TOKEN",
        /// A refresh is asked for. Gives the call, or −1.
        Refresh "REFRESH",
        /// Gives the session's status, by its place in `Status::ALL`.
        Status "STATUS",
        /// Asks for the access token, which comes by [`Effect::Access`] before this returns.
        Access "ACCESS",
        /// A request was answered. Subject: the call; bits: [`Reply`].
        Responded "RESPONDED",
        /// A request was rejected by the network, or aborted at the server. Subject: the call.
        Rejected "REJECTED",
        /// A waiting call's signal aborted. Subject: the call.
        Aborted "ABORTED",
        /// The origin's lock was granted. Subject: the flight.
        Locked "LOCKED",
        /// The timer of [`Effect::Arm`] fired.
        Timer "TIMER",
        /// The microtask of [`Effect::Schedule`] runs.
        Scheduled "SCHEDULED",
        /// The page became visible (bits 0) or came online (bits 1).
        Woken "WOKEN",
        /// The page is on its way out, until it becomes visible again.
        Leaving "LEAVING",
        /// A fast-path request got an answer that is no challenge. Subject: its stamp; bits: its route (see [`ROUTE`]).
        Proven "PROVEN",
        /// Events about single calls are wanted (bits 1) or not (bits 0).
        Listening "LISTENING",
        /// A login. Row: [`Grant`].
        SetTokens "SET_TOKENS",
        /// A logout.
        Clear "CLEAR",
        /// The session object was closed.
        Close "CLOSE",
        /// The store was read. Subject: the flight, 0 for none; bits: [`Found`]; row: [`Record`] where one was found.
        Stored "STORED",
        /// [`Effect::Restore`] was carried out. As `Stored`.
        Restored "RESTORED",
        /// A `storage` event: one record followed another. Row: [`Replaced`].
        Replaced "REPLACED",
        /// The store was written. Subject: the flight, 0 for none; bits: 1 if it worked.
        Written "WRITTEN",
        /// The mark was looked up. Subject: the flight; bits: its generation, 0 for none.
        Marked "MARKED",
        /// The token call was answered. Subject: the flight; bits: [`Answer`]; row: [`Grant`].
        Answered "ANSWERED",
    }
}

numbered! {
    /// What the port carries out. The subject is a call or a flight, 0 for none; `n` is a figure, `value` a handle.
    Effect {
        /// Send the call's request. Value: the access token, `undefined` for none.
        Send "SEND",
        /// Watch the call's abort signal from now on.
        Wait "WAIT",
        /// The call is over. n: [`Outcome`]; value: the access token, for [`Outcome::Value`].
        Settle "SETTLE",
        /// Ask for the origin's lock.
        Lock "LOCK",
        /// Give the lock back. n: after so many ms.
        Unlock "UNLOCK",
        /// Look up a mark. n: the epoch.
        ReadMark "READ_MARK",
        /// Leave a mark. Subject: the epoch; n: the generation.
        Mark "MARK",
        /// Read the store.
        Read "READ",
        /// The token call. n: the reason, by its place in `Reason::ALL`; value: the refresh token.
        Refresh "REFRESH",
        /// Abort the token call.
        AbortRefresh "ABORT_REFRESH",
        /// Write the store. Value: [`Record`].
        Write "WRITE",
        /// Remove the record.
        Remove "REMOVE",
        /// Put back what followed an ended session, unless that is over, and report it. Value: [`Record`] where the
        /// engine knows it.
        Restore "RESTORE",
        /// Dispatch an event. Subject: the call it is about; n: the event's place in [`EVENTS`]; value: its figures.
        Dispatch "DISPATCH",
        /// Set the one timer. n: ms from now, below 0 for none.
        Arm "ARM",
        /// Report [`Input::Scheduled`] in a microtask.
        Schedule "SCHEDULE",
        /// The answer to [`Input::Access`]. Value: the access token, or `undefined`.
        Access "ACCESS",
    }
}

numbered! {
    /// How a call ends.
    Outcome {
        /// With its own response.
        Response "RESPONSE",
        /// With what `fetch` rejected with.
        Failure "FAILURE",
        /// With its signal's reason.
        Aborted "ABORTED",
        /// With the effect's value.
        Value "VALUE",
        /// With an error of relatch's own: this number plus the code's place in `Code::ALL`. The last of the list.
        Error "ERROR",
    }
}

numbered! {
    /// What a look into the store found.
    Found {
        /// A record of this version.
        Record "RECORD",
        /// Nothing.
        Absent "ABSENT",
        /// Something that is no record of this version.
        Unreadable "UNREADABLE",
        /// The store cannot be read.
        Unavailable "UNAVAILABLE",
    }
}

numbered! {
    /// The places of the tokens of a login, and of a token call's answer.
    Grant {
        /// `undefined` for none, or one that no header carries.
        Access "ACCESS",
        /// `undefined` for none.
        Refresh "REFRESH",
        /// Seconds; NaN for none.
        ExpiresIn "EXPIRES_IN",
        /// The claim, in seconds; NaN for none.
        IssuedAt "ISSUED_AT",
        /// The claim, in seconds; NaN for none.
        Expires "EXPIRES",
        /// HTTP status of the token call's answer; 0 for none.
        Status "STATUS",
        /// `Retry-After` in seconds; NaN for none.
        RetryAfter "RETRY_AFTER",
        /// `Retry-After` as a date, in ms; NaN for none.
        RetryAt "RETRY_AT",
        /// The answer's `Date`, in ms; NaN for none.
        Date "DATE",
        /// Whom the tokens are of (G9), as a number of 32 bits; 0 if they do not say.
        Subject "SUBJECT",
    }
}

numbered! {
    /// The places of a stored record, both ways.
    Record {
        /// Drawn at each login.
        Epoch "EPOCH",
        /// Grows with each committed refresh.
        Generation "GENERATION",
        /// Wall clock in ms.
        ObtainedAt "OBTAINED_AT",
        /// In ms; to Rust NaN, to JavaScript below 0, for unknown.
        Lifetime "LIFETIME",
        /// The access token; `undefined` for none.
        Access "ACCESS",
        /// The refresh token; `undefined` for none.
        Refresh "REFRESH",
        /// As that of [`Grant`].
        Subject "SUBJECT",
    }
}

numbered! {
    /// The places of two epochs of which one followed the other; NaN where there was no record.
    Replaced {
        /// The epoch that stood there.
        Before "BEFORE",
        /// The epoch that stands there now.
        After "AFTER",
    }
}

/// Sets of bits, as `(name, bit)`.
pub mod reply {
    /// A challenge (A1).
    pub const CHALLENGE: u32 = 1;
    /// The answer came from another origin than the request was for (A1).
    pub const LEFT_ORIGIN: u32 = 2;
    #[allow(dead_code)] // for the build
    pub const NAMES: [(&str, u32); 2] = [("CHALLENGE", CHALLENGE), ("LEFT_ORIGIN", LEFT_ORIGIN)];
}

/// Bits of the token call's answer.
pub mod answer {
    /// The body is a JSON object with members.
    pub const WELL_FORMED: u32 = 1;
    pub const INVALID_GRANT: u32 = 2; // its `error` (RFC 6749 §5.2)
    /// The application said whether this ends the session: by `refresh.terminal`, or by what its function returned.
    pub const ASKED: u32 = 4;
    pub const TERMINAL: u32 = 8; // and it said yes
    pub const EMPTY: u32 = 16; // there is no body
    #[rustfmt::skip]
    #[allow(dead_code)] // for the build
    pub const NAMES: [(&str, u32); 5] = [("WELL_FORMED", WELL_FORMED), ("INVALID_GRANT", INVALID_GRANT),
        ("ASKED", ASKED), ("TERMINAL", TERMINAL), ("EMPTY", EMPTY)];
}

/// What `Input::Open` and its like give instead of a call: there is no room for another.
pub const FULL: f64 = -1.0;
/// The fast path's answer: send without a header (S7).
#[allow(dead_code)] // without the npm face
pub const BARE: f64 = -1.0;
/// The fast path's answer: take the slow path.
#[allow(dead_code)] // without the npm face
pub const SLOW: f64 = 0.0;
/// Above the bits of [`reply`] stands the route (A6): a multiple of this, 0 if it is not known.
pub const ROUTE: u32 = 4;
/// The fast path's answer is so much above the stamp while each success is to be told, with its route (A6).
#[allow(dead_code)] // without the npm face
pub const WATCHED: f64 = 0.5;
/// A part of a challenge crosses as one number: its begin times this, plus its length. In characters.
pub const PLACE: u32 = 1 << 26;

/// No event has more figures.
pub const FIGURES_MAX: usize = 4;

/// Each event: its kind, and its figures, which cross as a row in this order and have these names in its `detail`.
macro_rules! events {
    ($($(#[$doc:meta])* $event:ident $kind:literal { $($field:ident $name:literal,)* })*) => {
        numbered! {
            /// The events, by their place in [`EVENTS`].
            EventKind { $($(#[$doc])* $event $kind,)* }
        }

        /// Kind and names of the figures.
        #[allow(dead_code)] // for the build
        pub const EVENTS: &[(&str, &[&str])] = &[$(($kind, &[$($name,)*]),)*];

        pub mod event {
            $($(#[$doc])* pub struct $event { $(pub $field: f64,)* }

            impl $event {
                pub fn row(self) -> (super::EventKind, [f64; super::FIGURES_MAX]) {
                    let mut row = [0.0; super::FIGURES_MAX];
                    for (to, from) in row.iter_mut().zip([$(self.$field,)*]) {
                        *to = from;
                    }
                    (super::EventKind::$event, row)
                }
            })*
        }
    };
}

events! {
    /// A refresh committed.
    Refreshed "refreshed" { generation "generation", duration_ms "durationMs", reason "reason", waiting "waiting", }
    /// Another tab's change was taken over.
    Adopted "adopted" { generation "generation", change "change", }
    /// A request is sent again.
    Replayed "replayed" { call "call", generation "generation", }
    /// A call waits.
    Held "held" { call "call", sent "sent", }
    /// The session is over.
    Expired "expired" { status "status", }
    /// Something went wrong and the tokens were kept.
    Failed "failed" { status "status", retry_in_ms "retryInMs", code "code", }
    /// The token is not good enough. Its figures are places in the challenge; see [`PLACE`].
    StepUp "step-up" { error "error", scope "scope", acr_values "acrValues", max_age "maxAge", }
    /// A login or logout by this object.
    Changed "changed" { change "change", }
}
