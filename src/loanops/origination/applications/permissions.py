"""Grants of applications."""

VIEW = "applications.view"
SUBMIT = "applications.submit"
WITHDRAW = "applications.withdraw"
REVIEW_DOCUMENTS = "applications.review_documents"
SET_CHECKLIST = "applications.set_checklist"
# Lent by decisioning to whoever lets it decide: nobody approves here directly.
DECIDE = "applications.decide"
# Lent by contracts and routing: an application advances because they did their part.
ADVANCE = "applications.advance"
EXPIRE = "applications.expire"
