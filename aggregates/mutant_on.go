//go:build mutants

package aggregates

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Checks are what can be left out, by the violation that the world then sees.
func Checks() []string {
	return []string{
		"stop",   // sent_after_stop: answers, reports, unsubscribes and meetings stop nobody, nor does a suppression
		"gap",    // under_gap: a mailbox has none
		"cap",    // over_mailbox_cap: a mailbox has none by the day, by 24 hours or by the hour, nor a warm-up
		"window", // outside_window: it is always open
		"claim",  // sent_twice: what was claimed and sent can be claimed and sent once more
		"quota",  // over_quota: enrolment isn't bound by the plan's leads
	}
}

var leftOut atomic.Pointer[string] //nolint:gochecknoglobals // only in the build that is wrong on purpose; set once, before anything is decided

// LeaveOut chooses the check that is left out from now on; empty = none.
func LeaveOut(check string) error {
	if check != "" && !slices.Contains(Checks(), check) {
		return fmt.Errorf("leave out %q: there are only %s", check, strings.Join(Checks(), ", "))
	}
	leftOut.Store(&check)
	return nil
}

// LeftOut says whether a check of the product is left out.
func LeftOut(check string) bool {
	is := leftOut.Load()
	return is != nil && *is == check
}
