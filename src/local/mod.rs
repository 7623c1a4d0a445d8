//! The ports on one machine: folders as buckets, state in memory or in a file, rules from a folder. The command line and the
//! tests use them.

#[cfg(feature = "cli")]
mod file_state;
mod folder;
mod memory;
mod rules_folder;
mod terminal;
mod wait;

#[cfg(feature = "cli")]
pub use file_state::FileState;
pub use folder::{Folders, read_file, read_file_into};
pub use memory::MemoryState;
pub use rules_folder::read_rules;
pub use terminal::{Terminal, message};
pub use wait::wait;
