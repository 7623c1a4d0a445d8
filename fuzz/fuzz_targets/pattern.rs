//! Any text as a pattern, on any message: nothing panics, every fault points into the text, and
//! what is printed parses to an equal tree that matches the same.
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
        matches(&pattern, message),
        matches(&again, message),
        "`{source}` and `{printed}`"
    );
});
