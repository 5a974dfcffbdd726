"""What the partner register records."""

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "partners.registered": Sentence("Partner {subject} ({kind}) was registered"),
    "partners.licence_renewed": Sentence(
        "Licence of {subject} is valid until {licence_expires_on}"
    ),
    "partners.suspended": Sentence("Partner {subject} was suspended: {reason}"),
    "partners.resumed": Sentence("Partner {subject} was resumed"),
    "partners.ended": Sentence("Work with partner {subject} was ended: {reason}"),
    "partners.agreement_signed": Sentence(
        "Agreement {subject} with {partner} was signed from {valid_from} to {valid_to}"
    ),
    "partners.agreement_amended": Sentence(
        "Agreement {subject} was amended: version {version} from {valid_from}"
    ),
    "partners.agreement_suspended": Sentence("Agreement {subject} was suspended: {reason}"),
    "partners.agreement_resumed": Sentence("Agreement {subject} was resumed"),
    "partners.agreement_ended": Sentence("Agreement {subject} was ended: {reason}"),
    "partners.listed": Sentence(
        "{partner} was put on the list as {role} from {valid_from} to {valid_to}"
    ),
    "partners.unlisted": Sentence("{partner} was taken off the list as {role}: {reason}"),
}
