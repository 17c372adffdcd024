"""What web-like pages are made of: cities, animals, recipes, advice, announcements. Data in the template language."""

# city: region | what it is known for | a sight | its sentence
CITY_FACTS = {
    "Ankara": "İç Anadolu | simit~ | Anıtkabir | Ankara, Türkiye'nin başkentidir.",
    "İstanbul": "Marmara | balık~ | Galata_Kulesi+ | İstanbul iki kıtayı birleştiren bir şehirdir.",
    "İzmir": "Ege | incir | Saat_Kulesi+ | İzmir deniz kıyısında güzel bir şehirdir.",
    "Bursa": "Marmara | kestane | Yeşil_Türbe | Bursa'nın dağında kışın kayak yapılır.",
    "Antalya": "Akdeniz | portakal | Kaleiçi | Antalya'ya yazın çok turist gelir.",
    "Adana": "Akdeniz | kebap~ | Taş_Köprü | Adana'da yazlar çok sıcak geçer.",
    "Konya": "İç Anadolu | buğday | Mevlana_Müzesi+ | Konya'nın çok geniş ovaları vardır.",
    "Trabzon": "Karadeniz | ekmek~ | Sümela_Manastırı+ | Trabzon'da dağlar ile deniz yan yanadır.",
    "Samsun": "Karadeniz | pide | Amisos_Tepesi+ | Samsun, Karadeniz'in en kalabalık şehridir.",
    "Gaziantep": "Güneydoğu Anadolu | baklava | Zeugma_Müzesi+ | Gaziantep yemekleriyle bütün dünyada tanınır.",
    "Kayseri": "İç Anadolu | mantı | Erciyes_Dağı+ | Kayseri'de kışlar karlı ve soğuk geçer.",
    "Van": "Doğu Anadolu | kahvaltı | Van_Gölü+ | Van'ın kedileri iki farklı göz rengiyle ünlüdür.",
    "Erzurum": "Doğu Anadolu | kebap~ | Çifte_Minare | Erzurum'da kışlar uzun ve soğuk geçer.",
    "Diyarbakır": "Güneydoğu Anadolu | karpuz | Diyarbakır_Surları+ | Diyarbakır'ın eski surları çok uzundur.",
    "Edirne": "Marmara | ciğer | Selimiye_Camii+ | Edirne'de her yaz güreş yapılır.",
    "Çanakkale": "Marmara | peynir | Truva | Çanakkale'de eski bir ahşap at görülür.",
    "Malatya": "Doğu Anadolu | kayısı | Nemrut_Dağı+ | Malatya'da kayısı ağaçları ilkbaharda çiçek açar.",
    "Rize": "Karadeniz | çay | Ayder_Yaylası+ | Rize'de çok yağmur yağar.",
    "Mardin": "Güneydoğu Anadolu | badem | Mardin_Kalesi+ | Mardin'in taş evleri çok güzeldir.",
    "Isparta": "Akdeniz | gül | Eğirdir_Gölü+ | Isparta'da gül bahçeleri vardır.",
    "Amasya": "Karadeniz | elma | Amasya_Kalesi+ | Amasya'nın eski evleri nehir boyunca sıralanır.",
    "Sivas": "İç Anadolu | köfte | Gök_Medrese | Sivas'ın köpekleri sürüleri korur.",
}

# animal: home | food | what it does, in three sentences
ANIMAL_FACTS = {
    "kedi": "ev | balık~ | Kediler günün çoğunu uyuyarak geçirir. Kedilerin bıyıkları çok hassastır. Kediler "
    "karanlıkta iyi görür.",
    "köpek~": "ev | et | Köpekler sahiplerine çok bağlıdır. Köpeklerin burnu çok iyi koku alır. Köpekler evi ve "
    "sürüyü korur.",
    "arı": "kovan | çiçek_özü+ | Arılar bal yapar. Bir kovanda binlerce arı yaşar. Arılar dans ederek birbirine "
    "yol gösterir.",
    "karınca": "yuva | tohum | Karıncalar çok çalışkandır. Bir karınca kendinden ağır yükleri taşır. Karıncalar "
    "birlikte yaşar.",
    "kaplumbağa": "bahçe | ot | Kaplumbağa evini sırtında taşır. Kaplumbağalar çok yavaş yürür. Kaplumbağalar "
    "uzun yıllar yaşar.",
    "ayı": "orman | bal | Ayılar kışın uzun bir uykuya yatar. Ayılar balı çok sever. Ayılar çok güçlüdür.",
    "sincap~": "orman | fındık~ | Sincaplar ağaçtan ağaca atlar. Sincaplar kış için yiyecek saklar. Sincapların "
    "kuyruğu uzundur.",
    "leylek~": "sazlık~ | kurbağa | Leylekler sonbaharda sıcak ülkelere göç eder. Leylekler yuvalarını yüksek "
    "yerlere yapar. Leyleklerin bacakları uzundur.",
    "balina": "deniz | küçük_balıklar | Balinalar denizde yaşar ama balık değildir. Balinalar nefes almak için "
    "yukarı çıkar. Mavi balina en büyük hayvandır.",
    "fil": "ova | ot | Filler hortumuyla su içer. Fillerin kulakları çok büyüktür. Filler aileleriyle birlikte "
    "yaşar.",
    "at": "çiftlik~ | saman | Atlar çok hızlı koşar. Atlar ayakta uyur. Atlar eskiden insanları ve yükleri taşırdı.",
    "inek~": "çiftlik~ | ot | İneklerden süt elde edilir. İnekler günde saatlerce ot yer. İneğin yavrusuna "
    "buzağı denir.",
    "baykuş": "orman | fare | Baykuşlar gece avlanır. Baykuşların gözleri çok büyüktür. Baykuşlar sessizce uçar.",
    "penguen": "soğuk_kıyılar | balık~ | Penguenler uçamaz ama çok iyi yüzer. Penguenler soğukta birbirine "
    "sokulur. Baba penguen yumurtayı ayaklarında taşır.",
    "yunus": "deniz | balık~ | Yunuslar çok akıllıdır. Yunuslar ses çıkararak anlaşır. Yunuslar suyun üstünde "
    "atlamayı sever.",
    "tavşan": "çayır | havuç~ | Tavşanların kulakları uzundur. Tavşanlar tehlikeyi hemen duyar. Tavşanlar "
    "toprağın altında yuva yapar.",
}

# dish | ingredients | steps
RECIPES = {
    "mercimek çorbası": "bir bardak kırmızı mercimek; bir adet soğan; bir adet havuç; altı bardak su; iki kaşık "
    "yağ; "
    "bir çay kaşığı tuz | Soğanı ve havucu küçük küçük doğrayın. Yağı tencereye koyun ve soğanı kavurun. Mercimeği "
    "yıkayıp tencereye ekleyin. Suyu ve tuzu ekleyip yarım saat pişirin. Çorbayı karıştırıp sıcak sıcak servis "
    "yapın.",
    "elmalı kek": "üç yumurta; bir bardak şeker; bir bardak süt; üç bardak un; iki elma; biraz tarçın | Yumurta "
    "ile şekeri "
    "iyice çırpın. Sütü ve unu ekleyip karıştırın. Elmaları soyup küçük küçük doğrayın. Elmaları hamura ekleyin. "
    "Keki fırında kırk dakika pişirin.",
    "limonata": "beş limon; bir bardak şeker; iki litre su; birkaç dal nane | Limonları yıkayıp kabuklarını "
    "rendeleyin. "
    "Limonların suyunu sıkın. Şekeri ve suyu ekleyip karıştırın. İki saat buzdolabında bekletin. Nane ile süsleyip "
    "soğuk soğuk için.",
    "domatesli makarna": "bir paket makarna; üç domates; bir diş sarımsak; iki kaşık yağ; biraz tuz | Suyu "
    "kaynatın ve içine "
    "tuz atın. Makarnayı suya koyup on dakika pişirin. Domatesleri rendeleyip yağda kavurun. Sarımsağı ekleyin. "
    "Sosu makarnanın üstüne dökün.",
    "peynirli börek": "beş yufka; iki yumurta; bir bardak süt; bir kâse peynir; yarım bardak yağ; biraz maydanoz "
    "| Yumurta, süt ve yağı "
    "karıştırın. Yufkayı tepsiye yayın. Üstüne sosu sürüp peyniri serpin. Bütün yufkaları böyle hazırlayın. "
    "Böreği fırında yarım saat pişirin.",
    "pirinç pilavı": "iki bardak pirinç; üç bardak su; iki kaşık tereyağı; bir kaşık tuz | Pirinci ılık suda "
    "yarım saat "
    "bekletin. Tereyağını tencerede eritin. Pirinci ekleyip kavurun. Suyu ve tuzu ekleyip kapağı kapatın. "
    "Pilavı kısık ateşte on beş dakika pişirin.",
    "çoban salatası": "üç domates; iki salatalık; bir soğan; iki biber; biraz zeytinyağı; yarım limon | "
    "Sebzeleri güzelce "
    "yıkayın. Domates ve salatalıkları küçük küçük doğrayın. Soğanı ince ince kesin. Hepsini bir kâsede "
    "karıştırın. "
    "Üstüne zeytinyağı ve limon ekleyin.",
    "sütlaç": "bir litre süt; yarım bardak pirinç; bir bardak şeker; bir kaşık nişasta | Pirinci suda haşlayın. "
    "Sütü ekleyip kaynatın. Şekeri ve nişastayı ekleyin. Karıştırarak on dakika pişirin. Kâselere döküp "
    "soğumaya bırakın.",
}
RECIPE_INTROS = (
    "{D} evde kolayca yapılır. / {D} yapmak sanıldığı kadar zor değildir. / Bugün size {d} tarifi veriyoruz. / "
    "Çocukların en sevdiği tariflerden biri de budur. / Bu tarifi {name} ninesinden öğrendi. / "
    "Bu tarif {count} kişiliktir. / Misafirleriniz bu tarife bayılacak."
)
RECIPE_ENDS = (
    "Afiyet olsun! / Afiyet olsun, ellerinize sağlık! / Bu tarifi dostlarınızla paylaşın. / "
    "Denedikten sonra bize yazmayı unutmayın. / Ölçüleri damak tadınıza göre değiştirebilirsiniz. / "
    "Kalanını buzdolabında iki gün saklayabilirsiniz."
)

ADVICE = {
    "Sağlıklı Yaşam İçin Öneriler": "Her gün en az sekiz bardak su için. Günde yarım saat yürüyün. Bol bol sebze "
    "ve meyve "
    "yiyin. Her gece aynı saatte uyuyun. Ellerinizi sık sık yıkayın. Dişlerinizi günde iki kez fırçalayın. "
    "Çok fazla şeker yemeyin. Sabah kahvaltısını atlamayın. Temiz havada spor yapın.",
    "Verimli Ders Çalışmanın Yolları": "Kendinize bir çalışma planı yapın. Telefonunuzu başka bir odaya koyun. "
    "Her kırk dakikada bir ara verin. Önemli yerlerin altını çizin. Öğrendiklerinizi bir arkadaşınıza anlatın. "
    "Masanızı temiz tutun. Anlamadığınız konuları öğretmeninize sorun. Sınavdan önce iyi uyuyun.",
    "Evde Su ve Enerji Tasarrufu": "Dişinizi fırçalarken musluğu kapatın. Kullanmadığınız lambaları söndürün. "
    "Çamaşır makinesini doldurmadan çalıştırmayın. Kısa yolları yürüyün. Pencereleri kışın uzun süre açık "
    "bırakmayın. "
    "Bozuk muslukları hemen onarın. Sebze yıkadığınız suyla çiçekleri sulayın. Eski kâğıtları geri dönüşüme verin.",
    "Çiçeklere Bakmanın Püf Noktaları": "Çiçekleri güneş gören bir yere koyun. Toprağı kurudukça su verin. Sararan "
    "yaprakları kesin. Yılda bir kez saksıyı değiştirin. Kışın çiçekleri içeri alın. Toprağa arada bir gübre "
    "ekleyin. "
    "Yapraklardaki tozu nemli bir bezle silin.",
    "Güvenli Yürümek İçin Kurallar": "Karşıya geçmeden önce iki tarafa da bakın. Kırmızı ışıkta durun, yeşil "
    "ışıkta "
    "geçin. Yolda telefonla oynamayın. Kaldırımdan yürüyün. Akşamları açık renk giyin. Yaya geçidini kullanın. "
    "Duran arabaların arasından koşmayın.",
    "Evcil Hayvan Sahiplerine Öneriler": "Hayvanınıza her gün taze su verin. Onu yılda bir kez veterinere götürün. "
    "Tüylerini düzenli olarak tarayın. Köpeğinizi her gün gezdirin. Ona sevgiyle yaklaşın. Yemek kabını temiz "
    "tutun. "
    "Uzun süre yalnız bırakmayın.",
}
ADVICE_INTROS = (
    "Küçük alışkanlıklar büyük fark yaratır. / Bu öneriler herkesin işine yarar. / Aşağıdaki adımları izlemek "
    "çok kolaydır. / "
    "Uzmanlar bu konuda aynı şeyleri söylüyor. / Sizin için {count} öneri hazırladık. / Bu yazıda kısa "
    "önerilerimizi bulacaksınız."
)
ADVICE_ENDS = (
    "Bu adımları bir hafta deneyin ve farkı görün. / Siz de kendi önerilerinizi bizimle paylaşın. / "
    "Unutmayın, her şey küçük bir adımla başlar. / Okulda öğretmen {name.da} bu önerilere katılıyor. / "
    "Bunları ailenizle birlikte uygulayabilirsiniz."
)

EVENTS = {
    "Kitap Şenliği": "kütüphane | yazarlarla söyleşi; kitap takası; masal saati; resim atölyesi; imza günü",
    "Uçurtma Şenliği": "sahil | uçurtma yapımı; uçurtma yarışması; çocuk oyunları; müzik dinletisi",
    "Bilim Günü": "okul | deney gösterisi; gökyüzü gözlemi; robot yarışması; soru cevap saati",
    "Bahar Konseri": "meydan | çocuk korosu; keman dinletisi; halk oyunları gösterisi; dans gösterisi",
    "Ağaç Dikme Etkinliği": "orman | fidan dağıtımı; ağaç dikimi; doğa yürüyüşü; piknik",
    "Yerli Ürün Pazarı": "meydan | peynir tadımı; bal satışı; reçel yapımı; el işi sergisi",
    "Satranç Turnuvası": "okul | açılış konuşması; ilk tur maçları; öğle arası; final maçı; ödül töreni",
    "Bisiklet Turu": "park | kayıt; güvenlik bilgisi; şehir turu; ödül töreni",
}
EVENT_LINES = (
    "{city} Belediyesi, {date} günü bir etkinlik düzenliyor. / {city} Belediyesinin düzenlediği etkinlik {date} "
    "günü yapılacak. / "
    "{city.loc} {date} günü güzel bir etkinlik var.",
    "Etkinlik {place.loc} saat {hour.loc} başlayacak. / Program saat {hour.loc} {place.loc} başlıyor. / "
    "Kapılar saat {hour.loc} açılacak.",
    "Geçen yıl bu etkinliğe {crowd} kişi katıldı. / Etkinliğe {crowd} kişinin gelmesi bekleniyor. / "
    "Katılım herkese açık ve ücretsizdir. / Yedi yaşından büyük çocuklar da katılabilir.",
    'Etkinlik sorumlusu {name}, "Herkesi bekliyoruz," dedi. / {name}, "Bu yıl program çok zengin," dedi. / '
    "Etkinliğin sunuculuğunu {name} yapacak.",
)
EVENT_ENDS = (
    "Kayıt için belediyeye başvurabilirsiniz. / Yağmur yağarsa etkinlik bir hafta sonraya kalacak. / "
    "Kayıtlar {date2} günü sona eriyor. / Ulaşım için ücretsiz otobüs kalkacak. / Hepinizi bekliyoruz!"
)

CITY_LINES = (
    "{city}, {region} Bölgesi'nde yer alır. / {city} {region} Bölgesi'ndedir.",
    "{fact}",
    "Şehir en çok {known.ins} tanınır. / {city} denince akla ilk {known} gelir. / {city.gen} {known.3} çok ünlüdür.",
    "{city.dat} gelenler mutlaka {sight.acc} görür. / {sight.acc} görmeden {city.abl} ayrılmayın. / "
    "{sight}, {city.gen} en çok gezilen yerlerinden biridir.",
    "{city.dat} otobüsle ya da trenle gidebilirsiniz. / {city.dat} gitmek için en güzel mevsim {season.dir}. / "
    "Biz {city.dat} {season.when} gittik ve çok beğendik.",
    "Çarşıda küçük dükkânlar ve lokantalar var. / Sokaklarında yürümek çok keyifli. / Akşamları meydan çok "
    "kalabalık olur. / "
    "Şehirde {museums} müze ve büyük bir park var. / İnsanları çok misafirperverdir.",
    "Ben {city.loc} iki gün kaldım. / Biz {city.loc} {days} gün kaldık. / {name} bu şehre her yıl gelir. / "
    '{name}, "{city.acc} çok sevdim," dedi. / Rehberimiz {name} bize şehrin tarihini anlattı.',
    "Pazardan {fruit} ve {known} aldık. / Dönerken ailemize {known} aldık. / Yanınıza rahat bir ayakkabı alın. / "
    "Sabah erkenden yola çıkmak iyi olur.",
)
ANIMAL_LINES = (
    "{animal.pl.cap} en çok {home.loc} yaşar. / {animal.pl.cap} {home.loc} görülür. / Bir {animal} için en güzel "
    "yer {home.dir}.",
    "En sevdiği yiyecek {food.dir}. / {animal.pl.cap} {food} yer. / {animal.gen.cap} en sevdiği yiyecek {food.dir}.",
    "{facts}",
    '{name} bir gün {home.loc} bir {animal} gördü. / {name}, "En sevdiğim hayvan {animal}," diyor. / '
    "{name} {animal.acc} çok seviyor ve her gün onu izliyor. / Araştırmacı {name} {years} yıldır {animal.pl.acc} "
    "inceliyor.",
    "Hayvanları korumak hepimizin görevidir. / Doğada her hayvanın bir görevi vardır. / Onlara zarar vermeyelim. / "
    "Onları uzaktan izlemek en doğrusudur. / Daha çok bilgi için kütüphaneye gidebilirsiniz.",
)
