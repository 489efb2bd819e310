// Package bench measures crmflow against two floors on one running stack, in turns, so that a busy or slow machine
// changes both sides of a ratio alike.
//
// The floors are what the same work costs without crmflow:
//
//	bare Temporal    a workflow per case, three updates, each one local activity that commits to PostgreSQL
//	bare PostgreSQL  an HTTP handler with a sign-in look-up and one transaction of as many statements as a decision has
//
// A rate is given twice: answered (until the last caller had its answer) and settled (until nothing was left to do
// behind the answers: the outbox empty, and as many workflows open as cases).
package bench
