package leads

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// mostLeadIDs bounds how many leads can have begun with one address and moved on to another.
const mostLeadIDs = 20

// FreeIDs returns the ids of new leads for normalised addresses where that is none which follows from the address: whoever began
// with it has another one now, and keeps the id. Two edges find the same.
func FreeIDs(ctx context.Context, tx pgx.Tx, h *pii.Hasher, org uuid.UUID, addresses []string) (map[string]uuid.UUID, error) {
	ids, first := make([]uuid.UUID, len(addresses)), make([]uuid.UUID, len(addresses))
	for i, a := range addresses {
		first[i] = h.LeadID(a)
	}
	copy(ids, first)
	out := map[string]uuid.UUID{}
	asked := addresses
	for n := 1; len(asked) > 0 && n < mostLeadIDs; n++ {
		taken, err := projections.LeadIDsTaken(ctx, tx, org, ids, asked)
		if err != nil {
			return nil, fmt.Errorf("find ids of leads: %w", err)
		}
		var nextAsked []string
		var nextIDs, nextFirst []uuid.UUID
		for i, a := range asked {
			if taken[ids[i]] {
				out[a] = es.DeriveID(first[i], "lead", strconv.Itoa(n))
				nextAsked, nextIDs, nextFirst = append(nextAsked, a), append(nextIDs, out[a]), append(nextFirst, first[i])
			}
		}
		asked, ids, first = nextAsked, nextIDs, nextFirst
	}
	return out, nil
}
