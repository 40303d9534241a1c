package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// oauthTripTime is how long a browser may take to come back.
const oauthTripTime = 10 * time.Minute

// errTripDenied says that a browser came back without a permission.
var errTripDenied = errors.New("the provider was not allowed to")

// oauthTrip is what is kept of a browser that was sent to a provider, beside what it went for; the vault keeps both, encrypted.
type oauthTrip struct {
	Verifier string    `json:"verifier"`
	Browser  string    `json:"browser"` // SHA-256 of what its cookie holds
	ReturnTo string    `json:"return_to"`
	Redirect string    `json:"redirect"` // where the provider sends the browser, in place of our usual address; "" = there
	Actor    es.Actor  `json:"actor"`
	Until    time.Time `json:"until"`
}

// oauthTrips sends browsers to providers and takes them back: each once, and only the one that was sent.
type oauthTrips struct {
	vault    *pii.Vault
	name     string // of the secrets and cookies
	callback string // path
	locally  bool   // Config.SignInsReturnLocally
}

func (t oauthTrips) secret(state string) string { return t.name + "_sign_in/" + hashOfText(state) }
func (t oauthTrips) cookie(state string) string {
	return "outrider_" + t.name + "_" + state[:min(len(state), 8)]
}

// redirect is where a provider is to send the browser of a request back to: "" = our usual address.
func (t oauthTrips) redirect(c *call) string {
	if !t.locally {
		return ""
	}
	host := string(c.Request().URI().Host())
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if ip, err := netip.ParseAddr(strings.Trim(name, "[]")); name != "localhost" && (err != nil || !ip.IsLoopback()) {
		return ""
	}
	return "http://" + host + t.callback
}

func hashOfText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// checkReturnTo lets a browser back to paths of this site only.
func checkReturnTo(path string) error {
	if path != "" && (!strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n?#")) {
		return invalidField("return_to", "must be a path of this site")
	}
	return nil
}

// begin keeps who goes, and what for: kept embeds trip. What comes back is bound to their browser: nobody is to give their account to another organisation by following a link.
func (t oauthTrips) begin(c *call, state string, trip *oauthTrip, kept any) error {
	browser := rand.Text()
	trip.Browser, trip.Actor, trip.Until = hashOfText(browser), c.actorOf(), time.Now().Add(oauthTripTime)
	text, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode sign-in: %w", err)
	}
	if err := t.vault.PutSecret(c.ctx, c.who.Org, t.secret(state), text); err != nil {
		return err
	}
	// Lax, as the provider's site sends the browser back.
	c.Cookie(&fiber.Cookie{Name: t.cookie(state), Value: browser, Path: t.callback, Expires: trip.Until, Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	return nil
}

// take reads what a browser went for into kept, which embeds trip, and forgets it.
func (t oauthTrips) take(c *call, trip *oauthTrip, kept any) (org uuid.UUID, state string, err error) {
	orgText, state, _ := strings.Cut(c.Query("state"), ".")
	org, err = uuid.Parse(orgText)
	if err != nil || len(orgText) != 36 || len(state) < 20 || len(state) > 100 || strings.ContainsFunc(state, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return org, state, notFoundProblem()
	}
	text, err := t.vault.Secret(c.ctx, org, t.secret(state))
	if err != nil {
		return org, state, notFoundProblem()
	}
	if err := json.Unmarshal(text, kept); err != nil {
		return org, state, fmt.Errorf("read sign-in: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(hashOfText(c.Cookies(t.cookie(state)))), []byte(trip.Browser)) != 1 {
		return org, state, notFoundProblem()
	}
	if err := t.vault.DeleteSecret(c.ctx, org, t.secret(state)); err != nil {
		return org, state, err
	}
	if time.Now().After(trip.Until) {
		return org, state, notFoundProblem()
	}
	c.Cookie(&fiber.Cookie{Name: t.cookie(state), Path: t.callback, Expires: time.Unix(1, 0), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	return org, state, nil
}

// tripCode returns the code that a browser brings back.
func tripCode(c *call) (string, error) {
	if c.Query("error") != "" || c.Query("code") == "" {
		return "", errTripDenied
	}
	return c.Query("code"), nil
}

// sendBack sends a browser to where it began, with what is to be said there.
func (t *oauthTrip) sendBack(c *call, key, value string) error {
	back := t.ReturnTo
	if back == "" {
		back = "/"
	}
	return c.Redirect(back+"?"+url.Values{key: {value}}.Encode(), http.StatusSeeOther)
}

// submitFor submits a command of who has begun a trip; *es.Refusal when it is refused.
func (h *writeSide) submitFor(c *call, org uuid.UUID, actor es.Actor, id uuid.UUID, cmd commands.Command) error {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return err
	}
	a, err := h.gateway.Submit(c.ctx, &es.Command{ID: id, Type: kind, Org: org, Time: h.now().UTC().Truncate(time.Microsecond), Actor: actor, CorrelationID: c.request, CausationID: c.request, ReplyTo: -1, Data: data})
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		return &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return nil
}
