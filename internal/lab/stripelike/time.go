package stripelike

import "time"

// Advance lets time pass for everybody without a test clock, and what is due in it happen in its order.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew += d
	s.catchUp()
}

// Tick lets happen what is due by now. Who has a clock that goes by itself calls it now and then.
func (s *Server) Tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
}

func (s *Server) catchUp() {
	end, skew := s.now(), s.skew
	for range maxSteps {
		at, do := s.nextDue("", end)
		if do == nil {
			break
		}
		s.skew = skew - end.Sub(at) // it happens at its time
		do()
	}
	s.skew = skew
}

// maxSteps bounds what happens in one go: decades of renewals.
const maxSteps = 10_000

// runTo moves a test clock.
func (s *Server) runTo(clock string, to int64) {
	o := s.objects[clock]
	for range maxSteps {
		at, do := s.nextDue(clock, time.Unix(to, 0).UTC())
		if do == nil {
			break
		}
		o["frozen_time"] = max(at.Unix(), number(o["frozen_time"]))
		do()
	}
	o["frozen_time"] = to
	s.emit("test_helpers.test_clock.ready", o)
}

// nextDue returns what is due first for those on a clock, "" = on none, until an end; nil = nothing.
func (s *Server) nextDue(clock string, end time.Time) (first time.Time, do func()) {
	sooner := func(at int64, what func()) {
		if t := time.Unix(at, 0).UTC(); at > 0 && !t.After(end) && (do == nil || t.Before(first)) {
			first, do = t, what
		}
	}
	for _, id := range s.order {
		o := s.objects[id]
		customer := text(o["customer"])
		if customer == "" || text(s.objects[customer]["test_clock"]) != clock {
			continue
		}
		switch o["object"] {
		case "subscription":
			switch {
			case hasEnded(o):
			case o["status"] == "incomplete":
				sooner(number(o["created"])+23*3600, func() { s.expire(o) })
			default:
				sooner(number(o["current_period_end"]), func() { s.renew(o) })
			}
		case "invoice":
			if o["status"] == "open" {
				sooner(number(o["next_payment_attempt"]), func() { s.retry(o) })
			}
		}
	}
	return first, do
}

func (s *Server) expire(sub object) {
	for _, i := range s.all("invoice", func(o object) bool { return o["subscription"] == sub["id"] && o["status"] == "open" }) {
		i["status"], i["next_payment_attempt"] = "void", nil
		i["status_transitions"].(object)["voided_at"] = s.timeOf(text(sub["customer"])).Unix()
		s.emit("invoice.voided", i)
	}
	s.endSubscription(sub, "incomplete_expired")
}

func (s *Server) renew(sub object) {
	if sub["cancel_at_period_end"] == true {
		s.endSubscription(sub, "canceled")
		return
	}
	from := time.Unix(number(sub["current_period_end"]), 0).UTC()
	to := nextPeriod(time.Unix(number(sub["billing_cycle_anchor"]), 0).UTC(), priceOf(sub), from)
	sub["current_period_start"], sub["current_period_end"] = from.Unix(), to.Unix()
	if sub["status"] == "unpaid" { // invoices wait as drafts
		s.emit("customer.subscription.updated", sub)
		return
	}
	i := s.invoiceFor(sub, "subscription_cycle", from, to)
	s.collect(i)
	if i["status"] != "paid" {
		sub["status"] = "past_due"
	}
	s.emit("customer.subscription.updated", sub)
}

func (s *Server) retry(i object) {
	s.pay(i)
	sub := s.objects[text(i["subscription"])]
	if i["status"] == "open" && i["next_payment_attempt"] == nil && sub != nil && sub["status"] == "past_due" {
		sub["status"] = "unpaid"
		s.emit("customer.subscription.updated", sub)
	}
	if i["status"] == "open" && i["next_payment_attempt"] == nil && sub != nil && sub["status"] == "incomplete" {
		i["next_payment_attempt"] = nil
	}
}
