//! A digest as a walk down its chain needs it.

use serde::{Deserialize, Serialize};

use super::{Link, Place, Verdict, file_name};
use crate::record::EventTime;

/// A digest as the walk needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where it is.
    pub place: Place,
    /// End of its range by its name.
    pub end: EventTime,
    /// Start of its range by its content, when it can be read.
    pub start: Option<EventTime>,
    /// What was found of it.
    pub verdict: Verdict,
    /// Whether it is genuine.
    pub trusted: bool,
    /// The file name that its content gives, when it can be read.
    pub made_for: Option<String>,
    /// What its content says of the digest before it.
    pub link: Option<Link>,
}

impl Step {
    /// A digest stands for the time in its name, unless its content was made for another time.
    pub(super) fn counts(&self) -> bool {
        let named = file_name(&self.place.key);
        self.made_for.as_ref().is_none_or(|made| made == named)
    }
}
