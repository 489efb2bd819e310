package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	commonpb "go.temporal.io/api/common/v1"
)

const (
	clusterName = "active"
	// shards is fixed for the life of a database: the server refuses to change it.
	shards = 4
	// startTimeout is how long the frontend may take to answer; far above the seconds it needs on a busy machine.
	startTimeout = 90 * time.Second
)

// serve runs the server and its page until ctx ends.
func serve(ctx context.Context, o options, stdout io.Writer) error {
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: o.LogLevel, Format: "console"}))
	cfg, err := serverConfig(o)
	if err != nil {
		return err
	}
	for _, addr := range []string{o.Addr, o.UIAddr} {
		if err := available(addr); err != nil {
			return err
		}
	}
	if !o.Memory {
		if err := prepare(ctx, o.DatabaseURL, logger); err != nil {
			return err
		}
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts(cfg)),
		temporal.WithLogger(logger),
		temporal.WithDynamicConfigClient(dynamicConfig(o)),
	)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("the Temporal server did not start on %s: %w", o.Addr, err)
	}
	defer server.Stop()
	stopPage, err := startPage(ctx, o)
	if err != nil {
		return ignoreCancel(ctx, err)
	}
	defer stopPage()
	if err := register(ctx, o); err != nil {
		return ignoreCancel(ctx, err)
	}
	fmt.Fprintln(stdout, "ready")
	<-ctx.Done()
	return nil
}

// ignoreCancel is nil when somebody asked to stop before the server was ready.
func ignoreCancel(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// serverConfig is what a temporal.yaml would say for one process with all services.
func serverConfig(o options) (*config.Config, error) {
	host, port, err := splitAddr(o.Addr)
	if err != nil {
		return nil, err
	}
	var c config.Config
	c.Persistence = persistence(o)
	c.ClusterMetadata = &cluster.Config{
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName,
		CurrentClusterName:       clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{
			clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: o.Addr},
		},
	}
	c.Global.Membership.MaxJoinDuration = 30 * time.Second
	c.Global.Membership.BroadcastAddress = host
	c.DCRedirectionPolicy.Policy = "noop"
	c.Archival.History.State = "disabled"
	c.Archival.Visibility.State = "disabled"
	c.NamespaceDefaults.Archival.History.State = "disabled"
	c.NamespaceDefaults.Archival.Visibility.State = "disabled"
	c.PublicClient.HostPort = o.Addr
	c.Services = map[string]config.Service{}
	for _, name := range temporal.DefaultServices {
		rpc := config.RPC{BindOnIP: host, GRPCPort: port}
		if name != string(primitives.FrontendService) {
			if rpc.GRPCPort, err = freePort(host); err != nil {
				return nil, err
			}
		}
		c.Services[name] = config.Service{RPC: rpc}
	}
	return &c, nil
}

// persistence says where the state lives.
func persistence(o options) config.Persistence {
	p := config.Persistence{DefaultStore: "main", VisibilityStore: "visibility", NumHistoryShards: shards}
	if !o.Memory {
		p.DataStores = map[string]config.DataStore{
			"main":       {SQL: sqlConfig(o.DatabaseURL, mainPart)},
			"visibility": {SQL: sqlConfig(o.DatabaseURL, visibilityPart)},
		}
		return p
	}
	// One name, one shared in-memory database: the plugin creates its tables on the first connection.
	store := config.DataStore{SQL: &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      "crmflow",
		ConnectAddr:       "memory",
		ConnectProtocol:   "tcp",
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}}
	p.VisibilityStore = p.DefaultStore
	p.DataStores = map[string]config.DataStore{p.DefaultStore: store}
	return p
}

// dynamicConfig is where this server differs from a cluster's defaults: quick for one person, quiet when idle.
func dynamicConfig(o options) dynamicconfig.StaticClient {
	const pollsPerSecond = 500
	return dynamicconfig.StaticClient{
		// The defaults, 20 polls a second and shard, let a signal on an idle server wait 50 ms.
		dynamicconfig.TransferProcessorMaxPollRPS.Key():   pollsPerSecond,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():      pollsPerSecond,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): pollsPerSecond,
		dynamicconfig.OutboundProcessorMaxPollRPS.Key():   pollsPerSecond,
		// A timer may fire this much late; the default is a second.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 50 * time.Millisecond,
		// One process: partitions of a queue would only forward to each other.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// Development and tests list and register as fast as they like.
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key():                       1000,
		dynamicconfig.FrontendMaxNamespaceNamespaceReplicationInducingAPIsRPSPerInstance.Key(): 1000,
		dynamicconfig.FrontendNamespaceReplicationInducingAPIsRPS.Key():                        1000,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():                                 100_000,
		dynamicconfig.FrontendRPS.Key():                                                        100_000,
		dynamicconfig.WorkflowIdReuseMinimalInterval.Key():                                     time.Duration(0),
		// Nothing to scan for on one machine, and nothing to tell anyone outside it.
		dynamicconfig.TaskQueueScannerEnabled.Key():               false,
		dynamicconfig.HistoryScannerEnabled.Key():                 false,
		dynamicconfig.BuildIdScavengerEnabled.Key():               false,
		dynamicconfig.ExecutionsScannerEnabled.Key():              false,
		dynamicconfig.EnableParentClosePolicyWorker.Key():         false,
		dynamicconfig.EnableServerVersionCheck.Key():              false,
		dynamicconfig.PersistenceHealthSignalMetricsEnabled.Key(): false,
		dynamicconfig.HistoryHealthSignalMetricsEnabled.Key():     false,
		// A busy machine looks like a deadlock; a goroutine dump in the log helps nobody then.
		dynamicconfig.DeadlockInterval.Key():       o.DeadlockInterval,
		dynamicconfig.DeadlockDumpGoroutines.Key(): false,
		// Tests of what happens while a workflow continues as new make it happen often.
		dynamicconfig.HistoryCountSuggestContinueAsNew.Key(): o.HistoryEvents,
	}
}

// hosts tells every service where the others are, so that no membership protocol is needed.
func hosts(c *config.Config) map[primitives.ServiceName]static.Hosts {
	all := map[primitives.ServiceName]static.Hosts{}
	for name, service := range c.Services {
		addr := net.JoinHostPort(service.RPC.BindOnIP, strconv.Itoa(service.RPC.GRPCPort))
		all[primitives.ServiceName(name)] = static.SingleLocalHost(addr)
	}
	return all
}

// register makes the namespaces exist and returns when a workflow could be started in each.
func register(ctx context.Context, o options) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	conn, err := grpc.NewClient(o.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	frontend := workflowservice.NewWorkflowServiceClient(conn)
	for _, name := range o.Namespaces {
		request := &workflowservice.RegisterNamespaceRequest{
			Namespace:                        name,
			WorkflowExecutionRetentionPeriod: durationpb.New(o.Retention),
			HistoryArchivalState:             enumspb.ARCHIVAL_STATE_DISABLED,
			VisibilityArchivalState:          enumspb.ARCHIVAL_STATE_DISABLED,
		}
		if err := until(ctx, func() error { return registered(ctx, frontend, request) }); err != nil {
			return fmt.Errorf("namespace %s could not be registered: %w", name, err)
		}
		if err := until(ctx, func() error { return answers(ctx, frontend, name) }); err != nil {
			return fmt.Errorf("namespace %s does not answer: %w", name, err)
		}
	}
	return nil
}

func registered(ctx context.Context, frontend workflowservice.WorkflowServiceClient, r *workflowservice.RegisterNamespaceRequest) error {
	_, err := frontend.RegisterNamespace(ctx, r, grpc.WaitForReady(true))
	var exists *serviceerror.NamespaceAlreadyExists
	if err = serviceerror.FromStatus(status.Convert(err)); errors.As(err, &exists) {
		return nil
	}
	return err
}

// answers asks every shard for a workflow that doesn't exist: "not found" comes from a shard that is owned and ready.
func answers(ctx context.Context, frontend workflowservice.WorkflowServiceClient, namespace string) error {
	for i := range shards * 4 {
		_, err := frontend.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
			Namespace: namespace,
			Execution: &commonpb.WorkflowExecution{WorkflowId: "ready-" + strconv.Itoa(i)},
		})
		var notFound *serviceerror.NotFound
		if err = serviceerror.FromStatus(status.Convert(err)); err != nil && !errors.As(err, &notFound) {
			return err
		}
	}
	return nil
}

// until repeats try until it succeeds or ctx ends; then the last error says why.
func until(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// splitAddr reads host:port; the port must be a number that others can be told.
func splitAddr(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 1 || port > 65535 || net.ParseIP(host) == nil {
		return "", 0, fmt.Errorf("address %q: write an IP address and a port, such as 127.0.0.1:7233", addr)
	}
	return host, port, nil
}

// available says early and plainly when an address is taken; inside the server that is a panic or an exit.
func available(addr string) error {
	if addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("address %s can't be used: %w", addr, err)
	}
	return l.Close()
}

// freePort finds a port for a service that only this process talks to. It stays below the range from which
// systems take the local ports of outgoing connections, so that nobody takes it before the service listens.
func freePort(host string) (int, error) {
	var err error
	for range 200 {
		port := 20000 + rand.IntN(12000)
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port on %s: %w", host, err)
}
