"""Which branch of a `oneOf` or `anyOf` an author meant, so that only its problems are told."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from jsonschema import ValidationError

UNIONS = frozenset({"oneOf", "anyOf"})
DISCRIMINATORS = frozenset({"const", "enum"})


@dataclass(frozen=True, slots=True)
class NoBranch:
    """No branch of a union has the value's type, its discriminating word, or the one key that each asks for."""

    error: ValidationError
    reasons: tuple[ValidationError, ...]


def meant_errors(errors: Iterable[ValidationError]) -> Iterator[ValidationError | NoBranch]:
    """Replace each union error by the errors of the branch that was meant."""
    for error in errors:
        if error.validator in UNIONS and error.context:
            yield from _of_union(error)
        else:
            yield error


def _of_union(error: ValidationError) -> Iterator[ValidationError | NoBranch]:
    branches = _by_branch(error)
    if all(each.validator == "required" for branch in branches for each in branch):
        yield NoBranch(error, tuple(each for branch in branches for each in branch))
        return
    fitting = [branch for branch in branches if not any(_is_wrong_type(each) for each in branch)]
    if not fitting:
        yield NoBranch(error, _reasons(branches, _is_wrong_type))
        return
    meant = [branch for branch in fitting if not any(_is_discriminator(each) for each in branch)]
    if not meant:
        yield NoBranch(error, _reasons(fitting, _is_discriminator))
    elif len(meant) == 1:
        yield from meant_errors(meant[0])
    else:
        yield next(meant_errors(min(meant, key=_badness)))


def _by_branch(error: ValidationError) -> list[list[ValidationError]]:
    branches: dict[str | int, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(each.relative_schema_path[0], []).append(each)
    return list(branches.values())


def _is_wrong_type(error: ValidationError) -> bool:
    at_top = not error.relative_path
    return at_top and (error.validator == "type" or _is_union_of_wrong_types(error))


def _is_union_of_wrong_types(error: ValidationError) -> bool:
    if error.validator not in UNIONS or not error.context:
        return False
    return all(any(_is_wrong_type(each) for each in branch) for branch in _by_branch(error))


def _is_discriminator(error: ValidationError) -> bool:
    """A fixed word does not match: of the value itself, or of a key directly below it."""
    return error.validator in DISCRIMINATORS and len(error.relative_path) <= 1


def _reasons(
    branches: list[list[ValidationError]], is_reason: Callable[[ValidationError], bool]
) -> tuple[ValidationError, ...]:
    found: list[ValidationError] = []
    for branch in branches:
        for error in branch:
            if is_reason(error):
                found += _flat(error)
                break
    return tuple(found)


def _flat(error: ValidationError) -> Iterator[ValidationError]:
    """A union inside a union gives the reasons of its branches."""
    if error.validator in UNIONS:
        for inner in error.context or ():
            yield from _flat(inner)
    else:
        yield error


def _badness(branch: Iterable[ValidationError]) -> int:
    """Wrong keys weigh more than other mistakes: they say that another form was meant."""
    return sum(3 if error.validator in ("required", "additionalProperties") else 1 for error in branch)
