//! The nearest miss: the smallest set of conditions whose want stops a match. A condition that is
//! asked for twice counts once.

use std::collections::BTreeSet;

use super::clause::Join;
use super::verdict::Finding;

/// A condition, by what it says.
pub(super) type Said = (String, String);

/// How many ways to a match are followed from each clause, the shortest first. Patterns of people
/// have a few; for one with more, what is found is small and perhaps not the smallest.
const WAYS: usize = 256;

/// The conditions of the shortest way to a match; of several, those that come first in the pattern.
pub(super) fn nearest(root: &Finding) -> BTreeSet<Said> {
    let mut said = Vec::new();
    let shortest = ways(root, &mut said).into_iter().next().unwrap_or_default();
    shortest
        .into_iter()
        .filter_map(|id| said.get(id).cloned())
        .collect()
}

/// The sets of false conditions, by their number in `said`, that would each be enough if they
/// were true, the shortest first.
fn ways(finding: &Finding, said: &mut Vec<Said>) -> Vec<BTreeSet<usize>> {
    match finding.join() {
        _ if finding.holds() => vec![BTreeSet::new()],
        Join::One => vec![BTreeSet::from([number(finding.said(), said)])],
        Join::Any => shortest(
            finding
                .parts()
                .iter()
                .flat_map(|part| ways(part, said))
                .collect(),
        ),
        Join::All => finding
            .parts()
            .iter()
            .fold(vec![BTreeSet::new()], |so_far, part| {
                let more = ways(part, said);
                shortest(
                    so_far
                        .iter()
                        .flat_map(|way| more.iter().map(move |more| way | more))
                        .collect(),
                )
            }),
    }
}

fn number(condition: Said, said: &mut Vec<Said>) -> usize {
    let known = said.iter().position(|other| *other == condition);
    known.unwrap_or_else(|| {
        said.push(condition);
        said.len() - 1
    })
}

fn shortest(mut ways: Vec<BTreeSet<usize>>) -> Vec<BTreeSet<usize>> {
    ways.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    ways.dedup();
    ways.truncate(WAYS);
    ways
}
