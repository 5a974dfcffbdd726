"""Cohorts hold principal too, from the instalments of loans that are in them."""

from django.db import migrations, models

FILL = """
    UPDATE servicing_periodcohort SET principal_minor = x.principal_minor FROM (
        SELECT pool_id, starts_on, due_on, SUM(principal_minor) AS principal_minor
        FROM servicing_instalment
        WHERE loan_id NOT IN (SELECT loan_id FROM servicing_unfolded)
        GROUP BY pool_id, starts_on, due_on
    ) x
    WHERE x.pool_id = servicing_periodcohort.pool_id
        AND x.starts_on = servicing_periodcohort.starts_on
        AND x.due_on = servicing_periodcohort.due_on
    """


class Migration(migrations.Migration):
    dependencies = [("servicing", "0003_one_index_for_numbers")]

    operations = [
        migrations.AddField(
            model_name="periodcohort",
            name="principal_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
