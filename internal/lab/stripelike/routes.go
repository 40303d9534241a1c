package stripelike

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// addRoutes lists all that is answered.
func (s *Server) addRoutes() {
	s.mux = http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"POST /v1/customers":                             s.createCustomer,
		"GET /v1/customers/{id}":                         s.get("customer"),
		"POST /v1/customers/{id}":                        s.updateCustomer,
		"POST /v1/products":                              s.createProduct,
		"POST /v1/prices":                                s.createPrice,
		"GET /v1/prices":                                 s.listPrices,
		"POST /v1/checkout/sessions":                     s.createCheckout,
		"GET /v1/checkout/sessions/{id}":                 s.get("checkout.session"),
		"POST /v1/billing_portal/sessions":               s.createPortal,
		"POST /v1/subscriptions":                         s.createSubscription,
		"GET /v1/subscriptions":                          s.listSubscriptions,
		"GET /v1/subscriptions/{id}":                     s.get("subscription"),
		"POST /v1/subscriptions/{id}":                    s.updateSubscription,
		"DELETE /v1/subscriptions/{id}":                  s.cancelSubscription,
		"GET /v1/invoices/upcoming":                      s.previewInvoice,
		"GET /v1/invoices":                               s.listOf("invoice", "/v1/invoices"),
		"GET /v1/invoices/{id}":                          s.get("invoice"),
		"GET /v1/invoices/{id}/lines":                    s.listLines,
		"POST /v1/invoices/{id}/pay":                     s.payInvoice,
		"POST /v1/invoiceitems":                          s.createInvoiceItem,
		"POST /v1/webhook_endpoints":                     s.createEndpoint,
		"GET /v1/webhook_endpoints":                      s.listOf("webhook_endpoint", "/v1/webhook_endpoints"),
		"GET /v1/events/{id}":                            s.getEvent,
		"POST /v1/test_helpers/test_clocks":              s.createClock,
		"GET /v1/test_helpers/test_clocks/{id}":          s.get("test_helpers.test_clock"),
		"POST /v1/test_helpers/test_clocks/{id}/advance": s.advanceClock,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := handle(r)
			if err != nil {
				writeError(w, err)
				return
			}
			b, err := json.Marshal(v)
			if err != nil {
				writeError(w, err)
				return
			}
			writeBody(w, http.StatusOK, b)
		})
	}
	s.mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, &apiError{status: http.StatusNotFound, kind: "invalid_request_error", message: "Unrecognized request URL (" + r.Method + ": " + r.URL.Path + ")."})
	})
	s.addPages()
}

func (s *Server) find(kind, id string) (object, error) {
	o := s.objects[id]
	if o == nil || o["object"] != kind {
		return nil, missing(kind, id)
	}
	return o, nil
}

func (s *Server) get(kind string) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		id := r.PathValue("id")
		if old := s.staleFor[id]; old != nil {
			delete(s.staleFor, id)
			return old, nil
		}
		return s.find(kind, id)
	}
}

// list is a page of objects, the newest first.
func list(path string, all []object, form url.Values) object {
	limit := int(formNumber(form, "limit"))
	if limit == 0 {
		limit = 10
	}
	if after := form.Get("starting_after"); after != "" {
		i := slices.IndexFunc(all, func(o object) bool { return o["id"] == after })
		all = all[i+1:]
	}
	more := len(all) > limit
	if more {
		all = all[:limit]
	}
	if all == nil {
		all = []object{}
	}
	return object{"object": "list", "url": path, "has_more": more, "data": all}
}

func (s *Server) listOf(kind, path string) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		return list(path, s.all(kind, func(o object) bool {
			return (r.Form.Get("customer") == "" || o["customer"] == r.Form.Get("customer")) && (r.Form.Get("subscription") == "" || o["subscription"] == r.Form.Get("subscription"))
		}), r.Form), nil
	}
}

// all returns the objects of a kind, the newest first.
func (s *Server) all(kind string, keep func(object) bool) (out []object) {
	for _, id := range slices.Backward(s.order) {
		o := s.objects[id]
		if o["object"] != kind || !keep(o) {
			continue
		}
		if kind == "webhook_endpoint" { // its secret is told once
			o = clone(o)
			delete(o, "secret")
		}
		out = append(out, o)
	}
	return out
}

func (s *Server) createCustomer(r *http.Request) (any, error) {
	with := object{"metadata": metadata(r.Form), "name": orNull(r.Form.Get("name")), "email": orNull(r.Form.Get("email"))}
	if clock := r.Form.Get("test_clock"); clock != "" {
		if _, err := s.find("test_helpers.test_clock", clock); err != nil {
			return nil, err
		}
		with["test_clock"] = clock
	}
	o := s.make("customer", "cus", with)
	s.cards[text(o["id"])] = CardWorks
	return o, nil
}

func (s *Server) updateCustomer(r *http.Request) (any, error) {
	o, err := s.find("customer", r.PathValue("id"))
	if err == nil && r.Form.Has("name") {
		o["name"] = orNull(r.Form.Get("name"))
	}
	return o, err
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (s *Server) createProduct(r *http.Request) (any, error) {
	return s.make("product", "prod", object{"name": r.Form.Get("name"), "metadata": metadata(r.Form), "active": true}), nil
}

func (s *Server) createPrice(r *http.Request) (any, error) {
	if _, err := s.find("product", r.Form.Get("product")); err != nil {
		return nil, invalid("product", err.Error())
	}
	with := object{"product": r.Form.Get("product"), "currency": r.Form.Get("currency"), "unit_amount": formNumber(r.Form, "unit_amount"), "unit_amount_decimal": r.Form.Get("unit_amount"),
		"lookup_key": orNull(r.Form.Get("lookup_key")), "metadata": metadata(r.Form), "recurring": nil, "type": "one_time", "active": true}
	if interval := r.Form.Get("recurring[interval]"); interval != "" {
		with["type"], with["recurring"] = "recurring", object{"aggregate_usage": nil, "interval": interval, "interval_count": 1, "usage_type": "licensed"}
	}
	for _, other := range s.all("price", func(o object) bool { return o["lookup_key"] == with["lookup_key"] && with["lookup_key"] != nil }) {
		if r.Form.Get("transfer_lookup_key") != "true" {
			return nil, invalid("lookup_key", "A price with this lookup key exists")
		}
		other["lookup_key"] = nil
	}
	return s.make("price", "price", with), nil
}

func (s *Server) listPrices(r *http.Request) (any, error) {
	var keys []string
	for name, values := range r.Form {
		if strings.HasPrefix(name, "lookup_keys[") {
			keys = append(keys, values...)
		}
	}
	if len(keys) > 10 {
		return nil, invalid("lookup_keys", "at most 10")
	}
	return list("/v1/prices", s.all("price", func(o object) bool {
		return len(keys) == 0 || slices.Contains(keys, text(o["lookup_key"]))
	}), r.Form), nil
}

func (s *Server) createPortal(r *http.Request) (any, error) {
	customer, err := s.find("customer", r.Form.Get("customer"))
	if err != nil {
		return nil, err
	}
	o := s.make("billing_portal.session", "bps", object{"customer": customer["id"], "return_url": orNull(r.Form.Get("return_url"))})
	o["url"] = s.cfg.BaseURL + "/portal/" + text(o["id"])
	return o, nil
}

func (s *Server) createEndpoint(r *http.Request) (any, error) {
	var wanted []any
	for name, values := range r.Form {
		if strings.HasPrefix(name, "enabled_events[") {
			wanted = append(wanted, values[0])
		}
	}
	o := s.make("webhook_endpoint", "we", object{"url": r.Form.Get("url"), "api_version": orNull(r.Form.Get("api_version")), "enabled_events": wanted, "status": "enabled", "description": orNull(r.Form.Get("description"))})
	o["secret"] = "whsec_" + strings.Repeat("0", 16) + text(o["id"])
	return clone(o), nil
}

func (s *Server) getEvent(r *http.Request) (any, error) {
	for _, e := range s.events {
		if e["id"] == r.PathValue("id") {
			return e, nil
		}
	}
	return nil, missing("event", r.PathValue("id"))
}

func (s *Server) createClock(r *http.Request) (any, error) {
	at := formNumber(r.Form, "frozen_time")
	return s.make("test_helpers.test_clock", "clock", object{"frozen_time": at, "deletes_after": at + 30*24*3600, "name": orNull(r.Form.Get("name")), "status": "ready"}), nil
}

func (s *Server) advanceClock(r *http.Request) (any, error) {
	o, err := s.find("test_helpers.test_clock", r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	to := formNumber(r.Form, "frozen_time")
	if to <= number(o["frozen_time"]) {
		return nil, invalid("frozen_time", "must be after the clock's time")
	}
	s.runTo(text(o["id"]), to)
	return o, nil
}
