package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ImportForm is what an import can be told about its file and its leads. What isn't given is left to the API.
type ImportForm struct {
	Charset     string   `help:"Character set, as windows-1252; default: found out." placeholder:"NAME"`
	Delimiter   string   `help:"What stands between values; tab for a tab; default: found out." placeholder:"CHAR"`
	HeaderRow   *int     `help:"Number of the row that names the columns; 0 = none does; default: found out." placeholder:"ROW"`
	Mapping     []string `sep:"none" help:"Field that a column fills: email, custom.NAME for one of your own, nothing to leave the column out. Once for each column; others are guessed." placeholder:"COLUMN=FIELD"`
	OnDuplicate string   `default:"" enum:",skip,update" help:"skip (the default) or update leads that are there already." placeholder:"WHAT"`
	Source      string   `default:"" enum:",crm,csv_upload,manual,api" help:"Where the leads come from: crm, csv_upload (the default), manual or api." placeholder:"SOURCE"`
	LawfulBasis string   `help:"Lawful basis of leads that have none." placeholder:"TEXT"`
	Tags        []string `help:"Tags of all leads, with commas between." placeholder:"TAG"`
	TimeZone    string   `help:"IANA zone of leads that have none." placeholder:"ZONE"`
	DryRun      bool     `help:"Check and count only; --commit does it in earnest."`
}

// fields returns what was given, as the API names it.
func (c ImportForm) fields() ([]formField, error) {
	mapping, err := c.mapping()
	if err != nil {
		return nil, err
	}
	fields := appendField(nil, "charset", c.Charset)
	fields = appendField(fields, "delimiter", c.Delimiter)
	if c.HeaderRow != nil {
		fields = appendField(fields, "header_row", strconv.Itoa(*c.HeaderRow))
	}
	fields = appendField(fields, "mapping", mapping)
	fields = appendField(fields, "on_duplicate", c.OnDuplicate)
	fields = appendField(fields, "source", c.Source)
	fields = appendField(fields, "lawful_basis", c.LawfulBasis)
	fields = appendField(fields, "tags", strings.Join(c.Tags, ","))
	fields = appendField(fields, "time_zone", c.TimeZone)
	if c.DryRun {
		fields = appendField(fields, "dry_run", "true")
	}
	return fields, nil
}

// mapping is a JSON object; "" = none was given. The name of a column may have an equals sign in it, a field doesn't.
func (c ImportForm) mapping() (string, error) {
	if len(c.Mapping) == 0 {
		return "", nil
	}
	fieldOf := map[string]string{}
	for _, m := range c.Mapping {
		i := strings.LastIndexByte(m, '=')
		if i < 1 {
			return "", fmt.Errorf("--mapping %q is not COLUMN=FIELD", m)
		}
		fieldOf[m[:i]] = m[i+1:]
	}
	b, err := json.Marshal(fieldOf)
	return string(b), err
}
