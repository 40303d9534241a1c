package profile

import "outrider/internal/leadfields"

// Profile is everything personal of a lead. A field without a value is absent, so equal profiles are equal JSON.
type Profile struct {
	Email       string            `json:"email,omitempty"` // normalised
	FirstName   string            `json:"first_name,omitempty"`
	LastName    string            `json:"last_name,omitempty"`
	Phone       string            `json:"phone,omitempty"`
	CompanyName string            `json:"company_name,omitempty"`
	JobTitle    string            `json:"job_title,omitempty"`
	LinkedInURL string            `json:"linkedin_url,omitempty"`
	Website     string            `json:"website,omitempty"`
	City        string            `json:"city,omitempty"`
	Country     string            `json:"country,omitempty"`
	Custom      map[string]string `json:"custom,omitempty"`
}

// Field is where the field of a name is kept; nil = there is no such field.
func (p *Profile) Field(name string) *string {
	switch name {
	case "email":
		return &p.Email
	case "first_name":
		return &p.FirstName
	case "last_name":
		return &p.LastName
	case "phone":
		return &p.Phone
	case "company_name":
		return &p.CompanyName
	case "job_title":
		return &p.JobTitle
	case "linkedin_url":
		return &p.LinkedInURL
	case "website":
		return &p.Website
	case "city":
		return &p.City
	case "country":
		return &p.Country
	}
	return nil
}

// Names lists the fields besides custom, as in JSON.
func Names() []string { return leadfields.Names() }

// Example is a person with a value in every field.
func Example() (p Profile) {
	for _, f := range leadfields.All() {
		*p.Field(f.Name) = f.Example
	}
	return p
}

// FromObject reads a profile from a JSON object; what isn't text is left out.
func FromObject(object map[string]any) (p Profile) {
	for _, name := range Names() {
		*p.Field(name), _ = object[name].(string)
	}
	if custom, ok := object["custom"].(map[string]any); ok {
		p.Custom = make(map[string]string, len(custom))
		for name, v := range custom {
			p.Custom[name], _ = v.(string)
		}
	}
	return p
}
