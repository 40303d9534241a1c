package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
)

// Difference is something that the provider has otherwise than we.
type Difference struct {
	Organization uuid.UUID `json:"organization_id"`
	Object       string    `json:"object"` // the provider's id
	Field        string    `json:"field"`
	Provider     string    `json:"provider"`
	Ours         string    `json:"ours"`
	Mended       bool      `json:"mended"` // a command has brought it in
}

// Comparison is the result of comparing the provider with what is shown.
type Comparison struct {
	ID          uuid.UUID
	BegunAt     time.Time
	EndedAt     *time.Time // nil = it waits or is under way
	Customers   int
	Differences []Difference
	Error       string
}

// Comparer compares every customer's subscription and invoices at the provider with those that we show, and mends what differs by command.
type Comparer struct {
	Mirror *Mirror
	Reads  *pgxpool.Pool // as outrider_api
}

// Ask notes that a comparison is wanted; a process that has the consumers does it.
func (i *Inbox) Ask(ctx context.Context, id uuid.UUID) error {
	_, err := i.pool.Exec(ctx, `insert into billing.comparisons (comparison_id, begun_at) select $1, now() where not exists (select from billing.comparisons where ended_at is null and error = '') on conflict do nothing`, id)
	if err != nil {
		return fmt.Errorf("ask for a comparison: %w", err)
	}
	return nil
}

// LatestComparison returns the newest; false = there was none.
func (i *Inbox) LatestComparison(ctx context.Context) (c Comparison, ok bool, err error) {
	var found []byte
	err = i.pool.QueryRow(ctx, `select comparison_id, begun_at, ended_at, customers, differences, error from billing.comparisons order by begun_at desc limit 1`).
		Scan(&c.ID, &c.BegunAt, &c.EndedAt, &c.Customers, &found, &c.Error)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, false, nil
	}
	if err == nil {
		err = json.Unmarshal(found, &c.Differences)
	}
	if err != nil {
		return c, false, fmt.Errorf("read the newest comparison: %w", err)
	}
	return c, true, nil
}

// RunAsked does the comparison that was asked for, or the one of the night when the newest is older; false = there is nothing to do.
func (c Comparer) RunAsked(ctx context.Context, older time.Time) (ran bool, err error) {
	err = pgx.BeginFunc(ctx, c.Mirror.Inbox.pool, func(tx pgx.Tx) error {
		var id uuid.UUID
		err := tx.QueryRow(ctx, `select comparison_id from billing.comparisons where ended_at is null order by begun_at for update skip locked limit 1`).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) && !older.IsZero() {
			var locked, recent bool
			if err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(hashtextextended('billing nightly', 0))`).Scan(&locked); err != nil || !locked {
				return err
			}
			if err := tx.QueryRow(ctx, `select exists (select from billing.comparisons where begun_at >= $1)`, older).Scan(&recent); err != nil || recent {
				return err
			}
			id = es.NewID()
			_, err = tx.Exec(ctx, `insert into billing.comparisons (comparison_id, begun_at) values ($1, now())`, id)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ran = true
		n, found, failed := c.Compare(ctx)
		text := ""
		if failed != nil {
			text = failed.Error()
		}
		if found == nil {
			found = []Difference{}
		}
		data, err := json.Marshal(found)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update billing.comparisons set ended_at = now(), customers = $2, differences = $3, error = $4 where comparison_id = $1`, id, n, data, text)
		return err
	})
	if err != nil {
		return ran, fmt.Errorf("compare with the payment provider: %w", err)
	}
	return ran, nil
}

// Compare asks of every customer, and returns how many there are and what differs. A customer that can't be read doesn't keep the others from it.
func (c Comparer) Compare(ctx context.Context) (n int, found []Difference, err error) {
	all, err := c.Mirror.Inbox.customers(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, x := range all {
		some, failed := c.compareCustomer(ctx, x)
		found = append(found, some...)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("customer %s: %w", x.ID, failed))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return len(all), found, err
}

func (c Comparer) compareCustomer(ctx context.Context, x customer) (found []Difference, err error) {
	reading, err := c.Mirror.Inbox.nextReading(ctx)
	if err != nil {
		return nil, err
	}
	subscriptions, err := c.Mirror.Provider.ListSubscriptions(ctx, x.ID)
	if err != nil {
		return nil, err
	}
	invoices, err := c.Mirror.Provider.ListInvoices(ctx, x.ID)
	if err != nil {
		return nil, err
	}
	ours, err := c.load(ctx, x.Org, invoices)
	if err != nil {
		return nil, err
	}
	mend := func(d Difference, cmd commands.Command) error {
		outcome, _, err := c.Mirror.send(ctx, x.Org, "comparison "+d.Object, reading, cmd)
		d.Organization, d.Mended = x.Org, err == nil && outcome == string(es.Accepted)
		found = append(found, d)
		return err
	}
	if s, ok := newest(subscriptions); ok {
		cmd := c.Mirror.recordSubscription(s, reading)
		if d, differs := compareSubscription(cmd.Subscription, ours.subscription); differs {
			if err := mend(d, cmd); err != nil {
				return found, err
			}
		}
	}
	for _, i := range invoices {
		if d, differs := compareInvoice(i, ours.invoices[i.InvoiceID]); differs {
			if err := mend(d, commands.RecordInvoice{Invoice: i, Reading: reading}); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// known is what we show of a customer.
type known struct {
	subscription events.Subscription
	invoices     map[string]*projections.Invoice // by the provider's id
}

func (c Comparer) load(ctx context.Context, org uuid.UUID, invoices []events.Invoice) (k known, err error) {
	k.invoices = map[string]*projections.Invoice{}
	err = postgres.InOrg(ctx, c.Reads, org, func(tx pgx.Tx) error {
		row, err := projections.GetBilling(ctx, tx, org)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if row.Subscription != nil {
			if err := json.Unmarshal(row.Subscription, &k.subscription); err != nil {
				return fmt.Errorf("read subscription: %w", err)
			}
		}
		for _, i := range invoices {
			one, err := projections.GetInvoice(ctx, tx, org, projections.InvoiceID(org, i.InvoiceID))
			if err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			k.invoices[i.InvoiceID] = one
		}
		return nil
	})
	return k, err
}

// newest returns the subscription that all others came before.
func newest(all []events.Subscription) (s events.Subscription, ok bool) {
	for _, x := range all {
		if !ok || x.CreatedAt.After(s.CreatedAt) || x.CreatedAt.Equal(s.CreatedAt) && x.SubscriptionID > s.SubscriptionID {
			s, ok = x, true
		}
	}
	return s, ok
}

func compareSubscription(theirs, ours events.Subscription) (Difference, bool) {
	return firstDifference(theirs.SubscriptionID, [][3]string{
		{"subscription", theirs.SubscriptionID, ours.SubscriptionID}, {"status", theirs.Status, ours.Status}, {"plan", theirs.Plan, ours.Plan},
		{"cancel_at_period_end", fmt.Sprint(theirs.CancelAtPeriodEnd), fmt.Sprint(ours.CancelAtPeriodEnd)},
		{"period_to", theirs.PeriodTo.UTC().Format(time.RFC3339), ours.PeriodTo.UTC().Format(time.RFC3339)},
	})
}

func compareInvoice(theirs events.Invoice, ours *projections.Invoice) (Difference, bool) {
	if ours == nil {
		return Difference{Object: theirs.InvoiceID, Field: "invoice", Provider: theirs.Status}, true
	}
	var lines []events.InvoiceLine
	if err := json.Unmarshal(ours.Lines, &lines); err != nil {
		lines = nil
	}
	return firstDifference(theirs.InvoiceID, [][3]string{
		{"status", theirs.Status, ours.Status}, {"number", theirs.Number, ours.Number}, {"total", fmt.Sprint(theirs.Total), fmt.Sprint(ours.Total)},
		{"amount_due", fmt.Sprint(theirs.AmountDue), fmt.Sprint(ours.AmountDue)}, {"amount_paid", fmt.Sprint(theirs.AmountPaid), fmt.Sprint(ours.AmountPaid)},
		{"attempts", fmt.Sprint(theirs.Attempts), fmt.Sprint(ours.Attempts)}, {"lines", tellLines(theirs.Lines), tellLines(lines)},
	})
}

func tellLines(lines []events.InvoiceLine) string {
	out := ""
	for _, l := range lines {
		out += fmt.Sprintf("%s %s %d %d; ", l.LineID, l.Kind, l.Quantity, l.Amount)
	}
	return out
}

func firstDifference(object string, fields [][3]string) (Difference, bool) {
	for _, f := range fields {
		if f[1] != f[2] {
			return Difference{Object: object, Field: f[0], Provider: f[1], Ours: f[2]}, true
		}
	}
	return Difference{}, false
}
