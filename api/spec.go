package api

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gofiber/fiber/v2"

	"outrider/internal/identity"
	"outrider/internal/profile"
)

//go:embed openapi.yaml
var openapi []byte

// loadSpec gives what the description says of each operation, by method and path. Servers of one process share it: nobody changes it.
//
//nolint:gochecknoglobals // read once a process
var loadSpec = sync.OnceValues(readSpec)

func readSpec() (map[string]*operation, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("check openapi.yaml: %w", err)
	}
	all, made := map[string]*operation{}, masks{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			op := newOperation(item, o)
			if op.query["where"] != nil {
				op.where = doc.Components.Schemas["AnalyticsFilter"].Value
			}
			if err := op.makeMasks(o, made); err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			all[method+" "+path] = op
		}
	}
	return all, nil
}

// operation is the part of the description that a request is checked against, without look-ups.
type operation struct {
	id       string
	where    *openapi3.Schema // of the JSON in the query parameter of that name
	allow    []string         // x-permission
	also     []string         // x-permission-also
	public   bool
	cost     int // x-cost: requests that it counts as
	query    map[string]*openapi3.Parameter
	header   []*openapi3.Parameter
	body     *openapi3.Schema // nil = takes none
	required bool             // the body
	media    []string         // of the body
	answers  *openapi3.Responses
	masks    map[int]*mask // of JSON answers, by status
}

func newOperation(item *openapi3.PathItem, o *openapi3.Operation) *operation {
	op := &operation{id: o.OperationID, public: o.Security != nil && len(*o.Security) == 0, query: map[string]*openapi3.Parameter{}, answers: o.Responses}
	op.allow, op.also = namesIn(o.Extensions["x-permission"]), namesIn(o.Extensions["x-permission-also"])
	op.cost = 1
	if cost, ok := o.Extensions["x-cost"].(float64); ok {
		op.cost = int(cost)
	}
	for _, list := range []openapi3.Parameters{item.Parameters, o.Parameters} {
		for _, p := range list {
			switch p.Value.In {
			case openapi3.ParameterInQuery:
				op.query[p.Value.Name] = p.Value
			case openapi3.ParameterInHeader:
				op.header = append(op.header, p.Value)
			}
		}
	}
	if o.RequestBody != nil {
		op.required = o.RequestBody.Value.Required
		for media, content := range o.RequestBody.Value.Content {
			op.media = append(op.media, media)
			op.body = content.Schema.Value
		}
	}
	return op
}

func namesIn(extension any) (names []string) {
	list, _ := extension.([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	return names
}

// makeMasks makes those of the answers, and fails where the description doesn't say what they tell of people.
func (op *operation) makeMasks(o *openapi3.Operation, made masks) error {
	op.masks = map[int]*mask{}
	if op.public {
		return nil
	}
	for _, p := range op.query {
		if err := checkMarked(p); err != nil {
			return err
		}
	}
	for status, r := range o.Responses.Map() {
		for media, content := range r.Value.Content {
			code, err := strconv.Atoi(status)
			switch {
			case err != nil: // a problem: see maskProblem
			case media == fiber.MIMEApplicationJSON:
				if op.masks[code], err = made.maskOf(o.OperationID, content.Schema); err != nil {
					return err
				}
			case strings.HasSuffix(media, "problem+json"), content.Extensions[extPII] == string(maskNone), slices.Contains(op.also, string(identity.PIIRead)):
			default:
				return fmt.Errorf("%s %s: %w", status, media, errFileMask)
			}
		}
	}
	return nil
}

// checkMarked fails for a query parameter that takes any text and doesn't say whether it asks by what is masked.
func checkMarked(p *openapi3.Parameter) error {
	s := p.Schema.Value
	if values, _ := p.Extensions[extPIIValues].([]any); len(values) > 0 {
		return nil
	}
	if said := p.Extensions[extPII]; said == piiRequired || said == string(maskNone) || !s.Type.Is(openapi3.TypeString) || len(s.Enum) > 0 || s.Format != "" {
		return nil
	}
	return fmt.Errorf("openapi.yaml: query parameter %s doesn't say with x-pii whether it asks by what is masked: none or required", p.Name)
}

// queryParam returns the description of a query parameter; that of custom.NAME is of every field of the organisation's own.
func (op *operation) queryParam(name string) *openapi3.Parameter {
	if own, ok := strings.CutPrefix(name, profile.CustomPrefix); ok && profile.IsCustomName(own) {
		return op.query[profile.CustomPrefix+"NAME"]
	}
	return op.query[name]
}
