"""To whom a report is sent. The action decides; this form reads."""

from __future__ import annotations

from django import forms


class SendReportForm(forms.Form):
    """Addresses, one a line."""

    to = forms.CharField(
        label="E-mail addresses",
        max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="One on each line. Every delivery is listed here and under Notices.",
        error_messages={"required": "Write at least one e-mail address."},
    )

    def addresses(self) -> list[str]:
        """What was written, line by line; commas and semicolons part lines too."""
        text: str = self.cleaned_data["to"]
        return [line.strip() for line in text.replace(",", "\n").replace(";", "\n").splitlines() if line.strip()]
