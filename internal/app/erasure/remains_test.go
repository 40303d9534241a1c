package erasure

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/es"
)

func TestWhatEventsSayOfAPersonInPlainTextIsNamed(t *testing.T) {
	t.Parallel()
	lead, other := uuid.New(), uuid.New()
	for name, x := range map[string]struct {
		kind, data string
		of         uuid.UUID
		want       []string
	}{
		"the first version":               {"lead.created.v1", `{"tags":["vip"],"crm_id":"7","lawful_basis":"","filled":["email","custom.x"],"profile":{}}`, lead, []string{"tags", "crm_id", "filled"}},
		"its update":                      {"lead.updated.v1", `{"tags":[],"lawful_basis":"consent","cleared":["phone"]}`, lead, []string{"lawful_basis", "cleared"}},
		"its row of a file":               {"lead.supplemented.v1", `{"added_tags":["vip"],"filled":[]}`, lead, []string{"added_tags"}},
		"a bulk operation":                {"lead.retagged.v1", `{"added":["vip"]}`, lead, []string{"added"}},
		"somebody else":                   {"lead.created.v1", `{"tags":["vip"]}`, other, nil},
		"what is sealed":                  {"lead.created.v2", `{"tags":["vip"]}`, lead, nil},
		"the first version without words": {"lead.updated.v1", `{"profile":{"k":1}}`, lead, nil},
	} {
		got, err := plainFields(&es.Event{Type: x.kind, Subject: x.of.String(), Data: []byte(x.data)}, []uuid.UUID{lead})
		if err != nil || !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, x.want)
		}
	}
}
