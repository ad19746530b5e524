"""Settings, all from the environment (design 10): DATABASE_URL, SECRET_KEY, ALLOWED_HOSTS, DJANGO_DEBUG, EMAIL_URL.

With DJANGO_DEBUG=1 all but DATABASE_URL have defaults for one laptop. Without it a missing or weak one raises
ImproperlyConfigured with one line that says what to set.
"""

from pathlib import Path
from typing import Any

from immyrbac import environment

BASE_DIR = Path(__file__).resolve().parent.parent

# The environment
DEBUG = environment.debug()
SECRET_KEY = environment.secret_key(debug=DEBUG)
SECRET_KEY_FALLBACKS = environment.secret_key_fallbacks()
ALLOWED_HOSTS = environment.allowed_hosts(debug=DEBUG)
DATABASES = {"default": environment.database()}
EMAIL_SETTINGS = environment.email(debug=DEBUG)
globals().update(EMAIL_SETTINGS)

# What runs
INSTALLED_APPS = [
    "immyrbac",
    "rbac",
    "computers.schedules",
    "computers.maintenance",
    "computers.agents",
    "computers.deployments",
    "computers",
    "accounts",
    "tenancy",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "guardian",
    "procrastinate.contrib.django",
    "template_partials",
]
MIDDLEWARE = [
    *([] if DEBUG else ["immyrbac.security.ClientAddressMiddleware"]),
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "immyrbac.security.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rbac.middleware.AccessMiddleware",
]
ROOT_URLCONF = "immyrbac.urls"
WSGI_APPLICATION = "immyrbac.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.static", "immyrbac.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "immyrbac.widgets.Renderer"
FILE_UPLOAD_HANDLERS = [
    "immyrbac.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CSRF_FAILURE_VIEW = "immyrbac.http.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # toasts name people: not into a cookie

# Data. What is uploaded has no address: a view that asks for the right hands it out.
MEDIA_ROOT = environment.media_root(BASE_DIR / "var" / "media")
UPLOAD_LIMIT = environment.upload_limit()
OUTPUT_DAYS = environment.output_days()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # above it entries are thrown out: nobody may flood their own count away
    }
}

# Jobs (docs/decisions/invitations.md): `jobs.py` of each app. No job is read or run by a request.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

# Who signs in. One backend alone: another would load users that ours refuses (stack.md, trap 10).
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["rbac.backends.AccessBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 72 * 3600
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.sign_in.SignInForm",
    "reauthenticate": "accounts.forms.passwords.ProofPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # without the password allauth would sign in by mailed codes
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by administrators, never by sign-up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",  # a key is an account's address, there or not
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "reset_password": "10/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
    "single_sign_on": "30/m/ip",  # going to the provider and coming back count each
    "single_sign_on_way": "10/m/ip,3/10m/key",
    "ask_for_access": "10/h/user",
    "ask_as_stranger": "5/h/ip,3/h/key",  # a key is an address as it was typed, an account's or not
    "ask_as_anybody": "60/h/key",  # all strangers together: who may answer reads a mail for each
}
FETCHES_LOOPBACK = DEBUG  # whether a provider of single sign-on may stand on this machine, by http
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds for which a sign-in or a proof of who one is counts
MFA_ADAPTER = "accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True  # a key that asks for a finger, a face or a PIN is two factors at once
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are an administrator's to set, allauth's table of them is empty
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}  # the challenge and the answer count each
MFA_FORMS = {
    "add_webauthn": "accounts.forms.factors.PasskeyForm",
    "authenticate_webauthn": "accounts.forms.factors.SecondKeyForm",
    "login_webauthn": "accounts.forms.factors.SignInKeyForm",
    "reauthenticate_webauthn": "accounts.forms.factors.ProofKeyForm",
    "authenticate": "accounts.forms.factors.SignInCodeForm",
    "reauthenticate": "accounts.forms.factors.ProofCodeForm",
}
SESSION_ENGINE = "accounts.session_store"
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser,
SESSION_COOKIE_AGE = 12 * 3600  # or after so many seconds without a request
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# django-guardian: only its models and assign / remove (design 4)
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False

SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # its backend must not be hooked: it knows no deny and no expiry, ours alone decides (design 4)
    "security.W005",  # HSTS binds this host alone: what its subdomains serve is not ours to say
    "security.W021",  # and preloading is a public promise that only the owner of the domain can make
]

# Time and language
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-gb"

# Static files: as they are while developing, hashed and compressed otherwise
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}

# Transport. Production stands behind a proxy that ends TLS and overwrites X-Forwarded-* (docs/operator.md).
SECURE_PROXY_SSL_HEADER = None if DEBUG else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_NAME = "sessionid" if DEBUG else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEBUG else "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

LOGGING_CONFIG = "immyrbac.logs.configure"
LOGGING = {"json": not DEBUG}
