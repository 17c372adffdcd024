"""What stands around a plot: words for *one day*, openings, endings and titles by kind of hero."""

TIMES = {
    "past": "bir gün / bir sabah / dün / geçen hafta / geçen cumartesi / bir pazar günü / geçen gün / dün sabah / "
    "güneşli bir günde / güzel bir bahar günü / bir cuma günü / o gün / geçen pazar / iki gün önce / üç gün önce",
    "mis": "bir gün / bir sabah / günlerden bir gün / güzel bir günde / güneşli bir sabah / bir bahar günü / o gün",
    "pres": "bugün / bu sabah / o gün / bir gün / güneşli bir sabah",
}

OPENINGS = {
    "child": "{h} {age} yaşında, {trait} bir <çocuk>. / {city.loc} {h} adında {trait} bir çocuk [yaşa:bg]. / "
    "{h} çok {trait} bir <çocuk>. En sevdiği renk <{colour}>. / Küçük bir {home.loc} {h} adında bir çocuk <var>. / "
    "{h}, {f} ve aileleri aynı {home.loc} [yaşa:bg@6]. / {h} ile {f} çok iyi iki <arkadaş>. / "
    "{h} {age} yaşına yeni [gir:perf]. / Bir zamanlar {city.loc} {trait} bir çocuk [yaşa:bg]. Adı {h}, yaşı "
    "<{age}>. / "
    "{h} {city.loc} [doğ:perf], ama şimdi küçük bir {home.loc} [yaşa:bg]. / {f.gen} {h} adında {trait} bir "
    "arkadaşı <var>.",
    "me": "Benim adım {name}. {age} yaşındayım. / Ben {city.loc} yaşıyorum ve adım {name}. / "
    "Adım {name}, en iyi arkadaşımın adı {f}. / Ben {age} yaşında, {trait} bir çocuğum. / "
    "Size bir anımı anlatmak istiyorum. / Ben ve {f} aynı sınıftayız. / En sevdiğim renk {colour}, en sevdiğim "
    "arkadaşım {f}. / "
    "Biz küçük bir {home.loc} yaşıyoruz. / Sevgili günlük, bugün sana bir şey anlatacağım.",
    "animal": "Bir zamanlar {nature.loc} {trait} bir {h} [yaşa:bg]. / {nature.loc} {trait} bir {h} <var>. / "
    "Uzak bir {nature.loc} {trait} bir {h} ile annesi [yaşa:bg]. / Çok eski zamanlarda {trait} bir {h} <var>. / "
    "Bir varmış, bir yokmuş. Evvel zaman içinde {trait} bir {h} [yaşa:bg]. / "
    "Güneşin hep parladığı bir ülkede {trait} bir {h} <var>.",
}

ENDINGS = {
    "child": "{h} o gece gülümseyerek [uyu*]. / O akşam {h} günlüğüne bütün bunları [yaz*]. / "
    "{h} ile {f} bugün bile bunu gülerek [anlat:hab@6]. / {h.gen} ailesi onunla gurur [duy]. / "
    '{g*}, "Seninle gurur duyuyorum," [de]. / Gün böyle güzel [bit].',
    "me": "O günü hiç unutmayacağım. / Bu, hayatımın en güzel günlerinden <biri>. / O gece yatağıma girince "
    "hemen uyudum. / "
    "Bütün bunları günlüğüme yazdım. / {g*} benimle gurur [duy].",
    "animal": "Gökten üç elma düşmüş: biri anlatana, biri dinleyene, biri de {h.dat}. / "
    "Bu masal da burada [bit]. / Bütün orman bu olayı uzun süre [konuş]. / "
    "Onlar ermiş muradına, biz çıkalım kerevetine. / O gece {nature.loc} herkes rahat [uyu].",
}

TITLES = {
    "child": "{h} ile {f} / {h.gen} Günü / {h} ve Arkadaşı {f} / {h.gen} Hikâyesi",
    "me": "Unutamadığım Bir Gün / Günlüğümden / {f} ile Ben / Benim Hikâyem",
    "animal": "Bir Orman Masalı / Küçük Kahraman / Eski Bir Masal / Ormanda Bir Gün",
}
