from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_theme"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="toured",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
