"""A landing page with a form in Django: a lead in SQLite, and links to where the visitor came from.

Run it with ``uvicorn --factory django_app:create_app``, then visit http://127.0.0.1:8000/?utm_source=news. A project
has its settings, models, views and URLs in files of their own, and migrations; here they stand together.
"""

# mypy: allow-subclassing-any

import json
from collections.abc import Callable

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from attribution_campaign_context import AttributionMiddleware, CapturePolicy, Linker
from attribution_campaign_context.integrations.django import DjangoLinks, engine_of
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder

SOUND = CapturePolicy()  # where the law asks for consent: CapturePolicy(consent=…)

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "leads.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()


class Lead(models.Model):
    """Somebody who filled in the form."""

    email = models.TextField()

    class Meta:
        """Where it lies."""

        app_label = "shop"
        db_table = "leads"


def page(_request: HttpRequest) -> HttpResponse:
    """The landing page."""
    return HttpResponse("<form method=post action=/lead>…</form>")


def create_app(
    database: str = "leads.db",
    *,
    policy: CapturePolicy | None = SOUND,
    last_word: Callable[[str], object] = len,
) -> AttributionMiddleware:
    """The app; ``last_word`` is asked at the end of the transaction, and rolls it back by raising."""
    connection.settings_dict["NAME"] = database
    engine = engine_of("default")
    with engine.begin() as setup:
        setup.exec_driver_sql("create table if not exists leads (id integer primary key, email text)")
    recorder = SyncSQLAlchemyRecorder(engine)
    recorder.upgrade()
    links = DjangoLinks(Linker(recorder.in_threads()), database="default")

    def make_lead(request: HttpRequest) -> HttpResponse:
        email = json.loads(request.body)["email"]
        with transaction.atomic():
            lead = Lead.objects.create(email=email)
            links.keep_on_commit(request, "lead", lead.pk)
            last_word(email)
        return JsonResponse({"id": lead.pk}, status=201)

    settings.ROOT_URLCONF = (path("", page), path("lead", make_lead))
    application = links.application(get_asgi_application())
    return AttributionMiddleware(application, recorder=recorder.in_threads(), policy=policy)
