"""One settings file; whatever differs between places comes from the environment (docs/decisions.md)."""

from pathlib import Path

import environ

from portal import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# Development on one machine: http, a known key, the demo. Even there people see our own error pages unless asked for otherwise.
DEVELOPMENT = env.bool("DEBUG", default=False)
DEBUG = DEVELOPMENT and env.bool("TRACEBACKS", default=False)
# A demo may move its own date forward (run_daily --on); a production portal lives in the present.
DEMO = env.bool("PORTAL_DEMO", default=DEVELOPMENT)
SECRET_KEY = (
    env("SECRET_KEY", default="for-development-on-one-machine-only-" + "0" * 32) if DEVELOPMENT else env("SECRET_KEY")
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEVELOPMENT else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
VAR_DIR = Path(env("PORTAL_VAR", default=str(BASE_DIR / "var")))
# The address under which the public reaches the portal: printed on every document, so it is never guessed from a request.
PUBLIC_URL = (
    env("PUBLIC_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}") if DEVELOPMENT else env("PUBLIC_URL")
).rstrip("/")
# The certificate with its key (PKCS#12) that signs the documents; a demo makes one for itself.
SIGNING_CERTIFICATE = env("SIGNING_CERTIFICATE", default="")
SIGNING_PASSWORD = env("SIGNING_PASSWORD", default="")

INSTALLED_APPS = [
    "portal",
    "bases",
    "agreements",
    "applications",
    "evaluations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "pgtrigger",
    "rules",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.PlainAddress",
    "portal.middleware.BusinessDate",
    "bases.middleware.ActingRole",
    "portal.middleware.CountAnew",
    "portal.middleware.DenyByDefault",
    "portal.middleware.OncePerForm",
    "portal.middleware.ExplainRefusal",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "portal.context.shell",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db_url_config(env("DATABASE_URL", default="") or embedded.database_url(VAR_DIR))}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.passwords.NotOneself"},
    {"NAME": "portal.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "portal.passwords.NotCommon"},
    {"NAME": "portal.passwords.NotNumeric"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", BASE_DIR / "node_modules/bootstrap/dist"),
    ("vendor/bootstrap-icons", BASE_DIR / "node_modules/bootstrap-icons/font"),
    ("vendor/htmx", BASE_DIR / "node_modules/htmx.org/dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# In development the files are served as they lie, without collectstatic.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
MEDIA_ROOT = VAR_DIR / "files"
MEDIA_URL = ""
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", default=20)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A page of the application form with its tables full has some 3,000 cells.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 8_000

REDIS_URL = env("REDIS_URL", default="") or embedded.redis_url(VAR_DIR)
THROTTLE_STORAGE = REDIS_URL
# The largest number that a visitor's browser must try before a public form: some 15,000 sums, a second on a telephone.
HUMAN_CHECK_WORK = env.int("HUMAN_CHECK_WORK", default=30_000)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# What a worker has fetched ahead, nothing more urgent can overtake.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Typesetting leaves memory behind; a process that has grown past this many KiB is replaced after its task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# How long the number beside 待办 may be as it was, on pages other than the inbox and while its person sends nothing.
INBOX_COUNT_SECONDS = env.int("INBOX_COUNT_SECONDS", default=60)
# A PDF or a workbook takes seconds; after this a page stops asking for it and says that it is late.
PAPER_PATIENCE_SECONDS = env.int("PAPER_PATIENCE_SECONDS", default=300)
SESSION_COOKIE_AGE = env.int("SESSION_MINUTES", default=120) * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEVELOPMENT
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# How many of our own proxies add the address that they see to X-Forwarded-For; 0 believes the connection alone.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if BEHIND_PROXY else 0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Scripts come from our own files alone; Bootstrap's icons are data: addresses, a few pages carry a style of their own.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "object-src": ["'none'"],
        "frame-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Footer places that a public-sector site must fill in.
SITE_ICP = env("SITE_ICP", default="")
SITE_POLICE = env("SITE_POLICE", default="")
SITE_GOV_CODE = env("SITE_GOV_CODE", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # An error is reported once, on the console; nobody is mailed.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"propagate": False},
        "django.request": {"level": "ERROR"},
        # What is wrong with a stranger's certificate is said on the page that asked.
        "pyhanko": {"level": "CRITICAL"},
    },
}
