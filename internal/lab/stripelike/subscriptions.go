package stripelike

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

func (s *Server) createSubscription(r *http.Request) (any, error) {
	if _, err := s.find("customer", r.Form.Get("customer")); err != nil {
		return nil, err
	}
	price, err := s.find("price", r.Form.Get("items[0][price]"))
	if err != nil {
		return nil, invalid("items[0][price]", err.Error())
	}
	return s.subscribe(r.Form.Get("customer"), price, metadata(r.Form)), nil
}

// subscribe begins a subscription and collects its first invoice. One that can't be collected leaves it incomplete.
func (s *Server) subscribe(customer string, price, meta object) object {
	now := s.timeOf(customer)
	end := nextPeriod(now, price, now)
	sub := s.make("subscription", "sub", object{"customer": customer, "status": "incomplete", "metadata": meta, "currency": price["currency"], "created": now.Unix(), "start_date": now.Unix(), "billing_cycle_anchor": now.Unix(),
		"current_period_start": now.Unix(), "current_period_end": end.Unix(), "cancel_at": nil, "canceled_at": nil, "ended_at": nil, "trial_start": nil, "trial_end": nil, "trial_settings": nil,
		"next_pending_invoice_item_invoice": nil, "cancel_at_period_end": false, "test_clock": s.objects[customer]["test_clock"]})
	id := text(sub["id"])
	item := s.make("subscription_item", "si", object{"price": price, "quantity": 1, "subscription": id, "created": now.Unix()})
	sub["items"] = object{"object": "list", "has_more": false, "url": "/v1/subscription_items?subscription=" + id, "data": []any{item}}
	s.emit("customer.subscription.created", sub)
	i := s.invoiceFor(sub, "subscription_create", now, end)
	s.collect(i)
	if i["status"] == "paid" {
		sub["status"] = "active"
		s.emit("customer.subscription.updated", sub)
	}
	return sub
}

// nextPeriod is the end of the period that begins at a time, months or years from the anchor.
func nextPeriod(anchor time.Time, price object, begin time.Time) time.Time {
	months := 1
	if recurring, ok := price["recurring"].(object); ok && recurring["interval"] == "year" {
		months = 12
	}
	for n := months; ; n += months {
		first := time.Date(anchor.Year(), anchor.Month()+time.Month(n), 1, anchor.Hour(), anchor.Minute(), anchor.Second(), 0, time.UTC)
		at := first.AddDate(0, 0, min(anchor.Day(), first.AddDate(0, 1, -1).Day())-1)
		if at.After(begin) {
			return at
		}
	}
}

func itemOf(sub object) object {
	return sub["items"].(object)["data"].([]any)[0].(object)
}

func priceOf(sub object) object { return itemOf(sub)["price"].(object) }

func (s *Server) listSubscriptions(r *http.Request) (any, error) {
	status := r.Form.Get("status")
	return list("/v1/subscriptions", s.all("subscription", func(o object) bool {
		return (r.Form.Get("customer") == "" || o["customer"] == r.Form.Get("customer")) &&
			(status == "all" || status == "" && o["status"] != "canceled" || o["status"] == status)
	}), r.Form), nil
}

func (s *Server) updateSubscription(r *http.Request) (any, error) {
	sub, err := s.find("subscription", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if hasEnded(sub) {
		return nil, invalid("id", "A canceled subscription can only update its cancellation_details.")
	}
	if id := r.Form.Get("items[0][price]"); id != "" {
		price, err := s.find("price", id)
		if err != nil {
			return nil, invalid("items[0][price]", err.Error())
		}
		if item := r.Form.Get("items[0][id]"); item != itemOf(sub)["id"] {
			return nil, missing("subscription item", item)
		}
		if price["id"] != priceOf(sub)["id"] {
			s.changePrice(sub, price, r.Form)
		}
	}
	if end := r.Form.Get("cancel_at_period_end"); end != "" {
		sub["cancel_at_period_end"], sub["cancel_at"], sub["canceled_at"] = end == "true", nil, nil
		if end == "true" {
			sub["cancel_at"], sub["canceled_at"] = sub["current_period_end"], s.timeOf(text(sub["customer"])).Unix()
		}
	}
	s.emit("customer.subscription.updated", sub)
	return sub, nil
}

// changePrice puts the difference for the rest of the period on the next invoice.
func (s *Server) changePrice(sub, price object, form url.Values) {
	for _, l := range s.prorate(sub, price, s.prorationTime(sub, form)) {
		l["object"], l["date"] = "invoiceitem", l["period"].(object)["start"]
		i := s.make("invoiceitem", "ii", object{})
		for _, k := range []string{"amount", "currency", "description", "period", "price", "proration", "quantity", "date"} {
			i[k] = l[k]
		}
		i["customer"], i["subscription"], i["unit_amount"], i["unit_amount_decimal"] = sub["customer"], sub["id"], l["amount"], strconv.FormatInt(number(l["amount"]), 10)
		i["test_clock"] = sub["test_clock"]
	}
	itemOf(sub)["price"] = price
}

func (s *Server) prorationTime(sub object, form url.Values) int64 {
	for _, name := range []string{"proration_date", "subscription_proration_date"} {
		if at := formNumber(form, name); at > 0 {
			return min(max(at, number(sub["current_period_start"])), number(sub["current_period_end"]))
		}
	}
	return s.timeOf(text(sub["customer"])).Unix()
}

// prorate returns the lines by which a change of price is settled: what is unused of the old one, and the rest of the period at the new one.
func (s *Server) prorate(sub, price object, at int64) []object {
	from, to := number(sub["current_period_start"]), number(sub["current_period_end"])
	share := func(amount int64) int64 { return (amount*(to-at)*2 + (to - from)) / (2 * (to - from)) }
	old := priceOf(sub)
	line := func(p object, amount int64, what string) object {
		return object{"amount": amount, "currency": p["currency"], "description": what + s.nameOf(p), "period": object{"start": at, "end": to}, "price": p, "proration": true, "quantity": 1}
	}
	return []object{line(old, -share(number(old["unit_amount"])), "Unused time on "), line(price, share(number(price["unit_amount"])), "Remaining time on ")}
}

func (s *Server) nameOf(price object) string {
	return text(s.objects[text(price["product"])]["name"])
}

func hasEnded(sub object) bool {
	return sub["status"] == "canceled" || sub["status"] == "incomplete_expired"
}

func (s *Server) cancelSubscription(r *http.Request) (any, error) {
	sub, err := s.find("subscription", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if hasEnded(sub) {
		return nil, missing("subscription", text(sub["id"]))
	}
	s.endSubscription(sub, "canceled")
	return sub, nil
}

func (s *Server) endSubscription(sub object, status string) {
	now := s.timeOf(text(sub["customer"])).Unix()
	sub["status"], sub["ended_at"] = status, now
	if sub["canceled_at"] == nil {
		sub["canceled_at"] = now
	}
	for _, i := range s.all("invoice", func(o object) bool { return o["subscription"] == sub["id"] && o["status"] == "open" }) {
		i["next_payment_attempt"], i["auto_advance"] = nil, false
		s.emit("invoice.updated", i)
	}
	if status == "canceled" {
		s.emit("customer.subscription.deleted", sub)
		return
	}
	s.emit("customer.subscription.updated", sub)
}
