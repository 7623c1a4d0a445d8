//! Files of public keys: those of `--public-keys`, and the one of `--save-keys`, which only ever
//! grows, because CloudTrail does not say how long it lists old keys.

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use trailwarden::integrity::KeyRing;

/// The files of `--public-keys`.
pub struct KeyFiles {
    /// All of their keys.
    pub keys: KeyRing,
    /// The names of the files, for people.
    pub names: String,
}

impl KeyFiles {
    /// Reads them. `asks`: CloudTrail is asked for what they lack.
    ///
    /// # Errors
    /// When one cannot be read or is no file of keys, or there is no key in any.
    pub fn read(paths: &[PathBuf], asks: bool) -> Result<Self> {
        let mut keys = KeyRing::default();
        for path in paths {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            keys.extend(KeyRing::from_json(&text).with_context(|| path.display().to_string())?);
        }
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let names = names.join(", ");
        if keys.is_empty() && !names.is_empty() {
            bail!("there is no public key in {names}");
        }
        if !names.is_empty() && !asks {
            keys.set_partial(format!(
                "it is not in {names}, which may be older than the digest, or of another region"
            ));
        }
        Ok(Self { keys, names })
    }
}

/// A file of public keys, which may not be there yet.
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// Takes a file that is not there, or that has keys.
    ///
    /// # Errors
    /// When it is there and is no file of keys: it is not to be overwritten. When there is no such
    /// folder.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            bail!(
                "cannot write {}: {} is not a folder",
                path.display(),
                folder.display()
            );
        }
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
