package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outrider/internal/app/calendars"
	"outrider/projections"
)

// checkIntegrations counts connections to services of others. Those that need somebody are their members' to mend; what nobody works on is the operator's.
func (p *Installation) checkIntegrations(ctx context.Context) (string, error) {
	if p.pools == nil {
		return "", errors.New("the roles of Postgres can't be used")
	}
	var all, needing, calendarsLooked, unread, behind int
	if err := p.pools.Projector.QueryRow(ctx, `select count(*), count(*) filter (where c.interrupted <> ''), coalesce(sum(k.n), 0)::bigint, coalesce(sum(k.unread), 0)::bigint,
			count(*) filter (where c.interrupted = '' and not c.paused and t.next_at < $1)
		from read.connections c left join integrations.turns t on t.org_id = c.org_id and t.connection_id = c.connection_id
		left join lateral (select count(*) n, count(*) filter (where x.problem <> '') unread from integrations.calendars x where x.org_id = c.org_id and x.connection_id = c.connection_id) k on true`,
		time.Now().Add(-calendars.Fresh)).Scan(&all, &needing, &calendarsLooked, &unread, &behind); err != nil {
		return "", fmt.Errorf("count connections: %w", err)
	}
	found := fmt.Sprintf("%d connections, %d of which need somebody (%s); %d calendars, %d of which can't be read", all, needing, projections.ConnectionNeedsYou, calendarsLooked, unread)
	if behind > 0 {
		return "", fmt.Errorf("%s; nobody has worked on %d for more than %s", found, behind, calendars.Fresh)
	}
	return found, nil
}
