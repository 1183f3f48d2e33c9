import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from zbmaint.rollup import triggers


RUN, OCCURRENCE, FINDING = "maintenance_run", "maintenance_occurrence", "maintenance_finding"
COMPONENTS = """UPDATE maintenance_probe SET component = CASE kind
    WHEN 'postgres' THEN 'database' WHEN 'redis' THEN 'cache' WHEN 'disk' THEN 'disk' WHEN 'queue_lag' THEN 'queue'
    ELSE component END"""


class Migration(migrations.Migration):

    dependencies = [
        ('rollup', '0001_initial'),
        ('maintenance', '0004_probes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AppMetric',
            fields=[
                ('pk', models.CompositePrimaryKey('source', 'name', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('value', models.FloatField()),
            ],
            options={
                'ordering': ['source', 'name', 'at'],
            },
        ),
        migrations.CreateModel(
            name='FindingDay',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'severity', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('severity', models.CharField(blank=True, max_length=10)),
                ('found', models.PositiveIntegerField(default=0)),
                ('resolved', models.PositiveIntegerField(default=0)),
                ('open', models.PositiveIntegerField(default=0)),
                ('accepted', models.PositiveIntegerField(default=0)),
                ('open_age_median', models.PositiveBigIntegerField(null=True)),
            ],
            options={
                'ordering': ['day', 'severity'],
            },
        ),
        migrations.CreateModel(
            name='RunDay',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'category', 'task', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('category', models.CharField(blank=True, max_length=20)),
                ('task', models.CharField(blank=True, max_length=60)),
                ('succeeded', models.PositiveIntegerField(default=0)),
                ('warning', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('timed_out', models.PositiveIntegerField(default=0)),
                ('lost', models.PositiveIntegerField(default=0)),
                ('cancelled', models.PositiveIntegerField(default=0)),
                ('skipped', models.PositiveIntegerField(default=0)),
                ('not_configured', models.PositiveIntegerField(default=0)),
                ('dry_runs', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('overran', models.PositiveIntegerField(default=0, verbose_name='ended after their window')),
                ('overrun_seconds', models.PositiveBigIntegerField(default=0)),
                ('durations', models.BinaryField(default=b'')),
                ('waits', models.BinaryField(default=b'')),
                ('expected', models.PositiveIntegerField(default=0)),
                ('in_time', models.PositiveIntegerField(default=0)),
                ('missed', models.PositiveIntegerField(default=0)),
                ('held', models.PositiveIntegerField(default=0)),
                ('lateness', models.BinaryField(default=b'')),
            ],
            options={
                'ordering': ['day', 'category', 'task'],
            },
        ),
        migrations.CreateModel(
            name='ServiceDay',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'probe', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('probe', models.PositiveBigIntegerField()),
                ('up', models.PositiveBigIntegerField(default=0)),
                ('degraded', models.PositiveBigIntegerField(default=0)),
                ('down', models.PositiveBigIntegerField(default=0)),
                ('unknown', models.PositiveBigIntegerField(default=0)),
                ('net_up', models.PositiveBigIntegerField(default=0)),
                ('net_down', models.PositiveBigIntegerField(default=0)),
                ('maintenance', models.PositiveBigIntegerField(default=0)),
                ('erased', models.PositiveBigIntegerField(default=0)),
                ('outages', models.PositiveIntegerField(default=0, verbose_name='outages that began')),
            ],
            options={
                'ordering': ['day', 'probe'],
            },
        ),
        migrations.CreateModel(
            name='Timeline',
            fields=[
                ('probe', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='timeline', serialize=False, to='maintenance.probe')),
                ('read_until', models.DateTimeField(null=True)),
                ('standing', models.JSONField(default=dict)),
                ('back_to', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='probe',
            name='component',
            field=models.CharField(choices=[('application', 'Application'), ('database', 'Database'), ('cache', 'Cache'), ('queue', 'Queue'), ('disk', 'Disk'), ('external', 'External services')], default='external', max_length=12, verbose_name='part of the platform'),
        ),
        migrations.AddField(
            model_name='probe',
            name='critical',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='probe',
            name='slo_percent',
            field=models.DecimalField(blank=True, decimal_places=3, default=Decimal('99.9'), max_digits=6, null=True, verbose_name='uptime aimed at, in %'),
        ),
        migrations.AlterField(
            model_name='target',
            name='kind',
            field=models.CharField(choices=[('database', 'PostgreSQL database'), ('application', 'Application (Spring Boot)')], default='database', max_length=20),
        ),
        migrations.CreateModel(
            name='WeeklyReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.CharField(max_length=8, unique=True)),
                ('starts', models.DateField(unique=True)),
                ('frozen_at', models.DateTimeField()),
                ('content', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='weekly_reports', to='maintenance.run')),
            ],
            options={
                'ordering': ['-starts'],
            },
        ),
        migrations.CreateModel(
            name='HealthReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('overall', models.CharField(max_length=10)),
                ('content', models.JSONField()),
                ('changes', models.JSONField(default=list)),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='health_reports', to='maintenance.run')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['-at'], name='health_report_by_time')],
            },
        ),
        migrations.CreateModel(
            name='MaintenanceWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begins_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('reason', models.CharField(max_length=200)),
                ('requested_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='windows_approved', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='windows_requested', to=settings.AUTH_USER_MODEL)),
                ('services', models.ManyToManyField(related_name='windows', to='maintenance.probe')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='windows_withdrawn', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-begins_at', '-id'],
                'permissions': [('approve_maintenancewindow', 'May approve a maintenance window')],
                'indexes': [models.Index(fields=['ends_at'], name='window_by_end')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='window_has_a_length')],
            },
        ),
        migrations.CreateModel(
            name='Span',
            fields=[
                ('pk', models.CompositePrimaryKey('probe_id', 'begins', blank=True, editable=False, primary_key=True, serialize=False)),
                ('begins', models.DateTimeField()),
                ('ends', models.DateTimeField()),
                ('state', models.CharField(max_length=10)),
                ('probe', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='spans', to='maintenance.probe')),
            ],
            options={
                'ordering': ['probe', 'begins'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__gt', models.F('begins'))), name='span_has_a_length')],
            },
        ),
        migrations.RunSQL(COMPONENTS, migrations.RunSQL.noop),
        migrations.RunSQL(
            triggers.create(
                "runs", RUN, ("finished_at",), ("state", "task", "dry_run", "attempt", "queued_at", "started_at")
            ),
            triggers.drop("runs", RUN),
        ),
        migrations.RunSQL(
            triggers.create("runs", OCCURRENCE, ("due_at",), ("state", "task", "decided_at", "reason", "run_id")),
            triggers.drop("runs", OCCURRENCE),
        ),
        migrations.RunSQL(
            triggers.create("findings", FINDING, ("first_seen_at", "resolved_at"), ("severity", "state")),
            triggers.drop("findings", FINDING),
        ),
    ]
