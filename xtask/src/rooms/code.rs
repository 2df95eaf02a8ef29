//! Source text without what is no code: comments, texts and tests become spaces, so that lines and columns stay.

#[derive(Clone, Copy, PartialEq)]
pub enum Language {
    Rust,
    JavaScript,
}

/// What to keep of the texts in quotes.
#[derive(Clone, Copy, PartialEq)]
pub enum Texts {
    Keep,
    Blank,
}

/// The text with its comments blanked, and, if so wanted, what stands between quotes.
pub fn code(text: &str, language: Language, texts: Texts) -> String {
    let mut reader = Reader { rest: text, out: String::with_capacity(text.len()), language, texts, last: ' ' };
    reader.read(None);
    reader.out
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    language: Language,
    texts: Texts,
    /// The last character of code that is no space: it tells a regular expression from a division.
    last: char,
}

impl Reader<'_> {
    /// Reads to the end, or over the brace that closes a `${`.
    fn read(&mut self, mut depth: Option<usize>) {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '/' if self.rest.starts_with("//") => self.blank(self.rest.find('\n').unwrap_or(self.rest.len())),
                '/' if self.rest.starts_with("/*") => self.blank(self.comment()),
                '"' => self.quoted('"'),
                '\'' if self.language == Language::JavaScript => self.quoted('\''),
                '\'' => self.character(),
                '`' if self.language == Language::JavaScript => self.template(),
                '/' if self.language == Language::JavaScript && self.is_regex() => self.regex(),
                'r' if self.language == Language::Rust && !is_word(self.last_out()) => self.raw(),
                _ => {
                    if let Some(open) = &mut depth {
                        match c {
                            '{' => *open += 1,
                            '}' if *open == 0 => return self.keep(1),
                            '}' => *open -= 1,
                            _ => {}
                        }
                    }
                    self.keep(c.len_utf8());
                }
            }
        }
    }

    fn last_out(&self) -> char {
        self.out.chars().next_back().unwrap_or(' ')
    }

    fn keep(&mut self, bytes: usize) {
        let (kept, rest) = self.rest.split_at(bytes);
        self.last = kept.trim_end().chars().next_back().unwrap_or(self.last);
        self.out.push_str(kept);
        self.rest = rest;
    }

    fn blank(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at(bytes);
        self.out.extend(gone.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    /// The length of a block comment. Rust's may hold others.
    fn comment(&self) -> usize {
        let (mut depth, mut at) = (0, 0);
        while at < self.rest.len() {
            let here = &self.rest[at..];
            if here.starts_with("/*") && (depth == 0 || self.language == Language::Rust) {
                (depth, at) = (depth + 1, at + 2);
            } else if here.starts_with("*/") {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            } else {
                at += here.chars().next().map_or(1, char::len_utf8);
            }
        }
        self.rest.len()
    }

    /// Between quotes; the quotes themselves stay.
    fn quoted(&mut self, quote: char) {
        let end = closing(&self.rest[1..], quote);
        self.keep(1);
        self.text(end);
        self.keep(usize::from(!self.rest.is_empty()));
    }

    fn text(&mut self, bytes: usize) {
        if self.texts == Texts::Keep { self.keep(bytes) } else { self.blank(bytes) }
    }

    /// `'a'` is a text, `'a` is a lifetime.
    fn character(&mut self) {
        let mut after = self.rest.chars().skip(1);
        match (after.next(), after.next()) {
            (Some('\\'), _) | (_, Some('\'')) => self.quoted('\''),
            _ => self.keep(1),
        }
    }

    /// `r"…"` and `r#"…"#`.
    fn raw(&mut self) {
        let hashes = self.rest[1..].bytes().take_while(|b| *b == b'#').count();
        if self.rest.as_bytes().get(1 + hashes) != Some(&b'"') {
            return self.keep(1);
        }
        let begin = 2 + hashes;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = self.rest[begin..].find(&close).unwrap_or(self.rest.len() - begin);
        self.keep(begin);
        self.text(end);
        self.keep(close.len().min(self.rest.len()));
    }

    /// A template's text goes, what it computes stays.
    fn template(&mut self) {
        self.keep(1);
        while let Some(c) = self.rest.chars().next() {
            if self.rest.starts_with("${") {
                self.keep(2);
                self.read(Some(0));
            } else if c == '`' {
                return self.keep(1);
            } else {
                let escaped = if c == '\\' { self.rest.chars().nth(1).map_or(0, char::len_utf8) } else { 0 };
                self.text(c.len_utf8() + escaped);
            }
        }
    }

    /// After a value a slash divides; elsewhere a regular expression begins.
    fn is_regex(&self) -> bool {
        let word = self.out.trim_end().rsplit(|c| !is_word(c)).next().unwrap_or_default();
        matches!(word, "return" | "typeof" | "case" | "in" | "of")
            || !(is_word(self.last) || ")]}\"'`".contains(self.last))
    }

    fn regex(&mut self) {
        let (mut in_class, mut escaped, mut end) = (false, false, self.rest.len());
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    end = at + 1;
                    break;
                }
                _ => {}
            }
        }
        self.blank(end);
        self.last = '"';
    }
}

/// Where the quote is that ends the text.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Rust code without the items that only tests have. It wants code whose texts are blanked.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let end = item_end(&item[MARK.len()..]) + MARK.len();
        out.extend(item[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &item[end..];
    }
    out + rest
}

/// An item ends with its semicolon, or with the brace that closes its first one.
fn item_end(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_of_rust_go_and_columns_stay() {
        let text = "let a = \"x // y\"; // z\nlet b = '\"'; /* c /* d */ e */ fn f<'a>() { r#\"\"g\"#; }";
        let expected = "let a = \"      \";     \nlet b = ' ';                   fn f<'a>() { r#\"  \"#; }";
        assert_eq!(code(text, Language::Rust, Texts::Blank), expected);
        assert!(code(text, Language::Rust, Texts::Keep).starts_with("let a = \"x // y\"; "));
    }

    #[test]
    fn what_a_template_computes_stays_and_a_regex_goes() {
        let text = "a = `b ${c[0] + `d`} e`; f = g / h; i = /\"[/]/.test(j) // k";
        let expected = "a = `  ${c[0] + ` `}  `; f = g / h; i =       .test(j)     ";
        assert_eq!(code(text, Language::JavaScript, Texts::Blank), expected);
    }

    #[test]
    fn only_the_item_under_the_mark_is_a_test() {
        let text = "a;\n#[cfg(test)]\nmod tests { fn b() { c } }\nd;\n#[cfg(test)]\nuse e;\nf";
        assert_eq!(without_tests(text).split_whitespace().collect::<Vec<_>>(), ["a;", "d;", "f"]);
    }
}
