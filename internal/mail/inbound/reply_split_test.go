package inbound

import "testing"

func TestTextAndQuotationAreSplit(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		full         string
		sent         []string
		text, quoted string
	}{
		"nothing quoted":       {full: "Yes, gladly.\nBob", text: "Yes, gladly.\nBob"},
		"with an attribution":  {full: "Yes, gladly.\n\nOn Mon, 2 Mar 2026 at 10:00, Jane <jane@example.com> wrote:\n> Shall we talk?\n> Jane", text: "Yes, gladly.", quoted: "On Mon, 2 Mar 2026 at 10:00, Jane <jane@example.com> wrote:\n> Shall we talk?\n> Jane"},
		"answers in between":   {full: "> Shall we talk?\nYes.\n> When?\nMonday.", text: "Yes.\nMonday.", quoted: "> Shall we talk?\n> When?"},
		"our words, unmarked":  {full: "No, thank you.\n\nI would like to show you in fifteen minutes how others in your trade have halved what they spend on freight", sent: []string{"I would like to show you in fifteen minutes how others in your trade have halved what they spend on freight"}, text: "No, thank you.", quoted: "I would like to show you in fifteen minutes how others in your trade have halved what they spend on freight"},
		"nothing but our mail": {full: "> Shall we talk?", quoted: "> Shall we talk?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if text, quoted := SplitQuotes(x.full, x.sent); text != x.text || quoted != x.quoted {
				t.Errorf("text %q, quoted %q", text, quoted)
			}
		})
	}
}
