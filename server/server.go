package server

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/filestore"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Options of a [Server]. DB and Engine are needed; the zero value of the rest is usable.
type Options struct {
	DB     *store.DB
	Engine *engine.Engine
	// Temporal says whether Temporal answers; nil: none is configured. Decisions go on without it.
	Temporal func(context.Context) error
	// TemporalUI is the address of Temporal's own page, to link to.
	TemporalUI string
	// Dev opens what only a development stack may show: everything that was told.
	Dev bool
	// Files is where the bytes of files are kept; nil: nowhere, and none are taken. FilesAtMost is how large one may be, in bytes; 0: 20 MB.
	Files       *filestore.Store
	FilesAtMost int64
	// Page is the built page; nil means the one in the binary.
	Page fs.FS
	// Version and Commit are shown on the page about the server.
	Version, Commit string
	// Rate is how many requests a second one person may send, sustained; an address from which nobody is signed in a third of it. 0: the default; below: no bound.
	Rate float64
	// Proxies are the addresses and networks of the proxies in front of the server: what they say of where a request came from is believed, and nobody else.
	Proxies []string
	// Reaches says whether messages to webhooks may go to an address; nil: to any.
	Reaches func(netip.Addr) bool
	// Now is the machine's clock; nil means time.Now.
	Now func() time.Time
}

// Server answers HTTP requests. It keeps nothing between them but counters: as many copies run beside each other as wanted.
type Server struct {
	Options
	db        *store.DB
	engine    *engine.Engine
	router    *gin.Engine
	api       huma.API
	passwords *passwords
	throttle  *throttle
	people    *buckets
	strangers *buckets
	feed      *feed
	built     *site // the page; nil index: none was built
	metrics   *metrics
	stuckNow  *stuckGauge
	migrated  atomic.Bool // whether the database has been seen with this software's tables
	csrf      *http.CrossOriginProtection
	rules     []ruled              // every route with its rule, for the test that reads them aloud
	builtIn   process.RecordRights // the rule for record types that no grant speaks of
	zoneNow   atomic.Pointer[zone]
	zoneOnce  sync.Mutex
	tables    chan struct{} // a place for each table that is being read
}

// ruled is a route and who may call it.
type ruled struct {
	method, path string
	rule         rule
}

// New makes a server with all its routes.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.FilesAtMost <= 0 {
		o.FilesAtMost = 20 << 20
	}
	if o.Rate == 0 {
		o.Rate = personRate
	}
	gin.SetMode(gin.ReleaseMode)
	s := &Server{
		Options: o, db: o.DB, engine: o.Engine, router: gin.New(), passwords: newPasswords(),
		throttle: newThrottle(o.Now), feed: newFeed(o.DB, o.Now), metrics: newMetrics(o.DB), csrf: http.NewCrossOriginProtection(), builtIn: process.BuiltIn(),
		tables: make(chan struct{}, importsAtOnce),
	}
	s.people, s.strangers = newBuckets(o.Now, o.Rate), newBuckets(o.Now, o.Rate/3)
	if s.stuckNow = newStuckGauge(s); s.db != nil {
		s.metrics.registry.MustRegister(s.stuckNow)
	}
	s.router.HandleMethodNotAllowed = true
	s.router.RedirectTrailingSlash = false
	if err := s.router.SetTrustedProxies(o.Proxies); err != nil {
		slog.Error("the proxies can't be used: no header is believed", "error", err)
		_ = s.router.SetTrustedProxies(nil) // an address is the connection's own; it never fails for nil
	}
	s.router.Use(s.visit)
	s.router.NoRoute(s.noRoute)
	s.router.NoMethod(func(c *gin.Context) { s.noMethod(c) })
	s.api = humagin.New(s.router, apiConfig())
	s.routes()
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// routes is the table of everything that can be called.
func (s *Server) routes() {
	s.sessionRoutes()
	s.settingRoutes()
	s.recordRoutes()
	s.similarRoutes()
	s.importRoutes()
	s.fileRoutes()
	s.caseRoutes()
	s.migrateRoutes()
	s.taskRoutes()
	s.stuckRoutes()
	s.eventRoutes()
	s.definitionRoutes()
	s.offerRoutes()
	s.peopleRoutes()
	s.absenceRoutes()
	s.handoverRoutes()
	s.printRoutes()
	s.calendarRoutes()
	s.clockRoutes()
	s.notificationRoutes()
	s.channelRoutes()
	s.webhookRoutes()
	s.linkRoutes()
	s.streamRoutes()
	s.operationsRoutes()
	s.pageRoutes()
	s.webRoutes()
}

// Limits of a connection. A request's own time is shorter than what its connection may take, so that its answer still gets out.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 60 * time.Second
	requestTimeout  = 20 * time.Second
	writeTimeout    = 90 * time.Second
	idleTimeout     = 2 * time.Minute
	maxHeader       = 64 << 10
	shutdownTimeout = 20 * time.Second
)

// Serve answers requests from the listener until the context ends, then lets those under way finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	srv.RegisterOnShutdown(s.feed.close)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	return srv.Shutdown(stop)
}
