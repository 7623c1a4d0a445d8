//! trailwarden watches an AWS organisation's CloudTrail.

pub mod logfile;
pub mod pattern;
pub mod record;
pub mod rules;
