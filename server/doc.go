// Package server is the HTTP API and the pages that come with it: gin carries the requests, huma makes the types of
// this package into OpenAPI 3.1 and checks what comes in against them.
//
// A handler parses, asks the engine or the store, and answers. Who may call it is the route's [rule], decided in one
// place (may.go); what is refused becomes a problem in the caller's language (problem.go).
package server
