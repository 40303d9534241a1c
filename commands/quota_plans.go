package commands

import (
	"encoding/json"
	"fmt"

	"outrider/events"
)

// Plans returns the default limits by plan. They reach an organisation only with CreateOrganization and ChangePlan, so
// changing them changes no organisation.
func Plans() map[string]events.Limits {
	const dollar, megabyte = 1_000_000, 1_000_000
	none := int64(events.NoLimit)
	return map[string]events.Limits{
		"starter": {LeadsPerMonth: 500, Mailboxes: 1, Seats: 1, APIRequestsPerMinute: 60, AIBudgetMicros: 10 * dollar,
			LeadsStored: 25_000, ImportBytes: 10 * megabyte, ImportRows: 25_000, ImportsAtOnce: 2},
		"growth": {LeadsPerMonth: 2_500, Mailboxes: 5, Seats: 5, APIRequestsPerMinute: 300, AIBudgetMicros: 50 * dollar,
			LeadsStored: 100_000, ImportBytes: 50 * megabyte, ImportRows: 100_000, ImportsAtOnce: 4},
		"scale": {LeadsPerMonth: 10_000, Mailboxes: 25, Seats: 20, APIRequestsPerMinute: 1_200, AIBudgetMicros: 250 * dollar,
			LeadsStored: 500_000, ImportBytes: 200 * megabyte, ImportRows: 500_000, ImportsAtOnce: 8},
		"enterprise": {LeadsPerMonth: none, Mailboxes: none, Seats: none, APIRequestsPerMinute: none, AIBudgetMicros: none,
			LeadsStored: none, ImportBytes: none, ImportRows: none, ImportsAtOnce: none},
	}
}

// PlansFrom returns the plans of a file over the defaults: JSON, {plan: {limit: value}}. A plan that the file names keeps
// the default of each limit that it doesn't name; a new plan has no limit there. Values are >= -1 (no limit).
func PlansFrom(file []byte) (map[string]events.Limits, error) {
	var named map[string]json.RawMessage
	if err := json.Unmarshal(file, &named); err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	plans := Plans()
	for name, raw := range named {
		l, ok := plans[name]
		if !ok {
			l = plans["enterprise"]
		}
		if err := json.Unmarshal(raw, &l); err != nil {
			return nil, fmt.Errorf("read plan %s: %w", name, err)
		}
		if field := badLimit(l); field != "" {
			return nil, fmt.Errorf("read plan %s: %s must be -1 (no limit) or more", name, field)
		}
		plans[name] = l
	}
	return plans, nil
}

func badLimit(l events.Limits) string {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{events.LimitLeads, l.LeadsPerMonth},
		{events.LimitMailboxes, l.Mailboxes},
		{events.LimitSeats, l.Seats},
		{"api_requests_per_minute", l.APIRequestsPerMinute},
		{events.LimitAIBudget, l.AIBudgetMicros},
		{events.LimitLeadsStored, l.LeadsStored},
		{events.LimitImportBytes, l.ImportBytes},
		{events.LimitImportRows, l.ImportRows},
		{events.LimitImportsAtOnce, l.ImportsAtOnce},
	} {
		if f.value < events.NoLimit {
			return f.name
		}
	}
	return ""
}
