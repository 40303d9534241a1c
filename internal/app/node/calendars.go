package node

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/googlecalendar"
	"outrider/internal/linktoken"
)

// identifyCalendar asks Google whose an access token is.
func (s services) identifyCalendar(ctx context.Context, access string) (who integrations.Account, err error) {
	client, err := googlecalendar.New(googlecalendar.Config{Base: googlecalendar.StandInBase(s.calendar), HTTP: s.http, Access: func(context.Context) (string, error) { return access, nil },
		Refuse: func(context.Context) bool { return false }})
	if err != nil {
		return who, err
	}
	id, err := client.Account(ctx)
	return integrations.Account{ID: id, Name: id}, err
}

// calendarClient asks Google as a connection.
func (s services) calendarClient(org, connection uuid.UUID) (*googlecalendar.Client, error) {
	creds := s.connector.Credentials
	return googlecalendar.New(googlecalendar.Config{Base: googlecalendar.StandInBase(s.calendar), HTTP: s.http,
		Access: func(ctx context.Context) (string, error) { return creds.Access(ctx, org, connection) },
		Refuse: func(ctx context.Context) bool { return creds.Refuse(ctx, org, connection) },
		Limit: func(ctx context.Context) error {
			return s.limits.Wait(ctx, "google calendar "+connection.String(), googlecalendar.Rate())
		}})
}

// calendarPoll is how often calendars are looked at, whatever Google tells by itself.
const calendarPoll = time.Minute

// prepareCalendars makes who notes what calendars are to be told, and who tells them. Calendars live in real time; people are met in the organisations'.
func (n *Node) prepareCalendars(log *slog.Logger) (err error) {
	turns := integrations.Turns{Pool: n.Pools.Projector, Now: time.Now}
	links := linktoken.Links{Signer: n.Signer, Base: n.mailing.base}
	if n.calendars, err = calendars.NewWorker(calendars.WorkerConfig{Turns: turns, Vault: n.vault, Reads: n.Pools.API, Commands: n.Gateway, Client: n.services.calendarClient, Forget: n.services.connector.Credentials.Reread,
		Poll: calendarPoll, Now: n.clock.Now, Log: log,
		Address: func(org, connection uuid.UUID) string {
			if !strings.HasPrefix(n.mailing.base, "https://") && n.services.calendar == "" { // Google posts to no other address
				return ""
			}
			return links.Bookings("google-calendar", linktoken.Token{Org: org, Message: connection})
		}}); err != nil {
		return err
	}
	n.consumers.Calendars, err = calendars.NewEnqueuer(calendars.EnqueueConfig{Turns: turns, Commands: n.Gateway, Await: n.awaitReads, Wake: n.calendars.Wake})
	return err
}
