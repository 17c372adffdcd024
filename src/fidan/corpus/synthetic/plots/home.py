"""Plots at home, in the kitchen, at school and in the neighbourhood."""

PLOTS = """
cooking | child me | w:dish m:old d:drink s:=taste
- {T} {h} {m*.dat} [git*]. / {T} {m*} {h.acc} mutfağa [çağır]. / {T} {m*.gen} evinde büyük bir hazırlık <var>.
- "Bugün birlikte {w} [yap:opt@4]," [de] {m*}. / {m*}, "Canın {w} istiyor mu?" diye [sor].
  / O gün {m*.ins} birlikte {w} yapmaya [karar ver*].
- Önce {el*.pl.acc} sabunla [yıka*]. / {h?} hemen {el*.pl.acc} [yıka*] ve {önlük*.acc} [giy*].
  / {m*} dolaptan büyük bir tencere [çıkar].
- Sonra bütün malzemeleri masaya [koy+]. / {m*} malzemeleri tek tek [say]. / {h} dolaptan yağı ve tuzu [getir*].
- Ama evde hiç tuz <yok>. / Fakat tencerenin yanında un <yok>. / Birden {m*}, "Eyvah, yağ bitmiş!" [de].
- {h} hemen sokağın başındaki bakkala [koş*]. / {h?} {para*.acc} alıp bakkala [git*].
  / {m*} {h.dat} para [ver] ve {h.acc} markete [gönder].
- Bakkal {h.dat}, "Başka bir isteğin var mı?" diye [sor]. / Yolda {f.dat} selam [ver*] ve hızla eve [dön*].
  / {h?} on dakika sonra eve [dön*].
- {h} malzemeleri [karıştır*], {m*.da} ocağı [yak]. / {m*} [anlat], {h.da} dikkatle [dinle*].
- Bir saat sonra bütün ev çok güzel [kok]. / Biraz sonra mutfaktan harika bir koku [gel:bg]. / Sonunda {w} [piş].
- "Çok {s} olmuş!" [de] {g*}. / Akşam herkes sofrada [toplan] ve {w} [ye]. / {g*} bir tabak {w} daha [iste].
- {h} {m*.dat} [teşekkür et*]. / {h?} o gün {w} yapmayı [öğren*]. / {w} ve {d} çok güzel bir akşam yemeği [ol].
- "Bir dahaki sefere kek yaparız," [de] {m*}. / {h?} tarifi bir kâğıda [yaz*].
  / Mutfakta çalışmak {h.gen} çok {hoş*.dat} [git].

gift | child me | o:thing c:=colour e:sweet
- {f.gen} doğum günü [yaklaş:bg]. / {T} {f.gen} doğum günü <var>. / {f.gen} doğum gününe iki gün [kal:perf].
- {h} ona güzel bir hediye almak [iste:bg*]. / {h?} günlerdir bu hediyeyi [düşün:bg*].
- Ama {h.gen} hiç {para*} <yok>. / Fakat kumbarada çok az para <var>.
  / {h} {kumbara*.acc} [aç*], ama içinden sadece beş lira [çık].
- {h?} çarşıya [git*] ve dükkânlara [bak*]. Her şey çok <pahalı>.
  / Çarşıda {c} bir {o} [gör*], ama fiyatı çok <yüksek>. / {h?} uzun uzun [düşün*], ama bir şey [bul:can,neg*].
- Eve gelince bunu {g*.dat} [anlat*]. / {g*}, "Neden bu kadar düşüncelisin?" diye [sor].
  / {h} {g*.dat} her şeyi [anlat*].
- "En güzel hediye, kendi elinle yaptığın hediyedir," [de] {g*}. / "Hediyenin pahalı olması gerekmez," [de] {g*}.
  / {g*} gülümseyip, "Kendin bir şey yapabilirsin," [de].
- Bu fikir {h.gen} çok {hoş*.dat} [git]. / {h} bu fikri çok [beğen*].
  / {h.gen} {akıl*.dat} birden güzel bir fikir [gel].
- {h} kâğıt, makas ve boya alıp masaya [otur*]. / {h?} bütün akşam masada [çalış*]. / Hemen {oda*.dat} [koş*].
- Renkli kâğıtlardan kocaman bir kart [yap*]. / {f} için {c} bir kolye [yap*].
  / {f.gen} bir resmini [çiz*] ve onu {c} boyayla [boya*].
- {g*.da} güzel bir {e} [hazırla]. / Üstüne de, "İyi ki doğdun," diye [yaz*].
  / Sonra hediyeyi {c} bir kurdeleyle [süsle*].
- Ertesi gün {f} hediyeyi [aç] ve çok [sevin]. / Doğum gününde {f} en çok bu hediyeyi [beğen].
  / {f} paketi açınca {f.gen} gözleri [parla].
- "Bu, aldığım en güzel hediye," [de] {f}. / {f} {h.dat} sıkıca [sarıl].
  / "Bunu sen mi [yap:past@2]?" diye [sor] {f}. {h} gururla [gülümse*].

dark | child me | o:toy
- {h} geceleri karanlıktan çok [kork:bg*]. / {h?} ışık kapanınca hep [kork:bg*].
  / {h.gen} tek bir {korku*} <var>: karanlık.
- O gece elektrikler [kesil]. / O gece dışarıda fırtına <var>. / O gece {h} {yatak*.loc} [yat:bg*].
- Birden odada garip bir ses [duy*]. / Duvarda kocaman bir gölge [gör*]. / Dışarıdan tuhaf bir ses [gel].
- {h?} hemen battaniyenin altına [saklan*]. / {h.gen} {kalp*} hızlı hızlı [çarp].
  / {h?} korkudan hiç [kımılda:can,neg*].
- Sonra {g*.dat} [seslen*]. / "Kimse var mı?" diye [bağır*]. / {h?} bütün {güç*.ins} {g*.acc} [çağır*].
- {g*} hemen odaya [gel] ve {h.gen} {yan*.dat} [otur]. / {g*} elinde bir mumla odaya [gir].
  / {g*} kapıyı [aç] ve feneri [yak].
- "Ne oldu, neden korkuyorsun?" diye [sor]. / "Korkacak bir şey yok, {v}," [de].
  / {g*}, "Haydi, birlikte bakalım," [de].
- Birlikte duvara [bak+]. Gölge, sandalyenin üstündeki {o.gen} <gölgesi>.
  / Feneri yakınca gölgenin sadece bir ceket olduğunu [gör+].
  / Ses pencereden [gel:bg]. Küçük bir dal cama [vur:bg].
- {h} bu korkuya çok [gül*]. / {h?} o zaman rahat bir nefes [al*]. / {h} artık hiçbir şeyden [kork:bg,neg*].
- {g*} {h.dat} kısa bir masal [anlat]. / Sonra {g*} {h.dat} küçük bir gece lambası [getir].
  / {g*} {h.gen} {yan*.loc} biraz daha [kal].
- {h} masal bitmeden [uyu*]. / {h?} gülümseyerek {göz*.pl.acc} [kapat*].
  / O geceden sonra {h} karanlıktan [kork:neg*].

seed | child me | l:flower
- {T} öğretmen herkese bir tohum [ver]. / {T} {g*} {h.dat} birkaç tohum [ver].
  / {T} {h} bahçede küçük bir tohum [bul*].
- {h} tohumu bir saksıya [ek*]. / {h?} bahçede küçük bir çukur [kaz*] ve tohumu içine [koy*].
  / {g*} ile {h} tohumu toprağa [ek+].
- Sonra üstüne biraz su [dök*]. / {h?} her sabah onu [sula*].
  / Saksıyı pencerenin önüne [koy*], çünkü bitkiler güneşi [sev:aor].
- İlk gün hiçbir şey [ol:neg]. / Üç gün [geç], ama toprakta hiçbir şey <yok>.
  / Bir hafta boyunca hiçbir şey [çık:neg].
- "Acaba yanlış mı [yap:past@1]?" diye [düşün*]. / {h} o günlerde biraz <üzgün*>. / {h} tohumun öldüğünü [san*].
- {g*}, "Sabırlı ol, her şeyin bir zamanı var," [de]. / "Biraz daha bekle, {v}," [de] {g*}.
  / {g*} {h.dat}, "Tohumlar toprağın altında çalışır," [de].
- {h} beklemeye [devam et*]. / {h?} her gün toprağa [bak*] ve tohumla [konuş*].
  / {h?} onu sulamayı hiç [unut:neg*].
- Bir sabah toprakta küçücük yeşil bir yaprak [gör*]. / Onuncu gün topraktan minik bir filiz [çık].
  / Sonunda topraktan yeşil bir dal [uzan].
- "Bak, çıktı!" diye [bağır*]. / {h?} sevinçle {g*.acc} [çağır*].
  / {h} çok [sevin*] ve hemen {f.dat} haber [ver*].
- Haftalar sonra güzel bir {l} [aç]. / Yaz gelince küçük filiz kocaman bir {l} [ol].
  / Bir ay sonra saksıda {l} [aç].
- {h} o günden sonra sabretmeyi [öğren*]. / Herkes bu çiçeğe hayran [kal].
  / {h?} çiçeğin tohumlarını [sakla*], çünkü gelecek yıl yine [ek:fut*].

illness | child me | y:thing
- {T} {h} {kend*.acc} iyi [hisset:bg,neg*]. / Bir sabah {h} yataktan [kalk:can,neg*].
  / {T} {h.gen} {baş*} çok [ağrı:bg].
- {h.gen} {ateş*} çok <yüksek>. / {h?} sürekli [öksür:bg*]. / {h.gen} {el*.pl} buz gibi <soğuk>.
- {g*} hemen doktoru [ara]. / {g*} {h.acc} doktora [götür]. / Bu yüzden {g*.ins} birlikte hastaneye [git+].
- Doktor {h.gen} {boğaz*.dat} [bak] ve [gülümse]. / Doktor {h.acc} dikkatle [muayene et].
  / Doktor önce {h.acc} [dinle], sonra ilaç [yaz].
- "Korkma, sadece soğuk almışsın," [de]. / "Üç gün dinlenmelisin," [de] doktor.
  / Doktor, "Bol bol su iç ve iyice uyu," [de].
- Eve dönünce {g*} sıcak bir çorba [pişir]. / {g*} {h.dat} sıcak çorba ve ıhlamur [getir].
  / {h} {ilaç*.acc} [iç*] ve hemen [uyu*].
- {h?} bütün gün {yatak*.loc} [yat*]. / {h} yatakta kitap [oku*] ve bol bol [uyu*].
  / {h.gen} {can*} evde çok [sıkıl].
- Ertesi gün {f} {h.acc} görmeye [gel]. / Öğleden sonra kapı [çal]. Gelen <{f}>.
  / {f} okuldan sonra {h.dat} [uğra].
- {f} {h.dat} okulda olanları [anlat]. / {f.gen} elinde bir demet çiçek <var>.
  / {f} yanında bir {y} ile birlikte ödevleri de [getir].
- Birlikte [gül+] ve [sohbet et+]. / {h} o gün çok [gül*] ve hastalığı [unut*].
  / {f} gidince {h} {kend*.acc} daha iyi [hisset*].
- Üç gün sonra {h} tamamen [iyileş*]. / {h?} birkaç gün içinde [iyileş*] ve okula [dön*].
  / Hafta sonu {h.gen} hiçbir {şey*} [kal:neg].
- Okulda herkes {h.acc} sevinçle [karşıla]. / {h?} {f.dat} bu iyiliği için [teşekkür et*].
  / Sağlığın ne kadar değerli olduğunu [anla*].

honesty | child me | o:breakable c:=colour
- {T} {h} evde top [oyna:bg*]. / {T} {h} salonda {f.ins} birlikte [koş:bg*].
  / {T} evde {h.abl} başka hiç kimse <yok>.
- {g*} buna hiç izin [ver:bg,neg]. / Oysa {g*} evde koşmayı [yasakla:perf]. / Ama ev top oynamak için çok <küçük>.
- Birden masadaki {c} {o} yere [düş] ve [kırıl]. / Top {c} {o.dat} [çarp]. {o} bin parça [ol].
  / {h.gen} {kol*} masaya [çarp]. {c} {o} yere [düş].
- {h} çok [kork*]. / {h?} ne [yap:ecek*.acc] [bil:can,neg*]. / {h.gen} {yüz*} birden [sol].
- Önce parçaları [topla*] ve [sakla*]. / "Bunu kimse [gör:neg,past]," diye [düşün*].
  / İlk başta hiç kimseye söylememeye [karar ver*].
- Akşam {g*} eve [gel] ve {o.acc} [sor]. / {g*} eve gelince {o.gen} yerinde olmadığını [gör].
  / {g*}, "{o} nerede?" diye [sor].
- {h} önce hiçbir şey [söyle:can,neg*]. / {h?} {baş*.acc} yere [eğ*].
- Ama {iç*} hiç rahat <değil>. / Sonra {g*.gen} üzgün yüzünü [gör*]. / Fakat yalan söylemek [iste:neg*].
- "Onu ben [kır:past@1], çok [özür dile:aor@1]," [de*]. / Sonunda {g*.dat} gerçeği [anlat*].
  / {h?} bütün {cesaret*.acc} [topla*].
- {g*} bir süre [sus]. / {g*} önce biraz [kız], sonra [gülümse]. / {g*} {h.acc} sessizce [dinle].
- "Doğruyu söylediğin için seninle gurur duyuyorum," [de]. / "Eşyalar kırılır, ama güven kırılmamalı," [de].
  / "Yeni bir {o} alırız, önemli olan dürüst olmak," [de].
- O gece {h} çok rahat [uyu*]. / {h} o günden sonra evde top [oyna:neg*]. / {h?} bir daha hiç yalan [söyle:neg*].

neighbour | child me | m:fruit w:sweet n:=size
- {h.gen} {apartman*.loc} yaşlı bir komşu [yaşa:bg]. / Mahallede herkesin sevdiği yaşlı bir komşu <var>.
  / {h.gen} {ev*.gen} karşısında yaşlı bir komşu [otur:bg].
- Adı <{oldname}>. / Komşunun adı <{oldname}>. / Komşuların hepsi {oldname.acc} çok [sev:bg].
- {T} {h} okuldan [dön:bg*]. / {T} {h} merdivende {oldname.dat} [rastla*]. / {T} {h} kapının önünde [oyna:bg*].
- {oldname} iki ağır torba [taşı:bg]. / {oldname} pazardan [gel:bg] ve torbaları çok <ağır>.
  / Yaşlı komşu torbaları yere [koy] ve derin bir nefes [al].
- O sırada torbalardan biri [yırtıl]. / Birden torba [yırtıl] ve bütün {m.pl} yere [dökül].
  / Merdivenler çok <dik>, {oldname.da} çok <yorgun>.
- {h} hemen yanına [koş*]. / {h?} hiç düşünmeden yardıma [koş*]. / "Size yardım edebilir miyim?" diye [sor*].
- {h} yerdeki {m.pl.acc} [topla*]. / {h?} torbaları alıp yukarı [taşı*].
  / {h} torbanın birini [al*], {f.da} ötekini [taşı].
- "Sağ ol, evladım," [de] {oldname}. / {oldname} çok [sevin]. "Sen ne iyi bir çocuksun!" [de].
  / "Eskiden ben de çok güçlüydüm," [de] {oldname}.
- Sonra {h.acc} içeri [davet et]. / {oldname} kapıyı [aç] ve {h.dat} {w} [ikram et].
  / {oldname} mutfaktan bir tabak {w} [getir].
- Birlikte çay [iç+] ve eski fotoğraflara [bak+]. / {oldname} {h.dat} gençliğini [anlat].
  / {oldname} eski günlerden bir hikâye [anlat].
- Akşam {h} eve dönünce bunu {g*.dat} [anlat*]. / Evden ayrılırken {h} çok <mutlu*>.
- O günden sonra {h} her hafta {oldname.dat} [uğra*]. / Artık her cumartesi {oldname.acc} ziyaret [et*].
  / Küçük bir iyilik, güzel bir dostluğun başlangıcı [ol].
"""
