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
use crate::pattern::json::{JsonError, Node, Raw};

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
    /// Its members and those of `userIdentity`, found when first asked for: most questions are
    /// about these, and a record is long.
    members: OnceCell<Members<'m>>,
    identity: OnceCell<Members<'m>>,
}

/// Members in their order: the bytes of their names, and their values.
type Members<'m> = Vec<(Cow<'m, [u8]>, Raw<'m>)>;

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
        Self {
            source,
            members: OnceCell::new(),
            identity: OnceCell::new(),
        }
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
        match path {
            [] => None,
            ["userIdentity", name, rest @ ..] => {
                let identity = self.identity.get_or_init(|| self.identity());
                inside(last(identity, name)?, rest)
            }
            [name, rest @ ..] => {
                let members = self.members.get_or_init(|| self.members());
                inside(last(members, name)?, rest)
            }
        }
    }

    fn members(&self) -> Members<'m> {
        if let Source::Fields(fields) = &self.source
            && let Some(members) = fields.members()
        {
            return members.map(|(name, value)| (name.into(), value)).collect();
        }
        members(self.message())
    }

    fn identity(&self) -> Members<'m> {
        self.node(&["userIdentity"])
            .map(members)
            .unwrap_or_default()
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

fn members<'m>(object: Node<'m>) -> Members<'m> {
    let members = object.members();
    let bytes = |name: Cow<'m, str>| match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
        Cow::Owned(name) => Cow::Owned(name.into_bytes()),
    };
    members
        .map(|(name, value)| (bytes(name.decode()), Raw::of(value)))
        .collect()
}

/// The last member of a name, as in patterns.
fn last<'m>(members: &Members<'m>, name: &str) -> Option<Node<'m>> {
    let (_, value) = members
        .iter()
        .rev()
        .find(|(known, _)| **known == *name.as_bytes())?;
    Some(value.node())
}

fn inside<'m>(node: Node<'m>, path: &[&str]) -> Option<Node<'m>> {
    path.iter().try_fold(node, |node, name| node.get(name))
}
