//! trailwarden watches an AWS organisation's CloudTrail.

pub mod pattern;
