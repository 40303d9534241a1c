package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// checkConnections looks for services that organisations have connected and that don't answer for an hour. Connections that need somebody are their own matter.
func (p *Installation) checkConnections(ctx context.Context) (string, error) {
	if p.pools == nil {
		return "", errors.New("can't be looked at without the roles")
	}
	rows, err := p.pools.Projector.Query(ctx, `select c.provider, count(*), count(*) filter (where c.interrupted <> ''), count(*) filter (where c.interrupted = '' and not c.paused and t.failing_since < now() - interval '1 hour')
		from read.connections c left join integrations.turns t on t.org_id = c.org_id and t.connection_id = c.connection_id group by c.provider order by c.provider`)
	if err != nil {
		return "", fmt.Errorf("look at connections: %w", err)
	}
	var said []string
	var bad []error
	var provider string
	var all, waiting, failing int
	if _, err := pgx.ForEachRow(rows, []any{&provider, &all, &waiting, &failing}, func() error {
		said = append(said, fmt.Sprintf("%s: %d, of which %d need somebody", provider, all, waiting))
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
