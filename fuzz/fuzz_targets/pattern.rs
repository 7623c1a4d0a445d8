//! Any text as a pattern, on any message: nothing panics, every fault and warning points into the
//! text, an explanation says what the matcher says, and what is printed parses to an equal tree
//! that matches the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::pattern::{Limits, Pattern, matches};

fuzz_target!(|input: &str| {
    // The last line is the message.
    let (source, message) = input.rsplit_once('\n').unwrap_or((input, "{}"));
    let pattern = match Pattern::parse(source) {
        Ok(pattern) => pattern,
        Err(errors) => {
            assert!(errors.iter().next().is_some());
            for error in &errors {
                assert!(source.get(error.span.clone()).is_some(), "{error:?}");
            }
            assert!(!errors.render(source, "fuzz").is_empty());
            return;
        }
    };
    let matched = matches(&pattern, message);
    let warnings = pattern.warnings(&[]);
    for warning in &warnings {
        assert!(source.get(warning.span.clone()).is_some(), "{warning:?}");
    }
    assert!(!(matched && warnings.never_matches()), "`{source}` matches");
    let verdict = pattern.explain_message(message);
    assert_eq!(verdict.matches(), matched, "`{source}`: {verdict}");
    // Quotes and blanks may be added.
    let limits = Limits {
        max_chars: usize::MAX,
        ..Limits::default()
    };
    let printed = pattern.ast().to_string();
    let again = Pattern::parse_with(&printed, &limits);
    let again =
        again.unwrap_or_else(|errors| panic!("`{source}` is printed as `{printed}`: {errors}"));
    assert_eq!(
        pattern.ast(),
        again.ast(),
        "`{source}` is printed as `{printed}`"
    );
    assert_eq!(
        matched,
        matches(&again, message),
        "`{source}` and `{printed}`"
    );
});
