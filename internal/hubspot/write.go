package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"outrider/internal/crmapi"
	"outrider/internal/integrations"
)

// writeHalves writes some of inputs, and notes what became of each. Where HubSpot refuses the whole batch for one of them, halves are tried.
func (c *Client) writeHalves(ctx context.Context, objects string, inputs []Input, which []int, out []crmapi.Outcome, write func(context.Context, string, []Input) (Written, error)) error {
	if len(which) == 0 {
		return nil
	}
	some := make([]Input, len(which))
	for i, n := range which {
		some[i] = inputs[n]
	}
	done, err := write(ctx, objects, some)
	var wrong *integrations.StatusError
	switch {
	case err == nil:
		noteWritten(inputs, which, done, out)
		return nil
	case !errors.As(err, &wrong) && !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound):
		return fmt.Errorf("write %s: %w", objects, err)
	case len(which) == 1:
		out[which[0]].Problem = "the CRM refuses it: " + problemOf(err)
		return nil
	}
	half := len(which) / 2
	return errors.Join(c.writeHalves(ctx, objects, inputs, which[:half], out, write), c.writeHalves(ctx, objects, inputs, which[half:], out, write))
}

// problemOf says what is wrong without what it was about: messages of HubSpot quote values.
func problemOf(err error) string {
	var wrong *integrations.StatusError
	var p Problem
	if errors.As(err, &wrong) {
		if json.Unmarshal(wrong.Body, &p) == nil && p.Category != "" {
			return p.Category
		}
		return wrong.Error()
	}
	return err.Error()
}

// noteWritten finds out which input each part of an answer is about.
func noteWritten(inputs []Input, which []int, done Written, out []crmapi.Outcome) {
	find := func(trace string, ids ...string) int {
		for _, n := range which {
			if trace != "" && inputs[n].Trace == trace || slices.ContainsFunc(ids, func(id string) bool { return id != "" && strings.EqualFold(id, inputs[n].ID) }) {
				return n
			}
		}
		return -1
	}
	for _, n := range which {
		out[n].Problem = "the CRM didn't say what became of it"
	}
	for _, o := range done.Results {
		if n := find(o.Trace, o.ID, o.Value(propertyEmail), o.Value(UniqueProperty)); n >= 0 {
			out[n] = crmapi.Outcome{ID: o.ID, UpdatedAt: o.UpdatedAt}
		}
	}
	for _, p := range done.Errors {
		for _, trace := range p.Traces() {
			if n := find(trace); n >= 0 {
				out[n].Problem = "the CRM refuses it: " + p.Category
			}
		}
		for _, id := range p.IDs() {
			if n := find("", id); n >= 0 {
				out[n].Problem = "the CRM refuses it: " + p.Category
			}
		}
	}
}

// Record writes activities and joins them to their contacts. They are found by their keys: what was done and not heard of is done again without a trace.
func (c *Client) Record(ctx context.Context, all []crmapi.Activity) ([]crmapi.Outcome, error) {
	out, inputs := make([]crmapi.Outcome, len(all)), make([]Input, len(all))
	byObject := map[string][]int{}
	for i, a := range all {
		object, properties := PropertiesOf(a)
		properties[UniqueProperty] = a.Key
		inputs[i] = Input{ID: a.Key, IDProperty: UniqueProperty, Trace: a.Key, Properties: properties}
		byObject[object] = append(byObject[object], i)
	}
	for _, object := range []string{Emails, Meetings, Notes} {
		if err := c.writeHalves(ctx, object, inputs, byObject[object], out, c.Upsert); err != nil {
			return nil, err
		}
		var pairs []Pair
		for _, i := range byObject[object] {
			if out[i].Problem == "" {
				pairs = append(pairs, Pair{From: out[i].ID, To: all[i].Contact})
			}
		}
		if len(pairs) == 0 {
			continue
		}
		if _, err := c.Associate(ctx, object, Contacts, pairs); err != nil && !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("join %s to contacts: %w", object, err)
		}
	}
	return out, nil
}

// PropertiesOf returns an activity as HubSpot has it: what it is, and its properties as far as it says anything of them.
func PropertiesOf(a crmapi.Activity) (object string, p map[string]string) {
	p = map[string]string{}
	set := func(name, value string, said bool) {
		if said {
			p[name] = value
		}
	}
	set("hs_timestamp", millis(a.At), !a.At.IsZero())
	switch a.Type {
	case crmapi.Email:
		direction := "EMAIL"
		if a.Incoming {
			direction = "INCOMING_EMAIL"
		}
		p["hs_email_direction"], p["hs_email_status"], p["hs_email_subject"] = direction, "SENT", a.Subject
		return Emails, p
	case crmapi.Meeting:
		set("hs_meeting_title", a.Subject, a.Subject != "")
		set("hs_meeting_start_time", millis(a.StartsAt), !a.StartsAt.IsZero())
		set("hs_meeting_end_time", millis(a.EndsAt), !a.StartsAt.IsZero())
		set("hs_meeting_outcome", outcomes[a.Status], a.Status != "")
		return Meetings, p
	}
	p["hs_note_body"] = a.Text
	return Notes, p
}

var outcomes = map[string]string{crmapi.Scheduled: "SCHEDULED", crmapi.Rescheduled: "RESCHEDULED", crmapi.Cancelled: "CANCELED", crmapi.Held: "COMPLETED", crmapi.NoShow: "NO_SHOW"} //nolint:gochecknoglobals // a constant table
