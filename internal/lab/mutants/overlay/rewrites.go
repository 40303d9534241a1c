package overlay

// Rewrite changes one function of the product. Find stands exactly once in it and becomes Replace; an empty Find puts
// Replace before its first statement.
type Rewrite struct {
	Dir, Func     string // Func is "Receiver.Name", or "Name"
	Find, Replace string
}

// Addition is a whole file: one that the product doesn't have, or another one in its place.
type Addition struct{ Dir, Name, Text string }

// Rewrites leave out the checks and mechanisms of package mutants.
func Rewrites() []Rewrite {
	return []Rewrite{
		// stop
		{Dir: "aggregates", Func: "Enrollment.Stop", Replace: `if mutants.LeftOut("stop") && stoppedFromOutside(reason) { return nil }`},
		{Dir: "aggregates", Func: "Suppressions.CoveredBy", Replace: `if mutants.LeftOut("stop") { return Suppression{}, false }`},
		// gap
		{Dir: "aggregates", Func: "Mailbox.gapLength", Replace: `if mutants.LeftOut("gap") { return 0 }`},
		{Dir: "aggregates", Func: "Mailbox.drawJitter", Replace: `if mutants.LeftOut("gap") { return 0 }`},
		// cap
		{Dir: "aggregates", Func: "capHourRule", Replace: `if mutants.LeftOut("cap") { return q.at }`},
		{Dir: "aggregates", Func: "Organization.CapAt", Replace: `if mutants.LeftOut("cap") { return 1<<31 - 1 }`},
		// window
		{Dir: "aggregates", Func: "Window.nextWithRoom", Replace: `if mutants.LeftOut("window") { return at }`},
		// claim
		{Dir: "aggregates", Func: "Organization.recordSent", Replace: `if mutants.LeftOut("claim") && m.tries == 0 { // as if nobody had claimed it
			m.countSend(at)
			o.endFlight(m)
			m.state, m.tries = messageReady, 1
			o.wakeMailbox(m.mailbox, m.mailbox.free)
			return
		}`},
		// person gap
		{Dir: "aggregates", Func: "people.gap", Replace: `if mutants.LeftOut("person gap") { return 0 }`},
		// quota
		{Dir: "commands", Func: "quotaUse.takePlace", Find: `q.used >= q.max`, Replace: `q.used >= q.max && !(q.limit == events.LimitLeads && mutants.LeftOut("quota")) && !(q.limit == events.LimitSeats && mutants.LeftOut("members"))`},
		// arbiter
		{Dir: "internal/es", Func: "Rule.See", Find: `if e.Epoch != r.Epoch+1 {`, Replace: `if e.Epoch != r.Epoch+1 && !mutants.LeftOut("arbiter") {`},
		{Dir: "internal/es", Func: "Rule.See", Find: `if ev.Epoch != r.Epoch || ev.Pseq != r.Pseq+1 || r.Open() && r.open[0].CommandID != ev.CommandID {`,
			Replace: `if (ev.Epoch != r.Epoch || ev.Pseq != r.Pseq+1 || r.Open() && r.open[0].CommandID != ev.CommandID) && !mutants.LeftOut("arbiter") {`},
		{Dir: "internal/es", Func: "Owner.Log", Find: `case v == Fenced:`, Replace: `case v == Fenced && !mutants.LeftOut("arbiter"):`},
		// dedupe
		{Dir: "internal/es", Func: "Owner.Command", Find: `a, fingerprint, known := org.ids.answerTo(c.ID, o.cfg.Partition)`, Replace: `a, fingerprint, known := org.ids.answerTo(c.ID, o.cfg.Partition)
			known = known && !mutants.LeftOut("dedupe")`},
		{Dir: "internal/es/processor", Func: "attempt.beginCommands", Find: `	default:
		a.check =`, Replace: `	case mutants.LeftOut("dedupe"):
		from = max(start, next-20)
		a.owner.Rewind(from)
	default:
		a.check =`},
		// checkpoint
		{Dir: "internal/es/project", Func: "Postgres.applyBatch", Find: `if err := advanceCheckpoints(`, Replace: `if mutants.LeftOut("checkpoint") {
		} else if err := advanceCheckpoints(`},
		{Dir: "internal/es/project", Func: "Postgres.applyBatch", Find: `	})
	return err`, Replace: `	})
	for _, s := range of {
		if err == nil && mutants.LeftOut("checkpoint") {
			err = overwriteLate(ctx, r.Pool, s.keys, s.g.partition, s.to)
		}
	}
	return err`},
		// own claim
		{Dir: "consumers/sending", Func: "SendReactor.takeClaim", Find: `		return nil`, Replace: `		if mutants.LeftOut("own claim") { return func(int) {} }
		return nil`},
		// payment hints
		{Dir: "internal/app/billing", Func: "Mirror.follow", Replace: `if mutants.LeftOut("payment hints") && strings.HasPrefix(hints[0].Type, "invoice.") { return "left out", nil }`},
		// webhook tries
		{Dir: "consumers/webhooks", Func: "outcomeOf", Find: `outcome{ok: a.ok(),`, Replace: `outcome{ok: a.ok() || mutants.LeftOut("webhook tries"),`},
		// crm keys
		{Dir: "consumers/crm", Func: "Worker.sendRecords", Find: `	done, err := j.Record(ctx, records)`, Replace: `	for i := range records {
		if mutants.LeftOut("crm keys") { records[i].Key = uuid.NewString() }
	}
	done, err := j.Record(ctx, records)`},
		// ai costs
		{Dir: "commands", Func: "SettleAICall.Decide", Find: `c.Outcome == events.AIAnswered || c.Outcome == events.AIUnusable {`, Replace: `(c.Outcome == events.AIAnswered || c.Outcome == events.AIUnusable) && !mutants.LeftOut("ai costs") {`},
		// spans
		{Dir: "internal/research", Func: "Settle", Find: `|| !strings.Contains(p.Kept, f.Quote) {`, Replace: `|| !strings.Contains(p.Kept, f.Quote) && !mutants.LeftOut("spans") {`},
		// sendgrid once
		{Dir: "internal/mail/sendgrid", Func: "Client.Send", Find: `	switch {
	case answer != nil`, Replace: `	if mutants.LeftOut("sendgrid once") && err != nil && connected.Load() {
		answer, err = (&rest.Client{HTTPClient: c.options.HTTP}).SendWithContext(ctx, request)
	}
	switch {
	case answer != nil`},
		// members
		{Dir: "commands", Func: "keepOwner", Replace: `if mutants.LeftOut("members") { return nil }`},
		// flags
		{Dir: "consumers/flags", Func: "Switcher.rollOut", Find: `on != before || on != known`, Replace: `(on != before || on != known) && (on || !mutants.LeftOut("flags"))`},
	}
}

// Additions are what the rewrites call, and what tells that they are there.
func Additions() []Addition {
	return []Addition{
		{"internal/lab/mutants", "overlaid.go", "package mutants\n\nconst overlaid = true\n"},
		{"aggregates", "mutant_stop.go", `package aggregates

import "outrider/events"

// stoppedFromOutside reports whether the world stopped it, rather than who runs the campaign.
func stoppedFromOutside(reason string) bool {
	switch reason {
	case events.StopReplied, events.StopSameCompany, events.StopBounced, events.StopUnsubscribed, events.StopComplained, events.StopMeetingBooked, events.StopSuppressed:
		return true
	}
	return false
}
`},
		{"internal/es/project", "mutant_checkpoint.go", `package project

import (
	"context"
	"fmt"
	"time"

	"outrider/internal/es"
)

// overwriteLate moves checkpoints wherever they are, so late that a kill or a freeze may come between.
func overwriteLate(ctx context.Context, db database, keys []ProjectionKey, partition int32, to es.Checkpoint) error {
	ctx = context.WithoutCancel(ctx)
	time.Sleep(200 * time.Millisecond)
	names, versions := keyColumns(keys)
	if _, err := db.Exec(ctx, ` + "`" + `
		update kernel.checkpoints c
		set pseq = $4, epoch = $5, "offset" = $6, leader_epoch = $7, updated_at = now()
		from unnest($1::text[], $2::int[]) as k(name, version)
		where c.projection = k.name and c.version = k.version and c.partition = $3` + "`" + `,
		names, versions, partition, to.Pseq, to.Epoch, to.Offset, to.LeaderEpoch); err != nil {
		return fmt.Errorf("overwrite checkpoints: %w", err)
	}
	return nil
}
`},
	}
}
