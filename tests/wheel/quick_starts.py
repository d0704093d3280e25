"""The quick starts of the capture library's README, each in an app's folder: as they stand there, nothing retyped."""

import sqlite3
from pathlib import Path
from uuid import UUID

from tests.docs.pages import File, page_of
from tests.wheel.programs import REPOSITORY

README = REPOSITORY / "packages" / "attribution-campaign-context" / "README.md"
TARGETS = {
    "fastapi": "shop:app", "litestar": "shop:app", "django": "shop.asgi:application", "tigrbl": "shop:app",
}  # fmt: skip
"""What the server is to serve, by the framework."""
ORDERS = {"tigrbl": "/order"}
"""Where orders are taken, if it is not ``/orders``."""
EXTRAS = "django,http,litestar,sqlalchemy,starlette,tigrbl"
"""What the quick starts install of the wheel."""
OTHERS = ("aiosqlite", "django-stubs", "fastapi", "uvicorn")
"""And next to it; the stubs are for type checkers."""
UNTYPED = "tigrbl"
"""The framework without types, of which pyright does not even find the names."""
DATABASE = "shop.db"

_STANDS = {
    "django": {
        "shop/__init__.py": "",
        "shop/settings.py": (
            "ALLOWED_HOSTS = ['*']\nINSTALLED_APPS = ['orders']\nROOT_URLCONF = 'shop.urls'\nSECRET_KEY = 'a trial'\n"
            f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': '{DATABASE}',"
            " 'OPTIONS': {'timeout': 30}}}\nDEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
        ),
        "shop/urls.py": (
            "from django.urls import path\nfrom orders import views\n\n"
            "urlpatterns = [path('', views.page), path('orders', views.take_order)]\n"
        ),
        "orders/__init__.py": "",
        "orders/models.py": (
            "from django.db import models\n\n\n"
            "class Order(models.Model):\n    total: 'models.TextField[str, str]' = models.TextField()\n\n"
            "    class Meta:\n        db_table = 'orders'\n"
        ),
    }
}
"""What a project has before anybody reads the README."""
_KEYS = {"tigrbl": "char(32) primary key"}


def files_of(framework: str) -> dict[str, str]:
    """The files that the README has its reader make for a framework, by their name."""
    found = [step for step in page_of(README) if isinstance(step, File) and step.name.startswith(f"{framework}/")]
    return {file.name.removeprefix(f"{framework}/"): file.content for file in found}


def set_up(framework: str, folder: Path) -> Path:
    """An app that follows the README, with its own table of orders; returns its database."""
    for name, content in (_STANDS.get(framework, {}) | files_of(framework)).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    with sqlite3.connect(folder / DATABASE) as connection:
        key = _KEYS.get(framework, "integer primary key")
        connection.execute(f"create table orders (id {key}, total text not null)")
    connection.close()
    return folder / DATABASE


def ids_of(database: Path, query: str) -> list[str]:
    """The ids that a query finds, however a framework keeps them."""
    with sqlite3.connect(database) as connection:
        found = [_plain(value) for (value,) in connection.execute(query)]
    connection.close()
    return sorted(found)


def _plain(value: object) -> str:
    text = UUID(bytes=value).hex if isinstance(value, bytes) else str(value)
    return text.replace("-", "")
