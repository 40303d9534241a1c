package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// perCompany is about how many people of a company are in the sample.
const perCompany = 4

// place is where a company is.
type place struct{ city, country, zone string }

func samplePlaces() []place {
	return []place{
		{"London", "United Kingdom", "Europe/London"}, {"Berlin", "Germany", "Europe/Berlin"}, {"Munich", "Germany", "Europe/Berlin"},
		{"Paris", "France", "Europe/Paris"}, {"Madrid", "Spain", "Europe/Madrid"}, {"Amsterdam", "Netherlands", "Europe/Amsterdam"},
		{"Stockholm", "Sweden", "Europe/Stockholm"}, {"Warsaw", "Poland", "Europe/Warsaw"}, {"Dublin", "Ireland", "Europe/Dublin"},
		{"New York", "United States", "America/New_York"}, {"Boston", "United States", "America/New_York"},
		{"Chicago", "United States", "America/Chicago"}, {"Denver", "United States", "America/Denver"},
		{"San Francisco", "United States", "America/Los_Angeles"}, {"Toronto", "Canada", "America/Toronto"},
		{"Singapore", "Singapore", "Asia/Singapore"}, {"Sydney", "Australia", "Australia/Sydney"}, {"Mumbai", "India", "Asia/Kolkata"},
	}
}

// WriteSample writes n people as CSV: the same for the same seed, all in reserved domains (RFC 2606), a few of them with gaps in what is known.
func WriteSample(w io.Writer, n int, seed uint64) error {
	const first = "Ada Alan Alice Amara Anna Ben Carla Carlos Chen Clara Daniel David Elena Emma Eric Fatima Felix Fiona Grace Hana Hugo Ines Ivan James Jonas Julia Kai " +
		"Laura Leo Lina Lucas Maria Marta Max Mei Mia Nadia Noah Nora Oliver Omar Paul Priya Rosa Sam Sara Sofia Tom Vera Yusuf"
	const last = "Adams Ahmed Baker Becker Brown Costa Cruz Davis Diaz Dubois Evans Fischer Fontana Garcia Green Hansen Hughes Ivanova Jansen Kaya Keller Khan Kim Klein " +
		"Kowalski Larsen Lee Lopez Martin Meyer Moreau Murphy Nielsen Novak Okafor Patel Petrov Quinn Rossi Roy Santos Schmidt Silva Singh Smith Tanaka Turner Vogel Wang Weber Wong Young"
	const kind = "Logistics Software Foods Robotics Energy Health Media Textiles Analytics Machines Travel Insurance Optics Paper Studios Systems Tools Water"
	const name = "Alder Amber Birch Bluefin Cedar Cobalt Delta Ember Falcon Granite Harbor Iris Juniper Kestrel Lumen Maple Nimbus Orchid Pebble Quartz Raven Sable Tern Umber Violet Willow"
	titles := []string{"Head of Sales", "CEO", "VP Marketing", "Operations Manager", "CTO", "Head of Procurement", "Product Manager", "Founder", "Finance Director", "IT Manager"}
	r := rand.New(rand.NewPCG(seed, 1))
	pick := func(of string) string { words := strings.Fields(of); return words[r.IntN(len(words))] }

	out := csv.NewWriter(w)
	_ = out.Write([]string{"email", "first_name", "last_name", "company", "job_title", "city", "country", "time_zone"}) // Flush tells
	var company, domain string
	var at place
	taken := map[string]bool{}
	for i := range n {
		if i%perCompany == 0 {
			company, at = pick(name)+" "+pick(kind), samplePlaces()[r.IntN(len(samplePlaces()))]
			domain = fmt.Sprintf("company%d.example", i/perCompany+1)
		}
		given, family := pick(first), pick(last)
		address := strings.ToLower(given+"."+family) + "@" + domain
		for k := 2; taken[address]; k++ {
			address = fmt.Sprintf("%s.%s%d@%s", strings.ToLower(given), strings.ToLower(family), k, domain)
		}
		taken[address] = true
		row := []string{address, given, family, company, titles[r.IntN(len(titles))], at.city, at.country, at.zone}
		switch gap := r.IntN(30); gap {
		case 0:
			row[1], row[2] = "", ""
		case 1:
			row[4] = ""
		case 2:
			row[7] = ""
		}
		_ = out.Write(row)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write sample leads: %w", err)
	}
	return nil
}
