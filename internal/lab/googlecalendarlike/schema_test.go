package googlecalendarlike_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/googlecalendar"
	"outrider/internal/lab/googlecalendarlike"
)

// discovery is what Google says of its API, as its client for Python carries it.
type discovery struct {
	Schemas map[string]*schema `json:"schemas"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Format     string             `json:"format"`
	Properties map[string]*schema `json:"properties"`
	Additional *schema            `json:"additionalProperties"`
	Items      *schema            `json:"items"`
}

func readDiscovery(t *testing.T) (d discovery) {
	t.Helper()
	name := os.Getenv("OUTRIDER_GOOGLE_DISCOVERY")
	if name == "" {
		found, _ := filepath.Glob("../../../bin/google-python/lib/python3*/site-packages/googleapiclient/discovery_cache/documents/calendar.v3.json")
		if len(found) == 0 {
			t.Skip("Google's description of its API isn't here; make test-google-calendar brings it")
		}
		name = found[0]
	}
	b, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wrong says what of a value doesn't fit a schema.
func (d discovery) wrong(at string, s *schema, v any) (out []string) {
	if s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	bad := func() []string {
		return append(out, fmt.Sprintf("%s is %v, and should be a %s %s", at, v, s.Type, s.Format))
	}
	switch s.Type {
	case "object":
		m, ok := v.(map[string]any)
		if !ok {
			return bad()
		}
		for name, x := range m {
			of := s.Properties[name]
			if of == nil {
				of = s.Additional
			}
			if of == nil {
				out = append(out, at+"."+name+" is unknown")
				continue
			}
			out = append(out, d.wrong(at+"."+name, of, x)...)
		}
	case "array":
		a, ok := v.([]any)
		if !ok {
			return bad()
		}
		for i, x := range a {
			out = append(out, d.wrong(at+"."+strconv.Itoa(i), s.Items, x)...)
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			return bad()
		}
		var err error
		switch s.Format {
		case "int64":
			_, err = strconv.ParseInt(text, 10, 64)
		case "date-time":
			_, err = time.Parse(time.RFC3339, text)
		case "date":
			_, err = time.Parse(time.DateOnly, text)
		}
		if err != nil {
			return bad()
		}
	case "integer", "number":
		if _, ok := v.(float64); !ok {
			return bad()
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return bad()
		}
	}
	return out
}

// Answers by what was asked.
var shapes = []struct {
	asked  *regexp.Regexp
	schema string
}{
	{regexp.MustCompile(`^GET .*/calendarList$`), "CalendarList"},
	{regexp.MustCompile(`^GET .*/calendarList/.+$`), "CalendarListEntry"},
	{regexp.MustCompile(`^POST .*/freeBusy$`), "FreeBusyResponse"},
	{regexp.MustCompile(`^POST .*/watch$`), "Channel"},
	{regexp.MustCompile(`^GET .*/events$`), "Events"},
	{regexp.MustCompile(`^(GET|PATCH) .*/events/.+$`), "Event"},
	{regexp.MustCompile(`^POST .*/events$`), "Event"},
}

// kept is an answer that is passed on and kept.
type kept struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (k *kept) WriteHeader(status int) { k.status = status; k.ResponseWriter.WriteHeader(status) }
func (k *kept) Write(b []byte) (int, error) {
	k.body.Write(b)
	return k.ResponseWriter.Write(b)
}

func TestAnswersAreAsGoogleDescribesThem(t *testing.T) {
	t.Parallel()
	d := readDiscovery(t)
	s := googlecalendarlike.New("", nil)
	var mu sync.Mutex
	seen := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := &kept{ResponseWriter: w, status: http.StatusOK}
		s.ServeHTTP(k, r)
		if k.status != http.StatusOK {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, shape := range shapes {
			if !shape.asked.MatchString(r.Method + " " + r.URL.Path) {
				continue
			}
			seen[shape.schema] = true
			var v any
			if err := json.Unmarshal(k.body.Bytes(), &v); err != nil {
				t.Error(err)
			}
			for _, x := range d.wrong(shape.schema, &schema{Ref: shape.schema}, v) {
				t.Error(x)
			}
			break
		}
	}))
	t.Cleanup(server.Close)
	c, err := googlecalendar.New(googlecalendar.Config{Base: googlecalendar.StandInBase(server.URL), HTTP: server.Client(), Access: func(context.Context) (string, error) { return googlecalendarlike.Key, nil },
		Refuse: func(context.Context) bool { return false }})
	check(t, err)
	own, start := googlecalendarlike.Account, time.Date(2026, 3, 29, 9, 0, 0, 0, time.UTC)
	s.PutDays(own, "2026-03-29", "2026-03-30", true)
	_, err = c.Account(t.Context())
	check(t, err)
	_, err = c.Calendars(t.Context())
	check(t, err)
	a := googlecalendar.Appointment{Meeting: uuid.New(), Start: start, End: start.Add(time.Hour), Summary: "Meeting", Meet: true}
	s.Behave(func(b *googlecalendarlike.Misbehave) { b.SlowLink = 1 })
	e, err := c.Insert(t.Context(), own, a)
	check(t, err)
	_, err = c.Get(t.Context(), own, e.ID)
	check(t, err)
	_, token, err := c.Changes(t.Context(), own, "")
	check(t, err)
	_, err = c.Move(t.Context(), own, e.ID, e.ETag, start.Add(time.Hour), start.Add(2*time.Hour))
	check(t, err)
	_, err = c.FreeBusy(t.Context(), []string{own, "nobody@ours.example"}, start, start.AddDate(0, 0, 100))
	check(t, err)
	ch, err := c.Watch(t.Context(), own, googlecalendar.Channel{ID: "c1", Token: "x"}, "https://ours.example.com/", time.Hour)
	check(t, err)
	check(t, c.Stop(t.Context(), ch))
	check(t, c.Delete(t.Context(), own, e.ID))
	_, _, err = c.Changes(t.Context(), own, token)
	check(t, err)
	if len(seen) != 6 {
		t.Errorf("only %v were looked at", seen)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
