package linktoken_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/mail"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"outrider/internal/linktoken"
)

func key(id byte) linktoken.SigningKey {
	return linktoken.SigningKey{ID: id, Secret: bytes.Repeat([]byte{id + 1}, 32)}
}

func signer(t testing.TB, keys ...linktoken.SigningKey) *linktoken.Signer {
	t.Helper()
	s, err := linktoken.NewSigner(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func kinds() []linktoken.TokenKind {
	return []linktoken.TokenKind{linktoken.MessageID, linktoken.Open, linktoken.Click, linktoken.Unsubscribe, linktoken.Reply, linktoken.Booking, linktoken.Mailbox}
}

func anyToken(t *rapid.T) linktoken.Token {
	id := rapid.SliceOfN(rapid.Byte(), 16, 16)
	return linktoken.Token{Org: uuid.UUID(id.Draw(t, "org")), Message: uuid.UUID(id.Draw(t, "message"))}
}

func TestATokenSaysWhatWasSigned(t *testing.T) {
	t.Parallel()
	s := signer(t, key(3))
	rapid.Check(t, func(t *rapid.T) {
		token := anyToken(t)
		for _, kind := range kinds() {
			token.Link = 0
			if kind == linktoken.Click {
				token.Link = rapid.Uint16().Draw(t, "link")
			}
			if got, err := s.Verify(kind, s.Sign(kind, token)); err != nil || got != token {
				t.Fatalf("got %v, %v, want %v", got, err, token)
			}
			token.Link = 0
			if got, err := s.VerifyTag(kind, token.Org, strings.ToUpper(s.Tag(kind, token))); err != nil || got != token {
				t.Fatalf("tag: got %v, %v, want %v", got, err, token)
			}
		}
		id := s.MessageID(token, "sender.test")
		if _, err := mail.ParseAddress(id); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{id, "<" + id + ">", " <" + id + ">"} {
			if got, err := s.VerifyMessageID(form); err != nil || got != token {
				t.Fatalf("got %v, %v, want %v", got, err, token)
			}
		}
	})
}

func TestNothingElseIsAToken(t *testing.T) {
	t.Parallel()
	s, stranger := signer(t, key(3)), signer(t, linktoken.SigningKey{ID: 3, Secret: bytes.Repeat([]byte("x"), 32)})
	rapid.Check(t, func(t *rapid.T) {
		token := anyToken(t)
		kind := rapid.SampledFrom(kinds()).Draw(t, "kind")
		good := s.Sign(kind, token)
		raw, _ := base64.RawURLEncoding.DecodeString(good)
		raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		bad := []string{base64.RawURLEncoding.EncodeToString(raw), good[1:], good + "A", good[:len(good)-1], "", stranger.Sign(kind, token), rapid.String().Draw(t, "text")}
		for _, text := range bad {
			if got, err := s.Verify(kind, text); !errors.Is(err, linktoken.ErrInvalid) || got != (linktoken.Token{}) {
				t.Fatalf("%q: got %v, %v", text, got, err)
			}
		}
		for _, other := range kinds() {
			if _, err := s.Verify(other, good); (err == nil) != (other == kind) {
				t.Fatalf("%d as %d: %v", kind, other, err)
			}
			if _, err := s.VerifyTag(other, token.Org, s.Tag(kind, token)); (err == nil) != (other == kind) {
				t.Fatalf("tag %d as %d: %v", kind, other, err)
			}
		}
		if _, err := s.VerifyTag(kind, uuid.New(), s.Tag(kind, token)); !errors.Is(err, linktoken.ErrInvalid) {
			t.Fatalf("another organisation's tag: %v", err)
		}
		if _, err := s.VerifyTag(kind, token.Org, rapid.StringMatching("[a-z2-7]{40}").Draw(t, "tag")); !errors.Is(err, linktoken.ErrInvalid) {
			t.Fatal("a guessed tag")
		}
	})
}

// A key that isn't there is the empty key to HMAC, and that one everybody knows.
func TestAKeyThatIsNotThereSignsNothing(t *testing.T) {
	t.Parallel()
	b := append([]byte{5<<4 | byte(linktoken.Unsubscribe)}, make([]byte, 32)...)
	mac := hmac.New(sha256.New, nil)
	mac.Write(append([]byte("token"), b...))
	forged := base64.RawURLEncoding.EncodeToString(append(b, mac.Sum(nil)[:12]...))
	if got, err := signer(t, key(3)).Verify(linktoken.Unsubscribe, forged); !errors.Is(err, linktoken.ErrInvalid) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestKeysCanBeReplaced(t *testing.T) {
	t.Parallel()
	token := linktoken.Token{Org: uuid.New(), Message: uuid.New()}
	old, both, after := signer(t, key(1)), signer(t, key(2), key(1)), signer(t, key(2))
	if _, err := both.Verify(linktoken.Open, old.Sign(linktoken.Open, token)); err != nil {
		t.Errorf("the old key is still known: %v", err)
	}
	if _, err := after.Verify(linktoken.Open, both.Sign(linktoken.Open, token)); err != nil {
		t.Errorf("the new key signs: %v", err)
	}
	if _, err := after.Verify(linktoken.Open, old.Sign(linktoken.Open, token)); err == nil {
		t.Error("a key that was taken away still counts")
	}
	for name, keys := range map[string][]linktoken.SigningKey{"none": nil, "short": {{ID: 1, Secret: []byte("short")}}, "twice": {key(1), key(1)}, "too high": {key(16)}} {
		if _, err := linktoken.NewSigner(keys...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAnAddressHasRoomForATagOrIsLeftAlone(t *testing.T) {
	t.Parallel()
	tag := signer(t, key(1)).Tag(linktoken.Reply, linktoken.Token{})
	got, ok := linktoken.PlusAddress("zoe.mueller@sender.test", tag)
	if want := "zoe.mueller+" + tag + "@sender.test"; got != want || !ok {
		t.Errorf("got %s, %v", got, ok)
	}
	if _, ok := linktoken.PlusAddress(strings.Repeat("x", 23)+"@sender.test", tag); !ok {
		t.Error("64 bytes are allowed")
	}
	if _, ok := linktoken.PlusAddress(strings.Repeat("x", 24)+"@sender.test", tag); ok {
		t.Error("65 bytes aren't")
	}
}

func TestATagStandsBehindTheLastPlus(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"jane+sdr+tag@sender.test": "tag", "jane+tag@sender.test": "tag", "jane@sender.test": "", "jane@a+b.test": "", "jane+": "", "": "", "+@": ""} {
		if got := linktoken.TagOf(address); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s := signer(b, key(1))
	text := s.Sign(linktoken.Click, linktoken.Token{Org: uuid.New(), Message: uuid.New(), Link: 3})
	for b.Loop() {
		if _, err := s.Verify(linktoken.Click, text); err != nil {
			b.Fatal(err)
		}
	}
}
