package hostile

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// attack is one; run goes on until its context ends, and tells what attackers see.
type attack struct {
	name  string
	run   func(ctx context.Context, a *arena, seen *tally) error
	check func(ctx context.Context, a *arena, seen map[string]int) (wrong []string) // beside what is looked at after every attack; nil = nothing
	// settle waits until what it left behind is done; nil = nothing is.
	settle func(ctx context.Context, a *arena) error
	long   bool // takes three times as long as others
	// awaited: it says when it has begun, and is waited for until then.
	awaited bool
}

// allAttacks are made in this order; the last makes all of them at once.
func allAttacks(short bool) (all []attack) {
	all = append(all, mailAttacks(short)...)
	all = append(all, tenantAttacks(short)...)
	all = append(all, strangerAttacks(short)...) // behind those that sign new tenants up: an address with wrong keys isn't listened to for a minute
	all = append(all, logAttacks()...)
	return append(all, everything(all))
}

// everything makes all attacks together. Of the mail servers those that play all modes at once.
func everything(of []attack) attack {
	parts := slices.DeleteFunc(slices.Clone(of), func(x attack) bool { return strings.HasPrefix(x.name, "imap: ") || strings.HasPrefix(x.name, "smtp: ") })
	return attack{name: "everything at once", long: true, settle: importsEnd, run: func(ctx context.Context, a *arena, seen *tally) error {
		var together sync.WaitGroup
		failed := make(chan error, len(parts))
		for _, x := range parts {
			together.Go(func() { failed <- x.run(ctx, a, seen) })
		}
		together.Wait()
		for range parts {
			if err := <-failed; err != nil && ctx.Err() == nil {
				return err
			}
		}
		return nil
	}}
}
