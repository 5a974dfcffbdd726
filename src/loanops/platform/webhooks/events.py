"""What the webhooks record."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "webhooks.subscribed": Sentence("Subscription {subject} to {host} was made"),
    "webhooks.secret_rotated": Sentence("Subscription {subject} was given a new secret"),
    "webhooks.disabled": Sentence("Subscription {subject} was disabled: {reason}"),
    "webhooks.queued": Sentence("Event {event} was queued as no. {sequence} of {subject}"),
    "webhooks.posted": Sentence("No. {sequence} of {subject} was answered {status}"),
    "webhooks.put_off": Sentence("No. {sequence} of {subject} failed on try {attempt}"),
    "webhooks.dropped": Sentence("No. {sequence} of {subject} was not posted: {reason}"),
}
