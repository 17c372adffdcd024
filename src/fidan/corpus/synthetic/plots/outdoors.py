"""Plots of trips, seasons, work and weather."""

PLOTS = """
kitten | child me | c:=eye r:pet_name d:under
- {T} {h} okuldan eve [dön:bg*]. / {T} çok yağmur [yağ:bg]. / {T} hava çok <soğuk>.
- Birden ince bir ses [duy*]. / Yolun kenarında küçük bir kutu [gör*].
  / Bir arabanın altından garip bir ses [gel:bg].
- Orada {c} gözlü, minik bir kedi <var>. / Ses, ıslak ve minik bir kediden [gel:bg].
  / {h?} eğilip [bak*]. Orada yavru bir kedi <var>.
- Zavallı kedi soğuktan [titre:bg]. / Kedinin tüyleri ıslak, karnı da <aç>. / Yavru kedi {h.dat} bakıp [miyavla].
- {h} onu {kucak*.dat} [al*]. / {h?} onu {atkı*.dat} [sar*] ve eve [götür*]. / {h} onu orada bırakmak [iste:neg*].
- {g*} önce biraz [şaşır]. / {g*} kapıyı açınca kediyi [gör]. / {g*}, "Bu kedi kimin?" diye [sor].
- "Onu yolda [bul:past@1], çok üşümüş," [de*] {h}. / "Lütfen bizimle kalsın!" diye [yalvar*] {h}.
  / {h} {g*.dat} her şeyi [anlat*].
- {g*} bir havlu [getir] ve kediyi [kurut]. / {g*} gülümseyip bir tabak süt [getir].
  / {g*}, "Önce karnını doyuralım," [de].
- Kedi sütü hemen [iç]. / Yavru kedi sütünü içip mutlu mutlu [mırılda].
  / Kedi önce {d.gen} altına [saklan], sonra yavaşça dışarı [çık].
- Ertesi gün kediyi veterinere [götür+]. Kedi çok <sağlıklı>.
  / Bütün mahallede kedinin sahibini [ara+], ama kimse [çık:neg].
  / Veteriner kediyi [gör] ve "Çok sağlıklı," [de].
- {h} ona "{r}" adını [ver*]. / Kedinin adını {r} [koy+]. / Artık kedinin bir adı <var>: {r}.
- {r} artık {h.gen} en iyi <{arkadaş*}>. / Artık {r} her gece {h.gen} {yan*.loc} [uyu:bg].
  / {r} artık bu evin bir <üyesi>.

bird | child me | p:play_place b:bird y:=colour
- {T} {h} {p.loc} {f.ins} [gez:bg*]. / {T} {h} {f.ins} birlikte {p.dat} [git*]. / {T} {h} {p.loc} oyun [oyna:bg*].
- Bir ağacın altında küçük bir {b} <var>. / Çimenlerin arasında bir {b} [gör*].
  / Birden {h.gen} {ön*.dat} bir {b} [düş].
- {b} [uç:can,bg,neg]. / {b} kanadını [aç:can,bg,neg]. / Zavallı {b} kalkmak [iste], ama [kalk:can,neg].
- "Galiba kanadı kırık," [de] {f}. / {f}, "Ona yardım etmeliyiz," [de].
  / {h} kuşun kanadının kırık olduğunu [anla*].
- {h} {b.acc} yavaşça {el*.dat} [al*]. / {f} çantasından bir kutu [çıkar]. {b.acc} kutuya [koy+].
  / {h} {şapka*.acc} [çıkar*] ve {b.acc} içine [koy*].
- Hemen veterinere [git+]. / Hiç beklemeden bir veterinere [koş+].
  / Önce {g*.dat} haber [ver+], sonra veterinere [git+].
- Veteriner kanadı [temizle] ve güzelce [sar]. / "İki hafta dinlenmesi gerek," [de] veteriner.
  / Veteriner, "Onu tam zamanında getirdiniz," [de].
- {h} her gün {b.dat} yem ve su [ver*]. / {h} iki hafta boyunca {b.dat} [bak*].
  / {h?} kutunun içine yumuşak bir bez [koy*].
- {b} günden güne [iyileş]. / {b} yavaş yavaş {h.dat} [alış]. / Bir hafta sonra {b} ötmeye [başla].
- Sonunda {b} tamamen [iyileş]. / Bir sabah {b} kanatlarını açıp odada [uç]. / İki hafta sonra {b} artık <hazır>.
- {h} pencereyi [aç*] ve {b} gökyüzüne [uç]. / Kutuyu bahçeye [çıkar+]. {b} bir an [dur], sonra [uç].
  / Birlikte {p.dat} gidip {b.acc} [bırak+].
- {h} hem <mutlu*>, hem de biraz <üzgün*>. / {h?} arkasından el [salla*].
  / O {b} bazen {h.gen} {pencere*.dat} [kon:hab].

picnic | child me | p:wild_home e:ride s:sweet n:fruit
- {T} ailece {p.dat} gitmeye [karar ver+]. / {T} {h} {aile*.ins} birlikte {p.dat} [git*].
  / {T} hava çok <güzel>. {g*}, "Haydi, pikniğe gidelim!" [de].
- {g*} sepete ekmek, peynir ve {n} [koy]. / {g*} {s} [yap], {h.da} {n.pl.acc} [yıka*]. / Herkes hazırlığa [başla].
- Yola erkenden [çık+]. / {e.ins} iki saat [git+]. / Sabah erkenden {e.dat} [bin+].
- {p.dat} varınca büyük bir ağacın altına [otur+]. / Orada her yer <yemyeşil>.
  / {p.loc} kuşlar [öt:bg], rüzgâr hafif hafif [es:bg].
- {f} ile {h} top [oyna+]. / Önce top [oyna+], sonra çiçek [topla+]. / {h} {f.ins} birlikte kelebekleri [seyret*].
- Sonra herkes sofraya [otur]. / Yemekten sonra {g*} çay [demle]. / {g*} güzel bir şarkı [söyle].
- Fakat birden gökyüzü [karar]. / Ama öğleden sonra siyah bulutlar [gel].
  / O sırada uzaktan gök gürültüsü [duyul].
- "Çabuk, eşyaları toplayın!" diye [bağır] {g*}. / Bir dakika sonra yağmur [başla]. / Herkes hemen ayağa [kalk].
- Yakında eski bir kulübe <var>. / {h} biraz ileride bir kulübe [gör*]. / {g*} uzakta küçük bir kulübe [gör].
- Koşarak kulübeye [gir+]. / Eşyaları alıp kulübeye [sığın+]. / Kulübeye girince yağmur daha da [hızlan].
- Orada {s} [ye+] ve masal [anlat+]. / {g*} orada komik bir hikâye [anlat].
  / Yağmurun sesini dinleyip şarkı [söyle+].
- Yağmur bitince gökyüzünde bir gökkuşağı [çık]. / Bir saat sonra güneş yeniden [parla].
  / Sonra bulutlar [dağıl] ve hava [açıl].
- Akşam eve yorgun ama mutlu [dön+]. / {h} bu pikniği hiç [unut:neg*]. / "Yağmur bile bugünü bozamadı," [de] {g*}.

snow | child me | c:=colour w:wearable
- {T} {h} uyanınca pencereden dışarı [bak*]. / {T} yılın ilk karı [düş]. / {T} ilk kar [yağ].
- Her yer <bembeyaz>. / Bütün sokak beyaz bir örtü <gibi>. / Lapa lapa kar [yağ:bg].
- {h} hemen {mont*.acc} ve {eldiven*.pl.acc} [giy*]. / {h?} hızla kahvaltı [yap*] ve {bot*.pl.acc} [giy*].
  / {g*}, "Dışarısı soğuk, kalın giyin," [de].
- Sonra {f.ins} bahçede [buluş*]. / {f} bahçeden {h.dat} [seslen]. / {f} kapıda {h.acc} [bekle:bg].
- "Haydi, kardan adam yapalım!" [de] {f}. / İki arkadaş kardan adam yapmaya [başla+].
  / Önce kar topu [oyna+], sonra kardan adam yapmaya [karar ver+].
- Büyük bir kar topu [yuvarla+]. / Üç büyük top yapıp üst üste [koy+]. / Önce gövdesini, sonra başını [yap+].
- Gözleri için iki kömür, burnu için bir havuç [bul+]. / {h} mutfaktan bir havuç [getir*].
  / {f} iki siyah taş [bul].
- Ama kardan adamın şapkası <yok>. / Fakat kardan adamın boynu <çıplak>. / "Sanki bir şey eksik," [de] {f}.
- {h} {c} {w*.acc} çıkarıp ona [ver*]. / {g*} dolaptan eski, {c} bir atkı [getir].
  / {h} eve koşup {c} bir şapka [getir*].
- Kardan adam çok güzel [ol]. / Kardan adam şimdi çok <sevimli>.
  / Mahalledeki bütün çocuklar kardan adama bakmaya [gel].
- Akşam eve girince sıcak bir çorba [iç+]. / {g*} {hp.dat} sıcak süt [hazırla].
  / {h} eve dönünce sobanın yanında [ısın*].
- Birkaç gün sonra güneş [aç] ve kardan adam [eri]. / Güneş açınca kardan adam yavaş yavaş [eri].
  / Kardan adam üç gün bahçede [dur].
- {h} biraz [üzül*]. {g*}, "Gelecek kış yine gelir," [de]. / "Seneye yine yaparız," [de] {f}.
  / Ama {h} onun bir fotoğrafını [sakla*].

beach | child me | c:=colour
- {T} {h} {aile*.ins} denize [git*]. / {T} {g*} {h.acc} deniz kenarına [götür].
  / {T} hava çok sıcak, deniz de çok <sakin>.
- Kum sıcacık, deniz ise <masmavi>. / Kumlar sıcak, su ise <serin>. / Sahilde bir sürü çocuk <var>.
- {h} önce biraz [yüz*]. / {h?} hemen suya [koş*]. / {h} {f.ins} birlikte denize [gir*].
- Sonra kumdan bir kale yapmaya [başla+]. / Sonra {h} {c} bir kova ve küçük bir kürek [al*].
  / {f}, "Kocaman bir kale yapalım," [de].
- Kalenin dört kulesi ve bir kapısı <var>. / Kalenin duvarlarını deniz kabuklarıyla [süsle+].
  / Kalenin etrafına derin bir çukur [kaz+].
- Ama birden büyük bir dalga [gel]. / Tam [bitir:ecek+] sırada büyük bir dalga [gel].
  / Fakat akşama doğru deniz [yüksel].
- Dalga kaleyi [yık]. / Bir anda bütün kale [yıkıl]. / Kale suyun içinde [kaybol].
- {f} neredeyse [ağla:next]. / {h} çok [üzül*]. / Bir süre hiç konuşmadan denize [bak+].
- "Üzülmeyin, daha iyisini yaparsınız," [de] {g*}. / {g*}, "Kaleyi denizden uzağa yapın," [de].
  / {g*} gülümseyip yeni bir yer [göster].
- Bu sefer kaleyi daha uzağa [yap+]. / Yeni kale eskisinden daha <büyük>.
  / Hep birlikte daha büyük bir kale [yap+].
- Kalenin tepesine küçük, {c} bir bayrak [dik+]. / {g*} kalenin fotoğrafını [çek].
  / Artık dalgalar kaleye [ulaş:can,bg,neg].
- Güneş batarken eve [dön+]. / Akşam {h} yorgunluktan hemen [uyu*]. / {h} o gece {rüya*.loc} yine denizi [gör*].

market | child me | s:fruit t:vegetable n:#2-6 c:=colour
- {T} {h} {g*.ins} birlikte pazara [git*]. / {T} {g*} {h.acc} pazara [götür]. / {T} mahallede pazar <var>.
- Pazar çok <kalabalık>. / Tezgâhlarda renk renk meyveler <var>. / Pazarcılar yüksek sesle [bağır:bg].
- "Bir kilo {s} kaç lira?" diye [sor] {g*}. / {g*} önce {s}, sonra {t} [al].
  / {h} bir tezgâhta kocaman {s.pl} [gör*].
- "Bugün çok ucuz, sadece {n} lira," [de] pazarcı. / "{s} {n} lira, ama çok tatlı," [de] pazarcı.
  / Pazarcı {h.dat} bir {s} [uzat]. "Tadına bak," [de].
- {h} {s.acc} çok [beğen*]. / {g*} iki kilo {s} [al]. / {h?} {s.pl.acc} tek tek torbaya [koy*].
- Bir süre sonra {h} {arka*.dat} [bak*]. {g*} <yok>. / Ama kalabalıkta {h} {g*.acc} [kaybet*].
  / O sırada {h} renkli balonlara [bak:bg*]. Sonra {g*.acc} [gör:can,neg*].
- {h} çok [kork*], ama [ağla:neg*]. / {h.gen} {kalp*} hızla [çarp]. / "Nereye gitti?" diye [düşün*].
- {g*.gen} bir sözünü [hatırla*]: "Kaybolursan olduğun yerde bekle."
  / Sonra pazarcının yanına [git*] ve orada [bekle*]. / {h?} {s} satan pazarcıya [dön*] ve olanları [anlat*].
- Pazarcı {h.dat} bir sandalye [ver]. / "Merak etme, şimdi gelir," [de] pazarcı.
  / Pazarcı yüksek sesle {g*.acc} [çağır].
- Beş dakika sonra {g*} koşarak [gel]. / Biraz sonra {g*} {h.acc} [gör].
  / Çok geçmeden {g*} kalabalığın içinden [çık].
- {g*} {h.dat} sıkıca [sarıl]. / "Çok korktum," [de] {g*}. / "Beklemekle çok doğru yaptın," [de] {g*}.
- Eve dönerken {h} {g*.gen} elini hiç [bırak:neg*]. / Akşam bütün aile {s} [ye].
  / {h} bir daha {g*.gen} yanından [ayrıl:neg*].

fishing | child me | m:old c:=colour n:#2-7
- {T} {m*} {h.acc} göle [götür]. / {T} {h} {m*.ins} birlikte balık tutmaya [git*].
  / Bir sabah güneş doğmadan {m*} ile {h} yola [çık+].
- Küçük bir kayığa [bin+]. / Kıyıda büyük bir taşın üstüne [otur+]. / Eski, {c} bir sandalla göle [açıl+].
- Göl çok <sessiz>. / Suyun üstünde ince bir sis <var>. / Su ayna gibi <parlak>.
- {m*} oltayı [hazırla], {h.da} ona [bak*]. / {m*} oltayı {h.dat} [ver] ve yavaşça [otur].
  / {m*} {h.dat} küçük bir olta [ver].
- Bir saat [bekle+], ama hiç balık [gel:neg]. / Uzun süre hiçbir şey [ol:neg].
  / Göldeki balıklar o gün çok <akıllı>.
- {h} biraz [sıkıl*]. / "Balıklar nerede?" diye [sor*] {h}. / {h} artık eve dönmek [iste:bg*].
- {m*}, "Balık tutmak sabır ister," [de]. / "Sabreden kazanır," [de] {m*}. / {m*} gülüp, "Acele etme," [de].
- Tam o sırada olta [kımılda]. / Birden {h.gen} {olta*} [sallan]. / Birden ip [geril].
- {h} oltayı bütün {güç*.ins} [çek*]. / "Çek, çek!" diye [bağır] {m*}. / {m*.da} {h.dat} [yardım et].
- Oltanın ucunda büyük bir balık <var>. / Suyun içinden kocaman bir balık [çık]. / Oltada minicik bir balık <var>.
- {h} balığa [bak*] ve ona [acı*]. / Balık çok güzel, pulları da gümüş <gibi>. / {h} balığın gözlerine [bak*].
- "Onu bırakalım mı?" diye [sor*]. {m*} [gülümse]. / {h} balığı yeniden suya [bırak*].
  / Balığı göle [bırak+]. Balık hızla [uzaklaş].
- Akşam sofrada peynir ekmek <var>, ama herkes çok <mutlu>. / O akşam eve balıksız ama mutlu [dön+].
  / {h} o gün sabretmenin ne demek olduğunu [öğren*].

trip | child me | e:ride z:#5-9
- {T} {h} {g*.ins} birlikte {city.dat} [git*]. / {T} {h} ilk kez {city.acc} [gör*].
  / {h} uzun zamandır {city.dat} gitmek [iste:bg*]. Sonunda bu hayal gerçek [ol].
- Sabah {e.dat} [bin+]. / Yolculuk {e.ins} tam {z} saat [sür]. / {e} sabah saat {z.loc} [kalk].
- {h} pencerenin yanına [otur*] ve dışarıyı [seyret*]. / Yol boyunca tarlalar, dağlar ve köyler [gör+].
  / {h?} yolda biraz [uyu*], biraz da kitap [oku*].
- {city.dat} varınca çok [şaşır*]. / {city} {h.gen} [san:dik*.abl] daha <büyük>. / {city.loc} hava çok <güneşli>.
- Önce eski bir kaleye [çık+]. / İlk gün müzeyi [gez+]. / Önce çarşıda [dolaş+], sonra bir müzeye [git+].
- Kaleden bütün şehir [görün:bg]. / Müzede çok eski taşlar ve altınlar <var>.
  / Rehber {hp.dat} şehrin tarihini [anlat].
? Öğlen küçük bir lokantada köfte [ye+]. / Öğleyin meydanda sıcak simit [ye+].
- Akşam birden şiddetli bir yağmur [başla]. / Sonra {h} kalabalıkta {şapka*.acc} [kaybet*].
  / Akşamüstü otelin yolunu [bul:can,neg+].
- Neyse ki yaşlı bir adam {hp.dat} [yardım et]. / Bir simitçi {hp.dat} [yardım et] ve sorun [çözül].
  / Neyse ki iyi kalpli bir kadın {hp.dat} [yardım et].
- {f.dat} küçük bir hediye [al*]. / {h} {f} için renkli bir kart [al*].
  / Dönmeden önce {f.dat} bir kutu lokum [al+].
- İki gün sonra eve [dön+]. / Pazar günü geri [dön+]. / Ertesi gün {city.abl} [ayrıl+].
- "{city.acc} çok [sev:past@1]," [de*] {h}. / {h} bütün geziyi {f.dat} [anlat*]. / {h} {city.acc} hiç [unut:neg*].

cleanup | child me | p:nature y:stranger n:#3-9
- {T} {f} ile {h} {p.dat} [git+]. / {T} bütün sınıf {p.dat} [git:perf]. {f} ile {h} en önde [yürü:bg+].
  / {T} {h} {f.ins} {p.loc} [yürü:bg*].
- Ama {p} çok <kirli>. / Her yerde şişeler, kâğıtlar ve torbalar <var>. / Fakat yerler çöple <dolu>.
- Bir kuşun ayağına ip [takıl:perf]. / Yaşlı bir kaplumbağa bir torbanın içinde [kal:perf].
  / Çöplerin arasında küçük bir kirpi [dolaş:bg].
- {h} bunu görünce çok [üzül*]. / "Bunu kim yaptı?" diye [sor] {f}.
  / {f}, "Hayvanlar burada nasıl yaşar?" diye [sor].
- Önce zavallı hayvana [yardım et+]. / Önce hayvanı yavaşça [kurtar+].
  / {h} hemen onun yanına [git*] ve ona su [ver*].
- "Burayı temizleyelim," [de*] {h}. / İki arkadaş çöpleri toplamaya [karar ver+].
  / {h} bütün {arkadaş*.pl.acc} [çağır*].
- Ertesi gün {n} çocuk {p.loc} [buluş]. / Ertesi sabah bütün sınıf {p.dat} [gel].
  / Öğretmen de bu fikri çok [beğen].
- Herkes eldiven [giy] ve torbaları [al]. / Büyükler de çocuklara [yardım et].
  / Kimi kâğıtları, kimi şişeleri [topla].
- Akşama kadar tam {n} torba çöp [topla+]. / Üç saat boyunca hiç durmadan [çalış+].
  / Kâğıtları bir torbaya, camları başka bir torbaya [koy+].
- Sonunda {p} tertemiz [ol]. / Artık {p} eskisi gibi <temiz>. / {p.loc} tek bir çöp bile [kal:neg].
- Kuşlar yeniden ötmeye [başla]. / Bir {y} {hp.dat} [teşekkür et].
  / {h} oraya büyük bir yazı [as*]: "Lütfen çöp atmayın!"
- O günden sonra herkes {p.acc} temiz [tut]. / {h} çok <yorgun*>, ama çok da <mutlu*>.
  / Çünkü doğa hepimizin <evi:dir>.
"""
