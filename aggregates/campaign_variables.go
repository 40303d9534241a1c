package aggregates

import (
	"slices"
	"strings"

	"outrider/internal/leadfields"
)

// SystemVariables are what the product adds to the fields of a lead; they are never missing.
func SystemVariables() []string {
	return []string{"unsubscribe_link", "booking_link", "sender_name", "sender_email", "organization_name", "postal_address"}
}

// knowsVariable reports whether templates may use a variable. Custom fields are known as custom.NAME and as NAME, once a lead has had them.
func (o *Organization) knowsVariable(name string) bool {
	custom, ok := strings.CutPrefix(name, "custom.")
	return !ok && (slices.Contains(leadfields.Names(), name) || slices.Contains(SystemVariables(), name)) || o.Leads.Fields.Known(custom)
}
