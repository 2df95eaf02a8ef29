//! The engine, natively: short scenarios whose names are sentences and cite the rule they show.
#![cfg(not(target_arch = "wasm32"))]

mod adoption;
mod challenges;
mod chaos;
mod detached;
mod ending;
mod flight;
mod guard;
mod headers;
mod late;
mod marks;
mod names;
mod routes;
mod sending;
mod subjects;
mod thaw;
mod time;
mod tokens;
mod world;
