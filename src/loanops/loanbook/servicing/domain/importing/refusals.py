"""The words in which a row of a migration, or the file as a whole, is refused."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class ColumnNotMapped(Refusal):
    code = "servicing_import_column_not_mapped"
    sentence = (
        "The file has a column {column} that the map does not name; map it, or list it under "
        "map.ignore."
    )
    status = 400


class NumberTwice(Refusal):
    code = "servicing_import_number_twice"
    sentence = "{field}: the loan {number} stands in row {line} already; each loan has one row."
    status = 422


class NumberUnclean(Refusal):
    code = "servicing_import_number_unclean"
    sentence = "{field}: {number} is no number of a loan; letters, digits and . _ / - are taken."
    status = 422


class NotOfTheBook(Refusal):
    code = "servicing_import_not_of_the_book"
    sentence = "{field}: the book {book} has no {kind} {found}; enter it first or mend the map."
    status = 422


class AgreementUnclear(Refusal):
    code = "servicing_import_agreement_unclear"
    sentence = (
        "{field}: {funder} has {count} agreements in force for {product}; name the loan's own in "
        "the field agreement."
    )
    status = 422


class AgreementDiffers(Refusal):
    code = "servicing_import_agreement_differs"
    sentence = (
        "{field}: the row says {found}, but the agreement {agreement} says {expected}; correct one."
    )
    status = 422


class OwnerUnknown(Refusal):
    code = "servicing_import_owner_unknown"
    sentence = (
        "{field}: {owner} has {found}, but the loan is lent by {lenders}; correct the owner or the "
        "agreement."
    )
    status = 422


class OwnersDiffer(Refusal):
    code = "servicing_import_owners_differ"
    sentence = (
        "{field}: the balances of the owners add up to {found}, but {expected} is outstanding."
    )
    status = 422


class OwnerDiffers(Refusal):
    code = "servicing_import_owner_differs"
    sentence = (
        "{field}: {owner} has {found}, but by the shares of the agreement it is {expected}; "
        "correct one, or let map.residue be as much as the old system rounded otherwise."
    )
    status = 422


class CurrencyDiffers(Refusal):
    code = "servicing_import_currency_differs"
    sentence = "{field}: the loan is in {found} and the book in {currency}; it belongs elsewhere."
    status = 422


class DayTooLate(Refusal):
    code = "servicing_import_day_too_late"
    sentence = "{field}: {found} lies after the cut-off {cut_off}; correct the day."
    status = 422


class DayTooEarly(Refusal):
    code = "servicing_import_day_too_early"
    sentence = "{field}: {found} has to lie after {least}; correct the day."
    status = 422


class AboveWhole(Refusal):
    code = "servicing_import_above_whole"
    sentence = "{field}: {found} is more than the {whole} of which it is a part; correct one."
    status = 422


class PrincipalDiffers(Refusal):
    code = "servicing_import_principal_differs"
    sentence = (
        "{field}: {found} is outstanding, but {principal} lent less {paid} repaid leaves {left}; "
        "correct one of the three."
    )
    status = 422


class PaidDiffers(Refusal):
    code = "servicing_import_paid_differs"
    sentence = "{field}: {found} is not the {sum} that principal, interest, fees and penalty make."
    status = 422


class StateDiffers(Refusal):
    code = "servicing_import_state_differs"
    sentence = "{field}: the loan cannot be {kind}: {problem}."
    status = 422


class NotSchedulable(Refusal):
    code = "servicing_import_not_schedulable"
    sentence = "{field}: no schedule can be made: {problem}."
    status = 422


class RowsMissing(Refusal):
    code = "servicing_import_rows_missing"
    sentence = "{field}: the file of schedules has no row for the loan {number}."
    status = 422


class RowsDiffer(Refusal):
    code = "servicing_import_rows_differ"
    sentence = "{field}: the rows of the schedule add up to {found}, but {expected} is outstanding."
    status = 422


class RowsOfNobody(Refusal):
    code = "servicing_import_rows_of_nobody"
    sentence = "{field}: no loan of the file has the number {number}."
    status = 422


class TotalDiffers(Refusal):
    code = "servicing_import_total_differs"
    sentence = (
        "The control total of {kind} is {expected}, but the file has {found}; nothing was imported."
    )
    status = 422


class CutOffMissing(Refusal):
    code = "servicing_import_cut_off_missing"
    sentence = "The day of the balances is not named; say it with --cut-off or in map.cut_off."
    status = 400


class IdentityDiffers(Refusal):
    code = "servicing_import_identity_differs"
    sentence = (
        "Book {book} and map differ about borrowers: a book that keeps identities needs "
        "loan.borrower or the part person, one without them takes neither."
    )
    status = 400


class ScheduleUnmapped(Refusal):
    code = "servicing_import_schedule_unmapped"
    sentence = (
        "A file of schedules and the part schedule of the map belong together; one is missing."
    )
    status = 400
