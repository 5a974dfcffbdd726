"""The words in which a person's particulars are refused."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class NameWrong(Refusal):
    code = "parties_name_wrong"
    sentence = "{field}: a name has 2 to 50 letters, no digits or signs; write it as on the card."
    status = 422


class IdNumberWrong(Refusal):
    code = "parties_id_number_wrong"
    sentence = (
        "{field}: an identity number has 18 places, a real birth date and place and the right "
        "check character; copy it from the card, and keep it as text in a spreadsheet."
    )
    status = 422


class MobileWrong(Refusal):
    code = "parties_mobile_wrong"
    sentence = "{field}: this is no mobile number that exists in {country}; write all its digits."
    status = 422


class EmailWrong(Refusal):
    code = "parties_email_wrong"
    sentence = "{field}: this is not an e-mail address; write it as name@example.com."
    status = 422


class TextWrong(Refusal):
    code = "parties_text_wrong"
    sentence = "{field}: at most {limit} characters and no control characters are taken."
    status = 422


class IncomeWrong(Refusal):
    code = "parties_income_wrong"
    sentence = "{field}: an income is a whole number of minor units, zero or more."
    status = 422


class IdentityMissing(Refusal):
    code = "parties_identity_missing"
    sentence = "{field}: this book keeps identities; name, identity number and mobile are needed."
    status = 422
