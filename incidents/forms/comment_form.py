"""A comment, as it is written."""

from __future__ import annotations

from django import forms

from incidents.forms.fields import LongTextField


class CommentForm(forms.Form):
    """What somebody says about a ticket."""

    text = LongTextField(rows=3, label="Add a comment", help_text="An internal note, in Markdown.")
    use_required_attribute = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own
        self.fields["text"].widget.attrs["placeholder"] = "What did you find, and what happens next?"
