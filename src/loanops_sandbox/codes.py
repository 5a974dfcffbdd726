"""Codes of the protocol: what became of the call, and why a bank said no."""

HANDLED = "0000"
BAD_PARAMETERS = "0001"
KEY_REUSED = "0002"
NOT_FOUND = "1000"
NOT_BELIEVED = "4010"
MAINTENANCE = "9993"
DOWNSTREAM_FAILED = "9995"
TIMED_OUT = "9998"
UNKNOWN = "9999"

MESSAGES = {
    HANDLED: "handled",
    BAD_PARAMETERS: "a parameter is missing or malformed",
    KEY_REUSED: "this serial was used for another content",
    NOT_FOUND: "no record of this serial",
    NOT_BELIEVED: "the signature was not believed",
    MAINTENANCE: "closed for maintenance",
    DOWNSTREAM_FAILED: "a system behind this one failed; query before sending again",
    TIMED_OUT: "timed out; query before sending again",
    UNKNOWN: "system error; the result is unknown, query",
}

PROCESSING, SUCCESS, FAIL = "PROCESSING", "SUCCESS", "FAIL"

REASONS = {
    "C003": "refused by this bank in the last 30 days",
    "C004": "already a borrower of this bank",
    "F101": "age outside the bank's range",
    "F102": "region not served",
    "F103": "income too low for the instalment",
    "F104": "debt burden too high",
    "F105": "below the bank's own score",
    "F106": "amount or term outside the bank's range",
    "F107": "rate above what this bank may charge",
    "F108": "identity missing or not valid",
    "F201": "quota of the day used up",
    "F202": "total quota used up",
    "F301": "no approved credit for this drawdown",
    "F302": "not signed",
    "F303": "amount above the approved credit",
    "F304": "the payee's account refused the money",
    "F305": "the approved credit has expired",
    "F306": "the terms differ from what was signed",
    "D101": "balance not sufficient",
    "D102": "account closed or frozen",
    "D103": "no such loan at this bank",
}
