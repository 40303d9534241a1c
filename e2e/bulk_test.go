package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// bulk asks for an operation and waits until it is completed.
func (p *program) bulk(key string, ask map[string]any) response {
	p.t.Helper()
	asked := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads/bulk", ask)
	return p.bulkEnd(key, asked.Body["job"].(map[string]any)["id"].(string))
}

func (p *program) bulkEnd(key, id string) response {
	p.t.Helper()
	for {
		r := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads/bulk/"+id, nil)
		if r.Body["job"].(map[string]any)["status"] == "completed" {
			return r
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// wantBulk compares the counts of an operation.
func (p *program) wantBulk(what string, r response, done, unchanged, refused int, codes string) {
	p.t.Helper()
	job := r.Body["job"].(map[string]any)
	if got := fmt.Sprintf("%v %v %v %v", job["done"], job["unchanged"], job["refused_count"], job["refused_by_code"]); got != fmt.Sprintf("%d %d %d %s", done, unchanged, refused, codes) {
		p.t.Errorf("%s: got %s, want %d %d %d %s", what, got, done, unchanged, refused, codes)
	}
}

func (p *program) countLeads(key, query string) int {
	p.t.Helper()
	return p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?limit=1&include=total&"+query, nil).number("total")
}

func changeLeadsInBulk(t *testing.T, p *program) {
	const leads = 1_200
	org, key := p.organization("acme", "growth")
	_, other := p.organization("rival", "growth")
	file := p.upload(key, map[string]string{"tags": "fair"}, func(w io.Writer) {
		fmt.Fprintln(w, "email,first_name")
		for i := range leads {
			fmt.Fprintf(w, "p%d@people%d.test,P\n", i, i%7)
		}
	})
	p.imported(key, file.text("id"))
	var ids []string
	for next := ""; ; {
		page := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?limit=100&cursor="+next, nil)
		for _, l := range page.Body["data"].([]any) {
			ids = append(ids, l.(map[string]any)["id"].(string))
		}
		if next = page.text("next_cursor"); next == "" {
			break
		}
	}
	if len(ids) != leads {
		t.Fatalf("%d leads", len(ids))
	}

	all := map[string]any{"all": true}
	p.wantBulk("tag by filter", p.bulk(key, map[string]any{"action": "tag", "tags": []string{"spring", "spring"}, "filter": map[string]any{"tag": "fair"}}), leads, 0, 0, "map[]")
	p.wantBulk("tag again", p.bulk(key, map[string]any{"action": "tag", "tags": []string{"spring"}, "filter": all}), 0, leads, 0, "map[]")
	if n := p.countLeads(key, "tag=spring"); n != leads {
		t.Errorf("%d leads have the tag", n)
	}
	p.wantBulk("untag by ids", p.bulk(key, map[string]any{"action": "untag", "tags": []string{"spring"}, "lead_ids": append([]string{ids[0], "01990000-0000-7000-8000-0000000000ff"}, ids[:700]...)}), 700, 0, 1, "map[not_found:1]")
	if n := p.countLeads(key, "tag=spring"); n != leads-700 {
		t.Errorf("%d leads have the tag still", n)
	}

	held := p.bulk(key, map[string]any{"action": "suppress", "lead_ids": ids[:600]})
	p.wantBulk("suppress", held, 600, 0, 0, "map[]")
	if n := p.countLeads(key, "suppressed=true"); n != 600 {
		t.Errorf("%d leads are suppressed", n)
	}
	campaign := p.must(http.StatusCreated, key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Spring"}).text("id")
	enrolled := p.bulk(key, map[string]any{"action": "enroll", "campaign_id": campaign, "filter": all})
	p.wantBulk("enroll", enrolled, 600, 0, 600, "map[suppressed:600]")
	if n := p.countLeads(key, "campaign_id="+campaign); n != 600 {
		t.Errorf("%d leads are on the campaign", n)
	}
	path, seen := "/v1/leads/bulk/"+enrolled.Body["job"].(map[string]any)["id"].(string), map[string]bool{}
	for next := ""; ; {
		page := p.must(http.StatusOK, key, http.MethodGet, path+"?limit=100&cursor="+next, nil)
		for _, r := range page.Body["refused"].([]any) {
			if r.(map[string]any)["code"] != "suppressed" {
				t.Errorf("refused as %v", r)
			}
			seen[r.(map[string]any)["lead_id"].(string)] = true
		}
		if next = page.text("next_cursor"); next == "" {
			break
		}
	}
	newest := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads/bulk?limit=2", nil)
	if list := newest.Body["data"].([]any); len(list) != 2 || newest.text("next_cursor") == "" || list[0].(map[string]any)["id"] != enrolled.Body["job"].(map[string]any)["id"] {
		t.Errorf("the newest operations: %s", newest.Raw)
	}
	if len(seen) != 600 {
		t.Errorf("%d refused leads are named", len(seen))
	}
	if out := p.run("leads", "bulk", "tag", "--key", key, "--set", "autumn", "--tag", "fair"); !strings.Contains(out, "tag: 1200 of 1200 leads done, 0 unchanged, 0 refused") {
		t.Errorf("the command says %s", out)
	}
	if n := p.countLeads(key, "tag=autumn"); n != leads {
		t.Errorf("%d leads have the command's tag", n)
	}
	p.wantBulk("remove", p.bulk(key, map[string]any{"action": "remove", "filter": map[string]any{"suppressed": true}}), 600, 0, 0, "map[]")
	if n := p.countLeads(key, ""); n != 600 {
		t.Errorf("%d leads are left", n)
	}

	// The same request is the same operation, and one that was broken off goes on.
	ask := map[string]any{"action": "tag", "tags": []string{"summer"}, "filter": all}
	first := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads/bulk", ask, "Idempotency-Key", "summer")
	id := first.Body["job"].(map[string]any)["id"].(string)
	p.stop(9)
	p.start()
	p.wantBulk("after a crash", p.bulkEnd(key, id), 600, 0, 0, "map[]")
	again := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads/bulk", ask, "Idempotency-Key", "summer")
	if got := again.Body["job"].(map[string]any); got["id"] != id || got["done"] != 600.0 {
		t.Errorf("asked again: %v", got)
	}
	if r := p.call(other, http.MethodGet, "/v1/leads/bulk/"+id, nil); r.Status != http.StatusNotFound {
		t.Errorf("another organisation's: %d", r.Status)
	}
	for what, ask := range map[string]map[string]any{
		"ids and a filter":  {"action": "remove", "filter": all, "lead_ids": ids[:1]},
		"neither":           {"action": "remove"},
		"nobody found":      {"action": "remove", "filter": map[string]any{"tag": "nobody"}},
		"a cursor with ids": {"action": "remove", "lead_ids": ids[:1], "cursor": "x"},
	} {
		if r := p.call(key, http.MethodPost, "/v1/leads/bulk", ask); r.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", what, r.Status, r.Raw)
		}
	}
	weak := p.must(http.StatusCreated, p.PlatformKey, http.MethodPost, "/v1/api-keys", map[string]any{"organization_id": org, "name": "weak", "scopes": []string{"leads:read", "leads:write"}}).text("token")
	for action, status := range map[string]int{"enroll": http.StatusForbidden, "suppress": http.StatusForbidden} {
		if r := p.call(weak, http.MethodPost, "/v1/leads/bulk", map[string]any{"action": action, "campaign_id": campaign, "lead_ids": ids[:1]}); r.Status != status {
			t.Errorf("%s without its scope: %d %s", action, r.Status, r.Raw)
		}
	}
	gone := map[string]any{"action": "remove", "filter": all}
	first = p.must(http.StatusCreated, weak, http.MethodPost, "/v1/leads/bulk", gone, "Idempotency-Key", "gone")
	id = first.Body["job"].(map[string]any)["id"].(string)
	p.wantBulk("all removed", p.bulkEnd(weak, id), 600, 0, 0, "map[]")
	again = p.must(http.StatusCreated, weak, http.MethodPost, "/v1/leads/bulk", gone, "Idempotency-Key", "gone") // though its filter finds nobody now
	if got := again.Body["job"].(map[string]any); got["id"] != id {
		t.Errorf("removed again: %v", got)
	}
}
