package modelserver

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Liar is a model that does its work well, and in every few answers makes something up: a number that is near the right one, a negation, an invention, praise, a link, a
// promise, a fact of a page that doesn't say it. It remembers what it made up, of whom. The same question is answered alike. The zero value tells the truth.
type Liar struct {
	Every int // about one answer in so many has a lie; 0 = none has

	mu   sync.Mutex
	lies []Lie
	of   map[string]int // lies of pages: by what they are about
}

// Lie is a sentence that was made up in a message.
type Lie struct {
	Email string // of who it was written to, as the prompt says
	Kind  string
	Text  string
}

// Lies returns what was made up in messages.
func (m *Liar) Lies() []Lie {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.lies)
}

// LiesOfPages returns how many facts were made up of pages.
func (m *Liar) LiesOfPages() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.of {
		n += k
	}
	return n
}

// question is what the product asks, of both kinds.
type question struct {
	Subject   string         `json:"example_subject"`
	Approved  []string       `json:"approved_sentences"`
	Variables map[string]any `json:"variables"`
	Previous  []string       `json:"previous_messages"`
	Facts     []knownFact    `json:"facts"`

	Page string `json:"page"`
}

type knownFact struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Answer answers what the product asks for: a message, or the facts of a page.
func (m *Liar) Answer(_, user string) string {
	var q question
	if json.Unmarshal([]byte(user), &q) != nil {
		return `{"ready":true}`
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(user))
	chance := h.Sum64()
	switch {
	case q.Page != "":
		return m.extract(q, chance)
	case len(q.Approved) > 0:
		return m.write(q, chance)
	}
	return `{"ready":true}`
}

func (m *Liar) lying(chance uint64) bool { return m.Every > 0 && chance%uint64(m.Every) == 0 }

type saidSentence struct {
	Text  string   `json:"text"`
	Cites []string `json:"cites"`
	Kind  string   `json:"kind"`
}

type saidParagraph struct {
	Sentences []saidSentence `json:"sentences"`
}

// write says the approved sentences in their order, and behind the greeting a fact that wasn't said before.
func (m *Liar) write(q question, chance uint64) string {
	subject, approved := q.Subject, q.Approved
	if n := len(approved); n > 1 && !strings.HasPrefix(subject, "Re: ") { // filled in, it is the last one
		subject, approved = approved[n-1], approved[:n-1]
	}
	var out []saidParagraph
	for i, text := range approved {
		out = append(out, saidParagraph{[]saidSentence{{text, []string{}, "approved"}}})
		if i > 0 {
			continue
		}
		fact, lies := q.news(), m.lying(chance)
		if fact.ID != "" && !(lies && chance/64%2 == 0) { // now and then the lie takes its place
			out = append(out, saidParagraph{[]saidSentence{{fact.Text, []string{fact.ID}, "fact"}}})
		}
		if lies {
			out = append(out, saidParagraph{[]saidSentence{m.lie(q, fact, chance/uint64(m.Every))}})
		}
	}
	return encode(map[string]any{"subject": subject, "paragraphs": out})
}

// news returns a fact about them that no message before says; the zero value where there is none.
func (q question) news() knownFact {
	for _, f := range q.Facts {
		if !strings.HasPrefix(f.ID, "claim") && !slices.ContainsFunc(q.Previous, func(before string) bool { return strings.Contains(before, f.Text) }) {
			return f
		}
	}
	return knownFact{}
}

var digits = regexp.MustCompile(`[0-9]+`)

// lie makes a sentence up; what it could be made from decides on its kind.
func (m *Liar) lie(q question, f knownFact, chance uint64) saidSentence {
	cites := []string{}
	kind, text := "invention", "You doubled your revenue last year."
	switch n := chance % 7; {
	case n <= 1 && digits.MatchString(f.Text):
		at := digits.FindStringIndex(f.Text)
		was, _ := strconv.Atoi(f.Text[at[0]:at[1]])
		kind, text, cites = "number", f.Text[:at[0]]+strconv.Itoa(was+1)+f.Text[at[1]:], []string{f.ID}
	case n <= 2 && strings.HasPrefix(f.Text, "You "):
		kind, text, cites = "negation", "You don't "+strings.TrimPrefix(f.Text, "You "), []string{f.ID}
	case n == 3:
		kind, text = "praise", "You are the undisputed leader of your market."
	case n == 4:
		kind, text = "link", "See https://offers.example/for-you before Friday."
	case n == 5:
		kind, text = "promise", "We guarantee eleven meetings, or your money back."
	case n == 6 && f.ID != "":
		kind, text, cites = "cause", strings.TrimSuffix(f.Text, ".")+" because your competitors do.", []string{f.ID}
	}
	email, _ := q.Variables["email"].(string)
	m.mu.Lock()
	m.lies = append(m.lies, Lie{email, kind, text})
	m.mu.Unlock()
	return saidSentence{text, cites, "fact"}
}

// prose is what rules don't read, and this model does.
func prose() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"founded":   regexp.MustCompile(`It all began in the autumn of (\d{4}), in a garage\.`),
		"employees": regexp.MustCompile(`Today a crew of (\d+) looks after you\.`),
		"location":  regexp.MustCompile(`From our desks in (\S+) we see the river\.`),
		"uses":      regexp.MustCompile(`Under the hood you will find ([^.]+)\.`),
		"makes":     regexp.MustCompile(`Think of us when you need ([^.]+)\.`),
		"hiring":    regexp.MustCompile(`Come and be our next ([^!]+)!`),
	}
}

type foundFact struct {
	Predicate string `json:"predicate"`
	Object    string `json:"object"`
	Quote     string `json:"quote"`
}

// extract finds what the page says in prose, and makes up what it doesn't say, with words that aren't there or that say something else.
func (m *Liar) extract(q question, chance uint64) string {
	out := []foundFact{}
	for predicate, pattern := range prose() {
		if found := pattern.FindStringSubmatch(q.Page); found != nil {
			out = append(out, foundFact{predicate, found[1], found[0]})
		}
	}
	slices.SortFunc(out, func(a, b foundFact) int { return strings.Compare(a.Predicate, b.Predicate) })
	if m.lying(chance) {
		year := fmt.Sprint(1700 + chance%97)
		lie := foundFact{"founded", year, "Founded in " + year + "."}
		if first, _, ok := strings.Cut(q.Page, "."); ok && chance%2 == 0 {
			lie.Quote = first + "." // which says nothing of the kind
		}
		m.mu.Lock()
		if m.of == nil {
			m.of = map[string]int{}
		}
		m.of[lie.Predicate]++
		m.mu.Unlock()
		out = append(out, lie)
	}
	return encode(map[string]any{"facts": out})
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return `{}`
	}
	return string(text)
}
