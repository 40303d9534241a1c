package csvfile

import (
	"outrider/internal/leadfields"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// moreNames are what people call fields that aren't of the profile, and the profile's in languages and programs beyond those
// of its table, as foldName leaves them.
func moreNames() map[string][]string {
	return map[string][]string{
		"full_name": {"name", "fullname", "displayname", "contact", "nomcomplet", "nombrecompleto", "nomecompleto", "nomecompleto", "naam", "volledigenaam", "navn", "namn", "фио", "полноеимя",
			"姓名", "氏名", "名前", "お名前", "이름", "성명", "الاسم", "שם", "imieinazwisko", "adsoyad"},
		"time_zone":    {"timezone", "tz", "zeitzone", "fuseauhoraire", "zonahoraria", "fusoorario"},
		"tags":         {"tags", "tag", "labels", "label", "groups", "groupmembership", "kategorien", "categories", "schlagworte", "etiquetas", "etiquettes"},
		"crm_id":       {"crmid", "hubspotid", "salesforceid", "recordid", "contactid", "leadid", "id", "externalid", "apollocontactid", "pipedriveid"},
		"lawful_basis": {"lawfulbasis", "legalbasis", "gdprbasis", "rechtsgrundlage", "legalbasisforprocessingcontactsdata"},
		"email": {"posteelectronique", "adresseelectronique", "adressemail", "indirizzoemail", "postaelettronica", "enderecodeemail", "emailadres", "epost", "epostadress", "epostadresse", "sahkoposti",
			"eposta", "emailcim", "emailadresa", "adresemail", "почта", "электроннаяпочта", "адресэлектроннойпочты", "имейл", "електроннапошта", "邮箱", "电子邮件", "电子邮箱", "電子郵件", "メール", "メールアドレス",
			"이메일", "البريدالإلكتروني", "דואל", "אימייל", "אמייל", "ηλεκτρονικηδιευθυνση", "อีเมล"},
		"first_name": {"имя", "імя", "име", "名", "名字", "이름first", "الاسمالأول", "שםפרטי", "ονομα", "imie", "jmeno", "meno", "keresztnev", "utonev", "etunimi", "fornamn", "fornavn", "voornaam", "prenume", "ime",
			"nome", "primeironome", "isim", "vardas", "vards", "eesnimi"},
		"last_name": {"фамилия", "прізвище", "фамилно", "姓", "姓氏", "성", "اسمالعائلة", "שםמשפחה", "επωνυμο", "nazwisko", "prijmeni", "priezvisko", "vezeteknev", "csaladnev", "sukunimi", "efternamn", "etternavn",
			"efternavn", "achternaam", "numedefamilie", "prezime", "cognome", "sobrenome", "soyad", "soyadi", "primerapellido", "familienname", "nomdefamille"},
		"company_name": {"organizationname", "organisationname", "associatedcompany", "primarycompany", "companyaccount", "arbeitgeber", "компания", "организация", "компанія", "фирма", "公司", "公司名称", "单位",
			"会社", "会社名", "御社名", "회사", "회사명", "الشركة", "חברה", "εταιρεια", "azienda", "ragionesociale", "nomedaempresa", "spolecnost", "spolocnost", "ceg", "cegnev", "yritys", "foretag", "virksomhed", "bedrijf", "bedrijfsnaam",
			"sirket", "companie", "tvrtka", "imone", "raisonsociale", "nombredelaempresa"},
		"job_title": {"organizationtitle", "organisationtitle", "jobposition", "jobrole", "jobfunction", "должность", "посада", "职位", "职务", "役職", "직책", "직위", "المسمىالوظيفي", "תפקיד", "stanowisko", "pozice", "funkce",
			"beosztas", "titteli", "befattning", "stilling", "functie", "functietitel", "ruolo", "posizione", "unvan", "intituleduposte", "fonction", "stelle", "funktion"},
		"phone": {"mobilenumber", "phonework", "workdirectphone", "corporatephone", "businessphone", "telefonnummer", "handy", "mobil", "mobiltelefon", "телефон", "мобильный", "电话", "手机", "電話", "電話番号", "전화", "전화번호", "휴대폰", "هاتف",
			"טלפון", "τηλεφωνο", "puhelin", "telefoon", "telefone", "celular", "cellulare", "portable", "movil"},
		"linkedin_url": {"personlinkedin", "linkedinprofileurl", "linkedinpersonurl", "profileurl", "linkedinbio"},
		"website":      {"websiteurl", "webpage", "companyurl", "companydomainname", "companywebsiteurl", "webseite", "siteweb", "sitioweb", "paginaweb", "sitoweb", "сайт", "网站", "網站", "ウェブサイト", "홈페이지", "الموقع"},
		"city": {"mailingcity", "homecity", "workcity", "ortgeschaftlich", "город", "місто", "град", "城市", "市", "市区町村", "都市", "도시", "المدينة", "עיר", "πολη", "miasto", "mesto", "varos", "kaupunki", "stad", "by", "citta",
			"cidade", "sehir", "oras", "grad", "plaats", "woonplaats", "localite"},
		"country": {"countryregion", "mailingcountry", "homecountry", "workcountry", "landregion", "landregiongeschaftlich", "страна", "країна", "държава", "国家", "国", "國家", "국가", "البلد", "الدولة", "מדינה", "χωρα", "kraj",
			"zeme", "krajina", "orszag", "maa", "paese", "ulke", "tara", "drzava", "paisregion", "staat"},
	}
}

// fieldsByName has the field of every name that is known.
var fieldsByName = sync.OnceValue(func() map[string]string { //nolint:gochecknoglobals // a constant table
	all := map[string]string{}
	for field, names := range moreNames() {
		for _, n := range names {
			all[foldName(n)] = field
		}
		all[foldName(field)] = field
	}
	for _, f := range leadfields.All() {
		for _, n := range f.Synonyms {
			all[foldName(n)] = f.Name
		}
		all[foldName(f.Name)] = f.Name
	}
	return all
})

// namePart splits a name where words, digits and signs meet, "E-mail 1 - Value" and "workEmail" too.
var namePart = regexp.MustCompile(`\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{Lu}+|\p{N}+`)

// fillerWords are words that say whose a value is, or which of several, but not what.
func fillerWords() []string {
	return []string{"person", "persons", "contact", "contacts", "lead", "leads", "prospect", "recipient", "customer", "client", "primary", "work", "business", "direct", "corporate", "professional", "main", "value", "1", "default", "your", "their", "the",
		"current", "mailing", "mobile", "kontakt", "ansprechpartner", "geschaftlich", "beruflich", "haupt", "of", "s"}
}

// fieldOfName returns the field that a column's name says, or "".
func fieldOfName(name string) string {
	all := fieldsByName()
	if field := all[foldName(name)]; field != "" {
		return field
	}
	var words []string
	for _, w := range namePart.FindAllString(norm.NFKC.String(name), -1) {
		words = append(words, foldName(w))
	}
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(fillerWords(), w) })
	if len(kept) == 0 || len(kept) == len(words) {
		return ""
	}
	return all[strings.Join(kept, "")]
}

// isAboutOthers says of a column that its addresses are somebody else's than the lead's: an owner's, an assistant's.
func isAboutOthers(name string) bool {
	for _, w := range namePart.FindAllString(name, -1) {
		switch foldName(w) {
		case "owner", "assistant", "assigned", "creator", "created", "modified", "manager", "rep", "secondary", "alternative", "alternate", "other", "personal", "cc", "bcc", "from", "sender", "by", "2", "3", "inhaber", "besitzer", "display", "angezeigter":
			return true
		}
	}
	return false
}

// foldName leaves of a name the letters and digits that it is compared by, of any script, without case and accents.
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(strings.ReplaceAll(s, "ß", "ss")))
}
