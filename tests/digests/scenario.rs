//! Scenarios, and what `verify` finds in each when all is long over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use trailwarden::integrity::{DigestName, KeyRing};
use trailwarden::ports::ObjectRef;
use trailwarden::record::EventTime;

use crate::world::{Stored, World};
use crate::{own, support};

pub const HOUR: i64 = 3_600;

/// Seconds from an object's delivery to its notification, in true order.
pub const LAG: i64 = 30;

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn seconds(value: &Value) -> i64 {
    text(value).parse::<EventTime>().unwrap().seconds()
}

/// A scenario: its objects in order of delivery, and what `verify` finds when all is long over.
pub struct Scenario {
    pub name: String,
    pub world: World,
    /// With the time of delivery.
    pub objects: Vec<(ObjectRef, i64)>,
    pub as_of: i64,
    denied: BTreeSet<String>,
    /// Verdict and reason by object.
    pub verdicts: BTreeMap<String, (String, String)>,
    /// Account, region and trail of chains that end, and of gaps that nothing explains.
    pub silent: BTreeSet<(String, String)>,
    pub gaps: usize,
}

impl Scenario {
    pub fn load(folder: &Path) -> Self {
        let manifest = read(&folder.join("manifest.json"));
        let as_of = seconds(&read(&folder.join("scenario.json"))["scope"]["as_of"]);
        let keys = fs::read_to_string(folder.join("public_keys.json")).unwrap();
        let mut world = World::new(KeyRing::from_json(&keys).unwrap());
        let (mut objects, mut denied) = (Vec::new(), BTreeSet::new());
        for (bucket, of) in manifest["buckets"].as_object().unwrap() {
            for (key, object) in of["objects"].as_object().unwrap() {
                let stored = Stored {
                    bytes: fs::read(folder.join(text(&object["path"]))).unwrap(),
                    etag: text(&object["etag"]).to_owned(),
                    metadata: object["metadata"].clone(),
                    denied: !object["stub_error"].is_null(),
                };
                let refused = stored.denied;
                let name = world.put(bucket, key, stored);
                if refused {
                    denied.insert(name.to_string());
                }
                objects.push((name, seconds(&object["last_modified"])));
            }
        }
        objects.sort_by_key(|(object, at)| (*at, object.key.clone()));
        let mut scenario = Self {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            world,
            objects,
            as_of,
            denied,
            verdicts: BTreeMap::new(),
            silent: BTreeSet::new(),
            gaps: 0,
        };
        scenario.verify(folder);
        // What was copied from elsewhere is watched without the original.
        let buckets: BTreeSet<&str> = scenario
            .verdicts
            .keys()
            .filter_map(|object| object.split('/').nth(2))
            .collect();
        scenario
            .objects
            .retain(|(object, _)| buckets.contains(object.bucket.as_str()));
        scenario
    }

    /// Asks the command line about the whole bucket.
    fn verify(&mut self, folder: &Path) {
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let scope = &read(&folder.join("scenario.json"))["scope"];
        let bucket = text(&scope["bucket"]);
        let late = EventTime::from_seconds(self.as_of + 12 * HOUR).to_string();
        let output = assert_cmd::Command::cargo_bin("trailwarden")
            .unwrap()
            .args(["verify", &file(&format!("tree/{bucket}"))])
            .args(["--copy-of", &format!("s3://{bucket}")])
            .args(["--format", "json", "--as-of", &late])
            .args(["--object-metadata", &file("manifest.json")])
            .args(["--public-keys", &file("public_keys.json")])
            .output()
            .unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        for object in found["objects"].as_array().unwrap() {
            let said = |member: &str| text(&object[member]).to_owned();
            // A copy on disk can always be read.
            let denied = self.denied.contains(&said("object"));
            let verdict = if denied {
                "unreadable".to_owned()
            } else {
                said("verdict")
            };
            self.verdicts
                .insert(said("object"), (verdict, said("reason")));
        }
        for range in found["ranges"].as_array().unwrap() {
            let place = (
                text(&range["account"]).to_owned(),
                text(&range["region"]).to_owned(),
            );
            let reason = range["reason"].as_str().unwrap_or_default();
            match text(&range["state"]) {
                "stale" => _ = self.silent.insert(place),
                "gap" if reason.starts_with("no StopLogging") => self.gaps += 1,
                _ => {}
            }
        }
    }

    fn verdict(&self, object: &ObjectRef) -> &str {
        let verdict = self.verdicts.get(&object.to_string());
        verdict.map_or("", |(verdict, _)| verdict)
    }

    /// Whether an object was delivered after the end of the last digest.
    pub fn came_last(&self, object: &str) -> bool {
        let names = self
            .objects
            .iter()
            .filter_map(|(object, _)| DigestName::parse(&object.key));
        let last = names.map(|name| name.end.seconds()).max();
        let mut came = self
            .objects
            .iter()
            .filter(|(other, _)| other.to_string() == object);
        came.next().is_some_and(|(_, at)| Some(*at + LAG) > last)
    }

    /// Whether some digest is genuine: else there is no chain to watch.
    pub fn has_chain(&self) -> bool {
        let digests = self
            .verdicts
            .iter()
            .filter(|(object, _)| DigestName::parse(object).is_some());
        let genuine = [
            "valid",
            "recovered",
            "chain_mismatch",
            "key_outside_validity",
        ];
        digests
            .into_iter()
            .any(|(_, (verdict, _))| genuine.contains(&verdict.as_str()))
    }

    /// The breach that an object's verdict is.
    fn breach(&self, object: &str, verdict: &str, reason: &str) -> Option<&'static str> {
        if DigestName::parse(object).is_some() {
            return match verdict {
                "valid" if reason.starts_with("signature, place and link") => None,
                "valid" | "recovered" => Some("digest-altered"),
                "missing" => Some("digest-missing"),
                _ => Some("digest-not-genuine"),
            };
        }
        match verdict {
            "valid" => None,
            // The content is the one that was signed: it was only stored without compression.
            "format" if self.name == "log_not_gzip" => None,
            "missing" => Some("log-file-missing"),
            "unreadable" => Some("log-file-unreadable"),
            "unreferenced" => Some("log-file-injected"),
            "unverifiable" | "uncovered" if self.has_chain() => Some("log-file-undigested"),
            "unverifiable" | "uncovered" => None,
            _ => Some("log-file-tampered"),
        }
    }

    /// What must be told, as `breach object`.
    pub fn expected(&self, lost: &BTreeSet<ObjectRef>) -> BTreeSet<String> {
        let mut expected = BTreeSet::new();
        for (object, (verdict, reason)) in &self.verdicts {
            // Watching begins with the first digest that came: what was before it is not known.
            let before = self.name == "digest_deleted_oldest";
            if before && matches!(verdict.as_str(), "missing" | "unverifiable") {
                continue;
            }
            if let Some(breach) = self.breach(object, verdict, reason) {
                expected.insert(format!("{breach} {object}"));
            }
        }
        let genuine = |object: &&ObjectRef| {
            let verdict = self.verdict(object);
            let content =
                verdict == "valid" || (verdict == "format" && self.name == "log_not_gzip");
            DigestName::parse(&object.key).is_none() && content
        };
        let late = lost.iter().filter(genuine);
        expected.extend(late.map(|object| format!("log-file-late {object}")));
        expected
    }

    /// Whether the object's notification may be lost without a trace: nothing that is genuine leads
    /// to objects that somebody put there, and watching begins with the first digest of a chain.
    pub fn leaves_a_trace(&self, object: &ObjectRef) -> bool {
        let verdict = self.verdict(object);
        if DigestName::parse(&object.key).is_none() {
            let listed = [
                "valid",
                "hash_mismatch",
                "format",
                "trailing_data",
                "unreadable",
            ];
            return listed.contains(&verdict);
        }
        let name = DigestName::parse(&object.key).unwrap();
        let chain = |name: &DigestName<'_>| {
            let place = [name.account, name.region, name.trail, name.home];
            (place.map(str::to_owned), name.backfill)
        };
        let genuine = |other: &ObjectRef| self.verdict(other) == "valid";
        let older = self.objects.iter().any(|(other, _)| {
            DigestName::parse(&other.key)
                .is_some_and(|other| chain(&other) == chain(&name) && other.end < name.end)
                && genuine(other)
        });
        verdict != "moved" && older && !name.backfill
    }
}

/// Our own scenarios, and the shared ones where they are.
pub fn scenarios() -> (TempDir, Vec<PathBuf>) {
    let folder = TempDir::new().unwrap();
    own::write(folder.path());
    let shared = support::shared().map(|shared| shared.join("digest/scenarios"));
    let folders = [Some(folder.path().to_owned()), shared];
    let mut found: Vec<PathBuf> = folders
        .iter()
        .flatten()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    (folder, found)
}
