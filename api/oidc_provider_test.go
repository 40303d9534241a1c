package api_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// othersProvider is oidc-provider of npm behind a proxy of ours, which can spoil what its token endpoint answers.
type othersProvider struct {
	issuer string
	spoil  atomic.Pointer[func(idToken string) string] // nil = nothing
	last   atomic.Pointer[string]                      // ID token that it gave
}

// startOthersProvider runs it, or skips: make test-oidc installs it.
func startOthersProvider(t *testing.T) *othersProvider {
	t.Helper()
	dir, err := filepath.Abs("../e2e/oidc")
	check(t, err)
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "oidc-provider")); err != nil {
		t.Skip("oidc-provider isn't installed: make test-oidc")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	p := &othersProvider{issuer: "http://" + l.Addr().String()}
	cmd := exec.CommandContext(t.Context(), "node", "provider.mjs")
	cmd.Dir, cmd.Stderr = dir, io.Discard // it warns that it is for trying only
	cmd.Env = append(os.Environ(), "ISSUER="+p.issuer, "REDIRECT_URI="+base+"/v1/auth/oidc/others/callback", "CLIENT_SECRET=secret of a client")
	in, err := cmd.StdinPipe() // it ends with this
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // it is told to end
	})
	var port int
	for lines := bufio.NewScanner(out); port == 0 && lines.Scan(); {
		port, _ = strconv.Atoi(lines.Text()) // other lines are warnings
	}
	if port == 0 {
		t.Fatal("the provider doesn't say where it is")
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: fmt.Sprint("127.0.0.1:", port)})
		r.Out.Host = r.In.Host
	}, ModifyResponse: p.modify}
	s := httptest.NewUnstartedServer(proxy)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return p
}

func (p *othersProvider) modify(r *http.Response) error {
	if r.Request.URL.Path != "/token" || r.StatusCode != http.StatusOK {
		return nil
	}
	var answer map[string]any
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return err
	}
	token, _ := answer["id_token"].(string)
	p.last.Store(&token)
	if spoil := p.spoil.Load(); spoil != nil {
		answer["id_token"] = (*spoil)(token)
	}
	body, err := json.Marshal(answer)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return err
}

// signInAt goes through the provider's forms, as somebody's browser does, and returns where it sends them.
func (p *othersProvider) signInAt(t *testing.T, v *visitor, user string) string {
	t.Helper()
	resp, page := v.send("GET", base+"/v1/auth/oidc/others/start", nil)
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("start: %d %s", resp.StatusCode, page)
	}
	jar, err := cookiejar.New(nil)
	check(t, err)
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), base) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	at, err := browser.Get(resp.Header.Get("Location"))
	check(t, err)
	for _, form := range []url.Values{{"prompt": {"login"}, "login": {user}, "password": {"any"}}, {"prompt": {"consent"}}} {
		at.Body.Close()
		at, err = browser.PostForm(at.Request.URL.String(), form)
		check(t, err)
	}
	defer at.Body.Close()
	to := at.Header.Get("Location")
	if !strings.HasPrefix(to, base) {
		text, _ := io.ReadAll(at.Body) // for the message
		t.Fatalf("the provider's forms end with %d at %s: %.300s", at.StatusCode, at.Request.URL, text)
	}
	return to
}

// change changes the payload of a token, whose signature stays.
func change(token string, claims map[string]any) string {
	parts := strings.Split(token, ".")
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	is := map[string]any{}
	_ = json.Unmarshal(raw, &is) // it came from a provider
	for name, value := range claims {
		is[name] = value
	}
	raw, _ = json.Marshal(is)
	parts[1] = base64.RawURLEncoding.EncodeToString(raw)
	return strings.Join(parts, ".")
}

func TestSomebodySignsInAtAProviderThatOthersHaveWritten(t *testing.T) {
	w := build(t)
	p := startOthersProvider(t)
	t.Setenv("OUTRIDER_TEST_CLIENT_SECRET", "secret of a client")
	w.trust("others=" + p.issuer + ",private=yes,client-id=outrider,client-secret-env=OUTRIDER_TEST_CLIENT_SECRET")
	ann := w.signUp("ann@example.com")
	v := w.visitor()
	if resp, page := v.send("GET", p.signInAt(t, v, "ann"), nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("callback: %d %s", resp.StatusCode, page)
	}
	if me := v.signedIn().ok("GET", "/v1/me", nil); me.text("id") != ann.person.String() || me.text("role") != "owner" {
		t.Errorf("me: %s", me.body)
	}
	eve := w.visitor()
	if resp, _ := eve.send("GET", p.signInAt(t, eve, "eve"), nil); resp.StatusCode != http.StatusForbidden || eve.cookies["outrider_access"] != "" {
		t.Errorf("with an address that nobody has checked: %d", resp.StatusCode)
	}
	before := *p.last.Load()
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for what, spoil := range map[string]func(string) string{
		"none":             func(is string) string { return none + "." + strings.Split(is, ".")[1] + "." },
		"no signature":     func(is string) string { return is[:strings.LastIndex(is, ".")+1] },
		"another's token":  func(string) string { return before },
		"another person":   func(is string) string { return change(is, map[string]any{"sub": "ann", "email": "ann@example.com"}) },
		"another audience": func(is string) string { return change(is, map[string]any{"aud": "other"}) },
		"another issuer":   func(is string) string { return change(is, map[string]any{"iss": "https://evil.example.com"}) },
		"another nonce":    func(is string) string { return change(is, map[string]any{"nonce": "n"}) },
		"a later end":      func(is string) string { return change(is, map[string]any{"exp": time.Now().Add(time.Hour).Unix() + 1}) },
		"a foreign key": func(is string) string {
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"evil"}`)) + is[strings.Index(is, "."):]
		},
		"a secret as a key": func(is string) string {
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + is[strings.Index(is, "."):]
		},
		"no token":   func(string) string { return "" },
		"a huge one": func(is string) string { return is + strings.Repeat("A", 1<<20) },
	} {
		p.spoil.Store(&spoil)
		v := w.visitor()
		if resp, page := v.send("GET", p.signInAt(t, v, "bob"), nil); resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusServiceUnavailable || v.cookies["outrider_access"] != "" {
			t.Errorf("%s: %d %.200s", what, resp.StatusCode, page)
		}
	}
	p.spoil.Store(nil)
	bob := w.visitor()
	back := p.signInAt(t, bob, "bob")
	thief := w.visitor()
	if resp, _ := thief.send("GET", back, nil); resp.StatusCode != http.StatusBadRequest || thief.cookies["outrider_access"] != "" {
		t.Errorf("in another browser: %d", resp.StatusCode)
	}
	if resp, page := bob.send("GET", back, nil); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d %s", resp.StatusCode, page)
	}
}
