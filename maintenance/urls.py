"""URLs of the machines' floor."""

from django.urls import path

from maintenance.views import (
    finding,
    finding_accept,
    findings,
    freezes,
    next_times,
    occurrence_skip,
    run,
    run_cancel,
    run_log,
    run_report,
    run_start,
    run_webhook,
    runs,
    schedule,
    schedule_pause,
    schedule_run,
)

urlpatterns = [
    path("runs/", runs.runs, name="runs"),
    path("runs/new/", run_start.run_start, name="run_start"),
    path("runs/<int:run_id>/", run.run, name="run"),
    path("runs/<int:run_id>/progress/", run.progress, name="run_progress"),
    path("runs/<int:run_id>/log/", run_log.lines, name="run_log"),
    path("runs/<int:run_id>/log.txt", run_log.as_text, name="run_log_text"),
    path("runs/<int:run_id>/report.json", run_report.run_report, name="run_report"),
    path("runs/<int:run_id>/webhook/", run_webhook.state, name="run_webhook"),
    path("runs/<int:run_id>/webhook/resend/", run_webhook.resend, name="run_webhook_resend"),
    path("runs/<int:run_id>/cancel/", run_cancel.run_cancel, name="run_cancel"),
    path("findings/", findings.findings, name="findings"),
    path("findings/<int:finding_id>/", finding.finding, name="finding"),
    path("findings/<int:finding_id>/accept/", finding_accept.accept, name="finding_accept"),
    path("findings/<int:finding_id>/reopen/", finding_accept.reopen, name="finding_reopen"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/live/", schedule.live, name="schedule_live"),
    path("schedule/next-times/", next_times.next_times, name="next_times"),
    path("schedule/<slug:key>/pause/", schedule_pause.pause, name="schedule_pause"),
    path("schedule/<slug:key>/resume/", schedule_pause.resume, name="schedule_resume"),
    path("schedule/tasks/<int:task_id>/run/", schedule_run.schedule_run, name="schedule_run"),
    path("schedule/tasks/<int:task_id>/skip/<int:stamp>/", occurrence_skip.skip, name="occurrence_skip"),
    path("schedule/occurrences/<int:occurrence_id>/take-back/", occurrence_skip.take_back, name="occurrence_take_back"),
    path("schedule/freezes/new/", freezes.new, name="freeze_new"),
    path("schedule/freezes/<int:freeze_id>/lift/", freezes.lift, name="freeze_lift"),
]
