"""JSON objects whose fields run through the values at the edges of their types, and predicates on them with their answers."""

from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Each field with values at its edges; None: the field is null.
FIELDS = {
    "l": [0, 1, -1, 2**63 - 1, -(2**63), 2**31, None],
    "f": [0.5, -0.5, 1.7976931348623157e308, 5e-324, -1e-300, 123456789.123, None],
    "b": [True, False, None],
    "s": ["", "a", "z" * 40, "straße", "\U0001f600" * 20, "\uffff" * 20, "\U0010ffff" * 20, "quote's \\ \"", None],
    "d": ["1970-01-01", "1969-12-31", "0001-01-01", "1582-10-04", "1582-10-15", "9999-12-31", "2024-02-29", None],
    "t": [
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z",
        "1582-10-04T12:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2024-02-29T12:34:56.789+05:30",
        None,
    ],
}


def typed_values(count, first):
    """JSON objects in which each field runs through its values, in steps of its own."""
    out = []
    for i in range(first, first + count):
        v = {n: values[(i // 7 + i) % len(values)] for n, values in FIELDS.items() if (i + len(n)) % 11}
        out.append({"i": i, **v, "o": {"k": v.get("s")}})
    return out


def plain_field(name, value):
    """A field as rows have it that come as JSON: times are microseconds."""
    if value is not None and name == "t":
        return (datetime.fromisoformat(value) - EPOCH) // timedelta(microseconds=1)
    return value


def key(name, value):
    """What orders a field: engines compare text by UTF-8's bytes."""
    return value.encode() if name == "s" else plain_field(name, value)


def predicates(name, literal, starts_with):
    """Conditions on a field, each with the function that says so of a value.

    `literal` makes SQL of a field's name and value, `starts_with` is the engine's name for that function.
    """
    yield "IS NULL", lambda v: v is None
    yield "IS NOT NULL", lambda v: v is not None
    for value in FIELDS[name]:
        if value is None:
            continue
        at, sql = key(name, value), literal(name, value)
        yield f"= {sql}", lambda v: v is not None and key(name, v) == at
        yield f"> {sql}", lambda v: v is not None and key(name, v) > at
        yield f"<= {sql}", lambda v: v is not None and key(name, v) <= at
        if name == "s":
            start = value[:17]
            condition = f"IS NOT NULL AND {starts_with}(s, {literal(name, start)})"
            yield condition, lambda v: v is not None and v.startswith(start)
