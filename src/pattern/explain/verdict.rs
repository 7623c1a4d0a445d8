//! What became of a message, clause by clause.

use std::collections::BTreeSet;
use std::fmt;

use super::super::ast::Span;
use super::super::matcher::Judged;
use super::super::{Extractor, Kind, Message, Pattern, Places, Selectors};
use super::clause::{Clause, Join};
use super::nearest::{Said, nearest};
use super::saw::Saw;
use super::why::{Asked, asked, why};

/// Whether a message matches a pattern, and why. `Display` prints the tree with the truth of every
/// clause and what it saw, and the nearest miss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    obstacle: Option<String>,
    root: Finding,
}

/// A clause and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    clause: Clause,
    holds: bool,
    is_near: bool,
    saw: Option<Saw>,
    why: Option<&'static str>,
    parts: Vec<Finding>,
}

impl Verdict {
    pub(super) fn new(pattern: &Pattern, message: &str) -> Verdict {
        let mut selectors = Selectors::default();
        let matcher = pattern.compile(&mut selectors);
        let mut places = Places::default();
        let extractor = Extractor::new(&selectors);
        let read = match pattern.kind() {
            Kind::Json => Some(extractor.read(message, &mut places)),
            _ => None,
        };
        let judged = matcher.judge(&Message {
            text: message,
            fields: read.and_then(Result::ok),
        });
        let mut conditions = judged.into_iter().zip(
            asked(pattern.ast())
                .into_iter()
                .chain(std::iter::repeat(Asked::Other)),
        );
        let clause = Clause::of_pattern(pattern.ast(), pattern.source());
        let mut root = Finding::new(clause, &mut conditions);
        let obstacle = match read {
            Some(Err(error)) => Some(format!("message is not a JSON object: {error}")),
            _ => None,
        };
        if obstacle.is_none() {
            let near = nearest(&root);
            root.mark(&near);
        }
        Verdict { obstacle, root }
    }

    /// Whether the message matches.
    pub fn matches(&self) -> bool {
        self.root.holds
    }

    /// Why no JSON pattern could match the message: it is not a JSON object (filter pattern spec
    /// 4.1). Then no clause has seen anything, and there is no nearest miss.
    pub fn obstacle(&self) -> Option<&str> {
        self.obstacle.as_deref()
    }

    /// The clause that is the whole pattern.
    pub fn root(&self) -> &Finding {
        &self.root
    }

    /// The fewest conditions that stop the match, in the order of the pattern; none if it matches.
    /// A condition that is asked for twice is there once. Conditions are taken one by one: it is
    /// not looked at whether a message can have them all.
    pub fn nearest_miss(&self) -> Vec<&Finding> {
        let mut near = Vec::new();
        self.root.collect_near(&mut near);
        near.sort_by_key(|finding| finding.span().start);
        let mut said = BTreeSet::new();
        near.retain(|finding| said.insert(finding.said()));
        near
    }
}

impl Finding {
    fn new<'m>(
        clause: Clause,
        conditions: &mut impl Iterator<Item = (Judged<'m>, Asked<'m>)>,
    ) -> Finding {
        let (clause, parts) = clause.dismantle();
        let parts: Vec<_> = parts
            .into_iter()
            .map(|part| Finding::new(part, conditions))
            .collect();
        let mut finding = Finding {
            clause,
            holds: false,
            is_near: false,
            saw: None,
            why: None,
            parts,
        };
        match finding.join() {
            Join::All => {
                finding.holds = finding.parts.iter().all(Finding::holds);
            }
            Join::Any => {
                finding.holds = finding.parts.iter().any(Finding::holds);
            }
            Join::One => {
                if let Some((judged, asked)) = conditions.next() {
                    finding.holds = judged.holds;
                    finding.saw = Saw::new(&judged.seen);
                    finding.why = why(asked, &judged.seen).filter(|_| !judged.holds);
                }
            }
        }
        finding
    }

    /// What the condition says.
    pub(super) fn said(&self) -> Said {
        (self.text().to_owned(), self.words().to_owned())
    }

    /// Marks the conditions of the nearest miss, wherever they stand.
    fn mark(&mut self, near: &BTreeSet<Said>) {
        self.is_near = self.join() == Join::One && !self.holds && near.contains(&self.said());
        for part in &mut self.parts {
            part.mark(near);
        }
    }

    fn collect_near<'f>(&'f self, near: &mut Vec<&'f Finding>) {
        if self.is_near {
            near.push(self);
        }
        for part in &self.parts {
            part.collect_near(near);
        }
    }

    /// How the parts belong together, see [`Clause::join`].
    pub fn join(&self) -> Join {
        self.clause.join()
    }

    /// The condition in the language of patterns, see [`Clause::text`].
    pub fn text(&self) -> &str {
        self.clause.text()
    }

    /// The condition in English, see [`Clause::words`].
    pub fn words(&self) -> &str {
        self.clause.words()
    }

    /// Where the clause is written in the pattern.
    pub fn span(&self) -> &Span {
        self.clause.span()
    }

    /// Whether the clause is true of the message.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// Whether the condition belongs to the nearest miss.
    pub fn is_near(&self) -> bool {
        self.is_near
    }

    /// What the condition looked at; none for a clause with parts, and for a regular expression that
    /// looks at the whole message.
    pub fn saw(&self) -> Option<&Saw> {
        self.saw.as_ref()
    }

    /// Why the condition is false, where that may surprise.
    pub fn why(&self) -> Option<&'static str> {
        self.why
    }

    /// The parts, in the order of the pattern.
    pub fn parts(&self) -> &[Finding] {
        &self.parts
    }

    /// What was seen, and why that is not enough.
    fn remark(&self) -> Option<String> {
        let saw = self.saw()?;
        Some(match self.why {
            Some(why) => format!("{}: {why}", saw.text),
            None => saw.text.clone(),
        })
    }

    fn write_tree(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let truth = if self.holds { "yes" } else { "no " };
        let label = self.clause.label();
        write!(f, "{truth} {:indent$}{label}", "", indent = depth * 2)?;
        if let Some(remark) = self.remark() {
            write!(f, "  ({remark})")?;
        }
        writeln!(f)?;
        self.parts
            .iter()
            .try_for_each(|part| part.write_tree(f, depth + 1))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(obstacle) = &self.obstacle {
            return writeln!(f, "no match: {obstacle}");
        }
        writeln!(f, "{}\n", if self.matches() { "match" } else { "no match" })?;
        self.root.write_tree(f, 0)?;
        let near = self.nearest_miss();
        match near.len() {
            0 => return Ok(()),
            1 => writeln!(f, "\nnearest miss: the match is stopped by this alone:")?,
            count => writeln!(f, "\nnearest miss: the match is stopped by these {count}:")?,
        }
        for finding in near {
            let remark = finding.remark();
            let saw = remark.map_or(String::new(), |remark| format!("  ({remark})"));
            writeln!(f, "  {}{saw}", finding.words())?;
        }
        Ok(())
    }
}
