package research

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// A rule reads one sentence, from its beginning to its end: SUBJ is who it speaks of, the company by name or "we". Named groups: o is the object.
type textRule struct {
	predicate string
	form      *regexp.Regexp
	news      bool // something that has happened: it must have a date, and not be old
}

const (
	place   = `(?P<o>\p{Lu}[\p{L}'’.-]*(?:[ -]\p{Lu}[\p{L}'’.-]*){0,3}(?:, \p{Lu}[\p{L}'’.-]*(?: \p{Lu}[\p{L}'’.-]*){0,2})?)`
	things  = `(?P<o>[\p{L}\d][\p{L}\d&+#'’ -]{2,60})`
	product = `(?P<o>(?:(?:a|an|its|our|the|new)\s){0,2}\p{Lu}[\p{L}\d'’&+-]*(?:\s[\p{L}\d'’&+-]+){0,6})`
	money   = `(?P<o>(?:[$€£]|EUR |USD )?\d[\d.,]*\s?(?:million|billion|M|bn)?(?:\s(?:euros|dollars|pounds))?(?: in (?:a |its )?(?:[Ss]eries [A-F]|[Ss]eed)(?: round| funding)?)?)`
	count   = `(?P<o>(?:more than |over |about |around )?[1-9]\d{0,2}(?:[.,]?\d{3})*)`
)

var textRules = []textRule{ //nolint:gochecknoglobals // a constant table
	stateRule("founded", `^SUBJ (?:was|were|has been) founded in (?:the year )?(?P<o>(?:1[89]|20)\d\d)(?: in `+strings.ReplaceAll(place, "?P<o>", "?:")+`)?\.?$`),
	stateRule("founded", `^Founded in (?P<o>(?:1[89]|20)\d\d), SUBJ .*$`),
	stateRule("founded", `^SUBJ (?:wurde|wurden)(?: im Jahr(?:e)?)? (?P<o>(?:1[89]|20)\d\d)(?: in [\p{L} -]+)? gegründet\.?$`),
	stateRule("employees", `^SUBJ (?:employ|employs|have|has) `+count+` (?:people|employees|staff)\.?$`),
	stateRule("employees", `^SUBJ (?:is|are) a team of `+count+`(?: people)?\.?$`),
	stateRule("employees", `^SUBJ (?:beschäftigt|beschäftigen) `+strings.ReplaceAll(count, "more than |over |about |around ", "")+` (?:Mitarbeiter|Mitarbeitende|Mitarbeiterinnen und Mitarbeiter|Menschen)\.?$`),
	stateRule("location", `^SUBJ (?:is|are) (?:based|headquartered) in `+place+`\.?$`),
	stateRule("uses", `^SUBJ (?:use|uses) (?P<o>\p{Lu}[\p{L}\d+#.-]{1,30}(?: \p{Lu}[\p{L}\d+#.-]{1,30})?)(?: for [\p{L} -]{3,60})?\.?$`),
	stateRule("makes", `^SUBJ (?:make|makes|build|builds) `+things+`\.?$`),
	stateRule("sells", `^SUBJ (?:sell|sells) `+things+`\.?$`),
	stateRule("hiring", `^SUBJ (?:is|are) (?:hiring|looking for) (?P<o>(?:a|an) \p{Lu}[\p{L}\d&/+# -]{2,60})\.?$`),
	newsRule("opened", `^SUBJ (?:has |have )?(?:opened|opens) (?P<o>(?:a|an|its|our) (?:new |first |second |third )?(?:office|branch|factory|plant|store|warehouse) in `+strings.ReplaceAll(place, "?P<o>", "?:")+`)\.?$`),
	newsRule("raised", `^SUBJ (?:has |have )?(?:raised|raises) `+money+`\.?$`),
	newsRule("launched", `^SUBJ (?:has |have )?(?:launched|launches) `+product+`\.?$`),
	newsRule("acquired", `^SUBJ (?:has |have )?(?:acquired|acquires) (?P<o>\p{Lu}[\p{L}\d'’&+-]*(?: \p{Lu}[\p{L}\d'’&+-]*){0,3})\.?$`),
	newsRule("won", `^SUBJ (?:has |have )?(?:won|wins) (?P<o>(?:the|a|an) [\p{L}\d'’&+ -]{3,60} (?:[Aa]ward|[Pp]rize)(?: \d{4})?)\.?$`),
}

func stateRule(predicate, form string) textRule {
	return textRule{predicate: predicate, form: subjectOf(form)}
}

func newsRule(predicate, form string) textRule {
	return textRule{predicate: predicate, form: subjectOf(form), news: true}
}

// subjectOf lets SUBJ be anything at first: who it is is looked at afterwards.
func subjectOf(form string) *regexp.Regexp {
	return regexp.MustCompile(strings.Replace(form, "SUBJ", `(?P<s>(?:We|Wir|we|wir|[\p{L}\d][\p{L}\d&.'’+ -]{0,78}?))`, 1))
}

var (
	headlineDay = regexp.MustCompile(`^(\d{4}-\d\d-\d\d): (.*)$`)
	sentenceEnd = regexp.MustCompile(`[.!?](?:\s+|$)`)
)

// readText reads the words of the page.
func (e *extractor) readText() {
	when, dated := e.page.Document.Date, e.isArticle()
	for line := range strings.SplitSeq(e.page.Document.Text, "\n") {
		if e.page.Feed {
			m := headlineDay.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			at, err := time.Parse(time.DateOnly, m[1])
			if err != nil {
				continue
			}
			when, dated, line = at, true, m[2]
		}
		for _, s := range sentences(line) {
			e.readSentence(s, when, dated)
		}
	}
}

// isArticle reports whether the page is one text with one date: where several are listed a date may be that of another one.
func (e *extractor) isArticle() bool {
	for _, block := range e.page.Document.Data {
		for _, n := range nodesOf(block) {
			if n.isA(" NewsArticle Article BlogPosting PressRelease ") {
				if t, ok := dateOf(n); ok {
					e.page.Document.Date = t
					return true
				}
			}
		}
	}
	return false
}

// sentences cuts a line. A dot within a name or number is no end.
func sentences(line string) (out []string) {
	from := 0
	for _, at := range sentenceEnd.FindAllStringIndex(line, -1) {
		before := line[from:at[0]]
		if last := before[strings.LastIndexByte(before, ' ')+1:]; at[1] < len(line) && (slices.Contains([]string{"St", "Dr", "Mr", "Ms", "Inc", "Ltd", "Co", "Corp", "No", "e.g", "i.e"}, last) || len(last) == 1) {
			continue
		}
		out = append(out, strings.TrimSpace(line[from:at[0]+1]))
		from = at[1]
	}
	if rest := strings.TrimSpace(line[from:]); rest != "" {
		out = append(out, rest)
	}
	return out
}

func (e *extractor) readSentence(s string, when time.Time, dated bool) {
	if len(s) > 300 {
		return
	}
	for _, rule := range textRules {
		m := rule.form.FindStringSubmatch(s)
		if m == nil || !e.isSubject(m[rule.form.SubexpIndex("s")]) {
			continue
		}
		object := strings.TrimSpace(strings.TrimSuffix(m[rule.form.SubexpIndex("o")], "."))
		switch {
		case rule.news && !dated: // it may be of any year
			return
		case rule.news && e.now.Sub(when) > newsAge, !rule.news && rule.predicate != "founded" && e.isStale(stateAge):
			e.old++
			return
		case rule.predicate == "founded" && object > e.now.Format("2006"):
			return
		case rule.predicate == "uses" && sayNothing[strings.ToLower(object)]:
			return
		}
		e.add(rule.predicate, ownWords(object), s, ByRule, 80)
		return
	}
}

// sayNothing are words that are no name of anything that one uses.
var sayNothing = map[string]bool{"cookies": true, "your": true, "this": true, "the": true, "our": true, "it": true, "google analytics": true} //nolint:gochecknoglobals // a constant table

// ownWords says it from outside: "our office" is theirs.
func ownWords(object string) string {
	if rest, ok := strings.CutPrefix(object, "our "); ok {
		return "its " + rest
	}
	return object
}

// isSubject reports whether a sentence speaks of the company.
func (e *extractor) isSubject(s string) bool {
	switch s {
	case "We", "Wir", "we", "wir":
		return !e.page.Feed
	}
	return e.isName(s)
}
