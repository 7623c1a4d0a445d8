#!/usr/bin/env python3
"""Writes one day of a small organization as the S3 bucket of its CloudTrail trail.

    python3 events/day.py --out DIR                            the demo day, 2,000 records
    python3 events/day.py --out DIR --truth truth.jsonl        and what the rules should say about it
    python3 events/day.py --out DIR --records 300000 --per-file 700      volume for a benchmark

The day is ordinary: services at work, pipelines that deploy, people who sign in and sometimes
mistype. From 13:02 to 13:41 UTC somebody at 203.0.113.57 takes over the user m.keller. Beside the
log files lie what every trail bucket has: a digest, the log of another service, a file delivered
twice, a second trail under a prefix of its own. All names, accounts and addresses are those that
documentation reserves. The same arguments give the same records.
"""

import argparse
import gzip
import hashlib
import json
import sys
from pathlib import Path

from records import DATE, DEV, GLOBAL, HOME, MANAGEMENT, OPT_IN, ORG, PROD, SECOND, SECURITY, Day, Spot, at, clock
from story import TEAM_TRAIL, TWICE, Attack, exceptions, truth_line

SLOT = 600  # seconds of events in one log file
BUCKET = "trailwarden-demo-logs"
DAY_FOLDER, DAY_NAME = DATE.replace("-", "/"), DATE.replace("-", "")


class Bucket:
    """A folder laid out like the bucket, and counts of what went into it."""

    def __init__(self, root, day):
        self.root, self.day = root, day
        self.files = self.records = self.text_bytes = self.stored_bytes = 0
        self.attested = []  # the log files that the digest lists

    def put(self, key, text):
        data = gzip.compress(text, 6, mtime=0)
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.files += 1
        self.text_bytes += len(text)
        self.stored_bytes += len(data)

    def put_log(self, slot, records, root=f"AWSLogs/{ORG}"):
        """Stores one log file, named after the five-minute mark at which it was delivered."""
        account, region, start = slot
        minutes = min((start + SLOT) // 60 + 5 * self.day.random.randint(0, 1), 24 * 60 - 5)
        stamp = f"{DAY_NAME}T{minutes // 60:02}{minutes % 60:02}Z"
        name = f"{account}_CloudTrail_{region}_{stamp}_{self.day.token(16)}.json.gz"
        key = f"{root}/{account}/CloudTrail/{region}/{DAY_FOLDER}/{name}"
        text = json.dumps({"Records": records}, separators=(",", ":"), ensure_ascii=False).encode()
        self.put(key, text)
        self.records += len(records)
        if (account, region) == (PROD, HOME) and at("13:05:00") <= minutes * 60 <= at("14:00:00"):
            self.attested.append(log_entry(key, text, records))


def log_entry(key, text, records):
    """How a digest lists a log file."""
    times = [record["eventTime"] for record in records]
    return {
        "s3Bucket": BUCKET,
        "s3Object": key,
        "hashValue": hashlib.sha256(text).hexdigest(),
        "hashAlgorithm": "SHA-256",
        "newestEventTime": max(times),
        "oldestEventTime": min(times),
    }


def digest(logs):
    """Key and text of the digest of the attack's hour. Its signature would be object metadata."""
    name = f"{PROD}_CloudTrail-Digest_{HOME}_organization_{HOME}_{DAY_NAME}T140431Z.json.gz"
    key = f"AWSLogs/{ORG}/{PROD}/CloudTrail-Digest/{HOME}/{DAY_FOLDER}/{name}"
    body = {
        "awsAccountId": PROD,
        "digestStartTime": f"{DATE}T13:04:31Z",
        "digestEndTime": f"{DATE}T14:04:31Z",
        "digestS3Bucket": BUCKET,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": "0123456789abcdef0123456789abcdef",
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": max((log["newestEventTime"] for log in logs), default=None),
        "oldestEventTime": min((log["oldestEventTime"] for log in logs), default=None),
        "previousDigestS3Bucket": None,
        "previousDigestS3Object": None,
        "previousDigestHashValue": None,
        "previousDigestHashAlgorithm": None,
        "previousDigestSignature": None,
        "logFiles": logs,
    }
    return key, json.dumps(body, separators=(",", ":")).encode()


def access_log():
    """Key and text of a load balancer's log, as it lies in many a trail bucket."""
    name = f"{PROD}_elasticloadbalancing_{HOME}_app.shop.50dc6c495c0c9188_{DAY_NAME}T1305Z_192.0.2.10_2kq1x9ab.log.gz"
    key = f"AWSLogs/{PROD}/elasticloadbalancing/{HOME}/{DAY_FOLDER}/{name}"
    lines = [
        f"https {clock(at('13:01:00') + n)} app/shop/50dc6c495c0c9188 198.51.100.{n}:{40000 + n} 10.0.1.5:8080 "
        f'0.000 0.012 0.000 200 200 241 1872 "GET https://shop.example.com:443/ HTTP/1.1" "curl/8.14.1"\n'
        for n in range(20)
    ]
    return key, "".join(lines).encode()


def slot_of(spot):
    return spot._replace(second=spot.second // SLOT * SLOT)


def busy_slots(day, records, per_file):
    """Where and when ordinary work happens, mostly around noon: (slot, number of records)."""
    last = 24 * 3600 - 2 * SLOT
    while records > 0:
        size = min(records, max(1, round(per_file * day.random.uniform(0.5, 1.5))))
        account = day.random.choices([PROD, DEV, SECURITY, MANAGEMENT], [5, 3, 1, 1])[0]
        region = day.random.choices([HOME, SECOND, GLOBAL], [5, 2, 3])[0]
        second = min(int(day.random.triangular(0, 24, 12) * 3600), last)
        yield slot_of(Spot(account, region, second)), size
        records -= size


def ordinary_work(day, slot, size):
    return [day.ordinary(slot._replace(second=slot.second + day.random.randrange(SLOT))) for _ in range(size)]


def write_day(day, bucket, records, per_file):
    """Fills the bucket. Returns the lines of truth."""
    planned, truth = {}, []
    for spot, record in exceptions(day):
        planned.setdefault(slot_of(spot), []).append(record)
    for spot, record, rules in Attack(day).steps():
        planned.setdefault(slot_of(spot), []).append(record)
        truth.append(truth_line(record, rules))

    for slot, special in planned.items():
        if slot.region != OPT_IN:
            special += ordinary_work(day, slot, day.random.randint(3, 12))
        day.random.shuffle(special)  # CloudTrail does not order the records of a file
        bucket.put_log(slot, special)
        if slot == slot_of(TWICE):
            bucket.put_log(slot, special)
        if slot == slot_of(TEAM_TRAIL):
            bucket.put_log(slot, special, "teams/blue green/AWSLogs")
    for slot, size in busy_slots(day, records - bucket.records, per_file):
        bucket.put_log(slot, ordinary_work(day, slot, size))
    bucket.put(*digest(bucket.attested))
    bucket.put(*access_log())
    return truth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder that becomes the bucket")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another day (default 1)")
    parser.add_argument("--records", type=int, default=2000, help="records in all (default 2000)")
    parser.add_argument("--per-file", type=int, default=30, help="ordinary records in a log file, about (default 30)")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="the attack's events and the rules for them")
    options = parser.parse_args()

    day = Day(options.seed)
    bucket = Bucket(options.out, day)
    truth = write_day(day, bucket, options.records, options.per_file)
    if options.truth:
        options.truth.write_text("".join(f"{line}\n" for line in truth))

    size, ratio = bucket.text_bytes / 1e6, bucket.text_bytes / bucket.stored_bytes
    print(f"{bucket.files} files, {bucket.records} records, {size:.1f} MB of text, gzip {ratio:.1f}:1", file=sys.stderr)


if __name__ == "__main__":
    main()
