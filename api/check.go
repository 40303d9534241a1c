package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/profile"
)

// checkRequest reads the request against the description: query, headers, and a JSON body.
func (c *call) checkRequest() error {
	if err := c.checkQuery(); err != nil {
		return err
	}
	for _, p := range c.op.header {
		all := c.Request().Header.PeekAll(p.Name)
		if len(all) > 1 || len(all) == 1 && len(all[0]) == 0 { // who sends it counts on it
			return malformedProblem("header " + p.Name + " is empty or comes twice")
		}
		if len(all) == 1 {
			v := string(all[0])
			if err := p.Schema.Value.VisitJSON(v, schemaOptions()...); err != nil {
				return malformedProblem("header " + p.Name + ": " + fieldErrors(err)[0].Reason)
			}
		}
	}
	if c.op.body == nil {
		return nil
	}
	if !c.op.required && c.Get("Content-Type") == "" && c.Request().Header.ContentLength() == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(c.Get("Content-Type"))
	if err != nil || !slices.Contains(c.op.media, media) {
		return newProblem(codeMedia, "send "+strings.Join(c.op.media, " or "))
	}
	if media == "multipart/form-data" {
		return nil // read as it comes
	}
	return c.checkBody()
}

func (c *call) checkQuery() error {
	c.query = map[string]any{}
	values, err := url.ParseQuery(string(c.Context().URI().QueryString()))
	if err != nil {
		return malformedProblem("the query can't be read")
	}
	for name, all := range values {
		p := c.op.queryParam(name)
		if p != nil && len(all) == 1 && all[0] == "" { // as forms and programs leave out what they don't ask for
			continue
		}
		if p == nil || len(all) != 1 || !isCleanText(all[0]) {
			return malformedProblem("query parameter " + strconv.Quote(name) + " isn't known here, comes twice or isn't text")
		}
		var v any = all[0]
		if p.Schema.Value.Type.Is(openapi3.TypeBoolean) && (all[0] == "true" || all[0] == "false") {
			v = all[0] == "true"
		}
		if p.Schema.Value.Type.Is(openapi3.TypeInteger) {
			n, err := strconv.ParseInt(all[0], 10, 32)
			if err != nil {
				return malformedProblem("query parameter " + name + " must be a whole number")
			}
			v = float64(n)
		}
		if err := p.Schema.Value.VisitJSON(v, schemaOptions()...); err != nil {
			return malformedProblem("query parameter " + name + ": " + fieldErrors(err)[0].Reason)
		}
		c.query[name] = v
	}
	return c.checkPIIQuery()
}

func (c *call) checkBody() (err error) {
	if c.raw, err = c.readBody(); err != nil {
		return err
	}
	if len(bytes.TrimSpace(c.raw)) == 0 {
		return malformedProblem("the request has no body")
	}
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.UseNumber()
	if err := d.Decode(&c.json); err != nil {
		return malformedProblem("the body is not JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformedProblem("something follows the JSON of the body")
	}
	if !utf8.Valid(c.raw) {
		return malformedProblem("the body is not UTF-8")
	}
	if bytes.Contains(c.raw, []byte(`\u0000`)) && hasNUL(c.json) {
		return malformedProblem(`the character \u0000 is not allowed`) // Postgres can't store it
	}
	if err := c.op.body.VisitJSON(c.json, schemaOptions()...); err != nil {
		return invalidProblem(fieldErrors(err)...)
	}
	if err := c.checkPIIBody(); err != nil {
		return err
	}
	return c.checkTexts()
}

// readBody reads at most maxBody.
func (c *call) readBody() ([]byte, error) {
	tooLarge := newProblem(codeTooLarge, "a body may have "+strconv.Itoa(maxBody)+" bytes")
	if c.Request().Header.ContentLength() > maxBody {
		return nil, tooLarge
	}
	if c.body.stream == nil {
		return c.Body(), nil
	}
	b, err := io.ReadAll(io.LimitReader(c.body, maxBody+1))
	if err != nil {
		return nil, bodyProblem(err, "the body ended early")
	}
	if len(b) > maxBody {
		return nil, tooLarge
	}
	return b, nil
}

// decodeBody decodes the checked body.
func (c *call) decodeBody(v any) error {
	err := json.Unmarshal(c.raw, v)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) && wrong.Field != "" { // 3.0 where the description says integer
		return invalidProblem(gen.FieldError{Field: wrong.Field, Reason: "can't be a " + wrong.Value})
	}
	if err != nil {
		return invalidProblem(gen.FieldError{Field: "body", Reason: "can't be read: " + err.Error()})
	}
	return nil
}

func schemaOptions() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{openapi3.MultiErrors(), openapi3.EnableFormatValidation(),
		openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(validUUID))}
}

func validUUID(s string) error {
	if _, err := parseID(s); err != nil {
		return errors.New("is not a UUID")
	}
	return nil
}

// parseID takes the usual spelling only; the library knows others.
func parseID(s string) (uuid.UUID, error) {
	if len(s) != 36 {
		return uuid.Nil, errors.New("not a UUID")
	}
	return uuid.Parse(s)
}

// fieldErrors flattens what the schema has to say. Its reasons don't hold the values.
func fieldErrors(err error) []gen.FieldError {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		var out []gen.FieldError
		for _, e := range many {
			if len(out) < 20 {
				out = append(out, fieldErrors(e)...)
			}
		}
		return out
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		field := strings.Join(one.JSONPointer(), ".")
		if field == "" {
			field = "body"
		}
		return []gen.FieldError{{Field: field, Reason: one.Reason}}
	}
	return []gen.FieldError{{Field: "body", Reason: "is not as described"}}
}

func isCleanText(s string) bool { return utf8.ValidString(s) && !profile.HoldsControl(s) }

func hasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.IndexByte(v, 0) >= 0
	case []any:
		return slices.ContainsFunc(v, hasNUL)
	case map[string]any:
		for k, x := range v {
			if strings.IndexByte(k, 0) >= 0 || hasNUL(x) {
				return true
			}
		}
	}
	return false
}
