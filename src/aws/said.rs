//! What a service said, in one line for people.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// `AccessDenied: Access Denied` when the service answered, else the causes, outermost first.
pub(super) fn said<E>(error: &SdkError<E>) -> String
where
    E: Error + ProvideErrorMetadata + 'static,
{
    if let Some(answer) = error.as_service_error()
        && let Some(code) = answer.code()
    {
        return match answer.message() {
            Some(message) => format!("{code}: {message}"),
            None => code.to_owned(),
        };
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Many causes repeat what is around them.
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
