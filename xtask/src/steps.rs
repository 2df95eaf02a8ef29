//! Steps that run one after the other, each to its end, and the table of what became of them.

use std::time::Instant;

use anyhow::{Result, bail};

pub type Step<'a> = Box<dyn FnOnce() -> Result<()> + 'a>;

/// Runs them all, also after one that failed.
pub fn run_all<'a>(steps: impl Iterator<Item = (&'a str, Step<'a>)>) -> Result<()> {
    let (mut rows, mut failed) = (Vec::new(), 0);
    for (name, step) in steps {
        println!("\n━━ {name} ━━");
        let start = Instant::now();
        let result = step();
        failed += usize::from(result.is_err());
        let verdict = match result {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("FAILED: {error:#}"),
        };
        rows.push(format!("{name:<12}{:>7.1} s  {verdict}", start.elapsed().as_secs_f64()));
    }
    println!("\n━━ what ran ━━\n{}", rows.join("\n"));
    println!("{} passed, {failed} failed", rows.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} steps failed", rows.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_stops_no_other_and_is_counted() {
        let ran = std::cell::Cell::new(0);
        let step = |ok: bool| -> Step<'_> {
            let ran = &ran;
            Box::new(move || {
                ran.set(ran.get() + 1);
                if ok { Ok(()) } else { bail!("on purpose") }
            })
        };
        let error = run_all([("a", step(false)), ("b", step(true))].into_iter()).expect_err("one failed");
        assert_eq!((error.to_string().as_str(), ran.get()), ("1 of 2 steps failed", 2));
        assert!(run_all([("a", step(true))].into_iter()).is_ok());
    }
}
