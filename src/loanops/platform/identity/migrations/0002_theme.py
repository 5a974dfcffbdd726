from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="theme",
            field=models.CharField(db_default="system", default="system", max_length=10),
        ),
    ]
