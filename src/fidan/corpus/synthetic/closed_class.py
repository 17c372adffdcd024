"""The closed classes of Turkish as the checker knows them: conjunctions, postpositions, pronouns, adverbs.

Data only, with the stems that stand nowhere in the lexicon because the generator writes them out.
"""

from __future__ import annotations

Closed = tuple[str, str, int, int]  # part of speech, case, owner, person

_PRONOUNS = {
    1: "ben beni bana bende benden benim benimle",
    2: "sen seni sana sende senden senin seninle",
    3: "o onu ona onda ondan onun onunla",
    4: "biz bizi bize bizde bizden bizim bizimle",
    5: "siz sizi size sizde sizden sizin sizinle",
    6: "onlar onları onlara onlarda onlardan onların onlarla",
}
_CASES = ("nom", "acc", "dat", "loc", "abl", "gen", "ins")
_LISTS = {
    "and": "ve ya veya",
    "but": "ama fakat ancak çünkü oysa hem ne eğer yani",
    "clitic": "da de ise bile",
    "that": "ki diye",
    "particle": "mı mi mu mü mıyım miyim muyum müyüm mısın misin musun müsün mıyız miyiz muyuz müyüz mısınız "
    "misiniz "
    "musunuz müsünüz mıydı miydi muydu müydü muydunuz mıydınız miydiniz müydünüz mıymış miymiş muymuş müymüş",
    "determiner": "diğer bir bu şu o her hiçbir bazı birkaç bütün hangi kaç tüm başka öbür öteki bir_sürü aynı "
    "böyle şöyle kimi "
    "birçok çoğu ne ilk son",
    "number": "sıfır bir iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen "
    "doksan yüz bin "
    "birer ikişer yarım çeyrek",
    "adverb": "çok pek daha dahaki sonraki en hep hiç artık şimdi sonra önce birden hemen bugün dün yarın bazen "
    "belki galiba mutlaka "
    "birlikte beraber yine yeniden tekrar hâlâ henüz sadece yalnızca biraz böylece böyle şöyle öyle nasıl neden "
    "niçin "
    "hızla sevinçle yavaşça sessizce dikkatle güzelce gururla umutsuzca rahatça iyice erkenden geç erken ileri "
    "geri "
    "içeri dışarı aşağı yukarı ileride nerede nereye nereden neredeyse oraya orada oradan buraya burada buradan "
    "şurada uzaktan yakında uzakta uzağa gece sabah akşam öğlen öğleyin akşamüstü kışın yazın geceleri akşamları "
    "seneye ailece sınıfça ayakta sırayla sanki keşke iyi_ki işte lütfen tam tek tane asla adım_adım doya kana "
    "lapa mutlu_mutlu hafif bol fazla az sık düzenli olarak karşı karşıya tersine bire artı eksi çarpı eder "
    "sıkıca çabuk kez tamamen dışarıda telaşla yanlışlıkla yazık ilk_başta bire_bir başka günde evvel nasılsın "
    "doyasıya yine_de şekilde sahada tamam servis yan yana boyunca hakkında evet hayır "
    "haydi eyvah merhaba günaydın sürekli şiddetli ayrıca önceden sonunda günlerce günlerdir saatlerce ertesi "
    "geçen "
    "acaba gerçekten o_hâlde beri doğru saat ne uzun ilkbaharda sonbaharda cesaretle kolayca ücretsiz afiyet",
    "name_title": "teyze amca nine dede hanım bey usta belediyesi bölgesi",
}
# Postpositions by the case they ask for; "nom" is the bare noun (and the genitive of pronouns).
_POSTPOSITIONS = {
    "için": "nom", "gibi": "nom", "ile": "nom", "kadar": "any", "sonra": "abl", "önce": "abl", "beri": "abl",
    "doğru": "dat", "göre": "dat", "rağmen": "dat", "karşı": "dat", "boyunca": "nom", "hakkında": "nom",
}  # fmt: skip
_EXISTENCE = {
    "var": ("var", "vardı", "varmış", "vardır", "varsa", "vardım", "varım"),
    "yok": ("yok", "yoktu", "yokmuş", "yoktur", "yoksa", "yoktum", "yokum"),
    "değil": ("değil", "değildi", "değilmiş", "değildir", "değilse", "değildim", "değilim", "değilsin", "değiliz",
              "değildik", "değillerdi", "değilmişler"),
}  # fmt: skip


def _closed() -> dict[str, list[Closed]]:
    table: dict[str, list[Closed]] = {}
    for person, line in _PRONOUNS.items():
        for case, word in zip(_CASES, line.split(), strict=True):
            table.setdefault(word, []).append(("pronoun", case, 0, person))
    for pos, line in _LISTS.items():
        for entry in line.split():
            for word in entry.split("_"):
                if (pos, "", 0, 0) not in table.setdefault(word, []):
                    table[word].append((pos, "", 0, 0))
    for word, case in _POSTPOSITIONS.items():
        table.setdefault(word, []).append(("postposition", case, 0, 0))
    for forms in _EXISTENCE.values():
        for word in forms:
            person = {"m": 1, "n": 2, "z": 4, "k": 4}.get(word[-1], 3) if word not in ("yok",) else 3
            table.setdefault(word, []).append(("existence", "", 0, person))
    return table


CLOSED: dict[str, list[Closed]] = _closed()

EXTRA_NAMES = (
    "Mustafa_Kemal_Atatürk Anıtkabir Kızılırmak Selimiye_Camii Denizli Giresun Fransa Paris Almanya Berlin "
    "İtalya Roma "
    "İspanya Madrid Yunanistan Atina Japonya Tokyo Mısır Kahire Azerbaycan Bakü Ağrı_Dağı Van_Gölü Galata_Kulesi "
    "Sümela_Manastırı Topkapı_Sarayı Ege_Denizi Marmara_Denizi İstanbul_Boğazı Türkiye_Cumhuriyeti "
    "Cumhuriyet_Bayramı "
    "Çocuk_Bayramı Ulusal_Egemenlik Saat_Kulesi Yeşil_Türbe Kaleiçi Taş_Köprü Mevlana_Müzesi Amisos_Tepesi "
    "Zeugma_Müzesi Erciyes_Dağı Çifte_Minare Diyarbakır_Surları Truva Nemrut_Dağı Ayder_Yaylası Mardin_Kalesi "
    "Eğirdir_Gölü Amasya_Kalesi Gök_Medrese İç_Anadolu_Bölgesi Güneydoğu Doğu Teyze Nine Hanım Amca Bey Dede Usta "
    "Belediyesi Soru Cevap Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık Pazartesi "
    "Salı "
    "Çarşamba Perşembe Cuma Cumartesi Pazar Türk Cumhuriyet Türkçe"
)
EXTRA_NOUNS = (
    "herkes kimse kim nere bura ora bun şun biri+ ikisi+ üçü+ hepsi+ birbiri+ öbürü+ öteki+ çoğu+ hangisi+ neresi+ "
    "bir iki üç dört~ beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz bin buçuk~ "
    "yarı cumhuriyet süre gurur bahar nefes torba günlük~ anlam anlamlı karşıt sunucu sunuculuk~ dans "
    "hoş sefer geri fark doğum yavru sorumlu öz başkent sonra kaç uzak~ bugün parça olay büyük~ küçük~ hep "
    "hastalık~ sır>sırr karşı örtü gibi pas kerevet ulaşım kaleci açılış bu yalan ne türkçe birbirleri+ yapılış "
    "derece istek~ uç~>uc rehber kaldırım teneffüs kayıt~>kayd iyilik~ şenlik~ dikkat* öneri "
    "çimen mum elektrik~ şekil>şekl soba hayal* gerçek~ otel test testi tören buzdolabı+ alkış şişe dinleti "
    "market hazırlık~ antrenör selam yapım dikim dip~ araştırmacı peşi+ demet~ bez avcı yürüyüş dükkân lokanta "
    "lokum direk~ ürün damak~ ölçü pirinç~ zarar zeytinyağı+ litre ziyaret* paket gençlik~ fidan dağıtım "
    "yorgunluk~ "
    "satış yolculuk~ evlat~ püf nokta bilim robot önem bitiş acele atölye değer ıhlamur kömür koro gübre "
    "ayakkabı kebap~ "
    "ok satranç turnuva final zorluk~ nane düzine gözlem yufka kâse maydanoz tepsi sos tur takas adım imza uzman "
    "kahraman söyleşi salata sarımsak~ deney güvenlik~ toz pide kap~ batı doğu kuzey güney kıta yaya geçit~>geçid "
    "tereyağı+ kapak~ görev ihtiyaç~ derviş nişasta tarak~ balina bıyık~ mercimek~ sür sürü kayak~ kestane baklava "
    "yangın makine musluk~ tasarruf saniye tay oğlak~ buzağı penguen yunus sazlık~ tehlike yük ciğer tarçın "
    "sütlaç~ kilo "
    "çatırtı zürafa sur ahşap güreş öğe el deve çöl dinlenme kapı bacı baca düşünce murat~>murad misafirperverlik~ "
    "vakit>vakt akşam öğle gündüz dışarı içeri yukarı aşağı ileri özel herkes araştırma tavuk~ sebep~ çorap~ "
    "afiyet "
    "etraf çevre usta teyze amca hanım bey belediye sabah türbe köprü minare medrese tezgâh kâğıt~ rüzgâr "
    "göğüs>göğs "
    "örümcek~ kanat~ elbise yıldız ihtiyaç~ kardeş alışkanlık~ hortum saman damla renk~ kebap~ sos göz hamur "
    "ateş uyku "
    "yol satıcı kıyı bağ gök>göğ çalışma okuma geliş anneanne babaanne çamaşır su"
)
EXTRA_ADJECTIVES = (
    "zıt ödünç binlerce rahat zavallı ücretsiz tuhaf misafirperver minicik eksik sıcacık eğlenceli gözlü masmavi "
    "tekerlekli düşünceli "
    "dipte harika tertemiz keyifli bembeyaz yemyeşil kişilik~ düz küçücük peynirli domatesli elmalı nemli çıplak "
    "kısık "
    "kızgın bağlı uyanık~ yırtık~ sakin özgür boyunlu haklı evcil çoban ünlü coğrafi olgun susuz hassas bozuk~ "
    "üstün "
    "verimli ait diğer yaşlı zengin yavru gerçek~ bahar komik balıksız yaşında ertesi geçen gelecek~ sevgili böyle "
    "başlıca korkak~ tatlı acı erkek kız türk yan_yana güncel sayın bol ılık kokulu yeşil renkli doğru ek hayran "
    "ulusal kuzu belli başlangıç~ herhangi"
)
EXTRA_VERBS = (
    "sanıl yapıl okun tanın gezil den görül bilin beklen varıl ziyaret_et~ başvur küs eğil bozul boz oynan "
    "paylaşıl kapan bekle bayıl er karış "
    "kavur rendele sık yay eri erit yara yarat gezdir uygula birleştir kayna don kurul haşla soğu avlan yetiştir "
    "iyileştir söndür anlaş birik kutlan giril alın çalıştır edil geçir çırp sıralan bağlan incele fırçala doyur "
    "dil sokul göç_et~ "
    "doldur ak bitiştir denil çekil yerleştir elde_et~ davran biriktir konul göç"
)
