"""What can happen to a loan: its events say more, instalments and periods can change."""

import django.db.models.deletion
from django.db import migrations, models

ADVANCED = "UPDATE servicing_loan SET advanced_minor = principal_minor"


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0001_initial"),
        ("servicing", "0005_classes"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField()),
                ("due_on", models.DateField()),
                ("principal_minor", models.BigIntegerField()),
                ("interest_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("fold_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="loan",
            name="servicing_loan_state",
        ),
        migrations.RemoveConstraint(
            model_name="loan",
            name="servicing_loan_amounts",
        ),
        migrations.AddField(
            model_name="instalment",
            name="owner",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="instalment",
            name="penal_end",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="instalment",
            name="penalty_adjust_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="loan",
            name="advanced_minor",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(ADVANCED, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="loan",
            name="changed_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="loanevent",
            name="content_json",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="change",
            name="from_state",
            field=models.CharField(max_length=12),
        ),
        migrations.AlterField(
            model_name="change",
            name="to_state",
            field=models.CharField(max_length=12),
        ),
        migrations.AlterField(
            model_name="loan",
            name="state",
            field=models.CharField(default="active", max_length=12),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "overdue", "settled", "written_off"])),
                name="servicing_loan_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("principal_minor__gt", 0),
                    ("outstanding_minor__gte", 0),
                    ("outstanding_minor__lte", models.F("advanced_minor")),
                    ("credit_minor__gte", 0),
                ),
                name="servicing_loan_amounts",
            ),
        ),
        migrations.AddField(
            model_name="periodmove",
            name="pool",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="servicing.pool",
            ),
        ),
    ]
