import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal import codes


class IssuedRecord(models.Model):
    """A document that was issued, as the public page vouches for it: what it is, by whom and when, and whether it was withdrawn.

    Everything is written down as it stood on the paper. A record never changes and never goes; it can be withdrawn, once.
    """

    code = models.CharField(_("核验码"), max_length=12, unique=True, default=codes.new, editable=False)
    kind = models.CharField(_("文书种类"), max_length=40)
    title = models.CharField(_("标题"), max_length=200)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    issuer = models.CharField(_("签发单位"), max_length=120)
    issued_on = models.DateField(_("签发日期"))
    # Of a paper that names people outsiders learn that it is genuine, not what it is called.
    is_public = models.BooleanField(_("公开标题"), default=True)
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("撤回原因"), max_length=500, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("签发记录")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=rf"^[{codes.ALPHABET}]{{{codes.LENGTH}}}$"), name="issued_code_well_formed"
            ),
            models.CheckConstraint(
                condition=~Q(kind="") & ~Q(title="") & ~Q(issuer=""), name="issued_record_says_what_and_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="withdrawn_record_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("issued_on")),
                name="withdrawn_after_it_was_issued",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="issued_records_stay", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="issued_records_change_by_withdrawal_alone",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["withdrawn_on", "withdrawn_reason"]),
            ),
            pgtrigger.Protect(
                name="withdrawal_is_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{codes.grouped(self.code)} {self.title}"

    @property
    def shown_code(self) -> str:
        """The code in its printed form."""
        return codes.grouped(self.code)


class IssuedCopy(models.Model):
    """The exact bytes of an issued document, by their SHA-256: as the portal made it, or a scan with seal that was filed later."""

    class Kind(models.TextChoices):
        GENERATED = "generated", _("平台生成的文件")
        SCAN = "scan", _("盖章扫描件")

    record = models.ForeignKey(IssuedRecord, on_delete=models.PROTECT, related_name="copies")
    kind = models.CharField(_("来源"), max_length=10, choices=Kind)
    sha256 = models.CharField(max_length=64, db_index=True)
    # Whose certificate the portal signed it with; empty where it has no electronic signature.
    signed_by = models.CharField(_("电子签名人"), max_length=200, blank=True)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("签发文件")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["record", "sha256"], name="copy_once_per_record"),
            models.UniqueConstraint(
                fields=["record"], condition=Q(kind="generated"), name="one_generated_copy_per_record"
            ),
            models.CheckConstraint(condition=Q(kind__in=["generated", "scan"]), name="copy_kind_known"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="copy_has_its_hash"),
            models.CheckConstraint(
                condition=Q(signed_by="", certificate_sha256="")
                | (~Q(signed_by="") & Q(certificate_sha256__regex="^[0-9a-f]{64}$")),
                name="signed_copy_names_its_certificate",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="issued_copies_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:12]}"
