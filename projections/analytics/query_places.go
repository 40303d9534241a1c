package analytics

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// StepPlace is where a step, or a variant of one, stands in its campaign.
type StepPlace struct {
	Campaign uuid.UUID
	Step     int // from 1
	Variant  int // among those of its step of which something was sent, from 0
}

// StepPlaces returns the places of all steps and variants of which something was sent, by their ids.
func StepPlaces(ctx context.Context, conn driver.Conn, org uuid.UUID) (map[uuid.UUID]StepPlace, error) {
	out, variants := map[uuid.UUID]StepPlace{}, map[uuid.UUID]int{}
	err := queryRows(columns.ForOrganisation(ctx, org), conn, `SELECT campaign, step_id, variant, max(step) AS place FROM engagement_days WHERE org = @org GROUP BY campaign, step_id, variant ORDER BY campaign, place, step_id, toString(variant)`,
		func(rows driver.Rows) error {
			var p StepPlace
			var step, variant uuid.UUID
			var place uint16
			if err := rows.Scan(&p.Campaign, &step, &variant, &place); err != nil {
				return err
			}
			p.Step = int(place)
			out[step] = p
			p.Variant = variants[step]
			variants[step]++
			out[variant] = p
			return nil
		}, clickhouse.Named("org", org))
	if err != nil {
		return nil, fmt.Errorf("read places of steps of %s: %w", org, err)
	}
	return out, nil
}

// ProviderOf names who provides the mail of a domain, as far as the domain tells: most companies have one of their own, whoever runs it.
func ProviderOf(domain string) string {
	name, rest, _ := strings.Cut(domain, ".")
	if len(rest) > len("com.br") { // mail.example.com is nobody's brand
		return "own_domain"
	}
	switch name {
	case "":
		return ""
	case "gmail", "googlemail":
		return "google"
	case "outlook", "hotmail", "live", "msn":
		return "microsoft"
	case "yahoo", "ymail", "rocketmail":
		return "yahoo"
	case "icloud", "me", "mac":
		return "apple"
	case "proton", "protonmail":
		return "proton"
	case "gmx", "aol", "yandex", "zoho", "fastmail":
		return name
	}
	if domain == "web.de" {
		return "gmx"
	}
	return "own_domain"
}
