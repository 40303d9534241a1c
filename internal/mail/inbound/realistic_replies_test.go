package inbound_test

import (
	"strings"
	"testing"

	"outrider/internal/lab/mailcases"
	"outrider/internal/mail/inbound"
)

// The answers of the file came on Monday, 2 March 2026.
func TestAnswersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	all, err := mailcases.Replies()
	if err != nil || len(all) < 280 {
		t.Fatalf("%d answers, %v", len(all), err)
	}
	demands := 0
	for _, want := range all {
		t.Run(want.Text, func(t *testing.T) {
			t.Parallel()
			v := classify(want.Text, "Re: A question")
			if v.Kind != inbound.Reply || string(v.Class) != want.Class || day(v.Until) != want.AskAgain || v.Class == inbound.Unsubscribe && v.Evidence == "" {
				t.Errorf("got %+v, want %+v", v, want)
			}
		})
		if want.Class == string(inbound.Unsubscribe) {
			demands++
		}
	}
	if demands < 180 {
		t.Errorf("%d want no more mail", demands)
	}
}

func TestAbsencesAsProgramsAndPeopleTellThem(t *testing.T) {
	t.Parallel()
	all, err := mailcases.Absences()
	if err != nil || len(all) < 150 {
		t.Fatalf("%d absences, %v", len(all), err)
	}
	for _, a := range all {
		t.Run(a.File, func(t *testing.T) {
			t.Parallel()
			v := inbound.Classify(inbound.Read(a.Raw(mailcases.Values{})), inbound.Context{OurSubject: a.OurSubject, Received: monday()})
			if day(v.Until) != a.Return && v.Kind != inbound.Reply || strings.HasPrefix(a.Want[0], "out of office") != (v.Kind == inbound.OutOfOffice) || (v.Kind == inbound.Reply) != strings.HasPrefix(a.Want[0], "a reply") {
				t.Errorf("got %+v, want %s", v, a.Want)
			}
		})
	}
}
