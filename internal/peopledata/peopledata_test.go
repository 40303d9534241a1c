package peopledata_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"outrider/internal/dial"
	"outrider/internal/evidence"
	"outrider/internal/peopledata"
)

func TestAProviderIsAskedByItsFieldMap(t *testing.T) {
	t.Parallel()
	status, body := http.StatusOK, `{"person":{"jobs":[{"title":"Head of Data","from":2021}],"url":"https://network.example/in/ann"},"company":{"size":312,"uses":["Kafka"],"nothing":null,"far":true}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/people" || r.URL.Query().Get("email") != "ann+x@acme.example" || r.Header.Get("X-Key") != "Key s3cret" {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client sees it
	}))
	defer server.Close()
	o := peopledata.Options{Name: "Partner", URL: server.URL + "/v1/people?email={email}", Header: "X-Key", KeyPrefix: "Key ", Fields: []peopledata.Field{{"person.jobs.0.title", "lead", "role", "person.url"}, {"company.size", "company", "employees", ""},
		{"company.uses.0", "company", "uses", ""}, {"company.uses.9", "company", "uses", ""}, {"company.nothing", "company", "makes", ""}, {"company.far", "company", "makes", ""}, {"company.size.x", "company", "makes", ""}}}
	p, err := peopledata.New(o, "s3cret", dial.Dialer{Reach: dial.Loopback}, evidence.Known)
	if err != nil {
		t.Fatal(err)
	}
	ann := peopledata.Subject{Email: "ann+x@acme.example"}
	got, err := p.Look(t.Context(), ann)
	want := []peopledata.Found{{"lead", "role", "Head of Data", "https://network.example/in/ann"}, {"company", "employees", "312", ""}, {"company", "uses", "Kafka", ""}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if status = http.StatusNotFound; true {
		if got, err := p.Look(t.Context(), ann); err != nil || len(got) != 0 {
			t.Errorf("who isn't known: %+v, %v", got, err)
		}
	}
	for _, bad := range []int{401, 429, 500, 302} {
		status = bad
		if _, err := p.Look(t.Context(), ann); !errors.Is(err, peopledata.ErrUnavailable) {
			t.Errorf("%d: %v", bad, err)
		}
	}
	if status, body = http.StatusOK, `<html>`; true {
		if _, err := p.Look(t.Context(), ann); !errors.Is(err, peopledata.ErrUnavailable) {
			t.Errorf("no JSON: %v", err)
		}
	}
	near, err := peopledata.New(peopledata.Options{Name: "P", URL: "https://127.0.0.1/x", Fields: o.Fields}, "", dial.Dialer{Reach: dial.Public}, evidence.Known)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := near.Look(t.Context(), ann); !errors.Is(err, peopledata.ErrUnavailable) {
		t.Errorf("a private address is asked: %v", err)
	}
}

func TestWhatIsWrongWithAProvider(t *testing.T) {
	t.Parallel()
	field := `"fields":[{"path":"a","about":"lead","predicate":"role"}]`
	for text, ok := range map[string]bool{
		`{"name":"P","url":"https://data.example/?e={email}",` + field + `}`:                                     true,
		`{"url":"https://data.example/",` + field + `}`:                                                          false,
		`{"name":"P","url":"http://data.example/",` + field + `}`:                                                false,
		`{"name":"P","url":"https://{email}/",` + field + `}`:                                                    false,
		`{"name":"P","url":"https://data.example/"}`:                                                             false,
		`{"name":"P","url":"https://data.example/","fields":[{"path":"a","about":"dog","predicate":"role"}]}`:    false,
		`{"name":"P","url":"https://data.example/","fields":[{"path":"a","about":"lead","predicate":"dreams"}]}`: false,
		`{`: false,
	} {
		file := filepath.Join(t.TempDir(), "provider.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := peopledata.Read(file, dial.Dialer{Reach: dial.Public}, evidence.Known); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
