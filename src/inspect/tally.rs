//! Counts that must balance: whatever was met is accounted for once.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Serialize;

/// What became of files and records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Objects met: evaluated, failed or skipped.
    pub files: u64,
    /// Objects read to their end.
    pub files_evaluated: u64,
    /// Objects that could not be read, or not to their end.
    pub files_failed: u64,
    /// Objects left alone, by reason.
    pub files_skipped: BTreeMap<String, u64>,
    /// What stood where a record should.
    pub records: u64,
    /// Records that some rule matches.
    pub records_matched: u64,
    /// Records that no rule matches.
    pub records_clean: u64,
    /// What was not a valid JSON object.
    pub records_malformed: u64,
    /// Records left alone, by reason.
    pub records_skipped: BTreeMap<String, u64>,
    /// Matches: a record counts once for each rule.
    pub matches: u64,
    /// Stored bytes of evaluated and failed objects.
    pub stored_bytes: u64,
    /// Inflated bytes of them.
    pub inflated_bytes: u64,
}

impl Tally {
    /// Whether everything that was met is accounted for. A lost record is a missed alert.
    pub fn balances(&self) -> bool {
        let files =
            self.files_evaluated + self.files_failed + self.files_skipped.values().sum::<u64>();
        let records = self.records_matched
            + self.records_clean
            + self.records_malformed
            + self.records_skipped.values().sum::<u64>();
        self.files == files && self.records == records
    }

    /// Counts an object that is left alone.
    pub fn skip_file(&mut self, reason: &str) {
        self.files += 1;
        *self.files_skipped.entry(reason.to_owned()).or_default() += 1;
    }

    /// Counts an object that could not be had at all.
    pub fn fail_file(&mut self) {
        self.files += 1;
        self.files_failed += 1;
    }

    pub(super) fn skip_record(&mut self, reason: &str) {
        *self.records_skipped.entry(reason.to_owned()).or_default() += 1;
    }
}

impl AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.files += other.files;
        self.files_evaluated += other.files_evaluated;
        self.files_failed += other.files_failed;
        self.records += other.records;
        self.records_matched += other.records_matched;
        self.records_clean += other.records_clean;
        self.records_malformed += other.records_malformed;
        self.matches += other.matches;
        self.stored_bytes += other.stored_bytes;
        self.inflated_bytes += other.inflated_bytes;
        for (into, from) in [
            (&mut self.files_skipped, &other.files_skipped),
            (&mut self.records_skipped, &other.records_skipped),
        ] {
            for (reason, count) in from {
                *into.entry(reason.clone()).or_default() += count;
            }
        }
    }
}
