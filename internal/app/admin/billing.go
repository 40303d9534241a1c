package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/app/billing"
	"outrider/internal/app/node"
	"outrider/internal/audit"
	"outrider/internal/es"
)

// billingCmd is `outrider admin billing`.
type billingCmd struct {
	SetUp     setUpCmd     `cmd:"" help:"Make prices and the webhook endpoint in a Stripe account; what is there stays."`
	Compare   compareCmd   `cmd:"" help:"Have every customer compared with the payment provider now."`
	Show      showCmd      `cmd:"" help:"Print the newest comparison."`
	Limits    limitsCmd    `cmd:"" help:"Set limits of one organisation alone; none ends them."`
	Statement statementCmd `cmd:"" help:"Print the statement of an invoice by an exported history alone."`
}

type setUpCmd struct {
	node.PlanFile
	StripeKey string           `required:"" help:"Secret key of the account." placeholder:"KEY"`
	StripeURL string           `hidden:"" placeholder:"URL"`
	Currency  string           `default:"usd" help:"Of the prices."`
	Price     map[string]int64 `help:"What a plan costs a month, in the smallest unit: growth=9900;scale=29900." placeholder:"PLAN=AMOUNT"`
	ExtraLead map[string]int64 `help:"What a lead beyond a plan costs; a plan that isn't named allows none." placeholder:"PLAN=AMOUNT"`
	URL       string           `help:"Where the installation is reached, for the webhook endpoint: https://host." placeholder:"URL"`
}

// Run makes what is missing, and prints the endpoint's secret, which Stripe tells only once.
func (c setUpCmd) Run(ctx context.Context) error {
	plans, err := c.PlanFile.Limits()
	if err != nil {
		return err
	}
	for plan := range c.Price {
		if _, ok := plans[plan]; !ok {
			return fmt.Errorf("--price: there is no plan %q", plan)
		}
	}
	p, err := billing.NewProvider(billing.Config{Key: c.StripeKey, URL: c.StripeURL, Plans: plans})
	if err != nil {
		return err
	}
	if err := p.SetUp(ctx, c.Currency, c.Price, c.ExtraLead); err != nil {
		return err
	}
	prices, err := p.Prices(ctx)
	if err != nil {
		return err
	}
	for _, x := range prices {
		fmt.Printf("%-12s %d %s a %s (%s)\n", x.Plan, x.Amount, x.Currency, x.Interval, x.ID)
	}
	if c.URL == "" {
		return nil
	}
	url := strings.TrimSuffix(c.URL, "/") + billing.WebhookPath
	if p.CheckEndpoint(ctx, url) == nil {
		fmt.Println("the webhook endpoint is there; its secret is where you keep it")
		return nil
	}
	secret, err := p.MakeEndpoint(ctx, url)
	if err != nil {
		return err
	}
	fmt.Printf("--stripe-webhook-secret %s\n", secret)
	return nil
}

type compareCmd struct{ access }

// Run asks for it; showCmd prints what came of it.
func (c compareCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.CompareBilling(ctx))
}

type showCmd struct{ access }

// Run prints what the API says.
func (c showCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.GetBillingComparison(ctx))
}

type statementCmd struct {
	Invoice string `arg:"" help:"Its number, or its id at the payment provider."`
	File    string `required:"" type:"existingfile" help:"What 'outrider audit export' or GET /v1/audit/export gave." placeholder:"FILE"`
	Key     string `env:"OUTRIDER_AUDIT_KEY" help:"Public key, base64; default: those of the data folder." placeholder:"PUBLICKEY"`
	KeyFile string `type:"existingfile" help:"File of public keys, as 'outrider audit key' prints them." placeholder:"FILE"`
}

// Run verifies the file to its end before it counts anything.
func (c statementCmd) Run(f *node.Folder) error {
	keys, err := f.AuditKeys(c.Key, c.KeyFile)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer file.Close()
	return printStatement(os.Stdout, file, keys, c.Invoice)
}

func printStatement(to io.Writer, file io.ReadSeeker, keys audit.TrustedKeys, invoice string) error {
	head, err := audit.Verify(file, keys, uuid.Nil)
	if err != nil {
		return fmt.Errorf("the export is not what was written: %w", err)
	}
	if head.First != 1 {
		return errors.New("the export doesn't begin with the first event: a statement needs all of them")
	}
	return billing.WriteStatement(to, invoice, func(do func(*es.Event) error) error {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read export again: %w", err)
		}
		for e, err := range audit.Events(file, keys, uuid.Nil) {
			if err != nil {
				return err
			}
			if err := do(e); err != nil {
				return err
			}
		}
		return nil
	})
}
