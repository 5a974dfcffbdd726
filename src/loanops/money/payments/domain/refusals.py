"""The words in which payments says no to files of channels, money taken back, and refunds."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal
from loanops.platform.sheets.rows import RowRefusal


class AnswerFileTaken(Refusal):
    """The very same file came before."""

    code = "payments_answer_file_taken"
    sentence = "This file was taken already, as {number}; nothing was booked again."


class AnswerFileCount(Refusal):
    """The file holds more or fewer rows than whoever sent it says."""

    code = "payments_answer_file_count"
    sentence = "The file has {found} rows and {expected} were announced; get it once more, whole."
    status = 422


class AnswerFileTotal(Refusal):
    """The amounts do not add up to what whoever sent it says."""

    code = "payments_answer_file_total"
    sentence = "The amounts add up to {found} and {expected} was announced; get the file once more."
    status = 422


class AnswerFileShort(Refusal):
    """Orders of the debit file are not in its answer."""

    code = "payments_answer_file_short"
    sentence = "The file answers {found} of the {expected} orders of {file}; it is cut off."
    status = 422


class AnswerFileWrong(Refusal):
    """Rows cannot be taken, and so none is. ``rows`` says which and why."""

    code = "payments_answer_file_wrong"
    sentence = "{count} rows cannot be taken, so nothing was booked; the first is line {line}."
    status = 422

    def __init__(self, *, rows: tuple[RowRefusal, ...]) -> None:
        """Every row that cannot be taken, in the order of the file."""
        super().__init__(count=len(rows), line=rows[0].line)
        self.rows = rows


class RowTwice(Refusal):
    """Two rows of one file speak of the same."""

    code = "payments_row_twice"
    sentence = "{field}: {found} stands in line {line} already."
    status = 422


class OrderUnknown(Refusal):
    """The debit file has no such order."""

    code = "payments_order_unknown"
    sentence = "{field}: {found} is no order of {file}."
    status = 422


class OrderAnsweredOtherwise(Refusal):
    """An order ended, and now it is said to have ended otherwise."""

    code = "payments_order_answered_otherwise"
    sentence = "{field}: {found} was answered before, with {amount} collected; ask the bank."


class CollectedTooMuch(Refusal):
    """A bank cannot collect more than it was asked to."""

    code = "payments_collected_too_much"
    sentence = "{field}: {found} is more than the {asked} of the order."
    status = 422


class PaymentUnknown(Refusal):
    """Nothing was received under that number."""

    code = "payments_payment_unknown"
    sentence = "{field}: no payment {found} of this channel was received."
    status = 422


class ReturnedAlready(Refusal):
    """A payment is taken back once."""

    code = "payments_returned_already"
    sentence = "Payment {pay_no} was taken back by the bank before."


class ReturnedInPart(Refusal):
    """A bank takes a payment back as a whole."""

    code = "payments_returned_in_part"
    sentence = "{field}: the payment was {amount}; a bank takes back all of it or nothing."
    status = 422


class DayOutside(Refusal):
    """A day before the payment or after the business date."""

    code = "payments_day_outside"
    sentence = "{field}: {found} is outside {first} to {last}."
    status = 422


class MoreThanUnapplied(Refusal):
    """Only what has no other place can be given back."""

    code = "payments_more_than_unapplied"
    sentence = "{receipt} has {unapplied} without a place; no more can be refunded."
    status = 422


class KeptByLoan(Refusal):
    """The money is the credit of a loan, which knows best what it is for."""

    code = "payments_kept_by_loan"
    sentence = (
        "The rest of {receipt} is credit of {subject}; refund it there, as a change of the loan."
    )


class SamePerson(Refusal):
    """Four eyes: whoever asked does not decide."""

    code = "payments_same_person"
    sentence = "You asked for {number} yourself; another person must decide it."
    status = 403


class RequestChanged(Refusal):
    """What would be let go is not what was asked for."""

    code = "payments_request_changed"
    sentence = "{number} is not what was asked for any more; ask for the refund again."


def plain(amount_minor: int) -> str:
    """An amount as a refusal says it."""
    return f"{amount_minor // 100:,}.{amount_minor % 100:02d}"
