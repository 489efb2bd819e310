// Package web holds the built page. It is made by scripts/build; without it, crmflow builds and works all the same and serves a plain page.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is what the browser is sent: index.html and hashed assets. Without a built page it holds no index.html.
func Dist() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: " + err.Error()) // the name is valid
	}
	return built
}
