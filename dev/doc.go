// Package dev brings up everything that crmflow needs on one machine: a private PostgreSQL cluster, a Temporal
// server, a worker and the server, as separate processes that it starts, watches, restarts and stops.
//
// Everything lives in one data directory:
//
//	DIR/postgres      the PostgreSQL cluster; never deleted by this package
//	DIR/log/NAME.log  what each process wrote
//	DIR/dev.json      addresses, process ids and sign-ins while it runs
//	DIR/dev.lock      held while it runs, so that a directory is used once
//
// The package knows nothing of crmflow's tables or of Temporal's API: what has to be done there comes in as
// Hooks. Linux and macOS are supported; the guarantees about orphans need Linux.
package dev
