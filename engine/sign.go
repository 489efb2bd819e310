package engine

import (
	"cmp"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// maxSignature is how large the image of a signature may be: it is shown beside the opinion, and printed with it.
const maxSignature = 256 << 10

// signatures are what an image of a signature may be.
var signatures = []string{"image/png", "image/jpeg", "image/webp"}

// answering are the acts that answer a task: only they are signed.
var answering = []process.EventKind{process.EventApprove, process.EventReject, process.EventReturn, process.EventComplete}

// sign binds an answer to the image of a signature, which whoever sees the case sees from then on. The image is one that the signer has uploaded, and is what
// the digest says.
func (a *advance) sign(c ActCommand) error {
	if c.SignFile == "" || !slices.Contains(answering, c.Act) {
		return nil
	}
	rows, err := a.tx.UsableFiles(a.ctx, []string{c.SignFile}, a.record.ID)
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].UploadedBy != a.Caller {
		return signRefused("signature_file", "没有这个签名图片，请重新签名", "there is no such image of a signature: sign again")
	}
	image := rows[0]
	if refusal := unfit(image.FileRow); refusal != nil {
		return refusal
	}
	digest := "sha256:" + image.SHA256
	if c.Sign != "" && c.Sign != digest {
		return signRefused("signature", "签名与图片不一致，请重新签名", "the signature is not that of the image: sign again")
	}
	a.event.Sign, a.event.Signed = cmp.Or(c.Sign, digest), image.ID
	return a.tx.AttachToCase(a.ctx, a.row.ID, []string{image.ID})
}

// unfit refuses what is no image of a signature.
func unfit(f store.FileRow) *process.Refusal {
	switch {
	case !slices.Contains(signatures, f.Type):
		return signRefused("signature_file", "签名须是图片（PNG、JPEG 或 WebP）", "a signature is a picture: PNG, JPEG or WebP")
	case f.Size > maxSignature:
		return signRefused("signature_file", "签名图片太大，最大 256 kB", "the picture is too large: at most 256 kB")
	}
	return nil
}

func signRefused(field, zh, en string) *process.Refusal {
	message := process.Text{ZH: zh, EN: en}
	return &process.Refusal{Code: process.CodeFieldInvalid, Message: message, Fields: []process.FieldError{{Field: field, Message: message}}}
}
