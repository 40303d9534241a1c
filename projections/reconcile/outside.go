package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// outsideFamilies are what others act on: who is told, what is connected, what is paid, and what is switched on.
func outsideFamilies() []family {
	return []family{
		{"webhooks", inPostgres, "webhooks", `select org_id, webhook_id::text as key, kind || '/' || off_reason || '/' ||
			(select coalesce(string_agg(x.name, ',' order by x.n), '') from jsonb_array_elements_text(types) with ordinality as x (name, n)) as state from read.webhooks`, func() any { return map[item]*webhookOf{} }, eachEvent(foldWebhook)},
		{"connections", inPostgres, "connections", `select org_id, connection_id::text as key, provider || '/' || interrupted || '/' || case when paused then 'paused' else '' end || '/' || case when settings is null then '' else 'mapped' end as state
			from read.connections`, func() any { return map[item]*connectionOf{} }, eachEvent(foldConnection)},
		{"subscriptions", inPostgres, "billing", `select org_id, org_id::text as key, (subscription ->> 'subscription_id') || '/' || (subscription ->> 'status') || '/' || (subscription ->> 'plan') || '/' || (subscription ->> 'cancel_at_period_end') as state
			from read.billing where subscription is not null`, nil, eachEvent(foldSubscription)},
		{"invoices", inPostgres, "billing", `select org_id, invoice_id::text as key, status || '/' || total || '/' || amount_due || '/' || amount_paid || '/' || attempts as state from read.invoices`, nil, eachEvent(foldInvoice)},
		{"features", inPostgres, "flags", `select org_id, org_id::text as key, string_agg(flag || '=' || is_on || '/' || version, ',' order by flag collate "C") as state from read.flag_switches group by org_id`,
			func() any { return map[uuid.UUID]map[string]string{} }, eachEvent(foldFeature)},
	}
}

type webhookOf struct{ kind, off, types string }

func foldWebhook(s *state, e *es.Event) {
	all := s.also.(map[item]*webhookOf)
	event := events.As[events.WebhookEvent](e.Payload)
	if event == nil {
		return
	}
	x := item{e.Org, event.Webhook()}
	if p, ok := event.(events.WebhookAdded); ok {
		all[x] = &webhookOf{kind: p.Kind, types: strings.Join(p.Types, ",")}
	}
	w := all[x]
	if w == nil {
		return
	}
	switch p := event.(type) {
	case events.WebhookChanged:
		w.types = strings.Join(p.Types, ",")
	case events.WebhookDisabled:
		w.off = p.Reason
	case events.WebhookEnabled:
		w.off = ""
	case events.WebhookRemoved:
		delete(all, x)
		s.dropItem(x.org, x.id)
		return
	case events.WebhookAdded, events.WebhookSecretRotated, events.WebhookTested, events.WebhookReplayRequested, events.WebhookRedeliveryRequested: // change nothing here
	}
	s.setState(x.org, x.id, w.kind+"/"+w.off+"/"+w.types)
}

type connectionOf struct{ provider, interrupted, paused, mapped string }

func foldConnection(s *state, e *es.Event) {
	all := s.also.(map[item]*connectionOf)
	event := events.As[events.ConnectionEvent](e.Payload)
	if event == nil {
		return
	}
	x := item{e.Org, event.Connection()}
	if p, ok := event.(events.ConnectionMade); ok {
		all[x] = &connectionOf{provider: p.Provider}
	}
	c := all[x]
	if c == nil {
		return
	}
	switch p := e.Payload.(type) { // what else happens to one changes nothing here
	case events.ConnectionInterrupted:
		c.interrupted = p.Reason
	case events.ConnectionRestored:
		c.interrupted = ""
	case events.ConnectionPaused:
		c.paused = "paused"
	case events.ConnectionResumed:
		c.paused = ""
	case events.ConnectionMapped:
		c.mapped = "mapped"
	case events.ConnectionRemoved:
		delete(all, x)
		s.dropItem(x.org, x.id)
		return
	}
	s.setState(x.org, x.id, c.provider+"/"+c.interrupted+"/"+c.paused+"/"+c.mapped)
}

func foldSubscription(s *state, e *es.Event) {
	if p, ok := e.Payload.(events.SubscriptionRecorded); ok {
		s.setState(e.Org, e.Org, fmt.Sprintf("%s/%s/%s/%t", p.SubscriptionID, p.Status, p.Plan, p.CancelAtPeriodEnd))
	}
}

func foldInvoice(s *state, e *es.Event) {
	if p, ok := e.Payload.(events.InvoiceRecorded); ok {
		s.setState(e.Org, es.DeriveID(e.Org, "invoice", p.InvoiceID), fmt.Sprintf("%s/%d/%d/%d/%d", p.Status, p.Total, p.AmountDue, p.AmountPaid, p.Attempts))
	}
}

// foldFeature has all that is switched in an organisation as one thing: flags are known by names.
func foldFeature(s *state, e *es.Event) {
	p, ok := e.Payload.(events.FlagSwitched)
	if !ok {
		return
	}
	all := s.also.(map[uuid.UUID]map[string]string)
	if all[e.Org] == nil {
		all[e.Org] = map[string]string{}
	}
	all[e.Org][p.Flag] = fmt.Sprintf("%s=%t/%d", p.Flag, p.On, p.Version)
	var is []string
	for _, name := range slices.Sorted(maps.Keys(all[e.Org])) {
		is = append(is, all[e.Org][name])
	}
	s.setState(e.Org, e.Org, strings.Join(is, ","))
}
