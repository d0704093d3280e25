"""The reference page of attribution models: each model's rule, and the functions' docstrings with their formulas."""

import inspect
import re
from collections.abc import Callable, Iterator

import touchline as tl
from touchline import models
from touchline.attribution import markov, path_table, resampling

FUNCTIONS: tuple[Callable[..., object], ...] = (
    tl.attribute,
    tl.credit_paths,
    tl.markov,
    markov.removal_effects,
    markov.model_credit,
    tl.shapley,
    path_table.even_credit,
    tl.compare,
    tl.bootstrap,
    resampling.p_values,
)
"""What computes credit, and what says how sure it is."""

_INTRODUCTION = """\
Every model with its rule, and the functions that compute credit, with their formulas. What the models mean, and when
not to use them, is in [attribution models](../explanation/models.md); models of other products are in
[why they differ](../explanation/model-presets.md)."""
_FIELD = re.compile(r":(param|returns?|raises?) ?([^:]*): *")
_ROLE = re.compile(r":(?:func|class|meth|mod|data):`~?\.?([^`]+)`")


def model_lines(note: str) -> Iterator[str]:
    """The parts of the page, in order."""
    yield "# Attribution models and their formulas"
    yield note
    yield _INTRODUCTION
    yield "## Models"
    yield "\n".join(_rules())
    for function in FUNCTIONS:
        yield f"## {function.__name__}"
        yield (
            f"`{function.__module__}.{function.__name__}`" if function.__name__ not in tl.__all__ else _called(function)
        )
        yield from _markdown(inspect.getdoc(function) or "")


def _rules() -> Iterator[str]:
    kinds = {
        **dict.fromkeys(models.MODELS, "every organization has it"),
        **dict.fromkeys(models.FITTED_MODELS, "after a fit"),
        **dict.fromkeys(models.REQUESTED_MODELS, "in Python, if it is named"),
    }
    yield "| model | rule | where |"
    yield "|---|---|---|"
    for name, kind in kinds.items():
        yield f"| `{name}` | {models.SAYS[name]} | {kind} |"


def _called(function: Callable[..., object]) -> str:
    return f"`tl.{function.__name__}`"


def _markdown(text: str) -> Iterator[str]:
    """A docstring's paragraphs; formulas as GitHub and most viewers of Markdown render them."""
    for part in re.split(r"\n\n+", text):
        if part.lstrip().startswith(".. math::"):
            yield f"$$\n{inspect.cleandoc(part.partition('::')[2])}\n$$"
        elif part.startswith(">>>"):
            yield f"```pycon\n{part}\n```"
        elif part.startswith(":"):
            yield "\n".join(_fields(part))
        elif part.startswith("    "):
            yield f"$$\n{inspect.cleandoc(part)}\n$$" if "\\" in part else _inline(inspect.cleandoc(part))
        else:
            yield _inline(part)


def _fields(part: str) -> Iterator[str]:
    for field in re.split(r"\n(?=:)", part):
        said = _FIELD.match(field)
        if said is None:
            continue
        text = _inline(" ".join(field[said.end() :].split()))
        kind, name = said.groups()
        head = {"param": f"`{name}`", "raises": f"raises `{name}`"}.get(kind, kind)
        yield f"* {head}: {text}"


def _inline(text: str) -> str:
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    return _ROLE.sub(r"`\1`", text).replace("``", "`")
