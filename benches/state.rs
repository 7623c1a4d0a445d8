//! What state costs: calls to the store for each object and match, which are DynamoDB's requests
//! in the function, and the CPU time that state adds to a file. `cargo bench --bench state`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and a failure ends it"
)]

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cpu_time::ProcessTime;

use trailwarden::alert::{Alert, Findings};
use trailwarden::inspect::{Bounds, Inspector, Object, Options, TrailState, inspect};
use trailwarden::integrity::{KeyRing, Source};
use trailwarden::local::{FileState, MemoryState, wait};
use trailwarden::ports::{
    AlertLog, AlertSink, ChainStore, Change, Entry, FetchError, Fetched, GroupKey, KeyStore,
    Ledger, Message, ObjectRef, ObjectStore, PublishError, StoreError, Stored, StoredWatch,
    WindowStore,
};
use trailwarden::rules::{RuleSet, shipped_lists, shipped_rules};

const FILES: usize = 300;
const RECORDS: usize = 200;

/// Counts the calls of the ports.
struct Counted<S> {
    inner: S,
    reads: AtomicU64,
    writes: AtomicU64,
}

impl<S> Counted<S> {
    fn new(inner: S) -> Self {
        Self {
            inner,
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
        }
    }

    fn read(&self) -> &S {
        self.reads.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }

    fn write(&self) -> &S {
        self.writes.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }
}

impl<S: Ledger + Sync> Ledger for Counted<S> {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        self.read().entry(object).await
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        self.write().enter(entry).await
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        self.read().entries(objects).await
    }

    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        self.read().awaiting(now, most).await
    }
}

impl<S: ChainStore + Sync> ChainStore for Counted<S> {
    async fn watch(&self, source: &Source) -> Result<StoredWatch, StoreError> {
        self.read().watch(source).await
    }

    async fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> Result<(), StoreError> {
        self.write().keep_watch(source, watch, due).await
    }

    async fn watches_due(&self, now: i64, most: usize) -> Result<Vec<Source>, StoreError> {
        self.read().watches_due(now, most).await
    }
}

impl<S: KeyStore + Sync> KeyStore for Counted<S> {
    async fn key(&self, region: &str, fingerprint: &str) -> Result<KeyRing, StoreError> {
        self.read().key(region, fingerprint).await
    }

    async fn keep_keys(&self, region: &str, ring: &KeyRing) -> Result<(), StoreError> {
        self.write().keep_keys(region, ring).await
    }
}

impl<S: WindowStore + Sync> WindowStore for Counted<S> {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        self.read().load(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        self.write().commit(change).await
    }

    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        self.read().due(now, most).await
    }
}

impl<S: AlertLog + Sync> AlertLog for Counted<S> {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        self.write().record(message).await
    }

    async fn sent(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.write().sent(id, now).await
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        self.write().claim(id, now, until).await
    }

    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        self.read().are_pending(ids).await
    }

    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.write().release(id, now).await
    }

    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        self.read().pending(now, most).await
    }
}

/// Takes every alert.
struct Nowhere;

impl AlertSink for Nowhere {
    async fn publish(&self, _: &Alert) -> Result<(), PublishError> {
        Ok(())
    }
}

struct Bucket(Vec<Vec<u8>>);

impl ObjectStore for &Bucket {
    async fn fetch(&self, object: &ObjectRef, _: u64) -> Result<Fetched, FetchError> {
        let number = object
            .key
            .rsplit(['_', '.'])
            .nth(2)
            .and_then(|text| text.parse::<usize>().ok());
        number
            .and_then(|number| self.0.get(number).cloned())
            .map(|bytes| Fetched {
                bytes,
                ..Fetched::default()
            })
            .ok_or(FetchError::NotFound)
    }

    async fn list(&self, _: &str, _: &str, _: &str) -> Result<Vec<String>, FetchError> {
        Err(FetchError::NotFound)
    }
}

fn object(number: usize) -> ObjectRef {
    ObjectRef {
        bucket: "trail".to_owned(),
        key: format!(
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/111122223333_CloudTrail_us-east-1_20261121T0635Z_{number:016}.json.gz"
        ),
        version: None,
        etag: Some("one".to_owned()),
    }
}

/// Of each file's records so many are denied to one of a few users, the rest is ordinary.
fn bucket(denied: usize) -> Bucket {
    let record = |file: usize, number: usize| {
        let id = format!("{file:08x}-0b1d-4e6f-8a7b-{number:012x}");
        let error = if number < denied {
            r#","errorCode":"AccessDenied""#
        } else {
            ""
        };
        let user = number % 5;
        format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u{user}","accountId":"111122223333"}},"eventTime":"2026-11-21T{:02}:{:02}:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","requestParameters":{{"maxItems":{number}}},"responseElements":null,"eventID":"{id}","eventType":"AwsApiCall","recipientAccountId":"111122223333"{error}}}"#,
            file / 60 % 24,
            file % 60,
        )
    };
    let file = |file: usize| {
        let records: Vec<String> = (0..RECORDS).map(|number| record(file, number)).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        write!(gzip, r#"{{"Records":[{}]}}"#, records.join(",")).unwrap();
        gzip.finish().unwrap()
    };
    Bucket((0..FILES).map(file).collect())
}

fn rules() -> RuleSet {
    RuleSet::load(&shipped_rules(), &shipped_lists().unwrap()).unwrap()
}

fn with_state<S: TrailState>(bucket: &Bucket, state: S) -> (Duration, u64) {
    let inspector = Inspector::new(
        rules(),
        bucket,
        state,
        Nowhere,
        KeyRing::default(),
        Options::default(),
        Bounds::default(),
    );
    let (start, mut matches) = (ProcessTime::now(), 0);
    for number in 0..FILES {
        let report = wait(inspector.run(vec![object(number)], 1_795_300_000));
        assert!(report.is_success());
        matches += report.tally.matches;
    }
    (start.elapsed(), matches)
}

fn without_state(bucket: &Bucket) -> Duration {
    let (rules, start) = (rules(), ProcessTime::now());
    for stored in &bucket.0 {
        let mut findings = Findings::default();
        let object = Object {
            name: "s3://trail/file",
            folder: None,
        };
        inspect(object, stored, &rules, &Options::default(), |found| {
            findings.add(
                rules.rules(),
                "s3://trail/file",
                &found.record,
                found.number,
                found.rules,
            );
        });
    }
    start.elapsed()
}

fn main() {
    let each = |time: Duration| time / u32::try_from(FILES).unwrap();
    println!("{FILES} files of {RECORDS} records, each file one delivery, the shipped rules");
    for denied in [0, 2, 40] {
        let bucket = bucket(denied);
        let counted = Counted::new(MemoryState::default());
        let (memory, matches) = with_state(&bucket, &counted);
        let folder = tempfile::TempDir::new().unwrap();
        let state = FileState::open(&folder.path().join("state"), 0).unwrap();
        let (file, _) = with_state(&bucket, state);
        let calls = |count: &AtomicU64| count.load(Ordering::Relaxed) as f64;
        let (reads, writes, files) = (calls(&counted.reads), calls(&counted.writes), FILES as f64);
        println!("{denied} matching records a file, {matches} matches in all:");
        println!(
            "  calls for each object     {:.2} reads, {:.2} writes",
            reads / files,
            writes / files
        );
        if matches > 0 {
            let more = (reads + writes - 2.0 * files) / matches as f64;
            println!("  further calls for a match {more:.2}");
        }
        println!(
            "  CPU time for a file       {:?} without state, {:?} in memory, {:?} in a file",
            each(without_state(&bucket)),
            each(memory),
            each(file)
        );
    }
}
