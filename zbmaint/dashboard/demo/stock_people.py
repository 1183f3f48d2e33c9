"""Tickets about people and their accounts, most of which tier 1 ends."""

from __future__ import annotations

from typing import Final

from zbmaint.dashboard.demo.template import CALM, SECOND, USUAL, Template

TEMPLATES: Final = (
    Template(
        "user_account",
        ("Sign-in fails for {user} since this morning", "{user} cannot sign in after the change of name"),
        "The sign-in page says **“Wrong name or password”**, on two browsers.\n\n"
        "- other people of {firm} can sign in\n- the password was changed last week\n- no VPN in between",
        ("sign-in", "accounts"),
        (
            "The account was locked after 5 tries from an old phone. Unlocked, waiting for them to try again.",
            "Their second factor is bound to a phone they no longer have. Reset it after calling back.",
            "The directory still has the old address. Corrected there, the sync runs every 15 minutes.",
        ),
        ("Account unlocked; the old phone was removed from the account.", "Second factor reset after a call back."),
        weight=9,
    ),
    Template(
        "user_account",
        ("New colleague needs an account at {firm}", "Account for {user}, who starts on Monday"),
        "Same rights as the others of the team:\n\n1. projects and messages\n2. nothing of billing\n3. German locale",
        ("accounts", "onboarding"),
        ("Asked {firm} which licence it goes on.", "Account made, invitation sent."),
        ("Account made and handed over.",),
        ("fixed", "answered"),
        severities=CALM,
        weight=6,
    ),
    Template(
        "user_account",
        ("{user} left {firm}: close the account", "Hand over the projects of {user}"),
        "Last day was yesterday. Their projects go to their team lead, the mailbox is kept for 90 days.",
        ("accounts", "offboarding"),
        ("Sessions ended, tokens revoked. Two integrations ran under this account: told {firm}.",),
        ("Account closed, projects handed over, tokens revoked.",),
        severities=USUAL,
        weight=3,
    ),
    Template(
        "user_account",
        ("Single sign-on of {firm} answers 403", "SSO: nobody of {firm} gets in"),
        "Since the change of their identity provider **nobody** of {firm} gets in.\n\n"
        "```\nSAMLResponse: audience restriction not met\nexpected: urn:zbinnovation:prod\n"
        "got:      urn:zbinnovation:test\n```",
        ("sign-in", "sso", "integrations"),
        (
            "Their new provider sends the audience of the test environment. Wrote to their administrator.",
            "Metadata fetched again: the certificate in it ends next month, they know.",
        ),
        ("The audience was corrected at {firm}.", "New metadata installed."),
        depth=SECOND,
        severities=(6, 54, 36, 4),
        weight=3,
    ),
    Template(
        "password_reset",
        ("Password reset link does not arrive", "Reset mail for {user} does not come"),
        "Asked for it three times. Not in the spam folder either.\n\n> The address is {user}@example.com",
        ("password", "mail"),
        (
            "The mail log says `550 mailbox full` for this address.",
            "Delivered at the third try: greylisting at their side.",
            "There is a typing error in the stored address.",
        ),
        ("Address corrected; the link arrived.", "Their mailbox was full. Link sent again after they made room."),
        weight=9,
    ),
    Template(
        "password_reset",
        ("Reset link says it has expired", "Password cannot be changed: link expired at once"),
        "The link is opened **within a minute** and says *expired*.",
        ("password",),
        (
            "Their mail scanner opens every link first and uses it up.",
            "Sent the code by the other way (six figures), that works.",
        ),
        ("Scanner of {firm} excluded for our links.", "Reset by code; explained why the link was used up."),
        ("fixed", "workaround", "answered"),
        weight=6,
    ),
    Template(
        "password_reset",
        ("Initial password of {user} was never used", "First password for {user}"),
        "The invitation is older than 14 days and does not work any more.",
        ("password", "onboarding"),
        ("New invitation sent.",),
        ("New invitation sent and used.",),
        severities=CALM,
        weight=4,
    ),
    Template(
        "general_inquiry",
        ("How long are exports kept?", "Question on the retention of messages", "Where is our data stored?"),
        "{firm} asks for their yearly review. A short answer by mail is enough.",
        ("questions", "compliance"),
        ("Sent the page on retention; they ask for it as PDF.",),
        ("Answered with the page on retention.", "Answered: data centre Johannesburg, backups in Nairobi."),
        ("answered",),
        severities=CALM,
        weight=5,
    ),
    Template(
        "general_inquiry",
        ("When is the next maintenance window?", "Is there an outage? {firm} asks"),
        "They saw short errors around noon and want to know whether it was planned.",
        ("questions", "status"),
        ("Nothing was planned. The errors were a deployment of 90 seconds.",),
        ("Answered; pointed them to the status page.",),
        ("answered", "no_fault"),
        severities=CALM,
        weight=4,
    ),
    Template(
        "application",
        ("Invoice {n} shows the wrong VAT number", "Invoices of {firm} miss the order number"),
        "The PDF has the old number, the page has the new one. **Month-end is on Friday.**",
        ("invoices", "billing"),
        (
            "The PDF is made once and kept. Had it made again for this invoice.",
            "All invoices since the change are concerned: 14 of them.",
        ),
        ("PDFs made again after the change of the master data.",),
        weight=6,
    ),
    Template(
        "application",
        ("Invoice mail bounces at {firm}", "Invoice {n} was sent twice"),
        "Accounting says the second one has another number.\n\n| invoice | sent |\n|---|---|\n| {n} | 08:01 |\n"
        "| {n} | 08:04 |",
        ("invoices", "mail"),
        ("The job was repeated after a time-out of the mail relay.", "Credit note written for the second one."),
        ("Credit note written; the send is now asked for once by its number.", "Address of accounting corrected."),
        depth=SECOND,
        weight=4,
    ),
)
