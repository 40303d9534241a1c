package projections

import (
	"io/fs"

	"outrider/internal/postgres"
)

// Migrations are the tables of the read models.
func Migrations() postgres.Source {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return postgres.Source{Name: "projections", FS: sub}
}
