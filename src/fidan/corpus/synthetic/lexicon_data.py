"""The words of the small language as raw text: stems with their irregularities, grouped by what they mean.

Data only. ``kitap~`` softens by rule, ``burun>burn`` names its stem before a vowel, ``saat*`` and ``Kemal*`` take
front suffixes, ``hayvanat_bahçesi+`` is a compound that already ends in a possessive, ``_`` stands for a space, and
``kend`` is the reflexive, whose person is a possessive (kendim, kendi, kendini). Groups overlap where a word has
several uses; they keep sentences sensible (what is in ``food`` can be eaten).

Left out: inflection and any sentence. ``lexicon`` reads these lines for the generator, ``recognizer`` for the
checker.
"""

from __future__ import annotations

NOUN_GROUPS: dict[str, str] = {
    "toy": "top uçurtma bisiklet balon düdük~ davul oyuncak_araba oyuncak_ayı tahta_at kaykay ip bilye",
    "thing": "kitap~ kalem defter çanta kutu anahtar şapka atkı şemsiye resim>resm mektup~ harita kolye yüzük~ "
    "sepet ayna battaniye yastık~ gözlük~ bilet fotoğraf kumbara fener saat* cüzdan bilezik~ madalya düğme",
    "wearable": "şapka atkı kazak~ mont hırka kemer ceket eldiven",
    "tool": "makas çekiç~ kürek~ fırça kova merdiven testere çivi iğne",
    "furniture": "masa sandalye dolap~ yatak~ koltuk~ sandık~ raf halı perde lamba",
    "house_part": "kapı pencere duvar tavan çatı balkon mutfak~ salon oda banyo merdiven bodrum bahçe",
    "fruit": "elma armut~ muz portakal üzüm kiraz çilek~ karpuz kavun şeftali kayısı incir erik~ nar mandalina limon",
    "vegetable": "havuç~ domates patates salatalık~ biber patlıcan kabak~ soğan ıspanak~ lahana",
    "food": "ekmek~ peynir bal çorba pilav köfte börek~ kek kurabiye çikolata simit~ pasta makarna dondurma "
    "yumurta "
    "yoğurt~ mantı poğaça reçel zeytin ceviz fındık~",
    "drink": "su süt çay ayran limonata",
    "dish": "çorba pilav köfte börek~ makarna mantı",
    "sweet": "kek kurabiye pasta çikolata dondurma",
    "pet": "kedi köpek~ kuş tavşan balık~ kaplumbağa civciv",
    "wild": "tavşan tilki ayı sincap~ kirpi kaplumbağa kurbağa baykuş karga geyik~ fare aslan maymun fil serçe",
    "farm": "inek~ koyun keçi at eşek~ tavuk~ horoz ördek~ kuzu",
    "small_animal": "karınca arı kelebek~ kurbağa serçe fare uğur_böceği+ kirpi salyangoz",
    "bird": "serçe güvercin karga leylek~ martı kırlangıç~ baykuş",
    "breakable": "vazo ayna sürahi fincan saksı tabak~ kavanoz",
    "nut": "fındık~ ceviz palamut~ buğday badem",
    "slow": "kaplumbağa salyangoz kirpi",
    "hero_animal": "tavşan tilki ayı sincap~ kirpi kurbağa karga geyik~ fare aslan maymun fil serçe ördek~ kuzu "
    "kedi "
    "köpek~ eşek~ horoz kaplumbağa keçi",
    "strong_animal": "aslan ayı fil kurt~ kaplan boğa",
    "fast_animal": "tavşan geyik~ tilki at ceylan",
    "family": "anne baba dede nine abla ağabey teyze amca hala dayı babaanne anneanne",
    "old": "dede nine babaanne anneanne",
    "sibling": "kardeş abla ağabey kuzen",
    "job": "öğretmen doktor fırıncı çiftçi balıkçı terzi bakkal bahçıvan postacı itfaiyeci marangoz berber aşçı "
    "ressam şoför kaptan veteriner manav",
    "stranger": "bekçi bakkal postacı manav balıkçı fırıncı bahçıvan komşu simitçi şoför",
    "play_place": "park bahçe sokak~ meydan oyun_alanı+",
    "nature": "orman deniz göl dağ dere tepe sahil ova vadi nehir>nehr",
    "wild_home": "orman göl_kıyısı+ dağ çayır vadi dere_kenarı+",
    "town_place": "park okul pazar çarşı kütüphane meydan müze istasyon iskele fırın bakkal hastane",
    "trip": "orman sahil göl_kıyısı+ dağ köy müze hayvanat_bahçesi+ lunapark çiftlik~ kale",
    "lost_place": "park bahçe okul pazar kütüphane sahil orman meydan",
    "shopkeeper": "bakkal manav balıkçı fırıncı terzi berber marangoz",
    "hide": "kutu çanta sepet",
    "under": "yatak~ masa koltuk~ dolap~ sandalye",
    "outdoor": "ağaç~ bank çalı merdiven",
    "home": "ev köy mahalle apartman çiftlik~ kasaba şehir>şehr",
    "tree": "elma_ağacı+ çınar_ağacı+ çam_ağacı+ ceviz_ağacı+ kiraz_ağacı+ meşe_ağacı+",
    "flower": "gül lale papatya karanfil menekşe sümbül ayçiçeği+",
    "body": "el ayak~ baş kol bacak~ parmak~ diz diş kulak~ burun>burn ağız>ağz göz saç karın>karn boyun>boyn "
    "sırt kuyruk~",
    "vehicle": "otobüs tren vapur araba taksi uçak~ gemi kamyon bisiklet",
    "ride": "otobüs tren",
    "instrument": "gitar keman flüt davul piyano saz",
    "lesson": "matematik~ Türkçe resim>resm müzik~ tarih coğrafya",
    "weather": "yağmur kar rüzgâr fırtına sis bulut güneş gök_gürültüsü+ yıldırım dolu hava",
    "sky": "güneş ay yıldız bulut gökyüzü+",
    "season": "ilkbahar yaz sonbahar kış",
    "time": "gün gece sabah akşam öğle hafta ay yıl saat* dakika hafta_sonu+ tatil bayram mevsim zaman an vakit>vakt",
    "abstract": "fikir>fikr isim>ism ad renk~ ses yol yardım oyun şarkı masal hikâye soru cevap~ ders ödev sınav "
    "iş "
    "sır söz rüya hediye sürpriz şaka hata yarışma ödül para hal* sıra yer ışık~ gölge koku tat~ dil kural hukuk "
    "sevgi korku merak~ mutluluk~ cesaret sabır>sabr dostluk~ akıl>akl ümit~ hayat dünya ülke başkent bölge "
    "harf* kelime sayı rol* gol* maç takım oyuncu seyirci kalp~* bilgi haber yazı sayfa konu bölüm liste",
    "matter": "taş toprak~ kum çamur yaprak~ dal tohum ot çiçek~ ağaç~ mantar kabuk~ tüy yün pamuk~ tahta cam "
    "kâğıt~ "
    "demir plastik~ ateş buz kil kumaş un şeker tuz yağ",
    "people": "çocuk~ kız erkek~ adam kadın arkadaş komşu misafir öğrenci insan kişi oğul>oğl bebek~ yolcu aile "
    "sınıf kardeş sahip~ halk dost çift kalabalık~",
    "misc": "otobüs çekmece hoş izin güven et yüz denge forma eşya kend önlük~ korku can şey boğaz kucak~ rüya bot "
    "pencere "
    "şapka pantolon boya kurdele filiz ateş güç~ yuva kafes ağ olta kulübe çadır köprü değirmen kuyu mağara ada "
    "yol köşe kenar kıyı iç dış üst alt ön "
    "arka yan ara orta son baş taraf duman kayık~ sandal tekne kıvılcım zil tabak~ bardak~ kaşık~ tencere tava "
    "sofra kahvaltı yemek~ bulaşık~ çamaşır havlu sabun diş_fırçası+ pijama oyuncak~ bebek~ pil tekerlek~ "
    "gezi piknik~ dönem film radyo gazete bayrak~ sıra tebeşir silgi pano tahta karne çizgi daire kare üçgen "
    "kanat~ gaga pençe bacak~ iz ayak_izi+ delik~ çukur kuyruk~ kazma tarla hasat* buğday meyve sebze tarif "
    "malzeme dilim bardak~ kaşık~ hamur fırın ocak~ saksı pazar tezgâh müşteri fiyat lira kilo tane adet~ çeşit~ "
    "hediye paket kart pul adres telefon kapı_zili+ ilaç~ ateş öksürük~ bandaj yara ağrı diş_hekimi+ spor "
    "beslenme uyku sağlık~ temizlik~ alışkanlık~ hayvan bitki böcek~ kök gövde yaşam besin hava gezegen "
    "uydu anıt cami kale saray kule deniz_feneri+ vadi peri_bacası+ ova ırmak~ nüfus yüzyıl tarih doğa "
    "çevre çöp~ geri_dönüşüm enerji güç~ hız ağırlık~ boy uzunluk~ yaş metre kilometre turist ziyaretçi kent "
    "belediye konser gösteri etkinlik~ kurs kulüp~ üye duyuru program toplantı katılım eser yazar roman şiir sergi "
    "söz konuk~ yumak~ yem arılar kovan petek~ pazarcı usta çırak~ kral hazine altın gümüş inci zafer yarış "
    "salıncak~ kaydırak~ kumdan_kale dalga deniz_kabuğu+ havuz kardan_adam kızak~ şimşek~ gökkuşağı+ "
    "göz_yaşı+ gözyaşı gülümseme kahkaha üzüntü sevinç~ öfke heyecan özür plan ipucu+ çözüm sorun neden",
}

NAMES = (
    "Ali Ayşe Mehmet Elif Zeynep Can Ece Emre Defne Kerem Selin Burak Ömer Melis Yusuf Esra Ozan İrem "
    "Hasan Leyla Murat Nil Onur Pelin Sinan Tuna Umut Yasemin Zehra Berk Ceren Fatma Gökçe Hakan Işıl "
    "İpek Kaan Mert Nazlı Oya Sude Tarık Ufuk Vedat Bora Cem Ahmet Mustafa Kemal* "
    "Hatice Emine Recep Isıl Orhan Serkan Volkan Gamze Tülay Hülya Süleyman Osman Ayten Şule Özge Ümit"
)
CITIES = (
    "Ankara İstanbul İzmir Bursa Antalya Adana Konya Trabzon Samsun Eskişehir Gaziantep Kayseri Van Erzurum "
    "Diyarbakır Edirne Çanakkale Muğla Sivas Malatya Rize Mardin Sinop Artvin Bolu Isparta Iğdır Aydın Tokat Amasya"
)
PET_NAMES = "Boncuk Pamuk Karabaş Minnoş Tekir Duman Zeytin Fındık Şeker Limon Çomar Sarman Maviş Tarçın Kömür Benek"
PLACES = "Türkiye Karadeniz Akdeniz Ege Marmara Anadolu Avrupa Asya Kapadokya Pamukkale Efes Dünya Ay Güneş"
COMPOUND_PLACES = (
    "Van_Gölü Tuz_Gölü Ağrı_Dağı Galata_Kulesi Topkapı_Sarayı Kız_Kulesi İstanbul_Boğazı Ege_Denizi "
    "Türkiye_Cumhuriyeti Türkiye_Büyük_Millet_Meclisi Sümela_Manastırı Uludağ_Milli_Parkı"
)
MONTHS = "ocak~ şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık~"
DAYS = "pazartesi salı çarşamba perşembe cuma cumartesi pazar"

ADJECTIVE_GROUPS: dict[str, str] = {
    "colour": "kırmızı mavi sarı yeşil beyaz siyah mor turuncu pembe kahverengi gri lacivert",
    "eye": "yeşil mavi kahverengi gri sarı",
    "size": "küçük büyük minik kocaman ufak",
    "thing": "yeni eski güzel renkli parlak sevimli özel değerli",
    "child": "meraklı neşeli çalışkan akıllı sessiz utangaç cesur iyi_kalpli sabırlı konuşkan hayalperest",
    "animal": "küçük minik yaramaz akıllı meraklı tembel uykucu cesur sevimli yalnız",
    "wise": "yaşlı bilge iyi_kalpli güler_yüzlü",
    "weather": "güneşli yağmurlu rüzgârlı karlı soğuk sıcak serin bulutlu",
    "feeling": "mutlu üzgün şaşkın heyecanlı yorgun sevinçli meraklı gururlu",
    "taste": "tatlı ekşi tuzlu lezzetli taze sıcak",
    "quality": "temiz kirli sağlam kırık uzun kısa yüksek alçak geniş dar ağır hafif hızlı yavaş kolay zor "
    "derin sessiz kalabalık karanlık aydınlık boş dolu sert yumuşak ıslak kuru ince kalın yakın uzak "
    "genç yaşlı doğru yanlış hasta sağlıklı zengin fakir ucuz pahalı açık kapalı sağ sol bütün önemli iyi kötü "
    "aynı farklı başka büyük küçük güçlü zayıf ünlü güzel çirkin tarihi doğal hazır tek mümkün gerekli "
    "faydalı zararlı meşhur yerli güvenli tehlikeli gizli garip komik şişman aç tok canlı cansız yaz kış yuvarlak "
    "dürüst yardımsever kibar dikkatli yalancı bencil cömert yağlı sulu tuzsuz şekersiz taze_sıkılmış serin ılık",
}

VERBS = (
    "git~ gel al ver bul ara gör bak sev iste bekle başla bitir bit oku yaz çiz söyle de sor anlat dinle duy konuş "
    "ye iç yap et~ ol oyna koş yürü yüz uç düş kalk otur uyu uyan gül ağla üzül sevin kork şaşır düşün anla bil "
    "öğren öğret aç kapat gir çık in bin dön getir götür taşı koy bırak at tut kes kır onar boya dik ek sula "
    "topla pişir karıştır ekle yıka temizle sil süsle sakla saklan kaybet~ kaybol paylaş çalış dinlen gez seyret~ "
    "izle fark_et~ yardım_et~ teşekkür_et~ devam_et~ özür_dile yaşa büyü kal geç ulaş yaklaş uzaklaş dur sarıl öp "
    "gülümse karar_ver söz_ver merak_et~ affet~ hazırla kur çal vur kurtar koru besle doy acık susa üşü ısın yan "
    "yak sön yağ es doğ bat kazan kaybet~ yarış seç dene başar unut hatırla inan güven tanı tanış buluş ayrıl "
    "bağır fısılda çağır seslen cevap_ver kabul_et~ atla tırman kaz göster keşfet~ hisset~ parla ver öde sat say "
    "çöz iyileş uzan yat örtün giy çıkar tak asıl kullan bulun adlandır denil kapla bul yayıl oluş değiş koparıl "
    "devir sallan kay rahatla utan kız kırıl pişman_ol zıpla dolaş kazı besle biriktir harca dağıt sun hoşlan "
    "düzenle katıl bağla at düşür yerleş üret kokla övün dol boşal serp yoğur doğra kaynat soy ısıt soğut dök "
    "bekletil "
    "rastla uğra kavga_et~ muayene_et~ ikram_et~ davet_et~ sohbet_et~ dalga_geç inat_et~ tanıştır ayır kaç kaçır "
    "sus eğ sar titre mırılda yalvar takip_et~ alkışla beğen ilerle çek çarp kop takıl salla barış vazgeç eğlen "
    "taşın kutla yorul ağrı öksür sıkıl karşıla san kesil yasakla yırtıl dökül öğüt kon alış hisset~ demle karar "
    "duyul sığın dağıl açıl yuvarla eri yık yıkıl batır acı geril görün bırakıl tırmandır başlat dal sarar "
    "kaplan kurtul uğraş dayan dolan aş uyandır sok değiştir çözül hazırlan yor solu sol öl gerçekleş "
    "sabret~ var beklet ettir den as bas gönder kaldır karşılaş kok piş "
    "gerek gez ört sür tüket azal art beslen korun dilen toplan in indir yüksel alçal es kımılda parçala "
    "sürükle yetiş kavuş havlan havla miyavla öt uçur yuvarlan hızlan durdur uzat kurut kuru yıkan tara"
)
