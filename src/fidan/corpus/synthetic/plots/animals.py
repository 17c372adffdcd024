"""Plots whose heroes are animals; most are told as tales."""

PLOTS = """
owl_path | animal | p:wild_home x:small_animal
- {h} o gün yuvadan çok [uzaklaş*]. / {T} {h} annesiyle birlikte yiyecek [ara:bg*].
  / {T} {h} bir kelebeğin peşinden [koş*].
- Birden annesinin yanında olmadığını [fark et*]. / Bir süre sonra yolunu [kaybet*].
  / Ama geri dönmek isteyince yolu [bul:can,neg*].
- Güneş yavaş yavaş [bat:bg]. / Hava [karar] ve her yer sessiz [ol]. / Ağaçlar büyük, yollar <karanlık>.
- {h} korkudan [titre*]. / "Anne, neredesin?" diye [bağır*]. / {h} bir ağacın altına oturup [ağla*].
- O sırada bir {x} {h.acc} [gör]. / Otların arasından bir {x} [çık]. / Önce bir {x.dat} [rastla*].
- "Evim nerede, biliyor musun?" diye [sor*] {h}. / {h} ona evinin yolunu [sor*].
  / "Kayboldum, bana yardım eder misin?" [de*] {h}.
- "Ben bilmem, ama baykuş her şeyi bilir," [de] {x}. / {x}, "Haydi, bilge baykuşa soralım," [de].
  / {x} {h.acc} yaşlı baykuşun ağacına [götür].
- Baykuş yüksek bir dalda [otur:bg]. / Baykuş büyük gözlerini [aç] ve {h.dat} [bak].
  / Yaşlı baykuş onları sessizce [dinle].
- "Annen sana en son ne gösterdi?" diye [sor] baykuş. / Baykuş, "Yuvanızın yanında ne var?" diye [sor].
  / "İyice düşün, yolda ne gördün?" [de] baykuş.
- {h} biraz [düşün*]. "Büyük bir dere var," [de*]. / "Yuvamızın yanında eski bir değirmen var," [de*] {h}.
  / {h}, "Orada üç büyük taş vardı," [de*].
- "O hâlde suyun sesini takip et," [de] baykuş. / Baykuş kanadıyla uzağı [göster]. "O yol seni eve götürür," [de].
  / "Orası çok yakın, ay ışığında yürü," [de] baykuş.
- {h} baykuşun dediğini [yap*]. / {h} ile {x} birlikte [yürü+]. / {h?} hiç durmadan [yürü*].
- Sonunda annesinin sesini [duy*]. / Biraz sonra yuvanın ışığını [gör*]. / Annesi de onu her yerde [ara:bg].
- Annesi ona sıkıca [sarıl]. / {h} koşup annesine [sarıl*]. / Annesi sevinçten [ağla].
- O günden sonra {h} hiç uzağa [git:neg*]. / {h} baykuşun iyiliğini hiç [unut:neg*].
  / O gece {h} annesinin yanında rahatça [uyu*].

saved | animal=strong_animal | p:wild_home x:small_animal
- {h} {p.loc} herkesin korktuğu bir <hayvan>. / {h} {p.loc} herkesten daha güçlü olduğunu [düşün:bg*].
  / {h} küçük hayvanlarla [konuş:bg,neg*], onlara hep yukarıdan [bak:bg*].
- {T} {h} ağacın altında [uyu:bg*]. / {T} {h.gen} önünden bir {x} [geç].
  / {T} bir {x} yanlışlıkla {h.acc} [uyandır].
- {h} çok [kız*]. "Benim uykumu neden bozdun?" [de*]. / {h}, "Sen kim oluyorsun?" diye [bağır*].
  / {h} kızgın bir sesle [bağır*].
- "Lütfen beni affet, bir gün ben de sana yardım ederim," [de] {x}. / {x}, "Özür dilerim, seni görmedim," [de].
  / {x} korkudan [titre]. "Beni bırak, belki sana bir iyilik yaparım," [de].
- {h} buna çok [gül*]. / "Sen bana nasıl yardım edeceksin?" [de*] {h}. / {h} gülüp onu [bırak*].
- Aradan günler [geç]. / Birkaç gün sonra kötü bir şey [ol]. / Bir hafta sonra {p.dat} avcılar [gel].
- {h} bir ağa [takıl*]. / {h} yürürken derin bir çukura [düş*]. / {h.gen} ayağı kalın bir ipe [dolan].
- Ne kadar çalışsa da [kurtul:can,neg*]. / {h?} çok [uğraş*], ama [çık:can,neg*].
  / Bütün gücüyle [bağır*], ama kimse [gel:neg].
- Sesini sadece {x} [duy]. / O sırada {x} oradan [geç:bg]. / {x} bu sesi hemen [tanı].
- "Dayan, geliyorum!" diye [seslen] {x}. / {x} koşarak {h.gen} yanına [gel].
  / {x} hemen bütün arkadaşlarını [çağır].
- {x} hiç durmadan [çalış]. / Küçük dostları ile birlikte ipi [kes]. / {x} ipi yavaş yavaş [çöz].
- Sonunda {h} [kurtul*]. / Bir saat sonra {h} artık <özgür>. / Güneş doğmadan {h.acc} [kurtar@6].
- {h} çok [utan*]. "Bana büyük bir ders verdin," [de*]. / {h} {x.dat} [teşekkür et*] ve ondan [özür dile*].
  / "Küçük dostlar da büyük işler yapar," [de*] {h}.
- O günden sonra ikisi çok iyi arkadaş [ol]. / {h} bir daha kimseyi küçük [gör:neg*].
  / Çünkü dostluğun büyüğü küçüğü [ol:aor,neg].

winter | animal | x:small_animal y:nut p:wild_home
- O yaz {h} bütün gün [çalış:bg*]. / Yaz boyunca {h} kış için yiyecek [topla*].
  / O sonbahar {h} kış hazırlığı [yap:bg*].
- Bir ağacın altına {y} [taşı:bg*]. / Yuvasına {y} ve tohum [götür:bg*].
  / Her sabah erkenden kalkıp {y} [topla:bg*].
- Komşusu {x} ise bütün gün [oyna:bg]. / {x} ise bütün gün güneşte [uyu:bg].
  / Bir {x} ise şarkı söyleyip dans [et:bg].
- "Neden bu kadar çalışıyorsun? Gel, oynayalım," [de] {x}. / {x}, "Kışa daha çok var," [de].
  / {x} {h.dat} bakıp [gül].
- "Kış gelince yiyecek bulamayız," [de*] {h}. / {h}, "Sen de biraz yiyecek topla," [de*].
  / {h} ona [kız:neg*], sadece işine [devam et*].
- Günler [geç], yapraklar [sarar]. / Sonra sonbahar [bit] ve kış [gel]. / Bir sabah her yer karla [kaplan].
- {x} çok [üşü] ve [acık]. / {x} yiyecek [ara], ama hiçbir şey [bul:can,neg].
  / Artık ne yaprak <var> ne de <tohum>.
- Sonunda {h.gen} kapısını [çal]. / {x} utanarak {h.gen} yuvasına [gel]. / Soğuk bir gecede {h.gen} kapısı [çal].
- "Çok açım, bana biraz yiyecek verir misin?" [de] {x}. / "Sen haklıydın," [de] {x}.
  / {x} titreyerek, "İçeri girebilir miyim?" diye [sor].
- {h} onu içeri [al*]. / {h}, "Gel, birlikte yiyelim," [de*]. / {h} kapıyı [aç*] ve ona sıcak bir çorba [ver*].
- O kış birlikte [yaşa+]. / {x} ona her akşam şarkı [söyle]. / {h} yiyeceğini {x.ins} [paylaş*].
- "Gelecek yaz ben de çalışacağım," [de] {x}. / Ertesi yaz {x.da} onunla birlikte [çalış].
  / {x} bu iyiliği hiç [unut:neg].
- Böylece {x} çalışmanın değerini [öğren]. / Böylece iki arkadaş zor günleri birlikte [aş].
  / {h} ise paylaşmanın mutluluğunu [öğren*].

race | animal=fast_animal | x:slow p:wild_home
- {h} çok hızlı bir <hayvan>. / {h} {p.loc} en hızlı <hayvan>. / {h} herkesten hızlı [koş:bg*].
- Bu yüzden hep [övün:bg*]. / Her gün diğer hayvanlarla [dalga geç:bg*]. / "Benden hızlısı yok," [de:bg*].
- {T} {x.acc} [gör*]. "Sen ne kadar yavaşsın!" [de*]. / {T} {x}, "Benimle yarışır mısın?" diye [sor].
  / {T} {x} bu sözlerden çok [sıkıl].
- "Tamam, yarışalım," [de] {x}. / {h} buna çok [gül*] ve [kabul et*]. / {h}, "Hemen yarışalım," [de*].
- Ertesi sabah bütün hayvanlar {p.loc} [toplan]. / Yarışı baykuş [başlat].
  / Bütün hayvanlar yarışı seyretmeye [gel].
- {h} bir ok gibi [koş*]. / {h} bir anda gözden [kaybol*]. / Yarış başlayınca {h} çok öne [geç*].
- {x} ise yavaş yavaş ama hiç durmadan [yürü]. / {x} küçük adımlarla [ilerle].
  / {x} geride [kal], ama [vazgeç:neg].
- Yolun yarısında {h} arkasına [bak*]. {x} <yok>. / {h}, "Daha çok vaktim var," diye [düşün*].
  / {h} bir ağacın gölgesine [uzan*].
- Orada derin bir uykuya [dal*]. / Biraz dinlenmek için {göz*.pl.acc} [kapat*] ve [uyu*].
  / "Biraz uyuyayım," [de*] ve [uyu*].
- {x} sessizce onun yanından [geç]. / O sırada {x} hiç durmadan [yürü:bg].
  / {x} ağacın yanından geçip yoluna [devam et].
- {h} uyanınca çok [şaşır*]. / Akşama doğru {h} [uyan*] ve koşmaya [başla*].
  / Birden bir alkış sesi [duyul]. {h} hemen [uyan*].
- Ama artık çok <geç>. {x} yarışı [kazan:perf]. / {x} bitiş çizgisine ondan önce [ulaş]. / Yarışı {x} [kazan].
- {h} çok [utan*] ve {x.acc} [kutla*]. / "Önemli olan hız değil, sabırdır," [de] baykuş.
  / {h} o günden sonra hiç kimseyle [dalga geç:neg*].

bridge | animal=farm | x:farm y:small_animal
- {h.gen} yolu dar bir köprüden [geç:bg]. / {T} {h} dar bir köprüye [gel*].
  / {T} {h} derenin üstündeki eski köprüden [geç:bg*].
- Karşıdan da bir {x} [gel:bg]. / Köprünün öbür ucunda bir {x} <var>. / Tam ortada bir {x.ins} [karşılaş*].
- "Önce ben geçeceğim," [de*] {h}. / {x}, "Yolumdan çekil!" [de]. / İkisi de geri dönmek [iste:neg].
- "Hayır, ben daha önce geldim," [de] {x}. / {x} yerinden [kımılda:neg]. / {h.da} [inat et*].
- Böyle uzun süre [bağır+]. / Bir saat orada [bekle+]. / Birbirlerine bakıp [dur+].
- Köprü eski ve <zayıf>. / Birden köprü sallanmaya [başla]. / O sırada köprüden bir çatırtı [duyul].
- Suyun kenarındaki bir {y} onları [gör]. / Aşağıdan bir {y} onlara [seslen]. / Bir {y} bütün bunları [seyret:bg].
- "Durun, ikiniz de düşeceksiniz!" [de]. / "Biriniz geri dönse ikiniz de geçersiniz," [de].
  / "Biriniz yatsın, öbürü üstünden geçsin," [de].
- {h} biraz [düşün*]. / {h}, "Bu doğru," [de*]. / {h} ile {x} birbirine [bak+].
- Sonra {h} yavaşça geri [dön*]. / {h}, "Önce sen geç," [de*]. / {x} köprüye [yat], {h.da} onun üstünden [geç*].
- {x} [geç] ve "Sağ ol," [de]. / Böylece ikisi de karşıya [geç]. / {x} çok [şaşır] ve [teşekkür et].
- O gün ikisi de inat etmenin kötü olduğunu [öğren]. / Artık köprüde karşılaşınca birbirine yol [ver@6].
  / {h} ile {x} o günden sonra iyi arkadaş [ol+].

lonely | animal | x:wild y:small_animal p:wild_home r:pet_name
- {h.gen} hiç arkadaşı <yok>. / {h} {p.loc} tek başına [yaşa:bg*].
  / {h} her akşam yıldızlara bakıp şarkı [söyle:bg*].
- {h?} çok <utangaç*>, kimseyle [konuş:can,bg,neg*]. / "Keşke bir arkadaşım olsa," diye [düşün:bg*].
  / Diğer hayvanlar onu hiç oyuna [çağır:bg,neg].
- {T} yuvasının önünde bir {x} [gör*]. / {T} yakındaki dereden bir ses [duy*]. Bu ses bir {x.gen} <sesi>.
  / {T} {p.dat} yeni bir {x} [gel].
- {x} yeni bir yuva [ara:bg]. / {x.gen} ayağı bir taşın altında [kal:perf]. / {x} çok <yorgun> ve <aç>.
- {h} önce biraz [kork*]. / {h} ne yapacağını [bil:can,neg*]. / {h} önce yuvasına [saklan*].
- Sonra bütün cesaretini [topla*]. / Ama ona yardım etmek [iste*].
  / Fakat {x.gen} üzgün gözlerini görünce [dayan:can,neg*].
- "Merhaba, sana yardım edebilir miyim?" [de*]. / Yavaşça yaklaşıp ona bir elma [ver*].
  / "İstersen bu gece benim yuvamda kal," [de*].
- {x} [gülümse]. "Çok iyisin, adım {r}," [de]. / {x} buna çok [sevin]. / {x}, "Benim de hiç arkadaşım yok," [de].
- O gece sabaha kadar [konuş+]. / Ertesi gün birlikte yeni bir yuva [yap+].
  / Birlikte yiyecek [topla+] ve oyun [oyna+].
- Sonra aralarına bir {y.da} [katıl]. / Bir gün bir {y.da} onların yanına [gel].
  / {x} {h.acc} bir {y.ins} [tanıştır].
- {h} artık hiç yalnız <değil>. / {h} artık her sabah şarkı söyleyerek [uyan:bg*].
  / Artık {h.gen} iki tane arkadaşı <var>.
- Çünkü bir gün cesaretle, "Merhaba," [de:perf*]. / Bazen küçük bir söz her şeyi [değiştir:aor].
  / Üçü o günden sonra hep birlikte [yaşa@6].

thirst | animal=bird | p:nature x:bird
- O yaz {p.dat} hiç yağmur [yağ:neg]. / O yıl hava çok sıcak ve <kuru>. / Bir yaz bütün dereler [kuru].
- {h} çok [susa*]. / {h} günlerce su [ara*]. / Bütün hayvanlar çok <susuz>.
- Sonunda eski bir evin yanında bir testi [bul*]. / Bir bahçede yarısı boş bir kova [gör*].
  / Bir {x} ona eski bir testi [göster].
- Testinin içinde biraz su <var>. / İçine [bak*], ama su çok <aşağıda>. / Fakat su en <dipte>.
- Ne kadar uğraşsa da suya [ulaş:can,neg*]. / Başını içeri [sok*], ama suya [yetiş:can,neg*].
  / {h?} onu devirmek [iste*], ama çok <ağır>.
- "Vazgeç, içemezsin," [de] {x}. / {x}, "Başka yerde arayalım," [de]. / {x} umutsuzca yanına [otur].
- {h} biraz [düşün*]. / {h.gen} aklına güzel bir fikir [gel]. / {h} yerdeki taşlara [bak*].
- Küçük taşları tek tek içine [at*]. / Bir taş [at*], sonra bir taş daha [at*].
  / {x.ins} birlikte taş toplayıp suyun içine [at+].
- Su yavaş yavaş [yüksel]. / Her taşla birlikte su biraz daha [yüksel]. / Sonunda su en üste [gel].
- {h} kana kana su [iç*]. / Önce {x}, sonra {h} su [iç*]. / İkisi de doya doya su [iç].
- "Sen çok akıllısın," [de] {x}. / {h} bu sırrı bütün hayvanlara [anlat*].
  / Ertesi gün gökyüzü [karar] ve yağmur [yağ].
- Akıl, güçten daha <üstün:dir>. / O günden sonra hiçbir zorluktan [kork:neg*].
  / Böylece {h} sabırla düşünmenin önemini [anla*].
"""
