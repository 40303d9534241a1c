package pii

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Withheld stands for a text of which nothing is shown.
const Withheld = "***"

// MaskContact shows the first letters of an address or a domain, always the same for the same: j***@e***.com, e***.com.
func MaskContact(value string) string {
	local, domain, isAddress := strings.Cut(value, "@")
	if !isAddress {
		return maskDomain(value)
	}
	if i := strings.LastIndexByte(domain, '@'); i >= 0 {
		domain = domain[i+1:]
	}
	return MaskName(local) + "@" + maskDomain(domain)
}

// maskDomain leaves the first letter and what follows the last dot.
func maskDomain(domain string) string {
	i := strings.LastIndexByte(domain, '.')
	if i < 1 || i == len(domain)-1 {
		return MaskName(domain)
	}
	return MaskName(domain[:i]) + domain[i:]
}

// MaskName shows the first letter; "" stays, as there is none.
func MaskName(name string) string {
	if name == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + Withheld
}

// MaskText shows nothing of a text but that there is one.
func MaskText(text string) string {
	if text == "" {
		return ""
	}
	return Withheld
}

// addressInText is an address as it stands in what people and machines write.
var addressInText = regexp.MustCompile(`[^\s"'<>()\[\]{},;:@]+@[^\s"'<>()\[\]{},;:@]+\.[^\s"'<>()\[\]{},;:@]*[^\s"'<>()\[\]{},;:@.]`)

// MaskAddresses masks each address in a text, and leaves the rest.
func MaskAddresses(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return addressInText.ReplaceAllStringFunc(text, MaskContact)
}
