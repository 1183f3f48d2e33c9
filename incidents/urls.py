"""URLs of the people's floor."""

from django.urls import path

from incidents.views import queue, ticket, ticket_new, ticket_similar

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/<str:tab>/", queue.queue_tab, name="queue_tab"),
    path("queue/<str:tab>/changes/", queue.queue_changes, name="queue_changes"),
    path("tickets/new/", ticket_new.new, name="ticket_new"),
    path("tickets/new/like/", ticket_similar.like, name="ticket_similar"),
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
]
