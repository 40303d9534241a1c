package forecast_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/forecast"
	"outrider/internal/es"
)

var (
	begin    = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC) // a Monday
	org      = es.DeriveID(uuid.Nil, "forecast")
	campaign = es.DeriveID(org, "campaign")
	noLimits = events.Limits{LeadsPerMonth: events.NoLimit, Mailboxes: events.NoLimit, Seats: events.NoLimit, LeadsStored: events.NoLimit}
)

// world is an organisation whose clock runs: everybody does at once what is decided, and people answer by chance.
type world struct {
	t      *testing.T
	o      *aggregates.Organization
	now    time.Time
	chance *rand.Rand
	rate   float64 // of messages that end their sequence
	later  []events.MessageSent
	at     []time.Time // of later
	sent   map[string]int
	ended  time.Time
}

func newWorld(t *testing.T, boxes, people int) *world {
	t.Helper()
	w := &world{t: t, o: aggregates.NewOrganization(org), now: begin, sent: map[string]int{}}
	ref := events.CampaignRef{CampaignID: campaign}
	var steps []events.Step
	for i, days := range []int{0, 2, 3} {
		id := es.DeriveID(campaign, "step", strconv.Itoa(i))
		steps = append(steps, events.Step{StepID: id, Kind: events.StepEmail, DelayDays: days, Variants: []events.Variant{{VariantID: es.DeriveID(id, "a"), Weight: 1}}})
	}
	w.apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "enterprise", Limits: noLimits, TimeZone: "Europe/Berlin", BillingAnchor: begin},
		events.CampaignCreated{CampaignRef: ref, Name: "A", Approval: events.ApproveNone, Steps: steps})
	var ids []uuid.UUID
	for i := range boxes {
		box := events.MailboxRef{MailboxID: es.DeriveID(org, "box", strconv.Itoa(i))}
		status := events.MailboxActive
		if i == 0 {
			status = events.MailboxWarming
		}
		w.apply(events.MailboxAdded{MailboxRef: box, Transport: events.TransportSMTP, AddressHash: aggregates.Hash(box.MailboxID).String()}, events.MailboxPaceSet{MailboxRef: box, MailboxPace: commands.DefaultPace()},
			events.MailboxVerified{MailboxRef: box, Status: status, WarmupFrom: begin})
		ids = append(ids, box.MailboxID)
	}
	w.apply(events.CampaignMailboxesAssigned{CampaignRef: ref, MailboxIDs: ids}, events.CampaignLaunched{CampaignRef: ref})
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", ""}
	for i := range people {
		lead := es.DeriveID(org, "lead", strconv.Itoa(i))
		w.apply(events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: aggregates.Hash(lead).String(), DomainHash: aggregates.Hash(es.DeriveID(org, "company", strconv.Itoa(i/3))).String(), TimeZone: zones[i%4]},
			events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: aggregates.EnrollmentID(campaign, lead), LeadID: lead, CampaignID: campaign}})
	}
	return w
}

func (w *world) apply(all ...events.Event) {
	for _, e := range all {
		w.o.Apply(e)
	}
}

func (w *world) do(c commands.Command) {
	w.t.Helper()
	out, err := c.Decide(w.now, w.o)
	if err != nil {
		return // refused, as to claim what may not leave any more
	}
	w.apply(out...)
	w.follow(out)
}

func (w *world) follow(out []events.Event) {
	for _, e := range out {
		switch e := e.(type) {
		case events.MessageRequested:
			w.do(commands.DraftMessage{MessageID: e.MessageID, Draft: events.Draft{Subject: events.Sealed{K: 1, C: []byte("s")}, Body: events.Sealed{K: 1, C: []byte("b")}, Writer: events.WriterTemplate}})
		case events.MessageScheduled:
			w.do(commands.ClaimMessages{MailboxID: e.MailboxID, MessageIDs: []uuid.UUID{e.MessageID}, InboxReadAt: w.now})
		case events.MessageClaimed:
			w.do(commands.RecordResults{MailboxID: e.MailboxID, Results: []commands.SendResult{{MessageID: e.MessageID, Sent: true, At: w.now.Add(time.Duration(e.MessageID[0]) * 20 * time.Millisecond)}}})
		case events.MessageSent:
			loc, _ := time.LoadLocation("Europe/Berlin")
			w.sent[e.AcceptedAt.In(loc).Format(time.DateOnly)]++
			if w.rate > 0 && w.chance.Float64() < w.rate {
				at := w.now.Add(time.Duration(w.chance.ExpFloat64() * float64(24*time.Hour)))
				i, _ := slices.BinarySearchFunc(w.at, at, time.Time.Compare)
				w.at, w.later = slices.Insert(w.at, i, at), slices.Insert(w.later, i, e)
			}
		}
	}
}

// play runs until nobody is left, or for so many days.
func (w *world) play(days int) {
	end := begin.AddDate(0, 0, days)
	for {
		due := w.o.Due()
		if len(w.at) > 0 && w.at[0].Before(due) {
			w.now = w.at[0]
			e := w.later[0]
			w.at, w.later = w.at[1:], w.later[1:]
			for _, x := range w.o.EnrollmentsOf(e.LeadID) {
				w.apply(x.Stop(events.StopReplied, nil)...)
			}
		} else {
			if due.IsZero() || due.After(end) {
				return
			}
			if due.After(w.now) {
				w.now = due
			}
			w.do(commands.AdvanceClock{})
			w.o.Ticked(w.now)
		}
		if w.ended.IsZero() && w.o.Campaigns[campaign].Active() == 0 {
			w.ended = w.now
			return
		}
	}
}

func (w *world) forecast(of forecast.Of) forecast.Forecast {
	w.t.Helper()
	f, err := forecast.New()
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := f.Copy(w.o)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := f.Play(w.t.Context(), s, w.now, of)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestNobodyAnswers compares each day of a forecast with what the clock then does.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, 400)
	f := w.forecast(forecast.Of{Campaign: campaign, Runs: 1})
	if n := w.o.Campaigns[campaign].Active(); n != 400 || f.People != 400 {
		t.Fatalf("the forecast changed the organisation: %d people, of %d", n, f.People)
	}
	w.play(120)
	all, ahead, off := 0, 0, 0 // in all; by the evening of a day; the most that was
	for _, d := range f.Days {
		all += d.Planned
		ahead += d.Planned - w.sent[d.Date]
		off = max(off, ahead, -ahead)
	}
	t.Logf("%d planned on %d days, off by %d; finish %s, was %s; %s binds", all, len(f.Days), off, f.Finish.Planned, w.ended, f.Rule)
	if all != 1200 || off*100 > 2*all {
		t.Errorf("%d planned, off by %d: %+v, was %v", all, off, f.Days, w.sent)
	}
	if gap := f.Finish.Planned.Sub(w.ended).Abs(); gap > 36*time.Hour {
		t.Errorf("to be finished at %s, was %s", f.Finish.Planned, w.ended)
	}
	if f.Rule == "" {
		t.Error("nothing binds")
	}
}

// TestPeopleAnswer asks whether what happens lies within the band nine times of ten: with a few seeds here, with twenty in make forecast-report (FORECAST_SEEDS).
func TestPeopleAnswer(t *testing.T) {
	t.Parallel()
	seeds := 2
	if n, err := strconv.Atoi(os.Getenv("FORECAST_SEEDS")); err == nil {
		seeds = n
	}
	f := newWorld(t, 3, 250).forecast(forecast.Of{Campaign: campaign})
	within, days, finished := 0, 0, 0
	for seed := range seeds {
		w := newWorld(t, 3, 250)
		w.chance, w.rate = rand.New(rand.NewPCG(uint64(seed), 7)), 0.05
		w.play(120)
		for _, d := range f.Days {
			days++
			if n := w.sent[d.Date]; n >= d.Low && n <= d.High {
				within++
			}
		}
		if !w.ended.Before(f.Finish.P10.AddDate(0, 0, -1)) && !w.ended.After(f.Finish.P90.AddDate(0, 0, 1)) {
			finished++
		}
	}
	t.Logf("%d seeds: %d of %d days within the band, %d ends; finish %s to %s", seeds, within, days, finished, f.Finish.P10, f.Finish.P90)
	if within*10 < days*9 || finished*10 < seeds*9 {
		t.Errorf("%d of %d days, %d of %d ends", within, days, finished, seeds)
	}
}

// TestWhatIf changes one thing at a time.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 200)
	total := func(f forecast.Forecast) (n int) {
		for _, d := range f.Days {
			n += d.Planned
		}
		return n
	}
	is := w.forecast(forecast.Of{Campaign: campaign, Runs: 1})
	five := 5
	for name, c := range map[string]struct {
		what  forecast.WhatIf
		later bool
		more  int
	}{
		"a lower cap":          {forecast.WhatIf{CapPerDay: 5}, true, 0},
		"more mailboxes":       {forecast.WhatIf{MoreMailboxes: 4}, false, 0},
		"one day a week":       {forecast.WhatIf{Window: &events.Window{Days: []int{2}, From: "09:00", To: "17:00"}}, true, 0},
		"more people":          {forecast.WhatIf{MorePeople: 100}, true, 300},
		"fewer new people":     {forecast.WhatIf{NewPeople: &five}, true, 0},
		"nothing is different": {forecast.WhatIf{}, false, 0},
	} {
		f := w.forecast(forecast.Of{Campaign: campaign, Runs: 1, Days: 180, WhatIf: c.what})
		if got, want := total(f), total(is)+c.more; got != want {
			t.Errorf("%s: %d are sent, want %d", name, got, want)
		}
		if c.later != f.Finish.Planned.After(is.Finish.Planned) {
			t.Errorf("%s: finished %s, else %s", name, f.Finish.Planned, is.Finish.Planned)
		}
	}
	if n := fmt.Sprint(total(w.forecast(forecast.Of{Campaign: campaign, Runs: 1}))); n != "600" {
		t.Errorf("the copies share something: %s", n)
	}
}
