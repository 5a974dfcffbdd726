"""What the API itself refuses, before any room is asked."""

from loanops.kernel.refusals import Refusal


class RequestUnreadable(Refusal):
    code = "request_unreadable"
    sentence = "The request cannot be read; check its address, host and headers."
    status = 400


class BodyUnreadable(Refusal):
    code = "body_unreadable"
    sentence = "The body is not readable JSON in UTF-8; check its quotes, commas and encoding."
    status = 400


class BodyTooLarge(Refusal):
    code = "body_too_large"
    sentence = "The body is larger than {limit_kb} kB; send less at once."
    status = 413


class BodyTooDeep(Refusal):
    code = "body_too_deep"
    sentence = "The body is nested more than {levels} levels deep; flatten it."
    status = 400


class NumberOutOfRange(Refusal):
    code = "number_out_of_range"
    sentence = "A number in the body is too long to be kept exactly; send it as a decimal string."
    status = 400


class NameTwice(Refusal):
    code = "name_twice"
    sentence = "{name} stands twice in one object of the body; send it once."
    status = 400


class TextUnreadable(Refusal):
    code = "text_unreadable"
    sentence = "A text holds a character that cannot be kept; remove control characters."
    status = 400


class NotJson(Refusal):
    code = "not_json"
    sentence = "Send the body as JSON with Content-Type: application/json."
    status = 415


class NotDocument(Refusal):
    code = "not_document"
    sentence = "Send the document itself, as one of {kinds} in Content-Type."
    status = 415


class KeyUnknown(Refusal):
    code = "key_unknown"
    sentence = "Send a valid API key as Authorization: Bearer prefix.secret."
    status = 401


class KeyMissing(Refusal):
    code = "idempotency_key_missing"
    sentence = "Send an Idempotency-Key header with every write, new for each new order."
    status = 400


class TooManyRequests(Refusal):
    code = "too_many_requests"
    sentence = "This key sends too many requests; wait {seconds} seconds."
    status = 429


class AddressUnknown(Refusal):
    code = "address_unknown"
    sentence = "There is nothing at this address; see /api/v1/openapi.json."
    status = 404


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    sentence = "This address answers {allowed} only."
    status = 405


class ServerFault(Refusal):
    code = "server_fault"
    sentence = "Something went wrong on our side; it was logged as {request_id}."
    status = 500
