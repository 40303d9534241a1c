package node

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"outrider/consumers"
	"outrider/internal/es"
	"outrider/internal/es/react"

	"github.com/google/uuid"
)

// resultsTogether is how long results of a mailbox wait for others: a command for many costs little more than one for one.
const resultsTogether = 50 * time.Millisecond

// outreach is what a process with the role consumers does about messages.
type outreach struct {
	reads    *consumers.ReadSide
	write    *consumers.Drafter
	dispatch *consumers.Dispatcher
	send     *consumers.SendReactor
	monitor  *consumers.Monitor
	doubts   *consumers.InDoubtResolver
	verify   *consumers.Verifier
	assigned atomic.Pointer[react.Subscriber] // of dispatch: who sends for an organisation reads for it
	confirm  *consumers.MeetingConfirmer
}

func newOutreach(s *Stores, m mailing, at clock, log *slog.Logger) *outreach {
	if !strings.HasPrefix(m.base, "https://") {
		log.Warn("links in messages begin with "+m.base+": the world can't reach that, and mail programs offer no unsubscribing with one click; set --public-url to an https address", "public_url", m.base)
	}
	now := at.Now
	secrets := consumers.CacheSecrets(s.vault)
	links := consumers.Links{Signer: s.Signer, Base: m.base}
	m.imap.Now = now
	reads := (&consumers.ReadSide{Pool: s.Pools.API, All: s.Pools.Projector, Keys: s.vault, Links: links, Model: m.model != nil, Position: func(ctx context.Context, projection string, partition int32, pseq int64) error {
		return s.Positions.Wait(ctx, ReadModel(s, projection), partition, pseq)
	}}).Ready()
	o := &outreach{reads: reads}
	reads.Ours = func(org uuid.UUID) bool { return o.isOurs(es.PartitionOf(org, s.Log.Partitions)) }
	o.write = &consumers.Drafter{Briefs: reads, Keys: s.vault, Objects: s.blobs, Commands: s.Gateway, Model: m.model, Await: reads.Await, Now: now}
	o.send = &consumers.SendReactor{Outbox: reads, Keys: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.Gateway, Links: links, SMTP: m.smtp, Await: reads.Await, Gather: at.batchWait(resultsTogether), Now: now, Log: log, Trace: s.tracing.Effect()}
	o.monitor = &consumers.Monitor{Mail: reads, Keys: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.Gateway, Signer: s.Signer, IMAP: m.imap, Now: now, Log: log}
	o.dispatch = &consumers.Dispatcher{Messages: reads, Monitor: o.monitor, Send: o.send, Now: now, Log: log}
	o.doubts = &consumers.InDoubtResolver{Messages: reads, Secrets: secrets, Commands: s.Gateway, Links: links, IMAP: m.imap, Now: now, Log: log}
	o.verify = &consumers.Verifier{Mailboxes: reads, Secrets: secrets, Commands: s.Gateway, SMTP: m.smtp, IMAP: m.imap, Lookup: m.names.LookupTXT, Await: reads.Await, Now: now}
	o.confirm = &consumers.MeetingConfirmer{Outbox: reads, Keys: s.vault, Secrets: secrets, Commands: s.Gateway, Links: links, SMTP: m.smtp, Await: reads.Await, Now: now, Log: log}
	return o
}

// runRound reads all mailboxes, and looks after what was left lying.
func (o *outreach) runRound(ctx context.Context, log *slog.Logger) {
	for _, err := range []error{o.monitor.Round(ctx), o.dispatch.Sweep(ctx), o.doubts.Round(ctx)} {
		if err != nil && ctx.Err() == nil {
			log.Error("a round through the mailboxes failed", "error", err)
		}
	}
}

// isOurs says whether a partition is assigned to this process.
func (o *outreach) isOurs(partition int32) bool {
	s := o.assigned.Load()
	return s != nil && slices.ContainsFunc(s.Status(), func(s react.Status) bool { return s.Partition == partition })
}

func (o *outreach) closeClients() {
	o.send.Close()
	o.monitor.Close()
}
