package evidencereport_test

import (
	"testing"

	"outrider/internal/lab/evidencereport"
)

// What may never pass, whatever else does.
func neverMissed() []string { return []string{"number", "date", "name", "quotation", "negation"} }

func TestTheGateRefusesWhatIsFalse(t *testing.T) {
	t.Parallel()
	all := evidencereport.Samples(1, 300)
	if len(all) < 5000 {
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
		if c := r.False[kind]; c.All < 300 || c.Right != c.All {
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
