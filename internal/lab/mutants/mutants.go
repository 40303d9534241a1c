// Package mutants says which check of the product a process leaves out, in the build that is wrong on purpose
// (make build-mutants). The product doesn't know it: package overlay writes the questions into copies of its sources.
package mutants

import (
	"errors"
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

// Mechanisms are what can be left out in the kernel, in projectors and in the sender.
func Mechanisms() []string {
	return []string{
		"dedupe",     // a new owner decides the newest commands again, known or not
		"arbiter",    // no reader asks whose record counts, and no owner heeds another's fence
		"checkpoint", // projectors move it after their rows, whoever has moved it meanwhile
		"person gap", // campaigns write to one person at once
		"own claim",  // a claim may be sent by whoever sees it, whenever

		"payment hints", // what the payment provider tells of invoices is noted and not followed
		"webhook tries", // a delivery that failed isn't tried again
		"crm keys",      // records in a CRM have another key with each try
		"ai costs",      // what a language model has answered costs nothing
		"spans",         // what a model finds on a page needn't stand there
		"sendgrid once", // SendGrid is asked again where it gave no answer
		"members",       // seats have no end, and the last owner may go
		"flags",         // a feature that is taken away stays where it was
	}
}

// ErrNoOverlay says that this build isn't wrong: it has the tag, and not the overlay.
var ErrNoOverlay = errors.New("nothing can be left out of a build without the overlay of make build-mutants")

var leftOut atomic.Pointer[[]string] //nolint:gochecknoglobals // only in the build that is wrong on purpose; set once, before anything is decided

// LeaveOut chooses the check or mechanism that is left out from now on, or several with commas between them; empty = none.
func LeaveOut(what string) error {
	all, chosen := append(Checks(), Mechanisms()...), []string{}
	if what != "" {
		chosen = strings.Split(what, ",")
	}
	for _, one := range chosen {
		if !slices.Contains(all, one) {
			return fmt.Errorf("leave out %q: there are only %s", one, strings.Join(all, ", "))
		}
	}
	if len(chosen) > 0 && !overlaid {
		return ErrNoOverlay
	}
	leftOut.Store(&chosen)
	return nil
}

// LeftOut reports whether a check or mechanism is left out.
func LeftOut(what string) bool {
	is := leftOut.Load()
	return is != nil && slices.Contains(*is, what)
}
