//! What DynamoDB's errors mean for whoever asked.
//!
//! Source: DynamoDB developer guide, "Error handling with DynamoDB"; DynamoDB API reference,
//! `TransactWriteItems` and `CancellationReason`.

use std::error::Error;

use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::CancellationReason;

use crate::ports::StoreError;

/// Codes of reasons that may pass by themselves.
const PASSING: [&str; 3] = [
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
];
const REFUSED: &str = "ConditionalCheckFailed";
const COLLIDED: &str = "TransactionConflict";

/// Everything that is no answer: nothing was written, or it is not known whether.
pub fn unavailable<E: Error + Send + Sync + 'static>(error: SdkError<E>) -> StoreError {
    StoreError::Unavailable(DisplayErrorContext(&error).to_string().into())
}

/// Whether the write's condition did not hold.
pub fn is_refused<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

/// Whether a transaction of somebody else was at the same item.
pub fn is_collided<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("TransactionConflictException")
}

/// Why a transaction was cancelled. Reasons stand in the order of the transaction's items.
#[derive(Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// The first item's condition did not hold, or somebody else was at an item.
    Conflict,
    /// Nothing but these other items' conditions did not hold, by their place.
    There(Vec<usize>),
    /// Throttled, too long, or for no reason that is known here.
    Otherwise,
}

impl Cancelled {
    /// The first item's condition decides, whatever else went wrong: trying the same again cannot
    /// help.
    pub fn of(reasons: &[CancellationReason]) -> Self {
        let codes: Vec<&str> = reasons
            .iter()
            .map(|reason| reason.code().unwrap_or("None"))
            .collect();
        if codes.first() == Some(&REFUSED) || codes.contains(&COLLIDED) {
            return Self::Conflict;
        }
        if codes.iter().any(|code| ![REFUSED, "None"].contains(code)) {
            return Self::Otherwise;
        }
        let there: Vec<usize> = (0..)
            .zip(&codes)
            .filter(|(_, code)| **code == REFUSED)
            .map(|(place, _)| place)
            .collect();
        if there.is_empty() {
            return Self::Otherwise;
        }
        Self::There(there)
    }
}

/// Tells the SDK which further errors are worth another try: it does not look into the reasons of
/// a cancelled transaction, and does not know of collisions with one.
#[derive(Debug)]
pub struct MayPass;

impl ClassifyRetry for MayPass {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = match context.output_or_error() {
            Some(Err(error)) => error.as_operation_error(),
            _ => None,
        };
        let Some(error) = error else {
            return RetryAction::NoActionIndicated;
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.downcast_ref::<TransactWriteItemsError>()
        {
            let passing = |reason: &CancellationReason| {
                reason.code().is_some_and(|code| PASSING.contains(&code))
            };
            let reasons = cancelled.cancellation_reasons();
            return match Cancelled::of(reasons) {
                Cancelled::Otherwise if reasons.iter().any(passing) => {
                    RetryAction::throttling_error()
                }
                _ => RetryAction::NoActionIndicated,
            };
        }
        let put = error.downcast_ref::<PutItemError>();
        let update = error.downcast_ref::<UpdateItemError>();
        let collided = put.is_some_and(PutItemError::is_transaction_conflict_exception)
            || update.is_some_and(UpdateItemError::is_transaction_conflict_exception);
        if collided {
            return RetryAction::transient_error();
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "what may pass in DynamoDB"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(codes: &[&str]) -> Cancelled {
        let reason = |code: &&str| CancellationReason::builder().code(*code).build();
        Cancelled::of(&codes.iter().map(reason).collect::<Vec<_>>())
    }

    #[test]
    fn reasons_are_weighed_together() {
        for (codes, meaning) in [
            (&["ConditionalCheckFailed", "None"][..], Cancelled::Conflict),
            (
                &["ConditionalCheckFailed", "ThrottlingError"],
                Cancelled::Conflict,
            ),
            (
                &["ConditionalCheckFailed", "ConditionalCheckFailed"],
                Cancelled::Conflict,
            ),
            (&["TransactionConflict", "None"], Cancelled::Conflict),
            (
                &["None", "ConditionalCheckFailed", "TransactionConflict"],
                Cancelled::Conflict,
            ),
            (
                &["None", "ConditionalCheckFailed", "None"],
                Cancelled::There(vec![1]),
            ),
            (
                &["None", "ConditionalCheckFailed", "ThrottlingError"],
                Cancelled::Otherwise,
            ),
            (&["ThrottlingError", "None"], Cancelled::Otherwise),
            (&["ValidationError"], Cancelled::Otherwise),
            (&["None", "None"], Cancelled::Otherwise),
            (&[], Cancelled::Otherwise),
        ] {
            assert_eq!(of(codes), meaning, "{codes:?}");
        }
    }
}
