//! One CloudTrail record as stored text with lazily found fields. Rules read the fields they name
//! through [`pattern::Extractor`](crate::pattern::Extractor); this view is for the few records
//! that matched, and for telling what a record is.
//!
//! Field names: AWS CloudTrail user guide, "CloudTrail record contents".

mod foreign;
mod principal;
mod time;

use std::borrow::Cow;
use std::cell::OnceCell;

pub use foreign::describe as describe_foreign;
pub use principal::Principal;
pub use time::{EventTime, NotATime};

use crate::pattern::Fields;
use crate::pattern::json::{JsonError, Node};

/// Selectors of the strings that every record of CloudTrail has, Insights events aside (AWS
/// CloudTrail user guide, "CloudTrail record contents").
pub const ALWAYS_PRESENT: [&str; 7] = [
    "$.eventVersion",
    "$.eventTime",
    "$.eventSource",
    "$.eventName",
    "$.awsRegion",
    "$.eventID",
    "$.eventType",
];

/// Selectors of fields that have few values in a trail, those first that tell most of what is worth
/// an alert (AWS CloudTrail user guide, "CloudTrail record contents").
pub const FEW_VALUES: [&str; 11] = [
    "$.eventName",
    "$.userIdentity.type",
    "$.errorCode",
    "$.awsRegion",
    "$.eventSource",
    "$.readOnly",
    "$.userIdentity.invokedBy",
    "$.eventType",
    "$.eventCategory",
    "$.managementEvent",
    "$.sessionCredentialFromConsole",
];

/// A valid JSON object that stands where a CloudTrail record should.
#[derive(Clone)]
pub struct Record<'m> {
    source: Source<'m>,
    /// Its members, in their order, found when first asked for: most questions are about these,
    /// and a record is long.
    members: OnceCell<Vec<(Cow<'m, str>, Node<'m>)>>,
}

#[derive(Clone)]
enum Source<'m> {
    Message(Node<'m>),
    Fields(Fields<'m>),
}

impl<'m> Record<'m> {
    /// The record whose fields were found, which proved that it is valid.
    pub fn of(fields: &Fields<'m>) -> Self {
        Self::from(Source::Fields(*fields))
    }

    /// Reads a record's text.
    ///
    /// # Errors
    /// When it is not one valid JSON value.
    pub fn parse(text: &'m str) -> Result<Self, JsonError> {
        Ok(Self::from(Source::Message(Node::parse(text)?)))
    }

    fn from(source: Source<'m>) -> Self {
        let members = OnceCell::new();
        Self { source, members }
    }

    fn message(&self) -> Node<'m> {
        match &self.source {
            Source::Message(message) => *message,
            Source::Fields(fields) => fields.message(),
        }
    }

    /// The record exactly as stored.
    pub fn text(&self) -> &'m str {
        self.message().raw()
    }

    /// The node at a path of member names, when it exists. Of two members of one name the last
    /// counts, as in patterns.
    pub fn node(&self, path: &[&str]) -> Option<Node<'m>> {
        let (first, rest) = path.split_first()?;
        let members = self.members.get_or_init(|| self.members());
        let (_, node) = members.iter().rev().find(|(name, _)| name == first)?;
        rest.iter().try_fold(*node, |node, name| node.get(name))
    }

    fn members(&self) -> Vec<(Cow<'m, str>, Node<'m>)> {
        if let Source::Fields(fields) = &self.source
            && let Some(members) = fields.members()
        {
            return members.map(|(name, node)| (name.into(), node)).collect();
        }
        let members = self.message().members();
        members.map(|(name, node)| (name.decode(), node)).collect()
    }

    /// The string at a path of member names; `None` for anything but a string, and for an empty
    /// one, which CloudTrail writes for "not known".
    pub fn text_at(&self, path: &[&str]) -> Option<Cow<'m, str>> {
        self.node(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// `eventID`: unique to an event, the same in every copy of it.
    pub fn event_id(&self) -> Option<Cow<'m, str>> {
        self.text_at(&["eventID"])
    }

    /// `eventTime`, when it is a time.
    pub fn event_time(&self) -> Option<EventTime> {
        self.text_at(&["eventTime"])?.parse().ok()
    }

    /// The account that the event belongs to: the recipient's in an organisation's trail, else
    /// the caller's.
    pub fn account(&self) -> Option<Cow<'m, str>> {
        self.text_at(&["recipientAccountId"])
            .or_else(|| self.text_at(&["userIdentity", "accountId"]))
    }

    /// Who did it.
    pub fn principal(&self) -> Principal {
        Principal::of(self)
    }
}
