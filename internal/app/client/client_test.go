package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"outrider/internal/app/client"
)

// A server that isn't there, is overloaded, or asks for patience, is asked again with the same key and body; a refusal is final.
func TestAPatientClientAsksUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var keys, bodies [3]string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		if strings.HasSuffix(r.URL.Path, "/resume") {
			w.WriteHeader(http.StatusPaymentRequired)
			fmt.Fprint(w, `{"code":"quota_exceeded","title":"Quota","status":402,"detail":"nobody fits","errors":[{"field":"a","reason":"nobody fits"},{"field":"b","reason":"is odd"}]}`)
			return
		}
		var body [100]byte
		read, _ := r.Body.Read(body[:])
		keys[n-1], bodies[n-1] = r.Header.Get("Idempotency-Key")+" "+r.Header.Get("Authorization"), string(body[:read])
		switch n {
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			w.WriteHeader(http.StatusAccepted)
		default:
			w.Header().Set("Outrider-Position", "here")
			fmt.Fprint(w, `{"id":"01900000-0000-7000-8000-000000000007"}`)
		}
	}))
	defer server.Close()
	api := client.Open(server.URL, "k", client.Patient{HTTP: server.Client(), For: time.Minute})
	made, position, err := client.Read[client.Organization](api.CreateOrganization(t.Context(), nil, client.OrganizationCreate{Slug: "acme", Name: "Acme"}, client.Once("one")))
	if err != nil || position != "here" || made.ID.String() != "01900000-0000-7000-8000-000000000007" {
		t.Errorf("got %+v at %q, %v", made, position, err)
	}
	if keys != [3]string{"one Bearer k", "one Bearer k", "one Bearer k"} || bodies[0] == "" || bodies[1] != bodies[0] || bodies[2] != bodies[0] {
		t.Errorf("asked with %q, %q", keys, bodies)
	}
	before := asked.Load()
	_, _, err = client.Read[any](api.ResumeMailbox(t.Context(), made.ID, nil))
	refused, ok := client.RefusalIn(err)
	if !ok || refused.Status != http.StatusPaymentRequired || refused.Code != "quota_exceeded" || asked.Load() != before+1 {
		t.Errorf("a refusal: got %v after %d requests", err, asked.Load()-before)
	}
	if want := "Quota (402 quota_exceeded): nobody fits; b is odd"; err.Error() != want {
		t.Errorf("a refusal says %q, want %q", err, want)
	}
}

func TestWhatIsntTheAPIsAnswerIsSaidSo(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html>")
	}))
	api := client.Open(server.URL, "k", server.Client())
	_, _, err := client.Read[client.PlanPage](api.ListPlans(t.Context()))
	if err == nil || err.Error() != "the api answers 502 Bad Gateway" {
		t.Errorf("a proxy's page: got %v", err)
	}
	_, err = client.Open(server.URL, "k", client.Patient{HTTP: server.Client(), For: time.Millisecond}).ListPlans(t.Context())
	if err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("what a patient one met last: got %v", err)
	}
	server.Close()
	if _, _, err = client.Read[client.PlanPage](api.ListPlans(t.Context())); err == nil || errors.As(err, new(*client.Refusal)) {
		t.Errorf("nobody there: got %v", err)
	}
}

func TestAWriteThatIsNotDecidedSaysWhereToAsk(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/v1/operations/7")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"id":"01900000-0000-7000-8000-000000000007","status":"pending"}`)
	}))
	defer server.Close()
	api := client.Open(server.URL, "k", server.Client())
	_, _, err := client.ReadDecided[client.Organization](api.CreateOrganization(t.Context(), nil, client.OrganizationCreate{Slug: "acme", Name: "Acme"}))
	if err == nil || !strings.Contains(err.Error(), "GET /v1/operations/7") {
		t.Errorf("got %v", err)
	}
}

type doer func(*http.Request) *http.Response

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r), nil }

// A request over a limit of requests waits as long as the answer says, and goes with the same key and body; one that would have to wait for too
// long, or isn't told how long, is refused with the API's words.
func TestWhatIsOneTooManyForNowWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		retryAfter []string // of each answer; after them it is done
		waited     time.Duration
		refused    bool
	}{
		"two limits":          {[]string{"7", "30"}, 37 * time.Second, false},
		"longer than it may":  {[]string{"100", "30"}, 100 * time.Second, true},
		"an hour":             {[]string{"3600"}, 0, true},
		"nobody says when":    {[]string{""}, 0, true},
		"in a bad word":       {[]string{"soon"}, 0, true},
		"again and again and": {[]string{"60", "60", "1"}, 2 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				limited := doer(func(r *http.Request) *http.Response {
					body, _ := io.ReadAll(r.Body)
					asked = append(asked, r.Header.Get("Idempotency-Key")+" "+string(body))
					w := httptest.NewRecorder()
					if n := len(asked); n <= len(c.retryAfter) {
						w.Header().Set("Retry-After", c.retryAfter[n-1])
						w.WriteHeader(http.StatusTooManyRequests)
						fmt.Fprint(w, `{"code":"rate_limited","title":"Too many requests","status":429}`)
					} else {
						fmt.Fprint(w, `{"id":"01900000-0000-7000-8000-000000000007"}`)
					}
					return w.Result()
				})
				begun := time.Now()
				api := client.Open("http://api.example.com", "k", client.Unhurried{HTTP: limited, For: 2 * time.Minute})
				_, _, err := client.Read[client.Organization](api.CreateOrganization(t.Context(), nil, client.OrganizationCreate{Slug: "acme", Name: "Acme"}, client.Once("one")))
				if waited := time.Since(begun); waited != c.waited {
					t.Errorf("waited %s, want %s", waited, c.waited)
				}
				if refusal, ok := client.RefusalIn(err); ok != c.refused || ok && refusal.Code != "rate_limited" || !ok && err != nil {
					t.Errorf("got %v, refused: %t", err, c.refused)
				}
				for _, a := range asked {
					if a != asked[0] || !strings.HasPrefix(a, "one {") {
						t.Errorf("asked with %q", a)
					}
				}
			})
		})
	}
}
