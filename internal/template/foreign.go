package template

import (
	"regexp"
	"slices"
	"strings"
)

// Foreign is a placeholder as another tool writes it, which stays in a message as it is.
type Foreign struct {
	Text string // as it stands there
	Ours string // what it probably means, as a template says it; "" = that isn't known
}

// MaxForeign bounds what is told of one text.
const MaxForeign = 20

// foreignMarks are the brackets of other tools around a name. Which names count is foreignField's: brackets alone are anybody's.
var foreignMarks = regexp.MustCompile(`\{\{\{?-?\s*([^{}|]{1,60}?)\s*(?:\|[^{}]*)?-?\}?\}\}` + // {{firstName}}, {{contact.firstname}}, {{{name}}}
	`|\$?\{\s*!?([^{}%|]{1,60}?)\s*(?:\|[^{}]*)?\}` + // {first_name}, ${first_name}, {!Contact.FirstName}, {name|there}
	`|%%?-?\s*([A-Za-z][A-Za-z_. -]{1,40}?)\s*-?%%?` + // %FIRST%, %%First Name%%
	`|\*\|\s*([^|*]{1,60}?)\s*\|\*` + // *|FNAME|*
	`|\[\[?\s*([^\[\]]{1,60}?)\s*\]\]?` + // [Name], [[first name]]
	`|<<?\s*([A-Za-z][A-Za-z_. ]{1,40}?)\s*>>?` + // <<First Name>>, <name>
	`|##?\s*([A-Za-z][A-Za-z_. ]{1,40}?)\s*##?` + // #firstname#
	`|\(\(\s*([A-Za-z][A-Za-z_. ]{1,40}?)\s*\)\)`) // ((name))

// FindForeign finds them in a text, each once. Names that a template may use are ours where they stand in {{ }}.
func FindForeign(text string) (out []Foreign) {
	for _, m := range foreignMarks.FindAllStringSubmatchIndex(text, -1) {
		name := ""
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				name = text[m[i]:m[i+1]]
			}
		}
		whole := text[m[0]:m[1]]
		ours, known := foreignField(name)
		switch {
		case !known || strings.HasPrefix(whole, "{{") && !strings.HasPrefix(whole, "{{{") && (name == ours || !isForeignName(name)):
			continue
		case strings.HasPrefix(text[m[1]:], "("): // [name](https://...) is a link
			continue
		case slices.ContainsFunc(out, func(f Foreign) bool { return f.Text == whole }):
			continue
		}
		if ours != "" {
			ours = "{{ " + ours + " }}"
		}
		if out = append(out, Foreign{Text: whole, Ours: ours}); len(out) == MaxForeign {
			return out
		}
	}
	return out
}

// isForeignName is of names as no variable of ours is written.
func isForeignName(name string) bool {
	return strings.ToLower(name) != name || strings.ContainsAny(name, " .") && !strings.HasPrefix(name, "custom.")
}

var ofSomebody = regexp.MustCompile(`^(contact|lead|prospect|recipient|person|user|customer|subscriber|sender|company|account)[._ ]+`)

// foreignField says which variable of ours a name of another tool means, and whether it is one at all.
func foreignField(name string) (ours string, known bool) {
	name = strings.ToLower(name)
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, s)
	}
	if strings.HasPrefix(name, "sender") && len(plain(name)) > len("sender") {
		return "sender_name", strings.HasSuffix(plain(name), "name")
	}
	if ours, known = foreignNames()[plain(name)]; known {
		return ours, true
	}
	ours, known = foreignNames()[plain(ofSomebody.ReplaceAllString(name, ""))]
	return ours, known
}

// foreignNames are what other tools and people call the fields of a lead.
func foreignNames() map[string]string {
	return map[string]string{
		"name": "first_name", "first": "first_name", "firstname": "first_name", "fname": "first_name", "givenname": "first_name", "yourname": "first_name", "vorname": "first_name", "prenom": "first_name",
		"last": "last_name", "lastname": "last_name", "lname": "last_name", "surname": "last_name", "nachname": "last_name", "fullname": "",
		"company": "company_name", "companyname": "company_name", "organization": "company_name", "organisation": "company_name", "firma": "company_name", "yourcompany": "",
		"title": "job_title", "jobtitle": "job_title", "position": "job_title", "role": "job_title",
		"city": "city", "country": "country", "location": "city", "phone": "phone", "phonenumber": "phone", "email": "", "emailaddress": "", "website": "website", "linkedin": "linkedin_url", "linkedinurl": "linkedin_url",
		"sendername": "sender_name", "myname": "sender_name", "signature": "", "unsubscribe": "unsubscribe_link", "unsubscribelink": "unsubscribe_link", "unsubscribeurl": "unsubscribe_link",
		"calendarlink": "booking_link", "meetinglink": "booking_link", "bookinglink": "booking_link", "industry": "", "icebreaker": "", "customfield": "",
	}
}
