"""Paragraphs in other languages, planted where a language filter should find them. Data only."""

FOREIGN: tuple[tuple[str, str], ...] = (
    (
        "en",
        "The old library stands at the end of our street. Every Saturday morning children come to listen "
        "to stories, and their parents drink coffee in the garden. Last week the librarian read a tale "
        "about a lost dog.",
    ),
    (
        "en",
        "Please note that all orders are shipped within two working days. If you are not happy with your "
        "purchase, you may return it within thirty days and we will give you a full refund, no questions "
        "asked.",
    ),
    (
        "en",
        "Scientists have found that people who sleep well remember more of what they learned during the "
        "day. The study followed two hundred students for a whole year and compared their results.",
    ),
    (
        "de",
        "Am Sonntag fuhren wir mit dem Zug in die Berge. Das Wetter war schön, und wir wanderten vier "
        "Stunden lang. Oben auf der Hütte gab es heiße Suppe und frisches Brot, danach gingen wir langsam"
        " zurück ins Tal.",
    ),
    (
        "de",
        "Für die Anmeldung benötigen Sie nur Ihren Namen und eine gültige Adresse. Die Kurse beginnen im "
        "September und dauern zwölf Wochen. Weitere Auskünfte erhalten Sie in unserem Büro.",
    ),
    (
        "fr",
        "Le marché ouvre tous les mercredis à huit heures. On y trouve des légumes frais, du fromage de "
        "chèvre et des fleurs. Ma grand-mère y achète toujours ses pommes, parce qu'elles sont meilleures"
        " que celles du magasin.",
    ),
    (
        "fr",
        "Nous avons le plaisir de vous annoncer l'ouverture de notre nouvelle boutique. Venez nombreux "
        "samedi prochain pour découvrir nos produits et partager un café avec toute l'équipe.",
    ),
    (
        "es",
        "Mi hermano trabaja en un restaurante cerca del puerto. Cada noche prepara pescado con limón y "
        "arroz para los turistas. Los domingos descansa y juega al fútbol con sus amigos en la playa.",
    ),
    (
        "it",
        "La nonna abita in una piccola casa sopra la collina. Quando andiamo a trovarla, prepara sempre "
        "la pasta fatta in casa e ci racconta come viveva da bambina durante la guerra.",
    ),
    (
        "ru",
        "Вчера мы с братом ходили в лес за грибами. Сначала светило солнце, но потом пошёл сильный дождь."
        " Мы спрятались под большим деревом и ждали, пока он не кончится.",
    ),
    (
        "ru",
        "Музей работает каждый день, кроме понедельника. Билеты можно купить в кассе или на сайте. Для "
        "детей до семи лет вход бесплатный.",
    ),
    (
        "ar",
        "ذهبت أمس مع أخي إلى السوق القديم في وسط المدينة. اشترينا الخبز والزيتون والتمر، ثم جلسنا في مقهى"
        " صغير وشربنا الشاي. كان الجو جميلا والناس كثيرين.",
    ),
    (
        "az",
        "Dünən biz nənəmin kəndinə getdik. Orada alma ağacları çiçək açmışdı və hava çox gözəl idi. Nənəm"
        " bizim üçün dadlı plov bişirdi, sonra hamımız həyətdə oturub çay içdik.",
    ),
    (
        "az",
        "Məktəbimizdə yeni kitabxana açıldı. Şagirdlər hər gün dərsdən sonra oraya gedib kitab oxuyurlar."
        " Müəllim deyir ki, ən çox nağıl kitabları sevilir.",
    ),
    (
        "nl",
        "Elke ochtend fiets ik langs het kanaal naar mijn werk. In de winter is het nog donker, maar de "
        "lichtjes in het water zijn mooi. Soms stop ik even bij de bakker om een warm broodje te kopen.",
    ),
    (
        "ku",
        "Îro ez û hevalê min çûn bazarê. Me nan, penêr û tirî kirîn. Piştre em li ber çem rûniştin û me "
        "çay vexwar. Hewa pir xweş bû û zarokan li parkê dilîstin.",
    ),
    (
        "pt",
        "No verão passado fomos à praia com os nossos primos. A água estava fria, mas nadámos todos os "
        "dias. À noite comíamos peixe grelhado e ouvíamos as histórias do meu avô.",
    ),
    (
        "pl",
        "Wczoraj moja siostra upiekła ciasto z jabłkami. Cały dom pachniał cynamonem. Po obiedzie "
        "przyszli sąsiedzi i razem graliśmy w karty aż do wieczora.",
    ),
    (
        "fa",
        "دیروز با دوستم به کتابخانه رفتیم. او یک کتاب داستان گرفت و من یک کتاب درباره‌ی ستاره‌ها خواندم. "
        "بعد در پارک قدم زدیم و بستنی خوردیم.",
    ),
    (
        "el",
        "Το καλοκαίρι μένουμε σε ένα μικρό χωριό δίπλα στη θάλασσα. Το πρωί κολυμπάμε και το βράδυ τρώμε "
        "ψάρι με τους γείτονες. Η γιαγιά μου λέει παλιές ιστορίες.",
    ),
    (
        "uk",
        "Моя бабуся живе в селі біля річки. Щоліта ми приїжджаємо до неї, збираємо вишні та допомагаємо в"
        " саду. Увечері вся родина сидить за столом і співає.",
    ),
    (
        "bg",
        "През есента гората е най-красива. Листата стават жълти и червени, а въздухът е чист. Ние обичаме"
        " да се разхождаме там и да събираме кестени.",
    ),
    (
        "uz",
        "Kecha biz oilamiz bilan tog'ga bordik. Havo juda toza edi, daryo suvi esa muzdek. Otam osh "
        "damladi, biz esa daraxtlar tagida dam oldik va qo'shiq aytdik.",
    ),
    (
        "sv",
        "På vintern åker vi skidor i skogen bakom huset. När det blir mörkt tänder pappa en brasa och vi "
        "dricker varm choklad. Min lillebror somnar alltid först.",
    ),
)
