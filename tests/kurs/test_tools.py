import pytest
import torch

from fidan.kurs import dikkat_haritasi, esit_mi, kaynak, ornek_belgeler, ornek_tokenlastirici
from fidan.model.attention import SelfAttention
from fidan.model.masks import causal_mask


def test_equal_within_rounding_is_said_with_the_difference(capsys: pytest.CaptureFixture[str]) -> None:
    esit_mi(torch.ones(2, 3), torch.ones(2, 3) + 1e-7)
    assert "biçim (2, 3), en büyük fark 1.2e-07" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        (torch.ones(2), torch.tensor([1.0, 1.001]), r"en büyük fark 0.001 .*yeri \(1,\)"),
        (torch.ones(2), torch.ones(3), r"biçim \(2,\), kütüphanede \(3,\)"),
        (torch.tensor([torch.nan]), torch.ones(1), "en büyük fark nan"),
        (torch.tensor([torch.inf]), torch.ones(1), "en büyük fark inf"),
        ("kedi", "köpek", "'kedi', kütüphanede 'köpek'"),
        (["kedi"], ["kedi", "köpek"], "1 öğe, kütüphanede 2"),
        ([1, 2], [1, 3], r"yeri \(1,\)"),
        ([True, True], [True, False], r"yeri \(1,\): bizimki True, kütüphanede False"),
        (134_105_856, 134_105_857, "en büyük fark 1 "),
    ],
)
def test_a_difference_stops_and_says_where(ours: object, theirs: object, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        esit_mi(ours, theirs)


def test_infinities_that_agree_are_equal() -> None:
    esit_mi(torch.tensor([-torch.inf, 1.0]), torch.tensor([-torch.inf, 1.0]))


def test_the_limit_grows_with_the_numbers_as_rounding_does() -> None:
    esit_mi(torch.tensor([1000.0]), torch.tensor([1000.0005]))
    with pytest.raises(AssertionError):
        esit_mi(torch.tensor([1.0]), torch.tensor([1.0005]))


def test_source_is_shown_as_it_stands_without_docstrings() -> None:
    shown = kaynak(causal_mask)
    assert shown.path == "src/fidan/model/masks.py"
    assert shown.code.startswith("def causal_mask(length: int")
    assert '"""' not in shown.code
    assert shown.code.endswith(".tril(past))")
    assert '"""' in kaynak(causal_mask, aciklama=True).code
    inside = kaynak(SelfAttention).code
    assert "def forward(" in inside
    assert "(B, T, D) → (B, T, D)." not in inside


def test_source_of_others_is_refused() -> None:
    with pytest.raises(ValueError, match="fidan'ın değil"):
        kaynak(torch.nn.Linear)


def test_a_map_wants_a_label_for_each_row_and_column() -> None:
    with pytest.raises(ValueError, match="3 sorgu ve 3 anahtar"):
        dikkat_haritasi(torch.ones(2, 3), ["a", "b", "c"])


def test_the_sample_text_and_tokenizer_are_the_same_everywhere() -> None:
    assert ornek_belgeler(2000) == ornek_belgeler(2000)
    tokenizer = ornek_tokenlastirici()
    assert tokenizer.vocab_size == 800
    assert tokenizer.decode(tokenizer.encode("Iğdır'ın ışığı")) == "Iğdır'ın ışığı"
