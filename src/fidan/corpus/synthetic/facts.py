"""Small facts of the world as question = answer, and the word lists that questions are made from. Data only."""

FACTS = {
    "colours": """
Gökyüzü ne renktir? = Gökyüzü mavidir.
Kar ne renktir? = Kar beyazdır.
Çimen ne renktir? = Çimen yeşildir.
Limon ne renktir? = Limon sarıdır.
Güneş ne renk görünür? = Güneş sarı görünür.
Kömür ne renktir? = Kömür siyahtır.
Süt ne renktir? = Süt beyazdır.
Domates ne renktir? = Olgun domates kırmızıdır.
Havuç ne renktir? = Havuç turuncudur.
Patlıcan ne renktir? = Patlıcan mordur.
Bulutlar ne renktir? = Bulutlar beyaz ya da gridir.
Yaprak yazın ne renktir? = Yaprak yazın yeşildir.
Türk bayrağı ne renktir? = Türk bayrağı kırmızı ve beyazdır.
Mavi ile sarı karışınca hangi renk olur? = Yeşil olur.
Kırmızı ile sarı karışınca hangi renk olur? = Turuncu olur.
Kırmızı ile mavi karışınca hangi renk olur? = Mor olur.
Siyah ile beyaz karışınca hangi renk olur? = Gri olur.
Kırmızı ile beyaz karışınca hangi renk olur? = Pembe olur.
""",
    "animals": """
Kedinin kaç ayağı vardır? = Kedinin dört ayağı vardır.
Kuşun kaç kanadı vardır? = Kuşun iki kanadı vardır.
Tavuğun kaç ayağı vardır? = Tavuğun iki ayağı vardır.
Örümceğin kaç bacağı vardır? = Örümceğin sekiz bacağı vardır.
Arının kaç bacağı vardır? = Arının altı bacağı vardır.
Atın kaç ayağı vardır? = Atın dört ayağı vardır.
Arı ne yapar? = Arı bal yapar.
İnek ne verir? = İnek süt verir.
Tavuk ne verir? = Tavuk yumurta verir.
Koyun ne verir? = Koyun yün ve süt verir.
Balık nerede yaşar? = Balık suda yaşar.
Kuş nerede yaşar? = Kuş yuvada yaşar.
Arı nerede yaşar? = Arı kovanda yaşar.
Deve nerede yaşar? = Deve çölde yaşar.
Penguen nerede yaşar? = Penguen soğuk yerlerde yaşar.
Kedi nasıl ses çıkarır? = Kedi miyavlar.
Köpek nasıl ses çıkarır? = Köpek havlar.
Kuş nasıl ses çıkarır? = Kuş öter.
Kedinin yavrusuna ne denir? = Kedinin yavrusuna yavru kedi denir.
Koyunun yavrusuna ne denir? = Koyunun yavrusuna kuzu denir.
Tavuğun yavrusuna ne denir? = Tavuğun yavrusuna civciv denir.
Keçinin yavrusuna ne denir? = Keçinin yavrusuna oğlak denir.
Atın yavrusuna ne denir? = Atın yavrusuna tay denir.
İneğin yavrusuna ne denir? = İneğin yavrusuna buzağı denir.
Tavşan ne yer? = Tavşan havuç ve ot yer.
İnek ne yer? = İnek ot yer.
Sincap ne yer? = Sincap fındık ve ceviz yer.
Maymun hangi meyveyi sever? = Maymun muzu sever.
En uzun boyunlu hayvan hangisidir? = En uzun boyunlu hayvan zürafadır.
En büyük hayvan hangisidir? = En büyük hayvan mavi balinadır.
Hangi hayvan sırtında evini taşır? = Kaplumbağa sırtında evini taşır.
Hangi kuş geceleri uyanıktır? = Baykuş geceleri uyanıktır.
Leylek kışın ne yapar? = Leylek kışın sıcak ülkelere göç eder.
Ayı kışın ne yapar? = Ayı kışın uyur.
""",
    "time": """
Bir haftada kaç gün vardır? = Bir haftada yedi gün vardır.
Bir yılda kaç ay vardır? = Bir yılda on iki ay vardır.
Bir günde kaç saat vardır? = Bir günde yirmi dört saat vardır.
Bir saatte kaç dakika vardır? = Bir saatte altmış dakika vardır.
Bir dakikada kaç saniye vardır? = Bir dakikada altmış saniye vardır.
Bir yılda kaç mevsim vardır? = Bir yılda dört mevsim vardır.
Bir yılda kaç gün vardır? = Bir yılda üç yüz altmış beş gün vardır.
Haftanın ilk günü hangisidir? = Haftanın ilk günü pazartesidir.
Haftanın son günü hangisidir? = Haftanın son günü pazardır.
Yılın ilk ayı hangisidir? = Yılın ilk ayı ocaktır.
Yılın son ayı hangisidir? = Yılın son ayı aralıktır.
En sıcak mevsim hangisidir? = En sıcak mevsim yazdır.
En soğuk mevsim hangisidir? = En soğuk mevsim kıştır.
Kar hangi mevsimde yağar? = Kar kışın yağar.
Yapraklar hangi mevsimde dökülür? = Yapraklar sonbaharda dökülür.
Çiçekler hangi mevsimde açar? = Çiçekler ilkbaharda açar.
Denize hangi mevsimde girilir? = Denize yazın girilir.
Okullar hangi ayda açılır? = Okullar eylül ayında açılır.
Güneş nereden doğar? = Güneş doğudan doğar.
Güneş nereden batar? = Güneş batıdan batar.
Gece gökyüzünde ne görürüz? = Gece gökyüzünde ay ve yıldızları görürüz.
""",
    "country": """
Türkiye'nin başkenti neresidir? = Türkiye'nin başkenti Ankara'dır.
Türkiye'nin en kalabalık şehri hangisidir? = Türkiye'nin en kalabalık şehri İstanbul'dur.
Türkiye'nin en yüksek dağı hangisidir? = Türkiye'nin en yüksek dağı Ağrı Dağı'dır.
Türkiye'nin en büyük gölü hangisidir? = Türkiye'nin en büyük gölü Van Gölü'dür.
Türkiye'nin en uzun nehri hangisidir? = Türkiye'nin en uzun nehri Kızılırmak'tır.
Cumhuriyet hangi yılda kuruldu? = Cumhuriyet 1923'te kuruldu.
Türkiye Cumhuriyeti'ni kim kurdu? = Türkiye Cumhuriyeti'ni Mustafa Kemal Atatürk kurdu.
Türkiye'nin kuzeyinde hangi deniz vardır? = Türkiye'nin kuzeyinde Karadeniz vardır.
Türkiye'nin güneyinde hangi deniz vardır? = Türkiye'nin güneyinde Akdeniz vardır.
Türkiye'nin batısında hangi deniz vardır? = Türkiye'nin batısında Ege Denizi vardır.
Galata Kulesi nerededir? = Galata Kulesi İstanbul'dadır.
Anıtkabir nerededir? = Anıtkabir Ankara'dadır.
Peri bacaları nerededir? = Peri bacaları Kapadokya'dadır.
Sümela Manastırı nerededir? = Sümela Manastırı Trabzon'dadır.
Efes nerededir? = Efes İzmir'dedir.
Pamukkale nerededir? = Pamukkale Denizli'dedir.
Selimiye Camii nerededir? = Selimiye Camii Edirne'dedir.
Topkapı Sarayı nerededir? = Topkapı Sarayı İstanbul'dadır.
İstanbul Boğazı hangi denizleri birleştirir? = İstanbul Boğazı Karadeniz ile Marmara Denizi'ni birleştirir.
Kayısısıyla ünlü şehir hangisidir? = Kayısısıyla ünlü şehir Malatya'dır.
Fındığıyla ünlü şehir hangisidir? = Fındığıyla ünlü şehir Giresun'dur.
Çayıyla ünlü şehir hangisidir? = Çayıyla ünlü şehir Rize'dir.
Baklavasıyla ünlü şehir hangisidir? = Baklavasıyla ünlü şehir Gaziantep'tir.
Karpuzuyla ünlü şehir hangisidir? = Karpuzuyla ünlü şehir Diyarbakır'dır.
Mantısıyla ünlü şehir hangisidir? = Mantısıyla ünlü şehir Kayseri'dir.
Gülüyle ünlü şehir hangisidir? = Gülüyle ünlü şehir Isparta'dır.
Elmasıyla ünlü şehir hangisidir? = Elmasıyla ünlü şehir Amasya'dır.
Türkiye'de kaç coğrafi bölge vardır? = Türkiye'de yedi coğrafi bölge vardır.
Cumhuriyet Bayramı ne zaman kutlanır? = Cumhuriyet Bayramı 29 Ekim'de kutlanır.
23 Nisan hangi bayramdır? = 23 Nisan, Ulusal Egemenlik ve Çocuk Bayramı'dır.
Türkçede kaç harf vardır? = Türkçede yirmi dokuz harf vardır.
Türkçede kaç ünlü harf vardır? = Türkçede sekiz ünlü harf vardır.
""",
    "world": """
Fransa'nın başkenti neresidir? = Fransa'nın başkenti Paris'tir.
Almanya'nın başkenti neresidir? = Almanya'nın başkenti Berlin'dir.
İtalya'nın başkenti neresidir? = İtalya'nın başkenti Roma'dır.
İspanya'nın başkenti neresidir? = İspanya'nın başkenti Madrid'dir.
Yunanistan'ın başkenti neresidir? = Yunanistan'ın başkenti Atina'dır.
Japonya'nın başkenti neresidir? = Japonya'nın başkenti Tokyo'dur.
Mısır'ın başkenti neresidir? = Mısır'ın başkenti Kahire'dir.
Azerbaycan'ın başkenti neresidir? = Azerbaycan'ın başkenti Bakü'dür.
Dünya'nın uydusu nedir? = Dünya'nın uydusu Ay'dır.
Dünya neyin çevresinde döner? = Dünya, Güneş'in çevresinde döner.
Su kaç derecede kaynar? = Su yüz derecede kaynar.
Su kaç derecede donar? = Su sıfır derecede donar.
Bitkiler neye ihtiyaç duyar? = Bitkiler suya, toprağa ve ışığa ihtiyaç duyar.
Ekmek neden yapılır? = Ekmek undan yapılır.
Peynir neden yapılır? = Peynir sütten yapılır.
Kâğıt neden yapılır? = Kâğıt ağaçtan yapılır.
Reçel neden yapılır? = Reçel meyve ve şekerden yapılır.
Üçgenin kaç kenarı vardır? = Üçgenin üç kenarı vardır.
Karenin kaç kenarı vardır? = Karenin dört kenarı vardır.
Bir elde kaç parmak vardır? = Bir elde beş parmak vardır.
İnsanın kaç gözü vardır? = İnsanın iki gözü vardır.
Bisikletin kaç tekerleği vardır? = Bisikletin iki tekerleği vardır.
Bir düzinede kaç tane vardır? = Bir düzinede on iki tane vardır.
""",
    "people": """
Fırıncı ne yapar? = Fırıncı ekmek yapar.
Öğretmen ne yapar? = Öğretmen öğrencilere ders verir.
Doktor ne yapar? = Doktor hastaları iyileştirir.
İtfaiyeci ne yapar? = İtfaiyeci yangını söndürür.
Postacı ne yapar? = Postacı mektupları dağıtır.
Çiftçi ne yapar? = Çiftçi tarlada çalışır ve ürün yetiştirir.
Terzi ne yapar? = Terzi elbise diker.
Berber ne yapar? = Berber saç keser.
Veteriner ne yapar? = Veteriner hayvanları iyileştirir.
Balıkçı ne yapar? = Balıkçı balık tutar.
Kitap nereden ödünç alınır? = Kitap kütüphaneden ödünç alınır.
Ekmek nereden alınır? = Ekmek fırından alınır.
Hasta olunca nereye gideriz? = Hasta olunca hastaneye gideriz.
Çocuklar nerede öğrenir? = Çocuklar okulda öğrenir.
Yağmurda ne kullanırız? = Yağmurda şemsiye kullanırız.
Soğukta ne giyeriz? = Soğukta mont, atkı ve eldiven giyeriz.
Dişlerimizi neyle fırçalarız? = Dişlerimizi diş fırçasıyla fırçalarız.
Saçımızı neyle tararız? = Saçımızı tarakla tararız.
Gözümüzle ne yaparız? = Gözümüzle görürüz.
Kulağımızla ne yaparız? = Kulağımızla duyarız.
Burnumuzla ne yaparız? = Burnumuzla koklarız.
Annemizin annesine ne deriz? = Annemizin annesine anneanne deriz.
Babamızın annesine ne deriz? = Babamızın annesine babaanne deriz.
Babamızın kardeşine ne deriz? = Babamızın erkek kardeşine amca deriz.
Annemizin kız kardeşine ne deriz? = Annemizin kız kardeşine teyze deriz.
Annemizin erkek kardeşine ne deriz? = Annemizin erkek kardeşine dayı deriz.
""",
}

SAYINGS = """
"Damlaya damlaya göl olur" ne demektir? = Küçük şeyler birikince büyük olur.
"Sabreden derviş" ne yapar? = Sabreden derviş muradına erer.
Birine yardım edince ne deriz? = "Bir şey değil," deriz.
Hata yapınca ne deriz? = "Özür dilerim," deriz.
Yemekten önce ne deriz? = "Afiyet olsun," deriz.
Hasta birine ne deriz? = "Geçmiş olsun," deriz.
Sabah birine ne deriz? = "Günaydın," deriz.
Uyumadan önce ne deriz? = "İyi geceler," deriz.
Yeni işe başlayana ne deriz? = "Kolay gelsin," deriz.
Birinden bir şey isterken ne deriz? = "Lütfen," deriz.
"""

OPPOSITES = (
    "büyük-küçük uzun-kısa sıcak-soğuk iyi-kötü güzel-çirkin yeni-eski hızlı-yavaş kolay-zor açık-kapalı dolu-boş "
    "temiz-kirli zengin-fakir genç-yaşlı ağır-hafif siyah-beyaz gece-gündüz yüksek-alçak kalın-ince geniş-dar "
    "sert-yumuşak "
    "doğru-yanlış uzak-yakın aydınlık-karanlık ucuz-pahalı güçlü-zayıf cesur-korkak mutlu-üzgün çalışkan-tembel "
    "erken-geç "
    "ileri-geri yukarı-aşağı sağ-sol içeri-dışarı önce-sonra ıslak-kuru tatlı-acı var-yok gelmek-gitmek "
    "almak-vermek "
    "açmak-kapatmak gülmek-ağlamak başlamak-bitmek inmek-çıkmak"
)

SERIES = {
    "gün": "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
    "ay": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "mevsim": "ilkbahar yaz sonbahar kış",
}
