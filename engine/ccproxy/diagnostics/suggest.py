"""Did you mean …? Close names only, and never one that stands beside the misspelt one already."""

from collections.abc import Collection, Iterable


def edit_distance(left: str, right: str) -> int:
    """Count insertions, deletions, replacements and swaps of neighbours."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (char != other))
            if row > 1 and column > 1 and char == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


def closest(name: str, candidates: Iterable[str], used: Collection[str] = ()) -> str | None:
    """Find the candidate that was probably meant, or nothing when none is close enough."""
    ranked = sorted(_ranked(name, candidates, used))
    return ranked[0][1] if ranked else None


def _ranked(name: str, candidates: Iterable[str], used: Collection[str]) -> Iterable[tuple[int, str]]:
    limit = max(1, len(name) // 3)
    for candidate in candidates:
        if candidate == name or candidate in used or abs(len(candidate) - len(name)) > limit:
            continue
        distance = 0 if _same_words(name, candidate) else edit_distance(name.lower(), candidate.lower())
        if distance <= limit and distance < len(candidate):
            yield distance, candidate


def _same_words(left: str, right: str) -> bool:
    return left.lower().replace("_", "").replace("-", "") == right.lower().replace("_", "").replace("-", "")


def quoted_list(names: Iterable[str], word: str = "or", most: int = 5) -> str:
    """Join at most five names in backticks: `a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > most:
        return ", ".join(quoted[:most]) + ", …"
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"
