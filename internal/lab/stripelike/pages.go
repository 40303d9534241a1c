package stripelike

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"
)

//go:embed pages.html
var pagesHTML string

type page struct {
	Title, Note, Back string
	Rows              [][2]string
	Actions           []action
}

type action struct{ Path, Label, Kind string }

func (s *Server) createCheckout(r *http.Request) (any, error) {
	if _, err := s.find("customer", r.Form.Get("customer")); err != nil {
		return nil, err
	}
	price, err := s.find("price", r.Form.Get("line_items[0][price]"))
	if err != nil {
		return nil, invalid("line_items[0][price]", err.Error())
	}
	if r.Form.Get("mode") != "subscription" {
		return nil, invalid("mode", "only subscriptions are sold here")
	}
	meta := object{}
	for k, v := range r.Form {
		var name string
		if n, _ := fmt.Sscanf(k, "subscription_data[metadata][%s", &name); n == 1 {
			meta[name[:len(name)-1]] = v[0]
		}
	}
	now := s.timeOf(r.Form.Get("customer"))
	o := s.make("checkout.session", "cs", object{"customer": r.Form.Get("customer"), "mode": "subscription", "success_url": r.Form.Get("success_url"), "cancel_url": orNull(r.Form.Get("cancel_url")),
		"client_reference_id": orNull(r.Form.Get("client_reference_id")), "amount_subtotal": price["unit_amount"], "amount_total": price["unit_amount"], "currency": price["currency"],
		"allow_promotion_codes": r.Form.Get("allow_promotion_codes") == "true", "payment_intent": nil, "customer_details": nil, "created": now.Unix(), "expires_at": now.Add(24 * time.Hour).Unix(),
		"metadata": metadata(r.Form), "payment_method_collection": "always"})
	o["url"] = s.cfg.BaseURL + "/checkout/" + text(o["id"])
	s.objects[text(o["id"])+" for"] = object{"price": price, "meta": meta}
	return o, nil
}

// addPages are those that a person sees.
func (s *Server) addPages() {
	show := template.Must(template.New("page").Parse(pagesHTML))
	handle := func(pattern string, do func(*http.Request) (page, string, error)) {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			p, to, err := do(r)
			s.mu.Unlock()
			switch {
			case err != nil:
				http.Error(w, err.Error(), http.StatusNotFound)
			case to != "":
				http.Redirect(w, r, to, http.StatusSeeOther)
			default:
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_ = show.Execute(w, p) // who asked may be gone
			}
		})
	}
	handle("GET /checkout/{id}", s.showCheckout)
	handle("POST /checkout/{id}/{do}", s.finishCheckout)
	handle("GET /portal/{id}", s.showPortal)
	handle("POST /portal/{id}/{do}", s.usePortal)
	handle("GET /invoice/{id}", s.showInvoice)
	handle("POST /invoice/{id}/pay", s.payPage)
	s.mux.HandleFunc("GET /invoice/{id}/pdf", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = io.WriteString(w, "%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	})
}

func money(o object, name string) string {
	n := number(o[name])
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, n/100, n%100, strings.ToUpper(text(o["currency"])))
}

func (s *Server) showCheckout(r *http.Request) (page, string, error) {
	o, err := s.find("checkout.session", r.PathValue("id"))
	if err != nil {
		return page{}, "", err
	}
	if o["status"] != "open" {
		return page{Title: "This page was used", Back: text(o["success_url"])}, "", nil
	}
	p := page{Title: "Pay for " + s.nameOf(s.objects[text(o["id"])+" for"]["price"].(object)), Back: text(o["cancel_url"]), Rows: [][2]string{{"Each month", money(o, "amount_total")}}}
	if r.URL.Query().Has("declined") {
		p.Note = "Your card was declined. Nothing was paid."
	}
	at := "/checkout/" + text(o["id"])
	p.Actions = []action{{at + "/pay", "Pay with a card that works", "main"}, {at + "/decline", "Pay with a card that is declined", ""}}
	return p, "", nil
}

func (s *Server) finishCheckout(r *http.Request) (page, string, error) {
	o, err := s.find("checkout.session", r.PathValue("id"))
	if err != nil {
		return page{}, "", err
	}
	if o["status"] != "open" {
		return page{}, text(o["success_url"]), nil
	}
	if r.PathValue("do") != "pay" {
		return page{}, "/checkout/" + text(o["id"]) + "?declined", nil
	}
	customer := text(o["customer"])
	s.cards[customer] = CardWorks
	what := s.objects[text(o["id"])+" for"]
	sub := s.subscribe(customer, what["price"].(object), what["meta"].(object))
	o["status"], o["payment_status"], o["subscription"], o["invoice"] = "complete", "paid", sub["id"], sub["latest_invoice"]
	s.emit("checkout.session.completed", o)
	return page{}, text(o["success_url"]), nil
}

// Pay finishes a checkout as somebody would who pays.
func (s *Server) Pay(url string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id string
	if _, err := fmt.Sscanf(url, s.cfg.BaseURL+"/checkout/%s", &id); err != nil {
		return fmt.Errorf("%s is no checkout: %w", url, err)
	}
	r := &http.Request{}
	r.SetPathValue("id", id)
	r.SetPathValue("do", "pay")
	_, _, err := s.finishCheckout(r)
	return err
}

// SetCard gives a customer another card.
func (s *Server) SetCard(customer, card string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cards[customer] = card
}

// PayOpen pays what is open, as somebody would in the portal.
func (s *Server) PayOpen(customer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payOpen(customer)
}

func (s *Server) payOpen(customer string) {
	for _, i := range s.all("invoice", func(o object) bool { return o["customer"] == customer && o["status"] == "open" }) {
		s.pay(i)
	}
}

func (s *Server) showPortal(r *http.Request) (page, string, error) {
	o, err := s.find("billing_portal.session", r.PathValue("id"))
	if err != nil {
		return page{}, "", err
	}
	customer := text(o["customer"])
	p := page{Title: "Your payments", Back: text(o["return_url"]), Rows: [][2]string{{"Card", "one that " + map[string]string{CardWorks: "works", CardDeclines: "is declined"}[s.cards[customer]]}}}
	for _, sub := range s.all("subscription", func(x object) bool { return x["customer"] == customer }) {
		p.Rows = append(p.Rows, [2]string{"Subscription", s.nameOf(priceOf(sub)) + ", " + strings.ReplaceAll(text(sub["status"]), "_", " ")})
	}
	open := s.all("invoice", func(x object) bool { return x["customer"] == customer && x["status"] == "open" })
	at := "/portal/" + text(o["id"])
	p.Actions = []action{{at + "/works", "Use a card that works", ""}, {at + "/declines", "Use a card that is declined", ""}}
	if len(open) > 0 {
		p.Actions = append(p.Actions, action{at + "/pay", fmt.Sprintf("Pay what is open (%d)", len(open)), "main"})
	}
	p.Actions = append(p.Actions, action{at + "/month", "Let a month pass", ""})
	return p, "", nil
}

func (s *Server) usePortal(r *http.Request) (page, string, error) {
	o, err := s.find("billing_portal.session", r.PathValue("id"))
	if err != nil {
		return page{}, "", err
	}
	customer := text(o["customer"])
	switch do := r.PathValue("do"); do {
	case CardWorks, CardDeclines:
		s.cards[customer] = do
	case "pay":
		s.payOpen(customer)
	case "month": // a demonstration isn't waited for: what is due within a month happens now
		s.skew += 31 * 24 * time.Hour
		s.catchUp()
	}
	return page{}, "/portal/" + text(o["id"]), nil
}

func (s *Server) showInvoice(r *http.Request) (page, string, error) {
	i, err := s.find("invoice", r.PathValue("id"))
	if err != nil {
		return page{}, "", err
	}
	p := page{Title: "Invoice " + text(i["number"]), Rows: [][2]string{{"Status", text(i["status"])}}}
	for _, l := range i["lines"].(object)["data"].([]any) {
		p.Rows = append(p.Rows, [2]string{text(l.(object)["description"]), money(l.(object), "amount")})
	}
	p.Rows = append(p.Rows, [2]string{"Total", money(i, "total")})
	if i["status"] == "open" {
		p.Actions = []action{{"/invoice/" + text(i["id"]) + "/pay", "Pay with a card that works", "main"}}
	}
	return p, "", nil
}

func (s *Server) payPage(r *http.Request) (page, string, error) {
	i, err := s.find("invoice", r.PathValue("id"))
	if err != nil {
		return page{}, "", err
	}
	if i["status"] == "open" {
		s.cards[text(i["customer"])] = CardWorks
		s.pay(i)
	}
	return page{}, "/invoice/" + text(i["id"]), nil
}
