"""The template before it is deployed: as written, and as CloudFormation gets it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from stack import sam, with_code
from tools import CFN_LINT, ROOT


class NoManagedPolicies:
    """What the translator asks for the ARNs of AWS's own policies, of which the template uses none."""

    def load(self) -> dict[str, str]:
        return {}


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The template as CloudFormation's transform makes it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return transform(yaml_parse(with_code("s3://example-bucket/code.zip")), {}, NoManagedPolicies())


def test_is_valid() -> None:
    said = sam("validate", "--lint", "--template", ROOT / "template.yaml", "--region", "us-east-1")
    assert "is a valid SAM Template" in said


def test_translated_form_passes_lint(translated: dict[str, Any], tmp_path: Path) -> None:
    written = tmp_path / "translated.json"
    written.write_text(json.dumps(translated, indent=1))
    done = subprocess.run([CFN_LINT, "--template", written], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_topic_is_encrypted_with_a_key_that_its_publishers_may_use(translated: dict[str, Any]) -> None:
    resources = translated["Resources"]
    key_arn = {"Fn::GetAtt": ["AlertKey", "Arn"]}
    assert resources["AlertTopic"]["Properties"]["KmsMasterKeyId"] == key_arn
    granted = {s["Sid"]: s for s in resources["AlertKey"]["Properties"]["KeyPolicy"]["Statement"]}
    assert granted["AlarmsEncrypt"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert granted["AlarmsEncrypt"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_evidence_outlives_the_stack(translated: dict[str, Any]) -> None:
    for name in ("StateTable", "TrailBucket", "TrailBucketPolicy"):
        resource = translated["Resources"][name]
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_table_is_encrypted_and_can_be_restored(translated: dict[str, Any]) -> None:
    table = translated["Resources"]["StateTable"]["Properties"]
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_function_is_for_arm_unless_told_otherwise(translated: dict[str, Any]) -> None:
    assert translated["Resources"]["Function"]["Properties"]["Architectures"] == [{"Ref": "Architecture"}]
    assert translated["Parameters"]["Architecture"]["Default"] == "arm64"
