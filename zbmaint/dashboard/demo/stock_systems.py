"""Tickets about servers, databases, security and architecture, which often go up to tier 3."""

from __future__ import annotations

from typing import Final

from zbmaint.dashboard.demo.template import CALM, GRAVE, SECOND, THIRD, USUAL, Template

TEMPLATES: Final = (
    Template(
        "infrastructure",
        ("Certificate of api.zbinnovation.example ends in 6 days", "Certificate of {host} has ended"),
        "```\nnotAfter=in 6 days\nissuer=Example CA G2\n```\n\nThe renewal by itself failed twice.",
        ("certificates", "tls"),
        (
            "The challenge goes to the old load balancer. DNS entry changed, TTL is 1 h.",
            "Renewed by hand, installed on both nodes.",
        ),
        ("Renewed; the renewal by itself works again.",),
        depth=SECOND,
        severities=GRAVE,
        weight=4,
    ),
    Template(
        "infrastructure",
        ("{host} answers no health checks", "{host} restarts every few minutes"),
        "Taken out of the pool by itself. The others carry the load.\n\n- last line of the log: `Out of memory: Killed "
        "process {n}`\n- memory limit 4 GB",
        ("hosts", "memory"),
        (
            "The image resizer keeps every picture of a request in memory.",
            "Memory limit raised to 6 GB to get through the day.",
        ),
        ("Resizer streams now; limit is back at 4 GB.", "Node replaced."),
        depth=THIRD,
        severities=(9, 56, 30, 5),
        weight=5,
    ),
    Template(
        "infrastructure",
        ("Disk of {host} is 91 % full", "Log volume of {host} fills up"),
        "Grows by 2 GB a day since the release.\n\n```\n/dev/sdb1  200G  182G  18G  91% /var/log\n```",
        ("hosts", "disk"),
        ("Debug logging was left on in 4.2.", "Old logs compressed, 40 GB free again."),
        ("Log level put back, rotation is daily.",),
        depth=SECOND,
        weight=5,
    ),
    Template(
        "infrastructure",
        ("Jobs wait for hours on queue-1", "Workers of queue-1 are gone"),
        "{n} jobs wait, none is worked on. Reports and exports are concerned.",
        ("queue", "workers"),
        ("Two of eight workers hang in a DNS look-up without time-out.", "Restarted them, the queue moves."),
        ("Time-out for look-ups set to 2 s; workers replaced.",),
        depth=THIRD,
        severities=GRAVE,
        weight=3,
    ),
    Template(
        "database",
        ("Deadlocks in public.messages", "Many deadlocks since the release"),
        "```\nERROR:  deadlock detected\nDETAIL:  Process {n} waits for ShareLock on transaction 8812;\n```\n\n"
        "About **40 an hour**; people see *try again*.",
        ("database", "locks"),
        (
            "Two actions lock message and thread in opposite order.",
            "Order made the same in a branch; test reproduces it before and not after.",
        ),
        ("Rows are locked in the order of their ids. No deadlock for 24 h.",),
        depth=THIRD,
        severities=GRAVE,
        weight=3,
    ),
    Template(
        "database",
        ("Replica lags by 20 minutes", "Reports are from yesterday: replica lags"),
        "`replay_lag` of db-2 grows since 04:00. Primary is fine.",
        ("database", "replication"),
        (
            "A report holds the replay back (`max_standby_streaming_delay = 30min`).",
            "Report cancelled, lag falls.",
        ),
        ("Long reports go to their own replica.", "Delay set to 5 min."),
        depth=THIRD,
        weight=4,
    ),
    Template(
        "database",
        ("Backup of db-1 is missing", "Backup check: {host} has none of last night"),
        "The job says *done*, the store has **no file**.",
        ("backups", "database"),
        (
            "The store was full; the job does not look at the answer of the upload.",
            "Backup made by hand: 42 GB, checked.",
        ),
        ("Room made, upload is checked by size and sum now.",),
        depth=THIRD,
        severities=GRAVE,
        weight=3,
    ),
    Template(
        "database",
        ("A row of {firm} has vanished", "Restore a deleted project of {firm}"),
        "Deleted by mistake on Monday. They know that comments since then are lost.",
        ("backups", "restore"),
        ("Restored the backup of Sunday beside, project found.", "Copied over with its files, {n} rows."),
        ("Project restored from the backup.",),
        depth=SECOND,
        severities=USUAL,
        weight=3,
    ),
    Template(
        "security",
        ("Phishing mail in our name reported by {firm}", "Suspicious sign-ins for {user}"),
        "Sign-ins from three countries within the hour:\n\n1. Harare\n2. an address of a hosting company\n3. again",
        ("security", "sign-in"),
        ("Sessions ended, password reset forced, second factor was on.", "Address blocked at the edge."),
        ("No access to data; account secured.", "Reported to the hoster, domain is down."),
        ("fixed", "fixed", "no_fault"),
        depth=SECOND,
        severities=GRAVE,
        weight=4,
    ),
    Template(
        "security",
        ("Advisory for the image library of {host}", "Dependency with a known vulnerability in 4.2"),
        "CVE of last night, CVSS 8.1. We use the function concerned **for uploads**.",
        ("security", "patches"),
        ("Upgrade tested on app-1.", "Not reachable from outside: the worker has no network."),
        ("Upgraded on all hosts.",),
        depth=THIRD,
        severities=GRAVE,
        weight=2,
    ),
    Template(
        "architecture",
        ("Sessions do not survive a change of the data centre", "Decide where files of {firm} are kept"),
        "Comes up with every fail-over test. A decision is needed, not a patch.\n\n- option A: sticky sessions\n"
        "- option B: shared store",
        ("architecture", "failover"),
        ("Measured B: 1.2 ms a request. Proposal is with the architects.",),
        ("Decided for B; planned for 4.3.",),
        ("answered", "workaround"),
        depth=THIRD,
        severities=CALM,
        weight=2,
    ),
)
