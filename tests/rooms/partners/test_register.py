"""The partner register: licences, standing, the public list."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from loanops.kernel.access import Scopes, Viewer
from loanops.kernel.refusals import (
    BadField,
    ChangedMeanwhile,
    MoveNotAllowed,
    NotFound,
    NotPermitted,
)
from loanops.platform.audit.models import Entry
from loanops.registry.partners import invariants, operations, queries
from loanops.registry.partners.domain.refusals import (
    AgreementPeriodEmpty,
    ListedAlready,
    PartnerCodeTaken,
    RoleDoesNotFit,
)
from loanops.registry.partners.models import WhitelistEntry
from tests.factories.registry import (
    AT,
    HOUSE,
    NOBODY,
    TODAY,
    YEAR_END,
    open_book,
    register,
    sign,
    stranger,
)

pytestmark = pytest.mark.django_db


class TestRegisterPartner:
    def test_keeps_kind_licence_and_names(self) -> None:
        open_book()

        card = register("harbour", "bank")

        assert (card.kind, card.licence_number, card.state) == ("bank", "L-001", "active")
        assert set(card.name) == {"zh-hans", "en"}
        assert Entry.objects.filter(code="partners.registered", subject="harbour").exists()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"kind": "pawnshop"}, "kind"),
            ({"code": "har bour"}, "code"),
            ({"name": {"en": "Harbour"}}, "name"),
            ({"legal_name": " "}, "legal_name"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, values: dict[str, Any], field: str) -> None:
        open_book()

        with pytest.raises(BadField) as refused:
            register(**{"code": "harbour", "kind": "bank", **values})

        assert refused.value.field == field

    def test_gives_a_code_once(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(PartnerCodeTaken):
            register("harbour", "trust")

    def test_needs_the_grant(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            operations.register_partner(
                book="cn", code="harbour", kind="bank", name={"zh-hans": "港", "en": "H"},
                legal_name="H", licence_number="", licence_expires_on=None, contact="",
                actor=NOBODY, at=AT,
            )  # fmt: skip


class TestRenewLicence:
    def test_moves_the_day_it_ends(self) -> None:
        open_book()
        card = register("harbour", "bank", licence_expires_on=date(2026, 11, 2))
        assert not card.licensed(TODAY)

        renewed = operations.renew_licence(
            code="harbour", licence_number="L-002", licence_expires_on=YEAR_END,
            version=card.version, actor=HOUSE, at=AT,
        )  # fmt: skip

        assert renewed.licensed(TODAY)

    def test_is_refused_to_an_editor_who_saw_an_older_state(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(ChangedMeanwhile):
            operations.renew_licence(
                code="harbour", licence_number="L-2", licence_expires_on=YEAR_END,
                version=7, actor=HOUSE, at=AT,
            )  # fmt: skip

    def test_refuses_one_that_has_ended(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(BadField):
            operations.renew_licence(
                code="harbour", licence_number="L-2", licence_expires_on=TODAY,
                version=0, actor=HOUSE, at=AT,
            )  # fmt: skip


class TestSuspend:
    def test_takes_the_partner_out_of_routing(self) -> None:
        open_book()
        register("harbour", "bank")
        sign("harbour")

        operations.suspend(partner="harbour", reason="licence under review", actor=HOUSE, at=AT)

        assert queries.list_agreements(book="cn", on=TODAY) == []
        [card] = queries.list_agreements(book="cn", on=TODAY, suspended=True)
        assert not card.live

    def test_is_undone_by_resuming(self) -> None:
        open_book()
        register("harbour", "bank")
        sign("harbour")
        operations.suspend(partner="harbour", reason="review", actor=HOUSE, at=AT)

        operations.resume(partner="harbour", actor=HOUSE, at=AT)

        assert len(queries.list_agreements(book="cn", on=TODAY)) == 1

    def test_cannot_happen_twice(self) -> None:
        open_book()
        register("harbour", "bank")
        operations.suspend(partner="harbour", reason="review", actor=HOUSE, at=AT)

        with pytest.raises(MoveNotAllowed):
            operations.suspend(partner="harbour", reason="again", actor=HOUSE, at=AT)

    def test_needs_a_reason(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(BadField):
            operations.suspend(partner="harbour", reason="", actor=HOUSE, at=AT)

    def test_needs_the_grant(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(NotPermitted):
            operations.suspend(partner="harbour", reason="x", actor=NOBODY, at=AT)

    def test_of_a_partner_that_has_left_has_no_way_back(self) -> None:
        open_book()
        register("harbour", "bank")
        operations.end_partner(partner="harbour", reason="exit", actor=HOUSE, at=AT)

        with pytest.raises(MoveNotAllowed):
            operations.resume(partner="harbour", actor=HOUSE, at=AT)


class TestWhitelist:
    def test_holds_between_its_days(self) -> None:
        open_book()
        register("harbour", "bank")

        put("harbour", "funder")

        assert queries.is_whitelisted(book="cn", partner="harbour", role="funder", on=TODAY)
        assert not queries.is_whitelisted(book="cn", partner="harbour", role="funder", on=YEAR_END)
        assert not queries.is_whitelisted(book="cn", partner="harbour", role="guarantor", on=TODAY)

    def test_is_published_as_it_stands(self) -> None:
        open_book()
        register("harbour", "bank")
        register("anchor", "guarantor")
        put("harbour", "funder")
        put("anchor", "guarantor")

        published = queries.published_list(book="cn", on=TODAY)

        assert [(card.role, card.partner) for card in published] == [
            ("funder", "harbour"),
            ("guarantor", "anchor"),
        ]

    def test_ends_when_taken_off(self) -> None:
        open_book()
        register("harbour", "bank")
        number = put("harbour", "funder")

        operations.unlist(number=number, reason="left the list", actor=HOUSE, at=AT)

        assert not queries.is_whitelisted(book="cn", partner="harbour", role="funder", on=TODAY)
        with pytest.raises(NotFound):
            operations.unlist(number=number, reason="again", actor=HOUSE, at=AT)

    def test_refuses_an_entry_that_overlaps(self) -> None:
        open_book()
        register("harbour", "bank")
        put("harbour", "funder")

        with pytest.raises(ListedAlready):
            put("harbour", "funder")

    @pytest.mark.parametrize("role", ["guarantor", "astrologer"])
    def test_refuses_a_role_that_does_not_fit(self, role: str) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(RoleDoesNotFit):
            put("harbour", role)

    def test_refuses_a_period_that_is_empty(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(AgreementPeriodEmpty):
            put("harbour", "funder", valid_to=date(2026, 1, 1))

    def test_needs_a_source(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(BadField):
            put("harbour", "funder", source_url="")

    def test_needs_the_grant(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(NotPermitted):
            put("harbour", "funder", actor=NOBODY)


def put(partner: str, role: str, **values: Any) -> str:
    given: dict[str, Any] = {
        "valid_from": date(2026, 1, 1),
        "valid_to": YEAR_END,
        "source_url": "https://bank.example/list",
        "actor": HOUSE,
    }
    card = operations.whitelist(book="cn", partner=partner, role=role, **{**given, **values}, at=AT)
    return card.number


class TestQueries:
    def test_show_a_funders_person_their_own_house_only(self) -> None:
        open_book()
        register("harbour", "bank")
        register("lake", "bank")
        viewer = Viewer(
            person="zhao", grants=frozenset({"partners.view"}),
            scopes=Scopes(funders=frozenset({"lake"})),
        )  # fmt: skip

        seen = queries.list_partners(where=queries.Filter(), viewer=viewer)

        assert [card.code for card in seen] == ["lake"]
        with pytest.raises(NotFound):
            queries.get_partner("harbour", viewer=viewer)

    def test_show_nothing_of_another_book(self) -> None:
        open_book()
        register("harbour", "bank")

        with pytest.raises(NotFound):
            queries.get_partner("harbour", viewer=stranger("partners.view"))

    def test_need_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            queries.list_partners(where=queries.Filter(), viewer=NOBODY)


class TestInvariant:
    def test_names_entries_that_overlap(self) -> None:
        open_book()
        register("harbour", "bank")
        first = put("harbour", "funder")
        second = put("harbour", "funder", valid_from=YEAR_END, valid_to=date(2028, 1, 1))
        assert not list(invariants.overlapping_entries())
        WhitelistEntry.objects.filter(number=first).update(valid_to=date(2027, 6, 1))

        [violation] = invariants.overlapping_entries()

        assert (violation.code, violation.object) == ("INV-30", second)
