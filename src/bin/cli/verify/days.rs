//! Days as the folders of a trail name them.

use trailwarden::record::EventTime;

/// `2026/03/10`
pub fn day(time: EventTime) -> String {
    time.to_string()
        .get(..10)
        .unwrap_or_default()
        .replace('-', "/")
}

pub fn later(time: EventTime, seconds: i64) -> EventTime {
    EventTime::from_seconds(time.seconds().saturating_add(seconds))
}
