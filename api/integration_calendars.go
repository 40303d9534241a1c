package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/googlecalendar"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/projections"
)

// calendarClient asks as a connection to calendars; 404 for what is none.
func (h *integrationHandlers) calendarClient(c *call, id uuid.UUID) (*googlecalendar.Client, *projections.Connection, error) {
	row, err := h.row(c, id)
	if err != nil {
		return nil, nil, err
	}
	if row.Provider != googlecalendar.Name || h.connector == nil || h.connector.Calendar == nil {
		return nil, nil, notFoundProblem()
	}
	client, err := h.connector.Calendar(c.who.Org, id)
	return client, row, err
}

func (h *integrationHandlers) listCalendars(c *call, id uuid.UUID) error {
	client, row, err := h.calendarClient(c, id)
	if err != nil {
		return err
	}
	there, err := client.Calendars(c.ctx)
	if err != nil {
		return integrationProblem("id", err)
	}
	return h.showCalendars(c, row, there)
}

func (h *integrationHandlers) showCalendars(c *call, row *projections.Connection, there []googlecalendar.Calendar) error {
	choice, set, err := calendars.ChoiceOf(c.ctx, h.vault, row)
	if err != nil {
		return err
	}
	hasher, err := h.vault.Hasher(c.ctx, row.OrgID)
	if err != nil {
		return err
	}
	var states []calendars.State
	if err := h.readInOrg(c, row.OrgID, func(tx pgx.Tx) (err error) {
		states, err = calendars.States(c.ctx, tx, row.OrgID)
		return err
	}); err != nil {
		return err
	}
	for _, id := range choice.All() {
		if !slices.ContainsFunc(there, func(x googlecalendar.Calendar) bool { return x.ID == id }) {
			there = append(there, googlecalendar.Calendar{ID: id, Name: id})
		}
	}
	out := gen.IntegrationCalendars{Set: set, Meet: choice.Meet, Data: []gen.IntegrationCalendar{}}
	for _, x := range there {
		is := gen.IntegrationCalendar{ID: x.ID, Name: x.Name, Primary: x.Primary, Writable: x.Writable, Looked: slices.Contains(choice.Look, x.ID), Written: x.ID == choice.Write}
		hash := calendars.Hash(hasher, x.ID)
		for _, s := range states {
			if s.ConnectionID == row.ConnectionID && s.Calendar == hash {
				is.Known, is.Problem = s.Known(time.Now()), s.Problem
			}
		}
		out.Data = append(out.Data, is)
	}
	return c.answerJSON(200, out)
}

func (h *integrationHandlers) chooseCalendars(c *call, id uuid.UUID, body gen.IntegrationCalendarsInput) error {
	client, row, err := h.calendarClient(c, id)
	if err != nil {
		return err
	}
	there, err := client.Calendars(c.ctx)
	if err != nil {
		return integrationProblem("id", err)
	}
	choice := calendars.Choice{Look: []string{}, Write: strings.TrimSpace(body.Write), Meet: body.Meet}
	for _, x := range body.Look {
		choice.Look = append(choice.Look, calendarID(x, there))
	}
	if err := checkCalendars(c.ctx, client, choice, there); err != nil {
		return err
	}
	cmd, err := choice.Command(c.ctx, h.vault, row.OrgID, id)
	if err != nil {
		return err
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "connections", a, func() error {
		row, err := h.row(c, id)
		if err != nil {
			return err
		}
		return h.showCalendars(c, row, there)
	})
}

// calendarID returns a calendar as the account calls it, or the address of a person as such are written.
func calendarID(given string, there []googlecalendar.Calendar) string {
	given = strings.TrimSpace(given)
	if slices.ContainsFunc(there, func(x googlecalendar.Calendar) bool { return x.ID == given }) {
		return given
	}
	if address, err := pii.NormalizeAddress(given); err == nil {
		return address
	}
	return given
}

// checkCalendars asks when all of them are busy, and names one of which that isn't said.
func checkCalendars(ctx context.Context, client *googlecalendar.Client, choice calendars.Choice, there []googlecalendar.Calendar) error {
	if choice.Write != "" {
		i := slices.IndexFunc(there, func(x googlecalendar.Calendar) bool { return x.ID == choice.Write })
		if i < 0 || !there[i].Writable {
			return invalidField("write", "isn't a calendar that this account may write into")
		}
	}
	if len(choice.All()) == 0 {
		return invalidField("look", "must name a calendar where none is written into")
	}
	now := time.Now()
	said, err := client.FreeBusy(ctx, choice.All(), now, now.Add(time.Hour))
	if err != nil {
		return integrationProblem("id", err)
	}
	for i, id := range choice.Look {
		if p := said[id].Problem; p == "notFound" || p == "notACalendarUser" {
			return invalidField("look."+strconv.Itoa(i), "isn't a calendar that this account may look at")
		}
	}
	return nil
}

// listHosts says whose calendars count and how each stands.
func (h *integrationHandlers) listHosts(c *call) error {
	var rows []*projections.Connection
	var states []calendars.State
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if rows, err = projections.ListConnections(c.ctx, tx, c.who.Org); err == nil {
			states, err = calendars.States(c.ctx, tx, c.who.Org)
		}
		return err
	}); err != nil {
		return err
	}
	out := gen.BookingHostList{Data: []gen.BookingHost{}}
	for _, row := range rows {
		if row.Provider != googlecalendar.Name || row.Calendars == nil {
			continue
		}
		account, err := integrations.OpenAccount(c.ctx, h.vault, row.OrgID, row.ConnectionID, row.Account)
		if err != nil {
			return err
		}
		is := gen.BookingHost{IntegrationID: row.ConnectionID, PersonID: valueOrZero(row.PersonID), Account: account.Name, Written: row.Writes}
		is.State, is.Calendars, is.Unknown, is.LookedAt = hostState(row, states, time.Now())
		out.Data = append(out.Data, is)
	}
	return c.answerJSON(200, out)
}

func hostState(row *projections.Connection, all []calendars.State, now time.Time) (state gen.BookingHostState, of, unknown int, looked time.Time) {
	usable := true
	for _, s := range all {
		if s.ConnectionID != row.ConnectionID {
			continue
		}
		if of++; !s.Known(now) {
			unknown++
			usable = usable && !s.Writes
		} else if looked.IsZero() || s.LookedAt.Before(looked) {
			looked = *s.LookedAt
		}
	}
	switch {
	case row.State() == projections.ConnectionNeedsYou:
		state = gen.BookingHostStateNeedsYou
	case row.State() == projections.ConnectionPaused:
		state = gen.BookingHostStatePaused
	case of == unknown || !usable:
		state = gen.BookingHostStateUnknown
	case unknown > 0:
		state = gen.BookingHostStatePartly
	default:
		state = gen.BookingHostStateReady
	}
	return state, of, unknown, looked
}

// receiveCalendarChange has a connection looked at now. The address was made by us and names the connection; there is nothing else to believe.
func (h *integrationHandlers) receiveCalendarChange(c *call) error {
	if h.connector == nil || h.connector.Wake == nil || h.signer == nil {
		return notFoundProblem()
	}
	t, err := h.signer.Verify(linktoken.Bookings, c.Params("token"))
	if err != nil {
		return notFoundProblem()
	}
	if c.Get("X-Goog-Resource-State") != "sync" { // that only says that the channel stands
		if err := h.connector.Wake(c.ctx, t.Org, t.Message); err != nil {
			return unavailableProblem(codeUnavailable, err)
		}
	}
	return c.answerNothing()
}
