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
    /// Memory of one compiled regular expression, in bytes. Default 32 MiB.
    pub max_regex_bytes: usize,
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
            max_regex_bytes: 32 << 20,
            max_errors: 20,
        }
    }
}
