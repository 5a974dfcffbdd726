"""What identity records."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "identity.person_added": Sentence("{subject} was added"),
    "identity.role_granted": Sentence("{subject} was given the role {role}"),
    "identity.role_ended": Sentence("The role {role} of {subject} ended"),
    "identity.password_set": Sentence("A new password was set for {subject}"),
    "identity.deactivated": Sentence("{subject} may no longer sign in"),
    "identity.key_issued": Sentence("API key {subject} was issued to {name}"),
    "identity.key_revoked": Sentence("API key {subject} was revoked"),
    "identity.language_chosen": Sentence("{subject} chose to read in {language}"),
    "identity.theme_chosen": Sentence("{subject} chose the look {theme}"),
    "identity.tour_ended": Sentence("{subject} ended the first tour"),
    "identity.signed_in": Sentence("{subject} signed in"),
    "identity.signed_out": Sentence("{subject} signed out"),
    "identity.sign_in_failed": Sentence("A sign-in as {subject} failed"),
}
