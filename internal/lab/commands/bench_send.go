package commands

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"outrider/internal/app/client"
	"outrider/internal/clickhouse"
	"outrider/internal/lab/bench"
	"outrider/internal/lab/demo"
)

type benchSendCmd struct {
	benchBroker
	Messages      int    `default:"20000" help:"Messages to send, one to each person."`
	Organizations int    `default:"8" help:"Organisations that send them; each lives on one partition."`
	Mailboxes     int    `default:"4" help:"Mailboxes of each organisation; each has at most two connections."`
	In            string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON          bool   `help:"Print one line of JSON."`
	Pprof         string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type sentFast struct {
	Messages      int     `json:"messages"`
	Organizations int     `json:"organizations"`
	Mailboxes     int     `json:"mailboxes"`      // of all
	Rate          float64 `json:"rate"`           // messages a second from the first approval until the log has every result
	QueryableRate float64 `json:"queryable_rate"` // ... until Postgres shows every one as sent
	DraftRate     float64 `json:"draft_rate"`     // messages a second from the first request until the last draft is in the log
	Seconds       float64 `json:"seconds"`        // from the first approval until the log has every result
	SMTPSeconds   float64 `json:"smtp_seconds"`   // ... until the mail server has accepted the last one
	Queryable     float64 `json:"queryable_seconds"`
	Reported      float64 `json:"clickhouse_seconds"` // ... until ClickHouse counts every one as sent
	Events        int     `json:"events"`             // that the log got meanwhile
	P50           float64 `json:"p50_ms"`             // from a message's claim in the log to its result in the log
	P99           float64 `json:"p99_ms"`
	benchConditions
}

// Run sends into a mail server on this machine that takes everything.
func (c benchSendCmd) Run(ctx context.Context) error {
	post, err := openBenchPost(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = post.closeAll() }() // the process ends
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, func(ctx context.Context, s *benchServer) (sentFast, error) { return c.measureSends(ctx, s, post) }, post.serverFlags()...)
}

func (c benchSendCmd) measureSends(ctx context.Context, s *benchServer, post *benchMail) (sentFast, error) {
	out := sentFast{Messages: c.Messages, Organizations: c.Organizations, Mailboxes: c.Organizations * c.Mailboxes, benchConditions: benchConditions{Bench: "send", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	if err := c.warmUp(ctx, s); err != nil {
		return out, err
	}
	all, err := post.setUpSenders(ctx, s, benchSenders{c.Organizations, c.Mailboxes, c.Messages, "all"})
	if err != nil {
		return out, err
	}
	db, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return out, fmt.Errorf("open postgres: %w", err)
	}
	defer db.Close(context.Background())
	if err := launchAll(ctx, all); err != nil {
		return out, err
	}
	if err := untilDrafted(ctx, db, organizationsOf(all), c.Messages); err != nil {
		return out, err
	}
	ids := make([][]uuid.UUID, len(all))
	for i, o := range all {
		if ids[i], err = draftedIn(ctx, db, o.Made.ID); err != nil {
			return out, err
		}
	}
	gauged, err := s.startGauge(ctx)
	if err != nil {
		return out, err
	}
	s.beginProfile(c.Pprof)
	began := time.Now()
	if err := approveAll(ctx, all, ids); err != nil {
		return out, err
	}
	if err := untilSent(ctx, db, organizationsOf(all), c.Messages); err != nil {
		return out, err
	}
	out.Queryable = time.Since(began).Seconds()
	if err := untilReported(ctx, s.ClickHouse, organizationsOf(all), c.Messages); err != nil {
		return out, err
	}
	out.Reported = time.Since(began).Seconds()
	if err := gauged(&out.benchConditions); err != nil {
		return out, err
	}
	return out, c.lookBack(ctx, s, post, began, &out)
}

// lookBack reads from the log and the mail server's journal when what happened.
func (c benchSendCmd) lookBack(ctx context.Context, s *benchServer, post *benchMail, began time.Time, out *sentFast) error {
	last, err := arrivedOnce(post.mail.Journal(), c.Messages)
	if err != nil {
		return err
	}
	out.SMTPSeconds = last.Sub(began).Seconds()
	story, err := readTimings(ctx, s.Running, began)
	if err != nil {
		return err
	}
	if story.sent.n != c.Messages || story.drafted.n < c.Messages {
		return fmt.Errorf("the log has %d drafts and %d results of %d messages", story.drafted.n, story.sent.n, c.Messages)
	}
	out.Events = story.events
	out.P50, out.P99 = bench.Quantile(story.took, 0.5), bench.Quantile(story.took, 0.99)
	out.Seconds = story.sent.last.Sub(began).Seconds()
	out.Rate, out.QueryableRate = float64(c.Messages)/out.Seconds, float64(c.Messages)/out.Queryable
	out.DraftRate = float64(c.Messages) / story.drafted.last.Sub(story.requested.first).Seconds()
	return nil
}

// benchPatience is how long nothing may move.
const benchPatience = 30 * time.Second

// untilDrafted waits until Postgres shows so many messages as drafted.
func untilDrafted(ctx context.Context, db *pgx.Conn, orgs []uuid.UUID, want int) error {
	return untilThere(ctx, db, 300*time.Millisecond, `select count(*) from read.messages where org_id = any($1) and state = 'drafted'`, orgs, want)
}

// untilSent waits until Postgres shows so many messages as sent. Mailboxes are written together with their messages, and there are few of them:
// counting messages would take a fifth of what is measured.
func untilSent(ctx context.Context, db *pgx.Conn, orgs []uuid.UUID, want int) error {
	if err := untilThere(ctx, db, 50*time.Millisecond, `select coalesce(sum(sent), 0) from read.mailboxes where org_id = any($1)`, orgs, want); err != nil {
		return err
	}
	return untilThere(ctx, db, 50*time.Millisecond, `select count(*) from read.messages where org_id = any($1) and state = 'sent'`, orgs, want)
}

func untilThere(ctx context.Context, db *pgx.Conn, every time.Duration, count string, orgs []uuid.UUID, want int) error {
	n, before, moved := 0, -1, time.Now()
	for {
		if err := db.QueryRow(ctx, count, orgs).Scan(&n); err != nil {
			return fmt.Errorf("count messages: %w", err)
		}
		if n == want {
			return nil
		}
		if n != before {
			before, moved = n, time.Now()
		}
		if time.Since(moved) > benchPatience {
			return fmt.Errorf("%d of %d messages are there, and nothing moves (%s)", n, want, count)
		}
		time.Sleep(every)
	}
}

func untilReported(ctx context.Context, dsn string, orgs []uuid.UUID, want int) error {
	conn, err := clickhouse.Open(dsn)
	if err != nil {
		return err
	}
	defer conn.Close()
	for began := time.Now(); ; {
		var n uint64
		if err := conn.QueryRow(ctx, `SELECT count() FROM engagement WHERE org IN (?) AND fact = 'sent'`, orgs).Scan(&n); err != nil {
			return fmt.Errorf("count messages in clickhouse: %w", err)
		}
		if int(n) >= want {
			return nil
		}
		if time.Since(began) > benchPatience {
			return fmt.Errorf("clickhouse counts %d of %d messages", n, want)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func draftedIn(ctx context.Context, db *pgx.Conn, org uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `select message_id from read.messages where org_id = $1 and state = 'drafted' order by oseq`, org)
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// approveAll approves the drafts of all organisations at the same time, as many in one request as fit.
func approveAll(ctx context.Context, all []*demo.Setup, ids [][]uuid.UUID) error {
	g, ctx := errgroup.WithContext(ctx)
	for i, s := range all {
		g.Go(func() error {
			for from := 0; from < len(ids[i]); from += 500 {
				some := ids[i][from:min(from+500, len(ids[i]))]
				if _, _, err := client.Read[any](s.API.ApproveMessages(ctx, nil, client.MessageSelection{MessageIds: some}, s.Once(fmt.Sprint("approve ", from)))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
