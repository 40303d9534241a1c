package csvfile_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"outrider/internal/csvfile"
)

// The exports of address books and CRMs, in the form that each writes, are read without a word from the user.
func TestExportsJustWork(t *testing.T) {
	t.Parallel()
	full := map[string]string{"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "company_name": "Example Ltd", "job_title": "Head of Sales"}
	but := func(more map[string]string) map[string]string {
		m := maps.Clone(full)
		maps.Copy(m, more)
		maps.DeleteFunc(m, func(_, v string) bool { return v == "" })
		return m
	}
	for file, c := range map[string]struct {
		header int
		want   map[string]string // of the first row
		rows   int
	}{
		"linkedin-connections.csv": {4, but(map[string]string{"company_name": "Example, Ltd", "linkedin_url": "https://www.linkedin.com/in/ann-lee-example", "custom.connected_on": "12 Mar 2024"}), 3},
		"google-contacts.csv":      {1, but(map[string]string{"phone": "+1 555 0100", "website": "https://example.com", "tags": "fair ::: * myContacts"}), 2},
		"google-contacts-old.csv":  {1, but(map[string]string{"full_name": "Ann Lee", "phone": "+1 555 0100", "tags": "* myContacts ::: fair"}), 1},
		"pipedrive.csv":            {1, but(map[string]string{"first_name": "", "last_name": "", "full_name": "Ann Lee", "phone": "+1 555 0100", "crm_id": "17", "tags": "Hot lead"}), 2},
		"hubspot.csv": {1, but(map[string]string{"phone": "+1 555 0100", "crm_id": "101", "city": "Berlin", "country": "Germany", "website": "example.com",
			"linkedin_url": "https://www.linkedin.com/in/ann-lee-example", "time_zone": "europe_slash_berlin"}), 2},
		"apollo.csv": {1, but(map[string]string{"phone": "+1 555 0100", "crm_id": "abc123", "city": "Berlin", "country": "Germany", "website": "https://example.com",
			"linkedin_url": "http://www.linkedin.com/in/ann-lee-example"}), 1},
		"salesforce-report.csv": {1, but(map[string]string{"phone": "+1 555 0100", "crm_id": "003000000000001", "city": "Berlin", "country": "Germany"}), 7},
		"outlook.csv":           {1, but(map[string]string{"phone": "+1 555 0100", "city": "Berlin", "country": "Germany", "website": "https://example.com", "tags": "fair;vip"}), 1},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			content, err := os.Open(filepath.Join("testdata", "exports", file))
			if err != nil {
				t.Fatal(err)
			}
			defer content.Close()
			f, err := csvfile.Open(content, csvfile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			h := f.Head()
			first, err := f.Next()
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for i, column := range h.Columns {
				got[h.Mapping[column]] = csvfile.CleanCell(first.Values[i])
			}
			for field, want := range c.want {
				if got[field] != want {
					t.Errorf("%s: got %q, want %q", field, got[field], want)
				}
			}
			for _, field := range csvfile.Fields() {
				if got[field] != "" && c.want[field] == "" {
					t.Errorf("%s: got %q, want none", field, got[field])
				}
			}
			good, bad := rows(t, f)
			if h.HeaderRow != c.header || len(good)+1 != c.rows || bad != nil {
				t.Errorf("header in row %d, %d rows, %q", h.HeaderRow, len(good)+1, bad)
			}
			if slices.Contains(h.LeftOut, "Email") {
				t.Errorf("left out %q", h.LeftOut)
			}
		})
	}
}
