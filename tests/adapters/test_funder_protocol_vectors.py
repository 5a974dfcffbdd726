"""The golden vectors of the protocol page hold both implementations to the same bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from loanops.adapters.open_bank import signing
from loanops_sandbox import wire
from loanops_sandbox.bank.credit import person_digest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "funder-protocol.md"
GOLDEN: dict[str, Any] = json.loads(
    re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[-1]
)
VECTORS: list[dict[str, Any]] = GOLDEN["vectors"]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def private(side: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b64decode(GOLDEN["keys"][side]["private"]))


def public(side: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(b64decode(GOLDEN["keys"][side]["public"]))


def ring(side: str) -> signing.KeyRing:
    key = signing.TrustedKey(
        key_id=GOLDEN["keys"][side]["id"], public=public(side), valid_from=LONG_AGO
    )
    return signing.KeyRing([key])


def headers_of(vector: dict[str, Any]) -> dict[str, str]:
    return {
        "Funder-Protocol": "1",
        "Funder-Key": GOLDEN["keys"][vector["signed_by"]]["id"],
        "Funder-Time": str(vector["time"]),
        "Funder-Nonce": vector["nonce"],
        "Funder-Signature": vector["signature"],
    }


def of_kind(kind: str) -> pytest.MarkDecorator:
    chosen = [vector for vector in VECTORS if vector["kind"] == kind]
    return pytest.mark.parametrize("vector", chosen, ids=lambda vector: vector["name"])


class TestVectors:
    @pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
    def test_state_the_digest_of_their_body(self, vector: dict[str, Any]) -> None:
        digest = hashlib.sha256(vector["body"].encode()).hexdigest()

        assert digest == vector["body_sha256"]

    @pytest.mark.parametrize("side", ["platform", "funder"])
    def test_hold_key_pairs_that_fit(self, side: str) -> None:
        assert private(side).public_key() == public(side)

    def test_fix_the_digests_of_the_pre_check(self) -> None:
        golden = GOLDEN["precheck"]
        salt = bytes.fromhex(golden["salt"])

        identity = person_digest(salt, "identity", golden["identity_number"])
        mobile = hmac.new(salt, f"mobile:{golden['mobile']}".encode(), "sha256").hexdigest()

        assert identity == golden["identity_digest"]
        assert mobile == golden["mobile_digest"]


@of_kind("request")
class TestRequest:
    def test_is_signed_alike_by_the_platform_side(self, vector: dict[str, Any]) -> None:
        side = vector["signed_by"]
        identity = signing.Identity(
            party=side, key_id=GOLDEN["keys"][side]["id"], private=private(side)
        )

        headers = identity.sign_request(
            recipient=vector["to"],
            method=vector["method"],
            target=vector["target"],
            body=vector["body"].encode(),
            seconds=vector["time"],
            nonce=vector["nonce"],
        )

        assert headers == headers_of(vector)

    def test_is_signed_alike_by_the_funder_side(self, vector: dict[str, Any]) -> None:
        side = vector["signed_by"]
        signer = wire.Signer(GOLDEN["keys"][side]["id"], private(side))

        headers = signer.request_headers(
            to=vector["to"],
            method=vector["method"],
            target=vector["target"],
            body=vector["body"].encode(),
            seconds=vector["time"],
            nonce=vector["nonce"],
        )

        assert headers == headers_of(vector)

    def test_is_believed_by_the_platform_side(self, vector: dict[str, Any]) -> None:
        nonce = signing.check_request(
            headers=headers_of(vector),
            recipient=vector["to"],
            method=vector["method"],
            target=vector["target"],
            body=vector["body"].encode(),
            keys=ring(vector["signed_by"]),
            at=datetime.fromtimestamp(vector["time"], UTC),
        )

        assert nonce == vector["nonce"]

    def test_is_believed_by_the_funder_side(self, vector: dict[str, Any]) -> None:
        side = vector["signed_by"]
        key = wire.PublicKey(
            key_id=GOLDEN["keys"][side]["id"],
            party=side,
            key=public(side),
            valid_from=LONG_AGO,
            valid_until=None,
        )

        sender = wire.verify_request(
            headers=headers_of(vector),
            to=vector["to"],
            method=vector["method"],
            target=vector["target"],
            body=vector["body"].encode(),
            at=datetime.fromtimestamp(vector["time"], UTC),
            find_key={key.key_id: key}.get,
        )

        assert (sender.party, sender.nonce) == (side, vector["nonce"])


@of_kind("answer")
class TestAnswer:
    def test_is_signed_alike_by_the_funder_side(self, vector: dict[str, Any]) -> None:
        side = vector["signed_by"]
        signer = wire.Signer(GOLDEN["keys"][side]["id"], private(side))

        headers = signer.answer_headers(
            to=vector["to"],
            status=vector["status"],
            body=vector["body"].encode(),
            seconds=vector["time"],
            nonce=vector["nonce"],
        )

        assert headers == headers_of(vector)

    def test_is_believed_by_the_platform_side(self, vector: dict[str, Any]) -> None:
        signing.check_answer(
            headers=headers_of(vector),
            recipient=vector["to"],
            status=vector["status"],
            nonce=vector["nonce"],
            body=vector["body"].encode(),
            keys=ring(vector["signed_by"]),
            at=datetime.fromtimestamp(vector["time"], UTC),
        )

    def test_is_not_taken_for_the_answer_to_another_request(self, vector: dict[str, Any]) -> None:
        with pytest.raises(signing.NotBelieved):
            signing.check_answer(
                headers=headers_of(vector),
                recipient=vector["to"],
                status=vector["status"],
                nonce="another-nonce-0001",
                body=vector["body"].encode(),
                keys=ring(vector["signed_by"]),
                at=datetime.fromtimestamp(vector["time"], UTC),
            )
