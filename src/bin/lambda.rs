//! The Lambda function: wires the AWS ports to the use case and says what happened, as JSON
//! lines. A failed invocation is delivered again by AWS, and at last handed to the function's
//! failure destination; so whatever was not done fails it.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tokio::sync::OnceCell;
use tracing::{error, info, warn};
use trailwarden::aws::{Clients, CloudTrailKeys, DynamoDb, Notification, S3, Sns, decode};
use trailwarden::config::{Config, ConfigFaults};
use trailwarden::inspect::{Bounds, Inspector, ObjectReport, Options, Outcome, Report};
use trailwarden::local::read_rules;
use trailwarden::ports::StoreError;
use trailwarden::rules::{RuleFaults, RuleSet, shipped_lists, shipped_rules_without_tests};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_logging();
    let function = &Function::default();
    let handle = move |event: LambdaEvent<Box<RawValue>>| async move {
        invoke(function.inspector().await?, event.payload.get()).await
    };
    // Rules and clients are needed for work, not to ask for it: so Lambda is asked first.
    let ahead = async {
        tokio::time::sleep(FIRST_REQUEST).await;
        // Says itself what went wrong; every invocation tries again, and fails for it.
        drop(function.inspector().await);
    };
    let (ended, ()) = tokio::join!(lambda_runtime::run(service_fn(handle)), ahead);
    ended
}

/// Long enough for the first request for work to leave.
const FIRST_REQUEST: Duration = Duration::from_millis(5);

type AwsInspector = Inspector<S3, DynamoDb, Sns, CloudTrailKeys>;

/// What is built when it is first needed, or while nothing is.
#[derive(Default)]
struct Function {
    inspector: OnceCell<AwsInspector>,
}

/// JSON lines whatever the function's log format is: they are read by machines.
fn init_logging() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL")
        .ok()
        .and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_max_level(level.unwrap_or(tracing::Level::INFO))
        .init();
}

fn vars() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

impl Function {
    async fn inspector(&self) -> Result<&AwsInspector, Error> {
        self.inspector.get_or_try_init(build).await
    }
}

async fn build() -> Result<AwsInspector, Error> {
    // Both take some milliseconds, and neither needs the other.
    let configured = tokio::task::spawn_blocking(|| configure(vars()));
    let clients = Clients::from_env(vars()).await;
    let (config, rules) = match configured.await? {
        Ok(configured) => configured,
        Err(error) => {
            error!(error = %error, "the function cannot work");
            return Err(error);
        }
    };
    tell(&rules);
    let options = Options {
        limits: config.limits,
        ..Options::default()
    };
    Ok(Inspector::new(
        rules,
        S3::new(clients.s3()),
        DynamoDb::new(clients.dynamodb(), config.table),
        Sns::new(clients.sns(), config.topic_arn),
        CloudTrailKeys::new(clients),
        options,
        Bounds::default(),
    )
    .with_overdue(config.digest_overdue))
}

fn tell(rules: &RuleSet) {
    let at = now();
    let stale = rules.rules().iter().flat_map(|rule| {
        let stale = rule.stale_exceptions(at);
        stale.map(|exception| format!("{}: {}", rule.id, exception.reason))
    });
    let stale: Vec<String> = stale.collect();
    for exception in &stale {
        warn!(exception = %exception, "an exception has ended");
    }
    info!(
        rules = rules.rules().len(),
        stale_exceptions = stale.len(),
        version = env!("CARGO_PKG_VERSION"),
        "started"
    );
}

/// Reads the configuration and the rules it names; whoever mends a deployment needs one try, so
/// all faults are in one error.
fn configure(vars: impl Iterator<Item = (String, String)>) -> Result<(Config, RuleSet), Error> {
    let (config, ConfigFaults(mut faults)) = Config::read(vars);
    let sources = match &config.rules_dir {
        Some(folder) => read_rules(Path::new(folder)),
        None => shipped_lists()
            .map(|lists| (shipped_rules_without_tests(), lists))
            .map_err(RuleFaults::from),
    };
    let rules = sources.and_then(|(sources, mut lists)| {
        if let Err(ConfigFaults(unknown)) = config.override_lists(&mut lists) {
            faults.extend(unknown);
        }
        RuleSet::load(&sources, &lists)
    });
    match rules {
        Ok(rules) if faults.is_empty() => Ok((config, rules)),
        Ok(_) => Err(ConfigFaults(faults).into()),
        Err(rules) => {
            faults.push(rules.to_string());
            Err(ConfigFaults(faults).into())
        }
    }
}

async fn invoke(inspector: &AwsInspector, payload: &str) -> Result<(), Error> {
    let Notification {
        objects,
        sweep,
        ignored,
        faults,
    } = match decode(payload) {
        Ok(notification) => notification,
        Err(refused) => {
            error!(error = %refused, "refused");
            return Err(refused.into());
        }
    };
    for reason in &ignored {
        info!(reason, "ignored");
    }
    for fault in &faults {
        error!(error = %fault, "unreadable notification");
    }
    let report = if sweep {
        Box::pin(inspector.sweep(now())).await
    } else {
        Box::pin(inspector.run(objects, now())).await
    };
    log(&report);
    if faults.is_empty() && report.is_success() {
        return Ok(());
    }
    Err(summary(&report, &faults).into())
}

/// Seconds since 1970, UTC.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

fn log(report: &Report) {
    report.objects.iter().for_each(log_object);
    for (objects, error) in &report.unpublished {
        for key in objects {
            error!(object = %key, error = %error, "not published");
        }
    }
    if report.forgotten > 0 {
        warn!(
            matches = report.forgotten,
            "state is full: matches below their threshold were let go of"
        );
    }
    for (what, failure) in &report.unswept {
        error!(what, error = %failure, "not looked at");
    }
    for error in &report.unrecorded {
        error!(error = %error, "not recorded");
    }
    let tally = serde_json::to_string(&report.tally).unwrap_or_default();
    info!(
        published = report.published,
        unpublished = report.unpublished.len(),
        tally,
        "done"
    );
}

fn log_object(report: &ObjectReport) {
    let (bucket, key) = (report.object.bucket.as_str(), report.object.key.as_str());
    match &report.outcome {
        Outcome::Evaluated(inspection) => {
            let sha256 = inspection
                .sha256
                .map(|hash| hash.to_string())
                .unwrap_or_default();
            let (records, matches) = (inspection.tally.records, inspection.tally.matches);
            info!(bucket, key, records, matches, sha256, "evaluated");
        }
        Outcome::Verified(digest) => {
            let (verdict, reason) = (digest.verdict.word(), digest.reason.as_str());
            let logs = &digest.logs;
            info!(
                bucket,
                key,
                verdict,
                reason,
                attested = logs.attested,
                late = logs.late,
                tampered = logs.tampered,
                missing = logs.missing,
                unreadable = logs.unreadable,
                "verified"
            );
        }
        Outcome::Skipped(reason) => info!(bucket, key, reason, "skipped"),
        Outcome::Failed(failure) => error!(bucket, key, error = %failure, "failed"),
    }
}

/// One line for the invocation's error, which AWS shows and keeps beside the event.
fn summary(report: &Report, faults: &[String]) -> String {
    let failed = report
        .objects
        .iter()
        .filter_map(|object| match &object.outcome {
            Outcome::Failed(failure) => Some(format!("{}: {failure}", object.object)),
            _ => None,
        });
    let unpublished = report
        .unpublished
        .iter()
        .map(|(objects, error)| format!("{}: {error}", objects.join(", ")));
    let unrecorded = report.unrecorded.iter().map(StoreError::to_string);
    let unswept = report.unswept.iter();
    let unswept = unswept.map(|(what, failure)| format!("{what}: {failure}"));
    faults
        .iter()
        .cloned()
        .chain(failed)
        .chain(unpublished)
        .chain(unrecorded)
        .chain(unswept)
        .collect::<Vec<_>>()
        .join("; ")
}
