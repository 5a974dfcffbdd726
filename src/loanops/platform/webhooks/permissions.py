"""Grants of the webhooks."""

VIEW = "webhooks.view"
MANAGE = "webhooks.manage"
EVENTS = "webhooks.events"
