"""A borrower sees what is the own person's alone: foreign and missing numbers answer alike."""

from __future__ import annotations

import re
from typing import Any

import pytest

from loanops.kernel.access import Viewer
from loanops.origination.applications import queries as applications
from loanops.origination.applications.models import Document
from loanops.origination.applications.operations import add_document
from loanops.registry.borrowers.models import Code
from loanops.surfaces.portal.urls import urlpatterns
from tests.factories import desk
from tests.factories.people import AT, HOUSE, person
from tests.surfaces.portal.conftest import NewPhone, Phone

# Which number of the operation each address takes, and the place of the person whose it is.
PAGES = {
    "application": ("declined", 62),
    "offer": ("offer", 2),
    "contract": ("contract", 3),
    "contract_file": ("to_sign", 41),
    "signed_back": ("to_sign", 41),
    "loan": ("loan", 3),
    "paper": ("loan", 3),
    "read_document": ("document", 60),
}
ORDERS = {
    "send_document": ("submitted", 63),
    "withdraw": ("submitted", 63),
    "read_statement": ("offer", 2),
    "confirm": ("offer", 2),
    "open_signing": ("to_sign", 41),
    "sign": ("contract", 3),
}
MORE = {"paper": ("statement",)}
# An address of this kind holds no number of somebody's.
OTHERS = {
    "home", "arrive", "sign_in", "code", "identity", "sign_out", "speak", "account", "take_back",
    "apply", "reconsider", "apply_step",
}  # fmt: skip
NUMBER = re.compile(r"[A-Z]{2}-[0-9A-Z]+")


@pytest.fixture
def document(operation: desk.Operation) -> str:
    return add_document(
        number=operation.in_review,
        kind="income_proof",
        name="a.pdf",
        content=b"%PDF-1.4",
        actor=HOUSE,
        at=AT,
    ).number


@pytest.fixture
def owner(new_phone: NewPhone) -> Any:
    """Answers with the telephone of the person of a place, who has proven who it is."""

    def of(place: int) -> Phone:
        Code.objects.all().delete()
        phone = new_phone()
        phone.sign_in(person(place).mobile)
        assert phone.prove(person(place).id_number).status_code == 302
        return phone

    return of


def number_of(operation: desk.Operation, name: str, document: str) -> str:
    return document if name == "document" else str(getattr(operation, name))


def words(answer: Any) -> str:
    """What a page says, but for the number it was asked for and what changes with each answer."""
    said = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return NUMBER.sub("", said)


def test_every_address_that_takes_a_number_is_held_to_it() -> None:
    assert {pattern.name for pattern in urlpatterns} == {*PAGES, *ORDERS, *OTHERS}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_its_owners(
    operation: desk.Operation, document: str, owner: Any, name: str
) -> None:
    kind, place = PAGES[name]
    number = number_of(operation, kind, document)

    mine = owner(place).see(name, number, *MORE.get(name, ()))
    theirs = owner(1).see(name, number, *MORE.get(name, ()))
    missing = owner(1).see(name, f"{number[:-3]}000", *MORE.get(name, ()))

    assert mine.status_code in {200, 302, 409}
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert words(theirs) == words(missing)


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_nothing_is_ordered_of_what_is_somebody_elses(
    operation: desk.Operation, document: str, owner: Any, name: str
) -> None:
    kind, _ = ORDERS[name]
    number = number_of(operation, kind, document)
    stranger = owner(1)

    theirs = stranger.press(name, number, reason="other", agreed="1")
    missing = stranger.press(name, f"{number[:-3]}000", reason="other", agreed="1")

    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert words(theirs) == words(missing)


@pytest.mark.parametrize("name", sorted({*PAGES, *ORDERS}))
def test_nothing_is_shown_to_a_mobile_alone(
    operation: desk.Operation, document: str, phone: Phone, name: str
) -> None:
    kind, place = {**PAGES, **ORDERS}[name]
    phone.sign_in(person(place).mobile)
    number = number_of(operation, kind, document)

    asked = phone.see if name in PAGES else phone.press

    assert asked(name, number, *MORE.get(name, ())).status_code == 404


@pytest.mark.parametrize("name", sorted({*PAGES, *ORDERS}))
def test_nobody_gets_in_without_signing_in(
    operation: desk.Operation, document: str, phone: Phone, name: str
) -> None:
    kind, _ = {**PAGES, **ORDERS}[name]
    number = number_of(operation, kind, document)
    asked = phone.see if name in PAGES else phone.press

    answer = asked(name, number, *MORE.get(name, ()))

    assert answer.status_code == 302
    assert answer.url.startswith("/portal/sign-in")


def test_the_front_page_lists_ones_own_alone(operation: desk.Operation, owner: Any) -> None:
    shown = set(NUMBER.findall(owner(62).see("home").content.decode()))

    assert operation.declined in shown
    assert not shown & {operation.submitted, operation.granted, operation.in_review}


def test_the_own_document_is_sent_back_as_a_file(
    operation: desk.Operation, document: str, owner: Any
) -> None:
    answer = owner(60).see("read_document", document)

    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_withdrawal_of_ones_own_is_carried_out(operation: desk.Operation, owner: Any) -> None:
    phone = owner(63)

    phone.press("withdraw", operation.submitted, reason="no_longer_needed")

    card = applications.get_application(operation.submitted, viewer=Viewer.house())
    assert card.stage == "withdrawn"
    assert Document.objects.filter(application__number=operation.submitted).count() == 0
