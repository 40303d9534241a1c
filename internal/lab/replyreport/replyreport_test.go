package replyreport_test

import (
	"testing"

	"outrider/internal/lab/replyreport"
)

// The classes of which it is worst to be wrong: one is a hot lead, the other stops all mail for good.
func TestAnswersAreUnderstood(t *testing.T) {
	t.Parallel()
	whole, count, languages := replyreport.Matrix{}, 0, map[string]int{}
	for part, least := range map[string]int{replyreport.HeldOut: 62, replyreport.Tuned: 85} {
		all, err := replyreport.Read(part)
		if err != nil {
			t.Fatal(err)
		}
		m, missed := replyreport.Compare(all)
		t.Logf("%s: %d answers\n%s", part, len(all), m)
		for _, x := range missed {
			t.Logf("%s %s: taken for %s (%d %%, %q): %q", part, x.Language, x.Taken, x.Confidence, x.Evidence, x.Class+"@"+x.AskAgain+": "+x.Text)
		}
		if right := len(all) - len(missed); 100*right < least*len(all) {
			t.Errorf("%s: %d of %d are understood, less than %d %%", part, right, len(all), least)
		}
		for _, a := range all {
			languages[a.Language]++
		}
		whole.Add(m)
		count += len(all)
	}
	if count < 600 || len(languages) < 10 {
		t.Errorf("%d answers in %d languages", count, len(languages))
	}
	for _, class := range []string{"interested", "unsubscribe"} {
		right, taken := whole.Precision(class)
		t.Logf("precision of %s: %d of %d", class, right, taken)
		if taken == 0 || 100*right < 98*taken {
			t.Errorf("of %d taken for %s, %d are", taken, class, right)
		}
	}
}
