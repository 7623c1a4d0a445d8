//! One line of a report.

use serde::Serialize;

use super::{Kind, Overall, State, Verdict};

/// What is known of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectFinding {
    /// `s3://bucket/key`.
    pub object: String,
    /// What it is.
    pub kind: Kind,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
    /// What it makes of the whole.
    #[serde(skip)]
    pub weight: Overall,
}

/// What is known of a range of time of one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RangeFinding {
    /// 12 digits.
    pub account: String,
    /// The region whose digests these are.
    pub region: String,
    /// The trail's name; `None` when there is no digest that says it.
    pub trail: Option<String>,
    /// Start, RFC 3339.
    pub from: String,
    /// End, RFC 3339.
    pub to: String,
    /// The state.
    pub state: State,
    /// What explains a gap, or that nothing does; `None` where nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
