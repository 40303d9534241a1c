package stripelike

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// saved is what outlives the process.
type saved struct {
	Objects map[string]object `json:"objects"`
	Order   []string          `json:"order"`
	Cards   map[string]string `json:"cards"`
	Serial  int               `json:"serial"`
	Skew    time.Duration     `json:"skew"`
}

// Save writes all that there is to a file.
func (s *Server) Save(path string) error {
	s.mu.Lock()
	b, err := json.Marshal(saved{s.objects, s.order, s.cards, s.serial, s.skew})
	s.mu.Unlock()
	if err == nil {
		err = os.WriteFile(path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("save the payments of the demonstration: %w", err)
	}
	return nil
}

// Load reads what was saved; without a file there is nothing yet. The endpoint stays the one of the configuration.
func (s *Server) Load(path string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var from saved
	if err == nil {
		err = json.Unmarshal(b, &from)
	}
	if err != nil {
		return fmt.Errorf("read the payments of the demonstration: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.all("webhook_endpoint", func(object) bool { return true })
	secret := s.cfg.Secret
	s.objects, s.order, s.cards, s.skew = from.Objects, nil, from.Cards, from.Skew
	s.serial = max(s.serial, from.Serial)
	for _, id := range from.Order {
		if s.objects[id]["object"] != "webhook_endpoint" {
			s.order = append(s.order, id)
		}
	}
	for _, e := range own {
		s.serial++
		id := fmt.Sprintf("we_%08d", s.serial)
		e["id"], e["secret"] = id, secret
		s.objects[id], s.order = e, append(s.order, id)
	}
	return nil
}

// Changes counts what was made so far: when it is the same, there is nothing new to save.
func (s *Server) Changes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.serial
}

// Sell makes a price for each plan, a month, where there is none; extra are those of a lead beyond a plan.
func (s *Server) Sell(currency string, plans, extra map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sell := func(lookup, name, plan string, amount int64, monthly bool) {
		if len(s.all("price", func(o object) bool { return o["lookup_key"] == lookup })) > 0 {
			return
		}
		product := s.make("product", "prod", object{"name": name, "metadata": object{"plan": plan}, "active": true})
		with := object{"product": product["id"], "currency": currency, "unit_amount": amount, "unit_amount_decimal": fmt.Sprint(amount), "lookup_key": lookup, "metadata": object{"plan": plan}, "type": "one_time", "recurring": nil}
		if monthly {
			with["type"], with["recurring"] = "recurring", object{"aggregate_usage": nil, "interval": "month", "interval_count": 1, "usage_type": "licensed"}
		}
		s.make("price", "price", with)
	}
	for plan, amount := range plans {
		sell("outrider_"+plan, "Outrider "+plan, plan, amount, true)
	}
	for plan, amount := range extra {
		sell("outrider_extra_leads_"+plan, "Leads beyond "+plan, plan, amount, false)
	}
}
