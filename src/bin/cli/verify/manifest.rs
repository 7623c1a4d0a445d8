//! `--object-metadata`: what a copy on disk has lost of its objects' metadata.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use trailwarden::integrity::{Metadata, Place};

/// The metadata of digests, by bucket and key:
/// `{"buckets": {"b": {"objects": {"k": {"metadata": {"signature": "…", …}}}}}}`.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    buckets: BTreeMap<String, Bucket>,
}

#[derive(Debug, Deserialize)]
struct Bucket {
    objects: BTreeMap<String, Object>,
}

#[derive(Debug, Deserialize)]
struct Object {
    #[serde(default)]
    metadata: Option<Pairs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Pairs {
    signature: Option<String>,
    signature_algorithm: Option<String>,
    backfill_generation_timestamp: Option<String>,
}

impl Manifest {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not of the form {{\"buckets\": {{BUCKET: {{\"objects\": {{KEY: {{\"metadata\": {{…}}}}}}}}}}}}",
                path.display()
            )
        })
    }

    /// The metadata of an object; `None` when the file does not mention it, which says nothing of
    /// what it had.
    pub fn of(&self, place: &Place) -> Option<Metadata> {
        let object = self.buckets.get(&place.bucket)?.objects.get(&place.key)?;
        let pairs = object.metadata.as_ref();
        Some(pairs.map_or_else(Metadata::default, |pairs| {
            Metadata {
                signature: pairs.signature.clone(),
                algorithm: pairs.signature_algorithm.clone(),
                generated: pairs
                    .backfill_generation_timestamp
                    .as_deref()
                    .and_then(|text| text.parse().ok()),
            }
        }))
    }
}
