// Package calendars is what booking pages, the API and the work on calendars share: which calendars count, and when people can be met.
package calendars

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/pii"
	"outrider/projections"
)

// choiceField is the field name that a sealed choice is bound to; its subject is the connection.
const choiceField = "connection_calendars"

// MostLooked bounds the calendars of a connection: Google answers for as many at once.
const MostLooked = 50

// Choice says which calendars of a connection count.
type Choice struct {
	Look  []string `json:"look"`            // that show when somebody is busy; the one that is written to always does
	Write string   `json:"write,omitempty"` // into which meetings are written; "" = nobody is met by this connection
	Meet  bool     `json:"meet,omitempty"`  // meetings get a link to a Google Meet
}

// All are the calendars that are looked at, each once.
func (c Choice) All() []string {
	all := slices.Clone(c.Look)
	if c.Write != "" {
		all = append(all, c.Write)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Command returns the command that chooses.
func (c Choice) Command(ctx context.Context, vault *pii.Vault, org, connection uuid.UUID) (cmd commands.ChooseCalendars, err error) {
	c.Look = slices.Compact(slices.Sorted(slices.Values(c.Look)))
	cmd = commands.ChooseCalendars{ConnectionRef: events.ConnectionRef{ConnectionID: connection}, Writes: c.Write != ""}
	if cmd.Calendars, err = integrations.Seal(ctx, vault, org, connection, choiceField, c); err != nil {
		return cmd, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return cmd, fmt.Errorf("encode choice of calendars: %w", err)
	}
	hasher, err := vault.Hasher(ctx, org)
	if err != nil {
		return cmd, err
	}
	cmd.Hash = hasher.AddressHash(string(text)).String()
	return cmd, nil
}

// ChoiceOf reads what was chosen for a connection; ok = something was.
func ChoiceOf(ctx context.Context, vault *pii.Vault, c *projections.Connection) (choice Choice, ok bool, err error) {
	if c.Calendars == nil {
		return choice, false, nil
	}
	err = integrations.Open(ctx, vault, c.OrgID, c.ConnectionID, choiceField, c.Calendars, &choice)
	return choice, err == nil, err
}

// Hash is what a calendar is called in records.
func Hash(h *pii.Hasher, calendar string) string {
	return h.AddressHash("calendar " + calendar).String()
}
