//! What people are told of each kind of breach.

use super::Breach;
use crate::rules::Severity;

/// How a breach is told.
pub(super) struct Words {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) runbook: &'static str,
}

impl Breach {
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::LogFileTampered => &LOG_FILE_TAMPERED,
            Self::LogFileInjected => &LOG_FILE_INJECTED,
            Self::LogFileMissing => &LOG_FILE_MISSING,
            Self::LogFileUnreadable => &LOG_FILE_UNREADABLE,
            Self::LogFileUndigested => &LOG_FILE_UNDIGESTED,
            Self::LogFileUnlisted => &LOG_FILE_UNLISTED,
            Self::LogFileLate => &LOG_FILE_LATE,
            Self::LogFileListedLate => &LOG_FILE_LISTED_LATE,
            Self::DigestNotGenuine => &DIGEST_NOT_GENUINE,
            Self::DigestMissing => &DIGEST_MISSING,
            Self::DigestUnreadable => &DIGEST_UNREADABLE,
            Self::DigestAltered => &DIGEST_ALTERED,
            Self::DigestPutAgain => &DIGEST_PUT_AGAIN,
            Self::DigestsNotListed => &DIGESTS_NOT_LISTED,
            Self::DigestOverdue => &DIGEST_OVERDUE,
            Self::DigestGap => &DIGEST_GAP,
            Self::DigestGapElsewhere => &DIGEST_GAP_ELSEWHERE,
            Self::NoDigests => &NO_DIGESTS,
        }
    }
}

const LOG_FILE_TAMPERED: Words = Words {
    id: "log-file-tampered",
    severity: Severity::Critical,
    title: "A log file is not what CloudTrail signed",
    description: "The trail's signed digest gives another hash for this log file. Somebody who \
        can write to the bucket changed what happened into something else. What was found in it \
        was evaluated and may be false; what was taken out is not known here.",
    runbook: "Find out who wrote the object: its versions in S3, and PutObject in the data \
        events of the bucket. In a bucket with versions the signed content is an older version. \
        Treat the account as compromised until this is explained.",
};

const LOG_FILE_INJECTED: Words = Words {
    id: "log-file-injected",
    severity: Severity::Critical,
    title: "A log file was not delivered by CloudTrail",
    description: "Genuine digests cover the time in its name, and none lists it. Somebody who \
        can write to the bucket put it there. What it says happened may never have happened.",
    runbook: "Do not trust what it says. Find out who wrote the object, and restrict who may \
        write to the bucket.",
};

const LOG_FILE_MISSING: Words = Words {
    id: "log-file-missing",
    severity: Severity::High,
    title: "A log file is gone",
    description: "A genuine digest lists this log file, it was never evaluated, and it is not in \
        the bucket. Nobody knows what happened in it.",
    runbook: "Look for delete markers and older versions of the object, for DeleteObject in the \
        data events of the bucket, and for lifecycle rules that are too short.",
};

const LOG_FILE_UNREADABLE: Words = Words {
    id: "log-file-unreadable",
    severity: Severity::Medium,
    title: "A log file that was delivered cannot be read",
    description: "A genuine digest lists this log file, it was never evaluated, and it may not or \
        cannot be read now. It is not tried again by itself.",
    runbook: "Give the function the right to read it and to use its key, or restore it from its \
        storage class; then copy it with `aws s3 cp` and evaluate the copy with `trailwarden scan`.",
};

const LOG_FILE_UNDIGESTED: Words = Words {
    id: "log-file-undigested",
    severity: Severity::Medium,
    title: "A log file has no genuine digest",
    description: "It was evaluated, and its digest did not come, is missing or is not genuine. \
        Nobody can say whether its content is what CloudTrail delivered.",
    runbook: "Find out why the digest of its time is not there: see the alerts about it, and \
        whether log file validation of the trail is on.",
};

const LOG_FILE_UNLISTED: Words = Words {
    id: "log-file-unlisted",
    severity: Severity::Low,
    title: "No digest lists a log file of a folder that digests may leave out",
    description: "AWS does not say whether digests list the log files of Insights, network \
        activity and aggregated events. Genuine digests cover its time, and none lists it.",
    runbook: "If other files of this folder are listed, somebody put this one there.",
};

const LOG_FILE_LATE: Words = Words {
    id: "log-file-late",
    severity: Severity::Low,
    title: "A log file was found through its digest",
    description: "The notification of this log file never came, or its evaluation failed. It was \
        found through its digest, is what CloudTrail signed, and was evaluated now: alerts about \
        what is in it come late.",
    runbook: "If this goes on, look at the bucket's notifications and at the queue of failed \
        events.",
};

const LOG_FILE_LISTED_LATE: Words = Words {
    id: "log-file-listed-late",
    severity: Severity::Low,
    title: "A log file that no digest listed is listed now",
    description: "An earlier alert said that no genuine digest lists this log file. Now one does: it is what \
        CloudTrail signed. A digest was late, or CloudTrail delivered a backfill digest.",
    runbook: "Nothing is to be done about this log file.",
};

const DIGEST_NOT_GENUINE: Words = Words {
    id: "digest-not-genuine",
    severity: Severity::Critical,
    title: "A digest file is not genuine",
    description: "CloudTrail signs its digests, and this one fails the check that is named \
        below. Somebody who can write to the bucket forged, changed or moved it: that is how \
        changed log files are hidden.",
    runbook: "Find out who wrote the object. In a bucket with versions the genuine digest is an \
        older version. Treat the log files of its hour as changed.",
};

const DIGEST_MISSING: Words = Words {
    id: "digest-missing",
    severity: Severity::High,
    title: "A digest file is gone",
    description: "The digest after it names it, and it is not in the bucket. The log files of its \
        time cannot be verified.",
    runbook: "Look for delete markers and older versions of the object, and for DeleteObject in \
        the data events of the bucket.",
};

const DIGEST_UNREADABLE: Words = Words {
    id: "digest-unreadable",
    severity: Severity::Medium,
    title: "A digest file cannot be read",
    description: "The digest after it names it, and it may not or cannot be read. The log files \
        of its time cannot be verified.",
    runbook: "Give the function the right to read it and to use its key.",
};

const DIGEST_ALTERED: Words = Words {
    id: "digest-altered",
    severity: Severity::Low,
    title: "The metadata of a digest file were lost or altered",
    description: "The digest is genuine: its signature fits, or the next digest carries it. Its \
        own metadata, which no signature covers, are not as CloudTrail wrote them.",
    runbook: "Copies and restored backups lose metadata. If nobody copied it, find out who wrote \
        the object.",
};

const DIGEST_PUT_AGAIN: Words = Words {
    id: "digest-put-again",
    severity: Severity::Low,
    title: "A digest file was written again",
    description: "CloudTrail writes a digest once. Somebody who can write to the bucket wrote \
        this one again, with the same content.",
    runbook: "Replication and restored backups do that. If there are none, find out who wrote \
        the object.",
};

const DIGESTS_NOT_LISTED: Words = Words {
    id: "digests-not-listed",
    severity: Severity::High,
    title: "Digests of some hours could not be looked for",
    description: "No digest leads to those of these hours, and their folder could not be listed to \
        the end: it is not allowed, or there are more than 50,000 objects. Log files of these hours \
        may be there that nobody announced and nobody evaluated.",
    runbook: "Let the function list the bucket, and remove what is no digest from the folder. Copy \
        the log files of these hours with `aws s3 sync`, and run `trailwarden scan` on the copy.",
};

const DIGEST_OVERDUE: Words = Words {
    id: "digest-overdue",
    severity: Severity::High,
    title: "A trail has gone silent: its next digest is overdue",
    description: "CloudTrail delivers a digest every hour, even when nothing happened. Logging \
        was stopped, delivery fails, or digests are deleted as they come.",
    runbook: "See GetTrailStatus: whether the trail is logging, and its latest digest delivery \
        error. Look for StopLogging, UpdateTrail and DeleteTrail, and at the bucket's policy.",
};

const DIGEST_GAP: Words = Words {
    id: "digest-gap",
    severity: Severity::High,
    title: "A trail has a time without digests that nothing explains",
    description: "The chain of digests has a hole or starts anew, and no StopLogging, UpdateTrail \
        or DeleteTrail call about the trail is in the log files before it: digests may have been \
        deleted. Log files of that time cannot be verified.",
    runbook: "Look for calls that changed the trail from another region or account, and for \
        deleted digests.",
};

const DIGEST_GAP_ELSEWHERE: Words = Words {
    id: "digest-gap-of-organization",
    severity: Severity::Low,
    title: "An organization's trail has a time without digests",
    description: "The chain of digests of one account and region has a hole or starts anew. The call that \
        explains it, StopLogging, UpdateTrail or DeleteTrail, would be in the log files of the account that \
        owns the trail. If it is not, digests may have been deleted.",
    runbook: "Look for the call in the management account, or in the account that is the delegated \
        administrator, in the trail's home region.",
};

const NO_DIGESTS: Words = Words {
    id: "trail-without-digests",
    severity: Severity::Low,
    title: "Log files come, and no genuine digest was ever seen",
    description: "Without digests nobody can say whether log files were changed, deleted or put \
        there. Log file validation of the trail is off, or its digests do not reach this \
        function.",
    runbook: "Switch log file validation on, and let the bucket announce the objects below \
        CloudTrail-Digest.",
};
