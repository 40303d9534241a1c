package doctor

import (
	"context"
	"fmt"
	"strings"

	"outrider/internal/app/billing"
)

// checkSelling asks the payment provider for prices, and whether notifications come in the shape that this program speaks.
func (p *Installation) checkSelling(ctx context.Context) (string, error) {
	if p.Selling.StripeKey == "" {
		return "nothing is sold: an operator sets plans", nil
	}
	plans, err := p.Plans.Limits()
	if err != nil {
		return "", err
	}
	provider, err := billing.NewProvider(billing.Config{Key: p.Selling.StripeKey, URL: p.Selling.StripeURL, Plans: plans})
	if err != nil {
		return "", err
	}
	prices, err := provider.Prices(ctx)
	if err != nil {
		return "", err
	}
	if p.PublicURL == "" {
		return fmt.Sprintf("%d plans have a price; --public-url says whose webhook endpoint is looked for", len(prices)), nil
	}
	if err := provider.CheckEndpoint(ctx, strings.TrimSuffix(p.PublicURL, "/")+billing.WebhookPath); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d plans have a price, and the webhook endpoint has the API version %s", len(prices), billing.APIVersion), nil
}
