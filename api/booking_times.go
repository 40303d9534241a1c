package api

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/internal/zone"
	"outrider/projections"
)

// daysShown is how many days that have a free slot are on one page.
const daysShown = 7

// diary is what a booking page knows of an organisation: when it can be met, and what is taken.
type diary struct {
	now    time.Time
	org    *projections.Organization
	hours  events.BookingHours
	set    bool // hours were set
	home   *time.Location
	taken  []*projections.Meeting
	active *projections.Meeting // that was booked with this link and isn't over
	before int                  // meetings of this link that are over or were cancelled
}

// diary reads it all at one moment.
func (s *Server) diary(c *call, t linktoken.Token) (*diary, error) {
	d := &diary{now: s.cfg.Now()}
	err := s.read(c, t.Org, func(tx pgx.Tx) (err error) {
		if d.org, err = projections.GetOrganization(c.ctx, tx, t.Org); err != nil {
			return err
		}
		row, err := projections.GetBookingHours(c.ctx, tx, t.Org)
		switch {
		case err == nil:
			d.set = true
			if d.hours, err = hoursOf(row); err != nil {
				return err
			}
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if d.taken, err = projections.TakenSlots(c.ctx, tx, t.Org, d.now, d.now.AddDate(0, 0, d.hours.DaysAhead+1)); err != nil {
			return err
		}
		mine, err := projections.MeetingsOfMessage(c.ctx, tx, t.Org, t.Message)
		for _, m := range mine {
			if m.Status == projections.MeetingBooked && m.EndsAt.After(d.now) {
				d.active = m
			} else {
				d.before++
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	d.home = zoneOf(d.hours.Zone, d.org.TimeZone, "UTC")
	return d, nil
}

func (d *diary) slot() time.Duration { return time.Duration(d.hours.SlotMinutes) * time.Minute }

// zoneOr is the visitor's zone, or the organisation's.
func (d *diary) zoneOr(name string) *time.Location { return zoneOf(name, d.home.String(), "UTC") }

// zoneOf gives the first name that is an IANA zone.
func zoneOf(names ...string) *time.Location {
	for _, name := range names {
		if found, err := zone.Load(name); err == nil {
			return found
		}
	}
	return time.UTC
}

// free gives the slots that nobody has taken.
func (d *diary) free() []time.Time {
	if !d.set {
		return nil
	}
	all := aggregates.Slots(d.hours, d.home, d.now.Add(time.Duration(d.hours.NoticeMinutes)*time.Minute), d.now.AddDate(0, 0, d.hours.DaysAhead))
	return slices.DeleteFunc(all, func(at time.Time) bool {
		end := at.Add(d.slot())
		return slices.ContainsFunc(d.taken, func(m *projections.Meeting) bool { return m.StartsAt.Before(end) && m.EndsAt.After(at) })
	})
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
}

type bookingDay struct {
	Name  string
	Slots []bookingSlot
}

type bookingSlot struct{ Value, Text string }

// page shows days from a date on, by the wall clock of zone.
func (d *diary) page(zone *time.Location, from string) bookingPage {
	p := bookingPage{Title: "Book a meeting with " + d.org.Name, Minutes: d.hours.SlotMinutes, Zone: zone.String(), Zones: zonesWith(d.home.String(), zone.String())}
	date := ""
	for _, at := range d.free() {
		local := at.In(zone)
		if day := local.Format(time.DateOnly); day != date {
			if day < from {
				p.Earlier = "?" + url.Values{"zone": {p.Zone}}.Encode()
				continue
			}
			if len(p.Days) == daysShown {
				p.Later = "?" + url.Values{"zone": {p.Zone}, "from": {day}}.Encode()
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

// text is a field of a form that may have lines.
func text(values url.Values, name string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(values.Get(name), "\x00", ""), ""))
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
