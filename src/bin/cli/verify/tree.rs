//! Files below a folder. What cannot be looked into is told, and the walk goes on.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// What stands in a folder.
#[derive(Debug)]
pub struct Entry {
    /// Its name; what is not Unicode in it is replaced.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether there can be something below it.
    pub is_folder: bool,
    /// Whether it stands elsewhere.
    is_link: bool,
}

/// Reads a folder.
type Read = dyn Fn(&Path) -> Result<Vec<Entry>>;

/// The entries of a folder by name; none when there is no such folder. A link is what it leads to.
/// When nobody can say what that is, it counts as a folder, so that looking into it says why.
///
/// # Errors
/// When the folder cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let read = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let mut found = Vec::new();
    for entry in read {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_link = kind.is_symlink();
        let is_folder = match is_link.then(|| fs::metadata(&path)) {
            None => kind.is_dir(),
            Some(Ok(target)) => target.is_dir(),
            Some(Err(error)) => error.kind() != ErrorKind::NotFound,
        };
        found.push(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            path,
            is_folder,
            is_link,
        });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// What to do on the way.
pub trait Visitor {
    /// Whether to look into a folder. Its key ends with `/`.
    fn enters(&self, key: &str) -> bool;

    /// Takes a file; false ends the walk.
    fn file(&mut self, key: String, path: &Path) -> bool;

    /// Takes a folder that cannot be looked into; its key has no closing `/`.
    fn closed(&mut self, key: &str, path: &Path, error: &Error);
}

/// Shows a visitor all files below `folder`, whose key is `prefix`.
pub fn walk(folder: &Path, prefix: &str, visitor: &mut dyn Visitor) {
    walk_with(&entries, folder, prefix, visitor);
}

fn walk_with(read: &Read, folder: &Path, prefix: &str, visitor: &mut dyn Visitor) {
    let mut walk = Walk {
        read,
        visitor,
        entered: Vec::new(),
    };
    walk.folder(folder, prefix);
}

struct Walk<'a> {
    read: &'a Read,
    visitor: &'a mut dyn Visitor,
    /// Of the links that the walk is in: the folder that each lies in, and the one it leads to.
    entered: Vec<PathBuf>,
}

impl Walk<'_> {
    /// False ends the walk.
    fn folder(&mut self, folder: &Path, prefix: &str) -> bool {
        let entries = match (self.read)(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let key = prefix.strip_suffix('/').unwrap_or(prefix);
                self.visitor.closed(key, folder, &error);
                return true;
            }
        };
        for entry in entries {
            let key = format!("{prefix}{}", entry.name);
            let go_on = match entry.is_folder {
                true => self.below(folder, &entry, &key),
                false => self.visitor.file(key, &entry.path),
            };
            if !go_on {
                return false;
            }
        }
        true
    }

    fn below(&mut self, folder: &Path, entry: &Entry, key: &str) -> bool {
        let below = format!("{key}/");
        if !self.visitor.enters(&below) {
            return true;
        }
        if !entry.is_link {
            return self.folder(&entry.path, &below);
        }
        let outside = self.entered.len();
        match self.follow(folder, &entry.path) {
            Ok(both) => self.entered.extend(both),
            Err(error) => {
                self.visitor.closed(key, &entry.path, &error);
                return true;
            }
        }
        let go_on = self.folder(&entry.path, &below);
        self.entered.truncate(outside);
        go_on
    }

    /// Where a link lies and where it leads, unless that is a folder that the walk is in: there would
    /// be no end.
    fn follow(&self, folder: &Path, link: &Path) -> Result<[PathBuf; 2]> {
        let (here, target) = (fs::canonicalize(folder)?, fs::canonicalize(link)?);
        let inside = |folder: &PathBuf| folder.starts_with(&target);
        match inside(&here) || self.entered.iter().any(inside) {
            true => Err(Error::other("the link leads to a folder that it lies in")),
            false => Ok([here, target]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen {
        files: Vec<String>,
        closed: Vec<String>,
    }

    impl Visitor for Seen {
        fn enters(&self, _key: &str) -> bool {
            true
        }

        fn file(&mut self, key: String, _path: &Path) -> bool {
            self.files.push(key);
            true
        }

        fn closed(&mut self, key: &str, _path: &Path, error: &Error) {
            self.closed.push(format!("{key}: {error}"));
        }
    }

    fn copy() -> tempfile::TempDir {
        let folder = tempfile::TempDir::new().unwrap();
        for day in ["2026/11/20", "2026/11/21", "2026/11/22"] {
            let day = folder.path().join(day);
            fs::create_dir_all(&day).unwrap();
            fs::write(day.join("log"), "").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_that_cannot_be_read_stops_no_other() {
        let copy = copy();
        let mut seen = Seen::default();
        // Whoever runs the tests may be allowed to read everything.
        let read = |folder: &Path| match folder.ends_with("21") {
            true => Err(ErrorKind::PermissionDenied.into()),
            false => entries(folder),
        };
        walk_with(&read, copy.path(), "p/", &mut seen);
        assert_eq!(seen.files, ["p/2026/11/20/log", "p/2026/11/22/log"]);
        assert_eq!(seen.closed, ["p/2026/11/21: permission denied"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_followed_and_the_walk_ends() {
        use std::os::unix::fs::symlink;
        let (copy, beside) = (copy(), copy());
        let link = |target: &Path, link: &str| symlink(target, copy.path().join(link));
        link(&beside.path().join("2026/11/22"), "2026/11/23").unwrap();
        link(Path::new("24"), "2026/11/24").unwrap();
        link(copy.path(), "2026/11/25").unwrap();
        link(Path::new("nonesuch"), "2026/11/26").unwrap();
        // Two that lead to each other.
        let back = beside.path().join("2026/11/22/back");
        symlink(copy.path().join("2026"), back).unwrap();
        let mut seen = Seen::default();
        walk(copy.path(), "", &mut seen);
        assert_eq!(
            seen.files,
            [
                "2026/11/20/log",
                "2026/11/21/log",
                "2026/11/22/log",
                "2026/11/23/log",
                "2026/11/26",
            ]
        );
        let closed: Vec<_> = seen
            .closed
            .iter()
            .map(|text| text.split(':').next())
            .collect();
        let expected = ["2026/11/23/back", "2026/11/24", "2026/11/25"];
        assert_eq!(closed, expected.map(Some));
    }
}
