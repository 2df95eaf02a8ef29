//! What the npm package can be entered by, once: for the build, the sizes, and the test against package.json.

/// How an entry gets into the package.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// One module with the facade, the glue and the shell's JavaScript.
    Bundle,
    /// A bundle that the others load when it is first needed.
    Lazy,
    /// It needs neither glue nor wasm, and is shipped as it is written.
    Plain,
}

#[derive(Debug)]
pub struct Entry {
    /// What users write; for what they cannot name, a word for it.
    pub name: &'static str,
    /// From the repository's root.
    pub source: &'static str,
    /// From the package's root.
    pub built: &'static str,
    pub kind: Kind,
    /// `require` gets it too, as one CommonJS file.
    pub common_js: bool,
    /// It is built a second time, with words and warnings, for the condition `development`.
    pub in_words: bool,
    /// Its row in the README, for what nobody pays for who does not import it.
    pub what: Option<&'static str>,
}

pub const ENTRIES: [Entry; 18] = [
    Entry { common_js: true, in_words: true, ..bundle("relatch", "pkg/index.js", "dist/index.js", None) },
    Entry { in_words: true, ..bundle("relatch in workerd", "pkg/workerd.js", "dist/workerd.js", None) },
    plain("relatch/oauth", "pkg/oauth.js", "oauth.js", "a standard token endpoint (RFC 6749)"),
    plain("relatch/cookie", "pkg/cookie.js", "cookie.js", "the refresh token in an HttpOnly cookie"),
    plain(
        "relatch/challenge",
        "pkg/challenge.js",
        "challenge.js",
        "expired tokens that are no 401: GraphQL, envelopes, 419",
    ),
    plain("relatch/jwt", "pkg/jwt.js", "jwt.js", "decodes a JWT, unverified"),
    Entry {
        common_js: true,
        ..bundle(
            "relatch/timing",
            "pkg/timing.js",
            "dist/timing.js",
            Some("holds and refreshes in the Performance panel"),
        )
    },
    bundle("relatch/worker", "pkg/worker.js", "dist/worker.js", Some("the session in a worker; both ends")),
    bundle("relatch/dpop", "pkg/dpop.js", "dist/dpop.js", Some("sender-constrained tokens (RFC 9449)")),
    bundle("relatch/inspector", "pkg/inspector.js", "dist/inspector.js", Some("the element `<relatch-inspector>`")),
    Entry {
        in_words: true,
        ..bundle(
            "relatch/slim",
            "pkg/slim.js",
            "dist/slim.js",
            Some("the default entry without the wasm, which you serve yourself"),
        )
    },
    lazy("session.log", "pkg/log.js", "dist/log.js", "loaded when it is first set"),
    // Rust frontends have it too, so it lies with the port.
    lazy(
        "other stores",
        "src/web/port/stores.js",
        "dist/stores.js",
        "loaded where `storage` is `\"session\"` or an object",
    ),
    lazy(
        "what waits for a refresh",
        "src/web/port/late.js",
        "dist/late.js",
        "the mark and held answers, loaded when one is due",
    ),
    lazy("the lease", "src/web/port/lease.js", "dist/lease.js", "loaded where there are no Web Locks"),
    lazy(
        "a refresh of more than names",
        "src/web/port/described.js",
        "dist/described.js",
        "loaded where `refresh` has a method, headers, units or functions",
    ),
    lazy("what is a challenge", "src/web/port/asked.js", "dist/asked.js", "loaded where `isChallenge` is given"),
    lazy("redirects by hand", "src/web/port/hops.js", "dist/hops.js", "loaded outside browsers"),
];

/// Modules of the facade that are no entries.
pub const PARTS: [&str; 21] = [
    "pkg/session.js",
    "pkg/fast.js",
    "pkg/names.js",
    "pkg/options.js",
    "pkg/spec.js",
    "pkg/urls.js",
    "pkg/description.js",
    "pkg/places.js",
    "pkg/told.js",
    "pkg/warn.js",
    "pkg/explain.js",
    "pkg/error.js",
    "pkg/reading.js",
    "pkg/redact.js",
    "pkg/redact-forms.js",
    "pkg/redact-names.js",
    "pkg/redact-words.js",
    "pkg/dpop-keys.js",
    "pkg/inspector-parts.js",
    "pkg/inspector-style.js",
    "pkg/worker-page.js",
];

const fn bundle(name: &'static str, source: &'static str, built: &'static str, what: Option<&'static str>) -> Entry {
    Entry { name, source, built, kind: Kind::Bundle, common_js: false, in_words: false, what }
}

const fn lazy(name: &'static str, source: &'static str, built: &'static str, what: &'static str) -> Entry {
    Entry { name, source, built, kind: Kind::Lazy, common_js: false, in_words: false, what: Some(what) }
}

const fn plain(name: &'static str, source: &'static str, built: &'static str, what: &'static str) -> Entry {
    Entry { name, source, built, kind: Kind::Plain, common_js: true, in_words: false, what: Some(what) }
}

impl Entry {
    /// `oauth` of `pkg/oauth.js`.
    pub fn stem(&self) -> &'static str {
        self.file().trim_end_matches(".js")
    }

    /// `oauth.js` of `pkg/oauth.js`.
    pub fn file(&self) -> &'static str {
        self.source.rsplit('/').next().unwrap_or(self.source)
    }

    /// Its build in words, from the package's root.
    pub fn in_words(&self) -> String {
        self.built.replace(".js", ".development.js")
    }

    /// The minified file, from the package's root: what is shipped as it is written is not minified itself.
    pub fn minified(&self) -> String {
        if self.kind == Kind::Plain { format!("dist/{}.cjs", self.stem()) } else { self.built.to_owned() }
    }
}

/// Those of a kind.
pub fn of(kind: Kind) -> impl Iterator<Item = &'static Entry> {
    ENTRIES.iter().filter(move |entry| entry.kind == kind)
}

/// All that is bundled, with the modules that are taken in: from the repository's root.
pub fn facade() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().filter(|entry| entry.kind != Kind::Plain).map(|entry| entry.source).chain(PARTS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::run::root;

    fn read(path: &str) -> String {
        fs::read_to_string(root().join(path)).expect("it is there")
    }

    /// The subpath of package.json; `None` for what has none of its own.
    fn subpath(entry: &Entry) -> Option<String> {
        let rest = entry.name.strip_prefix("relatch")?;
        (!rest.contains(' ')).then(|| format!(".{rest}"))
    }

    #[test]
    fn the_manifest_exports_these_and_no_others() {
        let manifest: Value = serde_json::from_str(&read("pkg/package.json")).expect("JSON");
        let exports = manifest["exports"].as_object().expect("exports");
        let modules: BTreeSet<&str> =
            exports.iter().filter(|(_, to)| to.is_object()).map(|(name, _)| &**name).collect();
        let ours: BTreeSet<String> = ENTRIES.iter().filter_map(subpath).collect();
        assert_eq!(modules, ours.iter().map(String::as_str).collect());
        for entry in &ENTRIES {
            let Some(subpath) = subpath(entry) else { continue };
            let to = &exports[&subpath];
            // One way for all is written without conditions.
            let module = if to["default"].is_object() { &to["default"] } else { to };
            assert_eq!(module["default"], format!("./{}", entry.built), "{subpath}");
            let common = format!("./dist/{}.cjs", entry.stem());
            assert_eq!(to["require"]["default"] == common, entry.common_js, "{subpath}");
            let in_words = format!("./{}", entry.in_words());
            assert_eq!(module["development"] == in_words, entry.in_words, "{subpath}");
        }
        assert_eq!(exports["."]["workerd"]["default"], "./dist/workerd.js");
        let files = manifest["files"].as_array().expect("files");
        for entry in of(Kind::Plain) {
            assert!(files.contains(&Value::from(entry.built)), "files lacks {}", entry.built);
        }
    }

    #[test]
    fn every_built_file_is_packed_and_every_packed_script_is_built() {
        let packed = read("tests/clients/packed.txt");
        let common = ENTRIES.iter().filter(|entry| entry.common_js).map(|entry| format!("dist/{}.cjs", entry.stem()));
        // The wasm's text is a module, but nobody enters by it.
        let inline = "dist/inline.js".to_owned();
        let in_words = ENTRIES.iter().filter(|entry| entry.in_words).flat_map(|entry| {
            let common = format!("dist/{}.development.cjs", entry.stem());
            [Some(entry.in_words()), entry.common_js.then_some(common)].into_iter().flatten()
        });
        let ours: BTreeSet<String> =
            ENTRIES.iter().map(|entry| entry.built.to_owned()).chain(common).chain(in_words).chain([inline]).collect();
        let is_script = |line: &&str| line.ends_with(".js") || line.ends_with(".cjs");
        assert_eq!(packed.lines().filter(is_script).map(str::to_owned).collect::<BTreeSet<_>>(), ours);
    }

    #[test]
    fn every_hand_written_module_is_an_entry_or_a_part() {
        let listed: BTreeSet<&str> = facade().chain(of(Kind::Plain).map(|entry| entry.source)).collect();
        for entry in fs::read_dir(root().join("pkg")).expect("pkg").flatten() {
            let path = format!("pkg/{}", entry.file_name().to_string_lossy());
            assert!(!path.ends_with(".js") || listed.contains(&*path), "{path} is in no list");
        }
        assert!(listed.iter().all(|path| root().join(path).is_file()));
    }
}
