package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/stripe/stripe-go/v76"
)

// A plan is sold where the account has an active price whose lookup key is planKey of it; the leads beyond a plan, where it has one of usageKey.
const (
	planKey  = "outrider_"
	usageKey = "outrider_extra_leads_"
)

// Price is what a plan costs.
type Price struct {
	Plan     string
	ID       string // the provider's
	Amount   int64  // in the smallest unit of the currency
	Currency string
	Interval string // month or year
}

// priceList remembers prices: they change when the operator changes them, and a price that was never seen is asked for.
type priceList struct {
	mu     sync.Mutex
	plans  []Price
	extra  map[string]Price // by plan
	loaded bool
}

// Prices returns the plans that can be bought, the cheapest first.
func (p *Provider) Prices(ctx context.Context) ([]Price, error) {
	p.prices.mu.Lock()
	defer p.prices.mu.Unlock()
	if p.prices.loaded {
		return p.prices.plans, nil
	}
	return p.prices.plans, p.loadPrices(ctx)
}

// ExtraLeads returns the price of a lead beyond a plan; false = the plan allows none.
func (p *Provider) ExtraLeads(ctx context.Context, plan string) (Price, bool, error) {
	if _, err := p.Prices(ctx); err != nil {
		return Price{}, false, err
	}
	p.prices.mu.Lock()
	defer p.prices.mu.Unlock()
	price, ok := p.prices.extra[plan]
	return price, ok, nil
}

func (p *Provider) loadPrices(ctx context.Context) error {
	keys := []*string{}
	for _, plan := range slices.Sorted(maps.Keys(p.cfg.Plans)) {
		keys = append(keys, stripe.String(planKey+plan), stripe.String(usageKey+plan))
	}
	var found, extra []Price
	for some := range slices.Chunk(keys, 10) { // as many as are taken at once
		if err := p.call(ctx, "list prices", func() error {
			i := p.api.Prices.List(&stripe.PriceListParams{ListParams: listParams(ctx), Active: stripe.Bool(true), LookupKeys: some})
			for i.Next() {
				x := i.Price()
				one := Price{ID: x.ID, Amount: x.UnitAmount, Currency: string(x.Currency)}
				if x.Recurring != nil {
					one.Interval = string(x.Recurring.Interval)
				}
				if plan, ok := strings.CutPrefix(x.LookupKey, usageKey); ok {
					one.Plan = plan
					extra = append(extra, one)
				} else if plan, ok := strings.CutPrefix(x.LookupKey, planKey); ok && x.Recurring != nil {
					one.Plan = plan
					found = append(found, one)
				}
			}
			return i.Err()
		}); err != nil {
			return err
		}
	}
	slices.SortFunc(found, func(a, b Price) int { return int(a.Amount - b.Amount) })
	p.prices.plans, p.prices.extra, p.prices.loaded = found, map[string]Price{}, true
	for _, x := range extra {
		p.prices.extra[x.Plan] = x
	}
	return nil
}

// ForgetPrices has them read anew.
func (p *Provider) ForgetPrices() {
	p.prices.mu.Lock()
	defer p.prices.mu.Unlock()
	p.prices.loaded = false
}

// priceOf returns what a plan costs. A plan that isn't sold is ErrRefused.
func (p *Provider) priceOf(ctx context.Context, plan string) (Price, error) {
	prices, err := p.Prices(ctx)
	if err != nil {
		return Price{}, err
	}
	for _, x := range prices {
		if x.Plan == plan {
			return x, nil
		}
	}
	return Price{}, fmt.Errorf("%w: the plan %s has no price (lookup key %s)", ErrRefused, plan, planKey+plan)
}

// planOf returns the plan that a price is of; "" = it is none of ours.
func planOf(price *stripe.Price) string {
	if price == nil {
		return ""
	}
	if plan, ok := strings.CutPrefix(price.LookupKey, usageKey); ok {
		return plan
	}
	if plan, ok := strings.CutPrefix(price.LookupKey, planKey); ok {
		return plan
	}
	return price.Metadata["plan"] // of a price that another has replaced: the key moves on
}

// SetUp makes what is missing in the account: a product and a price for each plan with an amount, in a currency, each month.
func (p *Provider) SetUp(ctx context.Context, currency string, amounts, extra map[string]int64) error {
	for _, plan := range slices.Sorted(maps.Keys(amounts)) {
		if _, err := p.priceOf(ctx, plan); err == nil {
			continue
		}
		if err := p.makePrice(ctx, "Outrider "+plan, planKey+plan, plan, currency, amounts[plan], true); err != nil {
			return err
		}
	}
	for _, plan := range slices.Sorted(maps.Keys(extra)) {
		if _, ok, err := p.ExtraLeads(ctx, plan); ok || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := p.makePrice(ctx, "Leads beyond "+plan, usageKey+plan, plan, currency, extra[plan], false); err != nil {
			return err
		}
	}
	p.ForgetPrices()
	return nil
}

func (p *Provider) makePrice(ctx context.Context, name, lookup, plan, currency string, amount int64, monthly bool) error {
	return p.call(ctx, "make a price", func() error {
		product, err := p.api.Products.New(&stripe.ProductParams{Params: params(ctx, "product "+lookup), Name: stripe.String(name), Metadata: map[string]string{"plan": plan}})
		if err != nil {
			return err
		}
		price := &stripe.PriceParams{Params: params(ctx, fmt.Sprintf("price %s %s %d", lookup, currency, amount)), Product: stripe.String(product.ID), Currency: stripe.String(currency),
			UnitAmount: stripe.Int64(amount), LookupKey: stripe.String(lookup), TransferLookupKey: stripe.Bool(true), Metadata: map[string]string{"plan": plan}}
		if monthly {
			price.Recurring = &stripe.PriceRecurringParams{Interval: stripe.String(string(stripe.PriceRecurringIntervalMonth))}
		}
		_, err = p.api.Prices.New(price)
		return err
	})
}
