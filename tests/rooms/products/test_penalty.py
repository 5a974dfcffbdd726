"""The penalty of a product: what cannot be is refused by its field, what may not be by the pack."""

from __future__ import annotations

from typing import Any

import pytest

from loanops.kernel.refusals import BadField
from loanops.registry.products.domain.refusals import TermForbidden
from loanops.registry.products.models import ProductVersion
from tests.factories.registry import carded, open_book, publish

pytestmark = pytest.mark.django_db

HALF_MORE = {"multiplier": "1.5"}


class TestRule:
    @pytest.mark.parametrize(
        ("rule", "field"),
        [
            ({**HALF_MORE, "grace_days": 3, "stop_days": 3}, "penalty.stop_days"),
            ({**HALF_MORE, "stop_days": 10**9}, "penalty.stop_days"),
            ({**HALF_MORE, "cap": "0"}, "penalty.cap"),
            ({**HALF_MORE, "grace_days": 3, "cap": "0.001"}, "penalty.cap"),
            ({**HALF_MORE, "follows": "the_moon"}, "penalty.follows"),
            ({**HALF_MORE, "compounds_days": 0}, "penalty.compounds_days"),
            ({**HALF_MORE, "compounds_days": 3, "grace_days": 3}, "penalty.compounds_days"),
            ({"annual_rate": "0.2", "follows": "current_rate"}, "penalty.follows"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, rule: dict[str, Any], field: str) -> None:
        open_book()

        with pytest.raises(BadField) as refused:
            publish(terms=carded(penalty=rule))

        assert refused.value.field == field
        assert not ProductVersion.objects.exists()

    def test_is_held_to_the_multiple_of_the_pack_whichever_rate_it_follows(self) -> None:
        open_book()

        with pytest.raises(TermForbidden):
            publish(terms=carded(penalty={"multiplier": "1.6", "follows": "current_rate"}))

    def test_bears_penalty_itself_only_where_the_pack_lets_it(self) -> None:
        open_book()
        rule = {**HALF_MORE, "compounds_days": 30}

        with pytest.raises(TermForbidden, match="may not bear penalty itself"):
            publish(terms=carded(penalty=rule))

    def test_keeps_what_is_allowed(self) -> None:
        open_book()

        rule = {**HALF_MORE, "follows": "current_rate", "cap": "0.2"}
        kept = publish(terms=carded(penalty=rule))
        assert kept.penalty is not None
        assert (kept.penalty["follows"], kept.penalty["cap"]) == ("current_rate", "0.2")
