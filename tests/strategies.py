"""Hypothesis strategies: events around DST edges, whole days in zones from −11 to +14, texts that sides cut."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from plugin.core.model import Event, Visibility
from plugin.core.when import Timed, WholeDays

# From −11 to +14; half and quarter hours; a DST of half an hour; zones where midnight is missing once a year.
ZONES = (
    "Pacific/Pago_Pago",
    "Pacific/Honolulu",
    "America/St_Johns",
    "America/Santiago",
    "America/Asuncion",
    "America/Havana",
    "America/New_York",
    "Atlantic/Azores",
    "UTC",
    "Europe/London",
    "Europe/Madrid",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)

zones = st.sampled_from(ZONES)
# After Samoa left a day out (2011): such a day is neither in the calendar nor in anybody's diary.
dates = st.dates(date(2015, 1, 1), date(2035, 12, 31))
lengths_in_days = st.integers(1, 40)


@st.composite
def whole_days(draw: st.DrawFn) -> WholeDays:
    """One day or several."""
    start = draw(dates)
    return WholeDays(start, start + timedelta(days=draw(lengths_in_days)))


@st.composite
def spans(draw: st.DrawFn) -> Timed:
    """On whole seconds, as both sides hold them; also of no length."""
    start = draw(st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))).replace(
        microsecond=0
    )
    return Timed(start, start + timedelta(seconds=draw(st.integers(0, 3 * 24 * 3600))))


# No surrogates: neither side can hold them.
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\x00"), max_size=40)
words = st.sampled_from(("", "alpha", "beta", "gamma", "ñandú", "<b>bold</b>", "a & b", "🎉 party"))
visibilities = st.sampled_from(Visibility)


@st.composite
def events(draw: st.DrawFn, texts: st.SearchStrategy[str] = texts) -> Event:
    """Any event."""
    return Event(
        subject=draw(texts),
        when=draw(st.one_of(spans(), whole_days())),
        description=draw(texts),
        location=draw(texts),
        visibility=draw(visibilities),
    )


# Few different values, so that two draws often agree in a field.
few_events = st.builds(
    Event,
    subject=st.sampled_from(("one", "two", "three")),
    when=st.sampled_from(
        (
            Timed(datetime(2027, 3, 2, 9, tzinfo=UTC), datetime(2027, 3, 2, 10, tzinfo=UTC)),
            Timed(datetime(2027, 3, 3, 9, tzinfo=UTC), datetime(2027, 3, 3, 10, tzinfo=UTC)),
            WholeDays(date(2027, 3, 2), date(2027, 3, 3)),
        )
    ),
    description=st.sampled_from(("", "text")),
    location=st.sampled_from(("", "here", "there")),
    visibility=st.sampled_from((Visibility.DEFAULT, Visibility.PRIVATE)),
)
