//! Log files on disk, written once by a generator.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// How much of what.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Inflated, about.
    pub megabytes: usize,
    /// Records in a file.
    pub per_file: usize,
}

impl Kind {
    /// The folder with such files, and whether they had to be written.
    pub fn files(self) -> Result<(PathBuf, bool)> {
        let (folder, mut generator) = self.generator();
        if folder.exists() {
            return Ok((folder, false));
        }
        let unfinished = folder.with_extension("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        println!("Generating {} ...", folder.display());
        let status = generator.arg("--out").arg(&unfinished).status();
        let status = status.context("cannot start python3")?;
        ensure!(status.success(), "the generator failed ({status})");
        std::fs::rename(&unfinished, &folder)?;
        Ok((folder, true))
    }

    /// Where the files belong, and what writes them: the shared generator, which resamples real
    /// records, when it is there, and ours, which makes them up, otherwise.
    fn generator(self) -> (PathBuf, Command) {
        let Self {
            megabytes,
            per_file,
        } = self;
        let corpus = shared().join("corpus");
        let mut command = Command::new("python3");
        let source = if corpus.join("tools/make_corpus.py").exists() {
            command
                .arg(corpus.join("tools/make_corpus.py"))
                .arg("--records")
                .arg(corpus.join("records"))
                .args(["--seed", "1", "--bytes"])
                .arg(format!("{megabytes}M"))
                .arg("--per-file")
                .arg(format!("fixed:{per_file}"));
            "real"
        } else {
            // A record of ours has about 1,280 bytes.
            command
                .arg(home().join("events/day.py"))
                .arg("--records")
                .arg((megabytes * 780).to_string())
                .arg("--per-file")
                .arg(per_file.to_string());
            "ours"
        };
        let name = format!("{source}-{megabytes}MB-{per_file}-a-file");
        (scratch().join(name), command)
    }
}

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of shared test data, which need not be there.
pub fn shared() -> PathBuf {
    std::env::var_os("TRAILWARDEN_SHARED").map_or_else(|| home().join("../shared"), PathBuf::from)
}

/// Where benchmarks keep their files.
pub fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench")
}
