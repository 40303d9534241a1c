package node

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/answers"
	"outrider/consumers/inbox"
	"outrider/consumers/mailboxes"
	"outrider/consumers/meetings"
	"outrider/consumers/reaction"
	"outrider/consumers/readside"
	"outrider/consumers/sending"
	"outrider/consumers/writing"
	"outrider/events"
	appmailboxes "outrider/internal/app/mailboxes"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/linktoken"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/mail/worker"
)

// resultsTogether is how long results of a mailbox wait for others: a command for many costs little more than one for one.
const resultsTogether = 50 * time.Millisecond

// outreach is what a process with the role consumers does about messages.
type outreach struct {
	drafter  *writing.Drafter
	dispatch *sending.Dispatcher
	send     *sending.SendReactor
	response *sending.ResponseReactor
	tests    *sending.TestReactor
	monitor  *inbox.Monitor
	inDoubt  *sending.InDoubtResolver
	verifier *mailboxes.Verifier
	domains  *mailboxes.DomainChecker
	assigned atomic.Pointer[react.Subscriber] // of dispatch: who sends for an organisation reads for it
	confirm  *meetings.MeetingConfirmer
	answer   *answers.Answerer
	workers  *worker.Pool
	doubting atomic.Bool // a round looks for messages in doubt
}

func newOutreach(s *Stores, m mailingSetup, model *models.Client, at clock, log *slog.Logger) (o *outreach, err error) {
	if !strings.HasPrefix(m.base, "https://") {
		log.Warn("links in messages begin with "+m.base+": the world can't reach that, and mail programs offer no unsubscribing with one click; set --public-url to an https address", "public_url", m.base)
	}
	o = &outreach{}
	now := at.Now
	tokens := mailoauth.NewTokens(mailoauth.TokensConfig{Vault: s.vault, Providers: m.oauth(m.base), Ended: endPermission(s.Gateway, now, log)})
	secrets := appmailboxes.WithTokens(appmailboxes.CacheSecrets(s.vault), tokens)
	links := linktoken.Links{Signer: s.Signer, Base: m.base}
	o.workers = worker.NewPool(worker.PoolConfig{Setup: m.mail, Now: now, Log: log, Suspend: o.suspend(s.Gateway, now, log)})
	servers := sendgrid.NewServers(o.workers, withArguments(m.grid, s.Signer))
	reads, err := readside.New(readside.Config{Pool: s.Pools.API, All: s.Pools.Projector, Keys: s.vault, Links: links, Objects: s.blobs, Model: model.Wanted, Hasher: s.vault.Hasher, Now: now,
		Ours: func(org uuid.UUID) bool { return o.isOurs(es.PartitionOf(org, s.Log.Partitions)) },
		Position: func(ctx context.Context, projection string, partition int32, pseq int64) error {
			return s.Positions.Wait(ctx, ReadModel(projection), partition, pseq)
		}, CatchUp: s.catchUp})
	if err != nil {
		return nil, err
	}
	if o.drafter, err = writing.NewDrafter(writing.DrafterConfig{Briefs: reads, Keys: s.vault, Objects: s.blobs, Commands: s.Gateway, Model: model, Await: reads.Await, Now: now}); err != nil {
		return nil, err
	}
	if o.send, err = sending.NewSendReactor(sending.SendConfig{Outbox: reads, Keys: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.Gateway, Links: links, Servers: servers, Await: reads.Await,
		Gather: at.batchWait(resultsTogether), Now: now, Log: log, Trace: s.tracing.Effect()}); err != nil {
		return nil, err
	}
	if o.response, err = sending.NewResponseReactor(sending.ResponseConfig{Outbox: reads, Keys: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.Gateway, Links: links, Send: o.send, Await: reads.Await, Now: now, Log: log}); err != nil {
		return nil, err
	}
	if o.tests, err = sending.NewTestReactor(sending.TestConfig{Tests: reads, Hashes: s.vault, Secrets: secrets, Commands: s.Gateway, Links: links, Send: o.send, Await: reads.Await, Now: now, Log: log}); err != nil {
		return nil, err
	}
	if o.monitor, err = inbox.NewMonitor(inbox.MonitorConfig{Mail: reads, Keys: s.vault, Hashes: s.vault, Objects: s.blobs, Secrets: secrets, Commands: s.Gateway, Signer: s.Signer, Servers: servers, Watch: at.watched(), Now: now, Log: log}); err != nil {
		return nil, err
	}
	if o.dispatch, err = sending.NewDispatcher(sending.DispatchConfig{Messages: reads, Monitor: o.monitor, Send: o.send, Now: now, Log: log}); err != nil {
		return nil, err
	}
	if o.inDoubt, err = sending.NewInDoubtResolver(sending.InDoubtConfig{Messages: reads, Secrets: secrets, Commands: s.Gateway, Links: links, Servers: servers, Now: now, Log: log}); err != nil {
		return nil, err
	}
	if o.domains, err = mailboxes.NewDomainChecker(mailboxes.DomainConfig{Domains: reads, Commands: s.Gateway, Names: m.names, PublicHost: m.publicHost(), Answers: m.answersAt, Await: reads.Await, Now: now}); err != nil {
		return nil, err
	}
	if o.verifier, err = mailboxes.NewVerifier(mailboxes.VerifyConfig{Mailboxes: reads, Secrets: secrets, Commands: s.Gateway, Signer: s.Signer, Servers: servers, Lookup: m.names.LookupTXT, Domains: o.domains, Await: reads.Await, Now: now}); err != nil {
		return nil, err
	}
	if o.answer, err = answers.New(answers.Config{Mails: reads, Keys: s.vault, Hashes: s.vault, Commands: s.Gateway, Model: model, Await: reads.Await, Now: now}); err != nil {
		return nil, err
	}
	o.confirm, err = meetings.NewMeetingConfirmer(meetings.ConfirmConfig{Outbox: reads, Bookings: reads, Keys: s.vault, Hashes: s.vault, Secrets: secrets, Commands: s.Gateway, Links: links, Servers: servers, Await: reads.Await, Now: now, Log: log})
	return o, err
}

// runRound reads all mailboxes, and looks after what was left lying.
func (o *outreach) runRound(ctx context.Context, log *slog.Logger) {
	logRound(ctx, log, o.monitor.Round(ctx))
	logRound(ctx, log, o.dispatch.Sweep(ctx))
	o.lookForDoubtful(ctx, log)
}

func logRound(ctx context.Context, log *slog.Logger, err error) {
	if err != nil && ctx.Err() == nil {
		log.Error("a round through the mailboxes failed", "error", err)
	}
}

// slowDoubts is how long a round waits for mail servers that are asked for messages in doubt. They go on beside the next rounds.
const slowDoubts = 20 * time.Second

func (o *outreach) lookForDoubtful(ctx context.Context, log *slog.Logger) {
	if !o.doubting.CompareAndSwap(false, true) {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer o.doubting.Store(false)
		logRound(ctx, log, o.inDoubt.Round(ctx))
	}()
	late := time.NewTimer(slowDoubts)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
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
	o.workers.Close()
}

// suspend has a mailbox suspended whose mail server has broken its worker too often.
func (o *outreach) suspend(to reaction.Commander, now func() time.Time, log *slog.Logger) func(worker.Mailbox, string) {
	return func(of worker.Mailbox, why string) {
		log.Warn("a mailbox is suspended", "mailbox", of.ID, "org", of.Org, "reason", why)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		id := es.NewID()
		cause := reaction.Cause{Org: of.Org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "mail_worker"}}
		if _, err := reaction.Submit(ctx, to, cause, id, now(), commands.SuspendMailbox{MailboxRef: events.MailboxRef{MailboxID: of.ID}, Times: worker.MaxStrikes}); err != nil {
			log.Error("a mailbox could not be suspended; it will be tried again", "mailbox", of.ID, "org", of.Org, "error", err)
		}
	}
}
