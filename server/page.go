package server

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/process"
)

//go:embed assets
var assets embed.FS

var pageTemplate = template.Must(template.ParseFS(assets, "assets/page.html"))

func (s *Server) pageRoutes() {
	s.page("/about", anyone, s.about)
	s.page("/openapi.json", anyone, s.openAPI())
	s.page("/docs", anyone, file("docs.html"))
	for _, name := range []string{"page.css", "docs.js"} {
		s.page("/assets/"+name, anyone, file(name))
	}
}

// file serves an embedded file.
func file(name string) gin.HandlerFunc {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("server: " + err.Error()) // the files are part of the binary
	}
	kind := mime.TypeByExtension(path.Ext(name))
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, kind, content)
	}
}

// OpenAPI describes every call, in JSON.
func (s *Server) OpenAPI() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(s.api.OpenAPI())
	return out.Bytes(), err
}

func (s *Server) openAPI() gin.HandlerFunc {
	spec, err := s.OpenAPI()
	return func(c *gin.Context) {
		if err != nil {
			s.fail(c.Request.Context(), c.Writer, err)
			return
		}
		c.Data(http.StatusOK, "application/json", spec)
	}
}

// homePage is what the page about the server shows.
type homePage struct {
	Lang       string
	Words      map[string]string
	Version    string
	Commit     string
	Now        string
	Scale      float64
	Database   string
	Temporal   string
	TemporalUI string
	Stuck      string
	States     map[string]string
}

// homeWords are its words.
var homeWords = map[string]process.Text{
	"title":    {ZH: "crmflow · 流程与审批", EN: "crmflow · workflow and approval"},
	"lead":     {ZH: "CRM 流程与审批引擎。服务正在运行。", EN: "The workflow and approval engine for CRM processes. It is running."},
	"version":  {ZH: "版本", EN: "Version"},
	"clock":    {ZH: "业务时间", EN: "Business time"},
	"scale":    {ZH: "时间倍速", EN: "Speed of time"},
	"database": {ZH: "数据库", EN: "Database"},
	"temporal": {ZH: "Temporal（计时与执行）", EN: "Temporal (timers and hands)"},
	"stuck":    {ZH: "等待管理员处理", EN: "Waits for an administrator"},
	"stuck_is": {ZH: "停住的事项、无人办理的任务、迟到的时刻和未送达的消息；详见 GET /api/v1/stuck", EN: "held cases, tasks without anybody, late moments and news not delivered; see GET /api/v1/stuck"},
	"docs":     {ZH: "接口文档", EN: "The API, call by call"},
	"docs_is":  {ZH: "每个接口的用法、字段和错误", EN: "Every call with its fields and errors"},
	"spec":     {ZH: "OpenAPI 文件", EN: "The OpenAPI file"},
	"spec_is":  {ZH: "用于生成客户端和导入工具", EN: "For generating clients and for tools"},
	"ui":       {ZH: "Temporal 页面", EN: "Temporal's page"},
	"ui_is":    {ZH: "查看每个案例的工作流", EN: "Look at each case's workflow"},
	"tour":     {ZH: "从哪里开始", EN: "Where to begin"},
	"tour_is":  {ZH: "README 中的导览：登录、提交一条线索、走完三步审核，全程用命令行即可完成。", EN: "The tour in README: sign in, put a lead forward, and take it through its three gates, all from a terminal."},
	"go_on":    {ZH: "Temporal 停止时，审批照常进行；提醒和超时会在它恢复后补上。", EN: "Decisions go on while Temporal is away; reminders and time limits catch up when it is back."},
}

var stateWords = map[string]process.Text{
	stateUp: {ZH: "正常", EN: "up"}, stateDown: {ZH: "中断", EN: "down"}, stateNotUsed: {ZH: "未配置", EN: "not configured"},
}

// about says what runs here, and leads to what people who look after it need.
func (s *Server) about(c *gin.Context) {
	ctx := c.Request.Context()
	v := visitOf(ctx)
	state := s.readiness(ctx)
	p := homePage{
		Lang: v.lang(), Words: v.words(homeWords), States: v.words(stateWords), Version: s.Version, Commit: s.Commit, Now: "—",
		Database: state.Database, Temporal: state.Temporal, TemporalUI: s.TemporalUI,
	}
	asking, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if now, scale, err := s.engine.Now(asking); err == nil {
		p.Now, p.Scale = v.at(now).Format(time.DateTime+" -07:00"), scale
		p.Stuck = s.stuckNow.say()
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		s.fail(ctx, c.Writer, err)
		return
	}
	c.Header("Vary", "Accept-Language")
	c.Data(http.StatusOK, "text/html; charset=utf-8", out.Bytes())
}

func (v *visit) words(all map[string]process.Text) map[string]string {
	out := make(map[string]string, len(all))
	for name, text := range all {
		out[name] = v.text(text)
	}
	return out
}
