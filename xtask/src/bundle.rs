//! Bundles the npm package's entries: as ES modules, and as CommonJS for those who `require` them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::entries::{self, ENTRIES, Entry, Kind};
use crate::run::{root, run};

/// Members of the package's own objects, of names that neither the platform, nor an application, nor the wasm knows,
/// and that no module exports or takes.
#[rustfmt::skip]
const INTERNAL: [&str; 33] = [
    "controller", "drop", "explain", "flight", "fought", "got", "heir", "inbox", "isGiven", "isRich", "last", "leave",
    "listener", "lock", "lookedAt", "lower", "makeError", "marked", "maxWaitMs", "onEvent", "ownOrigin", "places",
    "prefix", "proven", "queue", "release", "said", "shared", "stamp", "tail", "timer", "told", "whose",
];
/// The short names that the minifier gave them in this build.
const NAMES: &str = "target/npm/names.json";

/// Forgets the short names of the build before.
pub fn begin() -> Result<()> {
    match fs::remove_file(root().join(NAMES)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).context("removing the short names"),
        _ => Ok(()),
    }
}

/// One small module of each entry: the facade, the glue and the shell's JavaScript half. The wasm's text stays a module
/// of its own, and so do the lease, the redirects by hand, other stores and the log, which most pages never need.
/// Bundled beside the fresh glue, so that a build that fails leaves the last one alone. Once more in words, for the
/// condition `development`: not minified, because it is read by those who step through it.
pub fn bundle(entry: &Entry) -> Result<()> {
    if entry.in_words {
        join(entry, &entry.in_words(), true)?;
    }
    join(entry, entry.built, false)?;
    minify(entry)
}

fn join(entry: &Entry, built: &str, in_words: bool) -> Result<()> {
    let source = root().join("target/npm").join(entry.source);
    let out = root().join("pkg").join(built);
    // The glue takes it for granted; workerd has it only by a compatibility date (2025-05-05).
    let banner = match entry.file() {
        "workerd.js" => {
            "--banner:js=const FinalizationRegistry = \
             globalThis.FinalizationRegistry ?? class { register() {} unregister() {} };"
        }
        _ => "--banner:js=",
    };
    run(
        "xtask/tools/node_modules/.bin/esbuild",
        &[
            &source.to_string_lossy(),
            "--bundle",
            "--minify-syntax",
            "--format=esm",
            "--target=es2022",
            "--log-level=warning",
            "--external:./dist/inline.js",
            "--external:../src/web/port/lease.js",
            "--external:../src/web/port/hops.js",
            "--external:../src/web/port/stores.js",
            "--external:../src/web/port/described.js",
            "--external:../src/web/port/asked.js",
            "--external:./log.js",
            "--external:./late.js",
            "--external:./dist/relatch_bg.wasm",
            banner,
            &format!("--define:DEVELOPMENT={in_words}"),
            &format!("--outfile={}", out.to_string_lossy()),
        ],
    )?;
    // Seen from the facade text and wasm are in dist; seen from dist they are neighbours.
    let text = fs::read_to_string(&out)?;
    fs::write(
        &out,
        text.replace("./dist/inline.js", "./inline.js")
            .replace("./dist/relatch_bg.wasm", "./relatch_bg.wasm")
            .replace("../src/web/port/", "./"),
    )?;
    Ok(())
}

fn minify(entry: &Entry) -> Result<()> {
    let out = root().join("pkg").join(entry.built);
    let out = out.to_string_lossy();
    let compress = "passes=3,ecma=2022,hoist_funs=true,unsafe_arrows=true,inline=1,side_effects=false";
    // `builtins`: some of the names are members of the platform's objects, too, which nothing here touches.
    let own = format!("builtins,regex=/^({})$/", INTERNAL.join("|"));
    // The same short names in all bundles: what is loaded later is handed the options.
    let cache = root().join(NAMES);
    let cache = cache.to_string_lossy();
    let options = [
        "--module",
        "--compress",
        compress,
        "--mangle",
        "--mangle-props",
        &own,
        "--name-cache",
        &cache,
        "--output",
        &out,
    ];
    run("xtask/tools/node_modules/.bin/terser", &[&[&*out][..], &options].concat())?;
    keep_members()
}

/// Of the short names those of members: a bundle's own variables are no other's.
fn keep_members() -> Result<()> {
    let path = root().join(NAMES);
    let mut names: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path)?).context("the short names")?;
    let Some(kinds) = names.as_object_mut() else { bail!("the minifier writes its names otherwise than it did") };
    kinds.retain(|kind, _| kind == "props");
    fs::write(&path, names.to_string()).context("writing the short names")
}

/// The whole of each entry as one CommonJS file, for `require` where it takes no ES module: Jest, and Node.js before
/// 20.19.
pub fn common_js(inline: &str, stage: &Path) -> Result<()> {
    let dist = root().join("pkg/dist");
    fs::create_dir_all(stage)?;
    let lazy = ["lease.js", "hops.js", "described.js", "asked.js", "stores.js", "log.js", "late.js"];
    for file in ["index.js", "index.development.js", "timing.js"].iter().chain(&lazy) {
        fs::copy(dist.join(file), stage.join(file)).with_context(|| format!("copying dist/{file}"))?;
    }
    fs::write(stage.join("inline.js"), inline)?;
    for entry in entries::of(Kind::Plain) {
        fs::copy(root().join(entry.source), stage.join(entry.file()))
            .with_context(|| format!("copying {}", entry.source))?;
    }
    for entry in ENTRIES.iter().filter(|entry| entry.common_js) {
        let name = entry.stem();
        require(stage, &dist.join(name).with_extension("cjs"), name, &["--minify"])?;
        if entry.in_words {
            let name = format!("{name}.development");
            require(stage, &dist.join(format!("{name}.cjs")), &name, &[])?;
        }
        // CommonJS wants declarations of its own (TypeScript's node16): the same ones.
        let types = fs::read_to_string(root().join(format!("pkg/{name}.d.ts")))?;
        fs::write(dist.join(format!("{name}.d.cts")), types.replace("\"./index.js\"", "\"./index.cjs\""))?;
    }
    Ok(())
}

/// One CommonJS file of the staged modules that `name` reaches.
fn require(stage: &Path, out: &Path, name: &str, options: &[&str]) -> Result<()> {
    let source = stage.join(format!("{name}.js"));
    let (source, out) = (source.to_string_lossy(), format!("--outfile={}", out.to_string_lossy()));
    let fixed = [
        &*source,
        "--bundle",
        "--format=cjs",
        "--target=es2022",
        // The wasm's text is one byte a character only as long as nothing is escaped.
        "--charset=utf8",
        "--log-level=warning",
        &out,
    ];
    run("xtask/tools/node_modules/.bin/esbuild", &[&fixed, options].concat())
}
