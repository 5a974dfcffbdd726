"""People with unmistakable particulars live through the house, and no sink ever names them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loanops.config import wiring
from loanops.kernel.access import Viewer
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.queries import LoanFilter
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import queries as contracts
from loanops.platform.jobs import loop
from loanops.platform.jobs.models import Job
from loanops.platform.webhooks import operations as webhooks
from loanops.surfaces.api import commands
from tests.factories import decisioning as strategies
from tests.factories import desk
from tests.factories.canaries import Canary, canary, files_below, found_in, heard, tables
from tests.factories.registry import AT, HOUSE
from tests.factories.routing import PURPOSES, RETURN, yuan
from tests.factories.sandbox import Sandbox
from tests.rooms.platform.receiver import Receiver, listening
from tests.surfaces.api.conftest import Program, program
from tests.surfaces.console.addresses import PAGES, address
from tests.surfaces.console.conftest import Enter, enter

__all__ = ["enter", "program"]
pytestmark = [pytest.mark.django_db, pytest.mark.processes]
LOOK = Viewer.house("tests")
PEOPLE = [canary(serial) for serial in range(4)]
BORROWER, DECLINED, REFUSED, TYPED = PEOPLE


class Story:
    """The clock of the windows and of the jobs, moved by the story alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = AT
        monkeypatch.setattr(commands, "now", lambda: self.now)

    def pass_seconds(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        loop.drain(clock=lambda: self.now)


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Story:
    return Story(monkeypatch)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


@pytest.fixture
def house(banks: Sandbox, receiver: Receiver) -> Sandbox:
    """The house as it is wired, with the banks of the tests, a market and a listener."""
    wiring.wire()
    gateways = banks.gateways()
    wiring.GATEWAYS.plug("open_bank", gateways)
    wiring.CHANNELS.plug("open_bank", gateways.debits())
    yuan()
    strategies.in_force()
    webhooks.subscribe(url=receiver.url, events=("*",), partner="", actor=HOUSE, at=AT)
    return banks


def body_of(person: Canary, **changes: Any) -> dict[str, Any]:
    """The person's application as a partner's program sends it."""
    consents = (*PURPOSES, ("automated_decision", "AD-1"), ("credit_query", "CQ-1"))
    shared = [
        {"purpose": "share_with_funder", "recipient": code, "wording_version": "SF-1"}
        for code in ("jianglan", "yunting")
    ]
    return {
        "book": "cn",
        "reference": f"order-{PEOPLE.index(person)}",
        "product": "steady",
        "amount": "10000.00",
        "term_months": 12,
        "purpose": "renovation",
        "region": "330106",
        "applicant": {
            "name": person.name,
            "id_number": person.id_number,
            "mobile": person.mobile,
            "address": person.address,
            "email": person.email,
            "income_monthly": "12000.00",
        },
        "consents": [
            *({"purpose": each, "wording_version": version} for each, version in consents),
            *shared,
        ],
        "facts": dict(strategies.STEADY),
        **changes,
    }


def borrow(caller: Program, story: Story, banks: Sandbox) -> str:
    """From the request to the first repayment; answers with the loan's number."""
    made = caller.post("/applications", body_of(BORROWER)).json()
    story.pass_seconds(1)
    offer = contracts.list_offers(application=made["number"])[0]
    caller.post(f"/offers/{offer.number}/disclosure", {})
    story.pass_seconds(30)
    evidence = {"channel": "app", "device": f"{BORROWER.name}的手机", "ip": "203.0.113.9"}
    caller.post(f"/offers/{offer.number}/confirmation", {"read_seconds": 30, "evidence": evidence})
    contract = caller.post(f"/offers/{offer.number}/contract", {}).json()["number"]
    session = caller.post(f"/contracts/{contract}/signing", {"return_url": RETURN}).json()
    banks.sign(offer.funder, session["serial"])
    story.pass_seconds(60)
    caller.post(f"/contracts/{contract}/signing/result", {})
    story.pass_seconds(60)
    [line] = loans.list_loans(wanted=LoanFilter(book="cn"), viewer=LOOK).lines
    return line.number


def be_refused(caller: Program) -> list[str]:
    """Every way in which a caller can be wrong with a person in hand; what was answered."""
    applicant = body_of(REFUSED)["applicant"]
    wrong = [
        body_of(REFUSED, applicant={**applicant, "id_number": f"{REFUSED.id_number}7"}),
        body_of(REFUSED, applicant={**applicant, "mobile": f"{REFUSED.mobile}0"}),
        body_of(REFUSED, applicant={**applicant, "email": f"{REFUSED.email}@"}),
        body_of(REFUSED, applicant={**applicant, "name": f"{REFUSED.name}=9"}),
        body_of(REFUSED, applicant={**applicant, "nickname": REFUSED.name}),
        body_of(REFUSED, applicant={**applicant, "address": f"{REFUSED.address}\0"}),
        body_of(REFUSED, term_months=REFUSED.mobile),
        body_of(REFUSED, facts={REFUSED.name: 1.5}),
        body_of(REFUSED, reference="order-0"),
        [REFUSED.name],
        f'{{"applicant": {{"name": "{REFUSED.name}"'.encode(),
    ]
    answers = [caller.post("/applications", body) for body in wrong]
    answers += [
        caller.get(f"/applications/{REFUSED.id_number}"),
        caller.get(f"/applications?book=cn&stage={REFUSED.name}&q={REFUSED.mobile}"),
        caller.get(f"/{REFUSED.name}/{REFUSED.id_number}"),
        caller.client.get(f"/console/{REFUSED.name}"),
        caller.client.post(f"/api/v1/callbacks/{REFUSED.mobile}", data=REFUSED.id_number,
                           content_type="text/plain"),
    ]  # fmt: skip
    assert all(400 <= answer.status_code < 500 for answer in answers), answers
    return [answer.content.decode() for answer in answers]


def at_the_desk(enter: Enter, party: str) -> list[str]:
    """What staff do with a person: type, search, look up, mistype; the pages they see."""
    client = enter("everyone")
    form = {
        "key": "typed-1", "product": "steady", "amount_minor": "10000", "term_months": "12",
        "purpose": "daily", "name": TYPED.name, "id_number": TYPED.id_number,
        "mobile": TYPED.mobile, "address": TYPED.address, "region": "11",
        "industry": "retail", "income_monthly_minor": "9000",
        "consent": ["personal_information", "sensitive_information"],
    }  # fmt: skip
    taken = client.post(address("submit_application"), form)
    assert taken.status_code == 302, taken.status_code
    keep_a_document(client, taken["Location"].rsplit("/", 1)[-1])
    client.post(address("search"), {"q": TYPED.name})
    client.post(address("search"), {"q": TYPED.mobile})
    client.get(f"{address('applications')}?text={TYPED.mobile}&channel={TYPED.name}")
    for name in (TYPED.mobile, TYPED.email, TYPED.name):
        Client().post(address("sign_in"), {"login": name, "password": TYPED.id_number})
    pages = [client.get(address(name)) for name in PAGES]
    pages.append(client.get(address("party", party)))
    unmasked = client.post(address("unmask", party), {"kind": "mobile", "purpose": "complaint"})
    assert BORROWER.mobile[-8:] in unmasked.content.decode().replace(" ", "")
    return [page.content.decode() for page in pages if page.status_code == 200]


def keep_a_document(client: Client, number: str) -> None:
    """A scan under the name that a telephone's owner would give it."""
    scan = SimpleUploadedFile(f"{TYPED.name}{TYPED.id_number}.pdf", b"%PDF-1.7 scan")
    kind = next(iter(applications.document_kinds()))
    answer = client.post(address("add_document", number), {"kind": kind, "file": scan})
    assert answer.status_code == 302, answer.status_code


def test_nobody_is_named_outside_the_vault(
    house: Sandbox,
    story: Story,
    receiver: Receiver,
    program: Callable[..., Program],
    enter: Enter,
) -> None:
    desk.hire_for_everything()
    caller = program("channel", partner="acorn")
    cashier = program("payment_company")
    with heard() as log:
        caller.post("/applications", body_of(DECLINED, facts=dict(strategies.OVERDUE)))
        loan = borrow(caller, story, house)
        paid = {"loan": loan, "channel": "counter", "pay_no": "P-1", "amount": "100.00",
                "currency": "CNY", "on": "2026-11-02"}  # fmt: skip
        assert cashier.post("/repayments", paid).status_code == 201
        application = loans.get_loan(number=loan, viewer=LOOK).application
        answers = be_refused(caller)
        party = applications.get_application(application, viewer=LOOK).party or ""
        pages = at_the_desk(enter, party)
        story.pass_seconds(3600)
        metrics = Client().get("/metrics").content.decode()

    sinks = {
        "log": log.getvalue(),
        "answers": "\n".join(answers),
        "pages": "\n".join(pages),
        "metrics": metrics,
        "webhooks": "\n".join(each.body + json.dumps(each.headers) for each in receiver.received),
        **dict(tables()),
        **dict(files_below(settings.HOME / "logs")),
    }
    assert len(receiver.received) > 10
    said = [json.loads(line) for line in sinks["log"].splitlines()]
    requests = [line for line in said if line["event"] == "request"]
    assert {"api", "console"} <= {line["route"].split("/")[0] for line in requests}
    [paying] = [line for line in requests if line["route"].endswith("/repayments")]
    assert (paying["actor"], paying["book"], paying["subject"]) == (cashier.person, "cn", loan)
    assert len({line["request_id"] for line in requests}) == len(requests)
    assert Job.objects.count() > 5
    leaks = [
        f"{name}: …{text[max(text.index(each) - 80, 0) : text.index(each) + 80]}…"
        for name, text in sinks.items()
        for each in sorted(set(found_in(text, PEOPLE)))
    ]
    assert not leaks, "\n".join(leaks)


def test_a_canary_is_recognised_in_every_disguise() -> None:
    import base64
    from urllib.parse import quote

    raw = BORROWER.name.encode()
    for text in (
        f"…{BORROWER.name}…",
        quote(BORROWER.name),
        f"x{raw.hex()}y",
        base64.b64encode(b"ab" + raw + b"cd").decode(),
        base64.urlsafe_b64encode(b"abc" + BORROWER.id_number.encode()).decode(),
        json.dumps({"name": BORROWER.name}),
        f"ends with {BORROWER.id_number[-8:]}",
        f"+86 {BORROWER.mobile[-8:]}",
    ):
        assert found_in(text, PEOPLE), text
    assert found_in("nobody here, ¥12,000.00 on 2026-11-03", PEOPLE) == []
