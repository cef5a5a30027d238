from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxJob(models.Model):
    """Work that follows an act (a PDF, a message), written in the act's own transaction so that no crash loses it."""

    class State(models.TextChoices):
        PENDING = "pending", _("等待办理")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未能完成")

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    # Every beginning counts; where they are more than the failed attempts, a worker did not come back.
    begun = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("后台任务")
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="pending"), name="outbox_pending_by_age"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "done", "failed"]), name="outbox_job_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}:{self.key}"


class Submission(models.Model):
    """A form that arrived once; the second arrival of the same form (a double click) is not carried out."""

    key = models.UUIDField(unique=True)
    path = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("已收到的表单")

    def __str__(self) -> str:
        return str(self.key)
