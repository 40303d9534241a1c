package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/googlecalendar"
	services "outrider/internal/integrations"
	"outrider/internal/lab/bookingpages"
	"outrider/internal/lab/googlecalendarlike"
	"outrider/internal/linktoken"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
)

// calendarsFor makes connections to a stand-in of Google Calendar; woken is told of each connection that is to be looked at.
func calendarsFor(t *testing.T, vault *pii.Vault, standIn string, woken func(connection uuid.UUID)) *integrations.Connector {
	client := mailoauth.Client{ID: "google-client", Secret: "google-secret"}
	registry := services.NewRegistry("https://ours.test/v1/integration-sign-ins/callback", http.DefaultClient, googlecalendar.Provider(client, standIn))
	creds := services.Credentials{Vault: vault, Tokens: registry.Tokens(vault)}
	ask := func(access func(context.Context) (string, error)) (*googlecalendar.Client, error) {
		return googlecalendar.New(googlecalendar.Config{Base: googlecalendar.StandInBase(standIn), HTTP: &http.Client{}, Access: access, Refuse: func(context.Context) bool { return false }})
	}
	return &integrations.Connector{Registry: registry, Vault: vault, Credentials: creds,
		Identify: map[string]integrations.Identify{googlecalendar.Name: func(ctx context.Context, access string) (integrations.Account, error) {
			c, err := ask(func(context.Context) (string, error) { return access, nil })
			check(t, err)
			id, err := c.Account(ctx)
			return integrations.Account{ID: id, Name: id}, err
		}},
		Calendar: func(org, connection uuid.UUID) (*googlecalendar.Client, error) {
			return ask(func(ctx context.Context) (string, error) { return creds.Access(ctx, org, connection) })
		},
		Wake: func(_ context.Context, _, connection uuid.UUID) error {
			woken(connection)
			return nil
		}}
}

func TestCalendarsAreChosenAndTheBookingPageFollows(t *testing.T) {
	t.Parallel()
	w := setup(t)
	there := googlecalendarlike.New("", nil)
	there.PutCalendar("team@ours.example", "Team", "Europe/Berlin", "reader")
	standIn := httptest.NewServer(there)
	t.Cleanup(standIn.Close)
	var woken []uuid.UUID
	w.serve(func(cfg *api.Config) {
		cfg.Integrations = calendarsFor(t, cfg.Vault, standIn.URL, func(id uuid.UUID) { woken = append(woken, id) })
	})
	c := w.tenant("enterprise").campaign()
	c.hours()
	own := googlecalendarlike.Account

	begun := c.ok("POST", "/v1/integration-sign-ins", obj{"provider": "google_calendar", "return_to": "/x"})
	cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
	if to := begun.text("authorize_url"); !strings.Contains(to, "access_type=offline") || !strings.Contains(to, "code_challenge_method=S256") || !strings.Contains(to, "calendar.events") {
		t.Errorf("it goes to %s", to)
	}
	_, to := w.back(begun.text("authorize_url"), "")
	at, err := url.Parse(to)
	check(t, err)
	status, location := w.back(w.urls[len(w.urls)-1]+at.Path+"?"+at.RawQuery, cookie)
	id := strings.TrimPrefix(location, "/x?connected=")
	if status != 303 || len(id) != 36 {
		t.Fatalf("got %d to %s", status, location)
	}
	path := "/v1/integrations/" + id + "/calendars"
	c.until("/v1/integrations/"+id, func(a answer) bool { return a.text("account") == own && a.text("kind") == "calendar" })
	if got := c.ok("GET", path, nil); got.json["set"] != false || len(got.list("data")) != 2 {
		t.Errorf("there are %s", got.body)
	}
	letters := []letter{c.sent("ann@acme.test", "", time.Hour), c.sent("bob@other.test", "", time.Hour), c.sent("cem@third.test", "", time.Hour)}
	offered := slots(c.seen(200, "GET", letters[0].book(), browser))
	if len(offered) < 6 {
		t.Fatalf("before calendars are chosen it offers %v", offered)
	}

	c.refused(422, "invalid", "PUT", path, obj{"look": []string{own}, "write": "team@ours.example"})
	if got := c.refused(422, "invalid", "PUT", path, obj{"look": []string{own, "nobody@ours.example"}}); !strings.Contains(string(got.body), "look.1") {
		t.Errorf("got %s", got.body)
	}
	c.refused(422, "invalid", "PUT", path, obj{"look": []string{}})
	if got := c.ok("PUT", path, obj{"look": []string{"team@ours.example"}, "write": own, "meet": true}); got.json["set"] != true || got.json["meet"] != true {
		t.Errorf("chosen are %s", got.body)
	}
	host := func() string {
		return c.ok("GET", "/v1/booking-hosts", nil).list("data")[0].(map[string]any)["state"].(string)
	}
	if s := host(); s != "unknown" {
		t.Errorf("nobody has looked, and the host is %s", s)
	}
	const away, unsure = "be shown just now", "we may have to ask you for another time"
	says(t, c.seen(200, "GET", letters[0].book(), browser), away)
	says(t, c.seen(409, "POST", letters[0].book(), browser, "slot", offered[0], "name", "Ann"), away)

	start := make([]time.Time, len(offered))
	for i := range offered {
		start[i], err = time.Parse(time.RFC3339, offered[i])
		check(t, err)
	}
	look := func(calendar, problem string, busy ...time.Time) {
		t.Helper()
		hasher, err := w.cfg.Vault.Hasher(t.Context(), c.org)
		check(t, err)
		hash := calendars.Hash(hasher, calendar)
		_, err = w.db.Pools.Projector.Exec(t.Context(), `insert into integrations.calendars (org_id, connection_id, calendar, writes, problem, looked_at, known_until) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (org_id, connection_id, calendar) do update set problem = excluded.problem`, c.org, id, hash, calendar == own, problem, time.Now(), start[0].AddDate(0, 1, 0))
		check(t, err)
		for _, b := range busy {
			_, err = w.db.Pools.Projector.Exec(t.Context(), `insert into integrations.busy (org_id, connection_id, calendar, starts_at, ends_at) values ($1, $2, $3, $4, $5)`, c.org, id, hash, b, b.Add(20*time.Minute))
			check(t, err)
		}
	}
	look(own, "")
	look("team@ours.example", "", start[1])
	if s := host(); s != "ready" {
		t.Errorf("the host is %s", s)
	}
	if got := slots(c.seen(200, "GET", letters[0].book(), browser)); slices.Contains(got, offered[1]) || !slices.Contains(got, offered[0]) || !slices.Contains(got, offered[2]) {
		t.Errorf("where the team is busy at %s it offers %v", offered[1], got)
	}

	// a time is kept while the form is filled in
	says(t, c.seen(200, "POST", letters[0].book(), browser, "slot", offered[0]), "kept for you")
	if got := slots(c.seen(200, "GET", letters[1].book(), browser)); slices.Contains(got, offered[0]) {
		t.Error("what is held is offered to others")
	}
	says(t, c.seen(409, "POST", letters[1].book(), browser, "slot", offered[0], "name", "Bob"), "just taken")
	says(t, c.seen(422, "POST", letters[0].book(), browser, "slot", offered[0], "name", ""), "tell us your name")
	says(t, c.seen(200, "POST", letters[0].book(), browser, "slot", offered[0], "name", "Ann"), "Your meeting is booked")
	meeting := c.until("/v1/meetings", func(a answer) bool { return len(a.list("data")) == 1 }).list("data")[0].(map[string]any)
	if meeting["host_id"] != id {
		t.Errorf("got %v", meeting)
	}

	// what has come into the calendar since the last look
	there.Put(own, start[2], start[2].Add(time.Minute), false)
	says(t, c.seen(409, "POST", letters[1].book(), browser, "slot", offered[2], "name", "Bob"), "just taken")

	look("team@ours.example", "notFound")
	says(t, c.seen(200, "GET", letters[1].book(), browser), unsure)
	if s := host(); s != "partly" {
		t.Errorf("the host is %s", s)
	}

	// what Google posts
	links := linktoken.Links{Signer: w.cfg.Signer, Base: c.url()}
	hook := links.Bookings("google-calendar", linktoken.Token{Org: c.org, Message: uuid.MustParse(id)})
	post := func(to, state string, want, times int) {
		t.Helper()
		got, err := bookingpages.Post(t.Context(), to, http.Header{"X-Goog-Channel-Id": {"c1"}, "X-Goog-Resource-State": {state}}, nil)
		if err != nil || got != want || len(woken) != times {
			t.Errorf("%s is answered %d, %v, and woken are %v", state, got, err, woken)
		}
	}
	post(hook, "sync", 204, 0)
	post(hook, "exists", 204, 1)
	post(c.url()+"/hooks/google-calendar/"+strings.Repeat("A", 40), "exists", 404, 1)
	if len(woken) != 1 || woken[0].String() != id {
		t.Errorf("woken are %v", woken)
	}

	_, pos := c.submit(commands.InterruptConnection{ConnectionRef: events.ConnectionRef{ConnectionID: uuid.MustParse(id)}, Reason: events.ConnectionEnded})
	c.ok("GET", "/v1/integrations/"+id, nil, "Outrider-Position", pos)
	says(t, c.seen(200, "GET", letters[2].book(), browser), away)
	if s := host(); s != "needs_you" {
		t.Errorf("the host is %s", s)
	}
}
