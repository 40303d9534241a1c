package googlecalendarlike

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"
)

// updated is when a list was asked for.
var updated = regexp.MustCompile(`"updated":"[^"]*"`)

func TestAnAccountIsKeptInAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "calendar.json")
	open := func() *Server {
		s := New("", nil)
		if err := s.KeepIn(file); err != nil {
			t.Fatal(err)
		}
		return s
	}
	is := open()
	is.PutCalendar("team@ours.example", "Team", "Europe/Berlin", "reader")
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	gone := is.Put(Account, nine, nine.Add(time.Hour), false)
	is.Put("team@ours.example", nine, nine.Add(time.Hour), true)
	is.Delete(Account, gone)
	is.Put(Account, nine.Add(time.Hour), nine.Add(2*time.Hour), false)
	is.OAuth.Admit([]string{"refresh"}, []string{"access"})
	is.Rename("team@ours.example", is.Events("team@ours.example")[0].ID, "Weekly") // which is written with the tokens
	if err := is.Kept(); err != nil {
		t.Fatal(err)
	}

	again := open()
	for _, id := range []string{Account, "team@ours.example"} {
		if a, b := is.Events(id), again.Events(id); !reflect.DeepEqual(a, b) || len(b) != 1 {
			t.Errorf("%s has %+v, and had %+v", id, b, a)
		}
		if a, b := is.Busy(id), again.Busy(id); !reflect.DeepEqual(a, b) {
			t.Errorf("%s is busy %+v, and was %+v", id, b, a)
		}
	}
	answer := func(s *Server, path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/calendar/v3"+path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	// a token of changes counts on, and so does a permission
	for _, path := range []string{"/users/me/calendarList", "/calendars/primary/events?syncToken=s2&showDeleted=true"} {
		a, b := answer(is, path, "access"), answer(again, path, "access")
		if a.Code != http.StatusOK || a.Code != b.Code || updated.ReplaceAllString(a.Body.String(), "") != updated.ReplaceAllString(b.Body.String(), "") {
			t.Errorf("%s: %d %s, and before %d %s", path, b.Code, b.Body, a.Code, a.Body)
		}
	}
	if w := answer(again, "/users/me/calendarList", "another"); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger gets %d", w.Code)
	}
}
