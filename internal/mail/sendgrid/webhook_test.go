package sendgrid_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"

	"outrider/internal/lab/sendgridserver"
	"outrider/internal/mail/sendgrid"
)

func TestSignaturesAreCheckedAsTheLibraryDoes(t *testing.T) {
	t.Parallel()
	old, err := sendgridserver.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	newest, err := sendgridserver.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	body := sendgridserver.Post(sendgridserver.Entry{"event": "delivered"}, sendgridserver.Entry{"event": "open"})
	signature, timestamp := old.Sign(body, now)
	theirs, err := eventwebhook.ConvertPublicKeyBase64ToECDSA(old.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := eventwebhook.VerifySignature(theirs, body, signature, timestamp); !ok || err != nil {
		t.Fatalf("the library says %v, %v", ok, err)
	}
	both := []string{newest.PublicKey(), old.PublicKey()}
	check := func(what string, keys []string, signature, timestamp string, body []byte, at time.Time, want error) {
		t.Helper()
		if err := sendgrid.Verify(keys, signature, timestamp, body, at); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	check("while the key is replaced", both, signature, timestamp, body, now, nil)
	check("the key was taken away", both[:1], signature, timestamp, body, now, sendgrid.ErrSignature)
	check("no key", nil, signature, timestamp, body, now, sendgrid.ErrSignature)
	check("no signature", both, "", timestamp, body, now, sendgrid.ErrUnsigned)
	check("no base64", both, "§", timestamp, body, now, sendgrid.ErrSignature)
	check("another body", both, signature, timestamp, bytes.TrimSpace(body), now, sendgrid.ErrSignature)
	check("another time", both, signature, timestamp+"0", body, now, sendgrid.ErrTime)
	check("too old", both, signature, timestamp, body, now.Add(6*time.Minute), sendgrid.ErrTime)
	check("from the future", both, signature, timestamp, body, now.Add(-6*time.Minute), sendgrid.ErrTime)
	check("just in time", both, signature, timestamp, body, now.Add(4*time.Minute), nil)
}

// TestAnyOtherKeyIsRefused: the library panics on the first of them.
func TestAnyOtherKeyIsRefused(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{base64.StdEncoding.EncodeToString(der), "", "MFk", "no key", strings.Repeat("A", 500)} {
		if _, err := sendgrid.NormalizeKey(text); !errors.Is(err, sendgrid.ErrKey) {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
	s, err := sendgridserver.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	k := s.PublicKey()
	if got, err := sendgrid.NormalizeKey(" " + k[:60] + "\n" + k[60:] + "\n"); err != nil || got != k {
		t.Errorf("a key with line breaks: %q, %v", got, err)
	}
}

func TestOneBrokenEntryCostsNothingElse(t *testing.T) {
	t.Parallel()
	good := `{"event":"delivered","sg_event_id":"a","message_id":"6e0b6d3e-8d3b-4a4e-9c4f-1d8f3f1d8f3f","timestamp":1750000000,"sg_message_id":"m1.filter0","smtp-id":"<x@y.test>","response":"250 OK","attempt":3}`
	for name, x := range map[string]struct {
		body         string
		read, broken int
	}{
		"good ones":             {"[" + good + ",\r\n" + good + "]\r\n", 2, 0},
		"one that is a number":  {"[" + good + ",7," + good + "]", 2, 1},
		"no time":               {`[{"event":"delivered","sg_event_id":"b"},` + good + "]", 1, 1},
		"values of other types": {`[{"event":"delivered","sg_event_id":"b","timestamp":"1750000000","attempt":"2","status":{"a":[1]},"reason":null},` + good + "]", 2, 0},
		"a type that is new":    {`[{"event":"account_status_change","sg_event_id":"c","timestamp":1750000000},` + good + "]", 2, 0},
		"it breaks off":         {"[" + good + "," + good[:40], 1, 1},
		"empty":                 {"[]", 0, 0},
	} {
		all, broken, err := sendgrid.ReadReports([]byte(x.body))
		if err != nil || len(all) != x.read || broken != x.broken {
			t.Errorf("%s: read %d, broken %d, %v", name, len(all), broken, err)
		}
	}
	for _, body := range []string{"", "{}", "null", `"x"`} {
		if _, _, err := sendgrid.ReadReports([]byte(body)); !errors.Is(err, sendgrid.ErrReports) {
			t.Errorf("%q: got %v", body, err)
		}
	}
	all, _, _ := sendgrid.ReadReports([]byte("[" + good + "]"))
	if r := all[0]; r.ID != "a" || r.SMTPID != "x@y.test" || r.Provider != "m1" || r.Attempt != 3 || r.Code != 250 || r.At.Unix() != 1750000000 {
		t.Errorf("got %+v", r)
	}
}

func TestCodesStandInFrontOfWords(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]struct {
		code   int
		status string
	}{
		"550 5.1.1 The email account that you tried to reach does not exist": {550, "5.1.1"},
		"421-4.7.28 too many":   {421, "4.7.28"},
		"550 no such user":      {550, ""},
		"unable to get mx info": {0, "5.0.0"},
		"Bounced Address":       {0, "5.0.0"},
	} {
		body := fmt.Sprintf(`[{"event":"bounce","type":"blocked","sg_event_id":"a","timestamp":1750000000,"reason":%q,"status":"5.0.0"}]`, reason)
		all, _, err := sendgrid.ReadReports([]byte(body))
		if err != nil || len(all) != 1 {
			t.Fatal(err)
		}
		status := want.status
		if status == "" {
			status = "5.0.0"
		}
		if r := all[0]; r.Code != want.code || r.Status != status || !r.Blocked {
			t.Errorf("%s: got %d %s", reason, r.Code, r.Status)
		}
	}
}

// TestInboundParse: the library's parser panics on the first of the forms that are refused.
func TestInboundParse(t *testing.T) {
	t.Parallel()
	raw := []byte("From: bob@example.com\r\nTo: ann@ours.test\r\nSubject: Re: hi\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n")
	kind, body := sendgridserver.Inbound(raw, "bob@example.com", "Ann+Tag@Ours.test")
	in, err := sendgrid.ReadInbound(kind, body)
	if err != nil || !bytes.Equal(in.Raw, raw) || len(in.To) != 1 || in.To[0] != "ann+tag@ours.test" {
		t.Errorf("got %q for %v, %v", in.Raw, in.To, err)
	}
	form := func(field string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n\r\n--b--\r\n"
	}
	for name, x := range map[string]struct {
		kind, body string
		want       error
	}{
		"not raw":      {"multipart/form-data; boundary=b", form("text"), sendgrid.ErrNotRaw},
		"no mail":      {"multipart/form-data; boundary=b", form("email"), sendgrid.ErrNotRaw},
		"no boundary":  {"multipart/form-data", form("email"), sendgrid.ErrForm},
		"another form": {"application/x-www-form-urlencoded", "email=x", sendgrid.ErrForm},
		"no end":       {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nFrom", sendgrid.ErrForm},
		"no type":      {"", "", sendgrid.ErrForm},
	} {
		if _, err := sendgrid.ReadInbound(x.kind, []byte(x.body)); !errors.Is(err, x.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzReadReports(f *testing.F) {
	f.Add([]byte(`[{"event":"open","sg_event_id":"a","timestamp":1}]`))
	f.Fuzz(func(_ *testing.T, body []byte) { _, _, _ = sendgrid.ReadReports(body) })
}

func FuzzReadInbound(f *testing.F) {
	kind, body := sendgridserver.Inbound([]byte("From: a@b.test\r\n\r\nx"), "a@b.test", "c@d.test")
	f.Add(kind, body)
	f.Fuzz(func(_ *testing.T, kind string, body []byte) { _, _ = sendgrid.ReadInbound(kind, body) })
}
