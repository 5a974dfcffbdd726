"""The demo operation is sound: what it builds passes every check, and its days are real days."""

import json

from tests.installations import Installation


class TestDemo:
    def test_builds_an_operation_that_verifies_clean(self, bare: Installation) -> None:
        built = bare.loanops("demo", "--no-serve", "--applicants", "45")

        summary = json.loads(built.stdout.strip().splitlines()[-1])
        verified = json.loads(bare.loanops("verify", "--json").stdout)
        assert (summary["business_days"], summary["applications"]) == (90, 45)
        assert verified["violations"] == []
