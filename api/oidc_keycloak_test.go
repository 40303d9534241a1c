package api_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"outrider/internal/lab/freeport"
)

// startKeycloak starts what e2e/oidc/keycloak.sh fetched, or skips, and returns the issuer of its realm.
func startKeycloak(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("../e2e/oidc/keycloak/keycloak-*/bin/kc.sh")
	if os.Getenv("OUTRIDER_TEST_KEYCLOAK") == "" || len(found) != 1 {
		t.Skip("make test-oidc fetches Keycloak and runs this")
	}
	start, err := filepath.Abs(found[0])
	check(t, err)
	port, err := freeport.Pick() // it listens minutes later
	check(t, err)
	cmd := exec.CommandContext(t.Context(), start, "start-dev", "--http-host=127.0.0.1", fmt.Sprint("--http-port=", port), "--import-realm")
	cmd.Env = append(os.Environ(), "JAVA_OPTS_KC_HEAP=-Xms128m -Xmx512m")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Java is a child of a script
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	log, err := os.Create(filepath.Join(t.TempDir(), "keycloak.log"))
	check(t, err)
	cmd.Stdout, cmd.Stderr = log, log
	check(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is killed
	}()
	t.Cleanup(func() {
		_ = cmd.Cancel()
		<-ended
	})
	issuer := fmt.Sprintf("http://127.0.0.1:%d/realms/outrider", port)
	for late := time.Now().Add(10 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if r, err := http.Get(issuer + "/.well-known/openid-configuration"); err == nil { //nolint:noctx,gosec // on loopback
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return issuer
			}
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("Keycloak has ended:\n%s", text)
		default:
		}
		if time.Now().After(late) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("Keycloak doesn't start:\n%s", text)
		}
	}
}

func readAll(t testing.TB, r io.ReadCloser) string {
	t.Helper()
	text, err := io.ReadAll(r)
	check(t, err)
	check(t, r.Close())
	return string(text)
}

// signInAtKeycloak fills in Keycloak's form, as somebody's browser does, and returns where that sends them.
func (v *visitor) signInAtKeycloak(user string) string {
	v.t.Helper()
	resp, page := v.send("GET", base+"/v1/auth/oidc/keycloak/start", nil)
	if resp.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("start: %d %s", resp.StatusCode, page)
	}
	jar, err := cookiejar.New(nil)
	check(v.t, err)
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), base) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	form, err := browser.Get(resp.Header.Get("Location"))
	check(v.t, err)
	text := readAll(v.t, form.Body)
	action := regexp.MustCompile(`<form[^>]* action="([^"]+)"`).FindStringSubmatch(text)
	if action == nil {
		v.t.Fatalf("no form at %s: %d %.500s", form.Request.URL, form.StatusCode, text)
	}
	at, err := browser.PostForm(html.UnescapeString(action[1]), url.Values{"username": {user}, "password": {user}})
	check(v.t, err)
	text = readAll(v.t, at.Body)
	to := at.Header.Get("Location")
	if !strings.HasPrefix(to, base) {
		v.t.Fatalf("Keycloak's form ends with %d at %s: %.500s", at.StatusCode, at.Request.URL, text)
	}
	return to
}

func TestSomebodySignsInAtKeycloak(t *testing.T) {
	issuer := startKeycloak(t)
	w := build(t)
	t.Setenv("OUTRIDER_TEST_CLIENT_SECRET", "secret of a client")
	w.trust("keycloak=" + issuer + ",private=yes,client-id=outrider,client-secret-env=OUTRIDER_TEST_CLIENT_SECRET")
	ann := w.signUp("ann@example.com")
	v := w.visitor()
	back := v.signInAtKeycloak("ann")
	if resp, _ := w.visitor().send("GET", back, nil); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("in another browser: %d", resp.StatusCode)
	}
	if resp, page := v.send("GET", back, nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("callback: %d %s", resp.StatusCode, page)
	}
	if me := v.signedIn().ok("GET", "/v1/me", nil); me.text("id") != ann.person.String() || me.text("role") != "owner" {
		t.Errorf("me: %s", me.body)
	}
	again := w.visitor()
	if resp, _ := again.send("GET", back, nil); resp.StatusCode != http.StatusBadRequest || again.cookies["outrider_access"] != "" {
		t.Errorf("the code a second time: %d", resp.StatusCode)
	}
	eve := w.visitor()
	if resp, _ := eve.send("GET", eve.signInAtKeycloak("eve"), nil); resp.StatusCode != http.StatusForbidden || eve.cookies["outrider_access"] != "" {
		t.Errorf("with an address that nobody has checked: %d", resp.StatusCode)
	}
}
