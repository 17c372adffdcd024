"""What marks a word as Turkish, or as one of a language that is easily taken for it: the lists, and their argument.

Each list is closed-class words or endings, known from any grammar, and none is learnt from text. They are there for
what a general identifier is bad at: short lines, Turkish without its diacritics ("cok guzel"), and the relatives
(Azerbaijani, Uzbek, Turkmen, Kurdish by neighbourhood) that share half of their words with Turkish.

- `OWN_WORDS`: Turkish function words that the relatives spell otherwise (ve: Az. və, Uz. va; için: üçün, uchun;
  değil: deyil, emas; çok: çox, ko'p; olarak: olaraq). They count with and without diacritics.
- `SHARED_WORDS`: function words that Turkish has in common with a relative; they speak only against the rest of the
  world.
- `OTHER_WORDS`: the most frequent function words of the relatives, in so far as they are no Turkish words.
- `OWN_ENDINGS`: endings that a relative does not have in this form. Azerbaijani has -maq, -acaq, -araq for -mak,
  -acak, -arak, and ə in every front ending (-lər, -dən, -ində); Uzbek has no vowel harmony and no front forms at all
  (-lar, -dan, -ni, -moqda); the present in -yor is Turkish alone.
- `SHARED_ENDINGS`: those that Azerbaijani has as well, which are nearly all that go with back vowels (-dığı, -ında).
- `OTHER_ENDINGS`: of relatives, in so far as no Turkish word ends so.
- `CASE_ENDINGS`: what follows the apostrophe of a proper name: "Ankara'da", "Rihanna'ya".

What it leaves out: letters, which are as telling, and how all of it is counted (`fidan.corpus.filters.evidence`).
"""

from itertools import product

_PLAIN = str.maketrans("çğıöşü", "cgiosu")


def _with_plain(words: str) -> frozenset[str]:
    """The words, and the words as they are typed on a keyboard without Turkish letters."""
    return frozenset(words.split()) | frozenset(words.translate(_PLAIN).split())


def _harmonic(patterns: str) -> frozenset[str]:
    """All forms of endings: A is a or e, I is ı, i, u or ü, D is d or t, Ğ is ğ, k or plain g."""
    choices = {"A": "ae", "I": "ıiuü", "D": "dt", "Ğ": "ğgk"}
    return frozenset(
        "".join(letters) for word in patterns.split() for letters in product(*(choices.get(c, c) for c in word))
    )


OWN_WORDS = _with_plain(
    "ve için çok değil gibi kadar olarak şey şeyi ancak çünkü diye veya göre böyle böylece şöyle öyle nasıl niye "
    "niçin hangi hiç hiçbir tüm bazı birçok ben bana bende benim sana seni beni bizim sizin kendi kendini şimdi yani "
    "bile artık tarafından tarafında olacak eden ettiği ettiğini ederek etmek etti ile ise olmak değildir yoktur "
    "nerede üzerine üzerinde içinde önce büyük küçük aynı yüzde bugün dün yarın iyi kötü güzel neden kez tane gerek "
    "gereken herkes hep yine sadece yalnızca belki tabii zaten lazım galiba acaba keşke hala hâlâ sanki yok dört şu "
    "şunu"
) - {"su", "sunu", "ben", "dun"}  # words of many other languages
SHARED_WORDS = _with_plain(
    "bir bu var ne ki de da daha sonra olan ilk son her yeni iki üç beş yıl ay gün bin lira saat oldu geldi dedi ama "
    "bütün başka milyon arasında altında üstünde yanında onun onu ona bunun bunu buna bunlar onlar olduğu olduğunu "
    "olduğuna olması sonrası mı mü hatta kişi olur vardır hem web"
)
OTHER_WORDS = frozenset(
    (
        # Azerbaijani; most of its words are told by ə, q and x
        "heç üçün deyil edir artıq olub edib yaxşı çox yox haqda hansı amma çünki böyük kiçik eyni dörd yeddi iyirmi "
        "etdi getdi deyir deyirdi gedir edirik edirdi bilirik "
        # Uzbek
        "va uchun bilan emas ham juda edi ekan lekin ular shu bular nima narsa kerak yoki balki mumkin agar har "
        "hamma boshqa keyin endi uni mening uning bizning ularning qanday haqida kabi unda menga sizga unga bizga "
        "ularga bunga shunga narsani narsalar muammo qildim qilib "
        # Turkmen
        "we bolan bolup bolsa şeýle däl ýok "
        # Kurdish (Kurmanji)
        "ji ku xwe jî û"
    ).split()
)
OWN_ENDINGS = _harmonic(
    "yor yorum yorsun yorsunuz yoruz yorlar yordu yordum yorsa yormuş "
    "mAk mAkta mAkte mAktadır mAktedir mAkten mAktan AcAk AcAĞI AcAĞInI AcAktIr AcAktI AcAklar ArAk AbIlIr "
    "DiĞi DüĞü DiĞini DüĞünü DiĞine DüĞüne DiĞinde DiĞimiz DiĞim "
    "ler leri lerin lerini lerine lerde lerden lere lerle lerinde lerinden lük lüğü liği "
    "nden inde inden sinde sinden ünde ünden mesi mesini mesine meli meyi meye ince iyle siyle "
    "miştir müştür mişti müştü miş müş dür tür tir sunuz sünüz siniz meyen emez amaz miyim"
) | frozenset("mistir mustur misti musti".split())
SHARED_ENDINGS = _harmonic(
    "DıĞı DuĞu DıĞını DuĞunu DıĞına DıĞında DuĞunda DıĞımız DıĞım ında ından sında sından unda mıştır muştur mıştı "
    "muştu mış muş dır tır ması masını masına malı madan maya mayı ınca ıyla sıyla lık lığı luk luğu sız suz ınız "
    "mıyım Dı Du Dü Di den ten"
)
OTHER_ENDINGS = frozenset(
    (
        "mişik müşük irik ibsiniz ıbsınız ubsunuz übsünüz "  # Azerbaijani
        "ning ningki larga larni ganda ganlar gach moqda moqdaman ilgan ingan angan algan digan adigan"  # Uzbek
    ).split()
)
CASE_ENDINGS = _harmonic(
    "I yI nI A yA nA DA DAn ndA ndAn In nIn ylA lI lIk cA çA DAki DIr ydI ymIş nInki Im sI lA ki ImIz InIz "
    "lAr lArI lArIn lArA lArdA lArdAn lArlA lArImIz"
)
