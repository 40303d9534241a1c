package node

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"outrider/consumers/meetings"
	"outrider/internal/app/bookings"
	"outrider/internal/app/integrations"
	remote "outrider/internal/integrations"
	"outrider/internal/linktoken"
	"outrider/internal/scheduling"
)

// identifyPages asks Calendly or Cal.com whose a key is.
func (s services) identifyPages(name string) integrations.Identify {
	return func(ctx context.Context, access string) (who integrations.Account, err error) {
		do := &remote.Caller{HTTP: s.http, Access: func(context.Context) (string, error) { return access, nil }, Refuse: func(context.Context) bool { return false }}
		if who.ID, who.Name, err = s.pages[name].Identify(ctx, do); err != nil {
			return who, fmt.Errorf("ask whose a key is: %w", err)
		}
		return who, nil
	}
}

// pageRate is well below what either service allows an account.
var pageRate = remote.Rate{Most: 60, Window: time.Minute} //nolint:gochecknoglobals // a constant

// prepareBookings makes what watches that Calendly and Cal.com post their bookings to us.
func (n *Node) prepareBookings(log *slog.Logger) (err error) {
	store := bookings.Store{Pool: n.Pools.Projector}
	providers := slices.Sorted(maps.Keys(n.services.pages))
	n.pages = bookings.NewWatcher(bookings.Watcher{Services: n.services.pages, Secrets: n.vault, Links: linktoken.Links{Signer: n.Signer, Base: n.mailing.base}, Alone: store.Alone, Worked: store.Worked,
		List: func(ctx context.Context) ([]bookings.Connected, error) { return store.List(ctx, providers) }, Submit: n.Gateway.Submit, Now: n.clock.Now, Log: log,
		As: func(c bookings.Connected) scheduling.Doer {
			credentials := n.services.connector.Credentials
			return &remote.Caller{HTTP: n.services.http,
				Access: func(ctx context.Context) (string, error) { return credentials.Access(ctx, c.Org, c.ID) },
				Refuse: func(ctx context.Context) bool { return credentials.Refuse(ctx, c.Org, c.ID) },
				Limit: func(ctx context.Context, _ *http.Request) error {
					return n.services.limits.Wait(ctx, c.Provider+" "+c.ID.String(), pageRate)
				}}
		}})
	n.consumers.Pages, err = meetings.NewPageWatcher(n.awaitReads, n.pages.Wake)
	return err
}
