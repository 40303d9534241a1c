package bookingpages

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Calcom is one account there. Its ids of webhooks are text.
type Calcom struct {
	Server *httptest.Server

	mu    sync.Mutex
	hooks map[string]*calcomHook
	made  int
}

type calcomHook struct {
	ID       string   `json:"id"`
	URL      string   `json:"subscriberUrl"`
	Active   bool     `json:"active"`
	Triggers []string `json:"triggers"`
	Secret   string   `json:"secret,omitempty"`
}

// NewCalcom starts one; close its Server. Its API is at Server.URL + "/v2".
func NewCalcom() *Calcom {
	c := &Calcom{hooks: map[string]*calcomHook{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	return c
}

func (c *Calcom) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok := func(status int, data any) { answer(w, status, map[string]any{"status": "success", "data": data}) }
	id := strings.TrimPrefix(r.URL.Path, "/v2/webhooks/")
	switch {
	case r.Header.Get("Authorization") != "Bearer cal_live_1":
		answer(w, http.StatusUnauthorized, map[string]any{"status": "error"})
	case r.URL.Path == "/v2/me":
		ok(http.StatusOK, map[string]any{"id": 7, "username": "jane", "email": "jane@example.com"})
	case r.URL.Path == "/v2/webhooks" && r.Method == http.MethodPost:
		h := &calcomHook{}
		if json.NewDecoder(r.Body).Decode(h) != nil || h.URL == "" || len(h.Triggers) == 0 {
			answer(w, http.StatusBadRequest, map[string]any{"status": "error"})
			return
		}
		c.made++
		h.ID = "wh-" + strconv.Itoa(c.made)
		c.hooks[h.ID] = h
		ok(http.StatusCreated, h)
	case r.URL.Path == "/v2/webhooks":
		list := []any{}
		for _, h := range c.hooks {
			list = append(list, h)
		}
		ok(http.StatusOK, list)
	case c.hooks[id] == nil:
		answer(w, http.StatusNotFound, map[string]any{"status": "error"})
	case r.Method == http.MethodDelete:
		ok(http.StatusOK, c.hooks[id])
		delete(c.hooks, id)
	default:
		ok(http.StatusOK, c.hooks[id])
	}
}

// Each changes what is subscribed to.
func (c *Calcom) Each(change func(id string, active *bool, secret string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, h := range c.hooks {
		change(id, &h.Active, h.Secret)
	}
}

// Booking is one as Cal.com has it.
type Booking struct {
	UID, Old, Email, Token string
	Start                  time.Time
	CancelledBy            string
}

// Body is a post about a booking.
func (b Booking) Body(trigger string, at time.Time) []byte {
	metadata := map[string]any{"videoCallUrl": "https://example.com/call", "seats": 1}
	if b.Token != "" {
		metadata["outrider"] = b.Token
	}
	payload := map[string]any{"type": "30min", "title": "30 minutes", "uid": b.UID, "bookingId": 12, "startTime": b.Start.UTC(), "endTime": b.Start.Add(30 * time.Minute).UTC(), "additionalNotes": "Bread",
		"organizer": map[string]any{"name": "Jane", "email": "jane@example.com", "timeZone": "Europe/Berlin"}, "attendees": []any{map[string]any{"name": "Ann Lee", "email": b.Email, "timeZone": "Europe/Paris"}},
		"metadata": metadata, "status": "ACCEPTED"}
	if b.Old != "" {
		payload["rescheduleUid"], payload["rescheduleStartTime"] = b.Old, b.Start.Add(-time.Hour).UTC()
	}
	if trigger == "BOOKING_CANCELLED" {
		payload["cancellationReason"], payload["cancelledBy"], payload["rescheduledToUid"] = "ill", b.CancelledBy, nil
	}
	body, err := json.Marshal(map[string]any{"triggerEvent": trigger, "createdAt": at.UTC(), "payload": payload})
	if err != nil {
		panic(err)
	}
	return body
}

// SignCalcom returns the header of a post.
func SignCalcom(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
