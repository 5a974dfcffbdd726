"""An installation that has books already has work that waits: a job makes its items."""

from datetime import UTC, datetime

from django.db import migrations

JOB = "team.rebuild"


def enqueue(apps, schema_editor):
    del schema_editor
    if apps.get_model("books", "Book").objects.exists():
        apps.get_model("jobs", "Job").objects.get_or_create(
            key=f"{JOB}:first",
            defaults={
                "name": JOB,
                "payload_json": "{}",
                "run_at": datetime(2000, 1, 1, tzinfo=UTC),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("team", "0001_initial"), ("jobs", "0001_initial")]

    operations = [migrations.RunPython(enqueue, migrations.RunPython.noop)]
