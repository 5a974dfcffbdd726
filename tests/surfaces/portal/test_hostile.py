"""Bad input: every address and every form of the portal answers it, and none with a 5xx."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from loanops.surfaces.portal.pages.door import CHALLENGE_COOKIE, CHANNEL_COOKIE
from loanops.surfaces.portal.pages.shell import SESSION_COOKIE
from loanops.surfaces.portal.urls import urlpatterns
from tests.factories import desk
from tests.factories.people import person
from tests.surfaces.portal.conftest import Phone

NUMBERS = ("\x00", "AP-\x00-1", "9" * 40, "x" * 600, "' OR 1=1 --😀%00")
SLUGS = ("nothing", "x" * 600, "-")
VALUES = ("\x00", "9" * 40, "-1", "1e400", "NaN", "0000-00-00", "x" * 30_000, "😀", "[]", "\ud800")
TYPED = (
    "mobile", "code", "next", "language", "id_number", "everywhere", "decision", "key", "version",
    "product", "amount", "term", "purpose", "name", "region", "address", "industry",
    "income_monthly_minor", "debt_monthly_minor", "employment_months", "open_loans", "reason",
    "kind", "agreed", "recipient", "pay", "on",
)  # fmt: skip


@pytest.fixture
def phone(operation: desk.Operation, phone: Phone) -> Phone:
    """Somebody who is signed in, whose browser shows a 5xx instead of raising it."""
    phone.sign_in(person(3).mobile)
    phone.prove(person(3).id_number)
    phone.client.raise_request_exception = False
    return phone


def addresses() -> list[str]:
    found = []
    for pattern in urlpatterns:
        kinds = pattern.pattern.converters
        if not kinds:
            found.append(reverse(f"portal:{pattern.name}"))
        for turn in range(len(NUMBERS) if kinds else 0):
            values = {
                name: SLUGS[turn % len(SLUGS)] if name in {"channel", "step", "paper"} else
                NUMBERS[turn]
                for name in kinds
            }  # fmt: skip
            found.append(reverse(f"portal:{pattern.name}", kwargs=values))
    return found


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_number_that_cannot_be_is_answered_without_a_fault(phone: Phone, method: str) -> None:
    answers = {where: getattr(phone.client, method)(where).status_code for where in addresses()}

    assert {where[:80]: status for where, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_what_is_typed_is_answered_without_a_fault(
    operation: desk.Operation, phone: Phone, value: str
) -> None:
    typed = dict.fromkeys(TYPED, value)
    places = [
        *(where for where in addresses() if "/sign-out" not in where and len(where) < 60),
        reverse("portal:loan", args=[operation.loan]),
        *(reverse("portal:apply_step", args=[step]) for step in ("consents", "loan", "check")),
    ]

    answers = {}
    for where in places:
        try:
            answers[f"post {where}"] = phone.client.post(where, typed).status_code
            answers[f"get {where}"] = phone.client.get(where, typed).status_code
        except UnicodeEncodeError:
            # The test's own browser cannot say it.
            return

    assert {where: status for where, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("cookie", [SESSION_COOKIE, CHALLENGE_COOKIE, CHANNEL_COOKIE])
@pytest.mark.parametrize("value", ["", "x", "9" * 4000, "a:b:c"])
def test_a_cookie_that_was_made_up_is_nothing(
    operation: desk.Operation, phone: Phone, cookie: str, value: str
) -> None:
    phone.client.cookies[cookie] = value

    for name in ("home", "sign_in", "code", "apply"):
        assert phone.see(name).status_code < 500


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00\x03"])
def test_a_file_that_is_no_document_is_refused_in_words(
    operation: desk.Operation, phone: Phone, content: bytes
) -> None:
    own = person(63)
    phone.client.cookies.clear()
    phone.sign_in(own.mobile)
    phone.prove(own.id_number)

    answer = phone.press(
        "send_document",
        operation.submitted,
        kind="income_proof",
        file=SimpleUploadedFile("a.exe", content),
    )

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
