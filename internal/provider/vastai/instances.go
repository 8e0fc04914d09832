package vastai

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// pageSize is the most that the API lists at once (show_instances.yaml).
const pageSize = 25

const listOp = "list instances"

// instance is an element of GET /api/v1/instances/ (show_instances.yaml, show_instance.yaml). What may hold secrets
// is not read: jupyter_token, extra_env, onstart, image_args.
type instance struct {
	share
	ID             word `json:"id"`
	ActualStatus   word `json:"actual_status"` // null while it is provisioned
	IntendedStatus word `json:"intended_status"`
	CurState       word `json:"cur_state"`
	NextState      word `json:"next_state"`
	StatusMsg      word `json:"status_msg"`
	Label          word `json:"label"`

	TemplateID     number `json:"template_id"`
	TemplateHashID word   `json:"template_hash_id"`
	TemplateName   word   `json:"template_name"`
	ImageUUID      word   `json:"image_uuid"`
	ImageRuntype   word   `json:"image_runtype"`

	BundleID    number `json:"bundle_id"`
	CountryCode word   `json:"country_code"`

	GPUTotalRAM number `json:"gpu_totalram"` // MB
	GPUUtil     number `json:"gpu_util"`     // percent
	GPUTemp     number `json:"gpu_temp"`     // Celsius

	CPUUtil   number `json:"cpu_util"` // scale unverified: see scale
	MemUsage  number `json:"mem_usage"`
	MemLimit  number `json:"mem_limit"` // unit unverified: see memoryUnit
	VMemUsage number `json:"vmem_usage"`
	MoboName  word   `json:"mobo_name"`

	DiskUtil   number   `json:"disk_util"`  // 0 to 1; -1 = unknown
	DiskUsage  number   `json:"disk_usage"` // GB; -1 = unknown
	VolumeInfo []volume `json:"volume_info"`

	PublicIP          word    `json:"public_ipaddr"`
	LocalIPs          strlist `json:"local_ipaddrs"`
	SSHHost           word    `json:"ssh_host"`
	SSHPort           number  `json:"ssh_port"`
	SSHIdx            word    `json:"ssh_idx"`
	MachineDirSSHPort number  `json:"machine_dir_ssh_port"`
	Ports             portmap `json:"ports"`
	DirectPortStart   number  `json:"direct_port_start"`
	DirectPortEnd     number  `json:"direct_port_end"`

	UptimeMins    number `json:"uptime_mins"`
	ClientRunTime number `json:"client_run_time"`

	IsBid          flag    `json:"is_bid"`
	VRAMCost       number  `json:"vram_costperhour"`
	CreditBalance  number  `json:"credit_balance"`
	CreditDiscount number  `json:"credit_discount"`
	CreditDiscMax  number  `json:"credit_discount_max"`
	Search         pricing `json:"search"`   // as it is offered
	Instance       pricing `json:"instance"` // as it is billed now
}

// pricing is an instance's price in USD per hour.
type pricing struct {
	GPU             number `json:"gpuCostPerHour"`
	Disk            number `json:"diskHour"`
	Total           number `json:"totalHour"`
	DiscountedTotal number `json:"discountedTotalPerHour"`
}

// listInstances pages through the rented instances by their ids.
func (d *driver) listInstances(ctx context.Context, account string) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		q := url.Values{"limit": {strconv.Itoa(pageSize)}, "order_by": {`[{"col":"id","dir":"asc"}]`}}
		err := eachPage(ctx, d.api, listOp, instancesPath, q, func(page *loose.List[instance]) bool {
			return d.instances(account, page, yield)
		})
		if err != nil {
			yield(cloud.Resource{}, err)
		}
	}
}

// instances yields one page. What one reading of it says about the scale of the CPU readings holds for all.
func (d *driver) instances(account string, page *loose.List[instance], yield func(cloud.Resource, error) bool) bool {
	for i := range page.All {
		d.percent.learn(page.All[i].CPUUtil.Value)
	}
	now := d.now()
	return provider.Elements(name+": "+listOp, page, func(i *instance) (cloud.Resource, bool) {
		return i.resource(account, &d.percent, now), i.ID != ""
	}, yield)
}
