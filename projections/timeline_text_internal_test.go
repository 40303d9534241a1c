package projections

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

var updateTexts = flag.Bool("update-texts", false, "write testdata/timeline_texts.txt from what the code says")

func sampleID(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

// fillSample returns every field a value that doesn't change from run to run; sparse fills the times alone, and not the optional ones.
func fillSample(v reflect.Value, name string, sparse bool) {
	moment := time.Date(2026, 3, 2, 10, 4, 5, 0, time.UTC)
	if v.Type() == reflect.TypeFor[time.Time]() {
		if !sparse || name != "Until" {
			v.Set(reflect.ValueOf(moment))
		}
		return
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			fillSample(v.Field(i), v.Type().Field(i).Name, sparse)
		}
	}
	if sparse {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("some_" + strings.ToLower(name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(len(name)))
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Int { // a span of rows
			v.Index(0).SetInt(2)
			v.Index(1).SetInt(3)
			return
		}
		v.Set(reflect.ValueOf(sampleID(name)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSample(v.Elem(), name, sparse)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(`{"some":"detail"}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillSample(v.Index(0), "custom."+name, sparse)
		fillSample(v.Index(1), name, sparse)
	}
}

func sampleEvent(zero events.Event, sparse bool) events.Event {
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	fillSample(v, "", sparse)
	return v.Interface().(events.Event)
}

// timelineSamples returns each event twice, with everything and with little, and those that are told in several ways in each of them.
func timelineSamples() []events.Event {
	var out []events.Event
	for _, entry := range events.Catalogue() {
		if !entry.Retired {
			out = append(out, sampleEvent(entry.Zero, false), sampleEvent(entry.Zero, true))
		}
	}
	refused := sampleEvent(es.CommandRefused{}, false).(es.CommandRefused)
	refused.Subject = sampleID("LeadID").String()
	out = append(out, refused)
	for _, class := range []string{events.ClassHuman, events.ClassProxy, events.ClassScanner} {
		out = append(out, events.MessageOpened{Class: class}, events.MessageClicked{Class: class}, events.HitReclassified{Class: class, Reason: "late_read"})
	}
	for _, from := range []string{events.FromLead, events.FromAlias, events.FromCompany} {
		out = append(out, events.MessageReplied{From: from})
	}
	out = append(out, events.MessageReplied{From: events.FromLead, Meaning: events.MeansMaybeUnsubscribe})
	created := sampleEvent(events.LeadCreated{}, false).(events.LeadCreated)
	created.ImportID, created.Row = uuid.Nil, 0
	return append(out, created,
		events.LeadUpdated{Filled: []string{"title"}}, events.LeadUpdated{Cleared: []string{"custom.seats", "phone"}},
		events.MessageAutoReplied{OutOfOffice: true}, events.MessageAutoReplied{OutOfOffice: true, ReturnDate: "2026-03-09"}, events.MessageAutoReplied{ReturnDate: "2026-03-09"},
		events.MessageAutoReplied{ForGood: events.StopLeftCompany}, events.MessageAutoReplied{ForGood: events.StopNotMonitored},
		events.MessageResolved{Sent: true, By: events.ResolvedBySent}, events.MessageResolved{By: events.ResolvedByPerson},
		events.MessageBounced{Kind: events.BounceHard, AtRCPT: true, Enhanced: "5.1.1"})
}

// What is stored and said stays as it is: rows outlive the program, and a dashboard finds its words by the keys. A change in
// testdata/timeline_texts.txt may add lines; -update-texts writes it.
func TestTimelineTextsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	const golden = "testdata/timeline_texts.txt"
	var b strings.Builder
	for _, p := range timelineSamples() {
		e := &es.Event{Org: sampleID("OrganizationID"), Type: p.EventType(), Subject: p.AggregateID(), Payload: p}
		rows, err := timelineEntries(e)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", p.EventType())
		for _, row := range rows {
			fmt.Fprintf(&b, "\tunder  %s\n", row.Subject)
		}
		if len(rows) == 0 {
			continue
		}
		if len(rows[0].Detail) > 0 {
			fmt.Fprintf(&b, "\tdetail %s\n", sortKeys(t, rows[0].Detail))
		}
		text := rows[0].Text()
		fmt.Fprintf(&b, "\tkey    %s\n\tsays   %s\n", text.Key, text.English)
	}
	if *updateTexts {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(lines) || lines[i] != line {
			t.Fatalf("line %d of %s is\n%s\nand now\n%s", i+1, golden, line, lines[min(i, len(lines)-1)])
		}
	}
	if len(lines) > len(strings.Split(string(want), "\n")) {
		t.Errorf("%s lacks what is new", golden)
	}
}

// sortKeys writes an object as jsonb does not promise to: always in the same order.
func sortKeys(t *testing.T, object []byte) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(object, &m); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return sorted
}

func TestEveryEventHasATimelineText(t *testing.T) {
	t.Parallel()
	entries := 0
	for _, entry := range events.Catalogue() {
		if entry.Retired {
			continue // it decodes to a newer type; what is stored under the old one is told by the words of its type
		}
		entries++
		if _, ok := timelineTexts[entry.Zero.EventType()]; !ok {
			t.Errorf("%s is not in the timeline's table", entry.Zero.EventType())
		}
	}
	if len(timelineTexts) != entries {
		t.Errorf("%d entries for %d types of events", len(timelineTexts), entries)
	}
	for kind, s := range map[string]TimelineText{
		"campaign.created.v1":   {"campaign.created", "Campaign created."},
		"campaign.launched.v1":  {"campaign.launched", "Campaign launched."},
		"message.bounced.v2":    {"message.bounced", "The message came back ( bounce, )."},
		"of_another.program.v3": {"of_another.program", "Of another program."},
	} {
		if got := (&TimelineEntry{Type: kind}).Text(); got != s {
			t.Errorf("%s says %+v", kind, got)
		}
	}
}

// setLead fills an event's lead; false when it carries none.
func setLead(zero events.Event, lead uuid.UUID) (events.Event, bool) {
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	f := v.FieldByName("LeadID") // also of what is embedded
	if !f.IsValid() || f.Type() != reflect.TypeFor[uuid.UUID]() {
		return zero, false
	}
	f.Set(reflect.ValueOf(lead))
	e, _ := v.Interface().(events.Event)
	return e, true
}

func TestEveryEventOfALeadIsInItsTimeline(t *testing.T) {
	t.Parallel()
	lead := uuid.New()
	walked := 0
	for _, entry := range events.Catalogue() {
		p, ok := setLead(entry.Zero, lead)
		if !ok || entry.Retired {
			continue
		}
		walked++
		name := p.EventType()
		rows, err := timelineEntries(&es.Event{Org: uuid.New(), Type: name, Subject: p.AggregateID(), Payload: p})
		if err != nil || !slices.ContainsFunc(rows, func(row *TimelineEntry) bool { return row.Subject == lead }) {
			t.Errorf("%s carries a lead and isn't in its timeline", name)
		}
		if timelineTexts[name].text == nil {
			t.Errorf("%s has no sentence for people", name)
		}
	}
	if walked < 35 {
		t.Errorf("walked %d types only", walked)
	}
	for _, name := range []string{"suppression.added.v2", "suppression.removed.v2", "command.refused.v1", "enrollment.batch_recorded.v1"} { // these reach a lead without carrying one
		if timelineTexts[name].text == nil {
			t.Errorf("%s has no sentence for people", name)
		}
	}
	if s := (&TimelineEntry{Type: "campaign.launched.v1"}).Text().English; s != "Campaign launched." {
		t.Errorf("got %q", s)
	}
}

func TestAnOlderShapeIsToldAsTheNewerOne(t *testing.T) {
	t.Parallel()
	e := TimelineEntry{Type: "message.auto_replied.v1", Detail: []byte(`{"out_of_office":true,"return_date":"2026-03-09"}`)}
	if got := e.Text(); got.English != "Is out of office until 2026-03-09." {
		t.Errorf("got %+v", got)
	}
}
