"""URLs of the people's floor."""

from django.urls import path

from incidents.views import ticket, ticket_new, ticket_similar

urlpatterns = [
    path("tickets/new/", ticket_new.new, name="ticket_new"),
    path("tickets/new/like/", ticket_similar.like, name="ticket_similar"),
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
]
