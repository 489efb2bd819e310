package main

import (
	"context"
	"fmt"
	"net"

	"github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// startPage serves Temporal's page when an address was given, and returns when it answers.
func startPage(ctx context.Context, o options) (stop func(), err error) {
	if o.UIAddr == "" {
		return func() {}, nil
	}
	host, port, err := splitAddr(o.UIAddr)
	if err != nil {
		return nil, err
	}
	page := server.NewServer(server_options.WithConfigProvider(&uiconfig.Config{
		Host:                host,
		Port:                port,
		TemporalGRPCAddress: o.Addr,
		DefaultNamespace:    o.Namespaces[0],
		EnableUI:            true,
		DisableNewsFetch:    true,
		HideLogs:            true,
		// The page is served over plain HTTP on this machine.
		CORS: uiconfig.CORS{CookieInsecure: true},
	}))
	go func() { _ = page.Start() }() // where it can't go on it ends the process and says why
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err = until(ctx, func() error {
		conn, err := net.Dial("tcp", o.UIAddr)
		if err != nil {
			return fmt.Errorf("Temporal's page on %s does not answer: %w", o.UIAddr, err)
		}
		return conn.Close()
	})
	return page.Stop, err
}
