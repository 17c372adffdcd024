"""Page furniture goes, and what only looks like it stays. None of these lines stands in the lists as it is here."""

import pickle
from collections import Counter

import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.corpus.cleaning import boilerplate_data as data
from fidan.corpus.cleaning.boilerplate import BoilerplateLines, boilerplate_kind, remove_boilerplate
from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.ledger import Ledger
from fidan.corpus.synthetic.generator import generate
from fidan.turkish import lower, upper

BOILERPLATE = {
    "menu": """
        Anasayfa > Yazılar > Bahçe İşleri > Gül Budama
        İletişim | Künye | Gizlilik Politikası | Kullanım Şartları
        ANA SAYFA • KURUMSAL • REFERANSLARIMIZ • BİZE ULAŞIN
        Gündem Dünya Ekonomi Spor Yazarlar Foto Galeri Video
        Manşet » Siyaset » Asayiş » Kültür Sanat » Röportaj
        Ana Sayfa - Ürünlerimiz - Fiyat Listesi - Bayilerimiz
        SİTE HARİTASI
        İLETİŞİM
        İletişim Bilgileri
        Anasayfa | Köyümüzün Tarihi | Muhtarlık | Ziyaretçi Defteri | İletişim
        Sepete Ekle | Favorilere Ekle | Karşılaştırma Listesi
        Sayfa başına dön ↑
        Iletisim - Hakkimizda - Site Haritasi
    """,
    "share": """
        Facebook'ta Paylaş Twitter'da Paylaş WhatsApp'ta Paylaş
        Facebook | Twitter | Instagram | YouTube
        Bu yazıyı Facebook'ta paylaş
        Bizi Instagram'da takip edin!
        Haberi yazdır | Arkadaşına gönder
        Twitter'da bizi takip edin
        FACEBOOK TWITTER WHATSAPP LINKEDIN
        Bağlantıyı kopyala
    """,
    "login": """
        Kullanıcı adı: Şifre: Beni hatırla Giriş yap
        Şifremi Unuttum
        ÜYE OL | GİRİŞ YAP
        Facebook ile giriş yap
        Bu içeriği görmek için üye girişi yapmanız gerekmektedir.
        Dosyayı indirebilmek için sitemize üye olmanız gerekir
        E-bültenimize abone olun!
        Henüz üye değil misiniz? Hemen üye olun
    """,
    "read_more": """
        Haberin devamını okumak için tıklayınız...
        DEVAMI >>
        Yazının devamını oku →
        Maçın fotoğrafları için tıklayın!
        TÜM HABERLERİ GÖR
        Daha fazla göster
        Etkinlik programının tamamını görmek için lütfen buraya tıklayınız.
        Detaylı bilgi »
    """,
    "comments": """
        Bu habere henüz yorum yapılmamıştır. İlk yorumu siz yapın.
        Yorumlar (14)
        İlk yorumu sen yaz
        Yorum yapabilmek için giriş yapmalısınız.
        E-posta adresiniz yayınlanmayacak. Gerekli alanlar * ile işaretlenmişlerdir
        Bir cevap yazın
        Yorumunuz editör onayından geçtikten sonra yayınlanacaktır.
        3 yorum yapılmış
    """,
    "links": """
        BUNLAR DA İLGİNİZİ ÇEKEBİLİR
        En Çok Okunan Haberler
        Önceki Haber: Köy yolları yeniden asfaltlanıyor
        https://haber.example.com/gundem/kar-yagisi-123.html
        Kaynak: www.gazete.example.com.tr/spor
        HTTPS://WWW.GAZETE.EXAMPLE.COM.TR/GÜNDEM
        İlgili Haberler | Son Eklenenler
    """,
    "pages": """
        « Önceki 1 2 3 4 ... 17 Sonraki »
        İlk sayfa 1 2 3 Son sayfa
        Sayfa 3 / 12
    """,
    "tags": """
        ETİKETLER: bahar temizliği, halı yıkama, sirke
        Etiketler : Ankara | kar | okul tatili
        #bahar #temizlik #evişleri #sirke
        Kategori: Yaşam, Sağlık
    """,
    "cookie": """
        Web sitemizde size en iyi deneyimi sunabilmek için çerezler kullanıyoruz.
        İnternet sitemizi ziyaret ederek çerez kullanımını kabul etmiş sayılırsınız.
        Çerez Politikamızı inceleyin | Tümünü Reddet | Kabul Et
        ÇEREZLERİ NASIL KULLANDIĞIMIZI ÖĞRENMEK İÇİN TIKLAYIN. SİTEMİZDE GEZİNMEYE DEVAM EDEREK ONAY VERMİŞ OLURSUNUZ.
        Kişisel verileriniz 6698 sayılı Kanun uyarınca işlenir; ayrıntılar için aydınlatma metnini inceleyebilirsiniz.
    """,
    "copyright": """
        © 2021 Örnek Gazetesi. Tüm hakları saklıdır.
        Copyright 2015 - Örnek Yayıncılık A.Ş.
        HER HAKKI SAKLIDIR
        Sitemizdeki yazılar izin alınmadan, kaynak gösterilerek dahi kullanılamaz.
    """,
    "meta": """
        Bu haber 1.284 kez okundu
        Okunma sayısı: 512
        Güncelleme Tarihi: 14 Mart 2016 Pazartesi 18:42
        12.05.2014 - 09:31
        Eklenme: 3.2.2012 | Güncellenme: 4.2.2012 10:05
    """,
    "byline": "(DHA)\nAA",
    "ads": "- REKLAM -\nSponsorlu Bağlantılar",
    "technical": "Tarayıcınız bu videoyu oynatmayı desteklemiyor.",
}
LINES = [(kind, line.strip()) for kind, lines in BOILERPLATE.items() for line in lines.strip().split("\n")]

PROSE = """
    Çerez tabağını masaya koydu.
    Misafirlere çay ve çerez ikram ettik, geç saate kadar oturduk.
    Çerezler, sitelerin ziyaretçileri tanımak için bilgisayarda sakladığı küçük dosyalardır.
    Tarayıcının geçmişini ve çerezlerini silince sorun düzeldi.
    Üye girişi yapan kullanıcılar yorum yazabilir, dedi.
    Üye girişi bugünden itibaren kapatıldı.
    Evet.
    – Evet, tıkla.
    - Paylaş!
    "Devamını oku," dedi annem, "sonunu çok merak ediyorum."
    Devamını oku bakalım, ne yazmış?
    Haberler
    SPOR
    Ekonomi
    Son dakika
    Ekonomi haberleri bu hafta da kötü.
    Spor, ekonomi ve magazin haberleri bir arada.
    Dünya Kupası
    Dünya Sağlık Örgütü
    Eğitim ve sağlık
    Türkiye - Almanya
    Ana sayfada yer alan haber kısa sürede silindi.
    Ana sayfa tasarımı yenilendi
    İletişim fakültesinden bu yıl mezun oldu.
    İletişim, insanların birbirini anlamasıdır.
    İnsan kaynakları müdürü toplantıya gelmedi.
    Yorum yapmak istemiyorum.
    Bu konuda yorum yapmak için henüz erken.
    Bakanlıktan henüz bir yorum yok.
    Yorumlar ikiye bölündü
    Paylaş ki azalsın derdin
    Bu tarifi dostlarınızla paylaşın.
    Sırrını benimle paylaş.
    Bizi takip edin, size yolu göstereceğiz.
    – Bizi takip edin!
    Kaydet düğmesini etkinleştirmek için listeden bir satıra tıklayın.
    İletişim kutusunu kapatmak için Tamam'a tıklayın.
    Üçüncü kişilerin hakları saklıdır.
    Bu Kanunun 5 inci maddesi hükümleri saklıdır.
    Tüm çocukların oynama hakkı vardır.
    Bu eser, sahibinden izin alınmadan çoğaltılamaz ve yayımlanamaz.
    Etiket: kumaşın üzerinde yıkama bilgisini gösteren küçük kâğıt.
    Etiketleri söktü, ceketi dolaba astı.
    Sayfa 45'teki resme bakın.
    Sonraki sayfada bir harita var.
    Önceki gün hava daha soğuktu.
    12 Mart 1971
    3 Mart 1924 günü Mecliste görüşüldü.
    5 kişi yaralandı
    1 2 3
    Kitap 200 sayfa
    Bu film yüz binlerce kez izlendi ve konuşuldu.
    Üye olmak için dernek merkezine iki fotoğrafla başvurmanız gerekir.
    Abone sayısı bir milyonu geçti.
    Giriş yaparken kimliğini gösterdi.
    Şifresini unutan öğrenci sınava giremedi.
    #Ankara bugün karlı
    Ali: www.example.com adresine bakın, orada yazıyor.
    Reklam filminde oynayan çocuk büyüdü.
    Veri öğesi adı|Veri öğesi türü|Açıklama|
    Ayarlar | Evet | Hayır |
    Organizasyon yönetimi > Çalışma alanları > Raporlama yolunu izleyin.
    Aa, sen de mi geldin
    Rapor, kişisel verilerin korunması alanında yeni kurallar öneriyor.
    Uygulamayı açtığınızda verilerinizi bizimle paylaşmayı kabul edersiniz; daha fazla bilgi için belgeyi okuyun.
    Kişisel verileriniz çalınırsa ne yapmalısınız?
    Beğen ya da beğenme, gerçek budur.
    Detaylar önemlidir.
    "Ana Sayfa"
    Google, Facebook ve Twitter vergi ödeyecek
    Üye değilseniz salona giriş yapamazsınız.
    Mesaj atmak için siteye üye oldum.
    Yorum yazmak için üye olmak lazımmış.
    Görmek için erken gelmelisiniz.
    Facebook
"""
KEPT = [line.strip() for line in PROSE.strip().split("\n")]


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_goes(kind: str, line: str) -> None:
    assert boilerplate_kind(line) == kind
    assert boilerplate_kind(normalize(line)) == kind


@pytest.mark.parametrize("line", KEPT)
def test_stays(line: str) -> None:
    assert boilerplate_kind(line) is None
    assert boilerplate_kind(normalize(line)) is None


@pytest.mark.parametrize("case", [upper, lower])
def test_casing_is_turkish(case: type[str]) -> None:
    # A line without Turkish letters has no right capitals: ILETISIM would become ILETİSİM.
    turkish = [(kind, line) for kind, line in LINES if not line.isascii() and kind != "byline" and "//" not in line]
    assert len(turkish) > 40
    for kind, line in turkish:
        assert boilerplate_kind(case(line)) == kind, case(line)


def test_letters_without_their_dots() -> None:
    latin = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")
    for kind, line in LINES:
        assert boilerplate_kind(line.translate(latin)) == kind, line


@pytest.mark.parametrize("sentence", ["Köyde herkes bunu konuşuyordu.", "Oysa kimse gelmedi"])
def test_a_label_within_prose_stays(sentence: str) -> None:
    for kind in ("menu", "share", "login", "read_more", "comments", "links", "ads", "copyright"):
        for label in data.STRONG[kind].split("/"):
            if "tıklay" in label:  # with prose before it, it is still the last line of a teaser
                continue
            assert boilerplate_kind(f"{sentence} {label.strip()}") is None
            assert boilerplate_kind(f"{label.strip()} {sentence}") is None


@pytest.mark.parametrize("line", ["", "|", " - ", "***", "©", "'", "#", "...", "»", "(1)", "1", "\u200b", "a" * 401])
def test_odd_lines(line: str) -> None:
    assert boilerplate_kind(line) in (None, "copyright")


@given(st.lists(st.sampled_from([line for _, line in LINES] + KEPT) | st.text("aıi |»1.:", max_size=9), max_size=8))
@settings(max_examples=200)
def test_removal_is_by_line_and_idempotent(lines: list[str]) -> None:
    text, removed = remove_boilerplate("\n".join(lines))
    assert Counter(line for _, line in removed) == Counter(line for line in lines if boilerplate_kind(line))
    assert text == "\n".join(line for line in lines if boilerplate_kind(line) is None)
    assert remove_boilerplate(text) == (text, [])


def test_planted_noise() -> None:
    planted: Counter[str] = Counter()
    right = wrong = 0
    for document in generate(11, 1_000_000, noise=0.5):
        wanted = Counter(normalize(label.detail) for label in document.labels if label.kind in ("menu", "cookie"))
        found = Counter(line for _, line in remove_boilerplate(normalize(document.text))[1])
        kinds = [label.kind for label in document.labels]
        if "html" in kinds:
            continue  # its lists are menus, too
        planted.update(kinds)
        right += (wanted & found).total()
        wrong += (found - wanted).total()
    assert min(planted["menu"], planted["cookie"]) > 50
    assert right >= 0.98 * (planted["menu"] + planted["cookie"])
    assert wrong <= 0.02 * right


class Lines(Ledger):
    """A ledger that remembers what lines it was told of."""

    def __init__(self) -> None:
        super().__init__(1)
        self.seen: list[tuple[str, str]] = []

    def line(self, kind: str, line: str) -> None:
        self.seen.append((kind, line))


def test_step() -> None:
    ledger = Lines()
    texts = ["Köye kar yağdı.\nDevamını oku »", "ÜYE GİRİŞİ\nPaylaş | Yazdır", "Okul tatil edildi."]
    step = pickle.loads(pickle.dumps(BoilerplateLines(ledger)))
    assert isinstance(step, BoilerplateLines)
    step = BoilerplateLines(ledger)
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    assert [document.text for document in step.run(iter(documents))] == ["Köye kar yağdı.", "", "Okul tatil edildi."]
    assert ledger.seen == [
        ("read_more", "Devamını oku »"), ("login", "ÜYE GİRİŞİ"), ("share", "Paylaş | Yazdır"),
    ]  # fmt: skip
