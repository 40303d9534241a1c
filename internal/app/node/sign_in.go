package node

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"outrider/api"
	"outrider/internal/identity"
	"outrider/internal/mail/systemmail"
	"outrider/internal/mail/transport"
)

// SigningIn says how people sign in.
type SigningIn struct {
	SystemSMTP string `name:"system-smtp" help:"Where the installation's own mail leaves (links to sign up, to set a password, to accept an invitation): smtp://user:password@host:587?from=ADDRESS, or smtps://. Without it dev writes them to the folder mails, and serve lets nobody sign up." placeholder:"URL"`
	IdentityProviders
	TrialPlan string `name:"trial-plan" help:"Plan of who signs up; default: starter, or the first by name of a --plans file without it." placeholder:"NAME"`
}

const defaultTrialPlan = "starter"

// signIn is what SigningIn says, made ready.
type signIn struct {
	parts  *api.SignIn
	mailer *systemmail.Sender // nil = none
}

// newSignIn makes what people sign in by. own says that the process serves nobody but its user, who reads files.
func (n *Node) newSignIn(c SigningIn, own bool) (signIn, error) {
	if c.TrialPlan == "" {
		c.TrialPlan = defaultTrialPlan
	}
	if _, ok := n.plans[c.TrialPlan]; !ok {
		if c.TrialPlan != defaultTrialPlan {
			return signIn{}, fmt.Errorf("--trial-plan: there is no plan %q", c.TrialPlan)
		}
		c.TrialPlan = slices.Min(slices.Collect(maps.Keys(n.plans)))
	}
	pool := n.Pools.Identity
	external, err := n.newExternalSignIn(c.IdentityProviders)
	if err != nil {
		return signIn{}, err
	}
	keys := identity.NewSigningKeys(pool, n.vault, nil)
	sessions, err := identity.NewSessions(pool, keys, n.mailing.base, identity.Options{})
	if err != nil {
		return signIn{}, err
	}
	s := signIn{parts: &api.SignIn{External: external, People: identity.NewPeople(pool, nil), Sessions: sessions, SigningKeys: keys, Links: identity.NewMailedLinks(pool, nil), Throttle: identity.NewThrottle(pool, nil),
		SecondFactors: identity.NewSecondFactors(pool, n.vault, nil), Settings: identity.NewPersonSettings(pool, nil), TrialPlan: c.TrialPlan}}
	if c.SystemSMTP == "" && !own {
		return s, nil
	}
	dialer := transport.Dialer{LoopbackOnly: n.mailing.mail.LoopbackOnly, Private: true} // the operator names the host
	if n.mailing.mail.CA != nil {
		if dialer.Roots, err = transport.RootsWith(n.mailing.mail.CA); err != nil {
			return s, err
		}
	}
	if s.mailer, err = systemmail.New(systemmail.Config{URL: c.SystemSMTP, Folder: filepath.Join(filepath.Dir(n.data), "mails"), Dialer: dialer, Logger: n.log}); err != nil {
		return s, err
	}
	s.parts.Mail = s.mailer
	return s, nil
}

// cleanSessions forgets what is old, now and then.
func (n *Node) cleanSessions(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	cleanAtTicks(ctx, tick.C, n.signIn.parts.Sessions.Clean, n.log)
	return nil
}

// cleanAtTicks cleans at each tick until ctx ends. What fails comes with the next one.
func cleanAtTicks(ctx context.Context, ticks <-chan time.Time, clean func(context.Context) (rows int64, err error), log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			gone, err := clean(ctx)
			if err != nil && ctx.Err() == nil {
				log.Warn("old sessions were not forgotten", "error", err)
			}
			if gone > 0 {
				log.Info("forgot old sessions and records of sign-ins", "rows", gone)
			}
		}
	}
}

// tellSecondFactors lets histories say what requests could not tell.
func (n *Node) tellSecondFactors(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := n.server.TellSecondFactors(ctx, time.Minute); err != nil && ctx.Err() == nil {
				n.log.Warn("histories were not told of a second factor; they will be", "error", err)
			}
		}
	}
}
