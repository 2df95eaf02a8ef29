//! `WWW-Authenticate` (RFC 9110 §11.6.1): the RFCs' own examples, hostile ones, and anything at all.
//!
//! One file, although it is long: most of it is one table of fields and what they say.

use proptest::prelude::*;
use relatch_engine::challenge::{self, Asked, Challenge, Item};

use Challenge::{Renew, StepUp};

fn read(field: &str) -> Asked<'_> {
    challenge::read(field.as_bytes())
}

/// What a step-up says, without quotes: error, scope, acr_values, max_age.
fn said(field: &str) -> [String; 4] {
    read(field).said.map(|value| String::from_utf8_lossy(&challenge::unquoted(value)).into_owned())
}

/// The pieces, written down: `Scheme`, `Scheme:token68`, `name=value`.
fn pieces(field: &str) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let pieces: Vec<String> = challenge::items(field.as_bytes())
        .map(|item| match item {
            Item::Scheme(name, b"") => text(name),
            Item::Scheme(name, token68) => format!("{}:{}", text(name), text(token68)),
            Item::Param(name, value) => format!("{}={}", text(name), text(value)),
        })
        .collect();
    pieces.join(" ")
}

#[test]
fn the_rfcs_own_examples() {
    for (source, field, challenge, expected) in [
        (
            "RFC 9110 §11.6.1",
            "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"",
            Renew,
            "Basic realm=\"simple\" Newauth realm=\"apps\" type=1 title=\"Login to \\\"apps\\\"\"",
        ),
        ("RFC 7617 §2", "Basic realm=\"WallyWorld\"", Renew, "Basic realm=\"WallyWorld\""),
        ("RFC 7617 §2.1", "Basic realm=\"foo\", charset=\"UTF-8\"", Renew, "Basic realm=\"foo\" charset=\"UTF-8\""),
        ("RFC 4559 §4.1", "Negotiate a87421000492aa874209af8bc028", Renew, "Negotiate:a87421000492aa874209af8bc028"),
        (
            "RFC 7616 §3.9.1",
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"",
            Renew,
            "Digest realm=\"http-auth@example.org\" qop=\"auth, auth-int\" algorithm=SHA-256 \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"",
        ),
        ("RFC 6750 §3", "Bearer realm=\"example\"", Renew, "Bearer realm=\"example\""),
        (
            "RFC 6750 §3",
            "Bearer realm=\"example\", error=\"invalid_token\", error_description=\"The access token expired\"",
            Renew,
            "Bearer realm=\"example\" error=\"invalid_token\" error_description=\"The access token expired\"",
        ),
        (
            "RFC 9470 §3",
            "Bearer error=\"insufficient_user_authentication\", error_description=\"A different authentication level is \
             required\", acr_values=\"myACR\"",
            StepUp,
            "Bearer error=\"insufficient_user_authentication\" error_description=\"A different authentication level is \
             required\" acr_values=\"myACR\"",
        ),
        (
            "RFC 9470 §3",
            "Bearer error=\"insufficient_user_authentication\", error_description=\"More recent authentication is \
             required\", max_age=\"5\"",
            StepUp,
            "Bearer error=\"insufficient_user_authentication\" error_description=\"More recent authentication is \
             required\" max_age=\"5\"",
        ),
        ("RFC 9449 §7.1", "DPoP algs=\"ES256 PS256\"", Renew, "DPoP algs=\"ES256 PS256\""),
        (
            "RFC 9449 §7.1",
            "DPoP error=\"invalid_token\", error_description=\"Invalid DPoP key binding\", algs=\"ES256\"",
            Renew,
            "DPoP error=\"invalid_token\" error_description=\"Invalid DPoP key binding\" algs=\"ES256\"",
        ),
        ("RFC 9449 §7.2", "Bearer, DPoP algs=\"ES256 PS256\"", Renew, "Bearer DPoP algs=\"ES256 PS256\""),
        (
            "RFC 9449 §9",
            "DPoP error=\"use_dpop_nonce\", error_description=\"Resource server requires nonce in DPoP proof\"",
            Renew,
            "DPoP error=\"use_dpop_nonce\" error_description=\"Resource server requires nonce in DPoP proof\"",
        ),
        (
            "RFC 9728 §5.1",
            "Bearer resource_metadata=\"https://resource.example.com/.well-known/oauth-protected-resource\"",
            Renew,
            "Bearer resource_metadata=\"https://resource.example.com/.well-known/oauth-protected-resource\"",
        ),
    ] {
        assert_eq!(read(field).challenge, challenge, "{source}: {field}");
        assert_eq!(pieces(field), expected, "{source}: {field}");
    }
}

#[test]
fn hostile_fields_have_one_reading() {
    for (field, challenge, expected) in [
        // Lists: empty elements, several fields joined, commas missing or where none belong.
        (",,,Bearer,,,", Renew, "Bearer"),
        (" ,\t, Basic realm=\"x\" ,, ,Bearer", Renew, "Basic realm=\"x\" Bearer"),
        ("Bearer,Bearer,Bearer", Renew, "Bearer Bearer Bearer"),
        ("Bearer realm=\"x\" error=\"insufficient_scope\"", StepUp, "Bearer realm=\"x\" error=\"insufficient_scope\""),
        ("Basic realm=\"x\" Bearer realm=\"y\"", Renew, "Basic realm=\"x\" Bearer realm=\"y\""),
        ("Bearer, realm=\"x\"", Renew, "Bearer realm=\"x\""),
        ("Bearer a=\"b\"c=\"d\"", Renew, "Bearer a=\"b\" c=\"d\""),
        // Blanks around the equals sign, and their absence everywhere.
        ("Bearer error \t=\t \"insufficient_scope\"", StepUp, "Bearer error=\"insufficient_scope\""),
        ("Bearer \t \t", Renew, "Bearer"),
        ("Bearer\trealm=x", Renew, "Bearer realm=x"),
        ("Bearer\u{a0}realm=x", Renew, "Bearer"),
        ("\r\nBearer", Renew, ""),
        // Token68, and what looks like it.
        ("Negotiate abc==, Bearer realm=\"x\"", Renew, "Negotiate:abc== Bearer realm=\"x\""),
        ("Negotiate abc=", Renew, "Negotiate:abc="),
        ("Negotiate abc= , Bearer", Renew, "Negotiate:abc= Bearer"),
        ("Negotiate a/b+c~d.e-f_g", Renew, "Negotiate:a/b+c~d.e-f_g"),
        ("Negotiate ===", Renew, "Negotiate==="),
        ("Negotiate error=insufficient_scope=", StepUp, "Negotiate error=insufficient_scope="),
        ("Bearer error=", Renew, "Bearer:error="),
        ("Bearer error=, a=b", Renew, "Bearer:error= a=b"),
        ("Bearer abc def=\"x\"", Renew, "Bearer abc def=\"x\""),
        ("Bearerabc==", Renew, "Bearerabc=="),
        // Parameters of nobody.
        ("realm=\"x\"", Renew, "realm=\"x\""),
        ("error=\"insufficient_scope\"", Renew, "error=\"insufficient_scope\""),
        ("error=\"insufficient_scope\", Bearer", Renew, "error=\"insufficient_scope\" Bearer"),
        ("=Bearer", Renew, ""),
        ("Bearer = \"x\"", Renew, "Bearer=\"x\""),
        // Quoted strings: what stands in them is nothing but text, and they must end.
        ("Basic realm=\"Bearer error=insufficient_scope\"", Renew, "Basic realm=\"Bearer error=insufficient_scope\""),
        (
            "Basic realm=\"\\\", Bearer error=\\\"insufficient_scope\"",
            Renew,
            "Basic realm=\"\\\", Bearer error=\\\"insufficient_scope\"",
        ),
        ("Bearer realm=\"a, Basic b\"", Renew, "Bearer realm=\"a, Basic b\""),
        ("Bearer realm=\"\", error=\"insufficient_scope\"", StepUp, "Bearer realm=\"\" error=\"insufficient_scope\""),
        (
            "Bearer realm=\"\\\\\", error=\"insufficient_scope\"",
            StepUp,
            "Bearer realm=\"\\\\\" error=\"insufficient_scope\"",
        ),
        (
            "Bearer realm=\"\\\", error=\"insufficient_scope\"",
            Renew,
            "Bearer realm=\"\\\", error=\" insufficient_scope",
        ),
        ("Bearer realm=\"x, error=insufficient_scope", Renew, "Bearer"),
        ("Bearer realm=\"\\", Renew, "Bearer"),
        ("Bearer realm=\"", Renew, "Bearer"),
        ("Bearer \"x\", error=\"insufficient_scope\"", Renew, "Bearer"),
        ("Bearer error=\"in\\s\\ufficient_scope\"", StepUp, "Bearer error=\"in\\s\\ufficient_scope\""),
        // Values that should have been quoted.
        (
            "Bearer realm=https://a.example/x?y, error=insufficient_scope",
            StepUp,
            "Bearer realm=https://a.example/x?y error=insufficient_scope",
        ),
        ("Bearer realm='x, y', error=insufficient_scope", StepUp, "Bearer realm='x y' error=insufficient_scope"),
        ("Bearer a==b", Renew, "Bearer a==b"),
        // Duplicates: the first counts, and no challenge speaks for another.
        (
            "Bearer error=invalid_token, error=insufficient_scope",
            Renew,
            "Bearer error=invalid_token error=insufficient_scope",
        ),
        ("Bearer error=\"\", error=insufficient_scope", Renew, "Bearer error=\"\" error=insufficient_scope"),
        (
            "Bearer error=invalid_token, Bearer error=insufficient_scope",
            StepUp,
            "Bearer error=invalid_token Bearer error=insufficient_scope",
        ),
        ("Bearer, DPoP error=insufficient_scope", StepUp, "Bearer DPoP error=insufficient_scope"),
        ("DPoP error=insufficient_scope, Bearer", StepUp, "DPoP error=insufficient_scope Bearer"),
        // Names and values are compared as they must be.
        ("BEARER ERROR=\"insufficient_scope\"", StepUp, "BEARER ERROR=\"insufficient_scope\""),
        ("Bearer error=\"Insufficient_scope\"", Renew, "Bearer error=\"Insufficient_scope\""),
        ("Bearer error=\"insufficient\"", Renew, "Bearer error=\"insufficient\""),
        ("Bearer x_error=insufficient_scope", Renew, "Bearer x_error=insufficient_scope"),
        ("Bearer error_description=\"insufficient_scope\"", Renew, "Bearer error_description=\"insufficient_scope\""),
        ("XBearer error=insufficient_scope", StepUp, "XBearer error=insufficient_scope"),
        ("Bear", Renew, "Bear"),
        // What is no field at all.
        ("", Renew, ""),
        ("\0", Renew, ""),
        ("((((", Renew, ""),
        ("\u{feff}Bearer", Renew, ""),
        ("Bearer\u{7f}", Renew, "Bearer"),
        ("Bearer\0error=insufficient_scope", Renew, "Bearer"),
        ("Bearer 한글=\"x\", error=insufficient_scope", Renew, "Bearer"),
        ("Bearer a=\"한글\", error=insufficient_scope", StepUp, "Bearer a=\"한글\" error=insufficient_scope"),
        ("Bearer;error=insufficient_scope", Renew, "Bearer"),
        ("<html>401</html>", Renew, ""),
    ] {
        assert_eq!(pieces(field), expected, "{field}");
        assert_eq!(read(field).challenge, challenge, "{field}");
    }
}

#[test]
fn rfc_6750_and_9470_a_step_up_says_what_would_do() {
    let nothing = ["", "", "", ""];
    for (field, expected) in [
        ("Bearer error=\"insufficient_scope\", scope=\"a b\"", ["insufficient_scope", "a b", "", ""]),
        (
            "Bearer acr_values=\"urn:a \\\"b\\\"\" , max_age = \"300\", error=insufficient_user_authentication",
            ["insufficient_user_authentication", "", "urn:a \"b\"", "300"],
        ),
        ("Bearer scope=a, Bearer error=insufficient_scope", ["insufficient_scope", "", "", ""]),
        ("Bearer error=insufficient_scope, Bearer scope=a", ["insufficient_scope", "", "", ""]),
        ("Bearer error=insufficient_scope, DPoP scope=a", ["insufficient_scope", "", "", ""]),
        ("Bearer error=insufficient_scope, scope=a, scope=b", ["insufficient_scope", "a", "", ""]),
        ("Bearer error=insufficient_claims, claims=\"e30=\"", ["insufficient_claims", "", "", ""]),
        ("scope=a, Bearer", nothing),
    ] {
        assert_eq!(said(field), expected, "{field}");
    }
}

#[test]
fn a1_a_step_up_is_one_under_any_scheme() {
    assert_eq!(read("Anything at=all").challenge, Renew);
    assert_eq!(read("X error=\"insufficient_user_authentication\"").challenge, StepUp);
    assert_eq!(read("DPoP error=\"insufficient_scope\", Bearer").challenge, StepUp);
}

#[test]
fn a_field_of_a_megabyte_is_read_in_one_go() {
    for part in ["a=b,", ",", "Bearer ", "Bearer a=\"\\\"\", ", "a==, "] {
        let field = format!("Bearer {}", part.repeat((1 << 20) / part.len()));
        assert_eq!(read(&field).challenge, Renew);
    }
    let field = format!("Bearer error=insufficient_scope, a=\"{}", "\\\"".repeat(1 << 19));
    assert_eq!(read(&field).challenge, StepUp);
}

/// A challenge as the grammar has it: a scheme, and a token68 or parameters.
#[derive(Clone, Debug)]
struct Written {
    scheme: String,
    token68: String,
    /// Name, value, and whether to write it quoted whatever it is.
    params: Vec<(String, String, bool)>,
}

fn token() -> impl Strategy<Value = String> {
    "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"
}

fn written() -> impl Strategy<Value = Written> {
    let param = (token(), "[\\x20-\\x7e\\t]{0,12}|[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", any::<bool>());
    let params = prop::collection::vec(param, 0..5);
    (token(), prop::option::of("[A-Za-z0-9._~+/-]{1,12}={0,3}"), params).prop_map(|(scheme, token68, params)| {
        match token68 {
            Some(token68) => Written { scheme, token68, params: Vec::new() },
            None => Written { scheme, token68: String::new(), params },
        }
    })
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

proptest! {
    #[test]
    fn every_challenge_of_the_grammar_is_read_as_it_was_written(
        list in prop::collection::vec(written(), 1..5),
        gaps in prop::collection::vec("[ \\t]{0,2}", 64),
    ) {
        let mut gap = gaps.iter().cycle();
        let mut blank = || gap.next().cloned().unwrap_or_default();
        let mut field = String::new();
        let mut expected = Vec::new();
        for challenge in &list {
            field += &format!("{},{}", blank(), blank());
            field += &challenge.scheme;
            expected.push((challenge.scheme.clone(), challenge.token68.clone()));
            if !challenge.token68.is_empty() {
                field += &format!(" {}{}", blank(), challenge.token68);
            }
            for (i, (name, value, quoted)) in challenge.params.iter().enumerate() {
                field += if i == 0 { " " } else { "," };
                let value_text = if *quoted || !is_token(value) {
                    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
                } else {
                    value.clone()
                };
                field += &format!("{}{name}{}={}{value_text}{}", blank(), blank(), blank(), blank());
                expected.push((name.clone(), format!("={value}")));
            }
        }
        let found: Vec<_> = challenge::items(field.as_bytes())
            .map(|item| {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it was written as text");
                match item {
                    Item::Scheme(name, token68) => (text(name), text(token68)),
                    Item::Param(name, value) => (text(name), format!("={}", text(&challenge::unquoted(value)))),
                }
            })
            .collect();
        prop_assert_eq!(found, expected, "{}", field);
    }

    #[test]
    fn any_bytes_are_read_to_an_end(field in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&field);
    }

    #[test]
    fn any_pieces_of_challenges_are_read_to_an_end(parts in prop::collection::vec(prop::sample::select(PARTS), 0..20)) {
        check(parts.concat().as_bytes());
    }
}

const PARTS: &[&str] = &[
    "Bearer ",
    "Basic ",
    "DPoP ",
    "Negotiate ",
    "error=",
    "error",
    "scope=",
    "acr_values=",
    "max_age=",
    "insufficient_scope",
    "\"insufficient_scope\"",
    "insufficient_user_authentication",
    "invalid_token",
    "=",
    "==",
    "\"",
    "\\",
    "\\\"",
    ",",
    ", ",
    " ",
    "\t",
    ";",
    "é",
    "\0",
    "a",
    "/",
    "\r\n",
    "realm=\"x\", ",
    "\"\"",
    "Bearer error=\"insufficient_scope\", ",
];

/// What holds for every input: it ends, each piece lies in the field after the one before, names are tokens, and the
/// verdict is one that the pieces bear out.
fn check(field: &[u8]) {
    let (mut at, mut schemes) = (field.as_ptr() as usize, 0);
    let end = at + field.len();
    for item in challenge::items(field) {
        let (name, value) = match item {
            Item::Scheme(name, token68) => {
                schemes += 1;
                (name, token68)
            }
            Item::Param(name, value) => (name, value),
        };
        assert!(std::str::from_utf8(name).is_ok_and(is_token), "{field:?}");
        for part in [name, value].into_iter().filter(|part| !part.is_empty()) {
            assert!(part.as_ptr() as usize >= at, "{field:?}");
            at = part.as_ptr() as usize + part.len();
        }
        assert!(at <= end, "{field:?}");
        let unquoted = challenge::unquoted(value);
        assert!(unquoted.len() <= value.len(), "{field:?}");
    }
    let asked = challenge::read(field);
    let error = challenge::unquoted(asked.said[0]);
    assert_eq!(asked.challenge == StepUp, schemes > 0 && error.starts_with(b"insufficient_"), "{field:?}: {asked:?}");
}

/// `cargo test --release --test core -- --ignored fuzz`; `FUZZ=N` for another number of inputs than ten million.
#[test]
#[ignore = "takes a minute: ten million inputs"]
fn fuzz_ten_million_fields() {
    let inputs: u64 = std::env::var("FUZZ").map_or(10_000_000, |n| n.parse().expect("FUZZ is a number"));
    let start = std::time::Instant::now();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    // splitmix64: the same inputs on every machine.
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let (mut field, mut bytes, mut step_ups) = (Vec::new(), 0, 0_u64);
    for _ in 0..inputs {
        field.clear();
        for _ in 0..next() % 12 {
            match next() % 8 {
                0 => field.push(next() as u8),
                _ => field.extend(PARTS[next() as usize % PARTS.len()].bytes()),
            }
        }
        // Sometimes a byte is changed, so that what was whole is not.
        if next() % 4 == 0 && !field.is_empty() {
            let at = next() as usize % field.len();
            field[at] = next() as u8;
        }
        check(&field);
        bytes += field.len();
        step_ups += u64::from(challenge::read(&field).challenge == StepUp);
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{inputs} fields, {bytes} bytes, {step_ups} step-ups, in {seconds:.1} s");
    assert!(step_ups > inputs / 1_000, "the inputs reach the depths");
}
