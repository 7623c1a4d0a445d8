//! Over a table at an endpoint. `tests/e2e/test_state.py` starts one, makes the table that the
//! template describes, and runs these.

use trailwarden::aws::{Clients, DynamoDb};

use crate::contract::holds;

/// The name of the table that the environment names.
pub fn table_name() -> String {
    std::env::var("TRAILWARDEN_TABLE")
        .unwrap_or_else(|_| panic!("`TRAILWARDEN_TABLE` names no table"))
}

/// A client as the function makes it.
pub async fn client() -> aws_sdk_dynamodb::Client {
    let vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Clients::from_env(vars).await.dynamodb()
}

/// The table as the function uses it.
pub async fn table() -> DynamoDb {
    DynamoDb::new(client().await, table_name())
}

#[tokio::test]
#[ignore = "needs a table: tests/e2e/test_state.py runs it over the local endpoint"]
async fn the_table_keeps_the_contract() {
    holds(&table().await, "table").await;
}
