package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Commented is the event of a comment in a timeline.
const Commented = "commented"

// CommentCommand is a comment on a case, as sent.
type CommentCommand struct {
	Case    string
	Comment string
	Mention []string // user ids, who must be able to see the case: they are told
	Files   []string // ids of files that the caller has uploaded
}

// Comment adds a comment to a case, whatever the case's status, and tells whom it mentions, each once. It gives the entry of the timeline.
// Refusals: not_found; comment_required (neither words nor a file); field_invalid (a file that isn't the caller's, somebody who has left).
func (e *Engine) Comment(ctx context.Context, r Request, c CommentCommand) (store.TimelineRow, error) {
	return noted(ctx, e, r, lockCaseByID(ctx, c.Case), func(n *change) (store.TimelineRow, error) {
		words, data := strings.TrimSpace(plain(c.Comment)), map[string]any{}
		if words == "" && len(c.Files) == 0 {
			return store.TimelineRow{}, process.Refuse(process.CodeCommentRequired, "请写点什么，或附上文件", "write something, or attach a file")
		}
		files, err := n.attach(c.Files)
		if err != nil {
			return store.TimelineRow{}, err
		}
		if len(files) > 0 {
			data["files"] = files
		}
		mention, err := n.activePeople("mention", c.Mention)
		if err != nil {
			return store.TimelineRow{}, err
		}
		if len(mention) > 0 {
			data["mention"] = mention
		}
		n.log(process.Entry{At: n.at, Event: Commented, By: r.Caller, Comment: words, Data: data})
		n.mentioned(mention, words)
		return n.lastEntry(), nil
	})
}

// mentioned tells those whom a comment mentions; its author needn't be told.
func (c *change) mentioned(people []string, words string) {
	name, begins := c.nameOf(c.Caller), excerpt(words)
	to := slices.DeleteFunc(slices.Clone(people), func(id string) bool { return id == c.Caller })
	c.tell(process.Tell{To: to, About: Commented, At: c.at, Text: c.aboutCase(process.Text{
		ZH: name.In("zh") + "在评论中提到您：" + begins, EN: name.In("en") + " mentioned you in a comment: " + begins})})
}

// maxExcerpt is how many characters of a comment stand in a message.
const maxExcerpt = 100

// excerpt is the beginning of a comment, on one line.
func excerpt(words string) string {
	line := []rune(strings.Join(strings.Fields(words), " "))
	if len(line) <= maxExcerpt {
		return string(line)
	}
	return string(line[:maxExcerpt]) + "…"
}

// activePeople are the people of a list, each once and in order; whoever isn't there, or has left, is refused at the field.
func (c *change) activePeople(field string, ids []string) ([]string, error) {
	list := slices.Clone(ids)
	slices.Sort(list)
	list = slices.Compact(list)
	c.dir.Load(list, nil)
	for _, id := range list {
		if p, there := c.dir.Person(id); !there || !p.Active {
			return nil, fieldsRefused(process.CodeFieldInvalid, []process.FieldError{{Field: field, Message: process.Text{
				ZH: "没有这个人，或已离职：" + id, EN: "there is no such person, or they have left: " + id}}})
		}
	}
	return list, c.dir.Err()
}

// attach makes files visible to whoever may see the case. They are the caller's own: a file of somebody else may be hidden from those who see the case.
func (c *change) attach(ids []string) ([]process.FileRef, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := c.tx.UsableFiles(c.ctx, ids, c.record.ID)
	if err != nil {
		return nil, err
	}
	own := map[string]store.UsableFile{}
	for _, f := range rows {
		if f.UploadedBy == c.Caller {
			own[f.ID] = f
		}
	}
	var files []process.FileRef
	for _, id := range ids {
		f, found := own[id]
		if !found {
			return nil, fieldsRefused(process.CodeFieldInvalid, []process.FieldError{{Field: "files", Message: process.Text{
				ZH: "没有这个文件，请重新上传", EN: "there is no such file: upload it again"}}})
		}
		ref := process.FileRef{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256}
		if !slices.Contains(files, ref) {
			files = append(files, ref)
		}
	}
	return files, c.tx.AttachToCase(c.ctx, c.row.ID, ids)
}
