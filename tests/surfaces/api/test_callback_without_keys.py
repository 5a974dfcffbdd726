"""A callback for a funder that handed us no introduction is refused, never a fault of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from loanops.adapters.open_bank import OpenBank
from loanops.config import wiring
from loanops.origination.routing.ports import GATEWAYS
from tests.factories import routing


@pytest.fixture
def strangers(tmp_path: Path) -> Iterator[None]:
    """Agreements whose funders have exchanged no keys with us."""
    GATEWAYS.plug("open_bank", OpenBank(tmp_path / "connections"))
    yield
    wiring.wire()


@pytest.mark.django_db
@pytest.mark.usefixtures("strangers")
class TestTakeCallback:
    def test_refuses_a_funder_that_was_never_introduced(self) -> None:
        routing.yuan()
        client = Client(raise_request_exception=False)

        answer = client.post(
            "/api/v1/callbacks/jianglan", data=b"{}", content_type="application/json"
        )

        assert 400 <= answer.status_code < 500
        assert answer["Content-Type"] == "application/problem+json"
