package api

import (
	"encoding/base64"
	"encoding/binary"
	"sort"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

// cursors makes and reads the places where pages of lists begin.
type cursors struct{ vault *pii.Vault }

// openParam returns the place after which a page begins; "" = the begin. A cursor is bound to the organisation, the list and its
// filters by a keyed hash, so that what isn't ours is refused rather than read.
func (k cursors) openParam(c *call, org uuid.UUID) (after string, err error) {
	return k.openCursor(c, org, c.textParam("cursor"), filtersOf(c))
}

// openCursor reads one that is bound to filters.
func (k cursors) openCursor(c *call, org uuid.UUID, text, filters string) (after string, err error) {
	if text == "" {
		return "", nil
	}
	bad := malformedProblem("cursor is not the next_cursor of this list with these filters")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 9 {
		return "", bad
	}
	after = string(b[8:])
	seal, err := k.fingerprintCursor(c, org, after, filters)
	if err != nil {
		return "", err
	}
	if seal != binary.BigEndian.Uint64(b) {
		return "", bad
	}
	return after, nil
}

// sealNext makes the cursor of the page after a place, in the list that is asked for.
func (k cursors) sealNext(c *call, org uuid.UUID, after string) (*string, error) {
	return k.sealCursor(c, org, after, filtersOf(c))
}

// sealCursor makes one that is bound to filters.
func (k cursors) sealCursor(c *call, org uuid.UUID, after, filters string) (*string, error) {
	seal, err := k.fingerprintCursor(c, org, after, filters)
	if err != nil {
		return nil, err
	}
	text := base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, seal), after...))
	return &text, nil
}

func (k cursors) fingerprintCursor(c *call, org uuid.UUID, after, filters string) (uint64, error) {
	h, err := k.vault.Hasher(c.ctx, org)
	if err != nil {
		return 0, err
	}
	return h.Fingerprint([]byte("cursor\x00" + c.Path() + "\x00" + filters + "\x00" + after)), nil
}

// filtersOf are those of the query.
func filtersOf(c *call) string {
	names := make([]string, 0, len(c.query))
	for name := range c.query {
		if name != "cursor" && name != "limit" {
			names = append(names, name+"="+c.textParam(name))
		}
	}
	sort.Strings(names)
	return strings.Join(names, "\x00")
}
