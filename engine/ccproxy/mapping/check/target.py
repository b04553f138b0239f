"""`Target`: what the value written at one place must be, and how to call that place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ccproxy.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class Target:
    """`shape` is that of one item where `many` outputs may stand.

    A `partial` object lacks fields that are written elsewhere. What is not `carried` goes nowhere by itself.
    """

    shape: Shape
    owner: str = ""  # the unified request
    schema: str = ""  # unified/request
    path: tuple[str, ...] = ()
    partial: bool = False
    many: bool = False
    carried: bool = True

    def field(self, name: str, shape: Shape) -> Target:
        """The place of a field of an object here."""
        return Target(shape, self.owner, self.schema, (*self.path, name))

    def item(self) -> Target:
        """The place of the outputs of a list that stands here."""
        if self.many:
            return self
        known = not self.shape.is_any and "array" in self.shape.kinds()
        items = self.shape.items() if known else Shape.any()
        return Target(items, self.owner, self.schema, (*self.path, "[]"), many=True)

    def rest(self) -> Target:
        """The place of an object whose fields are spread here among others."""
        return replace(self, partial=True, many=False)

    def unknown(self) -> Target:
        """The same place when nothing can be said about it."""
        return replace(self, shape=Shape.any())

    @property
    def words(self) -> str:
        """How people call it: the unified request, `messages[]` of the unified request."""
        path = ".".join(self.path).replace(".[]", "[]")
        if not self.owner:
            return "this object"
        return f"`{path}` of {self.owner}" if path and path != "[]" else self.owner

    @property
    def where(self) -> str:
        return f"  (schemas/{self.schema}.schema.json)" if self.schema else ""


# Where a value is only looked at, or named.
ASIDE = Target(Shape.any(), carried=False)
