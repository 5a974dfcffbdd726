"""Files of running loans can be taken back; each import names the numbers of its loans."""

from django.db import migrations, models

NAME = """
    UPDATE servicing_bookimport SET
        first_loan = COALESCE((SELECT MIN(l.number) {came}), ''),
        last_loan = COALESCE((SELECT MAX(l.number) {came}), '')
    """
CAME = """
    FROM servicing_loanevent e JOIN servicing_loan l ON l.id = e.loan_id
    WHERE e.key = 'brought_in'
        AND e.values_json = '{"import": "' || servicing_bookimport.number || '"}'
    """


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0001_initial"),
        ("servicing", "0018_paused_counting"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="bookimport",
            name="servicing_import_once",
        ),
        migrations.RemoveConstraint(
            model_name="loan",
            name="servicing_loan_state",
        ),
        migrations.AddField(
            model_name="bookimport",
            name="by",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="bookimport",
            name="first_loan",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="bookimport",
            name="last_loan",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.AddField(
            model_name="bookimport",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="bookimport",
            name="undone_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="bookimport",
            name="undone_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="bookimport",
            name="undone_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddConstraint(
            model_name="bookimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("book", "sha256"),
                name="servicing_import_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at__isnull", True), ("undone_on__isnull", True)),
                    models.Q(("undone_at__isnull", False), ("undone_on__isnull", False)),
                    _connector="OR",
                ),
                name="servicing_import_undone",
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["active", "overdue", "settled", "written_off", "withdrawn"])
                ),
                name="servicing_loan_state",
            ),
        ),
        migrations.RunSQL(NAME.replace("{came}", CAME), migrations.RunSQL.noop),
    ]
