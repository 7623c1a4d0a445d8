//! The ports on one machine: folders as buckets, state in memory, rules from a folder. The command line and the
//! tests use them.

mod folder;
mod memory;
mod rules_folder;
mod terminal;
mod wait;

pub use folder::{Folders, read_file};
pub use memory::MemoryState;
pub use rules_folder::read_rules;
pub use terminal::{Terminal, message};
pub use wait::wait;
