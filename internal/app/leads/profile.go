package leads

import (
	"encoding/json"
	"fmt"

	"outrider/internal/profile"
	"outrider/projections"
)

// ProfileOf returns what a row shows of a lead.
func ProfileOf(l *projections.Lead) (p profile.Profile, err error) {
	for name, value := range l.PersonalFields() {
		*p.Field(name) = value
	}
	if err := json.Unmarshal(l.Custom, &p.Custom); err != nil {
		return p, fmt.Errorf("read custom fields: %w", err)
	}
	return p, nil
}
