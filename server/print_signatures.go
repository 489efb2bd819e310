package server

import (
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

// signaturesAtMost is how many signatures are drawn on one sheet, and how many bytes one of them may have; of others there is the digest.
const (
	signaturesAtMost     = 50
	signatureBytesAtMost = 256 << 10
)

// drawSignatures puts the images of signatures beside their opinions. They are part of the page, so that what is saved is whole.
func (s *Server) drawSignatures(ctx context.Context, opinions []printedOpinion) error {
	drawn := 0
	for i := range opinions {
		if opinions[i].file == "" || s.Files == nil || drawn == signaturesAtMost {
			continue
		}
		image, err := s.signatureImage(ctx, opinions[i].file)
		if err != nil {
			return err
		}
		opinions[i].Image = image
		drawn++
	}
	return nil
}

func (s *Server) signatureImage(ctx context.Context, id string) (template.URL, error) {
	f, err := s.db.File(ctx, id)
	if err != nil {
		return "", err
	}
	bytes, err := s.Files.Read(ctx, f.Blob)
	if err != nil {
		return "", fmt.Errorf("server: the bytes of signature %s: %w", f.ID, err)
	}
	defer bytes.Close()
	raw, err := io.ReadAll(io.LimitReader(bytes, signatureBytesAtMost))
	if err != nil {
		return "", fmt.Errorf("server: the bytes of signature %s: %w", f.ID, err)
	}
	return template.URL("data:" + f.Type + ";base64," + base64.StdEncoding.EncodeToString(raw)), nil
}
