package main

import (
	"outrider/internal/app/node"
)

// cli is every command of the program on one screen.
type cli struct {
	node.Logging
	node.Folder

	Dev     devCmd     `cmd:"" help:"Start embedded engines and every role in this process."`
	Serve   serveCmd   `cmd:"" help:"Run chosen roles against engines that run elsewhere."`
	Migrate migrateCmd `cmd:"" help:"Make the roles, tables, topics and key files that are missing."`
	Doctor  doctorCmd  `cmd:"" help:"Check every dependency; says how to mend what is wrong."`
	Orgs    struct {
		Create orgsCreateCmd `cmd:"" help:"Create an organisation."`
	} `cmd:"" help:"Organisations."`
	Leads struct {
		Import leadsImportCmd `cmd:"" help:"Import a CSV file of leads."`
	} `cmd:"" help:"Leads."`
	Replay replayCmd `cmd:"" help:"Say how an organisation stood at an instant, from the log alone."`
	Log    struct {
		Tail   tailCmd   `cmd:"" help:"Print what happened, oldest first: events that count."`
		Verify verifyCmd `cmd:"" help:"Read the whole log and check numbers, ids and every organisation's chain."`
		Trace  traceCmd  `cmd:"" help:"Print what followed from what: commands and events as a tree."`
	} `cmd:"" help:"Read the log."`
	Audit struct {
		Key    auditKeyCmd    `cmd:"" help:"Print the public keys that verify exports."`
		Export auditExportCmd `cmd:"" help:"Write the history of a key's organisation to a file, with its proof."`
		Verify auditVerifyCmd `cmd:"" help:"Check an exported history; needs the file and the public key only."`
	} `cmd:"" help:"Histories of organisations that can be verified anywhere."`
	Projections projectionsCmd `cmd:"" help:"Build projections anew, compare them, let them change places."`
	Reconcile   reconcileCmd   `cmd:"" help:"Compare the log of every organisation with what Postgres and ClickHouse show of it; status 1 when something differs."`
	labCommands
	Version versionCmd `cmd:"" help:"Print the version."`
}
