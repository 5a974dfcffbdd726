"""The words in which a borrower is refused; none tells whether a mobile or a person is known."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class CodesTooMany(Refusal):
    code = "borrowers_codes_too_many"
    sentence = "Codes were asked for too often; wait {seconds} seconds, then ask for another one."
    status = 429


class CodeWrong(Refusal):
    code = "borrowers_code_wrong"
    sentence = "The code is not right; {left} more tries."
    status = 422


class CodeOver(Refusal):
    code = "borrowers_code_over"
    sentence = "This code cannot be used any more; ask for a new one."
    status = 422


class ClaimUnfit(Refusal):
    code = "borrowers_claim_unfit"
    sentence = (
        "This identity number does not fit the mobile you signed in with; check it, or ask the "
        "customer service to change the mobile."
    )
    status = 422


class ClaimsTooMany(Refusal):
    code = "borrowers_claims_too_many"
    sentence = "Identity numbers that do not fit were tried too often today; try again tomorrow."
    status = 429
