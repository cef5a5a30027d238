import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError as NumberError


def credit_code_holds(value: str) -> bool:
    """Whether a 统一社会信用代码 is well formed and its check digit right (GB 32100-2015)."""
    return bool(uscc.is_valid(value)) and uscc.compact(value) == value


def validate_credit_code(value: str) -> None:
    """Refuse a 统一社会信用代码 whose length, characters or check digit (GB 32100-2015) are wrong."""
    try:
        clean = uscc.validate(value)
    except NumberError:
        raise ValidationError(
            _("统一社会信用代码“%(value)s”不正确：应为 18 位，且末位校验码要相符。请对照营业执照或法人证书核对。")
            % {"value": value[:30]},
            code="credit_code",
        ) from None
    if clean != value:
        raise ValidationError(_("统一社会信用代码请用大写字母，中间不留空格。"), code="credit_code_form")


def validate_credit_code_form(value: str) -> None:
    """Refuse what cannot be a 统一社会信用代码 at all: GB 32100 has 18 digits and capitals, without I, O, S, V and Z."""
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", value):
        raise ValidationError(
            _("统一社会信用代码“%(value)s”不正确：应为 18 位数字和大写字母，不含 I、O、S、V、Z。请对照证照核对。")
            % {"value": value[:30]},
            code="credit_code_form",
        )


def validate_no_id_card(value: str) -> None:
    """Refuse a text that carries an ID-card number: the portal does not collect them."""
    # Also one that was written in groups: 150102 1990 0101 0019.
    written = re.sub(r"(?<=[0-9])[\s·.\-－—]+(?=[0-9Xx])", "", value)
    for start in range(len(written) - 17):
        if ric.is_valid(written[start : start + 18]):
            raise ValidationError(_("内容中含有居民身份证号，平台不收集身份证号，请删去后再保存。"), code="id_card")
