package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// checkConnections looks for services that organisations have connected and that don't answer for an hour. Connections that need somebody are their own matter.
func (p *Installation) checkConnections(ctx context.Context) (string, error) {
	if p.pools == nil {
		return "", errors.New("can't be looked at without the roles")
	}
	rows, err := p.pools.Projector.Query(ctx, `select c.provider, count(*), count(*) filter (where c.interrupted <> ''), count(*) filter (where c.interrupted = '' and not c.paused and t.failing_since < $1::timestamptz - interval '1 hour'),
			count(*) filter (where c.interrupted = '' and not c.paused and t.next_at < $1::timestamptz - interval '1 hour'), coalesce(sum(k.unread), 0)::bigint
		from read.connections c left join integrations.turns t on t.org_id = c.org_id and t.connection_id = c.connection_id
		left join lateral (select count(*) filter (where x.problem <> '') unread from integrations.calendars x where x.org_id = c.org_id and x.connection_id = c.connection_id) k on true
		group by c.provider order by c.provider`, time.Now())
	if err != nil {
		return "", fmt.Errorf("look at connections: %w", err)
	}
	var said []string
	var bad []error
	var provider string
	var all, waiting, failing, behind, unread int
	if _, err := pgx.ForEachRow(rows, []any{&provider, &all, &waiting, &failing, &behind, &unread}, func() error {
		said = append(said, fmt.Sprintf("%s: %d, of which %d need somebody", provider, all, waiting))
		if unread > 0 {
			said[len(said)-1] += fmt.Sprintf(", and %d calendars can't be read", unread)
		}
		if behind > 0 {
			bad = append(bad, fmt.Errorf("nobody has worked on %d connections to %s for an hour", behind, provider))
		}
		if failing > 0 {
			bad = append(bad, fmt.Errorf("%d connections to %s have failed for an hour", failing, provider))
		}
		return nil
	}); err != nil {
		return "", fmt.Errorf("look at connections: %w", err)
	}
	if len(said) == 0 {
		return "nobody has connected anything", nil
	}
	return strings.Join(said, "; "), errors.Join(bad...)
}
