"""Tables of identity."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class People(BaseUserManager["Person"]):
    """Finds a person by login; making one is an operation."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(login=username)


class Person(AbstractBaseUser):
    """Somebody who signs in."""

    login = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=10, default="system", db_default="system")
    toured = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = People()


class RoleHolding(models.Model):
    """A role that a person holds from a day to a day, in some books or in all."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    books = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)


class ApiKey(models.Model):
    """A program's key: its prefix is shown, its secret is kept as a hash."""

    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    partner = models.CharField(max_length=32, default="")
    role = models.CharField(max_length=40)
    books = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
