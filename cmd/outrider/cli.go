package main

import (
	"outrider/internal/app/admin"
	"outrider/internal/app/experimentcli"
	"outrider/internal/app/mcpcli"
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
		Import leadsImportCmd `cmd:"" help:"Import a file of leads: CSV or an Excel workbook."`
		Undo   leadsUndoCmd   `cmd:"" help:"Undo an import: remove the leads that it created, but those edited or enrolled since."`
		Export leadsExportCmd `cmd:"" help:"Write leads, messages or suppressions to a CSV file."`
		Enroll leadsEnrollCmd `cmd:"" help:"Enroll leads in a campaign: those of an import, with a tag, or all."`
		Bulk   leadsBulkCmd   `cmd:"" help:"Tag, untag, enroll, remove or suppress many leads."`
	} `cmd:"" help:"Leads."`
	Suppressions suppressionsCmd `cmd:"" help:"Addresses and domains that nothing may be sent to."`
	Replay       replayCmd       `cmd:"" help:"Say how an organisation stood at an instant, from the log alone."`
	Log          struct {
		Tail   tailCmd      `cmd:"" help:"Print what happened, oldest first: events that count."`
		Verify verifyCmd    `cmd:"" help:"Read the whole log and check numbers, ids and every organisation's chain."`
		Trace  traceCmd     `cmd:"" help:"Print what followed from what: commands and events as a tree."`
		Alarms logAlarmsCmd `cmd:"" help:"Print which partitions stand still because somebody else wrote to the log."`
		Settle logSettleCmd `cmd:"" help:"Let a partition go on with what somebody else wrote."`
	} `cmd:"" help:"Read the log."`
	Audit struct {
		Key    auditKeyCmd    `cmd:"" help:"Print the public keys that verify exports."`
		Export auditExportCmd `cmd:"" help:"Write the history of a key's organisation to a file, with its proof."`
		Verify auditVerifyCmd `cmd:"" help:"Check an exported history; needs the file and the public key only."`
	} `cmd:"" help:"Histories of organisations that can be verified anywhere."`
	MCP         mcpcli.Command         `cmd:"" name:"mcp" help:"Let a language model ask, and within bounds write, with an API key: Model Context Protocol on standard input and output."`
	Experiments experimentcli.Commands `cmd:"" help:"Judge experiments from a history."`
	Projections projectionsCmd         `cmd:"" help:"Build projections anew, compare them, let them change places."`
	Privacy     privacyCmd             `cmd:"" help:"Erasures of persons."`
	Reconcile   reconcileCmd           `cmd:"" help:"Compare the log of every organisation with what Postgres and ClickHouse show of it; status 1 when something differs."`
	Keys        keysCmd                `cmd:"" help:"Keys of the installation and of who runs it: list, rotate, revoke."`
	Admin       admin.Commands         `cmd:"" help:"Organisations and people, for who runs the platform."`
	labCommands
	Version versionCmd `cmd:"" help:"Print the version."`
}
