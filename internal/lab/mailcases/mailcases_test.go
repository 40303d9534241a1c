package mailcases

import (
	"strings"
	"testing"
)

func TestTheTableTellsOfEveryFile(t *testing.T) {
	t.Parallel()
	cases, err := Incoming()
	if err != nil || len(cases) < 90 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	var with struct{ class, text, subject, mailbox, lead, ours, other int }
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for _, c := range cases {
		count(&with.class, c.Class != "")
		count(&with.text, c.Text != "")
		count(&with.subject, c.Subject != "")
		count(&with.mailbox, c.Mailbox == "jane+sdr@sender.test")
		count(&with.lead, c.Lead == "bob+sales@example.com")
		count(&with.ours, strings.HasPrefix(c.OurSubject, "Automatic reply"))
		count(&with.other, len(c.Want) > 1)
		raw := string(c.Raw(Values{"id@sender.test", "jane+tag@sender.test", "jane+out@sender.test", "https://go.sender.test/u/x"}))
		if strings.Contains(raw, "{{") || raw == c.raw && !strings.Contains(c.raw, "To: jane@sender.test") {
			t.Errorf("%s: not filled in", c.File)
		}
	}
	if with.class == 0 || with.text == 0 || with.subject == 0 || with.mailbox != 1 || with.lead != 1 || with.ours != 1 || with.other == 0 {
		t.Errorf("read %+v", with)
	}
}

func TestWhatTheTableSaysOfACase(t *testing.T) {
	t.Parallel()
	c, err := readCase("a.eml", "a bounce; or a reply (of the lead) + unsubscribed; class interested; written text is `x; y`")
	if err == nil {
		t.Errorf("a text with a semicolon is cut: %+v", c)
	}
	c, err = readCase("a.eml", "a bounce; or a reply (of the lead) + unsubscribed; class interested; written text is `x`")
	if err != nil || c.Class != "interested" || c.Text != "x" || !c.Fits("a bounce, soft") || !c.Fits("a reply (of the lead) + unsubscribed") || c.Fits("a reply (of the lead)") {
		t.Errorf("read %+v, %v", c, err)
	}
	if _, err := readCase("a.eml (weather fine)", "a bounce"); err == nil {
		t.Error("read a file with an unknown remark")
	}
}

func TestEachProgramAndEachAnswerIsTried(t *testing.T) {
	t.Parallel()
	cases, err := Bounces()
	if err != nil || len(cases) < 200 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	programs, answers := map[string]int{}, map[string]int{}
	for _, c := range cases {
		program, answer, _ := strings.Cut(c.File, ": ")
		programs[program]++
		answers[answer]++
		if raw := string(c.Raw(Values{"id@sender.test", "jane+tag@sender.test", "jane+out@sender.test", "https://go.sender.test/u/x"})); strings.ContainsAny(raw, "{}") {
			t.Errorf("%s: not filled in: %s", c.File, raw)
		}
	}
	if len(programs) < 20 || len(answers) < 40 {
		t.Errorf("%d programs, %d answers", len(programs), len(answers))
	}
}
