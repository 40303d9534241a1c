package evidence_test

import (
	"slices"
	"strings"
	"testing"

	"outrider/internal/evidence"
)

func policy() evidence.Policy {
	company := func(id, predicate, object string) evidence.Fact {
		return evidence.Fact{ID: id, About: evidence.AboutCompany, Names: []string{"Example GmbH", "Example"}, Predicate: predicate, Object: object}
	}
	old := company("old", "uses", "COBOL")
	old.Stale = true
	return evidence.Policy{
		Approved: []string{"Hi Ann,\n\nWe offer a 20 % discount until June. Shall we talk next week?\nBook here: https://book.example.com/ann\n\nTheo"},
		Links:    []string{"https://book.example.com/ann"},
		Facts: []evidence.Fact{
			company("hired", "hired", "ten engineers in March 2024"), company("uses", "uses", "Go and Kafka"), company("bought", "acquired", "Globex for $12M"),
			company("not", evidence.Statement, "Example does not use Kubernetes."), company("office", "opened", "an office in Berlin"), company("jobs", "hiring", "a data engineer in Berlin"),
			company("two", "moved", "from Berlin to Munich"), company("range", "employees", "10-15"), company("spam", evidence.Statement, "Example offers a 50 % discount."),
			company("link", "uses", "evil.example"), company("inner", "acquired", "Globex, founded in 2015"), company("mill", evidence.Statement, "Example sold the mill that it had built in 1998."),
			company("prize", "won", "a contract for deliveries in 2027"), company("few", evidence.Statement, "Example has a few customers in Leeds."), company("most", evidence.Statement, "Example ships the most orders in Leeds."),
			company("three", evidence.Statement, "Example sold the three factories."), company("aud", "raised", "A$12M in 2024"), company("market", evidence.Statement, "Example sells to US customers."), company("polish", "makes", "polish for shoes"),
			company("moving", "launched", "Tidemark last month"), company("client", "customer", "Globex"), company("quote", "said", `"Trust matters"`),
			{ID: "town", About: evidence.AboutLead, Names: []string{"Ann Lee"}, Predicate: "location", Object: "Leeds"}, {ID: "said", About: evidence.AboutLead, Names: []string{"Ann Lee"}, Predicate: "said", Object: `"Speed matters"`}, old,
			{ID: "us", About: evidence.AboutUs, Names: []string{"Outrider"}, Predicate: evidence.Statement, Object: "We cut reporting time by 40 % for Globex."},
			{ID: "price", About: evidence.AboutUs, Predicate: evidence.Statement, Object: "We guarantee delivery in 3 days."},
		},
	}
}

func TestWhatMayBeSaid(t *testing.T) {
	t.Parallel()
	for text, fact := range map[string]string{
		"Hi Ann,": "", "Shall we talk next week?": "", "We offer a 20 % discount until June.": "", "shall we talk next week?": "", "Book here: https://book.example.com/ann": "", "Theo": "",
		"You hired ten engineers in March 2024.": "hired", "Example hired 10 engineers in March 2024.": "hired", "In March 2024, you hired 10 engineers.": "hired", "I saw that you hired ten engineers in March 2024!": "hired",
		"Your team uses Go and Kafka.": "uses", "You use Go & Kafka.": "uses", "You bought Globex for 12 million dollars.": "bought", "You've acquired Globex for $12M.": "bought",
		"You don't use Kubernetes.": "not", "Example doesn't use Kubernetes.": "not", "I read that you opened an office in Berlin.": "office", "You're hiring a data engineer in Berlin.": "jobs",
		"You said “Speed matters”.": "said", "We cut reporting time by forty percent for Globex.": "us", "You employ 10-15 people.": "range", "We guarantee delivery in three days.": "price",
		"You have Globex as a customer.": "client", "Your company serves Globex.": "client", "You acquired Globex, founded in 2015.": "inner", "You have a few customers in Leeds.": "few", "You sold the 3 factories.": "three",
		"In 2024, you raised A$12M.": "aud", "You make polish for shoes.": "polish", "You are in Leeds.": "town", "Example said “Trust matters”.": "quote",
	} {
		s := evidence.Sentence{Text: text}
		if fact != "" {
			s.Cites = []string{fact}
		}
		v := evidence.Check(s, policy())
		if !v.Passed || v.Fact != fact {
			t.Errorf("%q is refused: %+v", text, v.Reasons)
		}
		if got := evidence.CheckText(text, policy()); len(got) != 1 || !got[0].Passed {
			t.Errorf("%q is refused when a person writes it", text)
		}
	}
}

// TestWhatMayNotBeSaid wants each sentence refused for its reason, by whomever it was written.
func TestWhatMayNotBeSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, cites, want string }{
		{"You hired eleven engineers in March 2024.", "hired", evidence.Number}, {"You hired 100 engineers in March 2024.", "hired", evidence.Number}, {"You hired a dozen engineers in March 2024.", "hired", evidence.Number},
		{"You hired ten engineers in May 2024.", "hired", evidence.Date}, {"You hired ten engineers in March 2025.", "hired", evidence.Date}, {"You hired ten engineers.", "hired", evidence.Date},
		{"You hired ten engineers on 2 March 2024.", "hired", evidence.Date}, {"You bought Globex for $12.", "bought", evidence.Number}, {"You bought Globex for 12 million euros.", "bought", evidence.Number},
		{"You bought Initech for $12M.", "bought", evidence.Name}, {"Globex acquired Example for $12M.", "bought", evidence.Subject}, {"We hired ten engineers in March 2024.", "hired", evidence.Subject},
		{"Initech uses Go and Kafka.", "uses", evidence.Subject}, {"You moved from Munich to Berlin.", "two", evidence.Order}, {"You use Kafka and Go.", "uses", evidence.Order},
		{"You use Go or Kafka.", "uses", evidence.NotInFact}, {"You used Go and Kafka.", "uses", evidence.NotInFact}, {"You use Go.", "uses", evidence.Name}, {"You use Kubernetes.", "not", evidence.Negation},
		{"You don't use Go and Kafka.", "uses", evidence.Negation}, {"You never opened an office in Berlin.", "office", evidence.Negation}, {"You opened an office in Berlin because of demand.", "office", evidence.Cause},
		{"You will open an office in Berlin.", "office", evidence.Modality}, {"You may have opened an office in Berlin.", "office", evidence.Modality}, {"You opened the office in Berlin.", "office", evidence.NotInFact},
		{"You opened an office.", "office", evidence.Name}, {"You only use Go and Kafka.", "uses", evidence.Quantifier}, {"You are hiring every data engineer in Berlin.", "jobs", evidence.Quantifier},
		{"You opened the best office in Berlin.", "office", evidence.NotInFact}, {"You employ 10 people.", "range", evidence.Number}, {"You said “Speed matters most”.", "said", evidence.Quotation}, {"You said speed matters.", "said", evidence.Quotation},
		{"Ann said: speed “matters”.", "said", evidence.Quotation}, {"You opened “an office in Berlin”.", "office", evidence.Quotation}, {"Are you hiring a data engineer in Berlin?", "jobs", evidence.Question},
		{"You use COBOL.", "old", evidence.StaleFact}, {"You use Go and Kafka.", "", evidence.NotCited}, {"You use Go and Kafka.", "nothing", evidence.UnknownFact}, {"You use Go and Kafka.", "uses office", evidence.SeveralFacts},
		{"You offer a 50 % discount.", "spam", evidence.Promise}, {"We offer a 30 % discount until June.", "us", evidence.Promise}, {"You use evil.example.", "link", evidence.Link}, {"Visit https://evil.example/x now.", "", evidence.Link},
		{"Write to eve@evil.example.", "", evidence.Link}, {"Call +49 30 1234567.", "", evidence.Link}, {"You use [Go](https://book.example.com/ann).", "uses", evidence.Markup}, {"You use <b>Go</b> and Kafka.", "uses", evidence.Markup},
		{"You use Go\u200b and Kafka.", "uses", evidence.Hidden}, {"You use Go\U000E0041 and Kafka.", "uses", evidence.Hidden}, {"You use \u202eGo and Kafka.", "uses", evidence.Hidden},
		{"You use Go and Kafka. You hired nobody.", "uses", evidence.TwoSentences}, {"You use Go and Kafka\nBcc: eve", "uses", evidence.TwoSentences}, {"You use Gо and Kafka.", "uses", evidence.Name}, // a Cyrillic o
		{"I saw that we cut reporting time by 40 % for Globex.", "us", evidence.Subject}, {"You cut reporting time by 40 % for Globex.", "us", evidence.Subject}, {"Your recent growth is impressive.", "uses", evidence.Subject},
		{"Is a prominent and innovative business company.", "uses", evidence.Subject}, {strings.Repeat("You use Go and Kafka ", 60), "uses", evidence.TooLong}, {"We guarantee delivery in 2 days.", "price", evidence.Number},
		// A date that belongs to something else than the verb, an article that tells an amount, a name that is none, a day that moves, what the company says or does said of the reader.
		{"In 2015, you acquired Globex, founded.", "inner", evidence.Subject}, {"In 1998, you sold the mill that it had built.", "mill", evidence.Subject}, {"In 2027, you won a contract for deliveries.", "prize", evidence.Subject},
		{"You have few customers in Leeds.", "few", evidence.Quantifier}, {"You ship most orders in Leeds.", "most", evidence.Quantifier}, {"You sold three factories.", "three", evidence.Number}, {"You raised $12M in 2024.", "aud", evidence.Number},
		{"You sell to us customers.", "market", evidence.NotInFact}, {"You make Polish for shoes.", "polish", evidence.Name}, {"You launched Tidemark last month.", "moving", evidence.MovingDate}, {"You work for Globex.", "client", evidence.NotInFact},
		{"You said “Trust matters”.", "quote", evidence.Subject}, {"You have an office in Leeds.", "town", evidence.NotInFact},
	} {
		v := evidence.Check(evidence.Sentence{Text: c.text, Cites: strings.Fields(c.cites)}, policy())
		if v.Passed || !slices.ContainsFunc(v.Reasons, func(r evidence.Reason) bool {
			return r.Code == c.want || c.want == evidence.Promise && r.Code == evidence.Subject
		}) {
			t.Errorf("%q: passed %v, because of %+v, want %s", c.text, v.Passed, v.Reasons, c.want)
		}
		if c.cites != "" && c.want != evidence.UnknownFact && c.want != evidence.SeveralFacts && evidence.Passed(evidence.CheckText(c.text, policy())) {
			t.Errorf("%q passes when a person writes it", c.text)
		}
	}
}

// TestWordByWord wants to see where each word is from.
func TestWordByWord(t *testing.T) {
	t.Parallel()
	v := evidence.Check(evidence.Sentence{Text: "I saw that you hired 12 great engineers in March 2024.", Cites: []string{"hired"}}, policy())
	var got []string
	for _, w := range v.Words {
		got = append(got, w.Text+"="+w.From)
	}
	want := "I=opening saw=opening that=opening you=subject hired=fact 12=number great=not_in_fact engineers=fact in=fact March 2024=fact"
	if strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}

func TestRenderedFactsPass(t *testing.T) {
	t.Parallel()
	p := policy()
	for _, f := range p.Facts {
		if f.Stale || f.ID == "link" || f.ID == "spam" || f.ID == "moving" {
			continue
		}
		for _, text := range []string{evidence.Render(f), evidence.Address(f)} {
			if v := evidence.Check(evidence.Sentence{Text: text, Cites: []string{f.ID}}, p); !v.Passed {
				t.Errorf("%q of %s is refused: %+v", text, f.ID, v.Reasons)
			}
		}
	}
	for _, predicate := range evidence.Predicates() {
		f := evidence.Fact{ID: "f", About: evidence.AboutCompany, Names: []string{"Example"}, Predicate: predicate, Object: "Globex"}
		if predicate == evidence.Statement {
			f.Object = "Example likes Globex."
		}
		if v := evidence.Check(evidence.Sentence{Text: evidence.Address(f), Cites: []string{"f"}}, evidence.Policy{Facts: []evidence.Fact{f}}); !v.Passed {
			t.Errorf("%q is refused: %+v", evidence.Address(f), v.Reasons)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"One. Two! Three? Four": 4, "Example Inc. hired ten.": 1, "At 9.30 a.m. we met. Then we left.": 2, "Dr. Lee said “Yes.” We agree.": 2, "A line\nanother line\n\nand a third": 3, "...": 0, "": 0,
		"Version 1.2 is out. Use Node.js now.": 2,
	} {
		if got := evidence.Split(text); len(got) != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
