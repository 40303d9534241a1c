package reportfile

import (
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"outrider/internal/app/costs"
)

// leastOfRate is the denominator below which a rate says nothing.
const leastOfRate = 30

type pageMetric struct {
	Name string
	Rows []pageRow
}

type pageRow struct {
	Label, Share string
	Count        string
	Width        int // of its bar, of 400
	Total        bool
}

// page has no script and asks for nothing, so that it can be mailed, kept and printed.
//
//nolint:gochecknoglobals // parsed once
var page = template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Name}}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:2rem 0 .5rem}p{color:#4a5566;margin:.25rem 0}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .5rem;border-bottom:1px solid #e3e7ee;text-align:left;vertical-align:middle}td.n{text-align:right;font-variant-numeric:tabular-nums}tr.t td{font-weight:600}
@media (prefers-color-scheme:dark){body{color:#e6e9ef;background:#14181f}p{color:#a8b0bf}td,th{border-color:#2a313d}}</style></head>
<body><h1>{{.Name}}</h1><p>{{.About}}</p>
{{range .Metrics}}<h2>{{.Name}}</h2><table><thead><tr><th scope="col">{{$.By}}</th><th scope="col">Count</th><th scope="col">Share, between what it truly lies</th><th scope="col"></th></tr></thead><tbody>
{{range .Rows}}<tr{{if .Total}} class="t"{{end}}><td>{{.Label}}</td><td class="n">{{.Count}}</td><td>{{.Share}}</td><td>{{if not .Total}}<svg width="200" height="12" viewBox="0 0 400 24" role="img" aria-label="{{.Count}}"><rect width="{{.Width}}" height="24" rx="3" fill="#3b62d6"/></svg>{{end}}</td></tr>
{{end}}</tbody></table>
{{end}}</body></html>
`))

func (t Table) writePage(w io.Writer) error {
	unit := "messages"
	if t.Query.Unit == "person" {
		unit = "people"
	}
	about := fmt.Sprintf("%s. Of %s sent %s to %s (%s), as known at %s UTC; what was sent in the last 72 hours may still change.", t.Organization, unit, t.From, t.To, t.TimeZone, t.MadeAt.UTC().Format("2006-01-02 15:04"))
	by := "All"
	if len(t.Query.By) > 0 {
		by = spell(strings.Join(t.Query.By, ", "))
	}
	metrics := make([]pageMetric, 0, len(t.Query.Metrics))
	for _, name := range t.Query.Metrics {
		m := pageMetric{Name: spell(name)}
		most := int64(1)
		for _, f := range t.Figures {
			if f.Metric == name && !f.Total {
				most = max(most, f.Count)
			}
		}
		for _, f := range t.Figures {
			if f.Metric == name {
				m.Rows = append(m.Rows, rowOf(f, most))
			}
		}
		metrics = append(metrics, m)
	}
	if err := page.Execute(w, map[string]any{"Name": t.Name, "About": about, "By": by, "Metrics": metrics}); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func rowOf(f Figure, most int64) pageRow {
	r := pageRow{Label: f.First, Count: strconv.FormatInt(f.Count, 10), Width: int(400 * f.Count / most), Total: f.Total}
	if f.Second != "" {
		r.Label += ", " + f.Second
	}
	if f.Total {
		r.Label = "All"
	}
	switch {
	case f.Metric == costs.Metric:
		if r.Count = dollars(f.Count); f.Of > 0 {
			r.Share = fmt.Sprintf("%s for each of %d %s", dollars(f.Count/f.Of), f.Of, spell(f.Denominator))
		}
	case f.Of == 0:
	case f.Of < leastOfRate:
		r.Share = fmt.Sprintf("%d of %d %s", f.Count, f.Of, spell(f.Denominator))
	default:
		percent := func(x float64) string { return strconv.FormatFloat(100*x, 'f', 1, 64) }
		r.Share = fmt.Sprintf("%s %% of %d %s, between %s and %s %%", percent(f.Rate), f.Of, spell(f.Denominator), percent(f.Low), percent(f.High))
	}
	return r
}

// dollars writes millionths of a US dollar.
func dollars(micros int64) string { return "$" + strconv.FormatFloat(float64(micros)/1e6, 'f', 4, 64) }

func spell(name string) string { return strings.ReplaceAll(name, "_", " ") }
