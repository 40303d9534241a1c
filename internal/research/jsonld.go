package research

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// organizations are the types of schema.org that a company's own entry has.
const organizations = " Organization Corporation LocalBusiness OnlineBusiness OnlineStore ProfessionalService Store ResearchOrganization EducationalOrganization MedicalOrganization NewsMediaOrganization" +
	" FinancialService InsuranceAgency TravelAgency "

// node is an object of JSON-LD, each value as it stands there.
type node map[string]json.RawMessage

// nodesOf returns the objects at the top of a block, and those of its graph: what stands deeper belongs to something else.
func nodesOf(block string) (out []node) {
	var read func(raw json.RawMessage, depth int)
	read = func(raw json.RawMessage, depth int) {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for _, x := range list {
				read(x, depth)
			}
			return
		}
		var n node
		if json.Unmarshal(raw, &n) != nil || len(out) > 200 {
			return
		}
		out = append(out, n)
		if depth == 0 {
			read(n["@graph"], 1)
		}
	}
	read(json.RawMessage(block), 0)
	return out
}

// text returns a value that is a text; of a list the first.
func (n node) text(key string) string {
	var s string
	if json.Unmarshal(n[key], &s) == nil {
		return CleanLine(s)
	}
	var list []string
	if json.Unmarshal(n[key], &list) == nil && len(list) > 0 {
		return CleanLine(list[0])
	}
	return ""
}

func (n node) child(key string) node {
	var c node
	if json.Unmarshal(n[key], &c) == nil {
		return c
	}
	return nil
}

func (n node) isA(types string) bool {
	var all []string
	if json.Unmarshal(n["@type"], &all) != nil {
		all = []string{n.text("@type")}
	}
	for _, t := range all {
		if t = t[strings.LastIndexAny(t, "/:")+1:]; t != "" && strings.Contains(types, " "+t+" ") {
			return true
		}
	}
	return false
}

// isCompany reports whether an object is the company's own entry.
func (e *extractor) isCompany(n node) bool {
	return n.isA(organizations) && e.isOwn(n.text("url")) && len(n["parentOrganization"]) == 0
}

func (e *extractor) learnNames(p *Page) {
	e.page = p
	for _, block := range p.Document.Data {
		for _, n := range nodesOf(block) {
			if e.isCompany(n) {
				e.addName(n.text("name"))
				e.addName(n.text("legalName"))
			}
		}
	}
}

// readData reads what the page gives for machines.
func (e *extractor) readData() {
	for _, block := range e.page.Document.Data {
		for _, n := range nodesOf(block) {
			switch {
			case e.isCompany(n):
				e.readCompany(n, block)
			case n.isA(" JobPosting "):
				e.readJob(n, block)
			}
		}
	}
}

var (
	yearAlone  = regexp.MustCompile(`^(1[89]\d\d|20\d\d)(-\d\d(-\d\d)?)?$`)
	countAlone = regexp.MustCompile(`^[1-9]\d{0,6}$`)
	placeName  = regexp.MustCompile(`^\p{Lu}[\p{L}'’. -]{1,38}$`)
)

func (e *extractor) readCompany(n node, block string) {
	if m := yearAlone.FindStringSubmatch(n.text("foundingDate")); m != nil && m[1] <= e.now.Format("2006") {
		e.addData("founded", m[1], n, "foundingDate", block)
	}
	if c := n.child("numberOfEmployees"); c != nil {
		e.addEmployees(c, "value", block)
	} else {
		e.addEmployees(n, "numberOfEmployees", block)
	}
	if place := n.child("address"); place != nil && placeName.MatchString(place.text("addressLocality")) {
		if e.isStale(stateAge) {
			e.old++
			return
		}
		e.addData("location", place.text("addressLocality"), place, "addressLocality", block)
	}
}

func (e *extractor) addEmployees(n node, key, block string) {
	count := strings.Trim(string(n[key]), `" `)
	if !countAlone.MatchString(count) {
		return
	}
	if e.isStale(stateAge) {
		e.old++
		return
	}
	e.addData("employees", count, n, key, block)
}

var (
	genders  = regexp.MustCompile(`(?i)\s*\((all genders|[mfwdxgn]( ?[/|*] ?[mfwdxgn]){1,3})\)\s*`)
	jobTitle = regexp.MustCompile(`^\p{Lu}[\p{L}\d&/+#., '’()-]{2,70}$`)
)

const jobAge = 180 * day

func (e *extractor) readJob(n node, block string) {
	title := strings.TrimSpace(genders.ReplaceAllString(n.text("title"), " "))
	if !jobTitle.MatchString(title) || len(strings.Fields(title)) > 8 {
		return
	}
	by := n.child("hiringOrganization")
	if by == nil {
		if name := n.text("hiringOrganization"); name != "" && !e.isName(name) {
			return
		}
	} else if !e.isOwn(by.text("url")) || !e.mayBeOwn(by.text("sameAs")) || by.text("name") != "" && !e.isName(by.text("name")) {
		return // somebody else's, such as a customer's of an agency
	}
	if until, ok := parseDate(n.text("validThrough")); ok && until.Before(e.now) {
		e.old++
		return
	}
	if posted, ok := parseDate(n.text("datePosted")); ok && e.now.Sub(posted) > jobAge || !ok && e.isStale(jobAge) {
		e.old++
		return
	}
	e.addData("hiring", withArticle(title), n, "title", block)
}

// mayBeOwn takes a profile in a network for the company's, too.
func (e *extractor) mayBeOwn(link string) bool {
	u, err := url.Parse(link)
	return e.isOwn(link) || err == nil && RefusesHost(u.Hostname())
}

func withArticle(title string) string {
	if strings.ContainsRune("AEIO", rune(title[0])) {
		return "an " + title
	}
	return "a " + title
}

// addData adds what a key of an object says, with the place where it stands in the block.
func (e *extractor) addData(predicate, object string, n node, key, block string) {
	place, err := regexp.Compile(`"` + regexp.QuoteMeta(key) + `"\s*:\s*` + regexp.QuoteMeta(string(n[key])))
	if err != nil || len(n[key]) > 200 {
		return
	}
	if quote := place.FindString(block); quote != "" {
		e.add(predicate, object, quote, ByJSONLD, 90)
	}
}

// dateOf returns when something was published by the page's data.
func dateOf(n node) (time.Time, bool) {
	return parseDate(n.text("datePublished"))
}
