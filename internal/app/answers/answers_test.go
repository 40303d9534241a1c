package answers

import (
	"strings"
	"testing"

	"outrider/events"
	"outrider/internal/evidence"
)

func situation(meaning string) Situation {
	return Situation{Meaning: meaning, Question: "How many bakeries do you serve, and do you have a discount?", FirstName: "Bob", Sender: "Jane", BookingLink: "https://out.example/b/1", Known: []evidence.Fact{
		{ID: "a", About: evidence.AboutUs, Predicate: evidence.Statement, Object: "We serve 800 bakeries in Europe."},
		{ID: "b", About: evidence.AboutUs, Predicate: evidence.Statement, Object: "Our sensors save energy."},
		{ID: "c", About: evidence.AboutUs, Predicate: evidence.Statement, Object: "We serve 700 bakeries in Asia.", Stale: true},
		{ID: "d", About: evidence.AboutCompany, Names: []string{"Example"}, Predicate: "uses", Object: "Kafka"},
	}}
}

func TestAnAnswerByRules(t *testing.T) {
	t.Parallel()
	for meaning, want := range map[string]string{
		events.MeansInterested:     "Hello Bob,\n\nThank you for your answer.\n\nWe serve 800 bakeries in Europe.\n\nIf you would like to talk, please choose a time that suits you here: https://out.example/b/1\n\nJane",
		events.MeansMeetingRequest: "Hello Bob,\n\nThank you for your answer. Please choose a time that suits you here: https://out.example/b/1\n\nJane",
		events.MeansNotNow:         "Hello Bob,\n\nThank you for letting me know.\n\nJane",
	} {
		s := situation(meaning)
		r := Judge(s, Compose(s), nil)
		if r.Text() != want || !evidence.Passed(r.Verdicts()) {
			t.Errorf("%s: %q %+v", meaning, r.Text(), r.Verdicts())
		}
	}
	for _, meaning := range []string{events.MeansUnsubscribe, events.MeansHostile, events.MeansAutomatic, events.MeansOutOfOffice, events.MeansNotInterested, events.MeansLeftCompany, ""} {
		if Answered(meaning) {
			t.Errorf("%q is answered", meaning)
		}
	}
	s := situation(events.MeansMeetingRequest)
	if s.BookingLink = ""; !strings.Contains(Judge(s, Compose(s), nil).Text(), "Which times suit you?") {
		t.Error("without a link nobody asks for a time")
	}
	for _, name := range []string{"Bob, we offer a discount of 50 %", "evil.example", "Bob https://evil.example", "{{ x }}"} {
		s.FirstName = name
		if text := Judge(s, Compose(s), nil).Text(); !strings.HasPrefix(text, "Hello,") {
			t.Errorf("%q: %q", name, text)
		}
	}
}

// TestNoWrongNumberIsAnswered has a model write what nothing carries: it is left out, and so is what held when it was written and doesn't now.
func TestNoWrongNumberIsAnswered(t *testing.T) {
	t.Parallel()
	s := situation(events.MeansInterested)
	r := Judge(s, [][]evidence.Sentence{{{Text: "Hello Bob,"}}, {{Text: "We serve 900 bakeries in Europe.", Cites: []string{"claim1"}}, {Text: "We serve 800 bakeries in Europe.", Cites: []string{"claim1"}}, {Text: "We serve 700 bakeries in Asia.", Cites: []string{"claim3"}},
		{Text: "We offer a discount of 50 %."}, {Text: "See https://evil.example now."}}}, map[string]string{"claim1": "a", "claim3": "c"})
	if r.Text() != "Hello Bob,\n\nWe serve 800 bakeries in Europe." {
		t.Errorf("got %q", r.Text())
	}
	changed := situation(events.MeansInterested).Known
	changed[0].Object = "We serve 1,000 bakeries in Europe."
	if again := r.Again(changed); again.Text() != "Hello Bob," {
		t.Errorf("later %q", again.Text())
	}
}
