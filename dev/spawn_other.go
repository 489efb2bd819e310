//go:build !linux

package dev

import (
	"os/exec"
	"syscall"
)

// startBound starts cmd. Only Linux can bind a child's life to ours; elsewhere the next start stops what is left.
func startBound(cmd *exec.Cmd, _ syscall.Signal) error { return cmd.Start() }
