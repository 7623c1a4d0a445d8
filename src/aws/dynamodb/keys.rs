//! Names of items and of the places where they wait.

use crate::integrity::Source;
use crate::ports::GroupKey;

/// Partition key of the table.
pub const ID: &str = "id";
/// What the item holds.
pub const BODY: &str = "body";
/// Counts the times that the item was written, for conditional writes.
pub const REVISION: &str = "revision";
/// Partition key of [`INDEX`].
pub const QUEUE: &str = "queue";
/// Sort key of [`INDEX`]: seconds of the clock.
pub const READY_AT: &str = "ready_at";
/// The table's attribute for time to live: seconds of the clock.
pub const EXPIRES_AT: &str = "expires_at";
/// When an alert was noted as sent: seconds of the clock.
pub const SENT_AT: &str = "sent_at";

/// The sparse index of what waits. It projects keys only.
pub const INDEX: &str = "waiting";

/// Partitions of a queue that takes something in with each log file or alert.
const SHARDS: u32 = 4;

/// What items wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Groups that hold something back, until it is due.
    Due,
    /// Alerts that are to be sent, until their claim ends.
    Pending,
    /// Objects that no digest lists yet, until somebody is to ask why.
    Unlisted,
    /// Chains of digests, until somebody is to look.
    Chains,
}

impl Queue {
    /// One of the queue's partitions.
    pub fn shard(self, number: u32) -> String {
        match self {
            Self::Due => format!("due#{number}"),
            Self::Pending => format!("pending#{number}"),
            Self::Unlisted => format!("unlisted#{number}"),
            Self::Chains => format!("chains#{number}"),
        }
    }

    /// How many partitions it has. Chains are written once an hour each.
    pub fn shards(self) -> u32 {
        match self {
            Self::Chains => 1,
            _ => SHARDS,
        }
    }

    /// The partition in which an item waits.
    pub fn of(self, id: &str) -> String {
        self.shard(crc32fast::hash(id.as_bytes()) % self.shards())
    }
}

/// Of an object's entry. Names of buckets have no `/`, so no two objects have the same.
pub fn object(bucket: &str, key: &str) -> String {
    format!("object#{bucket}/{key}")
}

/// Of a group's state.
pub fn group(key: &GroupKey) -> String {
    format!("group#{}#{}", key.rule, key.fingerprint)
}

/// The group whose state has this name. Fingerprints are hexadecimal.
pub fn group_of(id: &str) -> Option<GroupKey> {
    let (rule, fingerprint) = id.strip_prefix("group#")?.rsplit_once('#')?;
    Some(GroupKey {
        rule: rule.to_owned(),
        fingerprint: fingerprint.to_owned(),
    })
}

/// Of the chains of an account and region.
pub fn chains(source: &Source) -> String {
    format!("chains#{}#{}", source.account, source.region)
}

/// The account and region whose chains have this name.
pub fn source_of(id: &str) -> Option<Source> {
    let (account, region) = id.strip_prefix("chains#")?.split_once('#')?;
    Some(Source {
        account: account.to_owned(),
        region: region.to_owned(),
    })
}

/// Of a public key.
pub fn public_key(region: &str, fingerprint: &str) -> String {
    format!("key#{region}#{fingerprint}")
}

/// Of an alert.
pub fn alert(id: &str) -> String {
    format!("alert#{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_name() {
        for rule in ["root-login", "a#b", ""] {
            let key = GroupKey {
                rule: rule.to_owned(),
                fingerprint: "00ff".to_owned(),
            };
            assert_eq!(group_of(&group(&key)), Some(key));
        }
        assert_eq!(group_of(&alert("00ff")), None);
        assert_eq!(group_of("group#no-fingerprint"), None);
    }

    #[test]
    fn names_spread_over_the_shards() {
        let mut counts = std::collections::BTreeMap::new();
        for number in 0..1_000 {
            let id = alert(&format!("{number:032x}"));
            *counts.entry(Queue::Pending.of(&id)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), SHARDS as usize);
        assert!(counts.values().all(|count| *count > 150), "{counts:?}");
    }
}
