"""Links that people write: a table of them with what each says, and the laws that hold for all of them."""

import csv
import doctest
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution_campaign_context import CLICK_IDS, UTM_KEYS, checked_value, parse_landing
from attribution_campaign_context.broken_links import SHAPES
from attribution_campaign_context.parsing import Landing
from attribution_campaign_context.registry import PARAMETER_SETS
from attribution_campaign_context.vocabularies import ALIASES, BARE_WORDS, EXTRA_TAGS, parameter

NAMES = "addresses broken_links platforms values vocabularies"
MODULES = [import_module(f"attribution_campaign_context.{name}") for name in NAMES.split()]
TABLE = list(csv.DictReader((Path(__file__).parent / "written_links.csv").read_text(encoding="utf-8").splitlines()))

_PUBLISHED_NAMES = """
    gclid gclsrc gbraid wbraid dclid gad_source gad_campaignid srsltid fbclid msclkid ttclid twclid li_fat_id
    rdt_cid epik ScCid qclid yclid ymclid ysclid vmcid ndclid rtid oppref irclickid irclid cjevent awc sscid
    ranSiteID clickref tduid obclid ob_click_id dicbo tblci ko_click_id _branch_match_id ef_id s_kwcid mc_cid
    mc_eid _hsenc _hsmi __hssc __hstc __hsfp hsa_cam hsa_net hsa_src _kx _ke mkt_tok vero_id dm_i ml_subscriber
    __s oly_enc_id wickedid igshid igsh si pk_campaign mtm_campaign matomo_campaign piwik_campaign
    utm_source_platform utm_creative_format utm_marketing_tactic utm_id campid mkevt mkcid mkrid tw_source
    tw_adid tw_campaign aleid bd_vid gdt_vid NaPm n_media
"""
PUBLISHED = _PUBLISHED_NAMES.split()
"""Every parameter of the reference list of click ids, as it is written there."""

WORDS = st.text("abcdefghijkXYZ0123456789-_. ", min_size=1, max_size=12).filter(lambda word: word.strip(" -_.") != "")
PIECES = st.sampled_from(
    [
        "utm_source", "utm_medium=", "UTM-Campaign", "utmterm", "gclid", "gclid=abc", "mtm_source=x", "ref=x", "?", "&",
        ";", "#", "/", "=", ":", "%3F", "%26", "%3D", "%253D", "%2526", "%EF%BC%9F", "\uff1f", "\uff06", "\uff1d",
        "&amp;", "amp;", "+", "%20", " ", "x", "1", "\u2013", "{a}", "(none)", "\"", ">", "\ud800", "%", "%2", "%FF",
        "https://shop.example/", "https%3A%2F%2Fshop.example%2F", "url=", "q=", "#!", ":~:text=", "\\u0026", "%0A",
    ]
)  # fmt: skip


def said(values: dict[str, str]) -> str:
    """Values in the form of the table: ``%`` and ``&`` in them are encoded."""
    return "&".join(f"{name}={value.replace('%', '%25').replace('&', '%26')}" for name, value in values.items())


def row_of(landing: Landing) -> dict[str, str]:
    refs = "/".join(ref or "" for ref in (landing.campaign_ref, landing.adset_ref, landing.ad_ref))
    return {
        "utm": said(landing.utm), "click_ids": said(landing.click_ids), "refs": refs.rstrip("/"),
        "platform": landing.platform or "", "referrer_host": landing.referrer_host or "",
        "refused": said(landing.refused), "unread": " ".join(landing.unread),
    }  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_examples_run(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert (result.attempted > 0, result.failed) == (True, 0)


@pytest.mark.parametrize("row", TABLE, ids=[f"{place}" for place in range(2, len(TABLE) + 2)])
def test_what_a_link_says(row: dict[str, str]) -> None:
    found = row_of(parse_landing(row["url"], row["referrer"] or None))
    assert found == {name: row[name] for name in found}


def test_the_table_is_long_and_each_row_has_its_source() -> None:
    assert len(TABLE) >= 250
    assert [row["url"] for row in TABLE if not row["source"]] == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_parameter_of_the_published_list_is_known(name: str) -> None:
    known = parameter(name)
    assert known is not None
    assert known.platform
    assert (known.kind == "tag") == (name.lower() not in CLICK_IDS)
    url = f"https://shop.example/?{name}=" + ("5338123456" if name == "campid" else "Ab12_cd34-ef56")
    landing = parse_landing(url)
    is_found = name.lower() in {*landing.click_ids, *landing.utm, *landing.tags, *landing.read_from.values()}
    assert is_found


@pytest.mark.parametrize(("name", "key"), ALIASES.items())
def test_another_name_counts_where_the_parameter_says_nothing(name: str, key: str) -> None:
    assert parse_landing(f"https://shop.example/?{name}=april").utm == {key: "april"}
    assert parse_landing(f"https://shop.example/?{name}=april").read_from == {key: name}
    for query in (f"{name}=april&{key}=may", f"{key}=may&{name}=april"):
        assert parse_landing(f"https://shop.example/?{query}").utm == {key: "may"}
    refused = parse_landing(f"https://shop.example/?{name}=april&{key}={{x}}")
    assert (refused.utm, refused.refused) == ({key: "april"}, {key: "template"})


def test_of_several_other_names_the_first_of_the_list_counts() -> None:
    names = [name for name, key in ALIASES.items() if key == "utm_campaign"]
    query = "&".join(f"{name}={place}x" for place, name in reversed(list(enumerate(names))))
    assert parse_landing(f"/?{query}").utm["utm_campaign"] == "0x"


def test_a_site_s_own_names_count_after_the_parameter_itself() -> None:
    names = {"kampagne": "utm_campaign", "quelle": "utm_source"}
    landing = parse_landing("https://shop.example/?Kampagne=Mai&quelle=Zeitung", tag_names=names)
    assert landing.utm == {"utm_campaign": "Mai", "utm_source": "zeitung"}
    assert parse_landing("/?utm_campaign=a&kampagne=b", tag_names=names).utm == {"utm_campaign": "a"}
    assert parse_landing("/?kampagne={x}", tag_names=names).refused == {"utm_campaign": "template"}


def test_a_set_of_parameters_is_of_the_platform_that_it_proves() -> None:
    landing = parse_landing("/?campaignid=1&adgroupid=2&matchtype=e")
    assert (landing.parameter_set, landing.platform) == ("valuetrack", PARAMETER_SETS["valuetrack"].platform)


@given(st.lists(PIECES, max_size=14), st.sampled_from(["https://shop.example/?", "https://shop.example/a", "/", "#"]))
def test_never_raises_and_says_only_what_it_may(parts: list[str], start: str) -> None:
    landing = parse_landing(start + "".join(parts), "".join(parts))
    assert landing.utm.keys() <= UTM_KEYS
    assert landing.click_ids.keys() <= CLICK_IDS.keys()
    assert landing.tags.keys() <= EXTRA_TAGS.keys()
    assert set(landing.unread) <= SHAPES.keys()
    assert set(landing.refused.values()) <= {
        "placeholder", "template", "too_long", "control_character", "bad_encoding", "implausible",
    }  # fmt: skip
    assert not landing.refused.keys() & {*landing.utm, *landing.click_ids}


@given(st.dictionaries(st.sampled_from(sorted(UTM_KEYS)), WORDS, min_size=1), st.booleans())
def test_well_formed_links_say_what_they_always_said(values: dict[str, str], is_plus: bool) -> None:
    """The oracle is the definition: decoded, trimmed, source and medium in lower case."""
    encode = quote_plus if is_plus else quote
    query = "&".join(f"{name}={encode(value)}" for name, value in values.items())
    landing = parse_landing(f"https://shop.example/a?size=1&{query}&color=red")
    lowered = {"utm_source", "utm_medium"}
    expected = {name: value.strip().lower() if name in lowered else value.strip() for name, value in values.items()}
    assert landing.utm | {name: expected[name] for name in landing.refused} == expected
    assert not landing.unread


@given(
    st.dictionaries(st.sampled_from(sorted(UTM_KEYS)), st.from_regex(r"[b-d]{3,8}", fullmatch=True), min_size=1),
    st.dictionaries(st.sampled_from(sorted({*ALIASES, *BARE_WORDS})), WORDS.map(quote_plus)),
    st.randoms(),
)
def test_no_other_name_changes_what_a_parameter_says(
    values: dict[str, str], others: dict[str, str], random: object
) -> None:
    pairs = [f"{name}={value}" for name, value in [*values.items(), *others.items()]]
    random.shuffle(pairs)  # type: ignore[attr-defined]
    found = parse_landing("https://shop.example/?" + "&".join(pairs)).utm
    assert {name: found.get(name) for name in values} == values


@pytest.mark.parametrize("separator", ["?", ";", "&&", "&?", "%26", "&amp;", "&amp;amp;", "\uff06", "%EF%BC%86", "&+"])
@given(st.dictionaries(st.sampled_from(sorted(UTM_KEYS)), st.from_regex(r"[b-d]{3,8}", fullmatch=True), min_size=1))
def test_a_separator_of_any_form_separates(separator: str, values: dict[str, str]) -> None:
    query = separator.join(f"{name}={value}" for name, value in values.items())
    assert parse_landing(f"https://shop.example/p?{query}").utm == values
    assert parse_landing(f"https://shop.example/p?id=1{separator}{query}").utm == values


@pytest.mark.parametrize("times", [1, 2, 3])
@given(
    st.dictionaries(st.sampled_from(sorted(UTM_KEYS)), st.from_regex(r"[b-d]{3,8} [b-d]", fullmatch=True), min_size=1)
)
def test_an_encoded_link_says_the_same(times: int, values: dict[str, str]) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in values.items())
    nested = "https://shop.example/p?" + query
    for _ in range(times):
        query, nested = quote(query, safe=""), quote(nested, safe="")
    assert parse_landing(f"https://shop.example/p?{query}").utm == values
    assert parse_landing(f"https://shop.example/go?to={nested}&x=1").utm == values
    assert parse_landing(f"https://news.example/go?to={nested}&x=1").utm == {}


@pytest.mark.parametrize(
    "shape",
    [";", "?", "%25", "?utm_source=", ";utm_source=x", "/utm_source=x", "%3F", "utm_", "u", "&utm_sorce", "[]", "((",
     ")", "&amp;", "?a=b", "a%3Fb", " utm_source=", "&ut1mq=1", "%EF%BC", "\\u0026", "&ref=", "=", ":", "+"],
)  # fmt: skip
def test_time_grows_with_the_length_and_with_nothing_else(shape: str) -> None:
    """Thirty times the longest address that an event may have, in less time than a quadratic form needs for it."""
    text = shape * (120_000 // len(shape))
    begin = time.process_time()
    parse_landing(f"https://shop.example/{text}?utm_source={text}#{text}", f"https://a.example/{text}")
    assert time.process_time() - begin < 5


@pytest.mark.parametrize("name", ["utm_campaign", "gclid"])
@pytest.mark.parametrize(
    "value",
    ["your" + "_a" * 120, "test" + "1" * 19 + "!", "test" + "-1" * 10, "[" + "a" * 250, "<" + "a" * 250,
     "#" * 250 + "a",
     "click-id" * 3, "(" * 250, ")" * 250, "\"" * 250, "enter " + "id " * 80, "0" * 24 + "a", "insert-" * 30],
)  # fmt: skip
def test_no_value_takes_long(name: str, value: str) -> None:
    begin = time.process_time()
    for _ in range(20):
        checked_value(name, value)
    assert time.process_time() - begin < 0.5
