//! Why a chain of digests broke off: the calls that stop logging or validation. CloudTrail's last
//! digest can list the log file with them (digest spec section 6).

use serde::Deserialize;

const STOPS: [&str; 3] = ["StopLogging", "UpdateTrail", "DeleteTrail"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    records: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    event_time: Option<String>,
    event_source: Option<String>,
    event_name: Option<String>,
    error_code: Option<String>,
    request_parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    name: Option<String>,
}

/// The first call in a log file's text that succeeded and stopped or changed the trail of this
/// name, such as `StopLogging at 2026-11-20T07:12:00Z`.
pub fn stop(inflated: &[u8], trail: &str) -> Option<String> {
    let file: File = serde_json::from_slice(inflated).ok()?;
    let ours = |call: &&Call| {
        let said = |text: &Option<String>, wanted: &str| text.as_deref() == Some(wanted);
        let parameters = call.request_parameters.as_ref();
        let name = parameters.and_then(|parameters| parameters.name.as_deref());
        said(&call.event_source, "cloudtrail.amazonaws.com")
            && STOPS.iter().any(|stop| said(&call.event_name, stop))
            && call.error_code.is_none()
            && name.is_some_and(|name| name.rsplit('/').next() == Some(trail))
    };
    let call = file.records.iter().find(ours)?;
    let name = call.event_name.as_deref().unwrap_or_default();
    Some(match &call.event_time {
        Some(time) => format!("{name} at {time}"),
        None => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::stop;

    fn call(name: &str, parameters: &str, more: &str) -> String {
        format!(
            r#"{{"Records":[{{"eventName":"DescribeTrails","requestParameters":null}},{{"eventTime":"2026-11-20T07:12:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"{name}","requestParameters":{parameters}{more}}}]}}"#
        )
    }

    #[test]
    fn only_a_call_about_the_trail_that_succeeded_explains() {
        let ours = r#"{"name":"management"}"#;
        let arn = r#"{"name":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/management"}"#;
        for parameters in [ours, arn] {
            assert_eq!(
                stop(call("StopLogging", parameters, "").as_bytes(), "management").as_deref(),
                Some("StopLogging at 2026-11-20T07:12:00Z")
            );
        }
        for text in [
            call("StartLogging", ours, ""),
            call("StopLogging", ours, r#","errorCode":"AccessDenied""#),
            call("StopLogging", r#"{"name":"other"}"#, ""),
            call("StopLogging", "null", ""),
            "{".to_owned(),
        ] {
            assert_eq!(stop(text.as_bytes(), "management"), None, "{text}");
        }
    }
}
