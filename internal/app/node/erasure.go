package node

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/erasure"
	"outrider/internal/blob"
	"outrider/internal/clickhouse"
	"outrider/internal/es/react"
	"outrider/internal/kafka"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/retry"
)

// applyErasures does the log's erasures to the vault that it doesn't have. A broker that is being started or restarted is asked again for
// half a minute, as whoever serves anything begins with this.
func (s *Stores) applyErasures(ctx context.Context, log *slog.Logger) error {
	var again int64
	err := retry.Do(ctx, retry.Policy{First: 100 * time.Millisecond, Longest: 3 * time.Second, For: 30 * time.Second, Report: func(err error, wait time.Duration) {
		log.Warn("erasures can't be applied to the vault yet", "error", err, "again_in", wait)
	}}, func() error {
		n, err := erasure.Apply(ctx, s.Log, s.vault)
		again += n
		return err
	})
	if again > 0 {
		log.Warn("keys of erased persons had come back, as from a backup, and were destroyed again", "keys", again)
	}
	return err
}

// keepErasing keeps the mark of the log's erasures near its end, so that a start has little to read.
func (n *Node) keepErasing(ctx context.Context) {
	for {
		if retry.Sleep(ctx, time.Hour) != nil {
			return
		}
		if err := n.applyErasures(ctx, n.log); err != nil && ctx.Err() == nil {
			n.log.Error("apply erasures to the vault", "error", err)
		}
	}
}

// ErasureCheck is what a verification of an erasure looks for.
type ErasureCheck struct {
	Email      string
	Values     []string // more that must not be found
	SearchOnly bool     // take nothing out of files before
	Log        *slog.Logger
}

// ErasureProof is what was done and found.
type ErasureProof struct {
	Persons   []erasure.Person `json:"persons"`
	KeysAgain int64            `json:"keys_destroyed_again"`
	Dropped   []string         `json:"dropped"`
	Files     int              `json:"files"`
	Records   int              `json:"records"`
	Tables    int              `json:"tables"`
	Objects   int              `json:"objects"`
	Found     []erasure.Place  `json:"found"`
	// Remains are events that say something of the person in plain text for ever.
	Remains     []erasure.Remainder `json:"remains,omitempty"`
	Unerased    bool                `json:"unerased"` // somebody has the address and isn't erased: nothing else was done
	RewriteSecs float64             `json:"rewrite_seconds"`
}

// VerifyErasure takes what is left of erased persons out of the files of the stores, and looks for an address everywhere.
func VerifyErasure(ctx context.Context, a Addresses, f *Folder, log kafka.Log, c ErasureCheck) (proof ErasureProof, err error) {
	address, err := pii.NormalizeAddress(c.Email)
	if err != nil {
		return proof, err
	}
	finder := &erasure.Finder{}
	for _, v := range append([]string{address}, c.Values...) {
		n, ok := erasure.NewNeedle(v)
		if !ok {
			return proof, fmt.Errorf("%q is too short to look for", v)
		}
		finder.Needles = append(finder.Needles, n)
	}
	if err := useVault(ctx, a, f.Keys(), func(vault *pii.Vault) (err error) {
		if proof.KeysAgain, err = erasure.Apply(ctx, log, vault); err != nil {
			return err
		}
		return proof.findPersons(ctx, a, f, vault, address)
	}); err != nil || proof.Unerased {
		return proof, err
	}
	var leads []uuid.UUID
	for _, p := range proof.Persons {
		leads = append(leads, p.LeadID)
	}
	if proof.Remains, err = erasure.FindRemains(ctx, log, leads); err != nil {
		return proof, err
	}
	if !c.SearchOnly {
		if err := proof.scrub(ctx, a, f, log, c.Log); err != nil {
			return proof, err
		}
	}
	if err := searchStores(ctx, a, f, log, finder); err != nil {
		return proof, err
	}
	proof.Found, proof.Files, proof.Records, proof.Tables, proof.Objects = finder.Found, finder.Files, finder.Records, finder.Tables, finder.Objects
	return proof, nil
}

func (p *ErasureProof) findPersons(ctx context.Context, a Addresses, f *Folder, vault *pii.Vault, address string) error {
	return withProjector(ctx, a, f, func(tx pgx.Tx) (err error) {
		p.Persons, err = erasure.FindPersons(ctx, vault, tx, address)
		for _, x := range p.Persons {
			p.Unerased = p.Unerased || !x.Erased || x.HasKey
		}
		return err
	})
}

func (p *ErasureProof) scrub(ctx context.Context, a Addresses, f *Folder, log kafka.Log, logger *slog.Logger) error {
	in, closed, err := OpenInstallation(ctx, a, f.Keys(), log, logger)
	if err != nil {
		return err
	}
	defer closed()
	if p.Dropped, err = in.DropOtherSides(ctx); err != nil {
		return err
	}
	began := time.Now()
	err = postgres.Scrub(ctx, a.Postgres, Report(logger, "erasure"))
	p.RewriteSecs = time.Since(began).Seconds()
	return err
}

func searchStores(ctx context.Context, a Addresses, f *Folder, log kafka.Log, finder *erasure.Finder) error {
	if err := finder.SearchTopics(ctx, log, react.PoisonTopic); err != nil {
		return err
	}
	if err := finder.SearchPostgres(ctx, a.Postgres); err != nil {
		return err
	}
	conn, err := clickhouse.Open(a.ClickHouse)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := finder.SearchClickHouse(ctx, conn); err != nil {
		return err
	}
	bucket, err := blob.Open(ctx, a.Blobs)
	if err != nil {
		return fmt.Errorf("open blobs: %w", err)
	}
	defer func() { _ = bucket.Close() }() // it was only read from
	if err := finder.SearchBlobs(ctx, bucket); err != nil {
		return err
	}
	return finder.SearchFolder(f.Data)
}
