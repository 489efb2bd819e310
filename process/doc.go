// Package process is the domain and the interpreter: a chain is a value, and running it is a pure function.
//
// [Apply] takes a definition, the state of a case, one event and what the event needs to know about people and
// working time, and gives the next state with the effects to carry out, or a [Refusal]. Nothing here reads a
// clock, a file, a network or a database; the same input gives the same output, byte for byte.
package process
