package linktoken_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"outrider/internal/linktoken"
)

func TestATokenIsFoundAmongWhateverStandsAroundIt(t *testing.T) {
	t.Parallel()
	s, stranger := signer(t, key(3)), signer(t, key(4))
	rapid.Check(t, func(t *rapid.T) {
		token := anyToken(t)
		kind := rapid.SampledFrom([]linktoken.TokenKind{linktoken.MessageID, linktoken.Open, linktoken.Click, linktoken.Unsubscribe, linktoken.Booking}).Draw(t, "kind")
		if kind == linktoken.Click {
			token.Link = rapid.Uint16().Draw(t, "link")
		}
		before, behind := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "behind")
		found := s.Find(token.Org, []byte(before+s.Sign(kind, token)+behind))
		if len(found) != 1 || found[0] != (linktoken.FoundToken{Token: token, Kind: kind, At: len(before)}) {
			t.Fatalf("found %+v", found)
		}
		if found := s.Find(uuid.New(), []byte(s.Sign(kind, token))); found != nil {
			t.Fatalf("another organisation's: %+v", found)
		}
		if found := s.Find(token.Org, []byte(stranger.Sign(kind, token)+" "+stranger.Tag(linktoken.Reply, token))); found != nil {
			t.Fatalf("a forged one: %+v", found)
		}
	})
}

func TestATagIsFoundInAnAddressHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	s := signer(t, key(3))
	token := linktoken.Token{Org: uuid.New(), Message: uuid.New()}
	for _, kind := range []linktoken.TokenKind{linktoken.Reply, linktoken.Unsubscribe} {
		tag := s.Tag(kind, token)
		for _, text := range []string{"Reply-To: <jane+" + tag + "@sender.test>", "JANE+" + strings.ToUpper(tag) + "@SENDER.TEST", "mailto:jane%2B" + tag + "@sender.test", "jane=2B" + tag + "=40sender.test",
			"?subject=" + tag, tag} {
			found := s.Find(token.Org, []byte(text))
			if len(found) != 1 || found[0].Token != token || found[0].Kind != kind || !found[0].Tag || !strings.EqualFold(text[found[0].At:found[0].At+len(tag)], tag) {
				t.Errorf("%s: found %+v", text, found)
			}
		}
		for _, text := range []string{"x" + tag, tag + "a", tag[1:]} {
			if found := s.Find(token.Org, []byte(text)); found != nil {
				t.Errorf("%s: found %+v", text, found)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	s := signer(f, key(3))
	token := linktoken.Token{Org: uuid.UUID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, Message: uuid.UUID{1}}
	f.Add([]byte("<" + s.MessageID(token, "sender.test") + ">"))
	f.Add([]byte("jane+" + s.Tag(linktoken.Reply, token) + "@sender.test"))
	f.Add([]byte(base64.RawURLEncoding.EncodeToString(token.Org[2:14])))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, found := range s.Find(token.Org, text) {
			if found.Org != token.Org || found.At < 0 || found.At > len(text) {
				t.Errorf("found %+v", found)
			}
		}
	})
}
