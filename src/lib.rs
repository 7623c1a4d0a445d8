//! trailwarden watches an AWS organisation's CloudTrail.

pub mod alert;
pub mod config;
pub mod inspect;
pub mod local;
pub mod logfile;
pub mod pattern;
pub mod ports;
pub mod record;
pub mod rules;
pub mod windows;
