package api

import (
	"encoding/base64"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

// cursors makes and reads the places where pages of lists begin.
type cursors struct{ vault *pii.Vault }

// openParam returns the place after which a page begins; "" = the begin. A cursor is bound to the organisation, the list and its
// filters by an encryption, so that what isn't ours is refused rather than read, and nobody reads in it what a list is sorted by.
func (k cursors) openParam(c *call, org uuid.UUID) (after string, err error) {
	return k.openCursor(c, org, c.textParam("cursor"), filtersOf(c))
}

// openCursor reads one that is bound to filters.
func (k cursors) openCursor(c *call, org uuid.UUID, text, filters string) (after string, err error) {
	if text == "" {
		return "", nil
	}
	bad := malformedProblem("cursor is not the next_cursor of this list with these filters")
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", bad
	}
	if after, err = k.vault.OpenCursor(c.ctx, org, boundOf(c, filters), sealed); errors.Is(err, pii.ErrUnreadable) {
		return "", bad
	}
	return after, err
}

// sealNext makes the cursor of the page after a place, in the list that is asked for.
func (k cursors) sealNext(c *call, org uuid.UUID, after string) (*string, error) {
	return k.sealCursor(c, org, after, filtersOf(c))
}

// sealCursor makes one that is bound to filters.
func (k cursors) sealCursor(c *call, org uuid.UUID, after, filters string) (*string, error) {
	sealed, err := k.vault.SealCursor(c.ctx, org, boundOf(c, filters), after)
	if err != nil {
		return nil, err
	}
	return new(base64.RawURLEncoding.EncodeToString(sealed)), nil
}

func boundOf(c *call, filters string) string { return c.Path() + "\x00" + filters }

// filtersOf are those of the query.
func filtersOf(c *call) string {
	names := make([]string, 0, len(c.query))
	for name := range c.query {
		if name != "cursor" && name != "limit" && name != "include" {
			names = append(names, fmt.Sprintf("%s=%v", name, c.query[name]))
		}
	}
	sort.Strings(names)
	return strings.Join(names, "\x00")
}
