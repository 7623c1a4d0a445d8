//! Answers that a local endpoint never gives: throttling, collisions, silence.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, HttpClient, SharedCredentialsProvider};
use serde_json::{Value, json};
use trailwarden::aws::DynamoDb;
use trailwarden::ports::{
    AlertLog as _, Change, Entry, Ledger as _, Message, StoreError, Stored, WindowStore as _,
};

use crate::contract::{change, key, object};
use crate::script::{Answers, Silence};

/// What DynamoDB is scripted to answer, one after the other.
struct Script(Answers);

impl Script {
    fn of(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        Self(Answers::of(answers))
    }

    fn table(&self) -> DynamoDb {
        DynamoDb::new(client(self.0.client()), "table".to_owned())
    }

    /// The operations that were asked for, each with its request.
    fn asked(&self) -> Vec<(String, Value)> {
        self.0.asked()
    }

    fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|(name, _)| name).collect()
    }
}

fn client(http: impl HttpClient + 'static) -> Client {
    Client::from_conf(DynamoDb::config(&shared(http)).build())
}

fn shared(http: impl HttpClient + 'static) -> SdkConfig {
    let credentials = Credentials::new("testing", "testing", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url("http://127.0.0.1:1")
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .build()
}

fn ok() -> (u16, Value) {
    (200, json!({}))
}

fn error(code: &str) -> (u16, Value) {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    (400, json!({"__type": kind, "message": "said so"}))
}

fn throttled() -> (u16, Value) {
    error("ProvisionedThroughputExceededException")
}

fn refused() -> (u16, Value) {
    error("ConditionalCheckFailedException")
}

fn broken() -> (u16, Value) {
    (
        500,
        json!({"__type": "InternalServerError", "message": "broken"}),
    )
}

fn cancelled(codes: &[&str]) -> (u16, Value) {
    let (status, mut body) = error("TransactionCanceledException");
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    body["CancellationReasons"] = json!(reasons);
    (status, body)
}

/// A change with one alert.
fn with_alert() -> Change {
    let change = change(&key("faults"), Stored::default(), "1", 1_000);
    assert_eq!(change.alerts.len(), 1);
    change
}

/// A change with three alerts, the second of which is the first one again.
fn with_alerts() -> Change {
    let mut change = with_alert();
    let again = change.alerts[0].clone();
    let mut another = again.clone();
    another.alert.id = "another".to_owned();
    change.alerts.extend([again, another]);
    change
}

fn message() -> Message {
    with_alert().alerts.remove(0)
}

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>, says: &str) {
    match result {
        Err(error @ StoreError::Unavailable(_)) => {
            assert!(error.to_string().contains(says), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
}

#[tokio::test]
async fn what_is_throttled_twice_is_done_at_the_third_try() {
    let script = Script::of([throttled(), error("ThrottlingException"), ok()]);
    script
        .table()
        .enter(&Entry::new(&object("a")))
        .await
        .unwrap();
    assert_eq!(script.operations(), ["PutItem"; 3]);

    let script = Script::of([throttled(), broken(), ok()]);
    assert_eq!(script.table().entry(&object("a")).await.unwrap(), None);
    assert_eq!(script.operations(), ["GetItem"; 3]);

    let script = Script::of([
        cancelled(&["ThrottlingError", "None"]),
        cancelled(&["None", "ProvisionedThroughputExceeded"]),
        ok(),
    ]);
    script.table().commit(&with_alert()).await.unwrap();
    assert_eq!(script.operations(), ["TransactWriteItems"; 3]);
    let token = |(_, body): (String, Value)| body["ClientRequestToken"].clone();
    let tokens: Vec<Value> = script.asked().into_iter().map(token).collect();
    assert!(tokens[0].is_string() && tokens.iter().all(|token| *token == tokens[0]));
}

#[tokio::test]
async fn what_is_throttled_for_good_is_unavailable_and_says_so() {
    let script = Script::of(std::iter::repeat_n(throttled(), 6));
    let result = script.table().enter(&Entry::new(&object("a"))).await;
    assert_unavailable(result, "ProvisionedThroughputExceededException");
    assert_eq!(script.operations().len(), 6);

    let script = Script::of(std::iter::repeat_n(
        cancelled(&["None", "ThrottlingError"]),
        6,
    ));
    assert_unavailable(
        script.table().commit(&with_alert()).await,
        "ThrottlingError",
    );
    assert_eq!(script.operations().len(), 6);
}

#[tokio::test]
async fn every_call_passes_on_what_the_service_says() {
    let script = Script::of(std::iter::repeat_n(error("ResourceNotFoundException"), 9));
    let table = script.table();
    let says = "ResourceNotFoundException";
    let mut without = with_alert();
    without.alerts.clear();
    assert_unavailable(table.entry(&object("a")).await, says);
    assert_unavailable(table.load(&[key("a")]).await, says);
    assert_unavailable(table.commit(&without).await, says);
    assert_unavailable(table.commit(&with_alert()).await, says);
    assert_unavailable(table.due(1, 1).await, says);
    assert_unavailable(table.record(&message()).await, says);
    assert_unavailable(table.sent("a", 1).await, says);
    assert_unavailable(table.claim("a", 1, 2).await, says);
    assert_unavailable(table.pending(1, 1).await, says);
    assert_eq!(script.operations().len(), 9, "and tries nothing in vain");
}

#[tokio::test]
async fn a_condition_that_does_not_hold_is_a_conflict_and_not_tried_again() {
    let mut without = with_alert();
    without.alerts.clear();
    let script = Script::of([refused(), refused(), refused()]);
    let table = script.table();
    assert_conflict(table.enter(&Entry::new(&object("a"))).await);
    assert_conflict(table.commit(&without).await);
    assert!(!table.record(&message()).await.unwrap());
    assert_eq!(script.operations(), ["PutItem"; 3]);

    let script = Script::of([refused(), refused(), refused()]);
    let table = script.table();
    table.sent("unknown", 1).await.unwrap();
    assert_eq!(table.claim("unknown", 1, 2).await.unwrap(), None);
    table.release("unknown", 1_000).await.unwrap();
    assert_eq!(script.operations(), ["UpdateItem"; 3]);
}

#[tokio::test]
async fn of_mixed_reasons_the_group_decides() {
    for codes in [
        ["ConditionalCheckFailed", "None"],
        ["ConditionalCheckFailed", "ConditionalCheckFailed"],
        ["ConditionalCheckFailed", "ThrottlingError"],
        ["TransactionConflict", "None"],
        ["None", "TransactionConflict"],
        ["ThrottlingError", "TransactionConflict"],
    ] {
        let script = Script::of([cancelled(&codes)]);
        assert_conflict(script.table().commit(&with_alert()).await);
    }
    let script = Script::of([cancelled(&["None", "ValidationError"])]);
    assert_unavailable(
        script.table().commit(&with_alert()).await,
        "ValidationError",
    );
    assert_eq!(script.operations().len(), 1);
}

#[tokio::test]
async fn alerts_that_are_recorded_already_do_not_keep_the_state_from_being_written() {
    let known = cancelled(&["None", "ConditionalCheckFailed", "None"]);
    let script = Script::of([known, cancelled(&["None", "ConditionalCheckFailed"]), ok()]);
    let change = with_alerts();
    let there = script.table().commit(&change).await.unwrap();
    let ids = change.messages().map(|message| &message.alert.id);
    assert!(
        there.iter().eq(ids),
        "none of them is the caller's to publish"
    );
    let written = |(_, body): (String, Value)| {
        let items = body["TransactItems"].as_array().unwrap().clone();
        let id = |item: Value| item["Put"]["Item"]["id"]["S"].as_str().unwrap().to_owned();
        items.into_iter().map(id).collect::<Vec<_>>()
    };
    let group = format!("group#one#{}", change.key.fingerprint);
    let first = format!("alert#{}", change.alerts[0].alert.id);
    let another = "alert#another".to_owned();
    let all: Vec<Vec<String>> = script.asked().into_iter().map(written).collect();
    assert_eq!(
        all,
        [
            vec![group.clone(), first, another.clone()],
            vec![group.clone(), another],
            vec![group]
        ]
    );
    let tokens: std::collections::BTreeSet<String> = script
        .asked()
        .iter()
        .map(|(_, body)| body["ClientRequestToken"].to_string())
        .collect();
    assert_eq!(
        tokens.len(),
        3,
        "another transaction is no repeat of the first"
    );
}

#[tokio::test]
async fn a_transaction_of_somebody_else_is_waited_for() {
    let collided = || error("TransactionConflictException");
    let script = Script::of([collided(), collided(), ok()]);
    script.table().sent("a", 1).await.unwrap();
    assert_eq!(script.operations(), ["UpdateItem"; 3]);

    let mut without = with_alert();
    without.alerts.clear();
    let script = Script::of(std::iter::repeat_n(collided(), 6));
    assert_conflict(script.table().commit(&without).await);
}

/// An item of a group that was written once.
fn group(name: &str) -> Value {
    json!({
        "id": {"S": format!("group#one#{}", key(name).fingerprint)},
        "body": {"B": "e30="},
        "revision": {"N": "1"},
    })
}

#[tokio::test]
async fn what_a_batch_left_unread_is_asked_for_again() {
    let asked = |name: &str| json!({"id": group(name)["id"]});
    let rest = |keys: &[Value]| json!({"table": {"Keys": keys, "ConsistentRead": true}});
    let nothing = json!({"Responses": {}, "UnprocessedKeys": rest(&[asked("a"), asked("b")])});
    let some = json!({
        "Responses": {"table": [group_of_change("b")]},
        "UnprocessedKeys": rest(&[asked("a")]),
    });
    let last = json!({"Responses": {"table": [group_of_change("a")]}, "UnprocessedKeys": {}});
    let script = Script::of([(200, nothing), (200, some), (200, last)]);
    let keys = [key("a"), key("missing"), key("b"), key("a")];
    let stored = script.table().load(&keys).await.unwrap();
    let versions: Vec<u64> = stored.iter().map(|stored| stored.version).collect();
    assert_eq!(versions, [1, 0, 1, 1]);
    let asked: Vec<usize> = script
        .asked()
        .iter()
        .map(|(_, body)| {
            let asked = &body["RequestItems"]["table"];
            assert_eq!(asked["ConsistentRead"], json!(true));
            asked["Keys"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(asked, [3, 2, 1], "no key twice, and never what is there");
}

/// An item of a group with a real state.
fn group_of_change(name: &str) -> Value {
    let state = change(&key(name), Stored::default(), "1", 1_000).state;
    let mut item = group(name);
    item["body"]["B"] = json!(base64(&state.to_bytes()));
    item
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for digit in 0..4 {
            let at = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= three.len() {
                DIGITS[at] as char
            } else {
                '='
            });
        }
    }
    text
}

#[tokio::test]
async fn a_batch_that_never_ends_is_an_error() {
    let id = &group("a")["id"];
    let nothing = json!({
        "Responses": {},
        "UnprocessedKeys": {"table": {"Keys": [{"id": id}], "ConsistentRead": true}},
    });
    let script = Script::of(std::iter::repeat_n((200, nothing), 7));
    assert_unavailable(
        script.table().load(&[key("a")]).await,
        "1 items were not read",
    );
    assert_eq!(script.operations().len(), 7);
}

#[tokio::test]
async fn every_page_of_a_queue_is_read() {
    let entry = |number: usize, at: i64| {
        json!({
            "id": {"S": format!("group#one#{number:032x}")},
            "queue": {"S": "due#0"},
            "ready_at": {"N": at.to_string()},
        })
    };
    let more = json!({"Items": [entry(1, 40)], "LastEvaluatedKey": entry(1, 40)});
    let last = json!({"Items": [entry(2, 50)]});
    let empty = || (200, json!({"Items": []}));
    let oldest = json!({"Items": [entry(3, 10)]});
    let script = Script::of([(200, more), (200, last), empty(), (200, oldest), empty()]);
    let due = script.table().due(100, 2).await.unwrap();
    let numbers: Vec<&str> = due
        .iter()
        .map(|key| key.fingerprint.trim_start_matches('0'))
        .collect();
    assert_eq!(numbers, ["3", "1"], "those that waited longest");
    let asked = script.asked();
    assert_eq!(asked.len(), 5, "a page, its rest, and three shards");
    assert_eq!(asked[1].1["ExclusiveStartKey"], entry(1, 40));
    assert_eq!(asked[1].1["Limit"], json!(1));
}

#[tokio::test]
async fn what_cannot_be_read_says_which_item_it_is() {
    let mut not_ours = group("a");
    not_ours["body"] = json!({"B": base64(b"not a state")});
    let script = Script::of([
        (200, json!({"Responses": {"table": [not_ours]}})),
        (
            200,
            json!({"Item": {"id": {"S": "object#trail/a"}, "body": {"S": "{"}, "revision": {"N": "1"}}}),
        ),
        (
            200,
            json!({"Item": {"id": {"S": "object#trail/a"}, "revision": {"N": "1"}}}),
        ),
    ]);
    let table = script.table();
    let group = format!("group#one#{}", key("a").fingerprint);
    for (result, what) in [
        (table.load(&[key("a")]).await.map(|_| ()), group.as_str()),
        (
            table.entry(&object("a")).await.map(|_| ()),
            "object#trail/a",
        ),
        (
            table.entry(&object("a")).await.map(|_| ()),
            "`body` is missing",
        ),
    ] {
        match result {
            Err(error @ StoreError::Corrupt { .. }) => {
                assert!(error.to_string().contains(what), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_alert_that_cannot_be_read_hides_no_other() {
    let whole = serde_json::to_string(&message()).unwrap();
    let item = |id: &str, body: &str| {
        json!({
            "id": {"S": id}, "body": {"S": body}, "queue": {"S": "pending#0"}, "ready_at": {"N": "40"},
        })
    };
    let (cut, good) = (item("alert#a", "{"), item("alert#b", &whole));
    let nothing = || (200, json!({"Items": []}));
    let script = Script::of([
        (200, json!({"Items": [cut.clone(), good.clone()]})),
        nothing(),
        nothing(),
        nothing(),
        (200, json!({"Responses": {"table": [good, cut]}})),
    ]);
    let found = script.table().pending(50, 100).await.unwrap();
    let [Err(error), Ok(other)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(error.to_string().contains("alert#a"), "{error}");
    assert_eq!((&other.alert, other.claimed_until), (&message().alert, 40));
}

#[tokio::test]
async fn what_is_too_long_for_an_item_is_an_error_and_not_sent() {
    let mut long = message();
    long.alert.description = "x".repeat(400_000);
    let script = Script::of([]);
    assert_unavailable(
        script.table().record(&long).await,
        "over the limit of 400000",
    );
    let mut change = with_alert();
    change.alerts = vec![long];
    assert_unavailable(
        script.table().commit(&change).await,
        "over the limit of 400000",
    );
    assert!(script.operations().is_empty());
}

#[tokio::test]
async fn silence_is_an_error_after_every_try() {
    let never = Silence::default();
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_millis(20))
        .build();
    let config = DynamoDb::config(&shared(never.client())).timeout_config(timeouts);
    let table = DynamoDb::new(Client::from_conf(config.build()), "table".to_owned());
    assert_unavailable(table.entry(&object("a")).await, "timed out");
    assert!(never.calls() >= 2, "{} tries", never.calls());
}

#[tokio::test]
async fn a_table_that_cannot_be_reached_is_unavailable() {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let table = DynamoDb::new(client(http), "table".to_owned());
    assert_unavailable(table.entry(&object("a")).await, "onnect");
    assert_unavailable(table.commit(&with_alert()).await, "onnect");
}
