"""What a person says to keep a view of the queue."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from incidents.actions import saved_views
from incidents.forms.queue_filter import QueueFilter
from incidents.models import SavedView
from zbmaint.access.models import Person

GONE = "This form has been changed on its way. Open the queue again and save its view there."


class SavedViewForm(forms.Form):
    """A name; and which queue with which filters it is. One that the person has already is replaced only knowingly."""

    name = forms.CharField(
        max_length=saved_views.LONGEST_NAME,
        help_text="It stands under this name in your navigation.",
        error_messages={"required": "Give it a name."},
    )
    replace = forms.BooleanField(required=False, widget=forms.HiddenInput, label="Replace the view of this name")
    tab = forms.CharField(widget=forms.HiddenInput, error_messages={"required": GONE})
    query = forms.CharField(required=False, widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(self, *args: object, person: Person, tabs: frozenset[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what a form takes
        self._person, self._tabs = person, tabs

    def clean_tab(self) -> str:
        """One of the queues."""
        tab: str = self.cleaned_data["tab"]
        if tab not in self._tabs:
            raise ValidationError(GONE)
        return tab

    def clean_query(self) -> str:
        """The filters as the queue itself writes them."""
        filters = QueueFilter(QueryDict(self.cleaned_data["query"]), self._person)
        if filters.errors:
            raise ValidationError(filters.errors)
        return filters.query()

    def clean(self) -> None:
        """Ask before a view of the same name is lost."""
        name = saved_views.as_kept(self.cleaned_data.get("name", ""))
        taken = SavedView.objects.filter(person=self._person, name=name).exists()
        if taken and not self.cleaned_data.get("replace"):
            self.fields["replace"].widget = forms.CheckboxInput()
            self.add_error("name", f"You have a view “{name}”. Give this one another name, or let it replace that one.")
