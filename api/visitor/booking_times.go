package visitor

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/app/calendars"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/zone"
	"outrider/projections"
)

// daysShown is how many days that have a free slot are on one page.
const daysShown = 7

// availability is what a booking page knows of an organisation: when it can be met, and what is taken.
type availability struct {
	now    time.Time
	org    *projections.Organization
	hours  events.BookingHours
	set    bool // hours were set
	home   *time.Location
	taken  []*projections.Meeting
	active *projections.Meeting // that was booked with this link and isn't over
	before int                  // meetings of this link that are over or were cancelled
	next   uuid.UUID            // the meeting that may come of this link
	mine   []*projections.Meeting
	moving *projections.Meeting // that wants another time: it is in nobody's way, and its length stays
	held   []*projections.SlotHold
	hosts  calendars.Availability
	self   string // where the page is
	seen   int64  // how far the read models are that say so, on the partition
}

// readAvailability reads it all at one moment.
func (h *Handlers) readAvailability(ctx context.Context, t linktoken.Token) (*availability, error) {
	d := &availability{now: h.cfg.Now()}
	err := h.cfg.ReadInOrg(ctx, t.Org, func(tx pgx.Tx) (err error) {
		if d.seen, err = projections.PositionOf(ctx, tx, es.PartitionOf(t.Org, h.cfg.Partitions), "meetings", "booking"); err != nil {
			return err
		}
		if d.org, err = projections.GetOrganization(ctx, tx, t.Org); err != nil {
			return err
		}
		row, err := projections.GetBookingHours(ctx, tx, t.Org)
		switch {
		case err == nil:
			d.set = true
			if d.hours, err = row.Read(); err != nil {
				return err
			}
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if d.taken, err = projections.TakenSlots(ctx, tx, t.Org, d.now.Add(-aggregates.Gap(d.hours)), d.now.AddDate(0, 0, d.hours.DaysAhead+1)); err != nil {
			return err
		}
		if d.held, err = projections.HeldSlots(ctx, tx, t.Org, d.now); err != nil {
			return err
		}
		if d.hosts, err = calendars.Read(ctx, tx, t.Org, time.Now(), d.now); err != nil { // calendars are looked at in real time
			return err
		}
		d.mine, err = projections.MeetingsOfMessage(ctx, tx, t.Org, t.Message)
		for _, m := range d.mine {
			if m.Status == projections.MeetingBooked && m.EndsAt.After(d.now) {
				d.active = m
			} else {
				d.before++
			}
		}
		d.next = es.DeriveID(t.Message, "meeting", strconv.Itoa(d.before))
		return err
	})
	if err != nil {
		return nil, err
	}
	d.home = firstZone(d.hours.Zone, d.org.TimeZone, "UTC")
	return d, nil
}

func (d *availability) slotLength() time.Duration {
	if d.moving != nil {
		return d.moving.EndsAt.Sub(d.moving.StartsAt)
	}
	return time.Duration(d.hours.SlotMinutes) * time.Minute
}

// zoneOrHome is the visitor's zone, or the organisation's.
func (d *availability) zoneOrHome(name string) *time.Location {
	return firstZone(name, d.home.String(), "UTC")
}

// freeSlots returns the slots that nobody has taken.
func (d *availability) freeSlots() []time.Time {
	if !d.set {
		return nil
	}
	all := aggregates.SlotsOf(d.hours, d.slotLength(), d.home, d.now.Add(time.Duration(d.hours.NoticeMinutes)*time.Minute), d.now.AddDate(0, 0, d.hours.DaysAhead))
	return slices.DeleteFunc(all, d.isTaken)
}

// bookingPage is what the template shows.
type bookingPage struct {
	Title, Alert              string
	Minutes                   int // of a slot; 0 = no hours were set
	Zone                      string
	Zones                     []string
	Days                      []bookingDay
	Earlier, Later            string
	Picked, Name, Email, Note string
	Away, Unsure              bool   // calendars can't be read now: all that count, or some
	Held                      string // the time that is kept for who fills the form in; empty = none is
	HeldMinutes               int
	Self                      string // where the page is; empty = where the browser is
}

type bookingDay struct {
	Name  string
	Slots []bookingSlot
}

type bookingSlot struct{ Value, Text string }

// showDays shows days from a date on, by the wall clock of zone.
func (d *availability) showDays(zone *time.Location, from string) bookingPage {
	p := bookingPage{Title: cmp.Or(d.hours.Headline, "Book a meeting with "+d.org.Name), Minutes: d.hours.SlotMinutes, Self: d.self, Zone: zone.String(), Zones: zonesWith(d.home.String(), zone.String()), Away: d.isAway(), Unsure: d.hosts.Unknown > 0}
	date := ""
	for _, at := range d.freeSlots() {
		local := at.In(zone)
		if day := local.Format(time.DateOnly); day != date {
			if day < from {
				p.Earlier = d.self + "?" + url.Values{"time_zone": {p.Zone}}.Encode()
				continue
			}
			if len(p.Days) == daysShown {
				p.Later = d.self + "?" + url.Values{"time_zone": {p.Zone}, "from": {day}}.Encode()
				break
			}
			date = day
			p.Days = append(p.Days, bookingDay{Name: local.Format("Monday, 2 January")})
		}
		last := &p.Days[len(p.Days)-1]
		last.Slots = append(last.Slots, bookingSlot{at.Format(time.RFC3339), local.Format("15:04")})
	}
	return p
}

// firstZone returns the first name that is an IANA zone.
func firstZone(names ...string) *time.Location {
	for _, name := range names {
		if found, err := zone.Load(name); err == nil {
			return found
		}
	}
	return time.UTC
}

// zonesWith are zones to choose from, one or two of each offset and where most people live, and those that are given.
func zonesWith(more ...string) []string {
	all := append([]string{
		"Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago",
		"America/Denver", "America/Halifax", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Phoenix", "America/Santiago", "America/Sao_Paulo",
		"America/St_Johns", "America/Toronto", "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Karachi", "Asia/Kathmandu",
		"Asia/Kolkata", "Asia/Manila", "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Azores", "Atlantic/Reykjavik",
		"Australia/Adelaide", "Australia/Brisbane", "Australia/Perth", "Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Dublin", "Europe/Helsinki",
		"Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Paris", "Europe/Rome", "Europe/Stockholm", "Europe/Warsaw", "Europe/Zurich",
		"Pacific/Auckland", "Pacific/Honolulu", "UTC"}, more...)
	slices.Sort(all)
	return slices.Compact(all)
}
