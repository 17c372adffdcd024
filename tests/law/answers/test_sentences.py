"""Units of an article, their scores, extracts, definitions."""

from dataclasses import replace

from fidan.law.article import Article
from fidan.law.definitions import definition_grade, prefer_definitions
from fidan.law.extract import MOST, SHORT, STORY, extract
from fidan.law.fit import fitted
from fidan.law.sentences import asked, defines, scores
from fidan.law.terms import terms
from fidan.law.units import units_of

LIST = "Suçun;\na) Gece vakti,\nb) Silahla,\nişlenmesi hâlinde iki yıl hapis cezasına hükmolunur. Bu ceza ertelenmez."


def test_an_item_carries_its_opening_and_its_close() -> None:
    units = units_of((LIST,))
    assert [unit.whole for unit in units] == [
        "Suçun; a) Gece vakti, işlenmesi hâlinde iki yıl hapis cezasına hükmolunur.",
        "Suçun; b) Silahla, işlenmesi hâlinde iki yıl hapis cezasına hükmolunur.",
        "Bu ceza ertelenmez.",
    ]
    assert [unit.place for unit in units] == [0, 1, 2]


def test_a_list_that_has_ended_has_no_close_and_a_sentence_opens_no_list() -> None:
    units = units_of(
        ("Şunlar gerekir:\na) Dilekçe.\nb) Kimlik.\nBaşvuru ücretsizdir.", "Karar yazılır.\n1. Tutulur.")
    )
    assert [(unit.opening, unit.text, unit.close) for unit in units] == [
        ("Şunlar gerekir:", "a) Dilekçe.", ""),
        ("Şunlar gerekir:", "b) Kimlik.", ""),
        ("", "Başvuru ücretsizdir.", ""),
        ("", "Karar yazılır.", ""),
        ("", "1. Tutulur.", ""),
    ]


def test_the_counter_of_a_paragraph_is_no_word_of_it() -> None:
    assert [unit.text for unit in units_of(("(1) Herkes eşittir.", "(2)"))] == ["Herkes eşittir."]


def test_what_a_question_asks_for() -> None:
    assert asked("Egemenlik nedir?").definition == "egemenlik"
    assert asked("zilyetlik ne demek").definition == "zilyetlik"
    assert asked("Hırsızlığın cezası nedir?") == (asked("hırsızlığın cezası nedir"))
    assert asked("Hırsızlığın cezası nedir?").definition == ""
    assert asked("Hırsızlığın cezası nedir?").penalty
    assert asked("Kaç gün içinde itiraz edilir?").number


def test_a_sentence_with_the_number_asked_for_is_preferred() -> None:
    units = units_of(("Ret beyanı mahkemeye yapılır.", "Ret üç ay içinde yapılır."))
    told = scores(units, "Ret kaç ay içinde yapılır?", terms, {"ret": 1.0})
    assert told[1] > told[0]
    assert scores(units, "soru", terms, {}) == [0.0, 0.0]


def test_an_extract_is_the_articles_own_text_in_order(gardens: tuple[Article, ...]) -> None:
    weights = {"bosta": 1.0, "kira": 1.0, "kiray": 1.0, "gecik": 1.0}
    text = extract(gardens[2].paragraphs, "Bostan kirası gecikirse ne olur?", terms, weights)
    rule, delay = "Bostan kira sözleşmesi, bir yıl için yapılır.", "Bostancı, kirayı iki ay geciktirirse sözleşme"
    assert text == f"{rule} {delay} feshedilebilir."
    assert extract((), "soru", terms, weights) == ""
    assert len(units_of((extract(("Kira. " * 20,), "kira", terms, {"kira": 1.0}),))) <= MOST


def test_items_of_one_list_share_the_words_around_it() -> None:
    text = extract((LIST,), "gece silahla", terms, {"gece": 1.0, "silah": 1.0})
    assert text == "Suçun; a) Gece vakti, b) Silahla, işlenmesi hâlinde iki yıl hapis cezasına hükmolunur."


def test_an_article_that_defines_goes_before_one_that_mentions(gardens: tuple[Article, ...]) -> None:
    found = [gardens[2], gardens[1]]
    order, grades = prefer_definitions(found, "Bostan nedir?", terms)
    assert order == [1, 0]
    assert grades[1] > grades[0]
    assert prefer_definitions(found, "Bostan kirası ne kadar?", terms) == ([0, 1], [0.0, 0.0])
    assert definition_grade(gardens[5], "bostan", terms) == 0.0


def test_a_defining_form_is_needed() -> None:
    assert defines("Bostan, sebze yetiştirilen yerdir.", "bostan")
    assert defines("Bostanı işleten kişiye bostancı denir.", "bostancı")
    assert defines("a) Açık rıza: Özgür iradeyle açıklanan rızayı,", "açık rıza")
    assert not defines("Bostan her yıl kiraya verilmek zorunda kalabilir ve", "bostan")
    assert not defines("Kurulan bostan, il müdürlüğüne bildirilir.", "bostan")
    assert not defines("Bostanda çalışan kişiye ırgat denir.", "bostan")


def test_an_item_of_a_list_within_a_list_carries_both_openings() -> None:
    outer = "Şunlar yasaktır:\n1. Gürültü.\n2. Bostanda;\na) Ateş,\nb) Mangal,\nyakmak.\n3. Ödünç:\nKürek vermek."
    assert [unit.whole for unit in units_of((outer,))] == [
        "Şunlar yasaktır: 1. Gürültü.",
        "Şunlar yasaktır: 2. Bostanda; a) Ateş, yakmak.",
        "Şunlar yasaktır: 2. Bostanda; b) Mangal, yakmak.",
        "3. Ödünç: Kürek vermek.",
    ]
    ended = units_of(("Aşağıdaki ücretler istisnadır.\n1. a) Bekçi;\nb) Irgat.",))
    assert [unit.opening for unit in ended] == ["Aşağıdaki ücretler istisnadır."] * 2


def test_a_list_is_given_whole_where_all_of_it_is_asked_for_and_gaps_are_shown() -> None:
    paragraphs = ("Bostancı;\na) Kürek tutar,\nb) Karga kovar,\nc) Su taşır,\nile yükümlüdür.",)
    weights = {"karga": 1.0}
    assert extract(paragraphs, "Karga kim kovar?", terms, weights) == "Bostancı; … b) Karga kovar, … ile yükümlüdür."
    whole = extract(paragraphs, "Karga kovmak gibi görevler nelerdir?", terms, weights)
    assert whole == "Bostancı; a) Kürek tutar, b) Karga kovar, c) Su taşır, ile yükümlüdür."


def test_a_story_is_answered_from_the_beginning_of_the_article() -> None:
    paragraphs = ("Bostan işleten izin alır.", "Kürek ruhsata bağlanır.", "Kayıp kürek bildirilir.")
    weights = {"kayip": 0.02, "komsu": 1.0}
    assert extract(paragraphs, "…", terms, weights, choice=SHORT).startswith("Kayıp")
    assert extract(paragraphs, "…", terms, weights, choice=STORY).startswith("Bostan")


def test_the_words_of_the_heading_are_said_of_every_sentence() -> None:
    units = units_of(("Yalan söyleyen hapis cezası ile cezalandırılır.", "İftira zamanaşımına uğramaz."))
    told = scores(units, "İftiranın cezası nedir?", terms, {"iftir": 1.0, "cezas": 0.5}, "İftira")
    assert told[0] > told[1]


def test_the_article_headed_by_the_offence_goes_before_what_makes_it_worse() -> None:
    base = Article(
        "1", "madde", "1", "Hırsızlık", "", ("Çalan kişi, bir yıl hapis cezası ile cezalandırılır.",), (), False
    )
    night = replace(base, number="2", heading="Gece", paragraphs=("Hırsızlık gece işlenirse ceza artırılır.",))
    passing = replace(base, kind="geçici", number="1")
    found = fitted([night, base, passing], [1.0, 0.95, 1.0], "Hırsızlık cezası nedir?", terms, {"hırsı": 1.0})
    assert found[1] == max(found)
    assert found[2] < found[1]
