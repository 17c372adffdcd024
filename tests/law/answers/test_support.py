"""A text is supported by a passage, or it is told why not: adversarial pairs."""

import pytest

from fidan.law.citations import Citation
from fidan.law.negation import against
from fidan.law.support import check_support
from fidan.law.terms import terms

OWN = Citation("4721", "606")
RENT = "Kiracı, kira bedelini kiraya verene her ayın sonunda ödemekle yükümlüdür."
PENALTY = "Bir kimsenin ölümüne neden olan kişi, iki yıldan altı yıla kadar hapis cezası ile cezalandırılır."
DEADLINE = "Miras, üç ay içinde reddolunabilir.\n\nReddin kayıtsız ve şartsız olması gerekir."
FORBIDDEN = "Yıllık ücretli izin hakkından vazgeçilemez. İzin, işverence bölünemez."
VOID = "Bu süreyi kısaltan sözleşmeler geçerli değildir."


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("Miras üç ay içinde reddolunabilir.", DEADLINE),
        ("Miras 3 ay içinde reddolunabilir [TMK m.606].", DEADLINE),
        ("Ölüme neden olan kişi iki yıldan altı yıla kadar hapis cezası ile cezalandırılır.", PENALTY),
        ("Kiracı, kira bedelini her ayın sonunda kiraya verene öder.", RENT),
        ("İzin hakkından vazgeçilemez.", FORBIDDEN),
        ("Süreyi kısaltan sözleşmeler geçerli değildir.", VOID),
    ],
)
def test_what_the_passage_says_passes(text: str, passage: str) -> None:
    found = check_support(text, passage, OWN, terms)
    assert found.supported, found.failures


@pytest.mark.parametrize(
    ("text", "passage", "told"),
    [
        ("Miras, altı ay içinde reddolunabilir.", DEADLINE, "sayı"),
        ("Miras, üç yıl içinde reddolunabilir.", DEADLINE, "sayı"),
        ("Ölüme neden olan kişi altı yıldan iki yıla kadar hapis cezası ile cezalandırılır.", PENALTY, "aralık"),
        ("Miras, üç ay içinde reddolunamaz.", DEADLINE, "reddolunamaz"),
        ("İzin hakkından vazgeçilebilir.", FORBIDDEN, "vazgeçilebilir"),
        ("Süreyi kısaltan sözleşmeler geçerlidir.", VOID, "olumsuzluk"),
        ("Kiraya veren, kira bedelini kiracıya her ayın sonunda ödemekle yükümlüdür.", RENT, "taraflar"),
        ("Miras üç ay içinde reddolunabilir [TMK m.607].", DEADLINE, "607"),
        ("TCK 81 uyarınca miras üç ay içinde reddolunabilir.", DEADLINE, "m.81"),
        ("Miras, noterde üç ay içinde dilekçe ve harçla reddolunabilir.", DEADLINE, "sözcük"),
        ("", DEADLINE, "boş"),
    ],
)
def test_what_it_does_not_say_fails_for_the_stated_reason(text: str, passage: str, told: str) -> None:
    found = check_support(text, passage, OWN, terms)
    assert not found.supported
    assert any(told in failure for failure in found.failures), found.failures


def test_the_other_party_is_no_support() -> None:
    found = check_support("Kiraya veren, kusursuz sorumludur.", "Kiracı, kusursuz sorumludur.", None, terms)
    assert any("taraf" in failure for failure in found.failures)


def test_words_from_all_over_are_no_sentence() -> None:
    passage = "Kiracı eve bakar.\n\nBekçi kapıyı kilitler.\n\nYönetici parayı toplar."
    found = check_support("Kiracı kapıyı parayı toplar kilitler bakar.", passage, None, terms)
    assert not found.supported
    assert any("uzak" in failure for failure in found.failures)


def test_a_noun_in_ma_denies_nothing() -> None:
    assert against("Ödeme yapılır.", "Ödeme yapılır.") == []
    assert against("Bulunmadan ödenir.", "Bulunduktan sonra ödenir.") == ["bulunmadan"]


def test_a_dropped_condition_is_known_to_pass() -> None:
    # The check says so in its docstring: what a text leaves out it cannot see.
    passage = "Kiracı, yazılı bildirimde bulunmak şartıyla sözleşmeyi sona erdirebilir."
    assert check_support("Kiracı sözleşmeyi sona erdirebilir.", passage, None, terms).supported
