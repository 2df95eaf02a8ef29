//! The calls under way: a slab whose slots are also the links of the queues, so that a call that waits costs its slot
//! and nothing else, joins and leaves in constant time, and a landing wakes everybody by moving one list.

use super::flight::Landing;
use super::guard::Start;
use super::session::Stamp;

/// Names one call under way. The upper 8 bits count how often the slot was used, so that a late word about a call that
/// is over does not reach the slot's next user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId(pub u32);

const INDEX_BITS: u32 = 24;
const INDEX_MASK: u32 = (1 << INDEX_BITS) - 1;
const NIL: u32 = u32::MAX;

/// What the caller wants of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// Its request sent, and its response.
    Fetch {
        /// It can be sent again byte for byte. A stream cannot.
        replayable: bool,
    },
    /// The access token itself, with at least this much life left.
    Token {
        /// So much.
        min_validity_ms: u64,
    },
    /// A refresh, now.
    Refresh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Free,
    /// At the server, or not yet put anywhere.
    Out,
    Waiting,
    Ready(Landing),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub want: Want,
    pub place: Place,
    /// How often it was sent.
    pub sends: u8,
    /// The tokens it was sent with last; `None`: without a header.
    pub stamp: Option<Stamp>,
    /// The epoch it was made in.
    pub epoch: Stamp,
    /// For how long it was held so far. While it waits: since when, as if it had been at one go.
    pub held_ms: u64,
    /// The start that brought what it carries, if it waited for that.
    pub asked: Start,
    uses: u8,
    prev: u32,
    next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct List {
    head: u32,
    tail: u32,
    len: u32,
}

const EMPTY: List = List { head: NIL, tail: NIL, len: 0 };

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Calls {
    slots: Vec<Call>,
    free: u32,
    live: u32,
    /// What a new slot's count of uses goes on from.
    first_use: u8,
    waiting: List,
    ready: List,
}

impl Calls {
    pub fn new() -> Self {
        Calls { slots: Vec::new(), free: NIL, live: 0, first_use: 0, waiting: EMPTY, ready: EMPTY }
    }

    /// `None` if there is no slot left to give.
    pub fn insert(&mut self, want: Want, epoch: Stamp) -> Option<CallId> {
        let index = if self.free != NIL {
            let index = self.free;
            self.free = self.slots.get(index as usize)?.next;
            index
        } else {
            let index = u32::try_from(self.slots.len()).ok().filter(|i| *i < INDEX_MASK)?;
            self.slots.push(Call {
                want,
                place: Place::Free,
                sends: 0,
                stamp: None,
                epoch,
                held_ms: 0,
                asked: Start::default(),
                uses: self.first_use,
                prev: NIL,
                next: NIL,
            });
            index
        };
        let slot = self.slots.get_mut(index as usize)?;
        *slot = Call {
            want,
            place: Place::Out,
            sends: 0,
            stamp: None,
            epoch,
            held_ms: 0,
            asked: Start::default(),
            uses: slot.uses.wrapping_add(1),
            prev: NIL,
            next: NIL,
        };
        self.live += 1;
        Some(CallId(index | u32::from(slot.uses) << INDEX_BITS))
    }

    /// Gives the slots' memory back. Only while no call is under way. The counts of uses go on, or a late word about an
    /// earlier call would reach a later one.
    pub fn rest(&mut self) {
        if let Some(uses) = self.slots.iter().map(|s| s.uses).max() {
            self.first_use = uses;
            self.slots = Vec::new();
            self.free = NIL;
        }
    }

    pub fn get(&mut self, id: CallId) -> Option<&mut Call> {
        let slot = self.slots.get_mut((id.0 & INDEX_MASK) as usize)?;
        (slot.place != Place::Free && u32::from(slot.uses) == id.0 >> INDEX_BITS).then_some(slot)
    }

    /// Forgets the call, wherever it is. Returns whether it was there.
    pub fn remove(&mut self, id: CallId) -> bool {
        let Some(place) = self.get(id).map(|c| c.place) else {
            return false;
        };
        let index = id.0 & INDEX_MASK;
        match place {
            Place::Waiting => self.unlink(index, false),
            Place::Ready(_) => self.unlink(index, true),
            Place::Out | Place::Free => {}
        }
        let free = self.free;
        if let Some(slot) = self.slots.get_mut(index as usize) {
            slot.place = Place::Free;
            slot.next = free;
            self.free = index;
            self.live -= 1;
        }
        true
    }

    /// Puts a call into the queue: at its end, but before those that have waited less. They are few, because who has
    /// waited before has not waited long.
    pub fn wait(&mut self, id: CallId, since_ms: u64) {
        let index = id.0 & INDEX_MASK;
        let (mut prev, mut next) = (self.waiting.tail, NIL);
        while let Some(before) = self.slots.get(prev as usize).filter(|before| before.held_ms > since_ms) {
            next = prev;
            prev = before.prev;
        }
        let Some(slot) = self.get(id) else { return };
        slot.held_ms = since_ms;
        slot.place = Place::Waiting;
        slot.prev = prev;
        slot.next = next;
        match self.slots.get_mut(prev as usize) {
            Some(before) => before.next = index,
            None => self.waiting.head = index,
        }
        match self.slots.get_mut(next as usize) {
            Some(after) => after.prev = index,
            None => self.waiting.tail = index,
        }
        self.waiting.len += 1;
    }

    /// Everybody who waits may go on, in order, knowing how the flight landed (G5). Linear: each call is marked once.
    pub fn release_all(&mut self, landing: Landing) {
        let mut at = self.waiting.head;
        while let Some(slot) = self.slots.get_mut(at as usize) {
            slot.place = Place::Ready(landing);
            at = slot.next;
        }
        let moved = std::mem::replace(&mut self.waiting, EMPTY);
        if moved.len == 0 {
            return;
        }
        match self.slots.get_mut(self.ready.tail as usize) {
            Some(last) => last.next = moved.head,
            None => self.ready.head = moved.head,
        }
        if let Some(first) = self.slots.get_mut(moved.head as usize) {
            first.prev = self.ready.tail;
        }
        self.ready.tail = moved.tail;
        self.ready.len += moved.len;
    }

    /// The next released call; it is `Out` from now on.
    pub fn pop_ready(&mut self) -> Option<(CallId, Landing)> {
        let index = self.ready.head;
        let slot = self.slots.get(index as usize)?;
        let Place::Ready(landing) = slot.place else {
            return None;
        };
        let id = CallId(index | u32::from(slot.uses) << INDEX_BITS);
        self.unlink(index, true);
        Some((id, landing))
    }

    /// The call that has waited longest.
    pub fn first_waiting(&self) -> Option<(CallId, &Call)> {
        let slot = self.slots.get(self.waiting.head as usize)?;
        Some((CallId(self.waiting.head | u32::from(slot.uses) << INDEX_BITS), slot))
    }

    /// Takes the longest-waiting call out of the queue.
    pub fn pop_waiting(&mut self) -> Option<CallId> {
        let (id, _) = self.first_waiting()?;
        self.unlink(id.0 & INDEX_MASK, false);
        Some(id)
    }

    pub fn waiting(&self) -> u32 {
        self.waiting.len
    }

    pub fn has_ready(&self) -> bool {
        self.ready.len != 0
    }

    pub fn live(&self) -> u32 {
        self.live
    }

    fn unlink(&mut self, index: u32, ready: bool) {
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return;
        };
        let (prev, next) = (slot.prev, slot.next);
        slot.place = Place::Out;
        slot.prev = NIL;
        slot.next = NIL;
        if let Some(p) = self.slots.get_mut(prev as usize) {
            p.next = next;
        }
        if let Some(n) = self.slots.get_mut(next as usize) {
            n.prev = prev;
        }
        let list = if ready { &mut self.ready } else { &mut self.waiting };
        if list.head == index {
            list.head = next;
        }
        if list.tail == index {
            list.tail = prev;
        }
        list.len -= 1;
    }
}

impl CallId {
    /// A small number, unique among the calls under way: where the shell keeps what it knows of the call.
    pub fn index(self) -> usize {
        (self.0 & INDEX_MASK) as usize
    }
}
