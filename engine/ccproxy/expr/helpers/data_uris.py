"""Helpers on `data:` URIs."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote_to_bytes

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.encoding import base64_standard
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

_DEFAULT_TYPE = "text/plain"


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def data_uri(media_type: Json, base64: Json) -> Value:
    """Writes a `data:` URI; nothing without data.

    `$data_uri("image/png", "iVBO")` is `"data:image/png;base64,iVBO"`
    """
    if not isinstance(base64, str):
        return MISSING
    return f"data:{media_type if isinstance(media_type, str) else ''};base64,{base64}"


@helper(returns=always("boolean"), kinds=Kind.BOOLEAN)
def is_data_uri(url: Json) -> Value:
    """Tells whether a URL carries its data in itself.

    `$is_data_uri("https://example.com/a.png")` is `false`
    """
    return isinstance(url, str) and url[:5].lower() == "data:" and "," in url


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def data_uri_type(url: Json) -> Value:
    """Gives the media type of a `data:` URI, without parameters; nothing for other URLs.

    `$data_uri_type("data:image/png;base64,iVBO")` is `"image/png"`
    """
    if not isinstance(url, str) or not is_data_uri(url):
        return MISSING
    return url[5 : url.index(",")].partition(";")[0].strip() or _DEFAULT_TYPE


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def data_uri_data(url: Json) -> Value:
    """Gives the data of a `data:` URI as standard Base64, also if written as plain text; nothing for other URLs.

    `$data_uri_data("data:image/png;base64,iVBO")` is `"iVBO"`
    """
    if not isinstance(url, str) or not is_data_uri(url):
        return MISSING
    head, _, body = url.partition(",")
    if head.rstrip().lower().endswith(";base64"):
        return base64_standard(unquote_to_bytes(body).decode("ascii", "replace") if "%" in body else body)
    return b64encode(unquote_to_bytes(body)).decode("ascii")
