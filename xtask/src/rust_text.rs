//! Rust source with the contents of comments and literals blanked, so that a check can search for
//! words.
//!
//! Lines and columns stay where they were. It knows as much of Rust's lexer as that takes: nested
//! block comments, raw strings, and lifetimes beside character literals.

/// Blanks comments, strings and character literals with spaces; newlines stay.
pub fn code(source: &str) -> String {
    let text: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < text.len() {
        let end = end_of_blank(&text, at);
        if end > at {
            out.extend(text[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// [`code`] with the items below `#[cfg(test)]` blanked too.
pub fn code_without_tests(source: &str) -> String {
    let mut out: Vec<char> = code(source).chars().collect();
    let marker: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut at = 0;
    while at + marker.len() <= out.len() {
        if out[at..at + marker.len()] != marker[..] {
            at += 1;
            continue;
        }
        let end = end_of_item(&out, at + marker.len());
        for c in &mut out[at..end] {
            if *c != '\n' {
                *c = ' ';
            }
        }
        at = end;
    }
    out.into_iter().collect()
}

/// The words of `code` (identifiers and keywords), each with its offset in bytes.
pub fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + code[at..].find(word)?;
        let end = code[start..].find(|c| !word(c)).map_or(code.len(), |n| start + n);
        at = end;
        Some((start, &code[start..end]))
    })
}

/// The number of the line that holds byte `offset`, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// The end of the comment or literal that begins at `at`, or `at` when none does.
fn end_of_blank(text: &[char], at: usize) -> usize {
    let next = |n: usize| text.get(at + n).copied().unwrap_or('\0');
    match (text[at], next(1)) {
        ('/', '/') => find(text, at, |c| c == '\n'),
        ('/', '*') => end_of_block_comment(text, at),
        ('"', _) => end_of_string(text, at + 1),
        ('r', '"' | '#') if !follows_word(text, at) || follows_byte_prefix(text, at) => {
            end_of_raw_string(text, at)
        }
        ('\'', '\\') => find(text, at + 3, |c| c == '\'') + 1,
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

fn find(text: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    (from..text.len()).find(|&n| wanted(text[n])).unwrap_or(text.len())
}

fn follows_word(text: &[char], at: usize) -> bool {
    at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_')
}

fn follows_byte_prefix(text: &[char], at: usize) -> bool {
    at > 0 && matches!(text[at - 1], 'b' | 'c') && !follows_word(text, at - 1)
}

fn end_of_block_comment(text: &[char], at: usize) -> usize {
    let (mut depth, mut n) = (0, at);
    while n + 1 < text.len() {
        match (text[n], text[n + 1]) {
            ('/', '*') => (depth, n) = (depth + 1, n + 2),
            ('*', '/') => (depth, n) = (depth - 1, n + 2),
            _ => n += 1,
        }
        if depth == 0 {
            return n;
        }
    }
    text.len()
}

fn end_of_string(text: &[char], mut n: usize) -> usize {
    while n < text.len() {
        match text[n] {
            '\\' => n += 2,
            '"' => return n + 1,
            _ => n += 1,
        }
    }
    text.len()
}

fn end_of_raw_string(text: &[char], at: usize) -> usize {
    let hashes = find(text, at + 1, |c| c != '#') - (at + 1);
    if text.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let mut n = at + 2 + hashes;
    while n < text.len() {
        let tail = &text[n + 1..];
        if text[n] == '"' && tail.len() >= hashes && tail[..hashes].iter().all(|&c| c == '#') {
            return n + 1 + hashes;
        }
        n += 1;
    }
    text.len()
}

/// The end of the item that starts after `at`: its matching `}`, or a `;` before any `{`.
fn end_of_item(code: &[char], at: usize) -> usize {
    let mut depth = 0;
    for (n, &c) in code.iter().enumerate().skip(at) {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return n + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return n + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_blank() {
        for (source, expected) in [
            ("a /* x /* y */ z */ b", "a                   b"),
            ("a // unsafe\nb", "a          \nb"),
            ("f(\"unsafe \\\" \")x", "f(            )x"),
            ("g(r#\"un\"safe\"#);", "g(            );"),
            ("h('a' 'static '\\n' br\"c\")", "h(    'static      b    )"),
        ] {
            assert_eq!(code(source), expected, "{source}");
        }
    }

    #[test]
    fn tests_are_left_out() {
        let source = "use a;\n#[cfg(test)]\nmod tests { use b; fn c() { } }\nuse d;";
        let left = code_without_tests(source);
        let left: Vec<&str> = left.split_whitespace().collect();
        assert_eq!(left, ["use", "a;", "use", "d;"]);
    }

    #[test]
    fn words_have_offsets() {
        let found: Vec<_> = words("fn a(b_1: u8)").collect();
        assert_eq!(found, [(0, "fn"), (3, "a"), (5, "b_1"), (10, "u8")]);
    }
}
