"""Formulas become MathML, which needs no script; what cannot be read is an error that names the page."""

import xml.etree.ElementTree as ElementTree

import pytest
from website import formulas
from website.pages import SiteError

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def convert(tag: str, tex: str) -> str:
    return formulas.replace(f'<p>a <{tag} class="arithmatex">{tex}</{tag}> b</p>', "kurs/04/index.html")


def test_a_formula_in_the_line() -> None:
    text = convert("span", r"\(\frac{q k^\top}{\sqrt{d}} &lt; 1\)")
    assert text.startswith("<p>a <math ")
    root = ElementTree.fromstring(text)
    math = root.find(f"{NAMESPACE}math")
    assert math is not None
    assert math.get("display") == "inline"
    assert math.find(f".//{NAMESPACE}mfrac//{NAMESPACE}msqrt") is not None
    assert "\\" not in "".join(math.itertext())


def test_a_formula_of_its_own() -> None:
    text = convert("div", r"\[\operatorname*{softmax}(x)_i = \arg\max_j x_j\]")
    assert '<div class="formul"><math ' in text
    assert 'display="block"' in text


def test_lines_under_each_other_and_names_with_turkish_letters() -> None:
    text = convert("div", r"\[\begin{aligned} x &amp;= \operatorname{özdikkat}(y) \\ y &amp;= 2 \end{aligned}\]")
    math = ElementTree.fromstring(text).find(f".//{NAMESPACE}math")
    assert math is not None
    assert len(math.findall(f".//{NAMESPACE}mtr")) == 2
    assert "özdikkat" in [element.text for element in math.iter(f"{NAMESPACE}mtext")]
    assert "&" not in "".join(math.itertext())


@pytest.mark.parametrize("tex", [r"\(\bilinmeyen{x}\)", r"\(x &amp;= 1\)", r"\(x_1_2\)"])
def test_what_cannot_be_read_is_an_error(tex: str) -> None:
    with pytest.raises(SiteError, match=r"kurs/04/index\.html: the formula"):
        convert("span", tex)


def test_pages_without_formulas_stay() -> None:
    assert formulas.replace("<p>\\(x\\) <code>$x$</code></p>", "p") == "<p>\\(x\\) <code>$x$</code></p>"
