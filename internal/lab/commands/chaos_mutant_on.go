//go:build mutants

package commands

import (
	"fmt"
	"strings"
)

// leftOutFor says what children of a control run leave out; several have commas between them.
func leftOutFor(what string) (string, error) {
	if what == "" {
		return "", nil
	}
	names := map[string]string{"dedupe": "dedupe", "arbiter": "arbiter", "checkpoint": "checkpoint", "claim": "own claim", "person-gap": "person gap",
		"payments": "payment hints", "webhooks": "webhook tries", "crm": "crm keys", "ai": "ai costs", "research": "spans", "sendgrid": "sendgrid once", "members": "members", "flags": "flags"}
	var all []string
	for one := range strings.SplitSeq(what, ",") {
		name, ok := names[one]
		if !ok {
			return "", fmt.Errorf("--without %s: there are only dedupe, arbiter, checkpoint, claim, person-gap, payments, webhooks, crm, ai, research, sendgrid, members and flags", one)
		}
		all = append(all, name)
	}
	return strings.Join(all, ","), nil
}
