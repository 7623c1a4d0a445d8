//! A backtracking engine for the regular expressions that [`generate`](super::generate) makes.

/// One position of a branch.
enum Piece {
    Start,
    End,
    Atom {
        accepts: Box<dyn Fn(char) -> bool>,
        min: usize,
        max: usize,
    },
}

/// Whether the expression is found anywhere, as by `java.util.regex.Matcher.find`.
pub fn find(source: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    source.split('|').any(|branch| {
        let pieces = parse(branch);
        (0..=text.len()).any(|start| matches_at(&pieces, &text, start))
    })
}

fn matches_at(pieces: &[Piece], text: &[char], at: usize) -> bool {
    match pieces.split_first() {
        None => true,
        Some((Piece::Start, rest)) => at == 0 && matches_at(rest, text, at),
        Some((Piece::End, rest)) => {
            let at_end = text[at..].is_empty() || text[at..] == ['\n'];
            at_end && matches_at(rest, text, at)
        }
        Some((Piece::Atom { accepts, min, max }, rest)) => {
            let run = text[at..].iter().take(*max).take_while(|c| accepts(**c));
            let most = run.count();
            (*min..=most).any(|count| matches_at(rest, text, at + count))
        }
    }
}

fn parse(branch: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = branch;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\\' => 2,
            '[' => rest.find(']').unwrap() + 1,
            _ => 1,
        };
        let (atom, after) = rest.split_at(length);
        rest = after;
        pieces.push(match first {
            '^' => Piece::Start,
            '$' => Piece::End,
            _ => {
                let (min, max);
                ((min, max), rest) = quantifier(rest);
                let accepts = set(atom);
                Piece::Atom { accepts, min, max }
            }
        });
    }
    pieces
}

fn quantifier(text: &str) -> ((usize, usize), &str) {
    const MANY: usize = 1000;
    let (bounds, length) = match text.chars().next() {
        Some('*') => ((0, MANY), 1),
        Some('+') => ((1, MANY), 1),
        Some('?') => ((0, 1), 1),
        Some('{') => {
            let end = text.find('}').unwrap();
            let (min, max) = text[1..end].split_once(',').unwrap_or((&text[1..end], ""));
            let low = min.parse().unwrap_or(0);
            let high = match text[1..end].contains(',') {
                true => max.parse().unwrap_or(MANY),
                false => low,
            };
            ((low, high), end + 1)
        }
        _ => return ((1, 1), text),
    };
    let rest = &text[length..];
    (bounds, rest.strip_prefix('?').unwrap_or(rest))
}

fn set(atom: &str) -> Box<dyn Fn(char) -> bool> {
    let inner: Vec<char> = atom.trim_matches(['[', ']']).chars().collect();
    match atom {
        "." => Box::new(|c| !"\n\r\u{85}\u{2028}\u{2029}".contains(c)),
        r"\s" => Box::new(|c| " \t\n\u{b}\u{c}\r".contains(c)),
        r"\d" => Box::new(|c| c.is_ascii_digit()),
        r"\W" => Box::new(|c| !(c.is_ascii_alphanumeric() || c == '_')),
        _ if inner.first() == Some(&'^') => Box::new(move |c| !inner[1..].contains(&c)),
        _ => Box::new(move |c| inner.contains(&c)),
    }
}
