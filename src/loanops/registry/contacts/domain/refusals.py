"""The words in which a message is refused."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class TemplateUnknown(Refusal):
    code = "contacts_template_unknown"
    sentence = "There is no message template {template} in force on {on}."
    status = 422


class TemplateUnfilled(Refusal):
    code = "contacts_template_unfilled"
    sentence = "The message template {template} needs these values: {missing}."
    status = 422
