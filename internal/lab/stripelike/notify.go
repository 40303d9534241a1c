package stripelike

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

type delivery struct {
	url, secret string
	body        []byte
	kind        string
}

// emit notes an event, which says how an object is now, and sends it to the endpoints that want it.
func (s *Server) emit(kind string, about object) {
	var all map[string]object
	if err := json.Unmarshal(templates, &all); err != nil {
		panic(err) // our own file
	}
	e := all["event"]
	s.serial++
	at := s.now()
	if customer := text(about["customer"]); customer != "" {
		at = s.timeOf(customer)
	}
	e["id"], e["type"], e["api_version"], e["created"], e["livemode"], e["data"] = fmt.Sprintf("evt_%08d", s.serial), kind, APIVersion, at.Unix(), false, object{"object": clone(about)}
	s.events = append(s.events, e)
	for _, id := range s.order {
		o := s.objects[id]
		if o["object"] != "webhook_endpoint" || o["status"] != "enabled" || !wants(o, kind) {
			continue
		}
		body, err := json.Marshal(e)
		if err != nil {
			panic(err) // it was made of JSON
		}
		s.queue(delivery{text(o["url"]), text(o["secret"]), body, kind})
	}
}

func wants(endpoint object, kind string) bool {
	list, _ := endpoint["enabled_events"].([]any)
	return slices.ContainsFunc(list, func(x any) bool { return x == "*" || x == kind })
}

func (s *Server) queue(d delivery) {
	times := 1
	if s.cfg.Misbehave.Twice {
		times = 2
	}
	for range times {
		if s.cfg.Hold {
			s.outbox = append(s.outbox, d)
			continue
		}
		s.serial++
		wait := time.Duration(0)
		if late := s.cfg.Misbehave.Late; late > 0 { // different for each, and the same in each run
			wait = late * time.Duration(s.serial*7919%97) / 97
		}
		s.waiting++
		s.sent.Go(func() {
			s.sendUntilTaken(d, wait)
			s.mu.Lock()
			s.waiting--
			s.mu.Unlock()
		})
	}
}

// tries of a notification, and the wait after the first.
const (
	deliveryTries = 12
	deliveryWait  = 200 * time.Millisecond
)

func (s *Server) sendUntilTaken(d delivery, wait time.Duration) {
	for n := range deliveryTries {
		t := time.NewTimer(wait)
		select {
		case <-s.ended:
			t.Stop()
			return
		case <-t.C:
		}
		if s.send(d) {
			return
		}
		wait = deliveryWait << n
	}
}

func (s *Server) send(d delivery) bool {
	r, err := http.NewRequest(http.MethodPost, d.url, bytes.NewReader(d.body)) //nolint:noctx // it ends by the client's time limit
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Stripe-Signature", Sign(d.body, d.secret, time.Now()))
	res, err := s.cfg.Client.Do(r)
	if err != nil {
		return false
	}
	_ = res.Body.Close() // its status is all that counts
	return res.StatusCode < http.StatusMultipleChoices
}

// Pending returns how many notifications nobody has taken yet.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting + len(s.outbox)
}

// Sign returns the header of a notification.
func Sign(body []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// Deliver sends what was held, in its order or reversed, and returns how many were taken. What wasn't is held still.
func (s *Server) Deliver() (taken int) {
	s.mu.Lock()
	held := s.outbox
	s.outbox = nil
	reversed := s.cfg.Misbehave.Reversed
	s.mu.Unlock()
	if reversed {
		slices.Reverse(held)
	}
	var left []delivery
	for _, d := range held {
		if s.send(d) {
			taken++
		} else {
			left = append(left, d)
		}
	}
	s.mu.Lock()
	s.outbox = append(left, s.outbox...)
	s.mu.Unlock()
	return taken
}

// Held returns the bodies of what waits for Deliver, and their types.
func (s *Server) Held() (bodies [][]byte, kinds []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.outbox {
		bodies, kinds = append(bodies, d.body), append(kinds, d.kind)
	}
	return bodies, kinds
}

// DropHeld forgets what waits for Deliver: somebody has read it by Held.
func (s *Server) DropHeld() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = nil
}
