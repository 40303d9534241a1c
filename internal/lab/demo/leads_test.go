package demo_test

import (
	"bytes"
	"strings"
	"testing"

	"outrider/internal/lab/demo"
)

func TestAFileIsCountedRowByRow(t *testing.T) {
	t.Parallel()
	file := "Name;E-Mail;Timezone;Company\n" +
		"Ann;ann@company1.example;Europe/Berlin\n" +
		";;\n" + // blank: no row
		"Ann again; ANN@company1.example ;\n" + // the same address
		"Bob;bob at company1.example;\n" +
		"Cid;;Europe/Berlin\n" +
		"Dan;dan@company2.example;Mars/Olympus\n" + // no such zone: it costs the field
		"Eve;eve@gmail.com;\n" +
		"Fay;fay@company2.example;;;surplus\n" + // likewise
		"Gil;gil@company2.example;;" + strings.Repeat("G", 2001) + "\n" // nothing that a company is called
	people, n, err := demo.ReadLeads(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if want := (demo.Count{Rows: 8, Imported: 4, Duplicates: 1, Rejected: 3}); n != want {
		t.Errorf("got %+v, want %+v", n, want)
	}
	if len(people) != 4 || people[0] != (demo.Lead{Address: "ann@company1.example", Domain: "company1.example", Zone: "Europe/Berlin"}) || people[1].Address != "dan@company2.example" || people[1].Zone != "" || !people[2].Public {
		t.Errorf("got %+v", people)
	}
	if _, _, err := demo.ReadLeads(strings.NewReader("a,b\n1,2\n")); err == nil {
		t.Error("a file without addresses must be refused")
	}
}

func TestTheSampleIsTheSameForASeedAndAllOfItCanBeImported(t *testing.T) {
	t.Parallel()
	var a, b, c bytes.Buffer
	for w, seed := range map[*bytes.Buffer]uint64{&a: 7, &b: 7, &c: 8} {
		if err := demo.WriteSample(w, 1000, seed); err != nil {
			t.Fatal(err)
		}
	}
	if a.String() != b.String() || a.String() == c.String() {
		t.Error("a sample must follow from its seed")
	}
	people, n, err := demo.ReadLeads(&a)
	if err != nil || n != (demo.Count{Rows: 1000, Imported: 1000}) {
		t.Fatalf("got %+v, %v", n, err)
	}
	companies, zones := map[string]int{}, map[string]int{}
	for _, l := range people {
		companies[l.Domain]++
		zones[l.Zone]++
		if !strings.HasSuffix(l.Domain, ".example") {
			t.Errorf("%s isn't in a reserved domain", l.Address)
		}
	}
	if len(companies) != 250 || len(zones) < 10 || zones[""] == 0 {
		t.Errorf("%d companies, %d zones", len(companies), len(zones))
	}
}

func TestSendersHaveDomainsWithAllRecords(t *testing.T) {
	t.Parallel()
	senders := demo.Senders(600)
	z, seen := demo.Records(senders), map[string]bool{}
	for _, s := range senders {
		_, domain, _ := strings.Cut(s.Address, "@")
		if seen[s.Address] {
			t.Errorf("%s is there twice", s.Address)
		}
		seen[s.Address] = true
		if len(z.MX[domain]) != 1 || len(z.TXT[domain]) != 1 || len(z.TXT["_dmarc."+domain]) != 1 || len(z.TXT["default._domainkey."+domain]) != 1 {
			t.Errorf("%s lacks records", domain)
		}
	}
	if demo.Password("a", senders[0].Address) == demo.Password("a", senders[1].Address) || demo.Password("a", "x") == demo.Password("b", "x") {
		t.Error("each mailbox has a password of its own")
	}
}
