package charset_test

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"

	"outrider/internal/charset"
)

// list is a file as people import it, most of it in ASCII.
func list(rows ...string) string {
	return "email,name,company,city\n" + strings.Join(rows, "\n") + "\n"
}

func encode(t *testing.T, name, text string) string {
	t.Helper()
	e, err := htmlindex.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, name, encoded string) string {
	t.Helper()
	r, err := charset.NewReader(strings.NewReader(encoded), name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestListsAreReadInTheCharsetThatTheyAreWrittenIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ charset, language, text string }{
		{"windows-1250", "pl", list("a@ex.pl,Łukasz Wójcik,Spółka Żółć,Łódź", "b@ex.pl,Małgorzata Dąbrowska,Śląskie Zakłady,Kraków", "c@ex.pl,Grzegorz Brzęczyszczykiewicz,Świętokrzyska,Gdańsk")},
		{"windows-1250", "cs", list("a@ex.cz,Jiří Dvořák,Škoda Auto,Plzeň", "b@ex.cz,Božena Němcová,Železárny,České Budějovice", "c@ex.cz,Tomáš Růžička,Pražská energetika,Ústí nad Labem")},
		{"windows-1250", "hu", list("a@ex.hu,Győző Szűcs,Magyar Posta,Székesfehérvár", "b@ex.hu,Ágnes Kovács,Első Műszaki,Győr", "c@ex.hu,Ödön Őri,Fűtő Kft,Debrecen")},
		{"windows-1250", "pl, one row", list("a@ex.pl,Łukasz Wójcik,Orlen,Łódź")},
		{"iso-8859-2", "pl", list("a@ex.pl,Łukasz Wójcik,Spółka Żółć,Łódź", "b@ex.pl,Małgorzata Dąbrowska,Śląskie Zakłady,Kraków")},
		{"windows-1251", "ru", list("a@ex.ru,Иван Петров,Газпром,Москва", "b@ex.ru,Наталья Кузнецова,Сбербанк,Санкт-Петербург", "c@ex.ru,Дмитрий Смирнов,Яндекс,Новосибирск")},
		{"windows-1251", "ru, one row", list("a@ex.ru,Иван Петров,Газпром,Москва")},
		{"windows-1251", "bg", list("a@ex.bg,Георги Димитров,Софарма,София", "b@ex.bg,Мария Иванова,Булгартабак,Пловдив")},
		{"windows-1251", "uk", list("a@ex.ua,Олександр Шевченко,Київстар,Київ", "b@ex.ua,Наталія Іваненко,Нова Пошта,Львів")},
		{"koi8-r", "ru", list("a@ex.ru,Иван Петров,Газпром,Москва", "b@ex.ru,Наталья Кузнецова,Сбербанк,Санкт-Петербург")},
		{"windows-1252", "de", list("a@ex.de,Jörg Müller,Bäckerei Größe,Köln", "b@ex.de,Käthe Weiß,Süddeutsche,München", "c@ex.de,Björn Schäfer,Möbel GmbH,Düsseldorf")},
		{"windows-1252", "de, one row", list("a@ex.de,Jörg Huber,Siemens,Berlin")},
		{"windows-1252", "fr", list("a@ex.fr,Élodie Lefèvre,Société Générale,Besançon", "b@ex.fr,François Noël,Crédit Agricole,Orléans", "c@ex.fr,Hélène Bâcle,L’Oréal,Évry")},
		{"windows-1252", "fr, one row", list("a@ex.fr,François Noel,Total,Paris")},
		{"windows-1252", "es", list("a@ex.es,José Muñoz,Telefónica,Málaga", "b@ex.es,María Núñez,Compañía Española,Córdoba")},
		{"windows-1252", "sv", list("a@ex.se,Åsa Öberg,Förvaltning,Göteborg", "b@ex.se,Björn Ångström,Sjöfart,Malmö")},
		{"windows-1252", "en-quotes", list("a@ex.com,Jane O’Neil,“Best” Café – Ltd,London", "b@ex.com,Bob Smith,Acme,Paris")},
		{"windows-1252", "pt", list("a@ex.pt,João Gonçalves,Construções,São Paulo", "b@ex.pt,Conceição Simões,Fundação,Évora")},
		{"windows-1252", "it", list("a@ex.it,Niccolò Verità,Società Città,Forlì")},
		{"windows-1252", "dk", list("a@ex.dk,Søren Kjær,Mærsk,København", "b@ex.dk,Åse Ærø,Brødrene,Århus")},
		{"windows-1253", "el", list("a@ex.gr,Γιώργος Παπαδόπουλος,Ελληνικά Πετρέλαια,Αθήνα", "b@ex.gr,Μαρία Νικολάου,Εθνική Τράπεζα,Θεσσαλονίκη")},
		{"windows-1254", "tr", list("a@ex.tr,Gülşah Yıldız,İş Bankası,İzmir", "b@ex.tr,Çağrı Öztürk,Şişecam,Muğla")},
		{"windows-1255", "he", list("a@ex.il,דוד כהן,בנק לאומי,תל אביב", "b@ex.il,שרה לוי,טבע,ירושלים")},
		{"windows-1256", "ar", list("a@ex.ae,محمد علي,شركة الاتصالات,دبي", "b@ex.ae,فاطمة حسن,بنك الإمارات,أبو ظبي")},
		{"shift_jis", "ja", list("a@ex.jp,山田太郎,トヨタ自動車株式会社,東京都", "b@ex.jp,佐藤花子,ソニー株式会社,大阪市", "c@ex.jp,鈴木一郎,日本電気,横浜市")},
		{"shift_jis", "ja, one row", list("a@ex.jp,山田太郎,ソニー,東京")},
		{"euc-jp", "ja", list("a@ex.jp,山田太郎,トヨタ自動車株式会社,東京都", "b@ex.jp,佐藤花子,ソニー株式会社,大阪市", "c@ex.jp,鈴木一郎,日本電気,横浜市")},
		{"iso-2022-jp", "ja", list("a@ex.jp,山田太郎,トヨタ自動車株式会社,東京都")},
		{"gbk", "zh", list("a@ex.cn,王小明,中国石油天然气集团,北京市", "b@ex.cn,李娜,阿里巴巴网络技术有限公司,杭州市", "c@ex.cn,张伟,华为技术有限公司,深圳市")},
		{"gbk", "zh, one row", list("a@ex.cn,王小明,华为,北京")},
		{"gb18030", "zh", list("a@ex.cn,王小明,中国石油天然气集团,北京市", "b@ex.cn,李娜,阿里巴巴网络技术有限公司,杭州市")},
		{"big5", "zh-tw", list("a@ex.tw,王小明,台灣積體電路製造公司,台北市", "b@ex.tw,陳美玲,鴻海精密工業,新北市", "c@ex.tw,林志豪,聯發科技,新竹市")},
		{"big5", "zh-tw, one row", list("a@ex.tw,王小明,台積電,台北")},
		{"euc-kr", "ko", list("a@ex.kr,김철수,삼성전자,서울특별시", "b@ex.kr,이영희,현대자동차,부산광역시", "c@ex.kr,박민수,엘지전자,인천")},
		{"euc-kr", "ko, one row", list("a@ex.kr,김철수,삼성전자,서울")},
		{"utf-16le", "ja-nobom", list("a@ex.jp,山田太郎,トヨタ自動車株式会社,東京都")},
		{"utf-16be", "ru-nobom", list("a@ex.ru,Иван Петров,Газпром,Москва")},
		{"utf-8", "all", list("a@ex.de,Jörg Müller,株式会社,Łódź")},
	} {
		t.Run(c.charset+" "+c.language, func(t *testing.T) {
			t.Parallel()
			encoded := encode(t, c.charset, c.text)
			found := charset.Detect([]byte(encoded))
			if got := decode(t, found, encoded); got != c.text {
				t.Errorf("found %s, which gives %q", found, got)
			}
		})
	}
}

func TestNamesOfWesternEuropeStayWindows1252(t *testing.T) {
	t.Parallel()
	names := []string{
		"Jörg", "Müller", "Weiß", "Käthe", "Élodie", "Lefèvre", "François", "Noël", "Hélène", "Benoît", "Jérôme", "Zoë", "José", "Muñoz", "Núñez", "María", "Ángel",
		"João", "Gonçalves", "Conceição", "Simões", "Niccolò", "Verità", "Forlì", "Åsa", "Öberg", "Malmö", "Søren", "Kjær", "Ærø", "Århus", "Þór", "Guðrún", "Núria", "O’Neil",
	}
	for i, a := range names {
		for _, b := range names[i:] {
			encoded := encode(t, "windows-1252", list("a@example.com,"+a+",Acme,Paris", "b@example.com,"+b+",“Best” – Ltd,Rome"))
			if found := charset.Detect([]byte(encoded)); found != charset.Windows1252 {
				t.Errorf("%s, %s: found %s", a, b, found)
			}
		}
	}
}

func TestNamesOfCharsets(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{
		"utf-8": true, "UTF8": true, "latin1": true, "ISO-8859-1": true, "cp1250": true, "Shift_JIS": true, "GB2312": true, "gb18030": true, "Big5": true, "EUC-KR": true, "utf-16": true,
		"UTF-16BE": true, "IBM850": true, "koi8-u": true, "macintosh": true, "ebcdic": false, "replacement": false, "iso-2022-kr": false, "": false,
	} {
		if _, err := charset.NewReader(strings.NewReader("x"), name); (err == nil) != known {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestASampleMayEndWithinALetter(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"utf-8", "shift_jis", "gb18030", "big5", "euc-kr"} {
		text := list(strings.Repeat("a@example.com,中國,東京,台北\n", 20))
		if name == "euc-kr" {
			text = list(strings.Repeat("a@example.com,김철수,삼성전자,서울\n", 20))
		}
		if name == "shift_jis" || name == "gb18030" {
			text = strings.ReplaceAll(text, "台", "大")
		}
		encoded := encode(t, name, text)
		cut := strings.LastIndex(strings.TrimSpace(encoded), ",") + 2
		if found := charset.Detect([]byte(encoded[:cut])); found != name {
			t.Errorf("%s: found %s", name, found)
		}
	}
}

func TestWhatIsUnsureIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charset, text string
		sure          bool
	}{
		{"windows-1250", "Email;Jméno;Město\nanna@example.com;Řehoř;Plzeň\n", false}, // Windows-1252 could be several languages
		{"windows-1252", "Email;Name\nann@example.com;Jörgine Müller\n", true},
		{"windows-1252", list("a@example.com,Hélène,Acme,Paris"), true},
		{"windows-1252", "Email;Name\nann@example.com;A \u00f7 B\n", false}, // no word at all
		{"windows-1251", "Email;Имя\nann@example.com;Анна\n", true},
		{"utf-8", list(strings.Repeat("a@example.com,Jörg Müller,Łódź,東京\n", 20)) + "\xfc", true}, // damaged
	} {
		encoded := c.text
		if c.charset != "utf-8" {
			encoded = encode(t, c.charset, c.text)
		}
		if name, sure := charset.Find([]byte(encoded)); sure != c.sure || sure && name != c.charset {
			t.Errorf("%q: found %s, sure %v", c.text, name, sure)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte("a\x1b$B;3ED"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte("~{VPND~}"))
	f.Fuzz(func(t *testing.T, sample []byte) {
		if _, err := charset.NewReader(strings.NewReader(""), charset.Detect(sample)); err != nil {
			t.Error(err)
		}
	})
}
