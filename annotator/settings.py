"""Every setting of the site, read once from the environment. A value that cannot be read stops the start and says which."""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings

from annotator import cluster, logs, production
from annotator.static_files import keep_for_ever_what_is_built

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """What can be given from outside; names are those of the environment variables."""

    data_dir: Path = Field(BASE_DIR / "data", description="database, media, secret key, queue")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65535)
    debug: bool = False
    secret_key: str = Field("", description="default: generated into the data folder")
    allowed_hosts: str = Field("", description="names under which the site is reached, separated by commas")
    origins: str = Field("", description="scheme://host[:port] of every page that may open our sockets, by commas")
    https: bool = Field(False, description="served over TLS: secure cookies, HSTS, redirects")
    production: bool | None = Field(
        None,
        description="refuse what is unsafe; default: where HTTPS is on, or a name in ALLOWED_HOSTS is no local one",
    )
    database_url: str = Field("", description="postgresql://...; default: SQLite in the data folder")
    database_connections: int = Field(24, ge=8, le=1000, description="at most so many to PostgreSQL, for each process")
    redis_url: str = Field("", description="redis://...; needed where several processes serve one site")
    trusted_proxies: int = Field(0, ge=0, le=9, description="how many proxies of ours add to X-Forwarded-For")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    log_format: Literal["text", "json"] = Field("text", description="lines for people, or a JSON object a line")
    otel_traces: bool = Field(False, description="send a span for each request to an OpenTelemetry collector")
    metrics_token: str = Field("", description="who brings it as a bearer token may read /metrics")
    metrics_networks: str = Field("127.0.0.0/8,::1", description="without a token: who may read /metrics, by commas")
    import_max_mb: int = Field(1024, ge=1, description="the largest file that may be uploaded for an import")

    _database_url = field_validator("database_url")(cluster.need_database_url)
    _redis_url = field_validator("redis_url")(cluster.need_redis_url)


HOLD_PASSWORDS = {"database_url", "redis_url", "secret_key"}  # what was given is not repeated on a screen or in a log

try:
    env = Environment()
except ValidationError as error:
    lines = [
        f"{name.upper()}: {e['msg']}" + ("" if name in HOLD_PASSWORDS else f" (given: {e['input']!r})")
        for e in error.errors()
        for name in ["_".join(map(str, e["loc"]))]
    ]
    raise ImproperlyConfigured("A setting cannot be read. " + "; ".join(lines)) from None


def secret_key() -> str:
    """The key from the environment, or the one in the data folder, made on the first start and readable by its owner only."""
    if env.secret_key:
        return env.secret_key
    path = env.data_dir / "secret_key"
    env.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(64))
    return key


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_superuser


def split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


given = production.Given(
    env.production, env.debug, env.https, env.host, env.secret_key, split(env.allowed_hosts), split(env.origins)
)
if refused := list(production.faults(given)):
    raise ImproperlyConfigured("This start would be unsafe and was refused. " + ". ".join(refused) + ".")

DATA_DIR = env.data_dir.resolve()
HOST, PORT, DEBUG = env.host, env.port, env.debug
PRODUCTION = given.is_production
SECRET_KEY = secret_key()
SECRET_KEY_IN_DATA_DIR = not env.secret_key
TESTING = "pytest" in sys.modules

_local = ["localhost", "127.0.0.1", "[::1]"]
_named = [] if env.host in ("0.0.0.0", "::", "") else [env.host]  # noqa: S104 (compared, not bound)
ALLOWED_HOSTS = split(env.allowed_hosts) or sorted({*_local, *_named})
# Pages of these origins may open our sockets; by default the addresses that the site itself answers on.
ORIGINS = split(env.origins) or [f"{'https' if env.https else 'http'}://{host}:{env.port}" for host in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = split(env.origins)

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "allauth",
    "allauth.account",
    "django_vite",
    "csp",
    "huey.contrib.djhuey",
    "projects",
]

MIDDLEWARE = [
    "projects.operations.requests.requests_middleware",
    "projects.operations.pages.operations_middleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "projects.admin.csp.PolicyMiddleware",  # the policy below, a little wider on the admin's pages
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "annotator.threads.InOneThread",
]

if env.otel_traces:
    if importlib.util.find_spec("opentelemetry") is None:
        raise ImproperlyConfigured("OTEL_TRACES needs more packages: pip install -r requirements-otel.txt")
    MIDDLEWARE.insert(1, "annotator.tracing.tracing_middleware")

ROOT_URLCONF = "annotator.urls"
ASGI_APPLICATION = "annotator.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": cluster.database(
        env.database_url, env.database_connections, DATA_DIR, os.environ.get("TEST_DATABASE_NAME")
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SEVERAL_PROCESSES = bool(env.redis_url)  # they hear of each other; without, one process serves a data folder
CHANNEL_LAYERS = cluster.channel_layers(env.redis_url)
CACHES = cluster.caches(env.redis_url)
HUEY = cluster.queue(env.redis_url, DATA_DIR)

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "projects.adapters.ClosedAccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
# Failed attempts: 5 in five minutes for a name, 20 in a minute from an address (a team may share one).
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.trusted_proxies  # else all who come through a proxy would share its address

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # of the workspace: frontend/src/words
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_ADD_HEADERS_FUNCTION = keep_for_ever_what_is_built
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "dist",
        "manifest_path": BASE_DIR / "static" / "dist" / ".vite" / "manifest.json",
    }
}
MEDIA_ROOT = DATA_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a field with two thousand labels is one form
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
IMPORT_MAX_BYTES = env.import_max_mb * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],  # positions and label colours; no markup can be made of them
        "style-src-elem": [SELF, NONCE],  # a nonce only on pages that ask for one: the text editor brings its own sheet
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if env.https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

UNFOLD = {
    "SITE_TITLE": "Colabel",
    "SITE_HEADER": "Colabel",
    "SITE_SUBHEADER": "Set-up",
    "SITE_URL": "/",
    "SITE_SYMBOL": "contrast",
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("admin-colabel/admin.css")],
    "COLORS": {
        "primary": {
            "50": "#f3f6ff",
            "100": "#eaefff",
            "200": "#d3ddff",
            "300": "#b1c2ff",
            "400": "#8aa4ff",
            "500": "#6b89f7",
            "600": "#3557e0",
            "700": "#2a47bd",
            "800": "#243c99",
            "900": "#21357a",
            "950": "#161f47",
        }
    },
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    {"title": title, "icon": icon, "link": link, "permission": permission, **more}
                    for title, icon, link, permission, more in (
                        ("Back to labelling", "arrow_back", reverse_lazy("my_projects"), None, {"active": False}),
                        ("Projects", "folder_open", reverse_lazy("admin:projects_project_changelist"), None, {}),
                        ("API tokens", "key", reverse_lazy("admin:projects_apitoken_changelist"), None, {}),
                        ("Users", "person", reverse_lazy("admin:auth_user_changelist"), _is_superuser, {}),
                        ("Groups", "group", reverse_lazy("admin:auth_group_changelist"), _is_superuser, {}),
                    )
                ]
            }
        ]
    },
}

METRICS_TOKEN = env.metrics_token
try:
    METRICS_NETWORKS = [ip_network(part) for part in split(env.metrics_networks)]
except ValueError as error:
    raise ImproperlyConfigured(f"A setting cannot be read. METRICS_NETWORKS: {error}") from None
REDIS_URL = env.redis_url  # /readyz looks whether it answers

LOGGING = logs.configuration(env.log_format, env.log_level)
