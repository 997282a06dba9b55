"""What the made-up workflow renders, and what its first step logs."""

from __future__ import annotations

STYLE = (
    "<style>body{font:16px/1.5 Georgia,serif;max-width:34rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;width:100%}td{border-bottom:1px "
    "solid #ccc;padding:.3rem 0}td:last-child{text-align:right}</style>"
)


def _letter(number: int, address: str) -> str:
    rows = "".join(
        f"<tr><td>Booking {number}-{row}</td><td>{row * 117 + number}.50</td></tr>"
        for row in range(1, 8)
    )
    return (
        f"<!doctype html><html lang='en'><title>Letter {number}</title>{STYLE}"
        f"<body><p>{address}</p><h1>Statement for October 2026</h1>"
        f"<p>These are the bookings of your account.</p><table>{rows}</table>"
        "<p>Please tell us within 30 days if something is wrong.</p></body></html>"
    )


ADDRESS = "Account 40-1182<br>12 Harbour Street"
LETTER = {
    "pages": [
        {"file": "letter-1.html", "html": _letter(1, ADDRESS)},
        {"file": "letter-2.html", "html": _letter(2, "")},
    ],
    "totals": {"letters": 2, "bookings": 14, "sum": 6_559.0},
}
SECOND_LETTER = {
    "pages": [
        {"file": "letter-1.html", "html": _letter(1, ADDRESS)},
        {"file": "letter-2.html", "html": _letter(2, "Account 40-1190<br>3 Mill Lane")},
    ],
    "totals": {"letters": 2, "bookings": 14, "sum": 6_559.0},
}


def _line(number: int) -> dict[str, str]:
    if number % 97 == 0:
        text = f"\x1b[33mWARN\x1b[0m page {number} was slow: 2.4 s"
        return {"stream": "stderr", "level": "warning", "text": text}
    if number % 13 == 0:
        text = f"\x1b[32m✓\x1b[0m {number * 40} bookings read"
        return {"stream": "stdout", "level": "info", "text": text}
    text = f"GET /bookings?page={number} \x1b[36m200\x1b[0m in {60 + number % 41} ms"
    return {"stream": "stdout", "level": "info", "text": text}


LOG = [_line(number) for number in range(1, 401)]
