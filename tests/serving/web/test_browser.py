"""A headless browser on every tab: it works, it fits a phone, nothing leaves the machine, and text stays text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fidan.serving.service import Service
from tests.serving.web.scripted import KEY, Pace, wait_for

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TABS = ("Sohbet", "Tamamlama", "Hukuk", "İçini gör", "Eğitim")
WRITTEN = "<img src=x onerror=alert(1)><script>alert(2)</script>"


class Visit:
    """A page that was opened, and what it did meanwhile."""

    def __init__(self, page: Any, url: str, shots: Path) -> None:
        self.page, self.url, self.shots = page, url, shots
        self.elsewhere: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(30_000)
        page.on("request", lambda request: self._note(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)
        page.goto(url)

    def _note(self, address: str) -> None:
        if not address.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(address)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def shoot(self, name: str) -> None:
        path = self.shots / f"{name}.png"
        self.page.screenshot(path=str(path), full_page=True)
        assert path.stat().st_size > 5_000

    def made_of_text(self, where: str) -> int:
        """How many elements that a text could have made there are."""
        found = self.page.locator(where).evaluate(
            "e => e.querySelectorAll('img[src=\"x\"], script, strong, .katex').length"
        )
        return int(found)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium or None, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def visit(browser: Any, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="tr-TR", accept_downloads=True)
    opened = Visit(context.new_page(), url, tmp_path_factory.mktemp("shots"))
    yield opened
    context.close()


def test_a_chat_streams_stops_and_is_taken_away(visit: Visit, service: Service, pace: Pace) -> None:
    page = visit.page
    visit.tab("Sohbet")
    pace.seconds = 0.015
    page.fill("#chat-box textarea", "Merhaba <b>sen</b>")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#chat-log').innerText.split('alert(2)').length > 2")
    page.get_by_role("button", name="Durdur").click()
    wait_for(lambda: service.batcher.stats().running == 0, 5)
    page.get_by_text("Durduruldu.").wait_for()
    pace.seconds = 0.0
    shown = page.inner_text("#chat-log")
    assert WRITTEN in shown
    assert "Merhaba <b>sen</b>" in shown
    assert visit.made_of_text("#chat-log") == 0
    visit.shoot("sohbet")
    page.click("#chat-retry")
    page.wait_for_function("document.querySelector('#chat-state').innerText.includes('parça')")
    assert page.inner_text("#chat-log").count("Merhaba <b>sen</b>") == 1
    assert "parça sınırına ulaştı" in page.inner_text("#chat-state")
    with page.expect_download() as loaded:
        page.click("#chat-json")
    turns = json.loads(Path(loaded.value.path()).read_text(encoding="utf-8"))["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"]
    assert turns[0]["content"] == "Merhaba <b>sen</b>"
    assert turns[1]["content"].count(WRITTEN) > 1
    with page.expect_download() as loaded:
        page.click("#chat-markdown")
    assert Path(loaded.value.path()).read_text(encoding="utf-8").startswith("**Siz**\n\nMerhaba <b>sen</b>\n\n---")
    assert turns[1]["content"].count("**kalın** ${alert(3)} {{value}} $$x$$") > 1
    page.click("#chat-back")
    page.wait_for_function("document.querySelector('#chat-box textarea').value === 'Merhaba <b>sen</b>'")
    page.get_by_text("Ne konuşalım?").wait_for()
    page.click("#chat-new")
    page.get_by_text("Ne konuşalım?").wait_for()


def test_a_text_goes_on_and_is_text(visit: Visit, service: Service, pace: Pace) -> None:
    page = visit.page
    visit.tab("Tamamlama")
    page.fill("#text-box textarea", "Bugün hava")
    page.click("#text-go")
    page.wait_for_function("document.querySelector('#text-state').innerText.includes('parça')")
    shown = page.inner_text("#text-out")
    assert shown.startswith("Bugün hava")
    assert shown.count(f"{WRITTEN} **kalın** ${{alert(3)}} {{{{value}}}} $$x$$") > 1
    assert visit.made_of_text("#text-out") == 0
    visit.shoot("tamamlama")
    pace.seconds = 0.03
    page.click("#text-go")
    page.wait_for_selector("#text-stop")  # what was written before is gone then
    page.wait_for_function("document.querySelector('#text-out').innerText.includes('alert(1)')")
    page.click("#text-stop")
    wait_for(lambda: service.batcher.stats().running == 0, 5)
    pace.seconds = 0.0
    page.click("#text-on")
    page.wait_for_function("document.querySelector('#text-box textarea').value.includes('alert(1)')")
    page.fill("#text-box textarea", " ")
    page.click("#text-go")
    page.get_by_text("Metin boş").wait_for()


def test_a_reader_who_closes_the_page_frees_the_slot(browser: Any, url: str, service: Service, pace: Pace) -> None:
    pace.seconds = 0.03
    page = browser.new_page()
    page.goto(url)
    page.get_by_role("tab", name="Tamamlama", exact=True).click()
    page.fill("#text-box textarea", "Bugün hava")
    page.click("#text-go")
    wait_for(lambda: service.batcher.stats().running == 1)
    page.close()
    wait_for(lambda: service.batcher.stats().running == 0, 5)
    pace.seconds = 0.0


def test_law_answers_with_the_article_or_abstains(visit: Visit) -> None:
    page = visit.page
    visit.tab("Hukuk")
    assert "hukuki danışmanlık değildir" in page.inner_text("#law-notice")
    page.fill("#law-box textarea", "Bahçe nedir?")
    page.click("#law-go")
    page.wait_for_selector("#law-out .answer")
    shown = page.inner_text("#law-out")
    assert "Bahçe, içinde en az bir ağaç bulunan topraktır." in shown
    assert "m.1" in page.inner_text("#law-out .cite")
    assert page.locator("#law-out .article .text").is_visible()
    visit.shoot("hukuk")
    page.fill("#law-box textarea", "<img src=x onerror=alert(1)> denizaltı pilotu kimdir?")
    page.click("#law-go")
    page.wait_for_selector("#law-out .silent")
    assert "Verilen kaynaklarda yer almıyor." in page.inner_text("#law-out")
    assert visit.made_of_text("#law-out") == 0


def test_one_looks_inside(visit: Visit, service: Service) -> None:
    page = visit.page
    visit.tab("İçini gör")
    page.fill("#tokens-box textarea", "<script>alert(1)</script>")
    wanted = len(service.writer.tokenizer.encode("<script>alert(1)</script>"))
    page.wait_for_function(f"document.querySelectorAll('#tokens-out .token').length === {wanted}")
    assert visit.made_of_text("#tokens-out") == 0
    visit.tab("Sıradaki parça")
    page.click("#next-go")
    page.wait_for_selector("#next-out .row")
    before = page.locator("#next-out .row.cut").count()
    page.get_by_label("number input for Top-k").locator("visible=true").fill("3")
    page.wait_for_function("document.querySelectorAll('#next-out .row.cut').length >= 17")
    assert before < 20
    length = len(page.input_value("#next-box textarea"))
    page.click("#next-write")
    page.wait_for_function(f"document.querySelector('#next-box textarea').value.length > {length}")
    visit.shoot("siradaki")
    visit.tab("Dikkat")
    page.click("#attention-go")
    page.wait_for_selector("#attention-out svg")
    assert page.locator("#attention-heads button").count() == 8  # 2 layers of 4 heads
    page.locator("#attention-heads button[data-layer='1'][data-head='2']").click()
    page.get_by_text("2. katman, 3. baş").first.wait_for()
    page.wait_for_selector("#attention-heads button[data-layer='1'][data-head='2'][aria-pressed='true']")
    visit.shoot("dikkat")
    page.fill("#attention-box textarea", "ağaç " * 60)
    page.click("#attention-go")
    page.get_by_text("haritası çizilen en çok").wait_for()


def test_the_training_is_shown(visit: Visit) -> None:
    visit.tab("Eğitim")
    visit.page.wait_for_selector("#training-out polyline")
    assert "Kayıp" in visit.page.inner_text("#training-out")
    visit.shoot("egitim")


def test_every_tab_fits_a_phone(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    for name in TABS:
        visit.tab(name)
        page.wait_for_timeout(150)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, name
        visit.shoot(f"telefon-{name}")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_nothing_went_elsewhere_and_nothing_ran(visit: Visit) -> None:
    assert visit.elsewhere == []
    assert visit.dialogs == []
    assert visit.errors == []
    assert visit.page.evaluate("document.documentElement.lang") == "tr"
    assert "<b>fide</b>" in visit.page.inner_text("#head")
    assert visit.page.locator("footer").locator("visible=true").count() == 0


def test_the_page_asks_for_the_key(browser: Any, locked_url: str) -> None:
    page = browser.new_page()
    page.goto(locked_url)
    page.fill("#anahtar", "yanlış")
    page.keyboard.press("Enter")
    page.get_by_text("Anahtar yanlış.").wait_for()
    page.fill("#anahtar", KEY)
    page.keyboard.press("Enter")
    page.wait_for_selector("#tabs")
    page.get_by_role("tab", name="Tamamlama", exact=True).click()
    page.fill("#text-box textarea", "Bugün")
    page.click("#text-go")
    page.wait_for_function("document.querySelector('#text-state').innerText.includes('parça')")
    page.close()
