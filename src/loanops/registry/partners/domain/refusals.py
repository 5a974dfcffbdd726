"""How the partner register says no."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class PartnerCodeTaken(Refusal):
    """Codes are unique, for ever."""

    code = "partners_code_taken"
    sentence = "The code {code} belongs to another partner; choose another."
    status = 409


class LicenceExpired(Refusal):
    """A licensed role needs a licence that is valid."""

    code = "partners_licence_expired"
    sentence = "The licence of {partner} ended on {expired_on}; record its renewal first."
    status = 409


class NotALender(Refusal):
    """Only a licensed lender signs a funding agreement."""

    code = "partners_not_a_lender"
    sentence = "{partner} is a {kind} and may not lend; choose a licensed lender."
    status = 422


class NotAGuarantor(Refusal):
    """Only a licensed guarantor or insurer enhances credit."""

    code = "partners_not_a_guarantor"
    sentence = "{partner} is a {kind} and may not guarantee; choose a licensed guarantor."
    status = 422


class PartnerNotActive(Refusal):
    """Nothing new is agreed with a partner that is suspended or gone."""

    code = "partners_not_active"
    sentence = "{partner} is {state}; nothing new can be agreed with it."
    status = 409


class MayNotCharge(Refusal):
    """The law says who may charge the borrower."""

    code = "partners_may_not_charge"
    sentence = (
        "The fee {fee} cannot be agreed: {charging_party} may not charge the borrower ({source})."
    )
    status = 422


class CapAboveLaw(Refusal):
    """An agreed ceiling may be lower than the law's, never higher."""

    code = "partners_cap_above_law"
    sentence = "The agreed ceiling of {agreed} is above the limit of {limit} ({source}); lower it."
    status = 422


class PortionBelowLaw(Refusal):
    """The law says how much of each loan a co-lender funds at least."""

    code = "partners_portion_below_law"
    sentence = (
        "{partner} would fund {agreed} of each loan; co-lenders fund {limit} at least ({source})."
    )
    status = 422


class AmendmentNotLater(Refusal):
    """Versions follow each other in time."""

    code = "partners_amendment_not_later"
    sentence = "The amendment must begin after {valid_from}, when the version before it began."
    status = 422


class AgreementPeriodEmpty(Refusal):
    """A period ends after it begins; its end is exclusive."""

    code = "partners_period_empty"
    sentence = "The period from {valid_from} to {valid_to} is empty; let it end later."
    status = 422


class ListedAlready(Refusal):
    """Two entries for one partner and role may not overlap."""

    code = "partners_listed_already"
    sentence = "{partner} is on the list as {role} from {valid_from} to {valid_to} already."
    status = 409


class RoleDoesNotFit(Refusal):
    """A partner is listed for what it is licensed to do."""

    code = "partners_role_does_not_fit"
    sentence = "A {kind} cannot be listed as {role}."
    status = 422
