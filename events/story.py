"""What happens on the demo day beside ordinary work: a few exceptions, and one attack."""

import json

from records import BOTO, CLI, FIREFOX, TERRAFORM
from records import DEV, GLOBAL, GLOBAL_SERVICES, HOME, MANAGEMENT, OPT_IN, PEOPLE, PROD, SECOND, SECURITY
from records import Caller, Spot, at, example_id, person, pipeline, role, user

ATTACKER = "203.0.113.57"

# Whose log file CloudTrail delivers twice, and whose the team's own trail delivers as well.
TWICE = Spot(MANAGEMENT, GLOBAL, at("10:41:07"))
TEAM_TRAIL = Spot(DEV, HOME, at("18:30:02"))

QUEUE_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
)
TLS_ONLY = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::example-artifacts/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
PUBLIC = {
    "Sid": "Share",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::example-invoices", "arn:aws:s3:::example-invoices/*"],
}

# What the attacker tries with the new key; all of it is denied.
PROBES = [
    *(("iam", name) for name in ("ListUsers", "ListRoles", "GetAccountAuthorizationDetails", "CreateUser")),
    *(("ec2", name) for name in ("DescribeSnapshots", "DescribeInstances", "DescribeKeyPairs")),
    ("iam", "ListAccessKeys"),
    ("s3", "ListBuckets"),
    ("secretsmanager", "ListSecrets"),
    ("ssm", "DescribeParameters"),
    ("lambda", "ListFunctions20150331"),
    ("rds", "DescribeDBInstances"),
    ("kms", "ListKeys"),
    ("ecr", "DescribeRepositories"),
    ("dynamodb", "ListTables"),
    ("organizations", "ListAccounts"),
    ("cloudtrail", "DescribeTrails"),
    ("guardduty", "ListDetectors"),
    ("iam", "GetAccountSummary"),
]
DENIED_AS = {"ec2": "Client.UnauthorizedOperation", "iam": "AccessDenied", "rds": "AccessDenied", "s3": "AccessDenied"}


def denial(arn, source, name):
    """The errorCode that the service uses, and its message."""
    message = f"User: {arn} is not authorized to perform: {source}:{name} because no identity-based policy allows it"
    return {"error": DENIED_AS.get(source, "AccessDeniedException"), "message": message}


def exceptions(day):
    """What happens a few times on such a day; some of it makes the rules speak, and rightly so.

    Yields (spot, record).
    """
    yield from mistyped_passwords(day)
    yield from scattered_denials(day)
    yield from planned_changes(day)
    yield from instance_work(day)


def mistyped_passwords(day):
    for account, name, when, ip in [
        (DEV, "bela", "07:58:12", "198.51.100.18"),
        (PROD, "emre", "09:31:40", "198.51.100.29"),
        (SECURITY, "hana", "15:20:03", "198.51.100.44"),
    ]:
        spot = Spot(account, GLOBAL, at(when))
        yield spot, day.sign_in(spot, user(account, name), ip, success=False)
        spot = Spot(account, GLOBAL, at(when) + 25)
        yield spot, day.sign_in(spot, user(account, name), ip)
    # Three slips in the file that is delivered twice: counted twice they would be an attack.
    for attempt in range(4):
        spot = TWICE._replace(second=TWICE.second + 21 * attempt)
        yield spot, day.sign_in(spot, user(MANAGEMENT, "alice"), "198.51.100.31", success=attempt == 3)


def scattered_denials(day):
    for when, account, source, name in [
        ("08:12:44", PROD, "s3", "ListBuckets"),
        ("09:05:19", DEV, "ec2", "DescribeSnapshots"),
        ("11:47:30", PROD, "kms", "Decrypt"),
        ("14:18:02", DEV, "lambda", "ListFunctions20150331"),
        ("16:01:55", SECURITY, "rds", "DescribeDBInstances"),
        ("16:02:31", SECURITY, "rds", "DescribeDBClusters"),
    ]:
        spot = Spot(account, HOME, at(when))
        caller = Caller(person(spot, day.one_of(PEOPLE)), day.office(), FIREFOX)
        refusal = denial(caller.identity["arn"], source, name)
        yield spot, day.event(spot, source, name, caller, read=True, console=True, **refusal)


def planned_changes(day):
    inline = {"roleName": "orders-worker", "policyName": "queue", "policyDocument": QUEUE_POLICY}
    managed = {"roleName": "orders-worker", "policyArn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"}
    policy = f"arn:aws:iam::{PROD}:policy/orders-deploy"
    version = {"policyArn": policy, "policyDocument": QUEUE_POLICY, "setAsDefault": True}
    for when, account, name, request in [
        ("08:40:10", DEV, "PutRolePolicy", inline),
        ("08:40:12", DEV, "AttachRolePolicy", managed),
        ("10:15:51", PROD, "PutRolePolicy", inline),
        ("14:50:08", PROD, "CreatePolicyVersion", version),
    ]:
        spot = Spot(account, GLOBAL, at(when))
        caller = Caller(pipeline(spot), day.machine(), TERRAFORM)
        yield spot, day.event(spot, "iam", name, caller, request)
    spot = Spot(PROD, HOME, at("10:16:20"))
    caller = Caller(pipeline(spot), day.machine(), TERRAFORM)
    request = {"bucketPolicy": {"Version": "2012-10-17", "Statement": [TLS_ONLY]}, "policy": ""}
    yield spot, day.bucket_event(spot, "PutBucketPolicy", "example-artifacts", caller, request)


def instance_work(day):
    for when, name, states in [
        ("06:30:02", "StartInstances", ("stopped", "pending")),
        ("18:30:02", "StopInstances", ("running", "stopping")),
    ]:
        for region in (HOME, SECOND):
            spot = Spot(DEV, region, at(when))
            caller = Caller(role(spot, "office-hours", "schedule"), day.machine(), BOTO)
            yield spot, day.event(spot, "ec2", name, caller, *day.instances(4, *states))
    for when, region in [("08:41:30", HOME), ("10:17:02", SECOND)]:
        spot = Spot(PROD, region, at(when))
        caller = Caller(pipeline(spot), day.machine(), TERRAFORM)
        yield spot, day.event(spot, "ec2", "RunInstances", caller, *day.launch(spot, "m7g.large", 2))
    spot = Spot(DEV, SECOND, at("15:44:26"))
    caller = Caller(person(spot, "chidi"), day.office(), FIREFOX)
    instances = day.instances(1, "running", "shutting-down")
    yield spot, day.event(spot, "ec2", "TerminateInstances", caller, *instances, console=True)


class Attack:
    """Somebody guesses the password of m.keller and makes use of it.

    Each step yields (spot, record, rules that should match the record).
    """

    def __init__(self, day):
        self.day = day
        self.victim = user(PROD, "m.keller")
        self.key = Caller(self.victim, ATTACKER, CLI)

    def steps(self):
        yield from self.guess()
        yield from self.settle_in()
        yield from self.probe()
        yield from self.take_over()
        yield from self.mine()
        yield from self.publish()

    def call(self, when, region, source, name, request=None, response=None, caller=None, **rest):
        spot = Spot(PROD, region, at(when))
        return spot, self.day.event(spot, source, name, caller or self.key, request, response, **rest)

    def guess(self):
        spot = Spot(PROD, GLOBAL, at("13:02:10"))
        rules = ["console-signin-failed", "console-signin-failures-repeated"]
        for name in ["admin", "administrator", "m.keller", "j.keller", *["m.keller"] * 8]:
            known = name == "m.keller"
            identity = user(PROD, name if known else "HIDDEN_DUE_TO_SECURITY_REASONS")
            message = "Failed authentication" if known else "No username found in supplied account"
            if not known:
                del identity["principalId"]
            yield spot, self.day.sign_in(spot, identity, ATTACKER, success=False, message=message), rules
            spot = spot._replace(second=spot.second + self.day.random.randint(19, 38))
        spot = spot._replace(second=at("13:10:24"))
        yield spot, self.day.sign_in(spot, self.victim, ATTACKER, mfa=False), ["console-signin-without-mfa"]

    def new_key(self, name, created):
        key = example_id("AKIA", PROD, name, str(None))
        details = {"userName": name, "accessKeyId": key, "status": "Active", "createDate": created}
        return {"userName": name}, {"accessKey": details}

    def settle_in(self):
        session = Caller(user(PROD, "m.keller", at("13:10:24")), ATTACKER, FIREFOX)
        key = self.new_key("m.keller", "Nov 17, 2026 1:12:40 PM")
        yield *self.call("13:12:40", GLOBAL, "iam", "CreateAccessKey", *key, session, console=True), []
        response = {"userId": self.victim["principalId"], "account": PROD, "arn": self.victim["arn"]}
        yield *self.call("13:14:05", HOME, "sts", "GetCallerIdentity", None, response, read=True), []

    def probe(self):
        second = at("13:14:30")
        for source, name in PROBES + PROBES[1::3]:  # some are tried again
            region = GLOBAL if source in GLOBAL_SERVICES else HOME
            rules = ["access-denied-burst", "access-denied-enumeration"]
            if name == "CreateUser":
                rules.append("security-change-denied")
            spot, refusal = Spot(PROD, region, second), denial(self.victim["arn"], source, name)
            yield spot, self.day.event(spot, source, name, self.key, read=name != "CreateUser", **refusal), rules
            second += self.day.random.randint(4, 13)

    def take_over(self):
        request = {"userName": "m.keller", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        rules = ["iam-policy-changed", "iam-admin-policy-attached"]
        yield *self.call("13:21:15", GLOBAL, "iam", "AttachUserPolicy", request), rules
        key = self.new_key("backup-svc", "Nov 17, 2026 1:22:30 PM")
        yield *self.call("13:22:30", GLOBAL, "iam", "CreateAccessKey", *key), []
        # A trail of the account itself; the organization's trail goes on and tells the rest.
        trail = {"name": f"arn:aws:cloudtrail:{HOME}:{PROD}:trail/prod-audit"}
        yield *self.call("13:24:02", HOME, "cloudtrail", "StopLogging", trail), ["cloudtrail-logging-stopped"]

    def mine(self):
        request = {"DescribeInstanceTypeOfferingsRequest": {"LocationType": "region"}}
        step = self.call("13:26:11", OPT_IN, "ec2", "DescribeInstanceTypeOfferings", request, read=True)
        yield *step, ["region-unapproved-read"]
        request = {"keyName": "k1", "publicKeyMaterial": "c3NoLXJzYSBFWEFNUExF"}
        response = {"keyName": "k1", "keyPairId": f"key-{self.day.hex(17)}"}
        step = self.call("13:27:03", OPT_IN, "ec2", "ImportKeyPair", request, response)
        yield *step, ["region-unapproved-change"]
        request, _ = self.day.launch(step[0], "p5.48xlarge", 8)
        message = "You have requested more vCPU capacity than your current vCPU limit of 384 allows."
        refusal = {"error": "Client.VcpuLimitExceeded", "message": message}
        step = self.call("13:28:47", OPT_IN, "ec2", "RunInstances", request, **refusal)
        yield *step, ["region-unapproved-change"]
        for when in ("13:29:20", "13:29:58"):
            launch = self.day.launch(step[0], "g6.48xlarge", 1)
            rules = ["region-unapproved-change", "ec2-instances-launched"]
            yield *self.call(when, OPT_IN, "ec2", "RunInstances", *launch), rules

    def publish(self):
        policy = {"bucketPolicy": {"Version": "2012-10-17", "Statement": [PUBLIC]}, "policy": ""}
        changed, public = "s3-bucket-policy-changed", "s3-bucket-made-public"
        for when, name, request, rules in [
            ("13:38:30", "DeleteBucketPublicAccessBlock", {"publicAccessBlock": ""}, [changed]),
            ("13:41:05", "PutBucketPolicy", policy, [changed, public]),
        ]:
            spot = Spot(PROD, HOME, at(when))
            yield spot, self.day.bucket_event(spot, name, "example-invoices", self.key, request), rules


def truth_line(record, rules):
    named = {name: record[name] for name in ("eventID", "eventTime", "eventName")}
    return json.dumps({**named, "rules": rules})
