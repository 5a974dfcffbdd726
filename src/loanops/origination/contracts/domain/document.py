"""The page of a contract: words of a template around canonical data, ready to be set.

Everything that is shown is a text here; the layout only places it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from loanops.kernel.money import spoken_amount
from loanops.kernel.pricing import display

Row = tuple[int, date, int, int, int, int, int]
"""Number, due date, principal, interest, fees, total and balance of an instalment."""


@dataclass(frozen=True, slots=True)
class Borrower:
    """The borrower in clear; both empty in a book without identity."""

    name: str
    id_number: str


def document(
    words: Mapping[str, Any],
    *,
    data: Mapping[str, Any],
    statement: Mapping[str, Any],
    rows: Sequence[Row],
    borrower: Borrower,
    witness: str,
) -> dict[str, Any]:
    """The whole page as the layout expects it."""
    setting = _Setting(words, str(data["currency"]))
    return {
        "title_zh": words["title"]["zh"],
        "title_en": words["title"]["en"],
        "number": data["contract"],
        "date": data["drawn_up_on"],
        "note_zh": words["note"]["zh"],
        "note_en": words["note"]["en"],
        "fingerprint": witness,
        "parties": setting.parties(data, statement, borrower),
        "items": setting.items(statement),
        "tables": setting.tables(statement, rows),
        "clauses": [{"zh": clause["zh"], "en": clause["en"]} for clause in words["clauses"]],
        "signatures": setting.signatures(data),
    }


class _Setting:
    """Turns values into the texts of one page, in both languages."""

    def __init__(self, words: Mapping[str, Any], currency: str) -> None:
        self.words = words
        self.currency = currency

    def money(self, amount_minor: int) -> str:
        return spoken_amount(amount_minor, self.currency)

    def both(self, *path: str) -> str:
        found: Any = self.words
        for key in path:
            found = found[key]
        return f"{found['zh']} {found['en']}"

    def parties(
        self, data: Mapping[str, Any], statement: Mapping[str, Any], borrower: Borrower
    ) -> list[dict[str, str]]:
        words = self.words["parties"]
        found = [self._party("lender", data["funder"]["name"], "")]
        if borrower.name:
            detail = f"{words['identity']['zh']} {borrower.id_number}"
            found.append(self._party("borrower", borrower.name, detail))
        else:
            name = f"{words['without_identity']['zh']} {data['application']}"
            found.append(self._party("borrower", name, ""))
        if data["guarantor"]:
            found.append(self._party("guarantor", data["guarantor"]["name"], ""))
        charging = {item["party"] for item in (*statement["items"], *statement["contingent"])}
        role = "platform_charging" if "platform" in charging else "platform"
        found.append(self._party(role, data["platform"]["name"], ""))
        return found

    def _party(self, role: str, name: str, detail: str) -> dict[str, str]:
        words = self.words["parties"][role]
        return {"role_zh": words["zh"], "role_en": words["en"], "name": name, "detail": detail}

    def items(self, statement: Mapping[str, Any]) -> list[dict[str, Any]]:
        currency = self.currency
        cost = statement["cost"]
        values = {
            "principal": f"{currency} {self.money(statement['principal_minor'])}",
            "net_received": f"{currency} {self.money(statement['net_received_minor'])}",
            "instalments": str(statement["instalments"]),
            "period": f"{statement['first_due_date']} / {statement['last_due_date']}",
            "method": self.both("methods", statement["method"]),
            "total": f"{currency} {self.money(statement['total_minor'])}",
            "cost": f"{display(Decimal(cost['simple']))}%",
            "cost_effective": f"{display(Decimal(cost['effective']))}%",
            **self._floating(statement),
        }
        return [
            {
                "zh": self.words["items"][key]["zh"],
                "en": self.words["items"][key]["en"],
                "value": value,
                "strong": key in {"principal", "cost"},
            }
            for key, value in values.items()
        ]

    def _floating(self, statement: Mapping[str, Any]) -> dict[str, str]:
        """How the rate floats, if it does; texts before loan-3 have no words for it."""
        items = [item for item in statement["items"] if "floating" in item]
        if not items or "floating" not in self.words["items"]:
            return {}
        rule = items[0]["floating"]
        index, points, words = rule["index"], rule["spread_bp"], self.words["floating"]
        said = [self.both("indexes", index) if index in self.words["indexes"] else index]
        if points is None:
            said.append(self.both("floating", "as_agreed"))
        else:
            # With its sign: points may stand below the index.
            said.append(f"{Decimal(points).normalize():+f} {self.both('floating', 'points')}")
        reset = words["reset"][rule["reset"]]
        day = f"{rule['month']:02}-{rule['day']:02}"
        said.append(f"{reset['zh']} {reset['en']}".replace("{day}", day))
        said += [
            f"{self.both('floating', bound)} {display(Decimal(rule[bound]), 4)}%"
            for bound in ("floor", "cap")
            if rule[bound] is not None
        ]
        if "first_read" in items[0] and "first" in words:
            said.append(self._first(items[0]["first_read"]))
        return {"floating": " · ".join(said)}

    def _first(self, read: Mapping[str, Any]) -> str:
        """From which figure the first rate was read."""
        return self.both("floating", "first").format(
            rate=display(Decimal(read["rate_annual"]), 4),
            figure=display(Decimal(read["index_rate"]), 4),
            since=read["effective_from"],
            on=read["read_on"],
        )

    def tables(self, statement: Mapping[str, Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
        found = [self._table("cost", [self._item(item) for item in statement["items"]])]
        if statement["contingent"]:
            contingent = [self._contingent(item) for item in statement["contingent"]]
            found.append(self._table("contingent", contingent))
        found.append(self._table("schedule", [self._instalment(row) for row in rows]))
        return found

    def _table(self, name: str, rows: list[list[str]]) -> dict[str, Any]:
        words = self.words["tables"][name]
        columns = [dict(column) for column in words["columns"]]
        return {"zh": words["zh"], "en": words["en"], "columns": columns, "rows": rows}

    def _item(self, item: Mapping[str, Any]) -> list[str]:
        interest = item["kind"] == "interest"
        return [
            self.both("words", "interest") if interest else item["name"],
            self.both("methods" if interest else "ways", item["way"]),
            self._standard(item["standard"]),
            f"{display(Decimal(item['annual_rate']))}%",
            self.money(item["total_minor"]),
            self._charging(item),
        ]

    def _standard(self, standard: Mapping[str, Any]) -> str:
        a_year = self.both("words", "a_year")
        if "rate_annual" in standard:
            return f"{display(Decimal(standard['rate_annual']), 4)}% {a_year}"
        if "amount_minor" in standard:
            return self.money(standard["amount_minor"])
        rate = f"{display(Decimal(standard['rate']), 4)}% {self.both('bases', standard['base'])}"
        return f"{rate} {a_year}" if standard["annual"] else rate

    def _charging(self, item: Mapping[str, Any]) -> str:
        return f"{item['party_name']} ({self.both('roles', item['party'])})"

    def _contingent(self, item: Mapping[str, Any]) -> list[str]:
        if item.get("kind") == "late_fee":
            return self._late_fee(item)
        standard = f"{display(Decimal(item['rate_annual']), 4)}% {self.both('words', 'a_year')}"
        if "follows" in item:
            follows = self.both("words", "follows").replace("{times}", item["multiplier"])
            standard = f"{standard} · {follows}"
        if "stop_days" in item and "stop" in self.words["words"]:
            stop = self.both("words", "stop").replace("{days}", str(item["stop_days"]))
            standard = f"{standard} · {stop}"
        if "cap" in item and "cap" in self.words["words"]:
            share = format((100 * Decimal(item["cap"])).normalize(), "f")
            standard = f"{standard} · {self.both('words', 'cap').replace('{share}', share)}"
        if "compounds_days" in item:
            often = self.both("words", "compounds").replace("{days}", str(item["compounds_days"]))
            standard = f"{standard} · {often}"
        if "stops_at_acceleration" in item:
            standard = f"{standard} · {self.both('words', 'stop_at_acceleration')}"
        return [
            self.both("words", item["name"]),
            standard,
            self.both("bases", item["base"]),
            str(item["grace_days"]),
            self._charging(item),
        ]

    def _late_fee(self, item: Mapping[str, Any]) -> list[str]:
        standard = item["standard"]
        amount = f"{display(Decimal(standard['rate']), 4)}%" if "rate" in standard else ""
        return [
            item["name"],
            amount or self.money(standard["amount_minor"]),
            self.both("bases", "overdue" if amount else "each_late"),
            str(item["overdue_days"]),
            self._charging(item),
        ]

    def _instalment(self, row: Row) -> list[str]:
        number, due, *amounts = row
        return [str(number), due.isoformat(), *(self.money(amount) for amount in amounts)]

    def signatures(self, data: Mapping[str, Any]) -> list[dict[str, str]]:
        words = self.words["signatures"]
        roles = ["lender", "borrower", *(["guarantor"] if data["guarantor"] else [])]
        mode = words["mode"][data["signing_mode"]]
        return [
            {
                "role_zh": words[role]["zh"],
                "role_en": words[role]["en"],
                "text": f"{mode['zh']} {mode['en']}" if role == "borrower" else "",
            }
            for role in roles
        ]
