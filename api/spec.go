package api

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed openapi.yaml
var openapi []byte

// loadSpec reads the description and what it says of each operation, by method and path.
func loadSpec() (map[string]*operation, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("check openapi.yaml: %w", err)
	}
	all := map[string]*operation{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			all[method+" "+path] = newOperation(item, o)
		}
	}
	return all, nil
}

// operation is the part of the description that a request is checked against, without look-ups.
type operation struct {
	id       string
	allow    []string // x-permission
	public   bool
	cost     int // x-cost: requests that it counts as
	query    map[string]*openapi3.Parameter
	header   []*openapi3.Parameter
	body     *openapi3.Schema // nil = takes none
	required bool             // the body
	media    []string         // of the body
	answers  *openapi3.Responses
}

func newOperation(item *openapi3.PathItem, o *openapi3.Operation) *operation {
	op := &operation{id: o.OperationID, public: o.Security != nil && len(*o.Security) == 0, query: map[string]*openapi3.Parameter{}, answers: o.Responses}
	op.cost = 1
	if cost, ok := o.Extensions["x-cost"].(float64); ok {
		op.cost = int(cost)
	}
	if names, ok := o.Extensions["x-permission"].([]any); ok {
		for _, name := range names {
			op.allow = append(op.allow, fmt.Sprint(name))
		}
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
