package evidencereport_test

import (
	"os"
	"testing"

	"outrider/internal/lab/evidencereport"
)

// What may never pass, whatever else does.
func neverMissed() []string { return []string{"number", "date", "name", "quotation", "negation"} }

func TestTheGateRefusesWhatIsFalse(t *testing.T) {
	t.Parallel()
	each := 100
	if os.Getenv("OUTRIDER_AI_REPORT") != "" { // make ai-report
		each = 300
	}
	all := evidencereport.Samples(1, each)
	if len(all) < 16*each {
		t.Fatalf("%d sentences", len(all))
	}
	r := evidencereport.Judge(all)
	t.Logf("%d sentences\n%s", len(all), r)
	for i, s := range r.Missed {
		if i < 40 {
			t.Logf("passed, though false by %s: %q of %+v", s.Kind, s.Text, s.Facts[0])
		}
	}
	for i, s := range r.Refused {
		if i < 20 {
			t.Logf("refused, though true (%s): %q of %+v", s.Kind, s.Text, s.Facts[0])
		}
	}
	for _, kind := range neverMissed() {
		if c := r.False[kind]; c.All < each || c.Right != c.All {
			t.Errorf("%s: %d of %d are refused", kind, c.Right, c.All)
		}
	}
	if c := evidencereport.Sum(r.False); 100*c.Right < 99*c.All {
		t.Errorf("%d of %d false ones are refused", c.Right, c.All)
	}
	if c := evidencereport.Sum(r.True); 100*c.Right < 90*c.All {
		t.Errorf("%d of %d true ones pass", c.Right, c.All)
	}
}
