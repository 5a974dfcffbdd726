"""Tables of contacts."""

from django.db import models
from django.db.models import Q

from loanops.registry.contacts.domain.lifecycle import OPEN_MESSAGES, MessageState

_STATES = sorted(state.value for state in MessageState)
_OPEN = sorted(state.value for state in OPEN_MESSAGES)


class Message(models.Model):
    """One message to one person; ``number`` is the serial by which the carrier knows it.

    The text lies sealed until the message has ended and is gone then; ``values_json`` never holds
    a secret one. ``subject`` is what the message is about, by its number.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    template = models.CharField(max_length=40)
    template_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    recipient_index = models.CharField(max_length=40)
    recipient_sealed = models.TextField()
    subject = models.CharField(max_length=32, default="")
    text_sealed = models.TextField(default="")
    values_json = models.JSONField(default=dict)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=64, default="")
    problem = models.CharField(max_length=40, default="")
    tries = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=_STATES), name="contacts_message_state"),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN) | Q(text_sealed=""), name="contacts_message_forgotten"
            ),
        ]
        indexes = [
            models.Index(fields=["book", "-id"], name="contacts_message_book"),
            models.Index(fields=["recipient_index", "-id"], name="contacts_message_whom"),
        ]
