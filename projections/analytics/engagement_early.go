package analytics

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// earlyHit is a fetch of a message of which the log doesn't say yet that it has left: filters are faster than the answer of a mail server, and where
// that answer is lost it is known half a minute later that the message is in doubt.
type earlyHit struct {
	hit         uuid.UUID
	fact, class string
	at          time.Time
	oseq        int64
}

// earlyRow keeps a fetch, or what it is corrected to, until something is known of its message.
func (p *cohortContext) earlyRow(e *es.Event, message uuid.UUID) (row, bool) {
	k := key{e.Org, "", message}
	keep := func(h earlyHit) (row, bool) {
		p.early[k] = append(p.early[k], h)
		return row{fact: factEarly, about: message, hit: h.hit, class: h.class, at: h.at, value: h.fact}, true
	}
	if v, ok := e.Payload.(events.MessageOpened); ok {
		return keep(earlyHit{v.HitID, factOpen, v.Class, v.At, e.Oseq})
	}
	if v, ok := e.Payload.(events.MessageClicked); ok {
		return keep(earlyHit{v.HitID, factClick, v.Class, v.At, e.Oseq})
	}
	if v, ok := e.Payload.(events.HitReclassified); ok {
		for _, h := range p.early[k] {
			if h.hit == v.HitID {
				return keep(earlyHit{h.hit, h.fact, v.Class, h.at, e.Oseq})
			}
		}
	}
	return row{}, false
}

// lateRows are the fetches that came before the row from which a message's cohort is known.
func (p *cohortContext) lateRows(org uuid.UUID, of row) (out []row) {
	k := key{org, "", of.about}
	if of.ordinal == 0 { // it is about no message
		return nil
	}
	places := map[uuid.UUID]int{}
	for _, h := range p.early[k] {
		if i, again := places[h.hit]; again { // what it is corrected to is what counts, from the beginning
			out[i].class = h.class
			continue
		}
		places[h.hit] = len(out)
		out = append(out, row{fact: h.fact, about: of.about, hit: h.hit, class: h.class, at: h.at, oseq: h.oseq, cohort: of.cohort})
		p.rememberHit(org, of.about, h.hit, hit{h.fact, h.at})
	}
	delete(p.early, k)
	return out
}

// loadEarlyHits reads what was kept of messages of a range, from before the range. Of those of which something was known before the range nothing waits.
func (p *cohortContext) loadEarlyHits(ctx context.Context, conn driver.Conn, ids rangeIDs, before string) error {
	both := idsByOrg{}
	for _, of := range []idsByOrg{ids.doubts, ids.hits} {
		for org, messages := range of {
			for id := range messages {
				if both[org] == nil {
					both[org] = map[string]bool{}
				}
				both[org][id] = true
			}
		}
	}
	return queryByIDs(ctx, conn, `SELECT org, about, hit, value, class, at, oseq FROM engagement WHERE org IN (@orgs) AND fact = 'early' AND about IN (@ids) AND `+before+` ORDER BY about, oseq LIMIT 1 BY about, oseq`, both, func(rows driver.Rows) error {
		var k key
		var h earlyHit
		err := rows.Scan(&k.org, &k.id, &h.hit, &h.fact, &h.class, &h.at, &h.oseq)
		if _, known := p.cohorts[k]; !known {
			p.early[k] = append(p.early[k], h)
		}
		return err
	})
}
