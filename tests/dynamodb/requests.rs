//! What state costs in requests to DynamoDB. The numbers are in docs/PERFORMANCE.md.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use trailwarden::aws::DynamoDb;
use trailwarden::ports::BoxError;

use crate::endpoint::{client, table_name};
use crate::support::{Inbox, record};
use crate::trail::{Bucket, NOW, inspector};

/// Counts requests by operation, tries included.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<BTreeMap<String, usize>>>);

impl Meter {
    /// How many there were since it was asked last, such as `1 GetItem, 1 PutItem`.
    pub fn read(&self) -> String {
        let counts = std::mem::take(&mut *self.0.lock().unwrap());
        let count = |(name, count): (&String, &usize)| format!("{count} {name}");
        counts.iter().map(count).collect::<Vec<_>>().join(", ")
    }
}

impl Meter {
    /// Prints what something cost, and compares it.
    #[track_caller]
    pub fn says(&self, what: &str, cost: &str) {
        let found = self.read();
        let sum: usize = found
            .split(", ")
            .filter_map(|part| part.split(' ').next()?.parse::<usize>().ok())
            .sum();
        println!("cost of {what}: {sum} requests ({found})");
        assert_eq!(found, cost, "{what}");
    }
}

/// A client whose requests are counted.
pub async fn metered() -> (Meter, aws_sdk_dynamodb::Client) {
    let meter = Meter::default();
    let config = client().await.config().to_builder();
    let config = config.interceptor(meter.clone());
    (meter, aws_sdk_dynamodb::Client::from_conf(config.build()))
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target");
        let (_, operation) = target.unwrap().rsplit_once('.').unwrap();
        *self
            .0
            .lock()
            .unwrap()
            .entry(operation.to_owned())
            .or_default() += 1;
        Ok(())
    }
}

/// A record of each of so many users.
fn records(file: &str, users: &str, count: usize, name: &str) -> Vec<String> {
    let record = |number: usize| {
        record(&format!("{file}{number}"), "2026-11-21T06:35:00Z", name, "")
            .replace("user/dana", &format!("user/{users}{number}"))
    };
    (0..count).map(record).collect()
}

/// What is delivered or swept, how many messages it sends and what it costs.
const COSTS: [(&str, &str, usize, &str); 7] = [
    (
        "calm",
        "an object without matches",
        0,
        "1 GetItem, 1 PutItem",
    ),
    ("calm", "the same object again", 0, "1 GetItem"),
    (
        "one",
        "an object with a match that alerts",
        1,
        "2 BatchGetItem, 1 GetItem, 2 PutItem, 1 TransactWriteItems, 1 UpdateItem",
    ),
    (
        "ten",
        "an object with matches in 10 groups that alert",
        10,
        "11 BatchGetItem, 1 GetItem, 11 PutItem, 10 TransactWriteItems, 10 UpdateItem",
    ),
    (
        "more",
        "an object with matches in 10 groups that hold them back",
        0,
        "1 BatchGetItem, 1 GetItem, 11 PutItem",
    ),
    ("sweep", "a sweep with nothing to do", 0, "13 Query"),
    (
        "late sweep",
        "a sweep of 10 groups",
        10,
        "11 BatchGetItem, 10 PutItem, 17 Query, 10 TransactWriteItems, 10 UpdateItem",
    ),
];

#[tokio::test]
#[ignore = "needs a table: tests/e2e/test_state.py runs it over the local endpoint"]
async fn what_an_object_and_a_sweep_cost() {
    let mut bucket = Bucket::default();
    bucket.put("calm", &records("calm", "dana", 20, "ListUsers"));
    bucket.put("one", &records("one", "erin", 1, "StopLogging"));
    bucket.put("ten", &records("ten", "frank", 10, "StopLogging"));
    bucket.put("more", &records("more", "frank", 10, "StopLogging"));
    let (meter, client) = metered().await;
    let inbox = Inbox::default();
    let worker = inspector(&bucket, DynamoDb::new(client, table_name()), &inbox);
    for (name, what, messages, cost) in COSTS {
        let report = match name {
            "sweep" => worker.sweep(NOW).await,
            "late sweep" => worker.sweep(NOW + 3_600).await,
            object => worker.run(vec![bucket.object(object)], NOW).await,
        };
        assert!(report.is_success(), "{what}: {report:?}");
        assert_eq!(report.published, messages, "{what}");
        meter.says(what, cost);
    }
}
