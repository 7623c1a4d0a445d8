//! What one matching record tells a person: who, what, where, when, from where, with what outcome.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parameters;
use crate::record::{EventTime, Principal, Record};
use crate::rules::GroupField;

/// The facts of one event. Everything but [`object`](Self::object) and [`record`](Self::record)
/// is text of the record, so whoever made the call may have chosen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `eventID`.
    pub event_id: Option<String>,
    /// `eventTime`.
    pub time: Option<EventTime>,
    /// `eventSource`, such as `iam.amazonaws.com`.
    pub source: Option<String>,
    /// `eventName`; the event type for records without one (Insights).
    pub name: Option<String>,
    /// `awsRegion`.
    pub region: Option<String>,
    /// The account that the event belongs to.
    pub account: Option<String>,
    /// Who did it.
    pub principal: Principal,
    /// `sourceIPAddress`.
    pub source_ip: Option<String>,
    /// `userAgent`.
    pub user_agent: Option<String>,
    /// `userIdentity.accessKeyId`.
    pub access_key: Option<String>,
    /// `additionalEventData.MFAUsed` or the session's `mfaAuthenticated`.
    pub mfa: Option<String>,
    /// How the call ended.
    pub outcome: Outcome,
    /// The request's parameters, named, redacted and cut.
    pub parameters: Vec<(String, String)>,
    /// ARNs of `resources`.
    pub resources: Vec<String>,
    /// The log file: `s3://bucket/key`, or a path.
    #[serde(with = "shared")]
    pub object: Arc<str>,
    /// 0-based number of the record in it.
    pub record: u64,
}

/// Bytes that are kept of a text: more characters than are ever shown of one in Latin letters, and
/// a bound on memory and state.
const KEPT: usize = 600;

/// The beginning of a text, without control characters, which would take six bytes each in state.
pub(super) fn cut(text: &str) -> String {
    let cut = text.get(..text.floor_char_boundary(KEPT)).unwrap_or(text);
    if cut.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return cut.to_owned();
    }
    let plain = |character: char| match character {
        '\t' | '\n' | '\r' => ' ',
        character if character.is_control() => '\u{fffd}',
        character => character,
    };
    cut.chars().map(plain).collect()
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// No error is recorded.
    Succeeded,
    /// `errorCode` and `errorMessage`, or a console sign-in that failed.
    Failed {
        /// Such as `AccessDenied`, `Failure`.
        code: String,
        /// In AWS's words.
        message: Option<String>,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed { code, .. } => write!(f, "failed: {code}"),
        }
    }
}

impl Facts {
    /// Reads the facts of a matching record of the log file `object`.
    pub fn of(record: &Record<'_>, object: &Arc<str>, number: u64) -> Self {
        let at = |path: &[&str]| record.text_at(path).map(|text| cut(&text));
        Self {
            event_id: at(&["eventID"]),
            time: record.event_time(),
            source: at(&["eventSource"]),
            name: at(&["eventName"]).or_else(|| at(&["eventType"])),
            region: at(&["awsRegion"]),
            account: record.account().map(|text| cut(&text)),
            principal: bounded(record.principal()),
            source_ip: at(&["sourceIPAddress"]),
            user_agent: at(&["userAgent"]),
            access_key: at(&["userIdentity", "accessKeyId"]),
            mfa: at(&["additionalEventData", "MFAUsed"]).or_else(|| {
                at(&[
                    "userIdentity",
                    "sessionContext",
                    "attributes",
                    "mfaAuthenticated",
                ])
            }),
            outcome: outcome_of(record),
            parameters: parameters::of(record),
            resources: resources(record),
            object: Arc::clone(object),
            record: number,
        }
    }

    /// What tells this event from others: its id, or its place when it has none.
    pub fn identity(&self) -> String {
        self.event_id
            .clone()
            .unwrap_or_else(|| format!("{}#{}", self.object, self.record))
    }

    /// Such as `iam:CreateUser`.
    pub fn event(&self) -> String {
        named(self.source.as_deref(), self.name.as_deref())
    }

    /// The value of a group field; `None` when the record does not have it, which is a group of
    /// its own.
    pub fn group_value(&self, record: &Record<'_>, field: &GroupField) -> Option<String> {
        match field {
            GroupField::Principal => Some(self.principal.id.clone()),
            GroupField::Account => self.account.clone(),
            GroupField::Field(path) => {
                let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
                let node = record.node(&names)?;
                Some(
                    node.as_str()
                        .map_or_else(|| node.raw().to_owned(), String::from),
                )
            }
        }
    }
}

fn bounded(principal: Principal) -> Principal {
    Principal {
        id: cut(&principal.id),
        kind: principal.kind.map(|kind| cut(&kind)),
        session: principal.session.map(|session| cut(&session)),
    }
}

/// Such as `iam:CreateUser`, without reading the record's other facts.
pub(super) fn event_name(record: &Record<'_>) -> String {
    let at = |name: &str| record.text_at(&[name]).map(|text| cut(&text));
    let name = at("eventName").or_else(|| at("eventType"));
    named(at("eventSource").as_deref(), name.as_deref())
}

fn named(source: Option<&str>, name: Option<&str>) -> String {
    let source = source.unwrap_or("?");
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    format!("{service}:{}", name.unwrap_or("?"))
}

/// A text that is shared, in state.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
}

/// A console sign-in has no `errorCode`: its result is in the response (AWS CloudTrail user
/// guide, "AWS Management Console sign-in events").
pub(super) fn outcome_of(record: &Record<'_>) -> Outcome {
    let message = record.text_at(&["errorMessage"]).map(|text| cut(&text));
    if let Some(code) = record.text_at(&["errorCode"]) {
        return Outcome::Failed {
            code: cut(&code),
            message,
        };
    }
    // Responses are long, and only this event has its result there.
    let response = record
        .text_at(&["eventName"])
        .filter(|name| name == "ConsoleLogin")
        .and_then(|_| record.text_at(&["responseElements", "ConsoleLogin"]));
    match response.as_deref() {
        Some("Failure") => Outcome::Failed {
            code: "Failure".to_owned(),
            message,
        },
        _ => match message {
            Some(message) => Outcome::Failed {
                code: message,
                message: None,
            },
            None => Outcome::Succeeded,
        },
    }
}

/// At most this many resources are shown.
const RESOURCES: usize = 5;

fn resources(record: &Record<'_>) -> Vec<String> {
    let Some(list) = record.node(&["resources"]) else {
        return Vec::new();
    };
    let arn = |node: crate::pattern::json::Node<'_>| Some(cut(&node.get("ARN")?.as_str()?));
    list.items().filter_map(arn).take(RESOURCES).collect()
}
