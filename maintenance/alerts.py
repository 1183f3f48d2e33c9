"""What maintenance tells the people's floor. The only file that calls its intake.

A task on a target has one alert, `task:<task>:<target id>`: runs that failed, timed out or were lost raise it (high),
and due times that were missed (medium); the next run that does its work clears it. A finding has one of its own,
`finding:<id>`, raised with the finding's severity when a run sees it as high or critical for the first time, cleared
when it is resolved or accepted. A probe has `probe:<id>`: an outage raises it with the probe's severity, and its end
clears it. Ids, not names: a target that is renamed keeps its ticket. Every function belongs into the transaction that
changes what it tells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from django.utils import timezone

from incidents.actions.intake import receive
from incidents.intake.alert import Alert, Reference, Status
from incidents.models import Link, Ticket
from maintenance.models import Finding, Occurrence, Outage, Run, Target
from maintenance.probes.catalog import KINDS
from maintenance.rules.alerting import MISSED_SEVERITY, RUN_SEVERITY, is_alarming, signal_of, tells_news
from maintenance.rules.run_words import WORDS, what_is_new
from zbmaint.ui.words import day, duration_in_words, label, moment

SOURCE = "maintenance"
REPORTER = "Scheduled maintenance"
PROBES = "Health probes"
# What is missed is told in the transaction that decides it.
TOLD_WITHIN: Final = dt.timedelta(minutes=1)


def run_ended(run: Run, new_findings: Sequence[Finding] = ()) -> None:
    """Tell how a run ended, and which findings it brought that raise an alert themselves."""
    signal = signal_of(run.state, dry_run=run.dry_run, news=bool(new_findings))
    told = new_findings if tells_news(run.state, dry_run=run.dry_run) else ()
    alerts = [of_finding(finding, run=run) for finding in told]
    if signal:
        alerts.append(of_run(run, "firing" if signal == "raise" else "resolved"))
    # In the order of their keys: two runs that raise the same ones cannot wait for each other.
    for alert in sorted(alerts, key=lambda alert: alert.key):
        receive(alert)


def occurrence_missed(occurrence: Occurrence) -> None:
    """Tell that a due time has passed without its run."""
    receive(of_missed(occurrence))


def findings_gone(findings: Iterable[Finding], run: Run) -> None:
    """Tell that `run` looked for these findings and does not see them any more."""
    for finding in sorted(findings, key=_finding_key):
        receive(of_finding(finding, "resolved", run=run, title=f"Resolved: {finding.title}"))


def finding_accepted(finding: Finding) -> None:
    """Tell that a person has accepted a finding: nobody has to be woken for it any more."""
    until = day(finding.accepted_until) if finding.accepted_until else "further notice"
    said = f"Accepted until {until} by {finding.accepted_by}: {finding.accepted_reason}"
    receive(of_finding(finding, "resolved", title=f"Accepted: {finding.title}", description=said))


def finding_reopened(finding: Finding) -> None:
    """Tell that a finding is not accepted any more, if it is bad enough."""
    if is_alarming(finding.state, finding.severity):
        receive(of_finding(finding))


def outage_confirmed(outage: Outage) -> None:
    """Tell that a probe is down, for certain."""
    receive(of_outage(outage, "firing"))


def outage_ended(outage: Outage) -> None:
    """Tell that what was down works again, or is not looked at any more."""
    receive(of_outage(outage, "resolved"))


def of_outage(outage: Outage, status: Status) -> Alert:
    """The alert of a probe that is down, or works again."""
    probe, kind = outage.probe, KINDS.get(outage.probe.kind)
    title, said = _of_down(outage) if status == "firing" else _of_over(outage)
    return Alert(
        key=f"probe:{probe.pk}",
        title=f"{title}{_on(probe.target)}",
        severity=probe.severity,
        status=status,
        source=SOURCE,
        reporter=PROBES,
        occurred_at=(outage.ended_at if status == "resolved" else None) or outage.started_at,
        description=said,
        tags=_tags("probe", probe.target),
        category=kind.category if kind else "infrastructure",
        references=(Reference("outage", str(outage.pk), str(outage), outage.get_absolute_url()),),
    )


def _of_down(outage: Outage) -> tuple[str, str]:
    """The title, and what is said of it."""
    probe = outage.probe
    looks = "one look" if probe.confirmations == 1 else f"{probe.confirmations} looks in a row"
    said = (
        f"Down since {moment(outage.started_at)}: {outage.reason}\n"
        f"{looks[:1].upper()}{looks[1:]}, {duration_in_words(probe.interval_seconds)} apart, failed. "
        "The first look that succeeds clears this."
    )
    return f"{probe} is down", said


def _of_over(outage: Outage) -> tuple[str, str]:
    """The title, and what is said of it."""
    probe, ended = outage.probe, outage.ended_at or timezone.now()
    lasted = duration_in_words(ended - outage.started_at)
    if probe.retired_at is not None:
        return f"{probe} is not looked at any more", f"Its probe was retired. It had been down for {lasted}."
    return f"{probe} works again", f"Down for {lasted}, from {moment(outage.started_at)} to {moment(ended)}."


def tickets_about(kind: str, ids: Sequence[str]) -> dict[str, Ticket]:
    """For each of these things (of kind `run`, `finding` or `outage`) the newest ticket linked to it. One query.

    A run is linked to a ticket when it raised, joined or cleared its alert.
    """
    links = Link.objects.filter(kind=kind, ref__in=ids).select_related("ticket").order_by("ticket__number")
    return {link.ref: link.ticket for link in links}


def tickets_of_missed(missed: Sequence[Occurrence]) -> dict[int, Ticket]:
    """By the key of each due time that was missed the ticket of its alert: the newest that was there when it was told
    and not resolved before. One query."""
    schedules = {each.schedule.key for each in missed}
    links = Link.objects.filter(kind="schedule", ref__in=schedules, ticket__source=SOURCE).select_related("ticket")
    tickets = {link.ticket for link in links} if schedules else set()
    found: dict[int, Ticket] = {}
    for each in sorted(tickets, key=lambda ticket: ticket.number):
        found |= {row.pk: each for row in missed if _told_in(row, each)}
    return found


def _told_in(occurrence: Occurrence, ticket: Ticket) -> bool:
    told = occurrence.decided_at or occurrence.start_by
    ended = ticket.resolved_at is not None and ticket.resolved_at < told
    same = ticket.key == _task_key(occurrence.task, occurrence.scheduled_task.target)
    return same and not ended and ticket.created_at <= told + TOLD_WITHIN


def of_missed(occurrence: Occurrence) -> Alert:
    """The alert of a due time that has passed without its run."""
    task, target, schedule = occurrence.task, occurrence.scheduled_task.target, occurrence.schedule
    return Alert(
        key=_task_key(task, target),
        title=f"{label(task)} missed{_on(target)}",
        severity=MISSED_SEVERITY,
        status="firing",
        source=SOURCE,
        reporter=REPORTER,
        occurred_at=occurrence.due_at,
        description=(
            f"Due {moment(occurrence.due_at)} in {schedule}, and not started: {occurrence.reason}. "
            "See whether the workers and the ticker are well, then run it by hand or wait for its next time."
        ),
        tags=_tags(task, target),
        category=_category(target),
        references=(Reference("schedule", schedule.key, f"Schedule {schedule}", schedule.get_absolute_url()),),
    )


def of_run(run: Run, status: Status) -> Alert:
    """The alert of a run that has ended."""
    words = WORDS[run.state]
    says = [what_is_new(run.state, run.verdict) or words.happened, run.error, words.todo if status == "firing" else ""]
    verb = words.label.lower() if status == "firing" else "did its work"
    return Alert(
        key=_task_key(run.task, run.target),
        title=f"{label(run.task)} {verb}{_on(run.target)}",
        severity=RUN_SEVERITY.get(run.state, MISSED_SEVERITY),
        status=status,
        source=SOURCE,
        reporter=REPORTER,
        occurred_at=run.finished_at or timezone.now(),
        description="\n".join(filter(None, says)),
        tags=_tags(run.task, run.target),
        category=_category(run.target),
        references=(_to_run(run),),
    )


def of_finding(
    finding: Finding, status: Status = "firing", *, run: Run | None = None, title: str = "", description: str = ""
) -> Alert:
    """The alert of a finding; `run` is the one that saw it, or does not see it any more."""
    fix = f"What mends it:\n{finding.fix}" if finding.fix else ""
    page = Reference("finding", str(finding.pk), finding.title, finding.get_absolute_url())
    return Alert(
        key=_finding_key(finding),
        title=f"{title or finding.title}{_on(finding.target)}",
        severity=finding.severity,
        status=status,
        source=SOURCE,
        reporter=REPORTER,
        occurred_at=(run.finished_at if run else None) or timezone.now(),
        description=description or "\n".join(filter(None, [finding.detail, fix])),
        tags=_tags(finding.task, finding.target),
        category=_category(finding.target),
        references=(page, _to_run(run)) if run else (page,),
    )


def _to_run(run: Run) -> Reference:
    return Reference("run", str(run.pk), str(run), run.get_absolute_url())


def _task_key(task: str, target: Target | None) -> str:
    return f"task:{task}:{target.pk}" if target else f"task:{task}"


def _finding_key(finding: Finding) -> str:
    return f"finding:{finding.pk}"


def _on(target: Target | None) -> str:
    return f" on {target}" if target else ""


def _tags(task: str, target: Target | None) -> tuple[str, ...]:
    return (task, target.name) if target else (task,)


def _category(target: Target | None) -> str:
    """The category of its tickets, by its key."""
    return "database" if target is not None and target.kind == Target.Kind.DATABASE else "infrastructure"
