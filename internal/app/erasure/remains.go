package erasure

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Remainder is an event of the log that says something of a person in plain text. Nothing takes that out of it.
type Remainder struct {
	Partition int32    `json:"partition"`
	Offset    int64    `json:"offset"`
	Type      string   `json:"type"`
	Fields    []string `json:"fields"` // that have words in them
}

// FindRemains looks through the log for what its events say of leads in plain text: events of the first version hold what is sealed
// today, and a bulk operation's say which tags a lead was given.
func FindRemains(ctx context.Context, log kafka.Log, leads []uuid.UUID) (found []Remainder, err error) {
	if len(leads) == 0 {
		return nil, nil
	}
	for p := range log.Partitions {
		if _, _, err := reader.Scan(ctx, log, reader.Config{Partition: p, From: es.StartCheckpoint()}, 0, func(_ context.Context, b reader.Batch) error {
			for _, e := range b.Events {
				fields, err := plainFields(e, leads)
				if err != nil {
					return fmt.Errorf("event %s: %w", e.ID, err)
				}
				if len(fields) > 0 {
					found = append(found, Remainder{e.Partition, e.Offset, e.Type, fields})
				}
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("look for words in plain text, partition %d: %w", p, err)
		}
	}
	return found, nil
}

// plainFields names the fields of an event that say something of one of some leads in plain text.
func plainFields(e *es.Event, leads []uuid.UUID) (fields []string, err error) {
	var plain []string
	switch e.Type {
	case events.LeadCreatedV1{}.EventType(), events.LeadUpdatedV1{}.EventType(), events.LeadSupplementedV1{}.EventType():
		plain = []string{"tags", "added_tags", "crm_id", "lawful_basis", "filled", "cleared"}
	case events.LeadRetagged{}.EventType():
		plain = []string{"added", "removed"}
	default:
		return nil, nil
	}
	if id, err := uuid.Parse(e.Subject); err != nil || !slices.Contains(leads, id) {
		return nil, nil //nolint:nilerr // what is no id is nobody's
	}
	var said map[string]json.RawMessage
	if err := json.Unmarshal(e.Data, &said); err != nil {
		return nil, err
	}
	for _, name := range plain {
		switch string(said[name]) {
		case "", "null", `""`, "[]":
		default:
			fields = append(fields, name)
		}
	}
	return fields, nil
}
