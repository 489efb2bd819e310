package e2e_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// releaseBefore builds the last release from its commit, outside of the repository. Where the commit isn't in this clone, the test is skipped.
func releaseBefore(t *testing.T) (program, version string) {
	t.Helper()
	listed, err := os.ReadFile("../testdata/releases")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(listed)), "\n")
	version, commit, ok := strings.Cut(lines[len(lines)-1], " ")
	require.True(t, ok, "%s", listed)
	archive := exec.Command("git", "archive", "--format=tar", commit)
	archive.Dir = ".."
	content, err := archive.Output()
	if err != nil {
		t.Skipf("the commit of %s isn't in this clone: %v", version, err)
	}
	dir := filepath.Join(scratch, version)
	untar(t, content, dir)
	program = filepath.Join(scratch, "bin", "crmflow-"+version)
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".")
	build.Dir = dir
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return program, version
}

func untar(t *testing.T, content []byte, dir string) {
	t.Helper()
	files := tar.NewReader(bytes.NewReader(content))
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		if h.Typeflag != tar.TypeReg {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		text, err := io.ReadAll(files)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// older is a server and a worker of the release before, on a stack's database and Temporal.
type older struct {
	url            string
	server, worker *child
}

func startOlder(t *testing.T, s *stack, program string) *older {
	t.Helper()
	addr, is := freePort(t), s.present()
	env := []string{"CRMFLOW_DATABASE_URL=" + is.Database, "CRMFLOW_TEMPORAL_ADDRESS=" + is.Temporal, "CRMFLOW_TEMPORAL_NAMESPACE=crmflow", marker + s.data}
	log := func(part string) string { return filepath.Join(scratch, "older-"+part+".log") }
	o := &older{url: "http://" + addr}
	var err error
	o.server, err = spawn(log("server"), append(env, "CRMFLOW_ADDR="+addr), program, "server")
	require.NoError(t, err)
	o.worker, err = spawn(log("worker"), env, program, "worker")
	require.NoError(t, err)
	t.Cleanup(func() { o.stop(t) })
	require.NoError(t, eventually(readyWithin, "the older server is ready", func() (bool, error) {
		status, body, err := probe(o.url + "/readyz")
		return status == http.StatusOK, fmt.Errorf("%d %s %w", status, body, err)
	}))
	require.NoError(t, eventually(readyWithin, "the older worker waits for work", func() (bool, error) { return polls(s, o.worker.cmd.Process.Pid) }))
	return o
}

// polls says whether a process waits for work of our task queue: the SDK's identity begins with its id.
func polls(s *stack, pid int) (bool, error) {
	temporal, err := s.temporal()
	if err != nil {
		return false, err
	}
	defer temporal.Close()
	queue, err := temporal.WorkflowService().DescribeTaskQueue(context.Background(), &workflowservice.DescribeTaskQueueRequest{
		Namespace: "crmflow", TaskQueue: &taskqueue.TaskQueue{Name: "crmflow"}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	})
	if err != nil {
		return false, err
	}
	for _, p := range queue.Pollers {
		if strings.HasPrefix(p.Identity, fmt.Sprint(pid, "@")) {
			return true, nil
		}
	}
	return false, errors.New("it isn't among the pollers")
}

func (o *older) stop(t *testing.T) {
	t.Helper()
	for _, c := range []*child{o.server, o.worker} {
		if !c.ended() {
			require.NoError(t, c.interrupt(stopWithin))
		}
	}
}

// The release before and this one work on one database and one Temporal: cases are begun and decided now here, now there, and their moments come by
// whichever worker is asked. What the older one can't carry out isn't published before it has gone; should it come back, it leaves such a case alone.
func TestGrowthTheReleaseBeforeWorksBesideThisOne(t *testing.T) {
	t.Parallel()
	needStack(t)
	program, version := releaseBefore(t)
	run := newOutage(t, options{})
	old := startOlder(t, run.stack, program)
	t.Logf("%s at %s works beside this one", version, old.url)
	servers := []string{run.url(), old.url}

	var cases []caseView
	for i := range size(6, 40) {
		c := running(t, run.people["e2e.sender"].at(servers[i%2]), "e2e-late", fmt.Sprint("both ", i))
		first := newIntent("first-"+c.ID, run.people["e2e.one"].at(servers[(i+1)%2]), c.Open[0].Task, "approve")
		c, err := first.send().caseOf()
		require.NoError(t, err)
		again := newIntent("first-"+c.ID, run.people["e2e.one"].at(servers[i%2]), first.task, "approve")
		require.NoError(t, sameToBoth(first.send(), again.send()), "the other server knows the answer")
		cases = append(cases, c)
	}
	refused := run.admin.post("too-early", "/definitions", map[string]any{"files": []map[string]string{{"path": "e2e-outside.yaml", "content": definitions(t, "e2e-outside")["e2e-outside.yaml"]}}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status, "%s", refused)
	require.Contains(t, string(refused.body), "an older crmflow still works on this database")

	for i, c := range cases {
		run.requireLadder(t, c)
		last := newIntent("last-"+c.ID, run.people["e2e.two"].at(servers[i%2]), c.Open[0].Task, "approve")
		ended, err := last.send().caseOf()
		require.NoError(t, err)
		require.Equal(t, "ended", ended.Status)
		run.finish(t, c.ID)
		timeline, err := run.admin.timeline(c.ID)
		require.NoError(t, err)
		require.NoError(t, inOrder(timeline))
		require.Len(t, decisions(timeline), 2, "%s", say(timeline))
	}

	old.stop(t)
	require.NoError(t, eventually(recovered, "the chain is published once the older one has gone", func() (bool, error) {
		r := run.admin.post("now", "/definitions", map[string]any{"files": []map[string]string{{"path": "e2e-outside.yaml", "content": definitions(t, "e2e-outside")["e2e-outside.yaml"]}}})
		return r.ok(), errors.New(r.String())
	}))
	newer := running(t, run.people["e2e.sender"], "e2e-outside", t.Name())
	old = startOlder(t, run.stack, program)
	timed := decidedHereOnly(t, run, old, newer)
	run.requireLadder(t, timed) // its moments come though the older worker is asked, too, and can't
	require.NoError(t, run.approve(timed.ID))
	require.NoError(t, run.outboxEmpties(recovered))
}

// decidedHereOnly approves the first open task of a case that an older server can't carry on: that one leaves it alone.
func decidedHereOnly(t *testing.T, run *outageRun, old *older, c caseView) caseView {
	t.Helper()
	decision := newIntent("here-"+c.ID, run.people["e2e.one"].at(old.url), c.Open[0].Task, "approve")
	require.Equal(t, http.StatusServiceUnavailable, decision.send().status, "an older server leaves a newer case alone")
	still, err := run.admin.caseNow(c.ID)
	require.NoError(t, err)
	require.Equal(t, c.Open[0].Task, still.Open[0].Task)
	decision.who = decision.who.at(run.url())
	c, err = decision.send().caseOf()
	require.NoError(t, err)
	return c
}
