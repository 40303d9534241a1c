// Package e2e runs the built program as its users do: processes, HTTP and kill -9, nothing from inside.
package e2e
