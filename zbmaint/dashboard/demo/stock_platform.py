"""Tickets about the application, which tier 2 often ends."""

from __future__ import annotations

from typing import Final

from zbmaint.dashboard.demo.template import CALM, FIRST, GRAVE, SECOND, THIRD, Template

TEMPLATES: Final = (
    Template(
        "application",
        ("Uploads above 20 MB stop half way", "Upload of a video fails at {firm}"),
        "The bar stops at about 60 % and nothing happens.\n\n```\nPUT {path} 413 Request Entity Too Large\n"
        "x-request-id: {n}-a9f2\n```",
        ("uploads", "files"),
        (
            "Only through their proxy; direct uploads work. The proxy cuts at 20 MB.",
            "`client_max_body_size` on edge-1 is 20m, on the others 200m.",
        ),
        ("Limit on edge-1 set like on the others.", "Their proxy was the limit; they raised it."),
        depth=SECOND,
        weight=5,
    ),
    Template(
        "application",
        ("Search does not find new projects", "Search finds nothing with umlauts", "Search shows deleted messages"),
        "What was made since yesterday is not found, older things are.\n\n1. make a project\n2. search for its name\n"
        "3. *nothing found*",
        ("search",),
        (
            "The indexer is {n} documents behind; its queue moves again since the restart.",
            "Analyser of the new index has no folding for umlauts.",
        ),
        ("Indexer restarted, backlog worked off.", "Index rebuilt with the right analyser."),
        depth=SECOND,
        weight=5,
    ),
    Template(
        "application",
        ("Notifications arrive hours late", "E-mail notifications of {firm} are missing"),
        "Mentions come by mail **3 to 4 hours late**, in the browser at once.",
        ("mail", "notifications"),
        (
            "Mail queue on queue-1: {n} waiting, one relay refuses with `421 too many connections`.",
            "Relay 2 taken out, the queue empties.",
        ),
        ("Second relay replaced; queue is empty.", "Rate at the relay lowered below its limit."),
        depth=SECOND,
        weight=5,
    ),
    Template(
        "application",
        ("Export to CSV has no header", "Export of {n} rows stops without a word"),
        "The file ends in the middle of a line. Smaller exports are complete.",
        ("exports", "files"),
        ("Reproduced with 50,000 rows: the worker reaches its memory limit.",),
        ("Exports are written in pieces from 10,000 rows on.", "Gave them the export from the replica."),
        depth=SECOND,
        weight=3,
    ),
    Template(
        "bug",
        ("Date picker shows the wrong week", "Button Save does nothing on a phone", "Page of a member is empty"),
        "Seen on Firefox and Chrome, with and without extensions.\n\n- version 4.2.{n}\n- since the release of Tuesday",
        ("frontend", "release"),
        ("Reproduced. The week begins on Sunday for en-ZA.", "Error in the console: `t is undefined (list.js:212)`."),
        ("Fixed with release 4.2.1.", "Fixed; was a missing locale."),
        ("fixed", "fixed", "not_reproduced", "duplicate"),
        depth=SECOND,
        severities=CALM,
        weight=6,
    ),
    Template(
        "bug",
        ("Comments appear twice", "Comment is lost when the connection drops"),
        "Happens when *Send* is pressed twice. The second one stays after a reload.",
        ("frontend", "comments"),
        ("The request has no idempotency key in the mobile client.",),
        ("Mobile client sends a key now.", "Could not be seen again with the newest client."),
        ("fixed", "not_reproduced"),
        depth=SECOND,
        weight=3,
    ),
    Template(
        "bug",
        ("Error 500 when a project is renamed", "Error 500 on {path}"),
        '```\nTraceback (most recent call last):\n  File "projects/actions.py", line 118, in rename\n'
        "    slug = unique_slug(name)\nRecursionError: maximum recursion depth exceeded\n```\n\n"
        "About {n} times since the release.",
        ("backend", "release"),
        (
            "Names of 200 equal characters never get a unique slug. Test written.",
            "Only with names that end in a hyphen.",
        ),
        ("Fixed in `unique_slug`, released as 4.2.2.",),
        depth=THIRD,
        severities=GRAVE,
        weight=4,
    ),
    Template(
        "performance",
        ("API answers slowly: {path} takes 8 s", "API is slow for {firm}", "Response times of {path} have doubled"),
        "p95 over the last hour:\n\n| path | before | now |\n|---|---|---|\n| `{path}` | 0.4 s | 8.1 s |\n"
        "| others | 0.2 s | 0.2 s |",
        ("api", "latency"),
        (
            "```sql\nSELECT count(*) FROM pg_locks WHERE NOT granted;\n-- 41\n```\nThey all wait for one migration.",
            "Plan changed after the statistics: sequential scan on `public.events`.",
            "One client sends {n} calls a minute. Limited to 300.",
        ),
        ("Statistics target raised for `events.kind`, plan is good again.", "Client limited; told {firm} why."),
        depth=SECOND,
        severities=GRAVE,
        weight=6,
    ),
    Template(
        "performance",
        ("Pages load slowly in the morning", "Dashboard of {firm} takes 20 seconds"),
        "Between 07:30 and 08:30 UTC, every working day.",
        ("latency", "dashboard"),
        ("The nightly report still runs then and keeps the pool full.", "Cache is cold after the restart at 07:00."),
        ("Report moved to 02:00.", "Cache is warmed after the restart."),
        depth=SECOND,
        weight=4,
    ),
    Template(
        "integration",
        ("Webhook of {firm} gets no events", "Webhooks are delivered twice"),
        "Since 06:00 nothing arrives. Their endpoint answers 200 to a test.\n\n```\nPOST https://hooks.example/in\n"
        "x-event: project.updated\nattempt: {n}\n```",
        ("webhooks", "integrations"),
        (
            "Their certificate ended; our sender switched the hook off after 20 failures.",
            "Delivery paused by the breaker. Switched on again, backlog goes out.",
        ),
        ("Hook switched on after their certificate was renewed.", "Receiver answers within 10 s now."),
        depth=SECOND,
        weight=5,
    ),
    Template(
        "integration",
        ("Calendar sync of {firm} has stopped", "Token of the CRM connector is refused"),
        "The connector says `invalid_grant`. It worked for months.",
        ("integrations", "tokens"),
        ("The person who had granted it has left {firm}. They have to grant it again.",),
        ("Granted again under a service account.",),
        depth=SECOND,
        weight=4,
    ),
    Template(
        "other",
        (
            "Phone line of the desk rings into nothing",
            "Printer label template is out of date",
            "Noise in the standby room",
        ),
        "Reported in passing, nobody is blocked.",
        ("office",),
        ("Passed on to facilities.",),
        ("Facilities have done it.", "Nothing to do for us."),
        ("answered", "no_fault"),
        depth=FIRST,
        severities=CALM,
        weight=2,
    ),
)
