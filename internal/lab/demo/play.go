package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/postgres"
	"outrider/projections"
)

// turn is how much time goes on between two looks of the driver.
const turn = time.Hour

// playDays lets the days pass, and then so much that whatever people wrote at the end has been read.
func (d *demonstration) playDays(ctx context.Context, end context.CancelCauseFunc) error {
	d.scene.Promise.Start = d.time.simulatedNow()
	stopped := d.showProgress(ctx)
	defer stopped()
	k := d.startKiller(ctx, end)
	if err := d.playUntil(ctx, d.endTime(), k); err != nil {
		return err
	}
	k.stopKilling()
	if err := d.time.passTime(ctx, 2*d.poll+time.Minute); err != nil {
		return err
	}
	return d.time.awaitQuiet(ctx)
}

// playUntil goes on to a time, and looks after the campaign several times a day.
func (d *demonstration) playUntil(ctx context.Context, to time.Time, k *killer) error {
	from, looked := d.time.simulatedNow(), d.time.simulatedNow()
	for d.time.simulatedNow().Before(to) {
		k.reportProgress(float64(d.time.simulatedNow().Sub(from)) / float64(to.Sub(from)))
		if err := d.time.passTime(ctx, min(turn, to.Sub(d.time.simulatedNow()))); err != nil {
			return err
		}
		if d.time.simulatedNow().Sub(looked) >= 6*time.Hour {
			looked = d.time.simulatedNow()
			if err := d.lookAfter(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookAfter does what an operator does: a mailbox or campaign that a rule has paused, for its bounces, is looked at and goes on. The simulated
// people's addresses are no worse than they were. It looks into Postgres, as the plan's requests are few.
func (d *demonstration) lookAfter(ctx context.Context) error {
	if err := d.approveWaiting(ctx); err != nil && d.killEvery == 0 {
		return err
	}
	api := NewAPI(d.server.runningNow().URL, d.shown.Key)
	type paused struct {
		what, reason string
		resume       func() (*http.Response, error)
	}
	var all []paused
	r := d.server.runningNow()
	if err := d.queryAsAPI(ctx, r, func(tx pgx.Tx) error {
		boxes, err := projections.ListMailboxes(ctx, tx, d.shown.ID, projections.MailboxFilter{}, projections.Listing{Limit: len(d.scene.Senders) + 1})
		if err != nil {
			return err
		}
		for _, m := range boxes.Rows {
			if m.Status == events.MailboxSuspended && m.PauseReason != events.PausedManual && m.PauseReason != events.PausedPlan { // who looks on may pause one, or buy a smaller plan
				all = append(all, paused{"mailbox " + *m.Address, m.PauseReason, func() (*http.Response, error) {
					return api.ResumeMailbox(ctx, m.MailboxID, nil, client.Once("resume "+uuid.NewString()))
				}})
			}
		}
		c, err := projections.GetCampaign(ctx, tx, d.shown.ID, d.shown.Campaign)
		if err == nil && c.Status == events.CampaignIsPaused && c.PauseReason != events.PausedManual {
			all = append(all, paused{"campaign " + c.Name, c.PauseReason, func() (*http.Response, error) {
				return api.ResumeCampaign(ctx, c.CampaignID, nil, client.Once("resume "+uuid.NewString()))
			}})
		}
		return err
	}); err != nil {
		if d.killEvery > 0 {
			return nil // it was killed just now; the next look is soon
		}
		return err
	}
	for _, p := range all {
		var refusal *client.Refusal
		switch _, _, err := client.Read[any](p.resume()); {
		case errors.As(err, &refusal): // who looks on has changed what it rests on
			d.screen.printNote("%s was paused (%s), and stays so: %s", p.what, p.reason, refusal.Error())
		case err != nil:
			return err
		default:
			d.screen.printNote("%s was paused (%s); resumed", p.what, p.reason)
		}
	}
	return nil
}

// queryAsAPI runs queries as the API's role does: under row-level security, for the demonstration's organisation.
func (d *demonstration) queryAsAPI(ctx context.Context, at node.Running, queries func(pgx.Tx) error) error {
	pool, err := pgxpool.New(ctx, at.PostgresAPI)
	if err != nil {
		return fmt.Errorf("open postgres: %w", err)
	}
	defer pool.Close()
	return postgres.InOrg(ctx, pool, d.shown.ID, queries)
}

// showProgress tells every few seconds how far it is.
func (d *demonstration) showProgress(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tally := Follow(d.world.People.Journal())
		tick := time.NewTicker(3 * time.Second)
		defer tick.Stop()
		last, at, sent := d.world.Clock.Now(), time.Now(), -1
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := tally.Read(); err != nil {
				d.screen.printNote("read the journal: %v", err)
				return
			}
			now := d.world.Clock.Now()
			if now.Sub(last) < time.Minute && tally.Sent == sent {
				continue // nothing to tell: time goes at real pace
			}
			sent = tally.Sent
			d.screen.showLive(fmt.Sprintf("%s  sent %d  opened %d  replied %d  unsubscribed %d  meetings %d  (%s an hour of simulated time)", now.Format("Mon 2006-01-02 15:04"),
				tally.Sent, tally.Opened, tally.Replied, tally.Unsubscribed, tally.Meetings, perHour(time.Since(at), now.Sub(last))))
			last, at = now, time.Now()
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// perHour is the real time that an hour of simulated time took.
func perHour(took, simulated time.Duration) string {
	if simulated < time.Minute {
		return "-"
	}
	return (time.Duration(float64(took) / simulated.Hours())).Round(time.Millisecond).String()
}
