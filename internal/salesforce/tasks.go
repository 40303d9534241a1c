package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"outrider/internal/crmapi"
)

// subtype is only said when a task is made.
const subtype = "TaskSubtype"

// TaskOf returns an activity as Salesforce has it, as far as it says anything.
func TaskOf(a crmapi.Activity) map[string]any {
	r := map[string]any{}
	day := func(at time.Time) string { return at.UTC().Format(time.DateOnly) }
	if !a.At.IsZero() {
		r["ActivityDate"], r["Description"] = day(a.At), a.At.UTC().Format(time.RFC3339)
	}
	switch a.Type {
	case crmapi.Email:
		r[subtype], r["Status"], r["Subject"] = "Email", "Completed", "Email: "+a.Subject
		if a.Incoming {
			r["Subject"] = "Email from them: " + a.Subject
		}
	case crmapi.Meeting:
		if !a.StartsAt.IsZero() {
			r["ActivityDate"], r["Description"] = day(a.StartsAt), "From "+a.StartsAt.UTC().Format(time.RFC3339)+" to "+a.EndsAt.UTC().Format(time.RFC3339)
		}
		if a.Status != "" {
			r["Subject"], r["Status"] = "Meeting: "+strings.ReplaceAll(a.Status, "_", " "), "Not Started"
			if slices.Contains([]string{crmapi.Cancelled, crmapi.Held, crmapi.NoShow}, a.Status) {
				r["Status"] = "Completed"
			}
		}
	default:
		r["Status"], r["Subject"] = "Completed", a.Text
	}
	return r
}

// Record writes tasks by the key of ours. Whom they are about may have become a contact meanwhile; and what can only be said of new tasks isn't said of others.
func (c *Client) Record(ctx context.Context, all []crmapi.Activity) ([]crmapi.Outcome, error) {
	out := make([]crmapi.Outcome, len(all))
	records, which := make([]record, len(all)), make([]int, len(all))
	for i, a := range all {
		records[i], which[i] = typed(task, TaskOf(a)), i
		records[i][Key], records[i]["WhoId"] = a.Key, a.Contact
	}
	for n := range 3 {
		batch := make([]record, len(which))
		for k, i := range which {
			batch[k] = records[i]
		}
		done, err := c.save(ctx, false, task, batch)
		if err != nil {
			return nil, fmt.Errorf("write tasks: %w", err)
		}
		var again []int
		leads := map[string]string{}
		for k, s := range done {
			i := which[k]
			switch code := s.code(); {
			case code == "":
				out[i] = crmapi.Outcome{ID: s.ID}
			case code == codeOnce && records[i][subtype] != nil && n < 2:
				delete(records[i], subtype)
				again = append(again, i)
			case strings.HasPrefix(all[i].Contact, leadPrefix) && records[i]["WhoId"] == all[i].Contact && n < 2:
				leads[all[i].Contact] = ""
				out[i].Problem = problemOf(code)
				again = append(again, i)
			default:
				out[i].Problem = problemOf(code)
			}
		}
		if err := c.contactsOfLeads(ctx, leads); err != nil {
			return nil, err
		}
		var next []int
		for _, i := range again {
			if to, asked := leads[all[i].Contact]; !asked || out[i].Problem == "" {
				next = append(next, i)
			} else if to != "" {
				records[i]["WhoId"] = to
				next = append(next, i)
			}
		}
		if which = next; len(which) == 0 {
			break
		}
	}
	return out, nil
}

// contactsOfLeads finds what leads have become.
func (c *Client) contactsOfLeads(ctx context.Context, leads map[string]string) error {
	var ids []string
	for id := range leads {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, condition := range among("Id", ids) {
		found, _, err := c.query(ctx, false, "SELECT Id, ConvertedContactId FROM Lead WHERE "+condition+" AND IsConverted = true")
		if err != nil {
			return fmt.Errorf("follow converted leads: %w", err)
		}
		for _, r := range found {
			leads[r.text("Id")] = r.text("ConvertedContactId")
		}
	}
	return nil
}
