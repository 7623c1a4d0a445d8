//! Which files to scan: what is named, and what lies in named folders.

use std::collections::HashSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

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
    /// It cannot be looked at.
    Fail(String),
}

/// All files below the named paths, in a stable order: as named, folders sorted by name. What
/// cannot be looked at is among them, as a failure.
pub fn files(paths: &[PathBuf]) -> Vec<Found> {
    let mut search = Search::default();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(data) if data.is_dir() => search.folder(path),
            Ok(data) => search.file(path.clone(), &data, true),
            Err(error) => search.fail(path.clone(), &error),
        }
    }
    search.found
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    known: HashSet<Itself>,
}

/// The file itself, whatever names and links lead to it.
#[cfg(unix)]
type Itself = (u64, u64);
#[cfg(not(unix))]
type Itself = PathBuf;

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn itself(_: &Path, data: &Metadata) -> std::io::Result<Itself> {
    use std::os::unix::fs::MetadataExt as _;
    Ok((data.dev(), data.ino()))
}

#[cfg(not(unix))]
fn itself(path: &Path, _: &Metadata) -> std::io::Result<Itself> {
    std::fs::canonicalize(path)
}

impl Search {
    fn folder(&mut self, path: &Path) {
        let listed = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut entries = match listed {
            Ok(entries) => entries,
            Err(error) => return self.fail(path.to_owned(), &error),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            match std::fs::metadata(&path) {
                // It could lead back here.
                Ok(data) if data.is_dir() && link => {
                    self.skip(path, "a link to a folder, which is not followed")
                }
                Ok(data) if data.is_dir() => self.folder(&path),
                Ok(data) if data.is_file() => self.file(path, &data, false),
                Ok(_) => self.skip(path, "not a regular file"),
                Err(error) => self.fail(path, &error),
            }
        }
    }

    fn file(&mut self, path: PathBuf, data: &Metadata, named: bool) {
        match itself(&path, data) {
            Err(error) => self.fail(path, &error),
            Ok(real) => {
                if self.known.insert(real) {
                    let plan = plan(&path, named);
                    self.found.push(Found { path, plan });
                } else {
                    self.skip(path, "the same file as another");
                }
            }
        }
    }

    fn skip(&mut self, path: PathBuf, reason: &'static str) {
        self.found.push(Found {
            path,
            plan: Plan::Skip(reason),
        });
    }

    fn fail(&mut self, path: PathBuf, error: &std::io::Error) {
        self.found.push(Found {
            path,
            plan: Plan::Fail(error.to_string()),
        });
    }
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
