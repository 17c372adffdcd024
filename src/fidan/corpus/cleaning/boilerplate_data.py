"""What stands on a page beside its text, in the words that Turkish sites use: button labels, notices, evidence words.

Everything is written in Turkish spelling and lower case; `fidan.corpus.cleaning.boilerplate` compares it with lines
after folding and without the dots and tails of letters, so that `ÜYE GİRİŞİ`, `Üye Girişi` and `uye girisi` are one.
What it leaves out: how a line is compared, and when weak evidence is enough.
"""

# Labels that say by themselves that the line is no text. Parted by " / ".
STRONG = {
    "menu": """
        ana sayfa / anasayfa / ana sayfaya dön / anasayfaya dön / ana sayfam yap / site haritası / hakkımızda /
        iletişim / iletişim bilgileri / iletişim formu / bize ulaşın / bize yazın / iletişime geçin / künye /
        gizlilik politikası / gizlilik sözleşmesi / gizlilik ilkeleri / gizlilik ve güvenlik / kullanım koşulları /
        kullanım şartları / kullanım sözleşmesi / kullanıcı sözleşmesi / üyelik sözleşmesi / mesafeli satış
        sözleşmesi / iptal ve iade koşulları / teslimat ve iade / yasal uyarı / reklam ver / reklam verin / sepetim
        / alışveriş sepetim / sepete ekle / sepete git / sepeti onayla / hemen satın al / alışverişe devam et /
        alışverişi tamamla / favorilerim / favorilere ekle / favorilerime ekle / istek listeme ekle / karşılaştırma
        listesi / sipariş takibi / siparişlerim / ana menü / menüyü aç / menüyü kapat / başa dön / sayfa başı /
        sayfa başına dön / yukarı çık / yukarıya çık / içeriğe geç / içeriğe atla / hızlı erişim / hızlı bağlantılar
        / hızlı menü / site içi arama / sitede ara / siteye göre ara / aramak istediğiniz kelime / gelişmiş arama /
        detaylı arama / sitene ekle / sık kullanılanlara ekle / giriş sayfam yap / açılış sayfası yap / rss / mobil
        uygulama / mobil uygulamamızı indirin / app store'dan indirin / google play'den alın / müşteri hizmetleri /
        web tasarım / masaüstü görünümü / mobil görünüm / tam ekran
    """,
    "share": """
        paylaş / tweetle / yazdır / bu sayfayı yazdır / sayfayı yazdır / haberi yazdır / çıktı al / arkadaşına
        gönder / arkadaşıma gönder / arkadaşına öner / arkadaşınla paylaş / e-posta gönder / e-posta ile gönder /
        e-posta ile paylaş / mail gönder / bağlantıyı kopyala / linki kopyala / bağlantı kopyalandı / sosyal medyada
        paylaş / bu sayfayı paylaş / bu haberi paylaş / bu yazıyı paylaş / bu içeriği paylaş / haberi paylaş /
        yazıyı paylaş / facebook'ta paylaş / facebookta paylaş / facebook'da paylaş / twitter'da paylaş / twitterda
        paylaş / whatsapp'ta paylaş / whatsapp'tan gönder / linkedin'de paylaş / pinterest'te paylaş / telegram'da
        paylaş / bizi takip edin / bizi takip et / takipte kalın / sosyal medya hesaplarımız / sosyal medya / bizi
        izleyin / bu yazıyı beğendiniz mi / yazıyı beğendiniz mi / haberi beğendiniz mi / bu haberi beğendiniz mi /
        bu içeriği beğendiniz mi / sayfamızı beğenin / google+ / yazı boyutu / yazıyı büyüt / yazıyı küçült / yazı
        tipi boyutu
    """,
    "login": """
        üye girişi / üye girişi yap / üye ol / üye olun / hemen üye ol / ücretsiz üye ol / ücretsiz üyelik / yeni
        üyelik / yeni üye kaydı / üyelik bilgilerim / kayıt ol / hemen kayıt ol / kaydol / kayıt olun / giriş yap /
        giriş yapın / oturum aç / oturumu kapat / çıkış yap / güvenli çıkış / şifremi unuttum / şifrenizi mi
        unuttunuz / parolamı unuttum / parolanızı mı unuttunuz / şifre hatırlatma / beni hatırla / oturumu açık tut
        / hesap oluştur / yeni hesap oluştur / hesabınız yok mu / üye değil misiniz / henüz üye değil misiniz /
        zaten üye misiniz / hesabım / abone ol / abone olun / hemen abone ol / bültene abone ol / bültenimize abone
        olun / e-bültenimize abone olun / e-bülten / e-bülten üyeliği / bülten aboneliği / bültene kayıt ol /
        facebook ile giriş yap / facebook ile bağlan / google ile giriş yap / apple ile giriş yap / bayi girişi /
        yönetici girişi / öğrenci girişi / kullanıcı girişi / robot olmadığınızı doğrulayın / güvenlik kodu
    """,
    "read_more": """
        devamını oku / devamını okuyun / devamını göster / devamı / devamı için / devamı için tıklayın / haberin
        devamı / yazının devamı / yazının devamını oku / haberin devamını oku / tamamını oku / tamamını göster /
        yazının tamamı / haberin tamamı / haberi oku / yazıyı oku / tümünü gör / tümünü göster / hepsini gör /
        hepsini göster / tüm haberler / tüm haberleri gör / tüm yazıları / tüm yazılarını gör / yazarın tüm yazıları
        / daha fazla / daha fazla göster / daha fazla oku / daha fazla yükle / daha fazla içerik / daha fazla sonuç
        / daha fazlasını gör / daha fazla bilgi edinin / detaylı bilgi / detaylar için tıklayın / ayrıntılar için
        tıklayın / detaylı bilgi için / bilgi için tıklayınız / tıklayınız / tıklayın / buraya tıklayın / buraya
        tıklayınız / ayrıntılar geliyor / ayrıntılar birazdan / detaylar geliyor / detaylar birazdan / haberin
        ayrıntıları birazdan / galeriye git / videoyu izle / galeri için tıklayın / galeriyi gör / fotoğrafları gör
        / fotogaleri için tıklayın
    """,
    "comments": """
        yorum yap / yorum yapın / yorum yaz / yorum yazın / yorum ekle / yorum ekleyin / yorum gönder / yorumu
        gönder / yorumunuz / yorumunuzu yazın / yorumunuzu gönderin / yorum bırak / yorum bırakın / bir yorum yazın
        / bir yorum bırakın / bir cevap yazın / cevap yaz / cevabı iptal et / yorumlar / yorumları gör / tüm
        yorumlar / tüm yorumları gör / okuyucu yorumları / ziyaretçi yorumları / okur yorumları / kullanıcı
        yorumları / henüz yorum yok / hiç yorum yok / ilk yorumu yap / ilk yorumu yapın / ilk yorumu sen yap / ilk
        yorumu siz yapın / ilk yorumu siz yazın / ilk yorum yapan siz olun / ilk yorumlayan siz olun / yanıtla /
        şikayet et / yorumu şikayet et / adınız soyadınız / kalan karakter / karakter kaldı
    """,
    "links": """
        benzer haberler / ilgili haber / ilgili haberler / diğer haberler / önceki haber / sonraki haber / önceki
        yazı / sonraki yazı / önceki konu / sonraki konu / çok okunanlar / en çok okunanlar / en çok okunan haberler
        / en çok okunan / en çok yorumlananlar / en çok paylaşılanlar / en çok tıklananlar / en çok izlenenler / son
        eklenenler / son eklenen haberler / son dakika haberleri / son haberler / son yazılar / son yorumlar /
        popüler yazılar / popüler haberler / popüler içerikler / benzer yazılar / benzer konular / benzer içerikler
        / benzer ürünler / benzer ilanlar / ilgili yazılar / ilgili konular / ilgili içerikler / ilgili ürünler /
        ilgili bağlantılar / ilgili linkler / faydalı linkler / bunlar da ilginizi çekebilir / ilginizi çekebilir /
        ilginizi çekebilecek diğer haberler / ilginizi çekebilecek haberler / ilginizi çekebilecek içerikler /
        bunlara da bakın / bunlar da var / bunu alanlar bunları da aldı / önerilen içerikler / önerilen haberler /
        sizin için önerilenler / sizin için seçtiklerimiz / editörün seçtikleri / yazarın diğer yazıları / yazarın
        önceki yazıları / diğer yazıları / etiket bulutu / yazı arşivi / günün manşetleri / günün öne çıkan
        haberleri
    """,
    "pages": """
        önceki sayfa / sonraki sayfa / ilk sayfa / son sayfa / eski yazılar / önceki kayıtlar / sonraki kayıtlar /
        daha eski kayıtlar / daha yeni kayıtlar / toplam sayfa
    """,
    "tags": "etiketler / etiketleri / haber etiketleri / konu etiketleri",
    "ads": """
        reklam / reklamlar / reklam alanı / reklamı kapat / reklamı geç / reklamsız oku / sponsorlu bağlantılar /
        sponsorlu içerik / sponsorlu içerikler / sponsor bağlantılar / advertisement
    """,
    "cookie": """
        çerez politikası / çerez politikamız / çerez ayarları / çerez tercihleri / çerezleri yönet / çerezleri kabul
        et / çerezleri reddet / tüm çerezleri kabul et / tümünü kabul et / tümünü reddet / kabul et ve kapat / kvkk
        aydınlatma metni / kvkk / kişisel verilerin korunması politikası / kişisel veri politikası / aydınlatma
        metni
    """,
    "copyright": """
        tüm hakları saklıdır / her hakkı saklıdır / bütün hakları saklıdır / her hakkı mahfuzdur / copyright
    """,
}

# Labels that are words of the language, too: boilerplate only in company of others.
WEAK = {
    "menu": """
        haberler / haber / spor / ekonomi / magazin / gündem / dünya / türkiye / siyaset / politika / sağlık /
        teknoloji / bilim / bilim teknoloji / bilim ve teknoloji / kültür / sanat / kültür sanat / kültür ve sanat /
        yaşam / eğitim / güncel / son dakika / manşet / manşetler / yazarlar / köşe yazarları / köşe yazıları /
        röportaj / röportajlar / yerel haberler / asayiş / otomobil / emlak / finans / borsa / döviz / astroloji /
        burçlar / hava durumu / namaz vakitleri / canlı yayın / canlı tv / canlı skor / puan durumu / fikstür / tv
        rehberi / nöbetçi eczaneler / seri ilanlar / ilanlar / resmi ilanlar / vefat ilanları / arşiv / e-gazete /
        galeri / galeriler / foto galeri / fotogaleri / foto / fotoğraflar / video / videolar / video galeri / medya
        / basında biz / basın odası / duyurular / etkinlikler / etkinlik takvimi / takvim / projeler / projelerimiz
        / ürünler / ürünlerimiz / hizmetler / hizmetlerimiz / markalar / markalarımız / kampanyalar / fırsatlar /
        yeni ürünler / çok satanlar / indirimler / mağazalar / mağazalarımız / bayiler / bayilerimiz / referanslar /
        referanslarımız / kataloglar / fiyat listesi / kurumsal / kariyer / insan kaynakları / biz kimiz /
        vizyonumuz / misyonumuz / tarihçe / yönetim kurulu / blog / forum / yardım / destek / sss / s s s / sık
        sorulan sorular / sıkça sorulan sorular / gizlilik / güvenlik / sözleşmeler / reklam / ara / arama / arama
        sonuçları / menü / kategoriler / tüm kategoriler / başlıklar / linkler / bağlantılar / anket / anketler /
        ziyaretçi defteri / konuk defteri / dosyalar / indir / download / mobil / english / deutsch / türkçe / giriş
        / çıkış / sepet / favoriler / hesap / profil / profilim / mesajlar / mesajlarım / ayarlar / bildirimler /
        erkek / kadın / çocuk / ayakkabı / çanta / elektronik / kozmetik / bilgisayar / telefon / aksesuar /
        tarifler / oyunlar / filmler / diziler / müzik / kitap / kitaplar / dergi / etkinliklerimiz / e-posta
    """,
    "share": """
        facebook / twitter / whatsapp / instagram / youtube / linkedin / pinterest / telegram / tumblr / reddit /
        google / email / e-mail / e-posta / x / takip et / beğen / beğendim / gönder / kopyala / kaydet / sms
    """,
    "login": "kullanıcı adı / kullanıcı adınız / şifre / parola / üyelik / e-posta adresiniz / e-posta adresi",
    "pages": "önceki / sonraki / ileri / geri / sayfa / sayfalar / ilk / son",
    "comments": "cevapla / yorum / isim / adınız / yorumunuz / gönder / puanla / oyla",
    "links": "popüler / en son / en yeni / en yeniler / en çok beğenilenler / öne çıkanlar / trend",
    "tags": "etiket",
    "cookie": "reddet / kabul et / kabul ediyorum / ayarlar / tamam / anladım / tercihleri yönet",
}

# Words that may stand between strong labels: "hemen üye ol", "giriş yap veya kayıt ol".
FILLERS = "hemen şimdi ücretsiz lütfen veya henüz"

# Names that are written with a capital in the middle.
BRANDS = "YouTube WhatsApp LinkedIn TikTok"

# Agencies and desks that sign a story on a line of their own. Compared as they stand: "Aa" is a cry, "AA" is not.
BYLINES = """AA A.A A.A. (AA) (A.A) (A.A.) DHA (DHA) İHA (İHA) ANKA (ANKA) CİHAN (CİHAN) CHA (CHA) AFP (AFP) REUTERS
(REUTERS) AP (AP) UHA (UHA) DİHA (DİHA) ANF (ANF) JİNHA (JİNHA)""".split()

_NETWORK = r"(?:facebook|twitter|instagram|whatsapp|youtube|linkedin|pinterest|telegram|google\+?|sosyal medya)\S*"
_PAGE = r"(?:haber|yazı|sayfa|içerik|içeriğ|makale|video|konu|ilan|galeri|başlık|başlığ)\w*"
_MONTH = r"(?:ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık)"
_DAY = r"(?:pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar)"
_DATE = rf"\d{{1,2}}(?:[./-]\d{{1,2}}[./-]| {_MONTH},? )\d{{2,4}}(?:,? {_DAY})?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?"
_STAMP = rf"{_DATE}(?:[ ,|–-]{{1,3}}{_TIME})?"
_WHERE = (
    r"(?: (?:lütfen|buraya|burayı|bu|şu|şuraya|aşağıdaki|resme|resimlere|resmin|fotoğrafa|fotoğrafın|üzerine|"
    r"fotoğraflara|linke|linki|linkini|bağlantıya|bağlantıyı|görsele|videoya|başlığa|adrese|adresi|hemen))*"
)
_JOIN = (  # what a visitor is told to do; a member who tells of it speaks in other forms
    r"(?:üye ol|üye girişi yap|giriş yap|kayıt ol|kaydol|abone ol|oturum aç)"
    r"(?:man[ıi]z(?: \S+){0,2} (?:gerek\w+|lazım\w*|şart\w*)|m[ae]l[ıi]s[ıi]n[ıi]z|[ıu]n(?:[ıu]z)?|abilirsiniz|)"
)
_RIGHTS = (
    r"(?:(?:copyright|telif hakkı) ?)?(?:[^.!?]{0,50}\b(?:a\.ş\.?|şti\.?|com|net|org|tr|sitesi|gazetesi|"
    r"ajansı|yayınları|\d{4})[ .,-]{0,3})?(?:tüm|bütün|her) (?:yayın |telif |yasal |içerik )*hak(?:lar|ları|kı)"
    r"(?: \S+){0,2}? (?:saklıdır|mahfuzdur|aittir)(?:[ .,|-]{0,3}.{0,60})?"
)

# (kind, words that the line begins with, words that it ends in, pattern of the whole line, or several patterns that
# must all be found in it). "#" is any number, and an empty list any word. Turkish puts the verb last, and the verb of
# a notice is nearly always one of the same few.
RULES: tuple[tuple[str, ...], ...] = (
    ("read_more", "", "tıklayın tıklayınız tıkla tıklayabilirsiniz",
     # Not the manual of a program, where one clicks on fields and buttons.
     rf"(?!.*\b(?:alan|kutu|düğme|sekme|liste|seç|menü)\w*)(?:.{{3,90}}(?:\.\.\.|…) ?)?[^.?!:;]{{0,110}}"
     rf"\b(?:için|devamı|devamına){_WHERE} tıkla(?:yın|yınız|yabilirsiniz)?"),
    ("read_more", "", "tıkla-izle tıkla-oku tıkla-dinle tıkla-gör",
     r"[^.?!;]{3,110}[ (]tıkla-(?:izle|oku|dinle|gör)"),
    ("read_more", "", "okuyun okuyunuz oku okuyabilirsiniz",
     r"(?:bu )?(?:haber|yazı|makale|metn|konu|söyleşi|röportaj)\w* (?:devam|tamam|tüm)\w+(?: \w+){0,2} "
     r"oku(?:yun|yunuz|yabilirsiniz)?"),
    ("comments", "bu henüz hiç daha", "yapılmamış yapılmamıştır yapılmadı yazılmamış yazılmamıştır eklenmemiş "
     "eklenmemiştir bulunmamaktadır bulunmuyor yok yap yapın yaz yazın ol olun",
     rf"(?:bu {_PAGE} (?:ait |ilgili |için )?)?(?:henüz |hiç |daha )+(?:bir )?yorum "
     r"(?:yapılma|yazılma|eklenme|bulunmu|bulunma|yok)\w*(?:[.,!] ilk .{3,40})?"),
    ("comments", "", "yap yapın yapınız yaz yazın yazınız ol olun olunuz",
     rf"(?:bu {_PAGE} )?(?:için )?ilk (?:yorumu?|cevabı|değerlendirmeyi)(?: (?:siz|sen|yapan|yazan|ekleyen)){{0,2}} "
     r"(?:yap|yaz|ekle|ol)(?:yin|ın|un|ınız|unuz)?"),
    ("comments", "yorum yorumlamak cevap mesaj", "",
     rf"(?:yorum|cevap|mesaj)\w*(?: \w+)? için (?:\S+ ){{0,6}}{_JOIN}(?:[.!] .{{0,40}})?"),
    ("comments", "yorumunuz yorumlarınız", "",
     r"yorum\w+(?: \w+){0,5} (?:onay|editör|moderat|yayın|yayım|gönderil|kaydedil)\w*.{0,90}"),
    ("comments", "e-posta e-mail email", "", r"e-?(?:posta|mail) (?:adresiniz|hesabınız|adresin) "
     r"(?:kesinlikle )?(?:yayınlanma|yayımlanma|görünme|görüntülenme|paylaşılma|gösterilme)\w+.{0,100}"),
    ("comments", "gerekli zorunlu", "", r"(?:gerekli|zorunlu) alanlar .{0,15}(?:ile )?işaretlenmiş\w*"),
    ("comments", "yorum yorumlar", "#", r"yorum(?:lar)?(?: sayısı)? ?[:(] ?\d+ ?\)?"),
    ("comments", "#", "yorum cevap yapılmış yapıldı yazılmış var mevcut",
     r"(?:\d+|toplam \d+) (?:adet )?(?:yorum|cevap)(?: (?:yapılmış|yapıldı|yazılmış|var|mevcut))?"),
    ("share", "", "edin ediniz et beğenin beğen olun", r"(?:(?:siz de|haberler için|gelişmeler için) )?(?:bizi|"
     rf"sayfamızı|hesabımızı|hesaplarımızı|kanalımızı|kanalımıza)(?: \S+){{0,2}}? {_NETWORK}(?: \S+){{0,4}}? "
     r"(?:takip ed?|abone ol|beğen)(?:in|iniz|un|t)?"),
    ("share", "", "edin ediniz et beğenin beğen olun", rf"{_NETWORK}(?: \S+){{0,3}}? (?:bizi|sayfamızı|hesabımızı|"
     r"hesaplarımızı|kanalımıza)(?: \S+){0,2}? ?(?:takip ed?|abone ol|beğen)(?:in|iniz|un|t)?"),
    ("share", "", "paylaş paylaşın paylaşınız gönder gönderin tweetle", rf"(?:bu |şu )?(?:{_PAGE} )?(?:\S+ ){{0,2}}?"
     rf"{_NETWORK}(?: (?:hesabında|üzerinden|ile))? (?:paylaş|gönder|tweetle)(?:ın|in|ınız)?"),
    ("login", "", "gerekmektedir gerekir gerekiyor zorundasınız olmalısınız yapmalısınız açmalısınız",
     rf"[^.?!;]{{0,60}}\b(?:gör|oku|indir|izle|yaz|yorum|içeri|devam|yararlan|mesaj|kullan)\w*.{{0,25}} için "
     rf"(?:\S+ ){{0,4}}{_JOIN}"),
    ("login", "üye giriş kayıtlı hesabınız", "",
     r"(?:üye|kayıtlı|hesabınız)(?: \w+)? (?:değil|yok)\w* ?(?:misiniz|mu|musunuz|mısınız|seniz|ise|sa)?[,?]? "
     rf"(?:\S+ ){{0,3}}{_JOIN}"),
    ("meta", "okunma görüntülenme görüntüleme izlenme tıklanma hit", "# kez defa kere kişi",
     r"(?:okunma|görüntülenme|görüntüleme|izlenme|tıklanma|hit)(?: sayısı| adedi)? ?[:=(]? ?[\d.,]+ ?\)?"
     r"(?: \w{2,5})?"),
    ("meta", "", "okundu okunmuştur okunmuş görüntülendi görüntülenmiştir izlendi izlenmiştir tıklandı",
     rf"(?:bu )?(?:{_PAGE} )?(?:şu ana kadar |bugüne kadar )?(?:toplam )?[\d.]+ (?:kez|defa|kere|kişi tarafından) "
     r"(?:okun|görüntülen|izlen|tıklan)\w+"),
    ("meta", "#", "okunma görüntülenme görüntüleme izlenme beğeni paylaşım takipçi",
     r"[\d.,]+ (?:okunma|görüntülenme|görüntüleme|izlenme|beğeni|paylaşım|takipçi)"),
    ("meta", "güncelleme güncellenme güncellendi eklenme eklendi ekleme yayınlanma yayımlanma yayın yayım giriş "
     "oluşturulma oluşturma kayıt haber son gönderim", "# pazartesi salı çarşamba perşembe cuma cumartesi pazar",
     r"(?:(?:son |ilk |haber )?(?:güncelle(?:n)?me|güncellendi|eklen?me|eklendi|yayın(?:lan)?ma|yayım(?:lan)?ma|"
     rf"yayın|yayım|giriş|oluştur(?:ul)?ma|kayıt|gönderim)(?: ?(?:tarihi?|zamanı|saati))?"
     rf"(?: ?[:|–-] ?){_STAMP}[ |,–-]*){{1,3}}"),
    ("meta", "#", "# gmt tsi", rf"{_DATE}[ ,|–-]{{1,3}}{_TIME}(?: ?(?:gmt|tsi))?"),
    ("pages", "sayfa", "#", r"sayfa:? ?\(?\d+ ?(?:/|of|-) ?\d+\)?"),
    ("links", "önceki sonraki", "", r"(?:önceki|sonraki) (?:haber|yazı|konu|makale|içerik|kayıt) ?[:»>→←] ?.{1,140}"),
    ("links", "ilgili benzer", "",
     r"(?:ilgili|benzer) (?:haber|yazı|konu|içerik)(?:ler|lar)? ?[:»>→] ?[^.!?]{1,140}"),
    ("tags", "etiketler tags", "", r"(?:etiketler|tags) ?[:»>] ?[^.;!?:]{1,280}"),
    ("tags", "kategori kategoriler kategorisi", "", r"kategori(?:ler|si)? ?[:»>] ?[^.;!?:]{2,80}"),
    ("copyright", "tüm her bütün copyright telif", "# aittir", _RIGHTS),
    ("copyright", "", "saklıdır mahfuzdur", _RIGHTS),
    ("copyright", "copyright telif", "", r"(?:copyright|telif hakkı).{0,25}\b(?:19|20)\d\d\b.{0,100}"),
    ("technical", "tarayıcınız tarayıcınızın internet", "",
     r"(?:internet )?tarayıcınız\w* (?:\S+ ){0,8}(?:desteklemi|desteklenmi|devre dışı|kapalı|eski|güncel değil)"
     r"\w*.{0,80}"),
    ("technical", "", "desteklemiyor etkinleştirin etkinleştiriniz yükleyin yükleyiniz indirin",
     r"(?:bu )?(?:videoyu|içeriği|sayfayı|siteyi|galeriyi) \w+(?: \w+)? için (?:\S+ ){0,5}"
     r"(?:javascript|flash|java|adobe)\S* (?:\S+ ){0,4}\w+"),
    ("copyright", "", "yapılamaz kopyalanamaz kullanılamaz yayınlanamaz yayımlanamaz çoğaltılamaz alıntılanamaz "
     "edilemez",
     r"\b(?:sitemiz|site|sitede|sitesi|haberler|köşe yazı|içerikler|fotoğraflar|materyal|\w+\.com)",
     r"\b(?:izin alınmadan|izin almadan|izinsiz|izni olmaksızın|izni olmadan|kaynak (?:göster|belirt)\w+|"
     r"aktif link)"),
    ("comments", "", "onaylanmaz onaylanmamaktadır onaylanmayacaktır yayınlanmaz yayınlanmayacaktır yayımlanmaz "
     "yayımlanmayacaktır silinir silinecektir", r"\byorum", r"\b(?:küfür|hakaret|rencide|büyük harf|argo)"),
)  # fmt: skip

# A notice about cookies or personal data is told from a text about them by whom it speaks to: it says "we", "our
# site" and "you". Each entry is one piece of evidence, however often it occurs.
NOTICE_EVIDENCE = (
    r"(?:kullanıyoruz|kullanmaktayız|faydalanıyoruz|faydalanmaktayız|yararlanıyoruz|yararlanmaktayız|önem veriyoruz|"
    r"saklıyoruz|topluyoruz|işliyoruz|işlemekteyiz|saygı duyuyoruz|kullanırız|ediyoruz)",
    r"(?:sitemiz|bu (?:web |internet )?site|internet sitemiz|siteyi kullan|web sitemiz|uygulamamız|platformumuz|"
    r"www\.|\.com)",
    r"(?:deneyiminizi|deneyimini|tercihlerinizi|sizlere|size (?:daha|en|özel)|ziyaretçilerimiz|ziyaretiniz|"
    r"kullanıcılarımız|verileriniz|gizliliğiniz|cihazınız|tarayıcınız)",
    r"(?:kabul et\b|kabul ediyor|kabul etmi|kabul eder|onay verm|onaylıyor|rıza|reddet|izin veriyor|tamam\b|anladım|"
    r"devam eder|devam etme|sayılırsınız|olursunuz)",
    r"(?:tıkla|buradan|ayarlarını değiştir|ayrıntılı bilgi|detaylı bilgi|daha fazla bilgi|inceleyebilirsiniz|"
    r"inceleyiniz|ulaşabilirsiniz|yönetebilirsiniz|değiştirebilirsiniz)",
    r"(?:çerez (?:politika|ayar|tercih|kullanım)|gizlilik (?:politika|sözleşme|bildirim)|aydınlatma metn|"
    r"kişisel verilerin korunması|kvkk|6698)",
)
