"""The stream of synthetic documents: determinism, kinds, planted noise and its labels."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import islice

import pytest

from fidan.corpus.synthetic.generator import GENERATOR_VERSION, SyntheticDocument, document, generate
from fidan.corpus.synthetic.noise import NOISE_KINDS, iban, tckn, vkn
from fidan.turkish import fold, words

# sha256 of the first 100 kB of seed 7 with a fifth of noise. When it changes, raise GENERATOR_VERSION.
GOLDEN = {1: "06089894b1b1c4369b16775be6049ccdeb882949b29ff76c7e8ddc093736f64f"}


@pytest.fixture(scope="module")
def clean() -> list[SyntheticDocument]:
    return list(generate(3, 1_500_000))


@pytest.fixture(scope="module")
def noisy() -> list[SyntheticDocument]:
    return list(generate(3, 1_000_000, noise=0.5))


def labelled(documents: list[SyntheticDocument], kind: str) -> list[tuple[SyntheticDocument, str]]:
    return [(made, label.detail) for made in documents for label in made.labels if label.kind == kind]


def test_same_seed_same_stream() -> None:
    assert list(generate(5, 50_000, noise=0.3)) == list(generate(5, 50_000, noise=0.3))
    assert next(generate(5, 1)) != next(generate(6, 1))


def test_golden() -> None:
    digest = hashlib.sha256()
    for made in generate(7, 100_000, noise=0.2):
        digest.update(repr((made.text, made.kind, made.labels)).encode())
    assert digest.hexdigest() == GOLDEN[GENERATOR_VERSION]


def test_a_longer_target_only_appends() -> None:
    short, long = list(generate(9, 30_000, noise=0.4)), list(generate(9, 90_000, noise=0.4))
    assert long[: len(short)] == short
    assert sum(len(made.text.encode()) for made in short) >= 30_000
    assert sum(len(made.text.encode()) for made in short[:-1]) < 30_000


def test_documents_can_be_made_alone() -> None:
    weights = (("story", 0.5), ("page", 1.0))
    stream = list(islice(generate(4, 10**9, noise=0.3, kinds={"story": 1, "page": 1}), 60))
    assert [document(4, index, noise=0.3, weights=weights) for index in range(60)] == stream


def test_noise_leaves_clean_documents_as_they_were() -> None:
    pairs = list(zip(generate(2, 100_000), generate(2, 90_000, noise=0.3), strict=False))
    same = [plain.text == other.text for plain, other in pairs if not other.labels]
    assert len(same) > 50
    assert all(same)


def test_kinds(clean: list[SyntheticDocument]) -> None:
    counts = Counter(made.kind for made in clean)
    assert set(counts) == {"story", "qa", "page"}
    assert all(not made.labels for made in clean)
    assert {made.kind for made in generate(1, 20_000, kinds={"qa": 2.0, "page": 0})} == {"qa"}
    assert all("Soru: " in made.text and "\nCevap: " in made.text for made in clean if made.kind == "qa")
    assert all("\n" in made.text for made in clean if made.kind == "page")


def test_shape(clean: list[SyntheticDocument]) -> None:
    for made in clean:
        assert made.text == made.text.strip()
        assert "\n\n" not in made.text
        assert "  " not in made.text
        assert not set("{}[]<>*+|_") & set(made.text), made.text


def test_duplicates_are_rare(clean: list[SyntheticDocument]) -> None:
    folded = {fold(made.text) for made in clean}
    assert 1 - len(folded) / len(clean) < 0.005


def test_vocabulary_is_small(clean: list[SyntheticDocument]) -> None:
    forms = {word for made in clean for word in words(made.text)}
    assert 4000 < len(forms) < 15_000


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_every_noise_is_planted(noisy: list[SyntheticDocument], kind: str) -> None:
    assert len(labelled(noisy, kind)) > 20


def test_share_of_noise(noisy: list[SyntheticDocument]) -> None:
    assert abs(sum(bool(made.labels) for made in noisy) / len(noisy) - 0.5) < 0.05


@pytest.mark.parametrize("kind", ["menu", "cookie", "html", "control_characters", "too_short"])
def test_planted_string_is_in_the_text(noisy: list[SyntheticDocument], kind: str) -> None:
    for made, detail in labelled(noisy, kind):
        assert detail in made.text


def test_mojibake_can_be_undone(noisy: list[SyntheticDocument]) -> None:
    seen = Counter()
    for made, original in labelled(noisy, "mojibake"):
        assert made.text != original
        for written, read in (("utf-8", "cp1252"), ("utf-8", "latin-1"), ("cp1254", "cp1252")):
            try:
                undone = made.text.encode(read).decode(written)
            except UnicodeError:
                continue
            seen[written, read] += undone == original
    assert all(seen[pair] > 3 for pair in (("utf-8", "cp1252"), ("utf-8", "latin-1"), ("cp1254", "cp1252")))


def test_foreign(noisy: list[SyntheticDocument]) -> None:
    found = labelled(noisy, "foreign")
    assert len({code for _, code in found}) >= 10
    assert any("ə" in made.text for made, code in found if code == "az")


def test_duplicates_refer_to_earlier_documents(noisy: list[SyntheticDocument]) -> None:
    variants = set()
    for index, made in enumerate(noisy):
        for label in made.labels:
            if label.kind not in ("exact_duplicate", "near_duplicate"):
                continue
            source, _, variant = label.detail.partition(" ")
            original = noisy[int(source)]
            variants.add(variant)
            assert int(source) < index
            assert not original.labels
            if label.kind == "exact_duplicate":
                assert fold(made.text) == fold(original.text)
                assert (made.text == original.text) == (not variant)
            else:
                assert fold(made.text) != fold(original.text)
                shared = set(words(made.text)) & set(words(original.text))
                assert len(shared) > 0.6 * len(set(words(original.text)))
    assert variants == {"", "case", "whitespace", "apostrophe", "dropped", "added", "renamed"}


def valid_tckn(value: str) -> bool:
    d = [int(character) for character in value]
    tenth = ((d[0] + d[2] + d[4] + d[6] + d[8]) * 7 - (d[1] + d[3] + d[5] + d[7])) % 10
    return len(d) == 11 and d[0] != 0 and d[9] == tenth and d[10] == sum(d[:10]) % 10


def valid_vkn(value: str) -> bool:
    total = 0
    for place, character in enumerate(value[:9], 1):
        shifted = (int(character) + 10 - place) % 10
        total += 9 if shifted == 9 else shifted * pow(2, 10 - place) % 9
    return len(value) == 10 and int(value[9]) == (10 - total % 10) % 10


def valid_iban(value: str) -> bool:
    plain = value.replace(" ", "")
    return len(plain) == 26 and plain[9] == "0" and int(plain[4:] + "2927" + plain[2:4]) % 97 == 1


def test_known_identity_number() -> None:
    assert valid_tckn("10000000146")


def test_checksums(noisy: list[SyntheticDocument]) -> None:
    validators = {"tckn": valid_tckn, "vkn": valid_vkn, "iban": valid_iban}
    seen = Counter()
    for made, detail in labelled(noisy, "personal_data"):
        what, _, value = detail.partition(":")
        assert value in made.text
        seen[what] += 1
        valid = validators.get(what.removeprefix("invalid_"))
        if valid is not None:
            assert valid(value) == (not what.startswith("invalid_")), detail
    assert set(seen) == {"tckn", "vkn", "iban", "phone", "email", "invalid_tckn", "invalid_vkn", "invalid_iban"}


def test_number_makers() -> None:
    import random

    rng = random.Random(0)
    for _ in range(200):
        assert valid_tckn(tckn(rng))
        assert valid_vkn(vkn(rng))
        assert valid_iban(iban(rng))


def test_wrong_options_are_refused() -> None:
    with pytest.raises(ValueError, match="noise"):
        generate(1, 10, noise=1.5)
    with pytest.raises(ValueError, match="target_bytes"):
        generate(1, -1)
    with pytest.raises(ValueError, match="unknown kind 'poem'"):
        generate(1, 10, kinds={"poem": 1.0})
    with pytest.raises(ValueError, match="weights"):
        generate(1, 10, kinds={"story": 0.0})
    assert list(generate(1, 0)) == []
