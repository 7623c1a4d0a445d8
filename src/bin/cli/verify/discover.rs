//! Which accounts and regions there are below a prefix.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use trailwarden::integrity::{DIGESTS, Folders, is_account, is_organisation};
use trailwarden::logfile::Folder;

use super::source::Source;

/// One account in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// 12 digits.
    pub account: String,
    /// Such as `eu-central-1`.
    pub region: String,
}

/// `{prefix}AWSLogs/{organisation}{account}` in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    /// Bucket name.
    pub bucket: String,
    /// Without a closing `/`.
    pub root: String,
}

/// What to look for.
pub struct Wanted<'a> {
    /// Only these accounts, unless there is none.
    pub accounts: &'a [String],
    /// Only these regions, unless there is none.
    pub regions: &'a [String],
}

/// A prefix may hold folders of other services: so deep is looked for `AWSLogs`.
const DEPTH: usize = 6;

/// And in so many folders, because a bucket of other things can have millions.
const LOOKS: usize = 10_000;

/// Roots by account and region.
pub type Found = BTreeMap<Group, BTreeSet<Root>>;

/// Finds all groups below `prefix`, which is empty or ends with `/`, and may lie inside a root. A
/// folder that cannot be listed is told to `trouble`, and the search goes on.
pub fn discover(
    source: &dyn Source,
    bucket: &str,
    prefix: &str,
    wanted: &Wanted<'_>,
    trouble: &(dyn Fn(String) + Sync),
) -> Found {
    let search = Search {
        source,
        bucket,
        wanted,
        trouble,
        looks: AtomicUsize::new(0),
        found: Mutex::new(Found::new()),
    };
    // A place inside a root narrows the search, and digests and log files belong together.
    let probe = format!("{prefix}-/-/-");
    match Folders::parse(&probe) {
        Some(inside) => {
            let region = Some(inside.region).filter(|region| *region != "-");
            search.account(inside.root, inside.account, region);
        }
        None if above_account(prefix) => search.accounts(prefix),
        None => search.prefix(prefix, DEPTH),
    }
    search.found.into_inner().unwrap_or_default()
}

/// `…AWSLogs/` or `…AWSLogs/o-…/`
fn above_account(prefix: &str) -> bool {
    let mut parts = prefix.trim_end_matches('/').rsplit('/');
    let last = parts.next().unwrap_or_default();
    last == "AWSLogs" || (is_organisation(last) && parts.next() == Some("AWSLogs"))
}

struct Search<'a> {
    source: &'a dyn Source,
    bucket: &'a str,
    wanted: &'a Wanted<'a>,
    trouble: &'a (dyn Fn(String) + Sync),
    looks: AtomicUsize,
    found: Mutex<Found>,
}

impl Search<'_> {
    /// The folders directly below a prefix.
    fn folders(&self, prefix: &str) -> Vec<String> {
        let listed = self.source.folders(self.bucket, prefix);
        listed.unwrap_or_else(|error| {
            let bucket = self.bucket;
            (self.trouble)(format!("s3://{bucket}/{prefix} cannot be listed: {error}"));
            Vec::new()
        })
    }

    /// Looks for `AWSLogs` below a prefix.
    fn prefix(&self, prefix: &str, depth: usize) {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        if looks >= LOOKS {
            if looks == LOOKS {
                let bucket = self.bucket;
                (self.trouble)(format!(
                    "s3://{bucket} has more than {LOOKS} folders beside `AWSLogs`: name the prefix"
                ));
            }
            return;
        }
        let folders = self.folders(prefix);
        self.each(&folders, |folder| match last(folder) {
            "AWSLogs" => self.accounts(folder),
            _ if depth > 0 => self.prefix(folder, depth - 1),
            _ => (),
        });
    }

    /// Looks for accounts below `AWSLogs`.
    fn accounts(&self, prefix: &str) {
        let folders = self.folders(prefix);
        self.each(&folders, |folder| {
            let name = last(folder);
            if is_account(name) {
                self.account(folder.trim_end_matches('/'), name, None);
            // A trail's prefix may be, or end in, `AWSLogs` too.
            } else if is_organisation(name) || name == "AWSLogs" {
                self.accounts(folder);
            }
        });
    }

    /// Looks for regions in the folders of an account.
    fn account(&self, root: &str, account: &str, only: Option<&str>) {
        let accounts = self.wanted.accounts;
        if !accounts.is_empty() && !accounts.iter().any(|wanted| wanted == account) {
            return;
        }
        let folders = self.folders(&format!("{root}/"));
        let ours = |folder: &&String| {
            let name = last(folder);
            name == DIGESTS || name.parse::<Folder>().is_ok()
        };
        let folders: Vec<String> = folders.iter().filter(ours).cloned().collect();
        self.each(&folders, |folder| {
            for region in self.folders(folder) {
                let region = last(&region);
                let regions = self.wanted.regions;
                let asked = regions.is_empty() || regions.iter().any(|wanted| wanted == region);
                if !asked || only.is_some_and(|only| only != region) {
                    continue;
                }
                let group = Group {
                    account: account.to_owned(),
                    region: region.to_owned(),
                };
                let root = Root {
                    bucket: self.bucket.to_owned(),
                    root: root.to_owned(),
                };
                if let Ok(mut found) = self.found.lock() {
                    found.entry(group).or_default().insert(root);
                }
            }
        });
    }

    /// Several at a time where the source answers several at a time.
    fn each(&self, folders: &[String], look: impl Fn(&str) + Sync) {
        for chunk in folders.chunks(self.source.at_a_time().max(1)) {
            if let [one] = chunk {
                look(one);
                continue;
            }
            std::thread::scope(|scope| {
                for folder in chunk {
                    scope.spawn(|| look(folder));
                }
            });
        }
    }
}

/// The name of a folder whose key ends with `/`.
fn last(folder: &str) -> &str {
    folder
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
}
