//! How large a pattern may be.

/// What a pattern may hold at most. The default is what CloudWatch accepts; a caller that expands
/// lists into a pattern, and never sends it to CloudWatch, may allow more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Characters, not bytes. Default 1024 (AWS API reference, TestMetricFilter).
    pub max_chars: usize,
    /// Regular expressions. Default 2 (AWS user guide, Filter pattern syntax).
    pub max_regexes: usize,
    /// Selectors with a wildcard. Default 3 (AWS user guide, Filter pattern syntax).
    pub max_wildcard_selectors: usize,
    /// Parentheses inside each other. Default 512, which no pattern of 1024 characters can exceed:
    /// CloudWatch knows no such limit, our stack does.
    pub max_depth: usize,
    /// Characters that one regular expression stands for, repetitions spelled out: `ab{2,5}c` needs 7,
    /// `ab*c` 3. Default 1024, so that what could be spelled out in a pattern is taken. CloudWatch
    /// knows no such limit; the time for a message grows with it.
    pub max_regex_positions: usize,
    /// Errors that are reported before the parser gives up. Default 20.
    pub max_errors: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_chars: 1024,
            max_regexes: 2,
            max_wildcard_selectors: 3,
            max_depth: 512,
            max_regex_positions: 1024,
            max_errors: 20,
        }
    }
}
