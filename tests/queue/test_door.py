import pytest
from django.db import transaction
from django_q.models import OrmQ

from zbmaint.queue.door import depth, enqueue

JOB = "maintenance.jobs.execute_run"


@pytest.mark.django_db(transaction=True)
class TestEnqueue:
    def test_it_commits_with_the_transaction(self) -> None:
        with transaction.atomic():
            enqueue(JOB, 1, "token", queue="long")
        row = OrmQ.objects.get()
        assert (row.key, row.func(), row.task["args"]) == ("long", JOB, (1, "token"))
        assert (depth("long"), depth("short")) == (1, 0)

    def test_it_rolls_back_with_the_transaction(self) -> None:
        with transaction.atomic():
            enqueue(JOB, 1, "token", queue="long")
            transaction.set_rollback(True)
        assert depth("long") == 0

    def test_it_refuses_to_work_outside_a_transaction(self) -> None:
        with pytest.raises(transaction.TransactionManagementError, match="inside the transaction"):
            enqueue(JOB, 1, "token", queue="long")
