//! Terms: substrings of the message.

use memchr::memmem::Finder;

use super::super::ast::{Sign, Spanned, Term};

/// Compiled terms; without any, every message matches (filter pattern spec 1.3).
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub required: Vec<Finder<'static>>,
    pub excluded: Vec<Finder<'static>>,
    /// Empty where the pattern also holds other terms: `?` is then without effect (AWS user guide,
    /// Filter pattern syntax; filter pattern spec 3.4).
    pub optional: Vec<Finder<'static>>,
}

impl Terms {
    pub fn new(terms: &[Spanned<Term>]) -> Terms {
        let with = |sign: Sign| {
            terms
                .iter()
                .filter(|term| term.node.sign == sign)
                .map(|term| Finder::new(&term.node.text).into_owned())
                .collect::<Vec<_>>()
        };
        let (required, excluded) = (with(Sign::Required), with(Sign::Excluded));
        let optional = if required.is_empty() && excluded.is_empty() {
            with(Sign::Optional)
        } else {
            Vec::new()
        };
        Terms {
            required,
            excluded,
            optional,
        }
    }

    pub fn matches(&self, text: &str) -> bool {
        let found = |term: &Finder<'static>| term.find(text.as_bytes()).is_some();
        self.required.iter().all(found)
            && !self.excluded.iter().any(found)
            && (self.optional.is_empty() || self.optional.iter().any(found))
    }
}
