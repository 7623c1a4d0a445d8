//! Objects in the folders of log files, as a listing names them.

use super::cover::DELIVERED_WITHIN;
use super::{Folders, Place, compact_time};
use crate::logfile::{Folder, KeyKind, classify};
use crate::record::EventTime;

/// How far from its piece a log file's name may lie: [`Cover`](super::Cover) looks as far.
pub(super) const MARGIN: i64 = 15 * 60;

/// Seconds.
const DAY: i64 = 86_400;

/// An object in a folder of log files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub place: Place,
    /// By its name within the day of its folder, or by the folder; `None` outside such folders.
    pub time: Option<EventTime>,
    pub(super) root: String,
    /// By its name alone.
    pub(super) named: Option<EventTime>,
    /// First second of its folder's day.
    pub(super) day: Option<EventTime>,
    pub(super) quiet: bool,
}

impl Candidate {
    /// What lies at `place`, if that is a folder of log files and the object no folder marker.
    pub fn of(place: Place) -> Option<Self> {
        let folders = Folders::parse(&place.key)?;
        let folder: Folder = folders.folder.parse().ok()?;
        if place.key.ends_with('/') {
            return None;
        }
        let time = match classify(&place.key) {
            KeyKind::LogFile(name) if name.region == folders.region => compact_time(name.time),
            _ => None,
        };
        let day = folders.day();
        let within = |time: EventTime| match day {
            Some(day) => time.clamp(day, later(day, 86_399)),
            None => time,
        };
        Some(Self {
            root: folders.root.to_owned(),
            named: time,
            day,
            time: time.map(within).or(day),
            quiet: folder != Folder::CloudTrail,
            place,
        })
    }

    /// What a listing of a folder of log files below `root` has at `place`. Who puts folders like
    /// those of a trail into it does not lead away from it: that is no log file of this folder.
    pub fn below(root: &str, place: Place) -> Option<Self> {
        match Self::of(place.clone()) {
            Some(found) if found.root == root => Some(found),
            _ if place.key.ends_with('/') => None,
            _ => {
                let rest = place.key.strip_prefix(root)?;
                let inner = rest.find("/AWSLogs/").unwrap_or(rest.len());
                let outer = format!("{root}{}/", rest.get(..inner)?);
                let day = Folders::parse(&outer).and_then(|folders| folders.day());
                Some(Self {
                    root: root.to_owned(),
                    named: None,
                    day,
                    time: day,
                    quiet: false,
                    place,
                })
            }
        }
    }

    /// Whether its name is of another time than its folder. CloudTrail files by the day of the name
    /// or, near midnight, the next.
    pub(super) fn is_misfiled(&self) -> bool {
        let Some((named, day)) = self.named.zip(self.day) else {
            return false;
        };
        let (named, day) = (named.seconds(), day.seconds());
        let legitimate = day - DAY..=day + DAY + DELIVERED_WITHIN;
        !legitimate.contains(&named)
    }
}

/// The time span of a piece; open where `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// End of the next older digest.
    pub above: Option<EventTime>,
    /// End of the newest digest in it.
    pub up_to: Option<EventTime>,
}

fn later(time: EventTime, seconds: i64) -> EventTime {
    EventTime::from_seconds(time.seconds().saturating_add(seconds))
}
