"""The laws that people call by a short form, with the names in use for each.

A line is a law: its number, the form it is cited by, and further abbreviations and names, separated by semicolons.
Full titles come from the laws that are indexed. The forms are those of court decisions and commentaries.
"""

NAMES = """
2709 Anayasa; AY; Türkiye Cumhuriyeti Anayasası; TC Anayasası; T.C. Anayasası; 1982 Anayasası; Türk Anayasası
4721 TMK; MK; Türk Medeni Kanunu; Medeni Kanun; Medeni Kanunu; Türk Medeni Kanun
6098 TBK; BK; Türk Borçlar Kanunu; Borçlar Kanunu
5237 TCK; Türk Ceza Kanunu; Ceza Kanunu; Yeni Türk Ceza Kanunu
2004 İİK; İcra ve İflas Kanunu; İcra İflas Kanunu; İcra Kanunu
6100 HMK; Hukuk Muhakemeleri Kanunu; Hukuk Muhakemesi Kanunu
5271 CMK; Ceza Muhakemesi Kanunu; Ceza Muhakemeleri Kanunu
6102 TTK; Türk Ticaret Kanunu; Ticaret Kanunu
4857 İş K.; İşK; İş Kanunu; Yeni İş Kanunu
1475 1475 s. İş K.; eski İş Kanunu
634 KMK; Kat Mülkiyeti Kanunu
6502 TKHK; Tüketicinin Korunması Hakkında Kanun; Tüketici Kanunu; Tüketiciyi Koruma Kanunu; Tüketicinin Korunması Kanunu
213 VUK; Vergi Usul Kanunu
193 GVK; Gelir Vergisi Kanunu
3065 KDVK; KDV Kanunu; KDV; Katma Değer Vergisi Kanunu
5520 KVK; Kurumlar Vergisi Kanunu
4760 ÖTVK; ÖTV Kanunu; Özel Tüketim Vergisi Kanunu
197 MTVK; MTV Kanunu; Motorlu Taşıtlar Vergisi Kanunu
7338 VİVK; Veraset ve İntikal Vergisi Kanunu
488 DVK; Damga Vergisi Kanunu
1319 EVK; Emlak Vergisi Kanunu
492 Harçlar K.; Harçlar Kanunu
6183 AATUHK; AATUHK.; Amme Alacaklarının Tahsil Usulü Hakkında Kanun; Amme Alacakları Kanunu
2577 İYUK; İdari Yargılama Usulü Kanunu; İdari Yargılama Usul Kanunu
657 DMK; Devlet Memurları Kanunu; Memurlar Kanunu
6698 KVKK; Kişisel Verilerin Korunması Kanunu; Kişisel Verileri Koruma Kanunu
5846 FSEK; Fikir ve Sanat Eserleri Kanunu
6769 SMK; Sınai Mülkiyet Kanunu
2918 KTK; Karayolları Trafik Kanunu; Karayolu Trafik Kanunu; Trafik Kanunu
5510 SSGSSK; SGK; Sosyal Sigortalar ve Genel Sağlık Sigortası Kanunu; Sosyal Güvenlik Kanunu; Sosyal Sigortalar Kanunu
6284 6284 s. K.; Ailenin Korunması ve Kadına Karşı Şiddetin Önlenmesine Dair Kanun; Ailenin Korunması Kanunu; Ailenin Korunması Hakkında Kanun
2559 PVSK; Polis Vazife ve Salahiyet Kanunu; Polis Vazife ve Selahiyet Kanunu; Polis Vazife ve Salahiyetleri Kanunu
2803 2803 s. K.; Jandarma Teşkilat, Görev ve Yetkileri Kanunu; Jandarma Kanunu
1136 AvK; Av. K.; Avukatlık Kanunu
1512 NK; Noterlik Kanunu
5941 ÇekK; Çek K.; Çek Kanunu
5326 KabK; KabK.; Kabahatler Kanunu
5395 ÇKK; ÇoKK; Çocuk Koruma Kanunu
5275 CGTİK; CGTİHK; CGİK; Ceza ve Güvenlik Tedbirlerinin İnfazı Hakkında Kanun; Ceza İnfaz Kanunu; İnfaz Kanunu
5320 CMKYUŞ; CMK Yürürlük Kanunu; Ceza Muhakemesi Kanununun Yürürlük ve Uygulama Şekli Hakkında Kanun
5252 TCKYUŞ; TCK Yürürlük Kanunu; Türk Ceza Kanununun Yürürlük ve Uygulama Şekli Hakkında Kanun
4722 TMKYUŞ; TMK Yürürlük Kanunu; Türk Medeni Kanununun Yürürlüğü ve Uygulama Şekli Hakkında Kanun
6101 TBKYUŞ; TBK Yürürlük Kanunu; Türk Borçlar Kanununun Yürürlüğü ve Uygulama Şekli Hakkında Kanun
6103 TTKYUŞ; TTK Yürürlük Kanunu; Türk Ticaret Kanununun Yürürlüğü ve Uygulama Şekli Hakkında Kanun
4734 KİK; Kamu İhale Kanunu; İhale Kanunu
4735 KİSK; Kamu İhale Sözleşmeleri Kanunu
2886 DİK; Devlet İhale Kanunu
5018 KMYKK; Kamu Mali Yönetimi ve Kontrol Kanunu
2942 KamK; Kamulaştırma Kanunu
3194 İmar K.; İmar Kanunu
6306 6306 s. K.; Afet Riski Altındaki Alanların Dönüştürülmesi Hakkında Kanun; Kentsel Dönüşüm Kanunu
2644 TapuK; Tapu K.; Tapu Kanunu
3402 KadK; Kadastro Kanunu
5403 TKAKK; Toprak Koruma ve Arazi Kullanımı Kanunu
6831 OrmK; Orman Kanunu
2872 ÇevK; Çevre Kanunu
3213 MadK; Maden Kanunu
5070 EİK; Elektronik İmza Kanunu
6563 ETDHK; Elektronik Ticaretin Düzenlenmesi Hakkında Kanun; E-Ticaret Kanunu; Elektronik Ticaret Kanunu
5651 5651 s. K.; İnternet Kanunu; İnternet Ortamında Yapılan Yayınların Düzenlenmesi ve Bu Yayınlar Yoluyla İşlenen Suçlarla Mücadele Edilmesi Hakkında Kanun
5809 EHK; Elektronik Haberleşme Kanunu
5549 5549 s. K.; Suç Gelirlerinin Aklanmasının Önlenmesi Hakkında Kanun; MASAK Kanunu
5411 BankK; Bankacılık Kanunu
5464 BKKKK; Banka Kartları ve Kredi Kartları Kanunu
6362 SPKn; SPK; Sermaye Piyasası Kanunu
5684 SigK; Sigortacılık Kanunu
6356 STİSK; Sendikalar ve Toplu İş Sözleşmesi Kanunu; Sendikalar Kanunu
4688 KGSTSK; Kamu Görevlileri Sendikaları ve Toplu Sözleşme Kanunu; Kamu Görevlileri Sendikaları Kanunu
6331 İSGK; İSG Kanunu; İş Sağlığı ve Güvenliği Kanunu
4447 İSK; İşsizlik Sigortası Kanunu
854 DİşK; Deniz İş Kanunu
5953 BİşK; Basın İş Kanunu
7036 İMK; İş Mahkemeleri Kanunu
6735 UİK; Uluslararası İşgücü Kanunu
6458 YUKK; Yabancılar ve Uluslararası Koruma Kanunu; Yabancılar Kanunu
5901 TVK; Türk Vatandaşlığı Kanunu; Vatandaşlık Kanunu
5490 NHK; Nüfus Hizmetleri Kanunu; Nüfus Kanunu
2525 Soyadı K.; Soyadı Kanunu
2828 SHK; Sosyal Hizmetler Kanunu
4787 AMK; Aile Mahkemelerinin Kuruluş, Görev ve Yargılama Usullerine Dair Kanun; Aile Mahkemeleri Kanunu
5718 MÖHUK; Milletlerarası Özel Hukuk ve Usul Hukuku Hakkında Kanun
6325 HUAK; Hukuk Uyuşmazlıklarında Arabuluculuk Kanunu; Arabuluculuk Kanunu
5235 5235 s. K.; Adli Yargı İlk Derece Mahkemeleri ile Bölge Adliye Mahkemelerinin Kuruluş, Görev ve Yetkileri Hakkında Kanun
2575 DanK; Danıştay Kanunu
2576 BİMK; Bölge İdare Mahkemeleri, İdare Mahkemeleri ve Vergi Mahkemelerinin Kuruluşu ve Görevleri Hakkında Kanun; Bölge İdare Mahkemeleri, İdare Mahkemeleri ve Vergi Mahkemelerinin Kuruluş ve Görevleri Hakkında Kanun
2797 YarK; Yargıtay Kanunu
6216 AYMK; AYMKYUHK; Anayasa Mahkemesinin Kuruluşu ve Yargılama Usulleri Hakkında Kanun; Anayasa Mahkemesi Kanunu
6087 HSKK; Hakimler ve Savcılar Kurulu Kanunu
2802 HSK; Hakimler ve Savcılar Kanunu
4675 İHK; İnfaz Hakimliği Kanunu
3071 DHKDK; Dilekçe Hakkının Kullanılmasına Dair Kanun; Dilekçe Hakkı Kanunu; Dilekçe Kanunu
4982 BEHK; BEK; Bilgi Edinme Hakkı Kanunu; Bilgi Edinme Kanunu
4483 MYHK; Memurlar ve Diğer Kamu Görevlilerinin Yargılanması Hakkında Kanun; Memur Yargılama Kanunu
3628 3628 s. K.; Mal Bildiriminde Bulunulması, Rüşvet ve Yolsuzluklarla Mücadele Kanunu; Mal Bildirimi Kanunu
2547 YÖK Kanunu; YÖKK; Yükseköğretim Kanunu; Yüksek Öğretim Kanunu
1739 METK; Milli Eğitim Temel Kanunu
5580 ÖÖKK; Özel Öğretim Kurumları Kanunu
7179 AAK; Askeralma Kanunu
1632 AsCK; As. CK; Askeri Ceza Kanunu
926 TSKPK; Türk Silahlı Kuvvetleri Personel Kanunu
211 TSKİHK; Türk Silahlı Kuvvetleri İç Hizmet Kanunu
3713 TMYK; Terörle Mücadele Kanunu; Terör Kanunu
6136 6136 s. K.; Ateşli Silahlar ve Bıçaklar ile Diğer Aletler Hakkında Kanun; Ateşli Silahlar Kanunu
5188 ÖGHDK; Özel Güvenlik Hizmetlerine Dair Kanun; Özel Güvenlik Kanunu
5682 PasK; Pasaport Kanunu
5253 DernK; Dernekler K.; Dernekler Kanunu
5737 VakK; Vakıflar Kanunu
2911 TGYK; Toplantı ve Gösteri Yürüyüşleri Kanunu
2820 SPK-Parti; Siyasi Partiler Kanunu
298 SeçK; Seçimlerin Temel Hükümleri ve Seçmen Kütükleri Hakkında Kanun; Seçim Kanunu
2839 MSK; Milletvekili Seçimi Kanunu
5393 BelK; Belediye K.; Belediye Kanunu; Belediyeler Kanunu
5216 BŞBK; Büyükşehir Belediyesi Kanunu; Büyükşehir Belediye Kanunu
5302 İÖİK; İl Özel İdaresi Kanunu
5442 İlİK; İl İdaresi Kanunu
442 KöyK; Köy Kanunu
5607 KMüK; Kaçakçılıkla Mücadele Kanunu
4458 GümK; Gümrük Kanunu
1567 TPKKHK; Türk Parasının Kıymetini Koruma Hakkında Kanun; Türk Parası Kıymetini Koruma Hakkında Kanun
4054 RKHK; Rekabetin Korunması Hakkında Kanun; Rekabet Kanunu
1163 KoopK; Kooperatifler Kanunu
5187 BasK; Basın Kanunu
6112 6112 s. K.; Radyo ve Televizyonların Kuruluş ve Yayın Hizmetleri Hakkında Kanun; RTÜK Kanunu
6222 6222 s. K.; Sporda Şiddet ve Düzensizliğin Önlenmesine Dair Kanun
5199 HKK; Hayvanları Koruma Kanunu; Hayvan Hakları Kanunu
2313 2313 s. K.; Uyuşturucu Maddelerin Murakabesi Hakkında Kanun
4207 4207 s. K.; Tütün Ürünlerinin Zararlarının Önlenmesi ve Kontrolü Hakkında Kanun
5378 EngHK; Engelliler Hakkında Kanun; Engelliler Kanunu
2429 2429 s. K.; Ulusal Bayram ve Genel Tatiller Hakkında Kanun
2893 BayK; Türk Bayrağı Kanunu; Bayrak Kanunu
6361 FFFK; Finansal Kiralama, Faktoring, Finansman ve Tasarruf Finansman Şirketleri Kanunu; Finansal Kiralama Kanunu
2863 KTVKK; Kültür ve Tabiat Varlıklarını Koruma Kanunu
3621 KıyıK; Kıyı Kanunu
4342 MeraK; Mera Kanunu
2873 MPK; Milli Parklar Kanunu
2565 AYBGBK; Askeri Yasak Bölgeler ve Güvenlik Bölgeleri Kanunu
2935 OHALK; Olağanüstü Hal Kanunu
3984 3984 s. K.; Radyo ve Televizyonların Kuruluş ve Yayınları Hakkında Kanun
7201 TebK; Tebligat K.; Tebligat Kanunu
5072 5072 s. K.; Dernek ve Vakıfların Kamu Kurum ve Kuruluşları ile İlişkilerine Dair Kanun
2860 YTK; Yardım Toplama Kanunu
5996 5996 s. K.; Veteriner Hizmetleri, Bitki Sağlığı, Gıda ve Yem Kanunu; Gıda Kanunu
2022 2022 s. K.; 65 Yaşını Doldurmuş Muhtaç, Güçsüz ve Kimsesiz Türk Vatandaşlarına Aylık Bağlanması Hakkında Kanun
3294 3294 s. K.; Sosyal Yardımlaşma ve Dayanışmayı Teşvik Kanunu
"""  # noqa: E501
