//! Which bucket a folder is a copy of.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use trailwarden::integrity::{Content, DIGESTS, DigestName, Folders, Place};
use trailwarden::local::read_file;
use trailwarden::logfile::Folder;

use super::disk::OBJECT_BYTES;
use super::tree::{self, Visitor};

/// A folder that stands for a bucket, or for what lies below a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Bucket name.
    pub bucket: String,
    /// Empty, or ends with `/`.
    pub prefix: String,
    /// Where its objects are.
    pub folder: PathBuf,
}

/// What a folder is taken for.
#[derive(Debug)]
pub struct Taken {
    /// What can be read.
    pub mounts: Vec<Mount>,
    /// Buckets and prefixes that were asked for.
    pub targets: Vec<(String, String)>,
    /// Whether a digest or the user said so. Otherwise the name of the bucket is made up.
    pub said: bool,
}

/// Takes a folder for what lies below this prefix, which is empty or ends with `/`.
///
/// # Errors
/// When it is a folder of buckets, or lies inside an account's folders and is named otherwise.
pub fn copy_of(folder: &Path, bucket: &str, prefix: &str) -> Result<Taken> {
    if folder.join(bucket).is_dir() && !folder.join("AWSLogs").is_dir() {
        bail!(
            "`--copy-of` is for a copy of one bucket, and {0} has a folder {bucket}: verify \
             {0}/{bucket}, or the folder that has AWSLogs, with its prefix in `--copy-of`",
            folder.display()
        );
    }
    Mount {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        folder: folder.to_owned(),
    }
    .taken()
}

/// Finds out what a folder is a copy of: its first digest that can be read says where it was.
///
/// # Errors
/// When the folder cannot be read, or lies inside an account's folders and is named otherwise.
pub fn guess(folder: &Path) -> Result<Taken> {
    let unread = || format!("cannot read {}", folder.display());
    let whole = fs::canonicalize(folder).with_context(unread)?;
    match first_digest(folder) {
        Some(First::Here(mount)) => return mount.taken(),
        Some(First::BelowItsBucket) => return buckets(folder).with_context(unread),
        None => {}
    }
    // Log files say nothing of their bucket, but the digests of their account may lie beside them.
    let Some((account, inside)) = account_of(&whole) else {
        return Ok(unnamed(folder, &whole));
    };
    match first_digest(&account) {
        Some(First::Here(mount)) => Ok(Taken {
            targets: vec![(mount.bucket.clone(), format!("{}{inside}", mount.prefix))],
            mounts: vec![mount],
            said: true,
        }),
        _ => Ok(unnamed(folder, &whole)),
    }
}

/// What the first digest in a folder says of it.
enum First {
    /// The folder is this place.
    Here(Mount),
    /// The folder holds folders of buckets.
    BelowItsBucket,
}

fn first_digest(folder: &Path) -> Option<First> {
    let mut digests = Digests::default();
    tree::walk(folder, "", &mut digests);
    digests.0.iter().find_map(|(relative, path)| {
        let bytes = read_file(path, OBJECT_BYTES).ok()?;
        let Place { bucket, key } = Content::open(&bytes).ok()?.digest.place;
        if *relative == format!("{bucket}/{key}") {
            return Some(First::BelowItsBucket);
        }
        let prefix = key.strip_suffix(relative.as_str())?;
        Some(First::Here(Mount {
            bucket,
            prefix: prefix.to_owned(),
            folder: folder.to_owned(),
        }))
    })
}

/// The first files that are named like digests, with their keys.
#[derive(Default)]
struct Digests(Vec<(String, PathBuf)>);

impl Visitor for Digests {
    fn enters(&self, _key: &str) -> bool {
        true
    }

    fn file(&mut self, key: String, path: &Path) -> bool {
        if DigestName::parse(&key).is_some() {
            self.0.push((key, path.to_owned()));
        }
        self.0.len() < 1000
    }

    /// Whoever looks for what was asked comes by here, too, and tells.
    fn closed(&mut self, _key: &str, _path: &Path, _error: &std::io::Error) {}
}

impl Mount {
    /// As the only one. What begins inside an account's folders is widened to all of them: digests
    /// and log files belong together, and what was asked for stays what it was.
    fn taken(self) -> Result<Taken> {
        let targets = vec![(self.bucket.clone(), self.prefix.clone())];
        let Some((root, inside)) = split(&self.prefix) else {
            return Ok(Taken {
                targets,
                mounts: vec![self],
                said: true,
            });
        };
        let whole = fs::canonicalize(&self.folder)
            .with_context(|| format!("cannot read {}", self.folder.display()))?;
        if !whole.ends_with(inside) {
            bail!(
                "{} is of s3://{}/{}, so it should be named {inside} and lie beside the other \
                 folders of its account: digests and log files are verified together (`--copy-of` \
                 says otherwise)",
                self.folder.display(),
                self.bucket,
                self.prefix
            );
        }
        let up = Path::new(inside).components().count();
        let account = whole.ancestors().nth(up).unwrap_or(&whole);
        let mount = Self {
            prefix: format!("{root}/"),
            folder: account.to_owned(),
            ..self
        };
        Ok(Taken {
            targets,
            mounts: vec![mount],
            said: true,
        })
    }
}

/// Of a prefix inside an account's folders: the account's, and what is below it.
fn split(prefix: &str) -> Option<(&str, &str)> {
    let probe = format!("{prefix}-/-/-");
    let length = Folders::parse(&probe)?.root.len();
    let (root, inside) = prefix.split_at_checked(length)?;
    let inside = inside.trim_matches('/');
    (!inside.is_empty()).then_some((root, inside))
}

/// The account's folder that a folder lies in by its path, and the way down, with a closing `/`.
fn account_of(whole: &Path) -> Option<(PathBuf, String)> {
    let path = format!("{}/", whole.to_str()?);
    let (root, inside) = split(&path)?;
    let first = inside.split('/').next()?;
    let known = first == DIGESTS || first.parse::<Folder>().is_ok();
    known.then(|| (PathBuf::from(root), format!("{inside}/")))
}

/// Without a digest the name of the bucket does not matter: nothing is attested anyway.
fn unnamed(folder: &Path, whole: &Path) -> Taken {
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let bucket = match name.is_empty() {
        true => "copy".to_owned(),
        false => name.into_owned(),
    };
    Taken {
        targets: vec![(bucket.clone(), String::new())],
        mounts: vec![Mount {
            bucket,
            prefix: String::new(),
            folder: folder.to_owned(),
        }],
        said: false,
    }
}

/// Every folder in `folder` is a bucket.
fn buckets(folder: &Path) -> std::io::Result<Taken> {
    let entries = tree::entries(folder)?;
    let folders = entries.into_iter().filter(|entry| entry.is_folder);
    let mounts: Vec<Mount> = folders
        .map(|entry| Mount {
            bucket: entry.name,
            prefix: String::new(),
            folder: entry.path,
        })
        .collect();
    let target = |mount: &Mount| (mount.bucket.clone(), String::new());
    Ok(Taken {
        targets: mounts.iter().map(target).collect(),
        mounts,
        said: true,
    })
}
