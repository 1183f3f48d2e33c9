"""URLs of the people's floor."""

from django.urls import path

from incidents.views import ticket

urlpatterns = [
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
]
