"""Django's settings, derived from the typed environment."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from loanops.config.environment import ROOT, Environment

ENVIRONMENT = Environment()
_unsafe = ENVIRONMENT.refuse_unsafe()
if _unsafe:
    raise ImproperlyConfigured(" ".join(_unsafe))

PACKAGE = Path(__file__).resolve().parents[1]
HOME = ENVIRONMENT.home
HOME.mkdir(parents=True, exist_ok=True)
PRODUCTION = ENVIRONMENT.mode == "production"

DEBUG = False
SECRET_KEY = ENVIRONMENT.signing_key()
ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.allowed_hosts.split(",") if host.strip()]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url] if PRODUCTION else []
ROOT_URLCONF = "loanops.config.urls"
WSGI_APPLICATION = "loanops.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": ENVIRONMENT.database()}

_FLOORS = ("platform", "registry", "money", "origination", "loanbook")
_ROOMS = sorted(
    ".".join(("loanops", floor, room.parent.name))
    for floor in _FLOORS
    for room in (PACKAGE / floor).glob("*/models.py")
) + sorted(
    ".".join(("loanops", floor, room.parent.parent.name))
    for floor in _FLOORS
    for room in (PACKAGE / floor).glob("*/models/__init__.py")
)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "ninja",
    *_ROOMS,
]

MIDDLEWARE = [
    "loanops.platform.web.middleware.Observed",
    "loanops.surfaces.api.probes.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "loanops.platform.web.middleware.Answered",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            PACKAGE / "surfaces" / window / "templates" for window in ("console", "portal", "api")
        ],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {
                "loanops": "loanops.platform.web.templatetags",
                "portal": "loanops.surfaces.portal.pages.tags",
            },
            "builtins": [
                "loanops.platform.web.templatetags",
                "loanops.surfaces.console.pages.parts",
                "loanops.surfaces.console.pages.tags",
                "loanops.surfaces.console.pages.team_tags",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/console/sign-in"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/console/sign-in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# A further try while locked out begins the quarter of an hour anew.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = True
AXES_USERNAME_CALLABLE = "loanops.platform.identity.lockout.counted_name"
AXES_SENSITIVE_PARAMETERS = ["login"]
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "console/identity/locked.html"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in (PACKAGE / "surfaces").glob("*/static") if folder.is_dir()]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LOGGING_CONFIG = "loanops.platform.web.logs.configure"
LOGGING = {"level": ENVIRONMENT.log_level, "folder": str(HOME / "logs")}
SILENCED_SYSTEM_CHECKS: list[str] = []
__all__ = ["ROOT"]
