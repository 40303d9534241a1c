package chhttp_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"outrider/internal/engines/enginestest"
)

// ask sends one statement as curl would.
func ask(t *testing.T, password bool, query string, body io.Reader) (int, string, error) {
	t.Helper()
	u, err := url.Parse(enginestest.ClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	user := u.User
	u.User, u.Path, u.RawQuery = nil, "/", url.Values{"query": {query}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.String(), body)
	if err != nil {
		t.Fatal(err)
	}
	if password {
		secret, _ := user.Password()
		r.SetBasicAuth(user.Username(), secret)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func TestWithoutAClientLibrary(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		password    bool
		query, body string
		status      int
		want        string
	}{
		"a query in the address":          {true, `SELECT 1 + 1`, "", 200, "2\n"},
		"a query in the body":             {true, ``, "SELECT 'body'", 200, "body\n"},
		"a format":                        {true, `SELECT 1 AS a FORMAT JSONEachRow`, "", 200, `{"a":1}` + "\n"},
		"no password":                     {false, `SELECT 1`, "", 403, "Code: 516"},
		"an insert without a password":    {false, `INSERT INTO system.one FORMAT CSV`, "1", 403, "Code: 516"},
		"a file of the machine, guarded":  {false, `SELECT * FROM file('/etc/passwd', LineAsString)`, "", 403, "Code: 516"},
		"an error says its code in words": {true, `SELECT nosuch`, "", 404, "UNKNOWN_IDENTIFIER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, got, err := ask(t, x.password, x.query, strings.NewReader(x.body))
			if err != nil || status != x.status || !strings.Contains(got, x.want) {
				t.Errorf("%d %q %v", status, got, err)
			}
		})
	}
}

func TestAnInsertWhoseClientDiesLeavesNothing(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionNone)
	exec(t, c, `CREATE TABLE torn (n UInt64) ENGINE = MergeTree ORDER BY n`)
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, _, err := ask(t, true, `INSERT INTO torn FORMAT TabSeparated`, r)
		done <- err
	}()
	for range 1000 {
		if _, err := io.WriteString(w, "12345\n"); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.CloseWithError(errors.New("the client dies"))
	if err := <-done; err == nil {
		t.Error("the insert was acknowledged")
	}
	await(t, "the engine gives the insert up", func() bool {
		return count(t, c, `SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO to' || 'rn%'`) == 0
	})
	if n := count(t, c, `SELECT count() FROM torn`); n != 0 {
		t.Errorf("%d rows", n)
	}
	if err := c.Exec(t.Context(), `INSERT INTO torn VALUES (1)`); err != nil {
		t.Errorf("the next insert: %v", err)
	}
}
