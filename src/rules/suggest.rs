//! "Did you mean": the closest word of a closed vocabulary.

/// The word of `known` that is closest to `word`, when it differs by at most a third of the
/// letters of `word` (and by one to three edits).
pub fn closest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    let scored = known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate));
    let (edits, best) = scored.min_by_key(|(edits, _)| *edits)?;
    (edits <= allowed).then_some(best)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.chars().zip(row.iter_mut().skip(1)) {
            let cost = if x == y {
                diagonal
            } else {
                1 + diagonal.min(*cell).min(left)
            };
            diagonal = std::mem::replace(cell, cost);
            left = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word() {
        let known = ["threshold", "title", "severity", "pattern", "where_not_in"];
        for (word, found) in [
            ("treshold", Some("threshold")),
            ("tilte", None),
            ("titel", None),
            ("title_", Some("title")),
            ("severty", Some("severity")),
            ("where_notin", Some("where_not_in")),
            ("query", None),
        ] {
            assert_eq!(closest(word, known), found, "{word}");
        }
    }

    #[test]
    fn distances_are_levenshtein() {
        for (a, b, edits) in [
            ("", "", 0),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }
}
