package analytics

import (
	"reflect"
	"strings"
	"testing"
)

// The tables hold a measure's number: the order stays as it is.
func TestMeasuresKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	var names []string
	for m, rule := range measureRules() {
		if rule.name == "" || rule.when == "" {
			t.Errorf("measure %d has no rule", m)
		}
		if back := measureOfEnum(uint8(measure(m).enumNumber())); back != measure(m) {
			t.Errorf("%s is stored as %d, which is measure %d", rule.name, measure(m).enumNumber(), back)
		}
		names = append(names, rule.name)
	}
	if got := strings.Join(names, " "); got != "sent failed in_doubt opened machine_opened clicked scanner_clicked replied auto_replied bounced came_back complained unsubscribed meetings interested out_of_office bounced_hard bounced_soft bounced_block bounced_other dropped delayed dropped_bounced dropped_invalid dropped_unsubscribed dropped_complained dropped_content dropped_quota dropped_other" {
		t.Errorf("the order is %s", got)
	}
	if measureSent.enumNumber() != 1 {
		t.Errorf("the first is stored as %d", measureSent.enumNumber())
	}
}

// One message more of any measure changes a figure, and of no two measures the same ones.
func TestEveryMeasureHasAFigure(t *testing.T) {
	t.Parallel()
	base := cohortCounts{}
	for m := range measureInterested { // those behind are of queries only
		base.n[m] = 10
	}
	base.n[measureSent] = 100 // more than came back
	before := reflect.ValueOf(base.toFigures())
	changedBy := map[string]measure{}
	for m := range measureInterested {
		more := base
		more.addCount(m, 1, false)
		after := reflect.ValueOf(more.toFigures())
		var changed []string
		for i := range after.NumField() {
			if !after.Field(i).Equal(before.Field(i)) {
				changed = append(changed, after.Type().Field(i).Name)
			}
		}
		figures := strings.Join(changed, " ")
		if other, taken := changedBy[figures]; figures == "" || taken {
			t.Errorf("%s changes %q, as does measure %d", measureRules()[m].name, figures, other)
		}
		changedBy[figures] = m
	}
}

// A figure is of the measure whose name it has.
func TestFiguresAreOfTheirMeasures(t *testing.T) {
	t.Parallel()
	var counts cohortCounts
	for m := range measureCount {
		counts.n[m] = 100 + uint64(m)
	}
	f := counts.toFigures()
	for m, got := range map[measure]uint64{measureSent: f.EmailsSent, measureFailed: f.Failed, measureInDoubt: f.InDoubt, measureOpened: f.Opens.Count, measureMachineOpened: f.MachineOpens.Count,
		measureClicked: f.Clicks.Count, measureScannerClicked: f.ScannerClicks.Count, measureReplied: f.Replies.Count, measureAutoReplied: f.AutoReplies.Count, measureBounced: f.Bounces.Count,
		measureComplained: f.Complaints.Count, measureUnsubscribed: f.Unsubscribes.Count, measureMeetings: f.Meetings.Count} {
		if got != 100+uint64(m) {
			t.Errorf("the figure of %s is %d", measureRules()[m].name, got)
		}
	}
	if f.Bounces.Of != f.EmailsSent+f.Failed || f.Opens.Of != f.Delivered.Count {
		t.Errorf("got %+v", f)
	}
}
