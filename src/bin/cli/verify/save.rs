//! `--save-keys`: a file of public keys that only ever grows, because CloudTrail does not say how
//! long it lists old ones.

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use trailwarden::integrity::KeyRing;

/// A file of public keys, which may not be there yet.
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// Takes a file that is not there, or that has keys.
    ///
    /// # Errors
    /// When it is there and is no file of keys: it is not to be overwritten.
    pub fn open(path: &Path) -> Result<Self> {
        let file = Self {
            path: path.to_owned(),
        };
        file.read()?;
        Ok(file)
    }

    fn read(&self) -> Result<KeyRing> {
        match fs::read_to_string(&self.path) {
            Ok(text) => KeyRing::from_json(&text).with_context(|| {
                format!(
                    "{} has other content than public keys, so none are saved there",
                    self.path.display()
                )
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(KeyRing::default()),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read {}", self.path.display()))
            }
        }
    }

    /// Adds keys to those in the file. Returns whether there is a file of keys now: without any key
    /// none is made.
    ///
    /// # Errors
    /// When the file cannot be read or written. It then holds what it did before.
    pub fn add(&self, keys: &KeyRing) -> Result<bool> {
        // Read again: another run may have written it in the meantime.
        let saved = self.read()?;
        let mut all = saved.clone();
        all.extend(keys.clone());
        if all.iter().eq(saved.iter()) {
            return Ok(!saved.is_empty());
        }
        self.replace(&all.to_json())
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(true)
    }

    /// Writes a file beside it and renames that, so that there is a whole file at any time.
    fn replace(&self, text: &str) -> std::io::Result<()> {
        // A link stays a link.
        let path = match fs::canonicalize(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.path.clone(),
            found => found?,
        };
        let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
        name.push(format!(".{}.tmp", std::process::id()));
        let beside = path.with_file_name(name);
        let written = fs::File::create(&beside)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&beside, &path));
        if written.is_err() {
            // What matters is why it was not written.
            let _left = fs::remove_file(&beside);
        }
        written
    }
}
