"""What an administrator should know before the portal runs: about the certificate that signs, and the address on the documents."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info, register
from django.utils.translation import gettext as _

from portal import signing

_SOON = timedelta(days=30)


@register
def signing_certificate(**kwargs: Any) -> list[CheckMessage]:
    """A certificate that cannot be used is an error; without one the portal runs, and its documents say that they are unsigned."""
    if not settings.SIGNING_CERTIFICATE:
        if settings.DEMO:
            return []
        hint = _("在 SIGNING_CERTIFICATE 中写明 PKCS#12 证书文件的路径，在 SIGNING_PASSWORD 中写明它的密码。")
        return [Info(_("没有设置签名证书：签发的 PDF 不带电子签名，核验页会如实说明。"), hint=hint, id="portal.I001")]
    try:
        found = signing.certificate()
    except signing.BrokenCertificate as error:
        hint = _("请检查 SIGNING_CERTIFICATE 的路径、文件的读取权限和 SIGNING_PASSWORD。")
        return [Error(_("签名证书不能使用：%(why)s") % {"why": error}, hint=hint, id="portal.E001")]
    ends = found.not_valid_after_utc if found else None
    if ends and ends < datetime.now(UTC) + _SOON:
        words = _("签名证书到 %(day)s 为止，请及时更换。") % {"day": ends.date().isoformat()}
        return [checks.Warning(words, id="portal.W001")]
    return []


@register
def public_address(**kwargs: Any) -> list[CheckMessage]:
    """What stands on every document must lead to the portal, also in years: an https address."""
    if settings.DEVELOPMENT or settings.PUBLIC_URL.startswith("https://"):
        return []
    words = _("PUBLIC_URL 不是 https 地址：%(url)s。它印在每一份文书的二维码里。") % {"url": settings.PUBLIC_URL}
    return [Error(words, hint=_("请写成公众访问本平台的地址，例如 https://portal.example.cn。"), id="portal.E002")]
