package hostile

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/lab/hostilemail"
	"outrider/internal/retry"
)

// mailAttacks are those of a tenant's own mail servers: each mode by itself, and all at once. In short only the latter.
func mailAttacks(short bool) (out []attack) {
	modes := hostilemail.Names()
	if !short {
		for _, mode := range modes {
			out = append(out, mailAttack(mode, mode))
		}
	}
	return append(out, mailAttack("mail servers of all kinds", modes...))
}

// mailAttack connects a mailbox for each mode and has them verified and read again and again.
func mailAttack(name string, modes ...string) attack {
	return attack{name: name, awaited: true, run: func(attacking context.Context, a *arena, seen *tally) error {
		ctx := context.WithoutCancel(attacking) // what is asked is waited for: the audit wants an answer to everything
		before, err := a.world.HostileMail().Sessions(ctx)
		if err != nil {
			return err
		}
		// An organisation for each: what one mailbox breaks is to touch as few others as it would elsewhere.
		t, err := a.world.NewTenant(ctx, "enterprise")
		if err != nil {
			return err
		}
		c := a.world.Caller(t)
		var boxes []uuid.UUID
		for _, mode := range modes {
			body, err := a.world.HostileMailbox(mode)
			if err != nil {
				return err
			}
			var made struct{ ID uuid.UUID }
			if _, err := c.Ask(ctx, "connect mailbox", http.MethodPost, "/v1/mailboxes", body, &made); err != nil {
				return err
			}
			boxes = append(boxes, made.ID)
		}
		if err := a.awaitSession(ctx, before, modes); err != nil {
			return err
		}
		seen.begin()
		defer a.countSessions(before, modes, seen)
		// Whoever owns it asks again and again; what is verified is read every second besides.
		for attacking.Err() == nil {
			for _, box := range boxes {
				if attacking.Err() != nil {
					break
				}
				one, cancel := context.WithTimeout(ctx, patience)
				status, err := c.Ask(one, "verify mailbox", http.MethodPost, "/v1/mailboxes/"+box.String()+"/verify", nil, nil)
				cancel()
				if err != nil {
					return err
				}
				seen.add(fmt.Sprint(status), 1)
			}
			_ = retry.Sleep(attacking, 250*time.Millisecond)
		}
		return nil
	}, check: func(_ context.Context, _ *arena, seen map[string]int) (wrong []string) {
		if seen["sessions"] == 0 {
			wrong = append(wrong, "nobody came to the hostile mail servers: that was no attack")
		}
		return wrong
	}}
}

// awaitSession waits until somebody has come to one of the mail servers: who connects a mailbox has it verified.
func (a *arena) awaitSession(ctx context.Context, before map[string]int, modes []string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		n, err := a.sessionsSince(ctx, before, modes)
		if err != nil || n > 0 {
			return err
		}
		if err := retry.Sleep(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("nobody comes to the hostile mail servers: %w", err)
		}
	}
}

// countSessions tells how often mail servers were come to.
func (a *arena) countSessions(before map[string]int, modes []string, seen *tally) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if n, err := a.sessionsSince(ctx, before, modes); err == nil && n > 0 { // on an error nobody is seen to have come
		seen.add("sessions", n)
	}
}

func (a *arena) sessionsSince(ctx context.Context, before map[string]int, modes []string) (n int, err error) {
	after, err := a.world.HostileMail().Sessions(ctx)
	for name, now := range after {
		if slices.Contains(modes, name) {
			n += now - before[name]
		}
	}
	return n, err
}

// modesOf are those whose name holds one of some words.
func modesOf(words ...string) []string {
	return slices.DeleteFunc(hostilemail.Names(), func(name string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	})
}
