package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"outrider/internal/identity"
	"outrider/internal/pii"
)

// What a caller without pii:read sees of people follows from openapi.yaml alone: each text of an answer says with x-pii what it tells of a
// person, and answerJSON, which all JSON leaves by, masks by it. The server doesn't start while a text says nothing.

// maskKind is what x-pii says of a text.
type maskKind string

const (
	maskNone    maskKind = "none"    // tells nothing of a person; addresses in it are masked all the same
	maskContact maskKind = "contact" // an address or a domain
	maskName    maskKind = "name"    // a name of a person or of where they work
	maskText    maskKind = "text"    // what was written by or about a person
	maskOwn     maskKind = "own"     // the caller's own
	maskTyped   maskKind = ""        // an id, an instant or one of a few words
)

func (k maskKind) mask(text string) string {
	switch k {
	case maskTyped, maskOwn:
		return text
	case maskNone:
		return pii.MaskAddresses(text)
	case maskContact:
		return pii.MaskContact(text)
	case maskName:
		return pii.MaskName(text)
	case maskText:
	}
	return pii.MaskText(text)
}

// Extensions of the description.
const (
	extPII        = "x-pii"         // of a text in an answer: a maskKind
	extPIIMembers = "x-pii-members" // of an object that may hold anything: the kinds of its members by name
	extPIIValues  = "x-pii-values"  // of a query parameter: the values that ask for what is masked
	piiRequired   = "required"      // x-pii of what a request asks by: it takes pii:read
)

// mask is how an answer, or a part of one, is masked.
type mask struct {
	kind    maskKind // of a text
	members map[string]*mask
	others  *mask // members that aren't named; nil = there should be none
	items   *mask
}

// masks are those of schemas, each made once, as schemas refer to each other and to themselves.
type masks map[*openapi3.Schema]*mask

// maskOf makes the mask of a schema; at names it in errors.
func (m masks) maskOf(at string, ref *openapi3.SchemaRef) (*mask, error) {
	if ref.Ref != "" {
		at = ref.Ref[len("#/components/schemas/"):]
	}
	schema := ref.Value
	if done := m[schema]; done != nil {
		return done, nil
	}
	out := &mask{members: map[string]*mask{}}
	m[schema] = out
	return out, m.fill(out, at, schema)
}

func (m masks) fill(out *mask, at string, schema *openapi3.Schema) (err error) {
	if schema.Type.Is(openapi3.TypeString) {
		out.kind, err = kindOf(at, schema)
		return err
	}
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		of, err := m.maskOf(at, part)
		if err != nil {
			return err
		}
		for name, member := range of.members {
			out.members[name] = member
		}
		if of.others != nil {
			out.others = of.others
		}
	}
	for name, member := range schema.Properties {
		if out.members[name], err = m.maskOf(at+"."+name, member); err != nil {
			return err
		}
	}
	if schema.Items != nil {
		if out.items, err = m.maskOf(at+"[]", schema.Items); err != nil {
			return err
		}
	}
	switch more := schema.AdditionalProperties; {
	case more.Schema != nil:
		out.others, err = m.maskOf(at+"{}", more.Schema)
	case more.Has != nil && *more.Has:
		err = out.fillOpen(at, schema)
	}
	return err
}

// fillOpen is of an object that may hold anything: all its texts are of the one kind, but for the members that are named.
func (m *mask) fillOpen(at string, schema *openapi3.Schema) error {
	kind, err := kindOf(at, schema)
	if err != nil {
		return err
	}
	open := &mask{kind: kind}
	open.items, open.others, m.others = open, open, open
	named, _ := schema.Extensions[extPIIMembers].(map[string]any)
	for name, kind := range named {
		text, _ := kind.(string)
		m.members[name] = &mask{kind: maskKind(text)}
	}
	return nil
}

func kindOf(at string, schema *openapi3.Schema) (maskKind, error) {
	said, _ := schema.Extensions[extPII].(string)
	switch kind := maskKind(said); kind {
	case maskNone, maskContact, maskName, maskText, maskOwn:
		return kind, nil
	case maskTyped:
		if len(schema.Enum) > 0 || slices.Contains([]string{"uuid", "date-time", "date"}, schema.Format) {
			return maskTyped, nil
		}
		return "", fmt.Errorf("openapi.yaml: %s doesn't say with x-pii whether it tells something of a person: none, contact, name, text or own", at)
	}
	return "", fmt.Errorf("openapi.yaml: %s: x-pii: %s is not none, contact, name, text or own", at, said)
}

// apply masks decoded JSON. What isn't described is withheld.
func (m *mask) apply(v any) any {
	if m == nil {
		m = &mask{kind: maskText}
	}
	switch v := v.(type) {
	case string:
		return m.kind.mask(v)
	case []any:
		for i := range v {
			v[i] = m.items.apply(v[i])
		}
	case map[string]any:
		for name, x := range v {
			member, ok := m.members[name]
			if !ok {
				member = m.others
			}
			v[name] = member.apply(x)
		}
	}
	return v
}

// maskJSON is apply for JSON that isn't decoded.
func (m *mask) maskJSON(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("mask answer: %w", err)
	}
	return json.Marshal(m.apply(v))
}

// masked reports whether people come masked to the caller. The operator's keys see nobody's people, and what is public is for whoever has its link.
func (c *call) masked() bool {
	return !c.route.Allow.Public && !c.who.Platform && !c.who.Has(identity.PIIRead)
}

// maskAnswer masks the body of an answer where the caller may not see people.
func (c *call) maskAnswer(status int, body []byte) ([]byte, error) {
	if !c.masked() {
		return body, nil
	}
	return c.op.masks[status].maskJSON(body)
}

// maskProblem masks what a problem says.
func (c *call) maskProblem(p *problem) {
	if c.who.Org == uuid.Nil || !c.masked() {
		return
	}
	p.Detail = pii.MaskAddresses(p.Detail)
	for i := range p.Errors {
		p.Errors[i].Reason = pii.MaskAddresses(p.Errors[i].Reason)
	}
}

// checkPIIQuery refuses to look for people by what the caller doesn't see of them: the answer would tell it.
func (c *call) checkPIIQuery() error {
	if !c.masked() {
		return nil
	}
	for name, v := range c.query {
		p := c.op.queryParam(name)
		values, _ := p.Extensions[extPIIValues].([]any)
		text, _ := v.(string)
		family, _, many := strings.Cut(text, ".")
		if p.Extensions[extPII] == piiRequired || slices.Contains(values, v) || many && slices.Contains(values, any(family+".NAME")) {
			return needsPII("query parameter " + name)
		}
	}
	return nil
}

// checkPIIBody is checkPIIQuery for the body.
func (c *call) checkPIIBody() error {
	if !c.masked() {
		return nil
	}
	if name := piiMember(c.op.body, c.json); name != "" {
		return needsPII(name)
	}
	return nil
}

func needsPII(what string) error {
	return forbiddenProblem("scope "+string(identity.PIIRead)+", as "+what+" asks by what you see masked", identity.PIIRead)
}

// piiMember names a member of a body that takes pii:read; "" = there is none.
func piiMember(schema *openapi3.Schema, v any) string {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if schema.Items != nil {
				if name := piiMember(schema.Items.Value, x); name != "" {
					return name
				}
			}
		}
	case map[string]any:
		for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
			if name := piiMember(part.Value, v); name != "" {
				return name
			}
		}
		for name, x := range v {
			member := schema.Properties[name]
			if member == nil {
				continue
			}
			if member.Value.Extensions[extPII] == piiRequired {
				return name
			}
			if inner := piiMember(member.Value, x); inner != "" {
				return name + "." + inner
			}
		}
	}
	return ""
}

var errFileMask = errors.New("openapi.yaml: what is no JSON can't be masked: say x-pii: none, or let the route need pii:read")
