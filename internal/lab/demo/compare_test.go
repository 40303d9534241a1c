package demo_test

import (
	"strings"
	"testing"
	"time"

	"outrider/internal/lab/demo"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

func person(f demo.Figures, inDoubt int) demo.PersonMessages {
	return demo.PersonMessages{Figures: f, InDoubt: inDoubt}
}

func TestDifferencesAreFoundPersonByPerson(t *testing.T) {
	t.Parallel()
	type people = map[string]demo.PersonMessages
	for name, c := range map[string]struct {
		truth, said people
		doubtful    []prospects.Line
		doubt       demo.Doubt
		want        []string // what the mismatches begin with
	}{
		"equal": {truth: people{"a@x.example": person(demo.Figures{Sent: 2, Opened: 1}, 0)}, said: people{"a@x.example": person(demo.Figures{Sent: 2, Opened: 1}, 0)}},
		"two mistakes don't make up for each other": {truth: people{"a@x.example": person(demo.Figures{Sent: 1}, 0)}, said: people{"b@x.example": person(demo.Figures{Sent: 1}, 0)},
			want: []string{"sent: 1 in truth, 1 in postgres; 2 people differ: a@x.example (1 and 0), b@x.example (0 and 1)"}},
		"what is in doubt may have arrived": {truth: people{"a@x.example": person(demo.Figures{Sent: 2}, 0)}, said: people{"a@x.example": person(demo.Figures{Sent: 1}, 2)}, doubt: demo.Doubt{All: 2, Arrived: 1}},
		"or have been refused":              {truth: people{"a@x.example": person(demo.Figures{Failed: 1, Bounced: 1}, 0)}, said: people{"a@x.example": person(demo.Figures{}, 1)}, doubt: demo.Doubt{All: 1, Refused: 1}},
		"but not more of it than there is": {truth: people{"a@x.example": person(demo.Figures{Sent: 3}, 0)}, said: people{"a@x.example": person(demo.Figures{Sent: 1}, 1)}, doubt: demo.Doubt{All: 1, Arrived: 1},
			want: []string{"sent: 3 in truth, 1 in postgres"}},
		"nor of somebody else's": {truth: people{"a@x.example": person(demo.Figures{Sent: 2}, 0)}, said: people{"a@x.example": person(demo.Figures{Sent: 1}, 0), "b@x.example": person(demo.Figures{}, 1)}, doubt: demo.Doubt{All: 1},
			want: []string{"sent: 2 in truth, 1 in postgres"}},
		"a request without an answer may count or not": {truth: people{"a@x.example": person(demo.Figures{Sent: 1}, 0)}, said: people{"a@x.example": person(demo.Figures{Sent: 1, Opened: 1}, 0)},
			doubtful: []prospects.Line{{Kind: prospects.Unanswered, Person: "a@x.example"}}},
		"an open that the product missed": {truth: people{"a@x.example": person(demo.Figures{Sent: 1, Opened: 1}, 0)}, said: people{"a@x.example": person(demo.Figures{Sent: 1}, 0)}, want: []string{"opened: 1 in truth, 0 in postgres"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doubt, got := demo.Compare(c.truth, c.said, c.doubtful)
			if doubt != c.doubt || len(got) != len(c.want) {
				t.Fatalf("got %+v and %q, want %+v and %q", doubt, got, c.doubt, c.want)
			}
			for i, w := range c.want {
				if !strings.HasPrefix(got[i], w) {
					t.Errorf("got %q, want %q", got[i], w)
				}
			}
		})
	}
	if got := demo.CompareStores(demo.Figures{Sent: 2, Meetings: 1}, demo.Figures{Sent: 2}); len(got) != 1 || got[0] != "meetings: 1 in postgres, 0 in clickhouse" {
		t.Errorf("stores: got %q", got)
	}
	if got := demo.CompareLeads(demo.Count{Rows: 3, Imported: 2, Duplicates: 1}, demo.Count{Rows: 3, Imported: 3}); len(got) != 2 {
		t.Errorf("leads: got %q", got)
	}
}

func TestAReportSaysWhatItMustNotEndWith(t *testing.T) {
	t.Parallel()
	good := demo.Report{Leads: demo.Count{Rows: 100, Imported: 100}, Eligible: 100, Written: 95}
	for want, change := range map[string]func(*demo.Report){
		"":                       func(*demo.Report) {},
		"no lead":                func(r *demo.Report) { r.Leads.Imported = 0 },
		"1 mismatches":           func(r *demo.Report) { r.Mismatches = []string{"sent"} },
		"violation under_gap: 3": func(r *demo.Report) { r.Violations.UnderGap = 3 },
		"only 94 people":         func(r *demo.Report) { r.Written = 94 },
	} {
		r := good
		change(&r)
		got := strings.Join(r.Faults(), "; ")
		if (want == "") != (got == "") || !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What people do about a confirmation of their meeting, and the confirmation itself, are no campaign's.
func TestJournalsAreSplitByPerson(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	mail := []mailserver.Line{
		{At: at, Kind: mailserver.Accepted, By: mailserver.BySubmission, From: "us@go.acme.example", To: []string{"ann@x.example"}, MessageID: "<1@go>"},
		{At: at, Kind: mailserver.Refused, By: mailserver.BySubmission, Stage: mailserver.AtRcpt, Code: 550, From: "us@go.acme.example", To: []string{"Bob@x.example"}},
		{At: at, Kind: mailserver.Accepted, By: mailserver.BySubmission, From: "us@go.acme.example", To: []string{"ann@x.example"}, MessageID: "<2@go>", Calendar: true},
	}
	people := []prospects.Line{
		{At: at, Kind: prospects.Arrived, Person: "ann@x.example", Mailbox: "us@go.acme.example", MessageID: "1@go"},
		{At: at, Kind: prospects.Opened, Person: "ann@x.example", MessageID: "1@go"},
		{At: at, Kind: prospects.Booked, Person: "ann@x.example", MessageID: "1@go"},
		{At: at, Kind: prospects.Arrived, Person: "ann@x.example", Mailbox: "us@go.acme.example", MessageID: "2@go", Calendar: true},
		{At: at, Kind: prospects.AutoReplied, Person: "ann@x.example", MessageID: "2@go"},
	}
	v := prospects.Judge(mail, people, prospects.Params{NotOurs: func(l mailserver.Line) bool { return l.Calendar }})
	if want := (demo.Figures{Sent: 1, Failed: 1, Opened: 1, Bounced: 1, Meetings: 1}); v.Truth != want || v.Violations.Any() {
		t.Fatalf("got %+v, want %+v; %v", v.Truth, want, v.Broken)
	}
	got := demo.ByPerson(mail, people, v)
	if a, b := got["ann@x.example"], got["bob@x.example"]; a.Figures != (demo.Figures{Sent: 1, Opened: 1, Meetings: 1}) || len(a.IDs) != 1 || b.Figures != (demo.Figures{Failed: 1, Bounced: 1}) || len(got) != 2 {
		t.Errorf("got %+v", got)
	}
}
