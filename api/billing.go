package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/identity"
	"outrider/projections"
)

// Selling is what plans are sold with.
type Selling struct {
	Mirror  *billing.Mirror
	Secrets []string // of notifications; none = they are refused
	Wake    func()   // says that one has come
	BaseURL string   // of the dashboard
}

// billingHandlers answer what is asked of plans and payments.
type billingHandlers struct {
	*readSide
	*writeSide
	selling *Selling    // nil = nothing is sold here
	columns driver.Conn // nil = there is no ClickHouse
	audit   *auditHandlers
	plans   map[string]events.Limits
	now     func() time.Time
	logger  *slog.Logger
}

func forBilling(handle func(*billingHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&billingHandlers{s.readSide, s.writeSide, s.cfg.Selling, s.cfg.Columns, s.audit, s.cfg.Plans, s.cfg.Now, s.cfg.Logger}, c)
	}
}

// forSelling is forBilling where something is sold.
func forSelling(handle func(*billingHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.cfg.Selling == nil {
			return newProblem(commands.CodeNotFound, "nothing is sold in this installation: whoever runs it sets plans")
		}
		return forBilling(handle)(s, c)
	}
}

// listPlans lists all there are, those that are sold with their price.
func (h *billingHandlers) listPlans(c *call) error {
	out := gen.PlanPage{Data: []gen.Plan{}}
	for _, name := range slices.Sorted(maps.Keys(h.plans)) {
		out.Data = append(out.Data, gen.Plan{Name: name, Limits: h.plans[name]})
	}
	if h.selling != nil {
		offers, err := h.listOffers(c)
		if err != nil {
			return err
		}
		for _, o := range offers {
			for i := range out.Data {
				if out.Data[i].Name == o.Plan {
					out.Data[i].Offer = o
				}
			}
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *billingHandlers) getBilling(c *call) error {
	out, err := h.loadBilling(c)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *billingHandlers) loadBilling(c *call) (out gen.Billing, err error) {
	out = gen.Billing{Provider: gen.BillingProviderNone, Offers: []gen.Offer{}, Overrides: map[string]int64{}}
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		out.Plan = org.Plan
		row, err := projections.GetBilling(c.ctx, tx, c.who.Org)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return fillBilling(&out, row)
	}); err != nil {
		return out, err
	}
	if h.selling == nil {
		return out, nil
	}
	out.Provider, out.Demo = gen.BillingProviderStripe, h.selling.Mirror.Provider.Demo()
	out.Upgrades = c.who.Has(identity.BillingManage)
	out.Offers, err = h.listOffers(c)
	return out, err
}

func (h *billingHandlers) listOffers(c *call) ([]gen.Offer, error) {
	out := []gen.Offer{}
	prices, err := h.selling.Mirror.Provider.Prices(c.ctx)
	if err != nil { // the rest can be told all the same
		h.logger.Warn("prices can't be read", "error", err)
		return out, nil
	}
	for _, p := range prices {
		if _, ok := h.plans[p.Plan]; !ok {
			continue
		}
		offer := gen.Offer{Plan: p.Plan, Amount: p.Amount, Currency: p.Currency, Interval: p.Interval}
		extra, ok, err := h.selling.Mirror.Provider.ExtraLeads(c.ctx, p.Plan)
		if err != nil {
			return nil, err
		}
		if ok {
			offer.ExtraLeadAmount = extra.Amount
		}
		out = append(out, offer)
	}
	return out, nil
}

func fillBilling(out *gen.Billing, row *projections.Billing) error {
	out.Customer, out.ExtraLeads = row.CustomerID != "", row.ExtraLeads
	if err := json.Unmarshal(row.Overrides, &out.Overrides); err != nil {
		return err
	}
	if row.Subscription != nil {
		var s events.Subscription
		if err := json.Unmarshal(row.Subscription, &s); err != nil {
			return err
		}
		out.Subscription = gen.Subscription{ID: s.SubscriptionID, Status: gen.SubscriptionStatus(s.Status), Plan: s.Plan, PeriodFrom: s.PeriodFrom, PeriodTo: s.PeriodTo,
			CancelAtPeriodEnd: s.CancelAtPeriodEnd, CreatedAt: s.CreatedAt, EndedAt: s.EndedAt}
	}
	if row.Exceeded != nil {
		var x events.PlanExceeded
		if err := json.Unmarshal(row.Exceeded, &x); err != nil {
			return err
		}
		out.Exceeded = gen.PlanExcess{Mailboxes: append([]uuid.UUID{}, x.Mailboxes...), Members: append([]uuid.UUID{}, x.Members...), LeadsStored: x.LeadsStored, LeadsProcessed: x.LeadsProcessed}
	}
	if row.Failed != nil {
		var f events.PaymentFailed
		if err := json.Unmarshal(row.Failed, &f); err != nil {
			return err
		}
		out.Failed = gen.FailedPayment{InvoiceID: projections.InvoiceID(row.OrgID, f.InvoiceID), Number: f.Number, Attempt: f.Attempt, AmountDue: f.AmountDue, Currency: f.Currency, NextAttemptAt: f.NextAttemptAt}
	}
	return nil
}

// subscribed returns what the organisation has subscribed to, and has not ended.
func (h *billingHandlers) subscribed(c *call) (s events.Subscription, err error) {
	var row *projections.Billing
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetBilling(c.ctx, tx, c.who.Org)
		return err
	})
	if err == nil && row.Subscription != nil {
		err = json.Unmarshal(row.Subscription, &s)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if s.Status == events.SubscriptionCanceled || s.Status == events.SubscriptionIncompleteExpired {
		s = events.Subscription{}
	}
	return s, err
}

func (h *billingHandlers) needSubscription(c *call) (events.Subscription, error) {
	s, err := h.subscribed(c)
	if err == nil && s.SubscriptionID == "" {
		err = newProblem(commands.CodeNotFound, "the organisation has no subscription; begin one with /v1/billing/checkout")
	}
	return s, err
}

func (h *billingHandlers) startCheckout(c *call, body gen.PlanChoice) error {
	s, err := h.subscribed(c)
	if err != nil {
		return err
	}
	if s.SubscriptionID != "" && s.Status != events.SubscriptionIncomplete {
		return newProblem(commands.CodeAlreadyExists, "the organisation has a subscription; change it with PUT /v1/billing/subscription")
	}
	if err := h.checkSold(c, body.Plan); err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	name, err := organizationName(c.ctx, h.readSide, c.who.Org)
	if err != nil {
		return err
	}
	customer, err := h.selling.Mirror.EnsureCustomer(c.ctx, c.who.Org, name)
	if err != nil {
		return h.providerProblem(err)
	}
	back := h.settingsURL(c, "billing")
	url, err := h.selling.Mirror.Provider.StartCheckout(c.ctx, c.who.Org, customer, body.Plan, back+"?filter=paid", back+"?filter=left", in.newID("checkout").String())
	if err != nil {
		return h.providerProblem(err)
	}
	return c.answerJSON(http.StatusCreated, gen.ProviderPage{URL: url})
}

// settingsURL is where a person comes back to: a page of the dashboard.
func (h *billingHandlers) settingsURL(c *call, section string) string {
	slug := ""
	_ = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error { // without it they come back to the begin
		org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
		if err == nil {
			slug = org.Slug
		}
		return err
	})
	base := h.selling.BaseURL
	// Where the dashboard is looked at under another name than the links in mails have, they come back to that one.
	if u, err := url.Parse(c.Get(fiber.HeaderOrigin)); err == nil && u.Host != "" && u.Host == string(c.Request().Host()) {
		base = u.Scheme + "://" + u.Host
	}
	if slug == "" {
		return base + "/"
	}
	return base + "/o/" + slug + "/settings/" + section
}

// checkSold refuses a plan that has no price.
func (h *billingHandlers) checkSold(c *call, plan string) error {
	prices, err := h.selling.Mirror.Provider.Prices(c.ctx)
	if err != nil {
		return h.providerProblem(err)
	}
	for _, p := range prices {
		if _, ok := h.plans[plan]; ok && p.Plan == plan {
			return nil
		}
	}
	return invalidProblem(gen.FieldError{Field: "plan", Reason: "is not sold here"})
}

// providerProblem tells what the provider refuses from what it can't do now.
func (h *billingHandlers) providerProblem(err error) error {
	if p := (*problem)(nil); errors.As(err, &p) {
		return err
	}
	if errors.Is(err, billing.ErrRefused) || errors.Is(err, billing.ErrGone) {
		h.logger.Warn("the payment provider refuses", "error", err)
		return newProblem(codePaymentRefused, "the payment provider refuses it; its portal may say why")
	}
	return laterProblem(codeUnavailable, "the payment provider can't be reached", err)
}

func (h *billingHandlers) openPortal(c *call) error {
	customer, err := h.selling.Mirror.Inbox.CustomerOf(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	if customer == "" {
		return newProblem(commands.CodeNotFound, "the organisation is no customer yet; begin with /v1/billing/checkout")
	}
	url, err := h.selling.Mirror.Provider.OpenPortal(c.ctx, customer, h.settingsURL(c, "billing"))
	if err != nil {
		return h.providerProblem(err)
	}
	return c.answerJSON(http.StatusCreated, gen.ProviderPage{URL: url})
}

func (h *billingHandlers) previewPlan(c *call, body gen.PlanChoice) error {
	s, err := h.needSubscription(c)
	if err != nil {
		return err
	}
	if err := h.checkSold(c, body.Plan); err != nil {
		return err
	}
	p, err := h.selling.Mirror.Provider.PreviewPlan(c.ctx, s.SubscriptionID, body.Plan)
	if err != nil {
		return h.providerProblem(err)
	}
	return c.answerJSON(http.StatusOK, gen.PlanPreview{Plan: body.Plan, At: p.At, Currency: p.Currency, DueNow: p.DueNow, NextAmount: p.Next, NextAt: p.NextAt, Lines: linesOf(p.Lines)})
}

func (h *billingHandlers) changeSubscription(c *call, body gen.SubscriptionChange) error {
	if err := h.checkSold(c, body.Plan); err != nil {
		return err
	}
	return h.changeThen(c, func(in *writeRequest, s events.Subscription) error {
		_, err := h.selling.Mirror.Provider.ChangePlan(c.ctx, s.SubscriptionID, body.Plan, body.At, in.newID("change").String())
		return err
	})
}

// allowExtraLeads wants a price: what costs nothing isn't extra.
func (h *billingHandlers) allowExtraLeads(c *call, body gen.ExtraLeads) error {
	s, err := h.needSubscription(c)
	if err != nil {
		return err
	}
	switch _, ok, err := h.selling.Mirror.Provider.ExtraLeads(c.ctx, s.Plan); {
	case err != nil:
		return h.providerProblem(err)
	case !ok && body.Max > 0:
		return invalidProblem(gen.FieldError{Field: "max", Reason: "the plan has no leads beyond it"})
	}
	a, err := h.submitOwn(c, commands.AllowExtraLeads{Max: body.Max})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "billing", a, func() error { return h.getBilling(c) })
}

func (h *billingHandlers) endSubscription(c *call) error { return h.setEnd(c, true) }

func (h *billingHandlers) resumeSubscription(c *call) error { return h.setEnd(c, false) }

func (h *billingHandlers) setEnd(c *call, end bool) error {
	return h.changeThen(c, func(in *writeRequest, s events.Subscription) error {
		_, err := h.selling.Mirror.Provider.EndWithPeriod(c.ctx, s.SubscriptionID, end, in.newID("end").String())
		return err
	})
}

// changeThen changes a subscription at the provider, brings in what became of it, and shows it.
func (h *billingHandlers) changeThen(c *call, change func(*writeRequest, events.Subscription) error) error {
	s, err := h.needSubscription(c)
	if err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	if err := change(in, s); err != nil {
		return h.providerProblem(err)
	}
	at, err := h.selling.Mirror.Refresh(c.ctx, s.SubscriptionID)
	if err != nil {
		return h.providerProblem(err)
	}
	if at.Pseq > 0 {
		h.rememberPosition(c, at)
		return h.showAfterChange(c, "billing", at, func() error { return h.getBilling(c) })
	}
	return h.getBilling(c)
}

// receiveStripe keeps a notification and answers; what it is about is read by whoever has the role consumers.
func (h *billingHandlers) receiveStripe(c *call) error {
	hint, err := billing.OpenHint(c.raw, c.Get("Stripe-Signature"), h.selling.Secrets, time.Now())
	if errors.Is(err, billing.ErrSignature) {
		return newProblem(codeForbidden, err.Error())
	}
	if err != nil {
		return invalidProblem(gen.FieldError{Field: "body", Reason: err.Error()})
	}
	if hint.APIVersion != billing.APIVersion {
		h.logger.Warn("the webhook endpoint has another API version; `outrider doctor` says what to do", "got", hint.APIVersion, "want", billing.APIVersion)
	}
	fresh, err := h.selling.Mirror.Inbox.Keep(c.ctx, hint)
	if err != nil {
		return err
	}
	if fresh && h.selling.Wake != nil {
		h.selling.Wake()
	}
	return c.answerNothing()
}
