//! The ports on one machine: folders as buckets, rules from a folder. The command line and the
//! tests use them.

mod folder;
mod rules_folder;
mod terminal;

pub use folder::{Folders, read_file};
pub use rules_folder::read_rules;
pub use terminal::{Terminal, message};
