package engine

import "github.com/crmflow/crmflow/process"

// understood refuses chains whose cases an older software that works on this database would damage: it would run them and lose what they ask for. Until
// everybody understands them they aren't published, so no case of theirs is written.
func (p *publication) understood() error {
	for _, d := range p.new {
		chain := p.next.Processes[d.ID]
		if d.Kind != kindProcess || chain == nil || chain.Format() <= process.FormatPlain {
			continue
		}
		older, err := p.tx.OlderSoftware(p.ctx, chain.Format())
		if err != nil {
			return err
		}
		if older > 0 {
			p.object(kindProcess, d.ID, "还有旧版本的软件在使用这个数据库，它不能办理这个流程：请先把所有 server 和 worker 升级到本版本，再发布",
				"an older crmflow still works on this database and can't carry this chain out: bring every server and worker to this version, then publish")
		}
	}
	return nil
}
