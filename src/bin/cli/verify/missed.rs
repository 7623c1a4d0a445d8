//! What was asked for by name, or at all, and is not there.

use std::collections::BTreeMap;

use super::Args;
use super::discover::Group;
use super::run::Presence;

/// Something of which there is nothing.
pub struct Missed {
    /// `everything`, or what was named, such as `account 111122223333`.
    pub what: String,
    /// For people.
    pub text: String,
}

/// What there is nothing of, when this is there in accounts and regions.
pub fn missed(args: &Args, there: &BTreeMap<Group, Presence>) -> Vec<Missed> {
    if !there.values().any(|there| *there == Presence::Found) {
        let accounts = named("account", &args.accounts);
        let regions = named("region", &args.regions);
        let named: Vec<String> = [accounts, regions].into_iter().flatten().collect();
        return vec![Missed {
            what: "everything".to_owned(),
            text: nothing(args, &named.join(", ")),
        }];
    }
    let there: Vec<&Group> = there
        .iter()
        .filter(|(_, there)| **there != Presence::Nothing)
        .map(|(group, _)| group)
        .collect();
    let has_account = |account: &&String| there.iter().any(|group| group.account == **account);
    let has_region = |region: &&String| there.iter().any(|group| group.region == **region);
    let accounts = args.accounts.iter().filter(|account| !has_account(account));
    let regions = args.regions.iter().filter(|region| !has_region(region));
    let accounts = accounts.map(|account| format!("account {account}"));
    let regions = regions.map(|region| format!("region {region}"));
    let missed = |what: String| Missed {
        text: nothing(args, &what),
        what,
    };
    accounts.chain(regions).map(missed).collect()
}

fn named(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
}

/// Says that nothing was found, of what, where and when.
fn nothing(args: &Args, named: &str) -> String {
    let what = match &args.trail_arn {
        Some(arn) => format!("no digest of trail {arn}"),
        None => "no digest and no log file".to_owned(),
    };
    let place = match named.is_empty() {
        true => args.target.clone(),
        false => format!("{named} of {}", args.target),
    };
    let time = match (args.start, args.end) {
        (None, None) => String::new(),
        (Some(start), None) => format!(" from {start} on"),
        (None, Some(end)) => format!(" up to {end}"),
        (Some(start), Some(end)) => format!(" from {start} to {end}"),
    };
    format!("nothing found: {what} in {place}{time}")
}
