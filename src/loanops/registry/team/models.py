"""Tables of the team."""

from django.db import models
from django.db.models import Q

from loanops.registry.team.domain.kinds import Kind
from loanops.registry.team.domain.lifecycle import State

_BOOK = "books.Book"
_KINDS = sorted(kind.value for kind in Kind)
_STATES = sorted(state.value for state in State)
_OPEN = ~Q(state=State.DONE.value)


class Team(models.Model):
    """People who do some kinds of work in a book; ``dissolved_at`` ends it."""

    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=0)
    dissolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "code"], name="team_team_once")]


class Member(models.Model):
    """A person of a team, by login."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    person = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="team_member_once")]
        indexes = [models.Index(fields=["person"], name="team_member_person")]


class Taken(models.Model):
    """A kind of work that a team takes; in a book it is no other's."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "kind"], name="team_taken_once"),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="team_taken_kind"),
        ]


class ServiceLevel(models.Model):
    """How soon work of a kind is to be done, from a day on; rows are added and never changed."""

    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    effective_from = models.DateField()
    target_minutes = models.PositiveIntegerField()
    risk_percent = models.PositiveSmallIntegerField()
    large_from_minor = models.BigIntegerField(null=True)
    head_start_minutes = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="team_level_kind"),
            models.CheckConstraint(
                condition=Q(target_minutes__gt=0, risk_percent__gt=0, risk_percent__lt=100),
                name="team_level_figures",
            ),
        ]
        indexes = [
            models.Index(fields=["book", "kind", "effective_from"], name="team_level_by_day")
        ]


class Item(models.Model):
    """Work that waits for a person, is with one, or was done.

    ``not_by`` are logins between bars: those who may not do it. ``since`` is when its subject
    began to wait; ``next_at`` orders the queue. ``took_minutes`` are working minutes.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=32)
    topic = models.CharField(max_length=64, default="")
    amount_minor = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=64, default="")
    funder = models.CharField(max_length=40, default="")
    not_by = models.CharField(max_length=400, default="")
    state = models.CharField(max_length=10, default=State.WAITING.value)
    holder = models.CharField(max_length=80, default="")
    held_at = models.DateTimeField(null=True)
    since = models.DateTimeField()
    opened_on = models.DateField()
    due_at = models.DateTimeField()
    risk_at = models.DateTimeField()
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)
    late = models.BooleanField(default=False)
    took_minutes = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=_OPEN, name="team_item_one_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="team_item_kind"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="team_item_state"),
            models.CheckConstraint(
                condition=~Q(state=State.HELD.value) | ~Q(holder=""), name="team_item_holder"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.WAITING.value) | Q(holder=""), name="team_item_free"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=State.DONE.value,
                    done_at__isnull=False,
                    done_on__isnull=False,
                    took_minutes__isnull=False,
                )
                | Q(
                    ~Q(state=State.DONE.value),
                    done_at__isnull=True,
                    done_on__isnull=True,
                    took_minutes__isnull=True,
                ),
                name="team_item_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="team_item_subject"),
            models.Index(
                fields=["book", "next_at", "id", "kind"], condition=_OPEN, name="team_item_open"
            ),
            models.Index(
                fields=["book", "next_at", "id", "kind"],
                condition=Q(state=State.WAITING.value),
                name="team_item_waiting",
            ),
            models.Index(
                fields=["book", "kind", "next_at", "id"], condition=_OPEN, name="team_item_by_kind"
            ),
            models.Index(
                fields=["book", "holder", "next_at", "id"],
                condition=Q(state=State.HELD.value),
                name="team_item_held",
            ),
            models.Index(
                fields=["book", "due_at", "id", "kind"], condition=_OPEN, name="team_item_due"
            ),
            models.Index(
                fields=["book", "done_on", "kind", "took_minutes", "late"],
                condition=Q(state=State.DONE.value),
                name="team_item_done",
            ),
            models.Index(
                fields=["book", "-done_at", "-id", "kind"],
                condition=Q(state=State.DONE.value),
                name="team_item_ended_last",
            ),
        ]


class Run(models.Model):
    """One order over many items, carried out by a job in the name of who asked.

    ``done`` and ``refused`` say how far it is, ``refusals`` the first of them in words;
    ``values_json`` holds the numbers in their order.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    verb = models.CharField(max_length=12)
    values_json = models.TextField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)
    file = models.CharField(max_length=32, default="")
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verb__in=["assign", "release", "hand_over", "export"]),
                name="team_run_verb",
            )
        ]
        indexes = [models.Index(fields=["book", "asked_by", "-id"], name="team_run_mine")]


class SavedFilter(models.Model):
    """What a list is narrowed by, under a name: somebody's own, or everybody's of the book."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    owner = models.CharField(max_length=80)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)
    shared = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "owner", "name"], name="team_savedfilter_once")
        ]


class Desk(models.Model):
    """How somebody likes the list: which further columns, and whether rows stand close."""

    person = models.CharField(max_length=80, unique=True)
    columns = models.JSONField(default=list)
    dense = models.BooleanField(default=False)
