package api_test

import (
	"encoding/base64"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/reportfile"
	"outrider/internal/blob"
	"outrider/internal/es"
)

// TestAReportIsSavedRunAndFetched follows a report to its file, which a reactor would write.
func TestAReportIsSavedRunAndFetched(t *testing.T) {
	t.Parallel()
	w := build(t)
	bucket, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "blobs"))
	check(t, err)
	t.Cleanup(func() { _ = bucket.Close() })
	w.cfg.ReportFiles = bucket
	w.serve(nil)
	c, thief := w.tenant("growth"), w.tenant("growth")
	plan := obj{"name": "Weekly", "formats": []string{"csv", "html"}, "query": obj{"metrics": []string{"sent", "replied"}, "by": []string{"campaign"}, "unit": "person", "period": "last_week", "filter": obj{"campaign": []string{anID}}},
		"schedule": obj{"every": "weekly", "weekday": 1, "hour": 8}}
	x := c.ok("POST", "/v1/reports", plan)
	path := x.header.Get("Location")
	if x.text("next_at") == "" || x.header.Get("ETag") != `"1"` || !strings.Contains(string(x.body), anID) {
		t.Errorf("it is saved as %s", x.body)
	}
	few := c.with("analytics:read", "campaigns:write")
	few.refused(403, "forbidden", "POST", "/v1/reports", obj{"name": "x", "formats": []string{"csv"}, "query": obj{"metrics": []string{"sent"}, "by": []string{"country"}, "unit": "message", "period": "yesterday"}})
	c.refused(422, "invalid", "POST", "/v1/reports", obj{"name": "x", "formats": []string{"csv"}, "query": obj{"metrics": []string{"delivered"}, "unit": "person", "period": "yesterday"}})
	plan["name"] = "Every week"
	if got := c.ok("PUT", path, plan, "If-Match", `"1"`); got.json["version"] != 2.0 {
		t.Errorf("changed, it is %s", got.body)
	}
	c.refused(412, "version_conflict", "PUT", path, obj{"name": "x", "formats": plan["formats"], "query": plan["query"]}, "If-Match", `"1"`)
	run := c.ok("POST", path+"/runs", nil)
	if run.text("status") != "running" || run.text("name") != "Every week" {
		t.Fatalf("it runs as %s", run.body)
	}
	links := "/v1/report-runs/" + run.text("id") + "/links"
	c.refused(404, "not_found", "POST", links, obj{"format": "csv"}) // it isn't written yet
	name := reportfile.Name(c.org, parsed(x.text("id")), parsed(run.text("id")), "csv")
	table := reportfile.Table{Figures: []reportfile.Figure{{First: "=Spring", Metric: "sent", Count: 7}}}
	is, err := bucket.FillPlain(t.Context(), name, reportfile.MediaType("csv"), func(to io.Writer) error { return table.Write(t.Context(), "csv", to) })
	check(t, err)
	_, at := c.submit(commands.CompleteReportRun{ReportRef: events.ReportRef{ReportID: parsed(x.text("id"))}, RunID: parsed(run.text("id")), Rows: 1, Files: []events.ReportFile{{Format: "csv", Bytes: is.Bytes, SHA256: is.SHA256}}})
	if runs := c.ok("GET", path+"/runs", nil, "Outrider-Position", at).list("data"); len(runs) != 1 || runs[0].(map[string]any)["status"] != "completed" {
		t.Errorf("it ran as %v", runs)
	}
	thief.refused(404, "not_found", "POST", links, obj{"format": "csv"})
	few.refused(403, "forbidden", "POST", links, obj{"format": "csv"})
	link := c.ok("POST", links, obj{"format": "csv", "minutes": 1}).text("url")
	_, token, _ := strings.Cut(link, "/v1/report-files/")
	stranger := &client{world: w}
	if got := stranger.do("GET", "/v1/report-files/"+token, nil); got.status != 200 || !strings.Contains(string(got.body), "'=Spring,,,,sent,7") || !strings.Contains(got.header.Get("Content-Disposition"), "report.csv") {
		t.Errorf("the file is %d %s", got.status, got.body)
	}
	forged := token[:len(token)-4] + "AAAA"
	if got := stranger.do("GET", "/v1/report-files/"+forged, nil); got.status != 404 {
		t.Errorf("a forged link gives %d %s", got.status, got.body)
	}
	late, err := w.cfg.Vault.SealCursor(t.Context(), es.SystemOrg, "link to a file of a report", "1000 csv "+name)
	check(t, err)
	if got := stranger.do("GET", "/v1/report-files/"+base64.RawURLEncoding.EncodeToString(late), nil); got.status != 404 || !strings.Contains(string(got.body), "expired") {
		t.Errorf("a link that has expired gives %d %s", got.status, got.body)
	}
	gone := c.ok("DELETE", path, nil).header.Get("Outrider-Position")
	c.refused(404, "not_found", "POST", path+"/runs", nil)
	c.refused(404, "not_found", "POST", links, obj{"format": "csv"}, "Outrider-Position", gone)
}
