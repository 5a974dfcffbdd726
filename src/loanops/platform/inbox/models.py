"""Tables of the inbox."""

from django.db import models


class Answer(models.Model):
    """The kept answer to a command from outside."""

    source = models.CharField(max_length=80)
    key = models.CharField(max_length=128)
    content_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer_json = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="inbox_answer_once")]


class Notification(models.Model):
    """A callback, file or receipt as it arrived; kept whatever it says."""

    source = models.CharField(max_length=80)
    key = models.CharField(max_length=128)
    content_hash = models.CharField(max_length=64)
    raw = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key", "content_hash"], name="inbox_notification_once"
            )
        ]
