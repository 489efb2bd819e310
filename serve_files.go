package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"github.com/crmflow/crmflow/filestore"
)

// openFiles opens where files are kept; nil: nowhere.
func (s *system) openFiles(ctx context.Context) (*filestore.Store, error) {
	if s.Files == "" {
		return nil, nil
	}
	return filestore.Open(ctx, s.Files)
}

var sizePattern = regexp.MustCompile(`^([1-9][0-9]{0,4}) ?(KB|MB|GB)$`)

// parseSize reads a size as people write it: 20 MB.
func parseSize(setting, s string) (int64, error) {
	m := sizePattern.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%s %q: write it as 500 KB, 20 MB or 1 GB", setting, s)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n * map[string]int64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[m[2]], err
}
