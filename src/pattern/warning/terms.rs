//! Terms: signs where none is meant, signs without effect, terms that contain each other.

use super::super::ast::{Sign, Spanned, Term};
use super::source::quote;
use super::{Finder, WarningKind};

impl Finder<'_> {
    pub(super) fn terms(&mut self, terms: &[Spanned<Term>]) {
        self.glued_signs(terms);
        self.ignored_term(terms);
        self.excluded_by_required(terms);
        self.repeated_terms(terms);
    }

    /// `a-b`: a sign starts a new term even inside a word (filter pattern spec 3.5).
    fn glued_signs(&mut self, terms: &[Spanned<Term>]) {
        let glued = |one: &Spanned<Term>, next: &Spanned<Term>| one.span.end == next.span.start;
        for run in terms.chunk_by(glued).filter(|run| run.len() > 1) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            let span = first.span.start..last.span.end;
            let parts: Vec<String> = run.iter().map(|term| term.to_string()).collect();
            let kind = WarningKind::GluedSign {
                run: self.source.quote(&span),
                parts: quote(&parts.join(" ")),
            };
            self.warn(kind, &span, None);
        }
    }

    /// `?a b`: once for a pattern.
    fn ignored_term(&mut self, terms: &[Spanned<Term>]) {
        let is_optional = |term: &&Spanned<Term>| term.node.sign == Sign::Optional;
        if terms.iter().all(|term| is_optional(&term)) {
            return;
        }
        // One inside a word has been reported.
        let mut previous = 0;
        let mut apart = terms.iter().filter(|term| {
            let glued = term.span.start > 0 && term.span.start == previous;
            previous = term.span.end;
            !glued
        });
        if let Some(term) = apart.find(is_optional) {
            let kind = WarningKind::IgnoredTerm {
                term: self.source.quote(&term.span),
            };
            self.warn(kind, &term.span, None);
        }
    }

    fn excluded_by_required(&mut self, terms: &[Spanned<Term>]) {
        let with = |sign| terms.iter().filter(move |term| term.node.sign == sign);
        for excluded in with(Sign::Excluded) {
            let holds = |term: &&Spanned<Term>| {
                self.afford() && term.node.text.contains(&excluded.node.text)
            };
            if let Some(required) = with(Sign::Required).find(holds) {
                let kind = WarningKind::ExcludedByRequired {
                    required: quote(&required.node.text),
                    excluded: quote(&excluded.node.text),
                };
                self.warn(kind, &excluded.span, Some(&required.span));
                self.never_matches = true;
                return;
            }
        }
    }

    /// `?ERR ?ERROR`: the second makes no difference.
    fn repeated_terms(&mut self, terms: &[Spanned<Term>]) {
        if terms.iter().any(|term| term.node.sign != Sign::Optional) {
            return;
        }
        for (index, term) in terms.iter().enumerate() {
            let mut others = terms.iter().enumerate();
            let covered = others.find(|(at, other)| {
                let is_other = *at < index || (*at > index && other.node.text != term.node.text);
                is_other && self.afford() && term.node.text.contains(&other.node.text)
            });
            if let Some((_, other)) = covered {
                let kind = WarningKind::Redundant {
                    branch: self.source.quote(&term.span),
                    other: self.source.quote(&other.span),
                };
                self.warn(kind, &term.span, Some(&other.span));
            }
        }
    }
}
