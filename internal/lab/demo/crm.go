package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/client"
	decisions "outrider/internal/app/crm"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/lab/hubspotlike"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/profile"
	"outrider/projections"
)

// openCRM opens a stand-in of HubSpot beside the demonstration.
func (o *outside) openCRM() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	o.crm = hubspotlike.New(hubspotlike.Options{})
	o.flags = append(o.flags, "--hubspot-url", o.serve(l, o.crm))
	return nil
}

func demoMapping() events.CRMSettings {
	s := decisions.DefaultSettings()
	s.CreateAll = true
	return s
}

// connectCRM has everybody written to the CRM, with what happens to them.
func (s *Setup) connectCRM(ctx context.Context) error {
	made, position, err := client.Read[client.Integration](s.API.ConnectIntegration(ctx, nil, client.IntegrationCreate{Provider: "hubspot", Key: hubspotlike.Key}, s.Once("crm")))
	if err != nil {
		return err
	}
	s.remember(position)
	settings, err := json.Marshal(demoMapping())
	if err != nil {
		return fmt.Errorf("map the CRM: %w", err)
	}
	var mapping client.IntegrationMappingInput
	if err := jsonInto(settings, &mapping); err != nil {
		return err
	}
	return s.write(s.API.SetIntegrationMapping(ctx, made.ID, nil, mapping, s.Once("crm mapping"), client.Showing(position)))
}

// compareCRM compares what the CRM holds with a fold of the organisation's log into what it must.
func (d *demonstration) compareCRM(ctx context.Context) (held Classed, mismatches []string, err error) {
	at := d.server.runningNow()
	people := map[uuid.UUID]profile.Profile{}
	if err := d.queryAsAPI(ctx, at, func(tx pgx.Tx) error {
		rows, err := projections.NewestLeads(ctx, tx, d.shown.ID, 1<<20)
		for _, l := range rows {
			p, err := leads.ProfileOf(l)
			if err != nil {
				return err
			}
			people[l.LeadID] = p
		}
		return err
	}); err != nil {
		return held, nil, err
	}
	log, err := kafka.Log{Seeds: strings.Split(at.Kafka, ","), Generation: 1}.Measure(ctx)
	if err != nil {
		return held, nil, err
	}
	var history []*es.Event
	cfg := reader.Config{Partition: es.PartitionOf(d.shown.ID, log.Partitions), From: es.StartCheckpoint(), Decode: projections.Decode}
	if _, _, err := reader.Scan(ctx, log, cfg, 0, func(_ context.Context, b reader.Batch) error {
		for _, e := range b.Events {
			if e.Org == d.shown.ID {
				history = append(history, e)
			}
		}
		return nil
	}); err != nil {
		return held, nil, fmt.Errorf("read the log: %w", err)
	}
	must, err := hubspotlike.Expect(history, demoMapping(), people)
	if err != nil {
		return held, nil, err
	}
	is := d.outside.crm.State()
	differs := hubspotlike.Diff(is, must)
	for _, x := range differs[:min(len(differs), examples)] {
		mismatches = append(mismatches, "crm: "+x)
	}
	return Classed{len(is.Contacts) + len(is.Activities), len(must.Contacts) + len(must.Activities)}, mismatches, nil
}
