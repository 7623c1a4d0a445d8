//! Which files to scan: what is named, and what lies in named folders.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use trailwarden::logfile::{Folder, KeyKind, classify};

/// Endings of files that are looked into when they lie in a folder.
const ENDINGS: [&str; 6] = [
    ".json.gz",
    ".json",
    ".jsonl",
    ".jsonl.gz",
    ".ndjson",
    ".ndjson.gz",
];

/// A file that was met.
pub struct Found {
    /// As named, or below what was named.
    pub path: PathBuf,
    /// What to do with it.
    pub plan: Plan,
}

/// What to do with a file.
pub enum Plan {
    /// Evaluate it, as a log file of this kind when its name says so.
    Evaluate(Option<Folder>),
    /// Leave it alone.
    Skip(&'static str),
}

/// All files below the named paths, in a stable order: as named, folders sorted by name.
///
/// # Errors
/// When a path does not exist or a folder cannot be listed.
pub fn files(paths: &[PathBuf]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in paths {
        let data =
            std::fs::metadata(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        if data.is_dir() {
            folder(path, &mut found)?;
        } else {
            found.push(Found {
                path: path.clone(),
                plan: plan(path, true),
            });
        }
    }
    Ok(found)
}

fn folder(path: &Path, found: &mut Vec<Found>) -> Result<()> {
    let list = || format!("cannot list `{}`", path.display());
    let mut entries = std::fs::read_dir(path)
        .with_context(list)?
        .collect::<std::io::Result<Vec<_>>>()
        .with_context(list)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder is not followed: it could lead back here.
        if entry.file_type().with_context(list)?.is_dir() {
            folder(&path, found)?;
        } else if path.is_file() {
            let plan = plan(&path, false);
            found.push(Found { path, plan });
        } else {
            found.push(Found {
                path,
                plan: Plan::Skip("not a regular file"),
            });
        }
    }
    Ok(())
}

/// A named file is looked into whatever it is called; digest files never are.
fn plan(path: &Path, named: bool) -> Plan {
    let key = path.to_string_lossy().replace('\\', "/");
    match classify(&key) {
        KeyKind::Digest => Plan::Skip("a digest file"),
        KeyKind::LogFile(name) => Plan::Evaluate(Some(name.folder)),
        KeyKind::Foreign(_) if named || ENDINGS.iter().any(|ending| key.ends_with(ending)) => {
            Plan::Evaluate(None)
        }
        KeyKind::Foreign(_) => Plan::Skip("not a JSON file by its name"),
    }
}
