// Package api is how the outside speaks to us: HTTP as openapi.yaml describes it.
package api
