//! Over a table at an endpoint. `tests/e2e/test_state.py` starts one, makes the table that the
//! template describes, and runs these.

use trailwarden::aws::{Clients, DynamoDb};

use crate::contract::holds;

/// The table that the environment names, as the function would use it.
pub async fn table() -> DynamoDb {
    let vars = || {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
    };
    let name = std::env::var("TRAILWARDEN_TABLE")
        .unwrap_or_else(|_| panic!("`TRAILWARDEN_TABLE` names no table"));
    DynamoDb::new(Clients::from_env(vars()).await.dynamodb(), name)
}

#[tokio::test]
#[ignore = "needs a table: tests/e2e/test_state.py runs it over the local endpoint"]
async fn the_table_keeps_the_contract() {
    holds(&table().await, "table").await;
}
