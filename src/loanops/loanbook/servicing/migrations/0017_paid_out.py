"""Principal paid out by agreement and year, from the loans that are there."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
    INSERT INTO servicing_paidout (book_id, agreement, year, principal_minor)
    SELECT x.book_id, x.agreement, CAST(x.year AS INTEGER), SUM(x.principal_minor) FROM (
        SELECT l.book_id, t.agreement, SUBSTR(CAST(l.disbursed_on AS VARCHAR(10)), 1, 4) AS year,
            l.principal_minor
        FROM servicing_loan l JOIN servicing_loanterms t ON t.loan_id = l.id
        WHERE t.agreement <> ''
    ) x
    GROUP BY x.book_id, x.agreement, x.year
    """


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0001_initial"),
        ("servicing", "0016_late_fees"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaidOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agreement", models.CharField(max_length=32)),
                ("year", models.PositiveSmallIntegerField()),
                ("principal_minor", models.BigIntegerField()),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="books.book",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "year", "book"), name="servicing_paid_out_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("principal_minor__gte", 0)),
                        name="servicing_paid_out_amount",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
