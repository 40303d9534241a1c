package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
)

// Chain is a row of read.chains: the end of an organisation's history, and its chain value there.
type Chain struct {
	OrgID  uuid.UUID `db:"org_id"`
	Oseq   int64     `db:"oseq"`
	Chain  []byte    `db:"chain"`
	Time   time.Time `db:"time"`
	Broken *int64    `db:"broken"` // oseq of the first event that doesn't fit its chain value
}

// foldChains computes every link again from the log, so that what is signed later was verified first.
func foldChains(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	f := newFold[uuid.UUID, Chain]()
	var orgs [][16]byte
	for _, e := range batch {
		if _, ok := f.rows[e.Org]; !ok {
			f.putRow(e.Org, &Chain{OrgID: e.Org, Chain: make([]byte, len(es.ChainHash{}))})
			orgs = append(orgs, e.Org)
		}
	}
	rows, err := tx.Query(ctx, `select `+columnsOf[Chain]()+` from chains where org_id = any($1::uuid[])`, orgs)
	known, err := collectAll[Chain](rows, err, "load chains")
	if err != nil {
		return err
	}
	for _, c := range known {
		f.putRow(c.OrgID, c)
	}
	var buf []byte
	for _, e := range batch {
		c := f.rows[e.Org]
		var link es.ChainHash
		if link, buf = es.Link(es.ChainHash(c.Chain), e, buf); c.Broken == nil && (link != e.Chain || e.Oseq != c.Oseq+1) {
			at := e.Oseq
			c.Broken = &at
		}
		c.Oseq, c.Chain, c.Time = e.Oseq, e.Chain[:], e.Time
	}
	return upsertRows(ctx, tx, "chains", "org_id", f.liveRows())
}

// GetChain returns pgx.ErrNoRows when the organisation has no history (yet).
func GetChain(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*Chain, error) {
	rows, err := tx.Query(ctx, selectFrom[Chain]("chains")+`where org_id = $1`, org)
	return collectOne[Chain](rows, err, "get chain")
}

// GrownChain is a chain that has grown since its newest checkpoint, which was made at Signed (0 = there is none).
type GrownChain struct {
	Chain
	Signed int64 `db:"signed"`
}

// GrownChains returns some of the chains that have grown, of all organisations; not those of a history that doesn't fit its chain.
func GrownChains(ctx context.Context, tx pgx.Tx, limit int) ([]*GrownChain, error) {
	rows, err := tx.Query(ctx, `select c.org_id, c.oseq, c.chain, c.time, c.broken, coalesce(k.oseq, 0) as signed
		from read.chains c left join lateral (select oseq from audit.checkpoints k where k.org_id = c.org_id order by oseq desc limit 1) k on true
		where c.oseq > coalesce(k.oseq, 0) and c.broken is null order by c.org_id limit $1`, limit)
	return collectAll[GrownChain](rows, err, "list grown chains")
}

// BrokenChains returns the organisations whose history doesn't fit its chain.
func BrokenChains(ctx context.Context, tx pgx.Tx) ([]*Chain, error) {
	rows, err := tx.Query(ctx, selectFrom[Chain]("chains")+`where broken is not null order by org_id`)
	return collectAll[Chain](rows, err, "list broken chains")
}
