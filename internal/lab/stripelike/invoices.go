package stripelike

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Days after which a payment that failed is tried again; then the subscription is unpaid.
var retryDays = []int{3, 5, 7} //nolint:gochecknoglobals // a constant

func (s *Server) createInvoiceItem(r *http.Request) (any, error) {
	if _, err := s.find("customer", r.Form.Get("customer")); err != nil {
		return nil, err
	}
	price, err := s.find("price", r.Form.Get("price"))
	if err != nil {
		return nil, invalid("price", err.Error())
	}
	quantity := max(formNumber(r.Form, "quantity"), 1)
	now := s.timeOf(r.Form.Get("customer")).Unix()
	period := object{"start": now, "end": now}
	if r.Form.Has("period[start]") {
		period = object{"start": formNumber(r.Form, "period[start]"), "end": formNumber(r.Form, "period[end]")}
	}
	return s.make("invoiceitem", "ii", object{"customer": r.Form.Get("customer"), "price": price, "quantity": quantity, "amount": quantity * number(price["unit_amount"]), "currency": price["currency"],
		"unit_amount": price["unit_amount"], "unit_amount_decimal": price["unit_amount_decimal"], "description": s.nameOf(price), "period": period, "metadata": metadata(r.Form), "date": now,
		"test_clock": s.objects[r.Form.Get("customer")]["test_clock"]}), nil
}

// pending are the items that no invoice has yet, oldest first.
func (s *Server) pending(customer any) []object {
	out := s.all("invoiceitem", func(o object) bool { return o["customer"] == customer && o["invoice"] == nil })
	slices.Reverse(out)
	return out
}

func (s *Server) lineOfItem(item object) object {
	return s.line(object{"amount": item["amount"], "currency": item["currency"], "description": item["description"], "period": item["period"], "price": item["price"], "proration": item["proration"],
		"quantity": item["quantity"], "metadata": item["metadata"], "invoice_item": item["id"], "subscription": item["subscription"], "type": "invoiceitem"})
}

func (s *Server) lineOfPeriod(sub, price object, from, to time.Time) object {
	amount := number(price["unit_amount"])
	return s.line(object{"amount": amount, "currency": price["currency"], "description": fmt.Sprintf("1 × %s (at $%d.%02d / month)", s.nameOf(price), amount/100, amount%100),
		"period": object{"start": from.Unix(), "end": to.Unix()}, "price": price, "proration": false, "quantity": 1, "subscription": sub["id"], "subscription_item": itemOf(sub)["id"], "type": "subscription"})
}

func (s *Server) line(with object) object {
	l := s.make("line_item", "il", with)
	if l["type"] == "subscription" {
		delete(l, "invoice_item")
	}
	l["amount_excluding_tax"], l["unit_amount_excluding_tax"] = l["amount"], strconv.FormatInt(number(l["amount"])/max(number(l["quantity"]), 1), 10)
	delete(s.objects, text(l["id"])) // a part of its invoice
	s.order = s.order[:len(s.order)-1]
	return l
}

// invoiceFor makes and finalizes the invoice of a period, with what was pending.
func (s *Server) invoiceFor(sub object, reason string, from, to time.Time) object {
	customer := text(sub["customer"])
	now := s.timeOf(customer).Unix()
	lines := []any{}
	for _, item := range s.pending(sub["customer"]) {
		lines = append(lines, s.lineOfItem(item))
	}
	lines = append(lines, s.lineOfPeriod(sub, priceOf(sub), from, to))
	i := s.make("invoice", "in", s.draft(sub, lines))
	for _, item := range s.pending(sub["customer"]) {
		item["invoice"] = i["id"]
	}
	id := text(i["id"])
	n := number(s.objects[customer]["next_invoice_sequence"])
	s.objects[customer]["next_invoice_sequence"] = n + 1
	i["created"], i["billing_reason"], i["status"], i["number"] = now, reason, "open", fmt.Sprintf("%08d-%04d", len(customer)*1_000_003%100_000_000+int(formSerial(customer)), n)
	i["lines"].(object)["url"] = "/v1/invoices/" + id + "/lines"
	i["hosted_invoice_url"], i["invoice_pdf"] = s.cfg.BaseURL+"/invoice/"+id, s.cfg.BaseURL+"/invoice/"+id+"/pdf"
	i["status_transitions"].(object)["finalized_at"] = now
	sub["latest_invoice"] = id
	s.emit("invoice.created", i)
	s.emit("invoice.finalized", i)
	return i
}

// formSerial is the number in an id of ours.
func formSerial(id string) int64 {
	n, _ := strconv.ParseInt(id[len(id)-8:], 10, 64)
	return n
}

func (s *Server) draft(sub object, lines []any) object {
	total := int64(0)
	for _, l := range lines {
		total += number(l.(object)["amount"])
	}
	due := max(total, 0) // what is left over would be the customer's balance
	return object{"customer": sub["customer"], "subscription": sub["id"], "currency": sub["currency"], "subtotal": total, "total": total, "subtotal_excluding_tax": total, "total_excluding_tax": total, "tax": nil,
		"amount_due": due, "amount_remaining": due, "amount_paid": 0, "auto_advance": true, "due_date": nil, "next_payment_attempt": nil, "customer_name": s.objects[text(sub["customer"])]["name"],
		"period_start": sub["current_period_start"], "period_end": sub["current_period_end"], "test_clock": sub["test_clock"],
		"lines": object{"object": "list", "has_more": false, "url": "/v1/invoices/upcoming/lines", "data": lines}}
}

// collect tries to collect an open invoice.
func (s *Server) collect(i object) {
	now := s.timeOf(text(i["customer"])).Unix()
	attempts := number(i["attempt_count"])
	if number(i["amount_due"]) > 0 {
		attempts++
	}
	i["attempt_count"], i["attempted"] = attempts, true
	if number(i["amount_due"]) > 0 && s.cards[text(i["customer"])] != CardWorks {
		i["next_payment_attempt"] = nil
		if n := int(attempts) - 1; n < len(retryDays) {
			i["next_payment_attempt"] = now + int64(retryDays[n])*24*3600
		}
		s.emit("invoice.payment_failed", i)
		return
	}
	i["status"], i["paid"], i["amount_paid"], i["amount_remaining"], i["next_payment_attempt"] = "paid", true, i["amount_due"], int64(0), nil
	i["status_transitions"].(object)["paid_at"] = now
	s.emit("invoice.paid", i)
}

func (s *Server) payInvoice(r *http.Request) (any, error) {
	i, err := s.find("invoice", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if i["status"] != "open" {
		return nil, invalid("id", "Invoice is "+text(i["status"]))
	}
	s.pay(i)
	if i["status"] != "paid" {
		return nil, &apiError{status: http.StatusPaymentRequired, kind: "card_error", code: "card_declined", message: "Your card was declined."}
	}
	return i, nil
}

// pay collects an invoice, and the subscription that waited for it goes on.
func (s *Server) pay(i object) {
	s.collect(i)
	sub := s.objects[text(i["subscription"])]
	if i["status"] != "paid" || sub == nil || hasEnded(sub) {
		return
	}
	if open := s.all("invoice", func(o object) bool { return o["subscription"] == sub["id"] && o["status"] == "open" }); len(open) == 0 && sub["status"] != "active" {
		sub["status"] = "active"
		s.emit("customer.subscription.updated", sub)
	}
}

func (s *Server) listLines(r *http.Request) (any, error) {
	i, err := s.find("invoice", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var all []object
	for _, l := range i["lines"].(object)["data"].([]any) {
		all = append(all, l.(object))
	}
	return list("/v1/invoices/"+text(i["id"])+"/lines", all, r.Form), nil
}

// previewInvoice is the next one, with a change of price that isn't made.
func (s *Server) previewInvoice(r *http.Request) (any, error) {
	sub, err := s.find("subscription", r.Form.Get("subscription"))
	if err != nil {
		return nil, err
	}
	price := priceOf(sub)
	at := s.prorationTime(sub, r.Form)
	lines := []any{}
	for _, item := range s.pending(sub["customer"]) {
		lines = append(lines, s.lineOfItem(item))
	}
	if id := r.Form.Get("subscription_items[0][price]"); id != "" && id != price["id"] {
		other, err := s.find("price", id)
		if err != nil {
			return nil, invalid("subscription_items", err.Error())
		}
		for _, l := range s.prorate(sub, other, at) {
			l["subscription"], l["type"] = sub["id"], "invoiceitem"
			lines = append(lines, s.line(l))
		}
		price = other
	}
	end := time.Unix(number(sub["current_period_end"]), 0).UTC()
	lines = append(lines, s.lineOfPeriod(sub, price, end, nextPeriod(time.Unix(number(sub["billing_cycle_anchor"]), 0).UTC(), price, end)))
	i := s.make("invoice", "in", s.draft(sub, lines))
	delete(s.objects, text(i["id"]))
	s.order = s.order[:len(s.order)-1]
	delete(i, "id")
	i["billing_reason"], i["status"], i["next_payment_attempt"] = "upcoming", "draft", sub["current_period_end"]
	if price["id"] != priceOf(sub)["id"] {
		i["subscription_proration_date"] = at
	}
	return i, nil
}
