package server

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// aSignature starts a case that waits for Zhou Min's signature, and gives the case and the task.
func aSignature(b *bundle) (id, task string) {
	b.Helper()
	b.publish("signing.yaml", signing)
	c := b.as("li.na").post("/cases", map[string]any{"process": "signing", "with": lead("0001")}).ok()
	b.as("chen.jie").post("/tasks/"+openTask(c)+"/approve", nil).ok()
	id = c["id"].(string)
	return id, openTask(b.as("li.na").get("/cases/" + id).ok())
}

// The image of a signature is the signer's upload; its digest stands with the opinion, whoever sees the case sees it, and it is on paper.
func TestASignatureIsAnImageWithItsDigest(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	director := b.as("zhou.min")
	id, task := aSignature(b)
	require.Equal(t, true, director.get("/tasks/" + task).ok()["signature"])
	way := director.get("/tasks/" + task).ok()["ways"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"approve", true}, []any{way["act"], way["signature"]})
	image := director.upload("signature.png", png).ok()
	path := "/files/" + image["id"].(string)
	b.as("li.na").get(path).refused(process.CodeNotFound)
	director.post("/tasks/"+task+"/approve", map[string]any{"signature_file": image["id"]}).ok()

	entry := b.as("li.na").entriesOf(id, "decided")[1]["data"].(map[string]any)
	require.Equal(t, []any{"sha256:" + image["sha256"].(string), image["id"]}, []any{entry["signature"], entry["signature_file"]})
	require.Equal(t, png, string(b.as("li.na").get(path).raw), "whoever sees the case")
	b.as("sun.peng").get(path).refused(process.CodeNotFound)
	require.Contains(t, b.as("li.na").sheetOf(id, ""), `<img src="data:image/png;base64,`+base64.StdEncoding.EncodeToString([]byte(png))+`"`)
}

// What isn't the signer's own picture, or isn't what the digest says, signs nothing and changes nothing.
func TestWhatIsNoSignatureIsRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	director := b.as("zhou.min")
	id, task := aSignature(b)
	approve := func(body map[string]any) answer { return director.post("/tasks/"+task+"/approve", body) }
	theirs := b.as("chen.jie").upload("signature.png", png).ok()
	paper := director.upload("signature.pdf", pdf).ok()
	large := director.upload("signature.png", png+strings.Repeat("x", 256<<10)).ok()
	own := director.upload("signature.png", png).ok()
	for _, file := range []any{theirs["id"], paper["id"], large["id"], "nothing"} {
		approve(map[string]any{"signature_file": file}).field(process.CodeFieldInvalid, "signature_file")
	}
	approve(map[string]any{"signature_file": own["id"], "signature": "sha256:" + strings.Repeat("ab", 32)}).field(process.CodeFieldInvalid, "signature")
	approve(map[string]any{}).refused(process.CodeSignatureRequired)
	require.Len(t, b.as("li.na").entriesOf(id, "decided"), 1)
	approve(map[string]any{"signature_file": own["id"], "signature": "sha256:" + own["sha256"].(string)}).ok()
}

// Who was added gives an opinion and needs no signature.
func TestAnOpinionNeedsNoSignature(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	_, task := aSignature(b)
	b.as("zhou.min").post("/tasks/"+task+"/add-approver", map[string]any{"people": []string{"liang.hong"}, "where": "before", "comment": "look first"}).ok()
	theirs := b.as("liang.hong").get("/tasks?box=todo").items()[0]
	way := b.as("liang.hong").get("/tasks/" + theirs["id"].(string)).ok()["ways"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"approve", false}, []any{way["act"], way["signature"]})
	b.as("liang.hong").post("/tasks/"+theirs["id"].(string)+"/approve", nil).ok()
}
