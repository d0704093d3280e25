"""Access keys, against a plain model: what each key that was ever made opens, and until when."""

import atexit
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.jobs.conftest import NOW
from touchline.errors import UnknownError, UsageError
from touchline.jobs import access_keys, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.http.keys import Keys, ends_of, keys_of
from touchline.settings import Home

HOUR = 3_600_000_000
SITES = {"shop-example": ("shop", "EUR", True), "other-example": ("other", "USD", False)}
"""Of each site its organization, what its money is, and whether that keeps everything."""
USUAL = {"publishable": ("track",), "secret": ("track", "costs", "read")}


@dataclass(frozen=True)
class Key:
    """What a key opens, by the plain model."""

    site: str
    kind: str
    scopes: tuple[str, ...]
    origins: tuple[str, ...]
    ends_at: int | None = None

    def is_good(self, now: int) -> bool:
        return self.ends_at is None or now < self.ends_at


@cache
def template() -> Path:
    """A home with two organizations of one site each, to be copied, which takes less time than setting one up."""
    home = Home(Path(mkdtemp()))
    atexit.register(rmtree, home.path)
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        with workspace.ledger.transaction() as entry:
            entry.add(schema.ORGANIZATIONS, organization_id="other", name="other", currency="USD", created_at=NOW)
            entry.remove(schema.KEYS)
        setup.add_site(workspace, "other", name="other", domain="other.example", time_zone="UTC", now=NOW)
        setup.change_setting(workspace, "other", "retention_days", "30", now=NOW)
    return home.path


class AccessKeys(RuleBasedStateMachine):
    """Keys of two sites are made, rotated and revoked, and time passes."""

    @initialize()
    def open(self) -> None:
        self.held = ExitStack()
        home = Home(Path(self.held.enter_context(TemporaryDirectory())) / "home")
        copytree(template(), home.path)
        self.workspace = self.held.enter_context(Workspace(home))
        ledger = self.workspace.ledger
        self.server = Keys(lambda: keys_of(ledger), partial(ends_of, ledger))
        self.now = NOW
        self.keys: dict[str, tuple[str, Key]] = {}
        """Each key that was ever made, by itself, with its id."""

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()

    def one(self, data: st.DataObject) -> tuple[str, Key] | None:
        return self.keys[data.draw(st.sampled_from(sorted(self.keys)))] if self.keys else None

    def end(self, key_id: str, ends_at: int) -> None:
        self.keys = {
            secret: (known, replace(key, ends_at=ends_at) if known == key_id else key)
            for secret, (known, key) in self.keys.items()
        }

    @rule(
        site=st.sampled_from(sorted(SITES)), kind=st.sampled_from(sorted(USUAL)),
        scopes=st.sampled_from([(), ("track",), ("costs",), ("read", "admin")]),
        origins=st.sampled_from([(), ("https://pay.example",)]),
    )  # fmt: skip
    def create(self, site: str, kind: str, scopes: tuple[str, ...], origins: tuple[str, ...]) -> None:
        make = partial(
            access_keys.create_key, self.workspace, site, kind, scopes=scopes, origins=origins, now=self.now
        )  # fmt: skip
        if kind == "publishable" and scopes not in {(), ("track",)}:
            with pytest.raises(UsageError, match="can only send events"):
                make()
            return
        self.made(make, Key(site, kind, scopes or USUAL[kind], origins))

    def made(self, make: Callable[[], access_keys.Made], key: Key) -> None:
        new = make()
        assert new.key not in self.keys
        assert new.key.startswith("sk_" if key.kind == "secret" else "pk_")
        self.keys[new.key] = new.key_id, key

    @rule(data=st.data(), hours=st.sampled_from([0, 0.5, 24, 2_160]))
    def rotate(self, data: st.DataObject, hours: float) -> None:
        """Its successor opens the same; it opens that, too, for so long. One that ends already has no successor."""
        if (one := self.one(data)) is None:
            return
        key_id, old = one
        rotate = partial(access_keys.rotate_key, self.workspace, key_id, overlap_hours=hours, now=self.now)
        if old.ends_at is not None:
            with pytest.raises(UnknownError, match="can be rotated"):
                rotate()
            return
        self.made(rotate, old)
        self.end(key_id, self.now + round(hours * HOUR))

    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        if (one := self.one(data)) is not None:
            access_keys.revoke_key(self.workspace, one[0], now=self.now)
            self.end(one[0], self.now)

    @rule(hours=st.sampled_from([0.5, 1, 23.5, 2_160]))
    def wait(self, hours: float) -> None:
        self.now += round(hours * HOUR)

    @invariant()
    def each_key_opens_what_the_plain_model_says(self) -> None:
        if not hasattr(self, "keys"):
            return
        for secret, (_, key) in self.keys.items():
            found = self.server.bearer(f"Bearer {secret}", self.now)
            is_secret = key.kind == "secret"
            assert (found is not None) is (key.is_good(self.now) and is_secret)
        self.server.refresh()
        for secret, (key_id, key) in self.keys.items():
            is_good, is_secret = key.is_good(self.now), key.kind == "secret"
            found = self.server.find(secret, self.now)
            assert (found is not None) is is_good
            for site in SITES:
                of_site = self.server.secret_with_id(key_id, site, self.now)
                assert (of_site is not None) is (is_good and is_secret and site == key.site)
            if found is not None:
                opened = (found.site_id, found.is_secret, found.scopes, found.key_id)
                assert opened == (key.site, is_secret, frozenset(key.scopes), key_id)
                assert (found.organization_id, found.currency, found.keeps_all) == SITES[key.site]
                assert found.origins.allows("https://pay.example") is bool(key.origins)
        stored = repr(self.workspace.ledger.rows(schema.KEYS))
        assert [secret for secret in self.keys if secret in stored] == []


# A few steps are sooner read than shrunk.
AccessKeys.TestCase.settings = settings(
    max_examples=6, stateful_step_count=12, deadline=None, phases=(Phase.reuse, Phase.generate)
)
test_a_key_opens_what_the_plain_model_says = AccessKeys.TestCase


@pytest.fixture
def opened(tmp_path: Path) -> Workspace:
    copytree(template(), tmp_path / "home")
    return Workspace(Home(tmp_path / "home"))


@pytest.mark.parametrize("hours", [-0.1, 2_160.1])
def test_an_old_key_stays_good_for_ninety_days_at_most(opened: Workspace, hours: float) -> None:
    with opened as workspace:
        made = access_keys.create_key(workspace, "shop-example", "secret", now=NOW)
        with pytest.raises(UsageError, match=r"0 to 2,160 hours"):
            access_keys.rotate_key(workspace, made.key_id, overlap_hours=hours, now=NOW)
        assert [row["revoked_at"] for row in workspace.ledger.rows(schema.KEYS)] == [None]


@pytest.mark.parametrize("is_rotated", [False, True])
def test_a_key_that_ends_already_has_no_successor(opened: Workspace, is_rotated: bool) -> None:
    """Else whoever stole it could live on in its successor, or two keys would succeed one."""
    with opened as workspace:
        made = access_keys.create_key(workspace, "shop-example", "secret", now=NOW)
        if is_rotated:
            access_keys.rotate_key(workspace, made.key_id, overlap_hours=24, now=NOW)
        else:
            access_keys.revoke_key(workspace, made.key_id, now=NOW)
        before = workspace.ledger.rows(schema.KEYS)
        with pytest.raises(UnknownError, match="can be rotated"):
            access_keys.rotate_key(workspace, made.key_id, overlap_hours=0, now=NOW + 1)
        assert workspace.ledger.rows(schema.KEYS) == before


def test_a_key_that_is_revoked_while_it_is_rotated_stays_revoked(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened as workspace:
        key_id = access_keys.create_key(workspace, "shop-example", "publishable", now=NOW).key_id
        made = access_keys.made

        def revoked_meanwhile(*given: object, **more: object) -> access_keys.Made:
            access_keys.revoke_key(workspace, key_id, now=NOW)
            return made(*given, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(access_keys, "made", revoked_meanwhile)
        with pytest.raises(UnknownError, match="can be rotated"):
            access_keys.rotate_key(workspace, key_id, overlap_hours=24, now=NOW)
        (old,) = workspace.ledger.rows(schema.KEYS, key_id=key_id)
        assert old["revoked_at"] == NOW


def test_a_rotated_key_that_is_revoked_ends_at_once(opened: Workspace) -> None:
    with opened as workspace:
        made = access_keys.create_key(workspace, "shop-example", "secret", now=NOW)
        new = access_keys.rotate_key(workspace, made.key_id, overlap_hours=24, now=NOW)
        access_keys.revoke_key(workspace, made.key_id, now=NOW + 1)
        ends = {row["key_id"]: row["revoked_at"] for row in workspace.ledger.rows(schema.KEYS)}
    assert ends == {made.key_id: NOW + 1, new.key_id: None}


def test_a_key_that_is_unknown_is_neither_rotated_nor_revoked(opened: Workspace) -> None:
    with opened as workspace:
        with pytest.raises(UnknownError, match=r"no key 'key_0' that can be rotated"):
            access_keys.rotate_key(workspace, "key_0", overlap_hours=1, now=NOW)
        with pytest.raises(UnknownError, match=r"no key 'key_0'\."):
            access_keys.revoke_key(workspace, "key_0", now=NOW)


@pytest.mark.parametrize(
    ("kind", "scopes", "origins", "said"),
    [
        ("private", (), (), "publishable or secret, not 'private'"),
        ("secret", ("track", "write"), (), "not 'write'"),
        ("publishable", ("track", "costs"), (), "can only send events"),
        ("publishable", ("admin",), (), "can only send events"),
        ("publishable", (), ("https://pay.example/path",), "not 'https://pay.example/path'"),
        ("publishable", (), ("pay.example",), "not 'pay.example'"),
        ("publishable", (), ("ftp://pay.example",), "not 'ftp://pay.example'"),
    ],
)
def test_what_no_key_can_be_is_refused(kind: str, scopes: tuple[str, ...], origins: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        access_keys.made("shop-example", kind, scopes=scopes, origins=origins, now=NOW)
