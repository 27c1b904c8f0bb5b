"""The dashboard's gate: who is asking, what they may, and the pages for those who are not let in. Asked anew on every run of a page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from reports.access import ANYONE, VARIABLE, Access, AccessError, Refused, Right, Visitor, admit, is_loopback, load_access
from reports.headers import FIXED, SecurityHeaders, content_security_policy

MAY_NOT = {
    Right.READ: "see this page",
    Right.DECIDE: "record or withdraw decisions",
    Right.REPORT: "generate reports",
    Right.UPLOAD: "upload evidence",
    Right.COLLECT: "start a collection",
    Right.ADMINISTER: "administer the dashboard",
}


LOOK_AGAIN = timedelta(minutes=1)
"""How often an open page asks whether its session is over, at least: the browser's own clock stands still while a machine sleeps."""


def around() -> list[Middleware]:
    """What stands around Streamlit's server: our headers on every answer, and no answer to a host that is not ours."""
    policy = content_security_policy(Path(st.__file__).parent / "static" / "index.html")
    hosts = list(st.get_option("server.allowedHosts")) or ["*"]
    return [
        Middleware(SecurityHeaders, policy=policy, secure=_over_tls()),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
    ]


def broken(request: Request, error: Exception) -> PlainTextResponse:
    """The answer to what failed in the server itself: nothing of it, and the headers that a failing server adds none of."""
    return PlainTextResponse("Something went wrong.", status_code=500, headers={"content-security-policy": "default-src 'none'", **FIXED})


def _over_tls() -> bool:
    """Whether browsers come over TLS, as the address says that the identity provider sends them back to."""
    try:
        return str(st.secrets["auth"]["redirect_uri"]).startswith("https://")
    except (FileNotFoundError, KeyError):
        return bool(st.get_option("server.sslCertFile"))


def visitor() -> Visitor:
    """Who is asking. Stops the run, with a page that says why, for whoever is not let in."""
    found, say = _asked()
    if found is None:
        say()
        st.stop()
    return found


def enter(pages: Iterable[str]) -> Visitor:
    """Who is asking, at the door: whoever is not let in is shown no list of pages either, nor the one of a session that is over."""
    found, _ = _asked()
    if found is None:
        st.navigation(
            [st.Page(_nothing, title="NHI posture", url_path=name, default=at == 0) for at, name in enumerate(pages)], position="hidden"
        )
    return visitor()


def _nothing() -> None:
    """Stands for every page, so that no address is told to be wrong."""


def _asked() -> tuple[Visitor | None, Callable[[], None]]:
    """Who is asking; None for whoever is not let in, with what to say to them."""
    path = os.environ.get(VARIABLE)
    if not path:
        return _open()
    try:
        access = load_access(Path(path))
    except AccessError:
        text = "The access file cannot be read. Whoever runs this dashboard finds the reason with `nhi serve`."
        return None, partial(_say, "Nobody is let in now", text)
    found = admit(access, st.user.to_dict(), datetime.now(UTC))
    return (None, partial(_refuse, access, found)) if isinstance(found, Refused) else (found, _nothing)


def may(right: Right | str) -> bool:
    """Whether who is asking has a right: for what to show. What is done asks `require`."""
    return visitor().may(right)


def limited() -> bool:
    """Whether who is asking sees some accounts only."""
    return visitor().accounts is not None


def require(right: Right | str) -> Visitor:
    """Stop the run unless who is asking has a right."""
    asking = visitor()
    if not asking.may(right):
        _say("Not allowed", f"Your role, {asking.role}, may not {MAY_NOT[Right(right)]}.")
        st.stop()
    return asking


def failed(title: str, error: Exception) -> None:
    """A page that says what went wrong; files are named only to those who run the dashboard."""
    st.title(title, anchor=False)
    st.text(str(error) if may(Right.ADMINISTER) else "Whoever runs this dashboard sees here what is wrong.")


def badge(asking: Visitor) -> None:
    """Who is signed in, in the sidebar, with the way out; and the end of the session, on time."""
    if asking.name is None:
        return
    seen = "" if asking.accounts is None else f", accounts {', '.join(sorted(asking.accounts))}"
    with st.sidebar:
        st.text(f"{asking.name}\n{asking.role}{seen}")
        if st.button("Sign out", key="sign_out"):
            st.logout()
    if asking.until is not None:
        _end(asking.until)


def _end(until: datetime) -> None:
    """Draw the page anew when the session ends, so that what is on show goes with it."""
    left = max(timedelta(seconds=1), until - datetime.now(UTC))

    @st.fragment(run_every=min(left, LOOK_AGAIN))
    def clock() -> None:
        if datetime.now(UTC) >= until:
            st.rerun(scope="app")

    clock()


def _open() -> tuple[Visitor | None, Callable[[], None]]:
    """Without an access file the dashboard is open, but only to this machine, and only where no signing in is set up."""
    if "is_logged_in" in st.user:
        text = "Signing in is set up, but no access file says who may do what: name one with `nhi serve --access FILE`."
        return None, partial(_say, "Nobody is let in", text)
    if not is_loopback(st.get_option("server.address")):
        text = "Other machines can reach this address, and nothing says who may see what: see docs/access.md."
        return None, partial(_say, "Not served here", text)
    return ANYONE, _nothing


def _refuse(access: Access, refused: Refused) -> None:
    if refused.why == "signed_out":
        _offer("Sign in", "NHI posture is open to those whom your organisation let in.", "Sign in")
    elif refused.why == "over":
        _offer("Your session is over", "Sign in again to go on.", "Sign in again")
    else:
        whom = f" Ask {access.contact}." if access.contact else " Ask whoever runs this dashboard."
        st.title("No access", anchor=False)
        st.text(f"You are signed in{f' as {refused.name}' if refused.name else ''}, but none of your groups is let in here.{whom}")
        if st.button("Sign out", key="sign_out"):
            st.logout()


def _offer(title: str, text: str, label: str) -> None:
    _say(title, text)
    if st.button(label, key="sign_in"):
        st.login()


def _say(title: str, text: str) -> None:
    st.title(title, anchor=False)
    st.text(text)
