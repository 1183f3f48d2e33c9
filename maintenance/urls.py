"""URLs of the machines' floor."""

from django.urls import path

from maintenance.views import run, run_cancel, run_log, run_report, run_start, runs

urlpatterns = [
    path("runs/", runs.runs, name="runs"),
    path("runs/new/", run_start.run_start, name="run_start"),
    path("runs/<int:run_id>/", run.run, name="run"),
    path("runs/<int:run_id>/progress/", run.progress, name="run_progress"),
    path("runs/<int:run_id>/log/", run_log.lines, name="run_log"),
    path("runs/<int:run_id>/log.txt", run_log.as_text, name="run_log_text"),
    path("runs/<int:run_id>/report.json", run_report.run_report, name="run_report"),
    path("runs/<int:run_id>/cancel/", run_cancel.run_cancel, name="run_cancel"),
]
