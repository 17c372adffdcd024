"""Plots of play, loss and friendship."""

PLOTS = """
lost | child me | o:toy p:lost_place c:=colour u:outdoor q:hide
- {h.gen} {c} bir {o*} <var>. / {g*} {h.dat} {c} bir {o} [al:perf].
  / Doğum gününde {h.dat} {c} bir {o} [al:perf@6].
- {h?} {o*.acc} çok [sev:bg*]. / {h?} her gün {o*.ins} [oyna:bg*]. / {h?} {o*.acc} {yan*.abl} hiç [ayır:bg,neg*].
- {T} {h} {f.ins} {p.dat} [git*]. / {T} {h} {o*.acc} alıp {f.ins} {p.dat} [git*].
  / {T} {h} okuldan sonra {f.ins} {p.dat} [git*].
- Orada uzun süre [oyna+]. / {f} ile {h} orada saatlerce [oyna+]. / Hava çok <güzel>, zaman çabuk [geç].
- Eve dönerken {h} {o*.gen} {yan*.loc} olmadığını [fark et*]. / Ama akşam olunca {h} {o*.acc} [bul:can,neg*].
  / Sonra {h} {o*.acc} [ara*], ama hiçbir yerde [bul:can,neg*].
- {h?} çok [üzül*]. / {h.gen} {göz*.pl} [dol]. / {h?} neredeyse [ağla:next*].
- "Merak etme, {v}, birlikte [ara:opt@4]," [de] {f}. / {f}, "Üzülme, onu mutlaka [bul:fut@4]," [de].
  / {f} hemen yardım etmek [iste].
- Önce {u.gen} altına [bak+]. Sonra {q.gen} içine [bak+]. / Bir saat boyunca her yere [bak+].
  / {f} ile {h} önce {p.acc}, sonra bütün yolu [ara+].
? Orada hiçbir şey <yok>. / Fakat {o} orada da <yok>. / Karanlık yavaş yavaş [bas].
- Tam o sırada {f} {u.gen} altında {c} bir şey [gör]. / O sırada {q.gen} arkasından bir ses [gel].
  / Tam [vazgeç:ecek+] sırada {f} sevinçle [bağır].
- "İşte burada!" diye [seslen]. / "Buldum, buldum!" diye [bağır] {f}. / Bu, {h.gen} <{o*}>.
- {h} {o*.acc} görünce çok [sevin*]. / {h?} {o*.dat} sıkıca [sarıl*]. / {h?} {f.dat} [teşekkür et*].
- O günden sonra {h} {eşya*.pl.dat} daha çok dikkat [et*]. / {h?} bir daha {o*.acc} hiçbir yerde [unut:neg*].
  / Böylece herkes mutlu bir şekilde evine [dön].

wallet | child me | p:town_place s:shopkeeper c:=colour
- {T} {h} {p.dat} doğru [yürü:bg*]. / {T} {h} {f.ins} birlikte {p.dat} [git:bg*]. / {T} {h} {p.abl} eve [dön:bg*].
- Yolun kenarında {c} bir cüzdan [gör*]. / Birden yerde {c} bir cüzdan [fark et*].
  / Kaldırımda {c} bir cüzdan <var>.
- {h?} cüzdanı yerden [al*]. / Eğilip cüzdanı [al*] ve içine [bak*]. / Cüzdanın içinde çok para <var>.
? Bir an bu parayla yeni bir oyuncak almayı [düşün*].
- "Bu para benim değil," diye [düşün*]. / Ama bu para {h.gen} <değil>.
  / "Sahibi şimdi çok üzülmüştür," diye [düşün*].
- Cüzdanın içinde bir kart da <var>. Kartta {s.gen} adı [yaz:bg].
  / İçindeki karttan cüzdanın {s.dat} ait olduğunu [anla*].
  / Kartın üstündeki ada bakınca cüzdanın {s.gen} olduğunu [öğren*].
- Bu yüzden hemen {s.gen} dükkânına [koş*]. / {h?} hiç beklemeden {s.acc} [ara*].
  / Sonra {s.acc} bulmak için çarşıya [git*].
- {s} çok <üzgün>, çünkü bütün gün cüzdanını [ara:perf]. / {s} kapının önünde telaşla bir şey [ara:bg].
  / {s} cüzdanı görünce gözlerine [inan:can,neg].
- "Bu cüzdan sizin mi?" diye [sor*]. / {h?} cüzdanı {s.dat} [uzat*]. / "Bunu yolda [bul:past@1]," [de*].
- "Çok teşekkür [et:aor@1], sen çok dürüst bir çocuksun," [de] {s}.
  / {s} {h.dat} [teşekkür et] ve bir kutu çikolata [ver]. / {s} gülümseyip {h.acc} [kutla].
- {h?} o gün {kend*.acc} çok iyi [hisset*]. / Akşam {g*} bunu duyunca {h.ins} gurur [duy].
  / {h?} doğru olanı [yap:dik*] için çok [sevin*].

kite | child me | p:play_place c:=colour t:tree w:job
- {T} hava <rüzgârlı>. / {T} güzel bir rüzgâr [es:bg]. / {T} gökyüzü <masmavi>.
- {h} {c} {uçurtma*.acc} alıp {p.dat} [git*]. / {h} {f.ins} {p.dat} [git*]. {yan+.loc} {c} bir uçurtma <var>.
  / {h} {f.ins} birlikte {c} bir uçurtma [yap*] ve {p.dat} [götür*].
- Uçurtma hızla [yüksel]. / Uçurtma bir kuş gibi [uç:bg]. / {h?} koşunca uçurtma göğe [yüksel].
- Ama birden rüzgâr [hızlan]. / Fakat biraz sonra ip {el*.abl} [kay]. / Sonra sert bir rüzgâr [es] ve ip [kop].
- Uçurtma yüksek bir {t.gen} dallarına [takıl]. / Uçurtma {t.gen} en üst dalında [kal].
  / {c} uçurtma büyük bir ağaca [takıl].
- {h} ipi [çek*] ama uçurtma [kımılda:neg]. / {h} ağaca tırmanmak [iste*], ama ağaç çok <yüksek>.
  / {h?} uçurtmaya [uzan*] ama [yetiş:can,neg*].
- "Şimdi ne [yap:fut@4]?" diye [sor] {f}. / {f} çok [üzül]. / İki arkadaş ne [yap:ecek+.acc] [bil:bg,neg+].
- O sırada oradan bir {w} [geç:bg]. / Tam o sırada bir {w} {hp.acc} [gör]. / Yakındaki bahçede bir {w} [çalış:bg].
- {w} uzun bir merdiven [getir]. / "Durun, size yardım [et:opt@1]," [de] {w}.
  / {w} {hp.dat} [gülümse] ve merdivenini [al].
- Merdivene çıkıp uçurtmayı yavaşça [kurtar]. / Dalların arasından uçurtmayı [çıkar].
  / Sonra uçurtmayı dikkatle aşağı [indir].
- Uçurtmanın kuyruğu biraz <yırtık>, ama bu önemli <değil>. / Uçurtmaya hiçbir şey [ol:perf,neg].
  / Uçurtma hâlâ <sağlam>.
- {h} {w.dat} [teşekkür et*]. / {w.dat} bir bardak limonata [ver+]. / İki arkadaş sevinçle [alkışla+].
- Akşama kadar uçurtma [uçur+]. / Uçurtma yeniden gökyüzünde dans [et]. / O günü hiç [unut:neg+].

bike | child me | c:=colour p:play_place
- {g*} {h.dat} {c} bir bisiklet [al:perf]. / {h.gen} {c} bir {bisiklet*} <var>.
  / Yeni yılda {h.dat} {c} bir bisiklet [gel:perf].
- Ama {h} bisiklete binmeyi [bil:bg,neg*]. / Fakat {h} iki tekerlekli bisikletten biraz [kork:bg*].
  / Ne yazık ki {h} henüz bisiklet [sür:bg,can,neg*].
- {T} {g*} ile birlikte {p.dat} [git*]. / {T} {g*} {h.acc} {p.dat} [götür]. / {T} {h} çalışmaya karar [ver*].
- {h?} bisiklete [bin*] ve yavaşça [ilerle*]. / Önce {g*} bisikleti arkadan [tut]. / İlk başta her şey <yolunda>.
- Fakat biraz sonra [düş*] ve {diz*.acc} taşa [vur*].
  / Ama birkaç metre sonra {denge*.acc} [kaybet*] ve yere [düş*]. / Sonra birden yere [düş*].
- {h.gen} {diz*} biraz [acı]. / {h?} [ağla:neg*], sadece {diz*.acc} [tut*].
  / {h?} biraz [utan*] ama [vazgeç:neg*].
- "Herkes düşer, önemli olan yeniden kalkmaktır," [de] {g*}.
  / {g*}, "Bir daha dene, bu sefer [başar:fut@2]," [de]. / "Korkma, ben yanındayım," [de] {g*}.
- {h} derin bir nefes [al*] ve yeniden [dene*]. / {h?} ayağa kalkıp tekrar bisiklete [bin*].
  / İkinci denemede biraz daha uzağa [git*].
? Üç gün boyunca her akşam [çalış*]. / Ertesi gün de, ondan sonraki gün de [çalış*].
- Sonunda {h} tek başına bisiklet sürmeyi [öğren*]. / En sonunda {h} hiç düşmeden [sür*].
  / Bisiklet artık düz bir çizgi gibi [git:bg].
- "Bak, [sür:can,prog@1]!" diye [bağır*]. / Rüzgâr {yüz*.dat} [vur:bg], {h} ise [gül:bg*].
  / {g*} sevinçle [alkışla].
- O günden sonra her gün bisiklete [bin*]. / {h?} artık düşmekten [kork:bg,neg*].
  / O akşam {h} {yatak*.dat} çok mutlu [gir*].

share | child me | o:toy c:=colour p:play_place w:sweet
- {T} {f} ile {h} {p.loc} [oyna:bg+]. / {T} {f} oynamak için {h.dat} [gel]. / {T} {h} {p.loc} {f.ins} [karşılaş*].
- Orada sadece bir tane {c} {o} <var>. / {f.gen} yeni, {c} bir {o.3} <var>.
  / {hp} aynı {o.ins} oynamak [iste:bg+].
- "Önce ben [oyna:fut@1]," [de] {f}. / {f}, "Hayır, sıra bende," diye [bağır]. / {h} {o.acc} vermek [iste:neg*].
- İki arkadaş [kavga et+]. / {h} {o.acc} [çek*], {f.da} [çek]. / {f} küsüp bir köşeye [otur].
- Bir süre hiç kimse [konuş:neg]. / {h?} tek başına [oyna*] ama hiç [eğlen:neg*].
  / Tek başına oynamak hiç eğlenceli <değil>.
- O sırada {g*} biraz {w} [getir]. / {g*} {hp.acc} {yan.3.dat} [çağır]. / {g*} olanları [gör] ve yavaşça [yaklaş].
- "Paylaşınca oyun daha güzel olur," [de] {g*}. / {g*}, "Neden sırayla oynamıyorsunuz?" diye [sor].
  / {g*} {hp.dat} eski bir arkadaşını [anlat].
- {h} biraz [düşün*], sonra {f.dat} [bak*]. / {h?} {f.gen} yanına [git*] ve [özür dile*].
  / {f.da} yaptığından [utan].
- "Haydi, önce sen oyna," [de*]. / "İstersen birlikte [oyna:aor@4]," [de*] {h}. / {h} {o.acc} {f.dat} [uzat*].
- {f} [gülümse] ve {h.dat} [sarıl]. / {f.gen} yüzü [gül]. / İki arkadaş hemen [barış+].
- Bütün gün sırayla [oyna+]. / Sonra birlikte {w} [ye+]. / Akşama kadar hiç [kavga et:neg+].
- O gün {h} paylaşmanın ne kadar güzel olduğunu [öğren*].
  / Çünkü paylaşılan oyun, tek başına oynanan oyundan daha <güzel>. / Artık {o} herkesin <oyuncağı>.

newkid | child me | c:=child y:lesson
- {T} sınıfa yeni bir öğrenci [gel]. / {T} öğretmen sınıfa yeni bir çocukla [gir].
  / {T} okulda yeni bir arkadaş <var>.
- Yeni çocuğun adı <{f}>. / Yeni öğrencinin adı <{f}>. / Öğretmen, "Bu {f}, bugünden sonra bizimle," [de].
- {f} {city.abl} yeni [taşın:perf]. / {f} buraya {city.abl} [gel:perf].
  / Ailesi {city.abl} bu mahalleye [taşın:perf].
- {f} çok <sessiz>. / {f} kimseyle [konuş:bg,neg]. / {f} en arka sıraya [otur].
- Teneffüste {f} bahçede tek başına [dur:bg]. / Herkes oyun oynarken {f} duvarın dibinde [otur:bg].
  / Kimse {f.acc} oyuna [çağır:neg].
- {h} bunu [gör*] ve çok [üzül*]. / {h} uzaktan ona [bak*]. / {h?} {f.gen} yalnız olduğunu [fark et*].
- Sonra yanına gidip [gülümse*]. / {h?} yavaşça onun yanına [otur*].
  / "Merhaba, benimle oynamak ister misin?" diye [sor*].
- {f} önce [şaşır], sonra [gülümse]. / "Seninle oynamak isterim," [de] {f}. / {f} utanarak başını [salla].
- Birlikte bahçede [oyna+]. / {h} ona okulun her yerini [göster*]. / {h?} {f.acc} bütün sınıfla [tanıştır*].
? {f} {y.loc} çok <iyi>. Bu yüzden {h.dat} ödevinde [yardım et].
  / {f} çok güzel resim [yap:bg]. Herkes ona hayran [kal].
- Birkaç gün sonra {f.gen} bir sürü arkadaşı <var>. / O günden sonra {f} hiç yalnız [kal:neg].
  / Kısa sürede en iyi arkadaş [ol+].
- "İyi ki yanıma [gel:past@2]," [de] {f}. / {f} {h.dat} küçük bir hediye [ver].
  / Bazen bir gülümseme yeni bir dostluğun <başlangıcı:dir>.

football | child me | c:=colour
- {T} okulda büyük bir maç <var>. / {T} iki mahalle arasında maç <var>.
  / {T} çocuklar maç yapmak için sahada [toplan].
- {h} {c} {forma*.acc} [giy*]. / {h.gen} {takım*.loc} {f.da} <var>. / {f} ileride, {h} ise kalede [oyna:bg*].
- Maçın ilk yarısında iki takım da gol [at:can,neg]. / İlk golü karşı takım [at]. / Seyirciler sürekli [bağır:bg].
- {h} çok [koş*] ve çok [yorul*]. / {h?} topu [al*] ama kaleye [ulaş:can,neg*].
  / {f} güzel bir pas [ver], ama {h} topu [kaçır*].
- {h?} buna çok [üzül*]. / "Ben iyi bir oyuncu değilim," diye [düşün*]. / {f} bile biraz [üzül].
- Ama {f}, "Vazgeçme, daha zaman var," [de]. / {f}, "Bir dahaki sefere [başar:fut@2]," [de].
  / Fakat antrenör {h.dat} [gülümse] ve "Devam et," [de].
- Son dakikada top yine {h.dat} [gel]. / Maçın bitmesine bir dakika [kal:perf]. Top {h.gen} {ayak*.dat} [gel].
  / Son anda {f} topu {h.dat} [at].
- {h} bütün gücüyle topa [vur*]. / {h?} hiç düşünmeden [vur*]. / {h?} topu köşeye [gönder*].
- Top kaleciyi geçip ağlara [git]. / Gol! Herkes ayağa [kalk]. / Top direğe [çarp] ve içeri [gir].
- {takım*} maçı [kazan]. / {arkadaş*.pl} {h.acc} havaya [kaldır]. / Bütün takım {h.dat} [sarıl].
- {h?} o gün {arkadaş*.pl.dat} güvenmeyi [öğren*]. / Maçtan sonra hep birlikte dondurma [ye+].
  / Akşam {h} bu golü {g*.dat} [anlat*].
"""
