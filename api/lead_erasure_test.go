package api_test

import (
	"testing"

	"github.com/google/uuid"
)

// The key of who is erased is destroyed before the read models show it, and an owner may be slow: whoever edits them meanwhile makes none.
func TestNoKeyIsMadeForWhoIsBeingErased(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	x := c.conversation()
	lead := uuid.MustParse(x.lead)
	check(t, w.cfg.Vault.Erase(t.Context(), c.org, lead))
	c.refused(404, "not_found", "PATCH", "/v1/leads/"+x.lead, obj{"first_name": "Ann"})
	c.refused(404, "not_found", "POST", x.path+"/notes", obj{"text": "They called."})
	if has, err := w.cfg.Vault.HasKey(t.Context(), c.org, lead); err != nil || has {
		t.Errorf("they have a key again: %v, %v", has, err)
	}
}
