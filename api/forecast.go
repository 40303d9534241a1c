package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/app/forecast"
	"outrider/internal/zone"
	"outrider/projections/analytics"
)

// forecasts plays one organisation at a time, so that what is asked for leaves a processor to the others.
type forecasts struct {
	*forecast.Forecaster
	turn chan struct{}
}

func newForecasts() (*forecasts, error) {
	f, err := forecast.New()
	return &forecasts{f, make(chan struct{}, 1)}, err
}

// forecastTime is how long one is played, within the time of a request.
const forecastTime = 8 * time.Second

// play waits for its turn, and plays.
func (f *forecasts) play(ctx context.Context, s forecast.State, now time.Time, of forecast.Of) (out forecast.Forecast, err error) {
	ctx, cancel := context.WithTimeout(ctx, forecastTime)
	defer cancel()
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return out, laterProblem(codeBusy, "other forecasts are being made", nil)
	}
	out, err = f.Play(ctx, s, now, of)
	if errors.Is(err, context.DeadlineExceeded) {
		err = laterProblem(codeUnavailable, "there is too much to send for a forecast of so many days in the time that a request has; ask for fewer `days`", err)
	}
	return out, err
}

func (h *pacingHandlers) getForecast(c *call) error { return h.showForecast(c, forecast.Of{}) }

func (h *pacingHandlers) getCampaignForecast(c *call, id uuid.UUID) error {
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	return h.showForecast(c, forecast.Of{Campaign: id})
}

func (h *pacingHandlers) getMailboxForecast(c *call, id uuid.UUID) error {
	if _, err := h.loadMailbox(c, id); err != nil {
		return err
	}
	return h.showForecast(c, forecast.Of{Mailbox: id})
}

// showForecast copies the organisation, and plays the copy: the kept state isn't held up meanwhile.
func (h *pacingHandlers) showForecast(c *call, of forecast.Of) error {
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	window, err := c.windowParam()
	if err != nil {
		return err
	}
	of.Days = c.numberParam("days", forecast.DefaultDays)
	of.WhatIf = forecast.WhatIf{CapPerDay: c.numberParam("cap_per_day", 0), MoreMailboxes: c.numberParam("more_mailboxes", 0), MorePeople: c.numberParam("more_people", 0), Window: window}
	if n := c.numberParam("new_people_per_day", -1); n >= 0 {
		of.WhatIf.NewPeople = &n
	}
	var state forecast.State
	var now time.Time
	var failed error
	seq, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now = laterOf(h.clock(), last)
		state, failed = h.forecasts.Copy(o)
	})
	if err = errors.Join(err, failed); errors.Is(err, forecast.ErrTooLarge) {
		return laterProblem(codeUnavailable, "the organisation is too large for a forecast", err)
	}
	if err != nil {
		return err
	}
	of.Seed = uint64(seq) //nolint:gosec // a number of an event is positive
	f, err := h.forecasts.play(c.ctx, state, now, of)
	if err != nil {
		return err
	}
	out := forecastOf(f, of.Mailbox == uuid.Nil)
	out.AsOf, out.Oseq = now, seq
	if h.columns != nil && of.Mailbox == uuid.Nil {
		if err := h.addReplies(c, f, of.Campaign, now, &out); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// addReplies adds how many answers are to be expected on the days after today.
func (h *pacingHandlers) addReplies(c *call, f forecast.Forecast, campaign uuid.UUID, now time.Time, out *gen.Forecast) error {
	zone, err := zone.Load(f.Zone)
	if err != nil {
		return err
	}
	ages, err := analytics.ReplyAgesOf(c.ctx, h.columns, c.who.Org, campaign, f.Zone, now.In(zone), forecast.ReplyDays)
	if err != nil {
		return err
	}
	planned := make([]int, len(f.Days))
	for i, d := range f.Days {
		planned[i] = d.Expected
	}
	days, all := forecast.ForecastReplies(forecast.ReplyHistory(ages), planned)
	for i, r := range days {
		out.Days[i+1].Replies = repliesOf(r)
	}
	out.Replies = repliesOf(all)
	return nil
}

func repliesOf(r forecast.Replies) gen.ForecastReplies {
	return gen.ForecastReplies{Expected: math.Round(100*r.Expected) / 100, Low: r.Low, High: r.High}
}

// windowParam is the window that a request asks about; nil = none.
func (c *call) windowParam() (*events.Window, error) {
	days, w := c.textParam("window_days"), events.Window{From: c.textParam("window_from"), To: c.textParam("window_to")}
	if days == "" && w.From == "" && w.To == "" {
		return nil, nil //nolint:nilnil // nothing is asked
	}
	if days == "" || w.From == "" || w.To == "" || w.From >= w.To || w.To > "24:00" {
		return nil, malformedProblem("query parameters window_days, window_from and window_to: are given together, and the window begins before it ends")
	}
	for d := range strings.SplitSeq(days, ",") {
		w.Days = append(w.Days, int(d[0]-'0'))
	}
	slices.Sort(w.Days)
	w.Days = slices.Compact(w.Days)
	return &w, nil
}

// forecastOf shows a forecast; ends says whether its end is of what was asked for.
func forecastOf(f forecast.Forecast, ends bool) gen.Forecast {
	out := gen.Forecast{Zone: f.Zone, Days: make([]gen.ForecastDay, len(f.Days)), People: f.People, Rule: f.Rule, Text: planWords(f.Rule), Runs: f.Runs}
	for i, d := range f.Days {
		out.Days[i] = gen.ForecastDay{Date: d.Date, Planned: d.Planned, Expected: d.Expected, Low: d.Low, High: d.High, Rule: d.Rule, Text: planWords(d.Rule)}
		out.Total += d.Planned
	}
	if ends {
		out.Finish = gen.ForecastFinish{Planned: f.Finish.Planned, P10: f.Finish.P10, P50: f.Finish.P50, P90: f.Finish.P90}
	}
	return out
}
