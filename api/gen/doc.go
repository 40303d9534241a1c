// Package gen holds the types of api/openapi.yaml. Edit that file, then run `make generate`.
package gen

//go:generate go run ./leadfields ../openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config config.yaml ../openapi.yaml
//go:generate go run ./permissions ../openapi.yaml ../../docs/permissions.md
