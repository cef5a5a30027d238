from collections.abc import Mapping

from django.db import models, transaction
from django.db.models import Q, Subquery
from django.utils.translation import gettext_lazy as _


class RegulationTextManager(models.Manager["RegulationText"]):
    """Editions are added whole and never changed; the last one is shown."""

    def current(self) -> models.QuerySet["RegulationText"]:
        """The official wording that is shown: the rows of the last edition loaded, or none."""
        newest = self.order_by("-edition").values("edition")[:1]
        return self.filter(edition=Subquery(newest))

    @transaction.atomic
    def add_edition(self, *, wording: Mapping[str, str], source_name: str, sha256: str) -> tuple[int, bool]:
        """Store a whole edition after the earlier ones; returns its number and whether it is new.

        A file that is the last edition already is not stored again. One that an even earlier edition was loaded from
        is: that is how a mistaken edition is taken back. Raises IntegrityError if somebody else adds one meanwhile.
        """
        last = self.order_by("-edition").first()
        if last is not None and last.sha256 == sha256:
            return last.edition, False
        edition = last.edition + 1 if last is not None else 1
        self.bulk_create(
            RegulationText(edition=edition, article=key, wording=text, source_name=source_name, sha256=sha256)
            for key, text in wording.items()
        )
        return edition, True


class RegulationText(models.Model):
    """The official wording of one article ("8") or item ("8(2)") in one edition, as ``load_regulation`` read it."""

    edition = models.PositiveSmallIntegerField(_("版次"))
    article = models.CharField(_("条款"), max_length=8)
    wording = models.TextField(_("官方文本"))
    source_name = models.CharField(_("来源文件"), max_length=255)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(_("载入时间"), auto_now_add=True)

    objects = RegulationTextManager()

    class Meta:
        verbose_name = _("管理办法官方文本")
        constraints = [
            models.UniqueConstraint(fields=["edition", "article"], name="regulation_text_once_per_edition"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="regulation_text_edition_counts_from_one"),
            models.CheckConstraint(
                condition=Q(article__regex=r"^[0-9]{1,2}(\([0-9]{1,2}\))?$"), name="regulation_text_article_is_a_key"
            ),
            models.CheckConstraint(condition=~Q(wording=""), name="regulation_text_is_not_empty"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="regulation_text_sha256_is_a_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article} #{self.edition}"
