"""The assistant on made-up laws: answers, silence, citations, models that say too much, and the commands."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fidan.cli import app
from fidan.errors import ArtifactMismatch, FidanError
from fidan.law.assistant import MOST_WORDS, NOTICE, SILENT, Assistant, Write
from fidan.law.elsewhere import foreign_language, foreign_place
from fidan.law.index import LawIndex, build_index
from fidan.law.scope import CALIBRATED, Model, Signals, content_terms, signals_of
from fidan.law.sources import Source
from fidan.law.statutes import read_laws

EAGER = CALIBRATED._replace(threshold=0.0)


def assistant(index: LawIndex, write: Write | None = None, model: Model = EAGER) -> Assistant:
    return Assistant(index, write, model)


def test_an_answer_is_the_articles_own_sentence_with_its_citation_and_date(index: LawIndex) -> None:
    answer = assistant(index).answer("Karpuz çalan kişi kaç ay hapis yatar?")
    assert answer.text == ("Bostandan karpuz çalan kişi, bir aydan altı aya kadar hapis cezası ile cezalandırılır.")
    assert [(c.law, c.article) for c in answer.citations] == [("9001", "4")]
    (passage,) = answer.passages
    assert answer.text in passage.text
    assert (answer.version, answer.notice, answer.generated) == ("2024-05-06", NOTICE, False)


def test_everyday_words_find_the_article(index: LawIndex) -> None:
    assert assistant(index).answer("bahçeden aşırdılar").citations[0].article == "4"


def test_a_definition_is_taken_from_the_article_that_defines(index: LawIndex) -> None:
    answer = Assistant(index).answer("Bostancı kime denir?")
    assert answer.citations[0].article == "2"
    assert "Bostanı işleten kişiye bostancı denir." in answer.text
    assert Assistant(index).find("Kayık nedir?", 1)[0] == ("9002", "1")


def test_a_cited_article_is_the_source(index: LawIndex) -> None:
    answer = Assistant(index).answer("9002 sayılı Kanun m. 3 ne diyor?")
    assert answer.citations[0] == ("9002", "3")
    assert answer.score == 1.0


def test_a_cited_paragraph_is_given_whole(index: LawIndex) -> None:
    answer = Assistant(index).answer("9001 sayılı Kanun m. 3/2 ne diyor?")
    assert answer.text.startswith("Bostancı, kirayı iki ay geciktirirse")
    assert Assistant(index).answer("9001 sayılı Kanun m. 3/9").text.startswith("Bostan kira sözleşmesi")


def test_articles_found_with_nearly_the_same_score_are_answered_from_together(index: LawIndex) -> None:
    answer = Assistant(index).answer("9001 sayılı Kanun m. 1 ve 9002 sayılı Kanun m. 1")
    assert [(c.law, c.article) for c in answer.citations] == [("9001", "1"), ("9002", "1")]
    assert [line.rsplit(" [", 1)[1] for line in answer.text.split("\n") if line.endswith("]")] == [
        "Bostan Kanunu m.1]", "Kayık Kanunu m.1]",
    ]  # fmt: skip
    first = Source(index.articles[0], index.laws["9001"], 10.0)
    assert first._replace(score=9.5).near(first)
    assert not first._replace(score=8.0).near(first)
    assert not first.near(first._replace(cited=True))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("9001 sayılı Kanun m. 77 ne diyor?", "böyle bir madde yok"),
        ("9001 sayılı Kanun m. 6 ne diyor?", "yürürlükten kaldırılmıştır"),
        ("Mercimek çorbası nasıl pişer?", "hiçbir maddede geçmiyor"),
        ("How do I rent a boat in Izmir with my dog?", "Türkçe değil"),
        ("كيف أطبخ الأرز؟", "Türkçe değil"),
        ("Almanya'da bostan kirası ne kadar?", "başka bir ülkenin hukuku"),
    ],
)
def test_it_abstains_and_says_why(index: LawIndex, question: str, reason: str) -> None:
    answer = Assistant(index).answer(question)
    assert (answer.abstained, answer.text, answer.citations, answer.passages) == (True, SILENT, (), ())
    assert reason in answer.reason
    assert answer.notice == NOTICE


def test_below_the_threshold_it_abstains_with_the_score(index: LawIndex) -> None:
    answer = assistant(index, model=CALIBRATED._replace(threshold=1.1)).answer("Karpuz çalan ne olur?")
    assert answer.abstained
    assert f"{answer.score:.2f}" in answer.reason
    assert 0 < answer.score < 1


def test_in_a_small_index_the_best_article_must_have_half_of_the_words(index: LawIndex, tmp_path: Path) -> None:
    asks = Assistant(index).answer
    assert asks("Kayıkçı yolcuyu nereye geçirir?").text.endswith("karşı kıyıya geçirir.")
    refused = asks("Karpuz tarlasında uzay mekiği nasıl yapılır?")
    assert refused.abstained
    assert "(%25; bu dizinde 8 madde var" in refused.reason
    assert not assistant(index).answer("Karpuz tarlasında uzay mekiği nasıl yapılır?").abstained
    text = "FİDAN KANUNU\n\nKanun Numarası : 9903\n\nMadde 1 – Fidan küçük ağaçtır.\n\n"
    (tmp_path / "fidan.txt").write_text(
        text + "Madde 2 – Fidanlar haftada iki kez sulanır.\n\nMadde 3 – Kuyu derin olur.\n", encoding="utf-8"
    )
    build_index(read_laws([tmp_path / "fidan.txt"]), tmp_path / "index")
    answer = Assistant(LawIndex.open(tmp_path / "index")).answer("Fidanlar haftada kaç kez sulanır?")
    assert (answer.text, answer.citations[0].article) == ("Fidanlar haftada iki kez sulanır.", "2")


def test_a_models_text_is_taken_only_where_the_passage_supports_it(index: LawIndex) -> None:
    question = "Karpuz çalan kişiye ne ceza verilir?"
    true = "Karpuz çalan kişi bir aydan altı aya kadar hapis cezası ile cezalandırılır."
    answer = assistant(index, lambda question, passage: true).answer(question)
    assert (answer.text, answer.generated, answer.reason) == (true, True, "")
    for false in (true.replace("altı aya", "altı yıla"), true.replace("cezalandırılır", "cezalandırılmaz"), ""):
        answer = assistant(index, lambda question, passage, text=false: text).answer(question)  # type: ignore[misc]
        assert not answer.generated
        assert answer.text.startswith("Bostandan karpuz çalan kişi, bir aydan altı aya")
        assert "desteklenmiyor" in answer.reason


def test_what_is_no_question_is_refused(index: LawIndex) -> None:
    with pytest.raises(FidanError, match="boş"):
        Assistant(index).answer("  ")
    with pytest.raises(FidanError, match=r"10\.000 sözcük; en çok 1\.000"):
        Assistant(index).answer("söz " * 10_000)
    assert Assistant(index).answer("söz " * MOST_WORDS).abstained
    assert Assistant(index).answer("?!").abstained


def test_another_country_is_told_from_a_story_about_one() -> None:
    assert foreign_place("Fransa'da kıdem tazminatı var mı?") == "fransa"
    assert foreign_place("ABD'nin kira kanunu nedir?") == "abd"
    assert foreign_place("Almanya'da çalışan Türk vatandaşı emekli olur mu?") is None
    assert foreign_place("Kardeşim Almanya'da, " + "miras kaldı " * 10) is None
    assert foreign_place("Fransız balkonu yapmak yasak mı?") is None


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Alman Medeni Kanununa göre kira artışı nedir?", "alman"),
        ("Alman hukukunda kira", "alman"),
        ("İngiliz hukukunda sözleşme nasıl kurulur?", "ingiliz"),
        ("Fransız kanunlarına göre boşanma", "fransız"),
        ("Amerikan anayasası ne der?", "amerikan"),
        ("KKTC'de kira artışı ne kadar?", "kktc"),
        ("Türk-Alman Üniversitesi nasıl yönetilir?", None),
        ("Alman vatandaşı eşim mirasçı olur mu?", None),
        ("Fransız eşimle Türkiye'de boşanma nasıl olur?", None),
        ("Alman hukukçu Türkiye'de avukatlık yapar mı?", None),
        ("Alman yasalarına göre miras", "alman"),
        ("Alman yasal mirasçı tapu alır mı?", None),
        ("İngiliz kanuni temsilci dava açar mı?", None),
        ("Amerikan bar yapmak yasak mı?", None),
        ("Alman firmayla sözleşme yasal mı?", None),
    ],
)
def test_another_countrys_law_by_its_adjective(question: str, place: str | None) -> None:
    assert foreign_place(question) == place


def test_turkish_without_its_letters_is_still_turkish() -> None:
    assert not foreign_language("kira artisi ne kadar olur")
    assert not foreign_language("IBAN için dava")
    assert foreign_language("What is the law on rent?")
    assert foreign_language("Wie hoch ist die Miete in der Stadt?")


def test_signals_are_of_content_words(index: LawIndex) -> None:
    assert content_terms("Acaba bu bostan için kaç lira?") == ["bosta", "lira"]
    known = signals_of(index, "bostan karpuz")
    partly = signals_of(index, "bostan karpuz uzay")
    assert known is not None
    assert partly is not None
    assert (known.unknown, partly.unknown) == (0.0, pytest.approx(1 / 3))
    assert known.everyday > partly.everyday
    assert signals_of(index, "uzay mekiği") is None
    assert CALIBRATED.score(known) > CALIBRATED.score(partly)
    assert Model(0.0, Signals(0, 0, 0, 0, 0, 0), 0.5).score(known) == 0.5


def test_the_answer_to_a_story_says_that_it_may_be_wrong(index: LawIndex) -> None:
    story = "Komşu bostandan karpuz çaldı, " + " ".join(f"söz{chr(97 + n)}{n}" for n in range(20))
    assert "yanlış olabilir" in assistant(index).answer(story).caution
    assert assistant(index).answer("Bostandan karpuz çalan ne olur?").caution == ""


def test_ask_prints_the_answer_its_source_and_the_notice(index_folder: Path) -> None:
    result = CliRunner().invoke(app, ["law", "ask", "9002 sayılı Kanun m. 2", "--index", str(index_folder)])
    assert result.exit_code == 0, result.output
    assert "[bold]Bayramda[/bold] ücret alınmaz." in result.output  # text of a law is no markup
    assert "KAYIK KANUNU" in result.output
    assert "Kanun metninin tarihi: kaynakta belirtilmemiş" in result.output
    assert NOTICE in result.output.replace("\n", " ")


def test_a_threshold_of_ones_own(index_folder: Path) -> None:
    asked = ["law", "ask", "Kayıkçı yolcuyu nereye geçirir?", "--index", str(index_folder), "--threshold"]
    assert "[9002 sayılı Kanun" not in CliRunner().invoke(app, [*asked, "1"]).output
    assert "karşı kıyıya geçirir" in CliRunner().invoke(app, [*asked, "0"]).output


def test_ask_as_json_has_every_field(index_folder: Path) -> None:
    result = CliRunner().invoke(app, ["law", "ask", "Kayık nedir?", "--index", str(index_folder), "--json"])
    told = json.loads(result.output)
    assert told["citations"] == [["9002", "1"]]
    assert told["passages"][0]["text"].startswith("Kayık, kürekle")
    assert told["notice"] == NOTICE


def test_summarize_and_evaluate_run_from_the_command_line(index_folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["law", "summarize", "-", "--index", str(index_folder)], input="Bostan güzeldir.\n"
    )
    assert "• Bostan güzeldir." in result.output
    many = "\n\n".join(f"Bostan {'çok ' * (n % 7)}güzeldir." for n in range(1397))
    result = CliRunner().invoke(app, ["law", "summarize", "-", "--index", str(index_folder)], input=many)
    assert "(1.397 cümleden" in result.output
    questions, record = tmp_path / "q.jsonl", tmp_path / "r.json"
    rows = [
        {
            "question": "Kayık nedir?",
            "citations": [["9002", "1"]],
            "answer": "Kürekle yürütülen araç.",
            "type": "tanım",
        },
        {"question": "Mercimek pişer mi?", "citations": []},
    ]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    options = ["law", "evaluate", str(questions), "--index", str(index_folder), "--answers", "--json", str(record)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "recall@1" in result.output
    told = json.loads(record.read_text(encoding="utf-8"))
    assert told["retrieval"]["recall@1"]["value"] == 1.0
    assert told["answers"]["abstained out of scope"]["value"] == 1.0


def test_a_command_that_cannot_run_says_why(index_folder: Path, tmp_path: Path) -> None:
    run = CliRunner()
    refused = run.invoke(app, ["law", "ask", "", "--index", str(index_folder)])
    assert isinstance(refused.exception, FidanError)
    missing = run.invoke(app, ["law", "ask", "Kayık nedir?", "--index", str(tmp_path)])
    assert isinstance(missing.exception, ArtifactMismatch)
    (tmp_path / "q.jsonl").write_text('{"question": "x", "citations": []}', encoding="utf-8")
    options = ["law", "evaluate", str(tmp_path / "q.jsonl"), "--index", str(index_folder), "--model", "x"]
    with pytest.raises(FidanError, match="only with --answers"):
        run.invoke(app, options, catch_exceptions=False)


def test_a_set_without_gold_citations_needs_answers(index_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Kayık nedir?"}\n{"question": "x", "citations": []}', encoding="utf-8")
    options = ["law", "evaluate", str(path), "--index", str(index_folder)]
    with pytest.raises(FidanError, match="Add --answers"):
        CliRunner().invoke(app, options, catch_exceptions=False)
    assert "questions: 2, counted: 2" in CliRunner().invoke(app, [*options, "--answers"]).output


def test_the_questions_counted_are_those_of_the_file(index_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    rows = ['{"question": "Kayık nedir?", "citations": [["9002", "1"]]}']
    rows += ['{"question": "x", "citations": [["Uç", "1"]]}']
    path.write_text("\n".join(rows), encoding="utf-8")
    told = CliRunner().invoke(app, ["law", "evaluate", str(path), "--index", str(index_folder)]).output
    assert "questions: 2, counted: 1" in told
    assert "left out: 1 (unknown law: Uç)" in told


def test_an_index_of_another_version_is_refused(index_folder: Path, tmp_path: Path) -> None:
    import shutil

    other = tmp_path / "index"
    shutil.copytree(index_folder, other)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    (other / "manifest.json").write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")
    with pytest.raises(ArtifactMismatch, match="format 99"):
        CliRunner().invoke(app, ["law", "ask", "Kayık nedir?", "--index", str(other)], catch_exceptions=False)
