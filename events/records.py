"""CloudTrail records of the demo organization: who acts, what a record looks like, ordinary work."""

import hashlib
import random
from typing import NamedTuple

DATE = "2026-11-17"
ORG = "o-exampleorgid"
MANAGEMENT, PROD, DEV, SECURITY = "111122223333", "444455556666", "777788889999", "123456789012"
HOME, SECOND, GLOBAL, OPT_IN = "eu-central-1", "eu-west-1", "us-east-1", "af-south-1"

CLI = "aws-cli/2.28.1 md/awscrt#0.27.4 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.4"
BOTO = "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux#6.1.0 md/arch#aarch64 lang/python#3.13.4"
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.1 aws-sdk-go-v2/1.38.0 os/linux lang/go#1.24.5"
LAMBDA_WORKER = "awslambda-worker/1.0  rusoto/0.48.0 rust/1.90.0 linux"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

PEOPLE = ["alice", "bela", "chidi", "dana", "emre", "farah", "goran", "hana"]
APPS = ["orders", "invoices", "catalog", "search", "mailer", "checkout", "stock", "sessions"]
GLOBAL_SERVICES = {"iam", "organizations", "cloudfront", "route53", "ce", "health"}
INSTANCE_STATES = {"pending": 0, "running": 16, "shutting-down": 32, "stopping": 64, "stopped": 80}

# Reads of the planning pipeline and of people in the console: service, call, parameters.
REGIONAL_READS = [
    ("ec2", "DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
    ("ec2", "DescribeSecurityGroups", {"securityGroupSet": {}, "securityGroupIdSet": {}, "filterSet": {}}),
    ("ec2", "DescribeSubnets", {"subnetSet": {}, "filterSet": {}}),
    ("ec2", "DescribeVpcs", {"vpcSet": {}, "filterSet": {}}),
    ("ec2", "DescribeVolumes", {"volumeSet": {}, "filterSet": {}}),
    ("lambda", "GetFunction20150331v2", {"functionName": "{app}-worker"}),
    ("lambda", "ListVersionsByFunction20150331", {"functionName": "{app}-worker"}),
    ("ecs", "DescribeServices", {"cluster": "main", "services": ["{app}"]}),
    ("logs", "DescribeLogGroups", {"logGroupNamePrefix": "/aws/lambda/{app}-worker"}),
    ("dynamodb", "DescribeTable", {"tableName": "{app}"}),
    ("sqs", "GetQueueAttributes", {"queueUrl": "https://sqs.{region}.amazonaws.com/{account}/{app}"}),
    ("sns", "GetTopicAttributes", {"topicArn": "arn:aws:sns:{region}:{account}:{app}"}),
    ("rds", "DescribeDBInstances", {"dBInstanceIdentifier": "{app}"}),
    ("kms", "DescribeKey", {"keyId": "alias/{app}"}),
    ("cloudformation", "DescribeStacks", {"stackName": "{app}"}),
]
GLOBAL_READS = [
    ("iam", "GetRole", {"roleName": "{app}-worker"}),
    ("iam", "ListRolePolicies", {"roleName": "{app}-worker"}),
    ("iam", "ListAttachedRolePolicies", {"roleName": "{app}-worker"}),
    ("iam", "GetPolicyVersion", {"policyArn": "arn:aws:iam::{account}:policy/{app}-deploy", "versionId": "v3"}),
    ("cloudfront", "GetDistribution2020_05_31", {"id": "EDFDVBD6EXAMPLE"}),
    ("route53", "ListResourceRecordSets", {"hostedZoneId": "Z0EXAMPLE12345678", "maxItems": "100"}),
    ("ce", "GetCostAndUsage", {"Granularity": "DAILY", "Metrics": ["UnblendedCost"]}),
    ("health", "DescribeEvents", {"maxResults": 20}),
]


class Spot(NamedTuple):
    """Where and when something happens; the second counts from midnight UTC."""

    account: str
    region: str
    second: int


class Caller(NamedTuple):
    """Who calls, and from where with what."""

    identity: dict
    ip: str
    agent: str


def at(text):
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def clock(second):
    return f"{DATE}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def example_id(prefix, *parts):
    """An id like one of IAM's, always the same for the same parts."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    length = 9 if prefix in ("AKIA", "ASIA") else 10
    return prefix + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32] for byte in digest[:length]) + "EXAMPLE"


# Identities, as `userIdentity` shows them -------------------------------------------------------


def user(account, name, session=None):
    """An IAM user: with an access key, or in a session opened at second `session`."""
    identity = {
        "type": "IAMUser",
        "principalId": example_id("AIDA", account, name),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": example_id("AKIA" if session is None else "ASIA", account, name, str(session)),
        "userName": name,
    }
    if session is not None:
        attributes = {"creationDate": clock(session), "mfaAuthenticated": "false"}
        identity["sessionContext"] = {"attributes": attributes}
    return identity


def role(spot, name, session, path="", invoked_by=None):
    """A session of a role, opened within the hour."""
    account, principal = spot.account, example_id("AROA", spot.account, name)
    issuer = {
        "type": "Role",
        "principalId": principal,
        "arn": f"arn:aws:iam::{account}:role/{path}{name}",
        "accountId": account,
        "userName": name,
    }
    opened = spot.second // 3600 * 3600 + len(session)
    identity = {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": example_id("ASIA", account, name, session, str(opened)),
        "sessionContext": {
            "sessionIssuer": issuer,
            "attributes": {"creationDate": clock(opened), "mfaAuthenticated": "false"},
        },
    }
    if invoked_by:
        identity["invokedBy"] = invoked_by
    return identity


def person(spot, name):
    """Somebody who came through IAM Identity Center."""
    path = "aws-reserved/sso.amazonaws.com/"
    return role(spot, "AWSReservedSSO_Developer_0123456789abcdef", f"{name}@example.com", path)


def pipeline(spot):
    return role(spot, "deploy-pipeline", f"run-{spot.second // 300 + 4200}")


def service(name):
    """An AWS service on its own behalf."""
    return Caller({"type": "AWSService", "invokedBy": name}, name, name)


def service_linked(spot, name, host, session):
    return Caller(role(spot, name, session, f"aws-service-role/{host}/", host), host, host)


def app_role(spot, app, session=None):
    return role(spot, f"{app}-worker", session or f"{app}-worker")


class Day:
    """Makes the records; everything random in them comes from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one_of(self, values):
        return values[int(self.random.random() * len(values))]

    def hex(self, digits):
        return f"{self.random.getrandbits(digits * 4):0{digits}x}"

    def uuid(self):
        h = self.hex(31)
        return f"{h[:8]}-{h[8:12]}-4{h[12:15]}-{'89ab'[int(h[15], 16) % 4]}{h[16:19]}-{h[19:]}"

    def token(self, length, alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"):
        return "".join(self.random.choices(alphabet, k=length))

    def office(self):
        return f"198.51.100.{self.random.randint(16, 47)}"

    def machine(self):
        return f"192.0.2.{self.random.randint(1, 254)}"

    # The shape of a record ----------------------------------------------------------------------

    def event(
        self, spot, source, name, caller, request=None, response=None, *, read=False, error=None,
        message=None, extra=None, resources=None, console=False, kind="AwsApiCall", category="Management",
    ):  # fmt: skip
        """One record, its keys in CloudTrail's own order."""
        record = {
            "eventVersion": "1.11",
            "userIdentity": caller.identity,
            "eventTime": clock(spot.second),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": spot.region,
            "sourceIPAddress": caller.ip,
            "userAgent": caller.agent,
        }
        if error:
            record["errorCode"] = error
        if message:
            record["errorMessage"] = message
        record["requestParameters"] = request
        record["responseElements"] = response
        if extra is not None:
            record["additionalEventData"] = extra
        if kind == "AwsApiCall":
            record["requestID"] = self.hex(16).upper() if source == "s3" else self.uuid()
        record["eventID"] = self.uuid()
        record["readOnly"] = read
        if resources:
            record["resources"] = resources
        record["eventType"] = kind
        record["managementEvent"] = category == "Management"
        record["recipientAccountId"] = spot.account
        if caller.identity["type"] == "AWSService":
            record["sharedEventID"] = self.uuid()
        record["eventCategory"] = category
        if not caller.ip.endswith(".amazonaws.com"):
            host = source if source in GLOBAL_SERVICES else f"{source}.{spot.region}"
            record["tlsDetails"] = {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": f"{host}.amazonaws.com",
            }
        if console:
            record["sessionCredentialFromConsole"] = "true"
        return record

    def bucket_event(self, spot, name, bucket, caller, request, **rest):
        """A call to a bucket, with what S3 adds to its records."""
        extra = {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": self.random.randint(0, 900),
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": self.token(75) + "=",
            "bytesTransferredOut": self.random.randint(0, 900),
        }
        request = {"bucketName": bucket, "Host": f"{bucket}.s3.{spot.region}.amazonaws.com", **request}
        resources = [{"accountId": spot.account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}]
        return self.event(spot, "s3", name, caller, request, extra=extra, resources=resources, **rest)

    def sign_in(self, spot, identity, ip, success=True, mfa=True, message="Failed authentication"):
        """A console sign-in. CloudTrail leaves the key out of a success, and the ARN out of a failure."""
        state = f"hashArgsFromTB_{HOME}_{self.hex(16)}"
        url = f"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state={state}"
        extra = {"LoginTo": url, "MobileVersion": "No", "MFAUsed": "No"}
        if identity["type"] == "IAMUser":
            absent = "accessKeyId" if success else "arn"
            identity = {key: value for key, value in identity.items() if key not in (absent, "sessionContext")}
            if not success:
                identity["accessKeyId"] = ""
            elif mfa:
                extra["MFAIdentifier"] = identity["arn"].replace(":user/", ":mfa/")
                extra["MFAUsed"] = "Yes"
        response = {"ConsoleLogin": "Success" if success else "Failure"}
        record = self.event(
            spot, "signin", "ConsoleLogin", Caller(identity, ip, FIREFOX), None, response,
            message=None if success else message, extra=extra, kind="AwsConsoleSignIn",
        )  # fmt: skip
        record["tlsDetails"]["clientProvidedHostHeader"] = f"{spot.region}.signin.aws.amazon.com"
        return record

    def instances(self, count, before, after):
        """Request and response of a call that starts, stops or terminates instances."""
        ids = [f"i-{self.hex(17)}" for _ in range(count)]
        state = {
            "currentState": {"code": INSTANCE_STATES[after], "name": after},
            "previousState": {"code": INSTANCE_STATES[before], "name": before},
        }
        request = {"instancesSet": {"items": [{"instanceId": i} for i in ids]}}
        return request, {"instancesSet": {"items": [{"instanceId": i, **state} for i in ids]}}

    def launch(self, spot, kind, count):
        """Request and response of RunInstances."""
        image, subnet = f"ami-{self.hex(17)}", f"subnet-{self.hex(17)}"
        request = {
            "instancesSet": {"items": [{"imageId": image, "minCount": count, "maxCount": count}]},
            "instanceType": kind,
            "blockDeviceMapping": {},
            "subnetId": subnet,
            "monitoring": {"enabled": False},
            "disableApiTermination": False,
            "clientToken": self.uuid(),
        }
        items = [
            {
                "instanceId": f"i-{self.hex(17)}",
                "imageId": image,
                "instanceState": {"code": 0, "name": "pending"},
                "instanceType": kind,
                "amiLaunchIndex": index,
                "placement": {"availabilityZone": f"{spot.region}a", "tenancy": "default"},
                "subnetId": subnet,
                "privateIpAddress": f"10.0.{self.random.randint(0, 15)}.{self.random.randint(4, 250)}",
            }
            for index in range(count)
        ]
        response = {
            "requestId": self.uuid(),
            "reservationId": f"r-{self.hex(17)}",
            "ownerId": spot.account,
            "groupSet": {},
            "instancesSet": {"items": items},
        }
        return request, response

    # Ordinary work: each makes one record -------------------------------------------------------

    def decrypt(self, spot):
        app, host = self.one_of(APPS), self.one_of(["lambda", "dynamodb", "sqs", "secretsmanager"])
        place = f"{spot.region}:{spot.account}"
        context = {f"aws:{host}:arn": f"arn:aws:{host}:{place}:{app}/{self.hex(8)}"}
        request = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": context}
        digest = hashlib.sha256(f"{place}:{app}".encode()).hexdigest()
        key = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        resources = [{"accountId": spot.account, "type": "AWS::KMS::Key", "ARN": f"arn:aws:kms:{place}:key/{key}"}]
        host += ".amazonaws.com"
        caller = Caller({**app_role(spot, app), "invokedBy": host}, host, host)
        name = self.one_of(["Decrypt", "Decrypt", "Decrypt", "GenerateDataKey"])
        return self.event(spot, "kms", name, caller, request, read=True, resources=resources)

    def assume_role(self, spot):
        app, host = self.one_of(APPS), self.one_of(["lambda", "ec2", "ecs-tasks"])
        arn, name = f"arn:aws:iam::{spot.account}:role/{app}-worker", f"{app}-worker"
        session = f"i-{self.hex(17)}" if host == "ec2" else f"{app}-{self.hex(8)}"
        credentials = {
            "accessKeyId": f"ASIA{self.token(9, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}EXAMPLE",
            "sessionToken": self.token(120),
            "expiration": clock(spot.second + 3600),
        }
        assumed = {
            "assumedRoleId": f"{example_id('AROA', spot.account, name)}:{session}",
            "arn": f"arn:aws:sts::{spot.account}:assumed-role/{name}/{session}",
        }
        request = {"roleArn": arn, "roleSessionName": session, "durationSeconds": 3600}
        response = {"credentials": credentials, "assumedRoleUser": assumed}
        resources = [{"accountId": spot.account, "type": "AWS::IAM::Role", "ARN": arn}]
        caller = service(f"{host}.amazonaws.com")
        return self.event(spot, "sts", "AssumeRole", caller, request, response, read=True, resources=resources)

    def log_stream(self, spot):
        app = self.one_of(APPS)
        stream = f"{DATE.replace('-', '/')}/[$LATEST]{self.hex(32)}"
        request = {"logGroupName": f"/aws/lambda/{app}-worker", "logStreamName": stream}
        caller = Caller(app_role(spot, app), self.machine(), LAMBDA_WORKER)
        return self.event(spot, "logs", "CreateLogStream", caller, request)

    def secret(self, spot):
        app = self.one_of(APPS)
        arn = f"arn:aws:secretsmanager:{spot.region}:{spot.account}:secret:{app}-{self.token(6)}"
        caller = Caller(app_role(spot, app, f"i-{self.hex(17)}"), self.machine(), BOTO)
        return self.event(spot, "secretsmanager", "GetSecretValue", caller, {"secretId": arn}, read=True)

    def trail_delivery(self, spot):
        caller = service("cloudtrail.amazonaws.com")
        return self.bucket_event(spot, "GetBucketAcl", "trailwarden-demo-logs", caller, {"acl": ""}, read=True)

    def flow_log_denied(self, spot):
        key = f"AWSLogs/{spot.account}/vpcflowlogs/{spot.region}/{self.hex(16)}.log.gz"
        return self.bucket_event(
            spot, "PutObject", "example-flow-logs", service("delivery.logs.amazonaws.com"), {"key": key},
            error="AccessDenied", message="Access Denied", category="Data",
        )  # fmt: skip

    def config(self, spot):
        caller = service_linked(spot, "AWSServiceRoleForConfig", "config.amazonaws.com", "AWSConfig-Describe")
        name = self.one_of(["DescribeNetworkInterfaces", "DescribeVolumes", "DescribeInstances"])
        return self.event(spot, "ec2", name, caller, {"filterSet": {}, "maxResults": 1000}, read=True)

    def scaling(self, spot):
        caller = service_linked(spot, "AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com", "AutoScaling")
        if self.random.random() < 0.5:
            instances = self.instances(1, "running", "shutting-down")
            return self.event(spot, "ec2", "TerminateInstances", caller, *instances)
        return self.event(spot, "ec2", "RunInstances", caller, *self.launch(spot, "t4g.small", 1))

    def planner(self, spot):
        return Caller(role(spot, "ci-plan", f"plan-{spot.second // 60 * 7 + 10431}"), self.machine(), TERRAFORM)

    def whoami(self, spot):
        caller = self.planner(spot)
        arn, principal = caller.identity["arn"], caller.identity["principalId"]
        response = {"userId": principal, "account": spot.account, "arn": arn}
        return self.event(spot, "sts", "GetCallerIdentity", caller, None, response, read=True)

    def read(self, spot):
        source, name, request = self.one_of(GLOBAL_READS if spot.region == GLOBAL else REGIONAL_READS)
        request = fill(request, self.one_of(APPS), spot)
        if self.random.random() < 0.7:
            return self.event(spot, source, name, self.planner(spot), request, read=True)
        caller = Caller(person(spot, self.one_of(PEOPLE)), self.office(), FIREFOX)
        return self.event(spot, source, name, caller, request, read=True, console=True)

    def deploy(self, spot):
        caller = Caller(pipeline(spot), self.machine(), BOTO)
        app, build = self.one_of(APPS), self.hex(12)
        source = self.one_of(["lambda", "ecs", "ecr", "cloudformation"])
        if source == "lambda":
            function = f"arn:aws:lambda:{spot.region}:{spot.account}:function:{app}-worker"
            request = {"functionName": f"{app}-worker", "s3Bucket": "example-artifacts", "s3Key": f"{app}/{build}.zip"}
            response = {"functionName": f"{app}-worker", "functionArn": function, "codeSha256": self.token(43) + "="}
            return self.event(spot, source, "UpdateFunctionCode20150331v2", caller, request, response)
        if source == "ecs":
            request = {"cluster": "main", "service": app, "taskDefinition": f"{app}:{self.random.randint(10, 400)}"}
            response = {"service": {"serviceName": app, "status": "ACTIVE", "desiredCount": 3}}
            return self.event(spot, source, "UpdateService", caller, request, response)
        if source == "ecr":
            image = {"imageTag": build, "imageDigest": f"sha256:{self.hex(64)}"}
            request = {"registryId": spot.account, "repositoryName": app, "imageTag": build}
            response = {"image": {"registryId": spot.account, "repositoryName": app, "imageId": image}}
            return self.event(spot, source, "PutImage", caller, request, response)
        request = {"changeSetName": f"deploy-{build}", "stackName": app}
        return self.event(spot, source, "ExecuteChangeSet", caller, request)

    def arrive(self, spot):
        return self.sign_in(spot, person(spot, self.one_of(PEOPLE)), self.office())

    def invalidate(self, spot):
        paths = {"quantity": 1, "items": [f"/{self.one_of(APPS)}/*"]}
        batch = {"callerReference": self.uuid(), "paths": paths}
        request = {"distributionId": "EDFDVBD6EXAMPLE", "invalidationBatch": batch}
        caller = Caller(pipeline(spot), self.machine(), BOTO)
        return self.event(spot, "cloudfront", "CreateInvalidation2020_05_31", caller, request)

    def inventory(self, spot):
        if spot.account != MANAGEMENT:
            return self.read(spot)
        caller = Caller(role(spot, "inventory", "nightly"), self.machine(), BOTO)
        return self.event(spot, "organizations", "ListAccounts", caller, read=True)

    def ordinary(self, spot):
        """Any of the above, in the proportions of a busy account."""
        makers, weights = zip(*(GLOBAL_WORK if spot.region == GLOBAL else REGIONAL_WORK), strict=True)
        return self.random.choices(makers, weights)[0](self, spot)


GLOBAL_WORK = [(Day.read, 60), (Day.whoami, 16), (Day.arrive, 8), (Day.invalidate, 8), (Day.inventory, 8)]
REGIONAL_WORK = [
    (Day.decrypt, 28),
    (Day.read, 22),
    (Day.assume_role, 20),
    (Day.log_stream, 9),
    (Day.trail_delivery, 7),
    (Day.secret, 4),
    (Day.config, 4),
    (Day.deploy, 4),
    (Day.scaling, 1),
    (Day.flow_log_denied, 1),
]


def fill(value, app, spot):
    """Puts application, account and Region into parameters, however deep."""
    if isinstance(value, dict):
        return {key: fill(inner, app, spot) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, app, spot) for inner in value]
    if isinstance(value, str) and "{" in value:
        return value.format(app=app, account=spot.account, region=spot.region)
    return value
