"""The page that asks for the key, without a script.

What it leaves out: who may enter (`gate`).
"""

from starlette.responses import HTMLResponse

from fidan.serving.web.markup import safe

_STYLE = """
:root { --paper:#faf9f5; --card:#fff; --ink:#22261f; --soft:#5f6659; --faint:#e4e3da; --green:#2f7d4f;
  --wrong:#b0482a; }
@media (prefers-color-scheme: dark) {
  :root { --paper:#161917; --card:#1e2220; --ink:#e4e6df; --soft:#9ea69a; --faint:#333936; --green:#3d9463;
    --wrong:#e58a68; }
}
body { margin:0; min-height:100vh; display:grid; place-items:center; background:var(--paper); color:var(--ink);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif; }
form { width:min(20rem,86vw); padding:2rem; background:var(--card); border:1px solid var(--faint);
  border-radius:.9rem; }
h1 { margin:0 0 .2rem; font-size:1.5rem; letter-spacing:-.02em; } p { margin:0 0 1.2rem; color:var(--soft); }
label { display:block; font-size:.9rem; margin-bottom:.3rem; }
input { box-sizing:border-box; width:100%; padding:.6rem .7rem; font:inherit; color:inherit; background:var(--paper);
  border:1px solid var(--faint); border-radius:.5rem; }
button { margin-top:1rem; width:100%; padding:.65rem; font:inherit; font-weight:600; color:#fff;
  background:var(--green); border:0; border-radius:.5rem; cursor:pointer; }
.wrong { color:var(--wrong); margin:.7rem 0 0; }
"""


def login_page(wrong: str = "") -> HTMLResponse:
    """The form; with what was wrong with the last try. It answers 401, since nothing was let in yet."""
    told = f'<p class="wrong" role="alert">{safe(wrong)}</p>' if wrong else ""
    page = f"""<!doctype html>
<html lang="tr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>fidan</title><style>{_STYLE}</style></head>
<body><form method="post" action="./giris"><h1>fidan</h1><p>Bu sunucu anahtarla korunuyor.</p>
<label for="anahtar">Anahtar</label>
<input id="anahtar" name="anahtar" type="password" required autofocus autocomplete="current-password">
<button>Gir</button>{told}</form></body></html>"""
    return HTMLResponse(page, 401)
