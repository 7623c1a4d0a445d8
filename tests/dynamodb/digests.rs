//! What digests cost in requests to DynamoDB. The numbers are in docs/PERFORMANCE.md.

use trailwarden::aws::DynamoDb;
use trailwarden::inspect::{Bounds, Inspector, Options};
use trailwarden::integrity::{KeyRing, Metadata};
use trailwarden::ports::{FetchError, Fetched, ObjectRef, ObjectStore};

use crate::endpoint::table_name;
use crate::requests::metered;
use crate::signed_trail::{BUCKET, Trail, public_keys};
use crate::support::Inbox;
use crate::trail::rules;

impl ObjectStore for &Trail {
    async fn fetch(&self, object: &ObjectRef, _: u64) -> Result<Fetched, FetchError> {
        let found = self.objects.get(&object.key).ok_or(FetchError::NotFound)?;
        let said = |name: &str| found.metadata.get(name).cloned();
        Ok(Fetched {
            bytes: found.bytes.clone(),
            version: None,
            etag: Some("one".to_owned()),
            metadata: Metadata {
                signature: said("signature"),
                algorithm: said("signature-algorithm"),
                generated: None,
            },
        })
    }

    async fn list(&self, _: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let keys = self.objects.keys();
        let found = keys.filter(|key| key.starts_with(prefix) && key.as_str() > after);
        Ok(found.cloned().collect())
    }
}

#[tokio::test]
#[ignore = "needs a table: tests/e2e/test_state.py runs it over the local endpoint"]
async fn what_a_digest_costs() {
    let trail = Trail::new(4, 20);
    let (meter, client) = metered().await;
    let inbox = Inbox::default();
    let worker = Inspector::new(
        rules(),
        &trail,
        DynamoDb::new(client, table_name()),
        &inbox,
        KeyRing::from_json(&public_keys().to_string()).unwrap(),
        Options::default(),
        Bounds::default(),
    );
    let object = |key: &String| ObjectRef {
        bucket: BUCKET.to_owned(),
        key: key.clone(),
        version: None,
        etag: Some("one".to_owned()),
    };
    let now = trail.end().seconds();
    for (hour, what, evaluated, cost) in [
        (
            0,
            "the first digest, of 20 log files that were evaluated",
            true,
            "1 BatchGetItem, 4 GetItem, 23 PutItem",
        ),
        (
            1,
            "a digest of 20 log files that were evaluated",
            true,
            "1 BatchGetItem, 3 GetItem, 22 PutItem",
        ),
        (1, "the same digest again", false, "1 GetItem"),
    ] {
        if evaluated {
            let logs = trail.hours[hour].logs.iter().map(object).collect();
            assert!(worker.run(logs, now).await.is_success());
        }
        meter.read();
        let digest = object(&trail.hours[hour].digest);
        let report = worker.run(vec![digest], now).await;
        assert!(report.is_success(), "{what}: {report:?}");
        meter.says(what, cost);
    }
}
