package story

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Every company, person and number here is invented.
var (
	cities     = strings.Fields("苏州 宁波 无锡 南京 上海 常州 嘉兴 绍兴 台州 南通 佛山 东莞 广州 深圳 中山 惠州 珠海 厦门 温州 扬州 合肥 芜湖 武汉 长沙")
	brands     = strings.Fields("恒锐 博源 东岭 金陵 同昇 力众 华瑞 凯达 南油 海川 瑞丰 正和 天佑 启明 宏业 鼎信 联盛 百川 远航 科润 佳禾 永泰 鑫达 利民 中泽 安捷 亿源 兴邦 卓越 嘉恒 明达 新锐 腾飞 荣昌 德胜 长虹 金桥 银河 泰山 昆仑")
	trades     = strings.Fields("精密机械 化工 阀门制造 石化设备 涂料 注塑机械 模具科技 清洁化学品 新能源装备 环保工程 造纸 食品机械 制药设备 水处理 船舶设备 纺织印染 电镀 热能工程")
	surnames   = strings.Fields("沈 许 顾 蒋 陆 梁 周 谢 彭 林 吴 郑 王 冯 陈 褚 卫 蔡 韩 杨 朱 秦 尤 何 吕 施 张 孔 曹 严")
	givens     = strings.Fields("国栋 丽华 伟明 文涛 敏 志强 晓峰 婷 浩 海燕 建华 雪梅 俊杰 思远 红霞 永健 佩珊 立新 春燕 家豪 慧 振宇 明珠 子涵 晨光")
	industries = strings.Fields("化工 机械 环保 食品 制药 造纸 船舶 能源")
	regions    = strings.Fields("east south north west abroad")
	levels     = strings.Fields("A B B C C")
	sources    = strings.Fields("exhibition referral website call other")
	products   = strings.Fields("CQB50-32-160 CQB65-50-125 IHF80-65-160 ISG100-160 KCB300 GMB-12 QJ150-50 FSB40-25")
	terms      = strings.Fields("款到发货 月结30天 月结60天 预付三成，余款发货前付清 验收后45天")
	severities = strings.Fields("A B B B C")

	needs = []string{"循环水泵两台，要求节能", "磁力泵备件，年需求约 20 台", "计量泵六台，介质为次氯酸钠", "液压站叶片泵，每月 40 台", "改造项目，先做一台样机", "输送含颗粒浆料，要求耐磨", "热油泵，温度 320 ℃"}

	returnedBecause = []string{"需求写得太笼统，请补充工况参数", "联系人没有决策权，请找到采购负责人", "请说明竞争对手的情况", "预计金额的依据是什么？"}
	rejectedBecause = []string{"客户有不良信用记录", "与现有代理商的区域冲突", "需求与我们的产品不符"}
	gaveUp          = []string{"客户项目取消", "客户今年不再采购"}
	agreed          = []string{"", "", "同意", "客户质量不错，抓紧跟进"}

	lost = []string{"价格高于竞争对手 12%", "交货期不能满足", "客户改用进口品牌", "项目推迟到明年"}

	defects    = []string{"运行两周后机械密封泄漏", "异响，振动值超过 7.1 mm/s", "流量达不到铭牌参数", "泵体铸件有裂纹", "电机温升过高", "涂层脱落，介质被污染", "到货时联轴器护罩缺失"}
	causes     = []string{"密封面粗糙度超差", "铸件存在缩松", "轴承装配间隙过大", "来料材质与图纸不符", "喷涂前除油不彻底"}
	findings   = []string{"供应商更换了材料批次，未通知", "首检漏做，工艺卡版本过期", "装配扭矩没有记录", "库存时间过长，密封件老化"}
	measures   = []string{"退回该批次，改用备选供应商", "增加首检并更新工艺卡", "每台记录扭矩，班长复核", "密封件按先进先出发放"}
	statements = []string{"图纸要求不含此项，属设计问题", "该批次不是本部门的", "来料检验合格，问题出在装配"}
	doubtful   = []string{"没有附检测数据", "措施没有写明完成日期", "请提供供应商的书面答复"}
	answers    = []string{"已免费更换密封件，并延长质保六个月", "已安排工程师上门处理，客户确认正常", "更换整机，旧机退回分析", "经检测产品合格，已说明使用条件"}
	asides     = []string{"等客户寄回样品", "客户停机检修后才能拆检"}
	suppliers  = []string{"供应商正在复检同批材料", "等供应商的化验单"}
)

// firm invents a company that isn't there yet: names run out only after some thousand.
func (w *world) firm(rnd *rand.Rand) string {
	n := w.phones // counted up by every company
	return cities[rnd.IntN(len(cities))] + brands[n%len(brands)] + trades[(n/len(brands)+n)%len(trades)] + "有限公司"
}

func (w *world) person(rnd *rand.Rand) string {
	return surnames[rnd.IntN(len(surnames))] + givens[rnd.IntN(len(givens))]
}

// phone gives each company a number of its own, in a range that no leads.json has.
func (w *world) phone() string {
	w.phones++
	return fmt.Sprintf("1380002%04d", w.phones)
}

func yuan(n int) map[string]any { return map[string]any{"amount": n * 100, "currency": "CNY"} }

// report is a file as a form names it; whoever sends the form uploads it before.
func (l *life) report() map[string]any {
	return map[string]any{"id": fmt.Sprintf("report-%016x", l.rnd.Uint64())}
}
