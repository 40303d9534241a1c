package mailboxes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/mail/compose"
	"outrider/projections"
)

// Signature stands below the text of every message of a mailbox. HTML takes its place in messages that have HTML; empty = it is made of the text.
type Signature struct {
	Text string `json:"text,omitzero"`
	HTML string `json:"html,omitzero"`
}

// Bounds of a signature.
const (
	maxSignatureText = 2000 // characters
	maxSignatureHTML = 8000
)

// SignatureError says what a signature can't hold, and where.
type SignatureError struct{ Field, Reason string }

func (e *SignatureError) Error() string { return "signature." + e.Field + " " + e.Reason }

// Check returns what can't be in a signature. It is refused, not mended: nobody should wonder where a part of it went.
func (s Signature) Check() error {
	switch {
	case utf8.RuneCountInString(s.Text) > maxSignatureText:
		return &SignatureError{"text", fmt.Sprintf("must be %d characters at most", maxSignatureText)}
	case utf8.RuneCountInString(s.HTML) > maxSignatureHTML:
		return &SignatureError{"html", fmt.Sprintf("must be %d characters at most", maxSignatureHTML)}
	case strings.TrimSpace(s.Text) == "" && s.HTML != "":
		return &SignatureError{"text", "is missing: many read no HTML"}
	case strings.ContainsFunc(s.Text, compose.TurnsDirection):
		return &SignatureError{"text", "must not hold characters that turn the direction of what is read"}
	}
	return checkSignatureHTML(s.HTML)
}

// allowedElements have the attributes that they may have besides style.
func allowedElements() map[string][]string {
	return map[string][]string{"a": {"href", "title"}, "b": nil, "br": nil, "div": nil, "em": nil, "font": {"color", "face", "size"}, "hr": nil, "i": nil, "p": nil, "small": nil, "span": nil, "strong": nil,
		"table": {"border", "cellpadding", "cellspacing", "width"}, "tbody": nil, "td": {"align", "valign", "width"}, "tr": nil, "u": nil}
}

var plainStyle = regexp.MustCompile(`(?i)^[a-z0-9 #.,;:%'"-]*$`)

// checkSignatureHTML names the first thing that isn't simple: text with links, and how it looks.
func checkSignatureHTML(text string) error {
	refuse := func(reason string, args ...any) error {
		return &SignatureError{"html", fmt.Sprintf(reason, args...)}
	}
	allowed, open := allowedElements(), []string{}
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				return refuse("has <%s> without its end", open[len(open)-1])
			}
			return nil
		case html.CommentToken, html.DoctypeToken:
			return refuse("must not hold comments")
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			attributes, ok := allowed[t.Data]
			switch {
			case t.Data == "img":
				return refuse("must not hold images: many programs show none, and filters don't like them")
			case !ok:
				return refuse("must not hold <%s>", t.Data)
			}
			for _, a := range t.Attr {
				if err := checkAttribute(t.Data, a, attributes); err != "" {
					return refuse("%s", err)
				}
			}
			if t.Type == html.StartTagToken && t.Data != "br" && t.Data != "hr" {
				open = append(open, t.Data)
			}
		case html.EndTagToken:
			t := z.Token()
			if len(open) == 0 || open[len(open)-1] != t.Data {
				return refuse("has </%s> where nothing of that kind ends", t.Data)
			}
			open = open[:len(open)-1]
		case html.TextToken:
		}
	}
}

func checkAttribute(element string, a html.Attribute, allowed []string) (reason string) {
	switch {
	case a.Key == "style" && plainStyle.MatchString(a.Val) && !strings.Contains(strings.ToLower(a.Val), "url"):
		return ""
	case a.Key == "style":
		return "has a style that is more than colours, sizes and spaces"
	case !slices.Contains(allowed, a.Key):
		return "must not hold " + a.Key + " of <" + element + ">"
	case a.Key != "href":
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(a.Val))
	if err != nil || !slices.Contains([]string{"http", "https", "mailto", "tel"}, u.Scheme) {
		return "has a link that isn't http, https, mailto or tel"
	}
	return ""
}

// LetterChange is what is to be different; nil = nothing.
type LetterChange struct {
	Signature  *Signature
	KeepCopies *bool
}

// Letter returns the command that changes what a mailbox adds to its messages. What is as it was is sealed as it was, so that the owner sees that nothing changes.
func (c Connector) Letter(ctx context.Context, row *projections.Mailbox, change LetterChange) (commands.SetMailboxLetter, error) {
	out := commands.SetMailboxLetter{MailboxRef: events.MailboxRef{MailboxID: row.MailboxID}}
	var was events.MailboxLetterSet
	if row.Letter != nil {
		if err := json.Unmarshal(row.Letter, &was); err != nil {
			return out, fmt.Errorf("read letter of mailbox: %w", err)
		}
	}
	out.Signature, out.KeepCopies = was.Signature, was.KeepCopies
	if change.KeepCopies != nil {
		out.KeepCopies = *change.KeepCopies
	}
	is, _, err := LetterOf(row)
	if err != nil || change.Signature == nil || *change.Signature == is {
		return out, err
	}
	if err := change.Signature.Check(); err != nil {
		return out, err
	}
	if out.Signature = (events.Sealed{}); *change.Signature == (Signature{}) {
		return out, nil
	}
	key, err := c.KeyOf(ctx, row.OrgID, row.MailboxID)
	if err != nil {
		return out, err
	}
	text, err := json.Marshal(*change.Signature)
	if err != nil {
		return out, fmt.Errorf("encode signature: %w", err)
	}
	sealed, err := key.Seal(projections.MailboxSignatureField, text)
	out.Signature = events.Sealed(sealed)
	return out, err
}

var errLetter = errors.New("read what a mailbox adds to its messages")

// LetterOf returns what a mailbox adds to its messages; a signature that can't be read any more is none.
func LetterOf(row *projections.Mailbox) (s Signature, keepsCopies bool, err error) {
	if row.Letter == nil {
		return s, false, nil
	}
	var letter events.MailboxLetterSet
	if err := json.Unmarshal(row.Letter, &letter); err != nil {
		return s, false, fmt.Errorf("%w: %w", errLetter, err)
	}
	if row.Signature != nil {
		if err := json.Unmarshal([]byte(*row.Signature), &s); err != nil {
			return s, false, fmt.Errorf("%w: %w", errLetter, err)
		}
	}
	return s, letter.KeepCopies, nil
}
