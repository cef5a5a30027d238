from agreements.models.grant import Grant
from agreements.models.revision import AgreementRevision

__all__ = ["AgreementRevision", "Grant"]
