"""By which channel each loan was asked for, from its application."""

from django.db import migrations, models

FILL = """
    UPDATE servicing_loan SET origin_channel = (
        SELECT a.channel FROM applications_application a
        WHERE a.number = servicing_loan.application
    )
    WHERE application <> '' AND EXISTS (
        SELECT 1 FROM applications_application a WHERE a.number = servicing_loan.application
    )
    """


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0002_channel_index"),
        ("servicing", "0026_undo_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="loan",
            name="origin_channel",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
