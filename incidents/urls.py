"""URLs of the people's floor."""

from django.urls import path

from incidents.views import (
    queue,
    queue_csv,
    ticket,
    ticket_assign,
    ticket_claim,
    ticket_comment,
    ticket_edit,
    ticket_hand,
    ticket_link,
    ticket_new,
    ticket_pause,
    ticket_similar,
    ticket_status,
    ticket_watch,
    vendor_seen,
)

urlpatterns = [
    path("queue.csv", queue_csv.queue_csv, name="queue_csv"),
    path("queue/", queue.queue, name="queue"),
    path("queue/<str:tab>/", queue.queue_tab, name="queue_tab"),
    path("queue/<str:tab>/changes/", queue.queue_changes, name="queue_changes"),
    path("tickets/new/", ticket_new.new, name="ticket_new"),
    path("tickets/new/like/", ticket_similar.like, name="ticket_similar"),
    path("tickets/vendors/<int:escalation_id>/seen/", vendor_seen.seen, name="vendor_seen"),
    path("tickets/<int:number>/", ticket.ticket, name="ticket"),
    path("tickets/<int:number>/clocks/", ticket.clocks, name="ticket_clocks"),
    path("tickets/<int:number>/activity/", ticket.activity, name="ticket_activity"),
    path("tickets/<int:number>/comments/", ticket_comment.comment, name="ticket_comment"),
    path("tickets/<int:number>/edit/", ticket_edit.edit, name="ticket_edit"),
    path("tickets/<int:number>/claim/", ticket_claim.claim, name="ticket_claim"),
    path("tickets/<int:number>/assign/", ticket_assign.assign, name="ticket_assign"),
    path("tickets/<int:number>/escalate/", ticket_hand.escalate, name="ticket_escalate"),
    path("tickets/<int:number>/hand-back/", ticket_hand.hand_back, name="ticket_hand_back"),
    path("tickets/<int:number>/vendor/", ticket_hand.vendor, name="ticket_vendor"),
    path("tickets/<int:number>/pause/", ticket_pause.pause, name="ticket_pause"),
    path("tickets/<int:number>/resume/", ticket_pause.resume, name="ticket_resume"),
    path("tickets/<int:number>/resolve/", ticket_status.resolve, name="ticket_resolve"),
    path("tickets/<int:number>/close/", ticket_status.close, name="ticket_close"),
    path("tickets/<int:number>/reopen/", ticket_status.reopen, name="ticket_reopen"),
    path("tickets/<int:number>/link/", ticket_link.link, name="ticket_link"),
    path("tickets/<int:number>/watch/", ticket_watch.watch, name="ticket_watch"),
    path("tickets/<int:number>/unwatch/", ticket_watch.unwatch, name="ticket_unwatch"),
]
